/* Drawing of the house on Leaflet: what geo/layers.py describes as plain data becomes layers here.
   Every text arrives HTML-escaped. Every layer cleans up after itself, so that groups can be exchanged. */
(function () {
  "use strict";
  L.Control.Attribution.prototype.options.prefix = "Leaflet";
  L.Icon.Default.imagePath = window.ECO_STATIC + "vendor/leaflet/images/";
  L.Map.mergeOptions({ maxZoom: 18, fadeAnimation: false });

  var Eco = (window.Eco = {});
  /* Centre and zoom in the page's own address, so that a link restores the view; without an address, nothing. */
  function readView() {
    try {
      var text = new URLSearchParams(window.parent.location.search).get("view");
      var n = (text || "").split(",").map(Number);
      return n.length === 3 && n.every(isFinite) && Math.abs(n[0]) <= 90 && Math.abs(n[1]) <= 180 && n[2] >= 3 && n[2] <= 18 ? n : null;
    } catch (blocked) { return null; }
  }
  function viewOf(map) {
    var c = map.getCenter();
    return [c.lat.toFixed(4), c.lng.toFixed(4), map.getZoom()];
  }
  /* The view the reader left, kept by the page: a frame that is built anew (another language, larger letters, a page
     come back to) begins there, also while the page is writing its address and the view is not in it. */
  function keptViews() {
    try { return window.parent.ECO_VIEWS = window.parent.ECO_VIEWS || {}; } catch (blocked) { return {}; }
  }
  function viewKey(options) {
    try { return window.parent.location.pathname + JSON.stringify(options.bounds); } catch (blocked) { return ""; }
  }
  function writeView(map) {
    try {
      var text = viewOf(map).join(",");
      var address = new URL(window.parent.location.href);
      if (address.searchParams.get("view") === text) { return; }
      address.searchParams.set("view", text);
      window.parent.history.replaceState(window.parent.history.state, "", address);
    } catch (blocked) { /* another origin: the view is not kept */ }
  }

  var PANES = { ground: 205, graticule: 210, land: 220, tiles: 230, basemap: 240, surface: 350, pattern: 360, dots: 370, outline: 390, zones: 410, hotspots: 420, names: 430 };

  /* The constant part: panes, patterns for fills, scale, letters' size. */
  Eco.start = function (map, options) {
    document.documentElement.lang = options.lang;
    document.documentElement.style.fontSize = options.hall ? "21px" : "16px";
    map.getContainer().setAttribute("aria-label", options.label);
    map.getContainer().setAttribute("role", "main");
    Object.keys(PANES).forEach(function (name) {
      if (!map.getPane(name)) { map.createPane(name).style.zIndex = PANES[name]; }
    });
    ["ground", "graticule", "names", "surface", "pattern", "dots", "tiles", "basemap"].forEach(function (name) { map.getPane(name).style.pointerEvents = "none"; });
    var defs = document.createElement("div");
    defs.innerHTML = '<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>' + options.patterns + "</defs></svg>";
    document.body.appendChild(defs);
    L.control.scale({ imperial: false, maxWidth: options.hall ? 180 : 110, position: "bottomleft" }).addTo(map);
    L.control.fullscreen({ position: "topleft", title: options.fullscreen, titleCancel: options.fullscreen }).addTo(map);
    var fitted = false;
    map.eco = { touched: false };
    /* Fit the area beside the legend or below it, whichever shows it larger. A frame without its size yet waits. */
    function fit() {
      var size = map.getSize();
      if (fitted || size.x < 120 || size.y < 160) { return; }
      fitted = true; map.eco.fitted = true;
      var same = options.group && Eco.viewOf(options.group, map);
      if (same) { map.setView([same[0], same[1]], same[2], { animate: false }); return; }
      var kept = options.linked && keptViews()[viewKey(options)], asked = kept || (options.linked && readView());
      if (kept) { map.eco.touched = true; }
      if (asked && L.latLngBounds(options.bounds).pad(1.5).contains([asked[0], asked[1]])) { map.setView([asked[0], asked[1]], asked[2], { animate: false }); return; }
      var box = map.getContainer().querySelector(".eco-legend"), wide = box ? box.offsetWidth + 22 : 18, high = box ? box.offsetHeight + 22 : 18;
      var bottom = map.getContainer().querySelector(".eco-bottom") ? 70 : 18;
      var choices = [{ paddingTopLeft: [52, 18], paddingBottomRight: [wide, bottom] }, { paddingTopLeft: [52, high], paddingBottomRight: [18, bottom] }];
      var best = choices.map(function (c) {
        var taken = L.point(c.paddingTopLeft).add(c.paddingBottomRight), left = size.subtract(taken);
        return left.x < 90 || left.y < 90 ? -1 : map.getBoundsZoom(options.bounds, false, taken);
      });
      var plain = { paddingTopLeft: [18, 18], paddingBottomRight: [18, 18] };
      var chosen = Math.max(best[0], best[1]) < 0 ? plain : choices[best[1] > best[0] ? 1 : 0];
      map.fitBounds(options.bounds, Object.assign({ animate: false }, chosen));
    }
    map.setView(L.latLngBounds(options.bounds).getCenter(), 11, { animate: false });
    map.on("resize", fit);
    [60, 250, 800].forEach(function (ms) { setTimeout(function () { map.invalidateSize(); fit(); }, ms); });
    if (options.linked) {
      /* Again and again, because the page writes its address anew after every run, without the view. */
      setInterval(function () { if (map.eco.touched) { writeView(map); } }, 500);
      map.on("moveend", function () { if (map.eco.touched) { keptViews()[viewKey(options)] = viewOf(map).map(Number); } });
      ["mousedown", "wheel", "touchstart", "keydown"].forEach(function (name) {
        map.getContainer().addEventListener(name, function () { map.eco.touched = true; }, { passive: true, capture: true });
      });
    }
    var waiting = null;
    function declutter() {
      clearTimeout(waiting);
      waiting = setTimeout(function () { hideCovered(map); }, 40);
    }
    map.on("zoomend moveend layeradd layerremove resize", declutter);
    declutter();
    if (options.group) { Eco.link(map, options.group); }
  };

  /* Names give way to badges and to names that came first; none is ever written over another or cut by the edge. */
  function hideCovered(map) {
    var taken = [], edge = box(map.getContainer());
    function box(element) { return element.getBoundingClientRect(); }
    function free(r) {
      return taken.every(function (t) { return r.right < t.left || r.left > t.right || r.bottom < t.top || r.top > t.bottom; });
    }
    function whole(r) {
      var away = r.right < edge.left || r.left > edge.right || r.bottom < edge.top || r.top > edge.bottom;
      return away || (r.left >= edge.left && r.right <= edge.right && r.top >= edge.top && r.bottom <= edge.bottom);
    }
    map.getContainer().querySelectorAll(".eco-rank, .eco-legend, .eco-bottom, .leaflet-control-attribution, .leaflet-control-scale").forEach(function (e) { taken.push(box(e)); });
    var points = map.getContainer().querySelectorAll(".eco-point");
    if (points.length <= 60) { points.forEach(function (e) { taken.push(box(e)); }); }
    map.getContainer().querySelectorAll(".eco-name").forEach(function (e) {
      if (e.dataset.top === undefined) { e.dataset.top = parseFloat(e.style.marginTop) || 0; }
      e.style.marginTop = e.dataset.top + "px";
      var r = box(e), found = null;
      /* A town's name may step aside; a quarter's stays where the quarter is. */
      var steps = e.classList.contains("eco-place") ? [0, 20, -20, 40, -40, 60, -60, 80] : [0, 14, -14];
      steps.some(function (dy) {
        var moved = { left: r.left, right: r.right, top: r.top + dy, bottom: r.bottom + dy };
        if (free(moved) && whole(moved)) { found = { dy: dy, at: moved }; }
        return found;
      });
      e.style.visibility = found ? "" : "hidden";
      if (found) { e.style.marginTop = +e.dataset.top + found.dy + "px"; taken.push(found.at); }
    });
  }

  Eco.graticule = function (map, step) {
    var group = L.layerGroup();
    function draw() {
      group.clearLayers();
      var bounds = map.getBounds(), span = bounds.getEast() - bounds.getWest(), d = step;
      [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2].some(function (s) { d = s; return span / s <= 8; });
      var digits = d < 0.1 ? 2 : d < 1 ? 1 : 0, style = { pane: "graticule", color: "#B9C3BC", weight: 0.7, interactive: false };
      function name(text, at, anchor) {
        L.marker(at, { pane: "names", interactive: false, keyboard: false, icon: L.divIcon({ className: "eco-grid", html: text, iconSize: null, iconAnchor: anchor }) }).addTo(group);
      }
      for (var x = Math.ceil(bounds.getWest() / d) * d; x < bounds.getEast(); x += d) {
        L.polyline([[bounds.getSouth(), x], [bounds.getNorth(), x]], style).addTo(group);
        name(x.toFixed(digits) + "°E", [bounds.getNorth(), x], [-3, -3]);
      }
      for (var y = Math.ceil(bounds.getSouth() / d) * d; y < bounds.getNorth(); y += d) {
        L.polyline([[y, bounds.getWest()], [y, bounds.getEast()]], style).addTo(group);
      }
    }
    map.on("moveend", draw);
    map.whenReady(draw);
    return group;
  };

  function dress(layer, item) {
    if (item.tip) { layer.bindTooltip(item.tip, { direction: "top", sticky: !!item.sticky, opacity: 1 }); }
    if (item.pop) { layer.bindPopup(item.pop, { maxWidth: 340, autoPanPadding: [30, 30] }); }
    layer.on("add", function () {
      var element = layer.getElement && layer.getElement();
      if (element && element.tagName === "path") { element.setAttribute("role", "img"); }
      if (element && item.tip && !element.textContent) { element.setAttribute("aria-label", L.Util.trim(new DOMParser().parseFromString(item.tip, "text/html").body.textContent)); }
    });
    layer.feature = { type: "Feature", properties: { kind: item.kind, id: item.id } };
    return layer;
  }

  /* Places: {at, icon, size, tip, pop, kind, id, z}; icons: key -> svg. */
  Eco.points = function (data) {
    var group = data.cluster
      ? L.markerClusterGroup({ chunkedLoading: true, showCoverageOnHover: false, maxClusterRadius: 46, disableClusteringAtZoom: 16,
          iconCreateFunction: function (c) {
            var n = c.getChildCount(), size = n < 50 ? 34 : n < 500 ? 42 : 52;
            return L.divIcon({ className: "", html: '<div class="eco-cluster" style="width:' + size + "px;height:" + size + 'px">' + n.toLocaleString() + "</div>", iconSize: [size, size] });
          } })
      : L.featureGroup();
    group.addLayers = group.addLayers || function (list) { list.forEach(function (m) { group.addLayer(m); }); };
    group.addLayers(data.items.map(function (item) {
      var icon = L.divIcon({ className: "eco-point", html: data.icons[item.icon], iconSize: [item.size, item.size] });
      return dress(L.marker(item.at, { icon: icon, zIndexOffset: item.z || 0, alt: item.alt || "", keyboard: data.items.length <= 400 }), item);
    }));
    return group;
  };

  /* Areas: {geometry, style, tip, pop, kind, id}; with {badge, badgeAt, colour} a rank badge. */
  Eco.shapes = function (data) {
    var group = L.featureGroup();
    data.items.forEach(function (item) {
      var style = Object.assign({ pane: data.pane, interactive: !!(item.tip || item.pop), bubblingMouseEvents: true }, item.style);
      L.geoJSON(item.geometry, { style: style, pane: data.pane, interactive: style.interactive }).eachLayer(function (layer) {
        group.addLayer(item.tip || item.pop ? dress(layer, item) : layer);
      });
      if (item.name) {
        L.marker(item.nameAt, { pane: "names", interactive: false, keyboard: false, icon: L.divIcon({ className: data.pane === "land" ? "eco-name eco-place" : "eco-name", html: item.name, iconSize: [0, 0], iconAnchor: [0, -4] }) }).addTo(group)
          .on("add", centre);
      }
      if (item.badge) {
        var html = '<div class="eco-rank' + (item.selected ? " sel" : "") + '" style="background:' + item.colour + '">' + item.badge + "</div>";
        var card = Object.assign({}, item, item.badgeCard);
        group.addLayer(dress(L.marker(item.badgeAt, { zIndexOffset: 800, icon: L.divIcon({ className: "eco-rank-box", html: html, iconSize: [0, 0] }) }), card));
      }
    });
    return group;
  };
  function centre(event) {
    var box = event.target.getElement();
    if (box) { box.style.width = "max-content"; box.style.height = "auto"; box.style.marginLeft = -box.offsetWidth / 2 + "px"; }
  }

  Eco.image = function (data) {
    return L.imageOverlay(data.url, data.bounds, { pane: "surface", opacity: data.opacity, interactive: false, alt: data.alt });
  };

  /* Uncertainty: dots that grow with the standard deviation, readable in grey. */
  Eco.dots = function (data) {
    var canvas = L.canvas({ pane: "dots", padding: 0.3 }), group = L.layerGroup();
    data.items.forEach(function (d) {
      L.circleMarker([d[0], d[1]], { renderer: canvas, pane: "dots", radius: d[2], stroke: false, fillColor: "#1F2A2E", fillOpacity: 0.62, interactive: false }).addTo(group);
    });
    return group;
  };

  /* A control that lives and dies with its group. */
  Eco.control = L.Layer.extend({
    initialize: function (make) { this._make = make; },
    onAdd: function (map) { this._drop = this._make(map); },
    onRemove: function () { if (this._drop) { this._drop(); this._drop = null; } }
  });

  Eco.legend = function (data) {
    return new Eco.control(function (map) {
      var control = L.control({ position: data.position || "topright" });
      control.onAdd = function () {
        var box = L.DomUtil.create("div", "eco-legend");
        box.innerHTML = data.html;
        var more = box.querySelector("details");
        if (more && map.getSize().x < 900) { more.removeAttribute("open"); }
        if (more && window.ECO_LEGEND_OPEN !== undefined) { more.open = window.ECO_LEGEND_OPEN; }
        if (more) { more.addEventListener("toggle", function () { window.ECO_LEGEND_OPEN = more.open; }); }
        L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
        return box;
      };
      control.addTo(map);
      return function () { control.remove(); };
    });
  };

  /* A card at a place, open; once closed by the reader it stays closed until another place is asked about. */
  Eco.ask = function (data) {
    return new Eco.control(function (map) {
      var dropping = false;
      var pin = L.marker(data.at, { zIndexOffset: 900, alt: data.alt, icon: L.divIcon({ className: "eco-point", html: data.icon, iconSize: [30, 30] }) }).addTo(map);
      pin.bindPopup(data.pop, { maxWidth: Math.min(430, map.getSize().x - 60), minWidth: Math.min(340, map.getSize().x - 80), autoPanPadding: [40, 40] });
      pin.on("popupclose", function () { if (!dropping) { window.ECO_CLOSED = data.key; } });
      if (window.ECO_CLOSED !== data.key) { setTimeout(function () { if (!dropping) { pin.openPopup(); } }, 0); }
      return function () { dropping = true; pin.remove(); };
    });
  };

  /* Measuring and drawing: clicks set corners; a click on the first closes an area, which the page is told of as a drawing. */
  function metres(list) { var sum = 0; for (var i = 1; i < list.length; i++) { sum += list[i - 1].distanceTo(list[i]); } return sum; }
  function area(list) {
    /* R² |Σ (λ2 − λ1)(2 + sin φ1 + sin φ2)| / 2 (Chamberlain and Duquette 2007) with R² = MN of WGS84 at the mean latitude. */
    var sum = 0, r = Math.PI / 180, e2 = 0.00669437999, lat = 0;
    list.forEach(function (p) { lat += p.lat / list.length; });
    var w = 1 - e2 * Math.pow(Math.sin(lat * r), 2), square = 6378137 * 6378137 * (1 - e2) / (w * w);
    list.forEach(function (p, i) { var q = list[(i + 1) % list.length]; sum += (q.lng - p.lng) * r * (2 + Math.sin(p.lat * r) + Math.sin(q.lat * r)); });
    return Math.abs(sum) * square / 2;
  }
  Eco.metres = metres; Eco.area = area;
  Eco.measure = function (data) {
    return new Eco.control(function (map) {
      var style = { color: "#0F766E", weight: 3, fill: false, dashArray: "6 4", interactive: false };
      var corners = [], line = L.polyline([], style).addTo(map), first = null, on = false, shown = null;
      var control = L.control({ position: "topleft" }), box, button, words, clear;
      control.onAdd = function () {
        box = L.DomUtil.create("div", "leaflet-bar eco-measure");
        box.innerHTML = '<button type="button" class="m" aria-pressed="false" aria-label="' + data.start + '" title="' + data.start + '"><svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true"><path d="M2 14L14 2l4 4L6 18zM6 10l2 2M9 7l2 2M12 4l2 2" fill="none" stroke="currentColor" stroke-width="1.6"/></svg></button>' +
          '<button type="button" class="x" aria-label="' + data.clear + '" title="' + data.clear + '" hidden>✕</button><output hidden></output>';
        button = box.querySelector(".m"); clear = box.querySelector(".x"); words = box.querySelector("output");
        button.onclick = function () { if (on) { stop(); } else { begin(); } };
        clear.onclick = function () { stop(); wipe(); if (shown) { report(shown.getLatLngs()[0], false); shown.remove(); shown = null; } clear.hidden = true; };
        L.DomEvent.disableClickPropagation(box);
        return box;
      };
      control.addTo(map);
      if (data.polygon.length) { shown = L.polygon(data.polygon, Object.assign({}, style, { dashArray: null })).addTo(map); clear.hidden = false; say(long(metres(ring(shown))) + " · " + wide(shown.getLatLngs()[0])); }
      function long(m) { return m < 1000 ? Math.round(m) + " " + data.m : (m / 1000).toFixed(2) + " " + data.km; }
      function wide(list) { return (area(list) / 1e6).toFixed(2) + " " + data.km2; }
      function ring(p) { var l = p.getLatLngs()[0]; return l.concat([l[0]]); }
      function say(text) { words.textContent = text; words.hidden = !text; }
      function wipe() { corners = []; line.setLatLngs([]); if (first) { first.remove(); first = null; } say(""); }
      function begin() {
        wipe(); on = true; button.setAttribute("aria-pressed", "true"); button.title = data.done; button.setAttribute("aria-label", data.done);
        say(data.hint); map.doubleClickZoom.disable(); map.getContainer().classList.add("eco-drawing");
      }
      function stop() {
        if (!on) { return; }
        on = false; button.setAttribute("aria-pressed", "false"); button.title = data.start; button.setAttribute("aria-label", data.start);
        map.doubleClickZoom.enable(); map.getContainer().classList.remove("eco-drawing"); clear.hidden = !(corners.length || shown);
        if (!corners.length) { say(""); }
      }
      function report(list, keep) {
        var made = L.polygon(list);
        made.feature = { type: "Feature", properties: { kind: "drawn", id: String(Date.now()), keep: keep } };
        map.fire("draw:created", { layerType: "polygon", layer: made });
      }
      function corner(event) {
        if (!on || box.contains(event.target) || event.target.closest(".leaflet-control, .eco-bottom")) { return; }
        event.stopImmediatePropagation(); event.preventDefault();
        if (event.type !== "click" || event.detail > 1 || (map.dragging.moved && map.dragging.moved())) { if (event.type === "dblclick") { stop(); } return; }
        var p = map.mouseEventToLatLng(event);
        if (corners.length > 2 && map.latLngToContainerPoint(corners[0]).distanceTo(map.mouseEventToContainerPoint(event)) < 14) {
          var list = corners; stop(); wipe(); if (shown) { shown.remove(); }
          shown = L.polygon(list, Object.assign({}, style, { dashArray: null })).addTo(map); clear.hidden = false;
          report(list, true); return;
        }
        corners.push(p); line.setLatLngs(corners);
        if (!first) { first = L.circleMarker(p, { radius: 7, color: "#0F766E", fillColor: "#fff", fillOpacity: 1, interactive: false }).addTo(map); }
        say(corners.length < 2 ? data.hint : long(metres(corners)) + (corners.length > 2 ? " · " + wide(corners) : ""));
      }
      function key(event) { if (event.key === "Escape") { stop(); wipe(); } }
      var container = map.getContainer();
      container.addEventListener("click", corner, true); container.addEventListener("dblclick", corner, true); document.addEventListener("keydown", key);
      return function () {
        stop(); container.removeEventListener("click", corner, true); container.removeEventListener("dblclick", corner, true); document.removeEventListener("keydown", key);
        line.remove(); if (first) { first.remove(); } if (shown) { shown.remove(); } control.remove();
      };
    });
  };

  /* Move the map to a place once; later runs that name the same place leave the reader's view alone. */
  Eco.goto = function (data) {
    return new Eco.control(function (map) {
      var key = JSON.stringify(data);
      if (window.ECO_WENT !== key) {
        window.ECO_WENT = key;
        setTimeout(function () { if (data.bounds) { map.fitBounds(data.bounds, { padding: [40, 40], maxZoom: 14 }); } else { map.setView(data.at, Math.max(map.getZoom(), data.zoom || 0)); } }, 60);
      }
      return function () {};
    });
  };
})();
