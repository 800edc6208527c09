/* Maps of one page that belong together: what moves one moves the others, and the pointer shows on all. */
(function () {
  "use strict";
  /* The members of a group, over all frames of the page; frames that are gone drop out. */
  Eco.peers = function (group) {
    try {
      var all = window.parent.ECO_PEERS = window.parent.ECO_PEERS || {};
      all[group] = (all[group] || []).filter(function (p) { return p.frame && !p.frame.closed && p.frame.document.defaultView; });
      return all[group];
    } catch (blocked) { return []; }
  };
  Eco.join = function (group, member) { member.frame = window; Eco.peers(group).push(member); return member; };
  Eco.leave = function (group, member) {
    var all = Eco.peers(group), at = all.indexOf(member);
    if (at >= 0) { all.splice(at, 1); }
  };
  Eco.others = function (group, member, call) {
    Eco.peers(group).forEach(function (p) { if (p !== member) { try { call(p); } catch (gone) { /* a frame that is being replaced */ } } });
  };

  /* The view that another map of the group shows already, if any. */
  Eco.viewOf = function (group, map) {
    var found = null;
    Eco.others(group + "-view", map.eco.me, function (p) { found = found || p.view(); });
    return found;
  };

  Eco.link = function (map, group) {
    var led = false, ghost = null;
    var me = map.eco.me = Eco.join(group + "-view", {
      view: function () { var c = map.getCenter(); return map.eco.fitted ? [c.lat, c.lng, map.getZoom()] : null; },
      go: function (lat, lng, zoom) {
        led = true;
        map.stop().setView([lat, lng], zoom, { animate: false });
        led = false;
      },
      point: function (lat, lng) {
        if (lat === null) { if (ghost) { ghost.remove(); ghost = null; } return; }
        if (!ghost) { ghost = L.marker([lat, lng], { interactive: false, keyboard: false, zIndexOffset: 2000, icon: L.divIcon({ className: "eco-ghost", iconSize: [22, 22] }) }).addTo(map); }
        ghost.setLatLng([lat, lng]);
      }
    });
    function lead() {
      if (led || !map.eco.touched) { return; }
      var c = map.getCenter(), z = map.getZoom();
      Eco.others(group + "-view", me, function (p) { p.go(c.lat, c.lng, z); });
    }
    map.on("move zoomend moveend", lead);
    map.on("mousemove", function (e) { Eco.others(group + "-view", me, function (p) { p.point(e.latlng.lat, e.latlng.lng); }); });
    map.on("mouseout", function () { Eco.others(group + "-view", me, function (p) { p.point(null); }); });
  };
})();
