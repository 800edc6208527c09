/* Many places on one canvas: fetched once by address, gathered into counted circles where they would cover
   each other, filtered in the browser. Nothing is left out: a circle says how many it stands for. */
(function () {
  "use strict";
  var Eco = window.Eco, CELL = 78, FEW = 6, SINGLE_FROM = 15, KEPT = 4;

  /* A layer that is one canvas; `paint(context, map, bounds)` draws in the map's own pixels. */
  Eco.Sheet = L.Renderer.extend({
    options: { padding: 0.35 },
    initialize: function (paint, options) { L.Renderer.prototype.initialize.call(this, options); this._paint = paint; },
    getEvents: function () {
      var events = L.Renderer.prototype.getEvents.call(this);
      events.move = this._moved;
      return events;
    },
    _initContainer: function () {
      var box = (this._container = document.createElement("canvas"));
      box.style.pointerEvents = "none";
      box.setAttribute("aria-hidden", "true");
      this._pen = box.getContext("2d");
    },
    _destroyContainer: function () { L.DomUtil.remove(this._container); delete this._container; delete this._pen; },
    _update: function () {
      if (this._map._animatingZoom && this._bounds) { return; }
      L.Renderer.prototype._update.call(this);
      var b = this._bounds, size = b.getSize(), m = Math.min(window.devicePixelRatio || 1, 2), box = this._container;
      L.DomUtil.setPosition(box, b.min);
      box.width = m * size.x; box.height = m * size.y;
      box.style.width = size.x + "px"; box.style.height = size.y + "px";
      this._pen.setTransform(m, 0, 0, m, -m * b.min.x, -m * b.min.y);
      this._paint(this._pen, this._map, b);
      this.fire("update");
    },
    /* Dragged beyond what was drawn around the window: draw on, in place of an empty edge. */
    _moved: function () {
      if (!this._map || !this._bounds || this._map._animatingZoom) { return; }
      var seen = L.bounds(this._map.containerPointToLayerPoint([0, 0]), this._map.containerPointToLayerPoint(this._map.getSize()));
      if (!(this._bounds.contains(seen.min) && this._bounds.contains(seen.max))) { this._update(); }
    },
    again: function () { if (this._map && this._container) { this._update(); } }
  });

  /* Fetched data are kept over exchanged layers, so that a run of the page costs neither network nor parsing. */
  var fetched = (window.ECO_FETCHED = window.ECO_FETCHED || { order: [], at: {} });
  Eco.load = function (url, make) {
    if (!fetched.at[url]) {
      fetched.at[url] = fetch(url).then(function (answer) {
        if (!answer.ok) { throw new Error(String(answer.status)); }
        return answer.json();
      }).then(make);
      fetched.at[url].catch(function () { delete fetched.at[url]; });
      fetched.order.push(url);
      while (fetched.order.length > KEPT) { delete fetched.at[fetched.order.shift()]; }
    }
    return fetched.at[url];
  };

  /* Degrees (times 1e5) to the Mercator square, 0 to 1. */
  function located(raw) {
    var n = raw.lat.length, x = new Float64Array(n), y = new Float64Array(n), r = Math.PI / 180;
    for (var i = 0; i < n; i++) {
      var s = Math.sin((raw.lat[i] / 1e5) * r);
      x[i] = raw.lon[i] / 1e5 / 360 + 0.5;
      y[i] = 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
    }
    return { n: n, x: x, y: y, kind: Uint8Array.from(raw.kind), hp: Float64Array.from(raw.hp), type: Uint16Array.from(raw.type), types: raw.types };
  }
  function size(hp) { return hp >= 5000 ? 3 : hp >= 500 ? 2 : hp >= 50 ? 1 : 0; }
  var SIZES = [13, 16, 20, 25];

  function sprites(icons, ready) {
    var made = icons.map(function (svg) {
      var picture = new Image();
      picture.onload = ready;
      picture.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(svg.replace("<svg ", "<svg xmlns='http://www.w3.org/2000/svg' ").replace(/width='100%' height='100%'/, "width='50' height='50'"));
      return picture;
    });
    return made;
  }

  /* What is hidden, in the page's address: f=1.4~500~3(1): hidden groups, horsepower from, one type. */
  function readFilter(kinds) {
    var kept = { hidden: {}, hp: 0, type: "" };
    try {
      var text = window.ECO_FILTER !== undefined ? window.ECO_FILTER : new URLSearchParams(window.parent.location.search).get("fac") || "";
      var part = text.split("~");
      (part[0] || "").split(".").forEach(function (name) { var at = kinds.indexOf(name); if (at >= 0) { kept.hidden[at] = true; } });
      kept.hp = Math.max(0, Number(part[1]) || 0);
      kept.type = part[2] || "";
    } catch (blocked) { /* another origin: begins with everything */ }
    return kept;
  }
  function writeFilter(kinds, filter) {
    var hidden = kinds.filter(function (_k, i) { return filter.hidden[i]; }).join(".");
    var text = hidden || filter.hp || filter.type ? [hidden, filter.hp || "", filter.type].join("~") : "";
    window.ECO_FILTER = text;
    try {
      var address = new URL(window.parent.location.href);
      if ((address.searchParams.get("fac") || "") === text) { return; }
      if (text) { address.searchParams.set("fac", text); } else { address.searchParams.delete("fac"); }
      window.parent.history.replaceState(window.parent.history.state, "", address);
    } catch (blocked) { /* not kept */ }
  }

  /* data: {url, count, unplaced, kinds:[key], names:[words], icons:[svg], report, linked, words:{…}} */
  Eco.field = function (data) {
    var places = null, shown = null, hits = [], circles = [], filter = readFilter(data.kinds), failed = false;
    var icons = sprites(data.icons, function () { sheet.again(); });
    var sheet = new Eco.Sheet(paint, { pane: "markerPane" }), group = L.featureGroup([sheet]);
    var ghost = L.marker([0, 0]);
    ghost.addEventParent(group);

    function choose() {
      var n = places.n, count = 0;
      shown = shown || new Uint8Array(n);
      var type = filter.type ? places.types.findIndex(function (t) { return t[0] === filter.type; }) : -1;
      for (var i = 0; i < n; i++) {
        var ok = !filter.hidden[places.kind[i]] && (!filter.hp || places.hp[i] >= filter.hp) && (type < 0 || places.type[i] === type);
        shown[i] = ok ? 1 : 0; count += ok;
      }
      return count;
    }

    function paint(pen, map, bounds) {
      hits = []; circles = [];
      if (!places) { return; }
      var zoom = map.getZoom(), scale = 256 * Math.pow(2, zoom), origin = map.getPixelOrigin();
      var x0 = Math.floor((bounds.min.x + origin.x) / CELL), y0 = Math.floor((bounds.min.y + origin.y) / CELL);
      var columns = Math.floor((bounds.max.x + origin.x) / CELL) - x0 + 1, rows = Math.floor((bounds.max.y + origin.y) / CELL) - y0 + 1;
      var count = new Int32Array(columns * rows), sx = new Float64Array(columns * rows), sy = new Float64Array(columns * rows);
      var west = x0 * CELL, north = y0 * CELL, single = zoom >= SINGLE_FROM, i, c, r, k, px, py;
      for (i = 0; i < places.n; i++) {
        if (!shown[i]) { continue; }
        px = places.x[i] * scale - west; py = places.y[i] * scale - north;
        c = Math.floor(px / CELL); r = Math.floor(py / CELL);
        if (c < 0 || r < 0 || c >= columns || r >= rows) { continue; }
        k = r * columns + c; count[k]++; sx[k] += px; sy[k] += py;
        hits.push(i, k);
      }
      var dx = west - origin.x, dy = north - origin.y, alone = [];
      for (i = 0; i < hits.length; i += 2) {
        k = hits[i + 1];
        if (!single && count[k] > FEW) {
          /* Under the counted circles each is still a speck, so that the pattern of the land is seen. */
          pen.fillStyle = "rgba(38,50,56,.34)"; pen.fillRect(places.x[hits[i]] * scale - origin.x - 0.8, places.y[hits[i]] * scale - origin.y - 0.8, 1.6, 1.6);
          continue;
        }
        var at = hits[i], s = size(places.hp[at]), w = SIZES[s], picture = icons[places.kind[at]];
        px = places.x[at] * scale - origin.x; py = places.y[at] * scale - origin.y;
        if (picture.complete && picture.naturalWidth) { pen.drawImage(picture, px - w / 2, py - w / 2, w, w); }
        alone.push({ x: px, y: py, r: w / 2, i: at });
      }
      hits = alone;
      pen.textAlign = "center"; pen.textBaseline = "middle"; pen.lineWidth = 1.6; pen.strokeStyle = "#fff";
      for (k = 0; k < count.length && !single; k++) {
        if (count[k] <= FEW) { continue; }
        var text = count[k].toLocaleString("en"), radius = Math.min(9 + 2.1 * Math.log(count[k] / FEW), CELL / 2 - 2);
        px = sx[k] / count[k] + dx; py = sy[k] / count[k] + dy;
        /* Kept inside its square, so that two circles never lie over each other. */
        px = Math.min(Math.max(px, dx + (k % columns) * CELL + radius), dx + (k % columns + 1) * CELL - radius);
        py = Math.min(Math.max(py, dy + Math.floor(k / columns) * CELL + radius), dy + (Math.floor(k / columns) + 1) * CELL - radius);
        pen.beginPath(); pen.arc(px, py, radius, 0, 7); pen.fillStyle = "rgba(38,50,56,.94)"; pen.fill(); pen.stroke();
        pen.fillStyle = "#fff"; pen.font = "700 " + (text.length > 5 ? 11 : 11.5) + "px Sarabun,sans-serif"; pen.fillText(text, px, py + 0.5);
        circles.push({ x: px, y: py, r: radius, n: count[k], box: [(west + (k % columns) * CELL) / scale, (north + Math.floor(k / columns) * CELL) / scale, CELL / scale] });
      }
      window.ECO_FIELD = { shown: alone.length, gathered: circles.reduce(function (a, c) { return a + c.n; }, 0), circles: circles, alone: alone };
    }

    function found(map, event) {
      var p = map.mouseEventToLayerPoint(event), near = [], circle = null;
      circles.forEach(function (c) { if (Math.hypot(c.x - p.x, c.y - p.y) <= c.r) { circle = c; } });
      if (circle) { return { circle: circle }; }
      hits.forEach(function (h) { var d = Math.hypot(h.x - p.x, h.y - p.y); if (d <= Math.max(h.r, 9) + 2) { near.push([d, h]); } });
      if (!near.length) { return null; }
      near.sort(function (a, b) { return a[0] - b[0]; });
      var first = near[0][1];
      return { list: near.map(function (n) { return n[1]; }).filter(function (h) { return Math.hypot(h.x - first.x, h.y - first.y) < 4; }), x: first.x, y: first.y };
    }
    function card(i) { return Eco.card(data.url + "/" + i); }

    var listener = new Eco.control(function (map) {
      var container = map.getContainer(), tip = L.tooltip({ direction: "top", offset: [0, -8], opacity: 1 }), resting = null, over = null;
      function ours(event) {
        return !event.target.closest(".leaflet-interactive, .leaflet-control, .leaflet-popup, .eco-bottom, .eco-legend") && !container.classList.contains("eco-drawing");
      }
      function open(what, turn) {
        var at = what.at || (what.at = map.layerPointToLatLng([what.x, what.y])), many = what.list.length, i = what.list[turn].i;
        card(i).then(function (found) {
          var head = many > 1 ? '<div class="eco-turn"><button type="button" aria-label="' + data.words.back + '">‹</button> ' + (turn + 1) + " / " + many + " " + data.words.here + ' <button type="button" aria-label="' + data.words.next + '">›</button></div>' : "";
          var popup = L.popup({ maxWidth: 340, autoPanPadding: [30, 30] }).setLatLng(at).setContent(head + found.html).openOn(map);
          var buttons = popup.getElement().querySelectorAll(".eco-turn button");
          if (buttons.length) {
            buttons[0].onclick = function () { open(what, (turn + many - 1) % many); };
            buttons[1].onclick = function () { open(what, (turn + 1) % many); };
          }
          if (data.report) {
            ghost.setLatLng(at); ghost.feature = { type: "Feature", properties: { kind: "factory", id: found.id } };
            ghost.fire("click", { latlng: at }, true);
          }
        }, function () { L.popup().setLatLng(at).setContent(data.words.gone).openOn(map); });
      }
      function click(event) {
        if (!ours(event) || (map.dragging.moved && map.dragging.moved())) { return; }
        var what = found(map, event);
        if (!what) { return; }
        event.stopImmediatePropagation(); event.preventDefault();
        if (what.list) { open(what, 0); return; }
        var b = [1, 1, 0, 0], box = what.circle.box;
        for (var i = 0; i < places.n; i++) {
          var x = places.x[i], y = places.y[i];
          if (shown[i] && x >= box[0] && x < box[0] + box[2] && y >= box[1] && y < box[1] + box[2]) {
            b = [Math.min(b[0], x), Math.min(b[1], y), Math.max(b[2], x), Math.max(b[3], y)];
          }
        }
        var zoom = map.getZoom(), scale = 256 * Math.pow(2, zoom);
        var to = L.latLngBounds(map.unproject([b[0] * scale, b[1] * scale], zoom), map.unproject([b[2] * scale, b[3] * scale], zoom));
        var best = Math.min(map.getBoundsZoom(to, false, L.point(80, 80)), 16);
        map.eco.touched = true;
        map.setView(to.getCenter(), Math.max(best, Math.min(zoom + 1, 18)));
      }
      function move(event) {
        clearTimeout(resting);
        var what = ours(event) && places ? found(map, event) : null;
        container.classList.toggle("eco-over", !!what);
        if (!what) { over = null; tip.remove(); return; }
        var same = what.circle || what.list[0].i;
        if (same === over) { return; }
        over = same; tip.remove();
        resting = setTimeout(function () {
          if (what.circle) { tip.setLatLng(map.layerPointToLatLng([what.circle.x, what.circle.y])).setContent(data.words.circle.replace("{count}", what.circle.n.toLocaleString("en"))).addTo(map); return; }
          card(what.list[0].i).then(function (c) { if (over === same) { tip.setLatLng(map.layerPointToLatLng([what.x, what.y])).setContent(c.tip).addTo(map); } }, function () {});
        }, 90);
      }
      container.addEventListener("click", click, true); container.addEventListener("mousemove", move);
      var drop = panel(map), keep = data.linked ? setInterval(function () { writeFilter(data.kinds, filter); }, 700) : null;
      return function () {
        clearTimeout(resting); clearInterval(keep); tip.remove(); drop(); container.classList.remove("eco-over");
        container.removeEventListener("click", click, true); container.removeEventListener("mousemove", move);
      };
    });

    /* The box that filters and says how many are shown of how many. */
    function panel(map) {
      var control = L.control({ position: "topright" }), box, line, types;
      control.onAdd = function () {
        box = L.DomUtil.create("div", "eco-legend eco-field");
        var keys = data.kinds.map(function (_k, i) {
          return '<label><input type="checkbox" value="' + i + '"' + (filter.hidden[i] ? "" : " checked") + "><span class=\"eco-glyph\">" + data.icons[i] + "</span><span>" + data.names[i] + "</span></label>";
        }).join("");
        var powers = [0, 50, 500, 5000].map(function (p) { return '<option value="' + p + '"' + (p === filter.hp ? " selected" : "") + ">" + (p ? data.words.from.replace("{hp}", p.toLocaleString("en")) : data.words.any) + "</option>"; }).join("");
        box.innerHTML = "<details" + (map.getSize().x < 900 || window.ECO_FIELD_SHUT ? "" : " open") + '><summary><output aria-live="polite"></output> <span class="eco-more">' + data.words.filter + '</span></summary><div class="eco-keys">' + keys + '</div>' +
          '<label class="eco-pick">' + data.words.power + " <select class=\"hp\">" + powers + '</select></label><label class="eco-pick">' + data.words.type + ' <select class="type"><option value="">' + data.words.all + "</option></select></label>" +
          (data.unplaced ? "<p>" + data.words.unplaced + "</p>" : "") + "</details>";
        line = box.querySelector("output"); types = box.querySelector("select.type");
        box.querySelector("details").addEventListener("toggle", function (e) { window.ECO_FIELD_SHUT = !e.target.open; });
        box.addEventListener("change", function () {
          box.querySelectorAll(".eco-keys input").forEach(function (b) { filter.hidden[+b.value] = !b.checked; });
          filter.hp = +box.querySelector("select.hp").value; filter.type = types.value;
          if (data.linked) { writeFilter(data.kinds, filter); }
          refresh();
        });
        L.DomEvent.disableClickPropagation(box).disableScrollPropagation(box);
        return box;
      };
      control.addTo(map);
      /* Below the legend, whichever came first. */
      setTimeout(function () { if (box.parentNode) { box.parentNode.appendChild(box); } }, 0);
      function refresh() {
        if (failed) { line.textContent = data.words.gone; return; }
        if (!places) { line.textContent = data.words.wait; return; }
        line.textContent = data.words.shown.replace("{shown}", choose().toLocaleString("en")).replace("{count}", data.count.toLocaleString("en"));
        sheet.again();
      }
      refresh();
      Eco.load(data.url, located).then(function (made) {
        places = made; shown = null;
        made.types.forEach(function (t) {
          var one = document.createElement("option");
          one.value = t[0]; one.textContent = t[0] + (t[1] ? " · " + t[1] : ""); one.selected = t[0] === filter.type; types.appendChild(one);
        });
        refresh();
      }, function () { failed = true; refresh(); });
      return function () { control.remove(); };
    }
    group.addLayer(listener);
    return group;
  };

  /* A card by address, kept while the page is. */
  var cards = {};
  Eco.card = function (url) {
    if (!cards[url]) {
      cards[url] = fetch(url).then(function (answer) { if (!answer.ok) { throw new Error(String(answer.status)); } return answer.json(); });
      cards[url].catch(function () { delete cards[url]; });
    }
    return cards[url];
  };
})();
