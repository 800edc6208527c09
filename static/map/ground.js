/* The offline base map: sea, land, lakes, rivers, borders, provinces with their names (static/build_shapes.py).
   Coarse (1:10 million), so lines of provinces and rivers leave when the map comes close. */
(function () {
  "use strict";
  var Eco = window.Eco, LEAVE = 12.6;
  var LOOK = { sea: "#D9E5EB", land: "#F0F2ED", river: "#BCD0DB", province: "#B3BCB6", country: "#8C9992", name: "#7C8A85" };

  /* Steps of ten-thousandths of a degree to corners in the Mercator square, with their box. */
  function line(flat) {
    var n = flat.length / 2, x = new Float64Array(n), y = new Float64Array(n), box = [9, 9, -9, -9], a = 0, b = 0, r = Math.PI / 180;
    for (var i = 0; i < n; i++) {
      a += flat[2 * i]; b += flat[2 * i + 1];
      var s = Math.sin(Math.max(-850000, Math.min(850000, b)) / 1e4 * r);
      x[i] = a / 1e4 / 360 + 0.5; y[i] = 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
      if (x[i] < box[0]) { box[0] = x[i]; } if (x[i] > box[2]) { box[2] = x[i]; }
      if (y[i] < box[1]) { box[1] = y[i]; } if (y[i] > box[3]) { box[3] = y[i]; }
    }
    return { x: x, y: y, box: box };
  }
  function make(raw) {
    var made = { names: raw.names };
    ["world", "worldLines", "land", "lakes", "islands", "rivers", "provinces", "countries"].forEach(function (kind) { made[kind] = raw[kind].map(line); });
    var w = raw.box[0] * 1e4, s = raw.box[1] * 1e4, e = raw.box[2] * 1e4, n = raw.box[3] * 1e4;
    made.box = [line([w, s, e - w, 0, 0, n - s, w - e, 0])];
    return made;
  }

  Eco.ground = function (data) {
    var shapes = null, sheet = new Eco.Sheet(paint, { pane: "ground", attribution: data.attribution });

    function paint(pen, map, bounds) {
      pen.fillStyle = LOOK.sea; pen.fillRect(bounds.min.x, bounds.min.y, bounds.getSize().x, bounds.getSize().y);
      if (!shapes) { return; }
      var zoom = map.getZoom(), scale = 256 * Math.pow(2, zoom), o = map.getPixelOrigin();
      var view = [(bounds.min.x + o.x) / scale, (bounds.min.y + o.y) / scale, (bounds.max.x + o.x) / scale, (bounds.max.y + o.y) / scale];
      function trace(list) {
        pen.beginPath();
        list.forEach(function (l) {
          if (l.box[2] < view[0] || l.box[0] > view[2] || l.box[3] < view[1] || l.box[1] > view[3]) { return; }
          var px = l.x[0] * scale - o.x, py = l.y[0] * scale - o.y, n = l.x.length;
          pen.moveTo(px, py);
          for (var i = 1; i < n; i++) {
            var qx = l.x[i] * scale - o.x, qy = l.y[i] * scale - o.y;
            if (i < n - 1 && Math.abs(qx - px) < 0.8 && Math.abs(qy - py) < 0.8) { continue; }
            pen.lineTo(qx, qy); px = qx; py = qy;
          }
        });
      }
      function fill(list, colour) { trace(list); pen.fillStyle = colour; pen.fill(); }
      function stroke(list, colour, width, dash) { trace(list); pen.strokeStyle = colour; pen.lineWidth = width; pen.setLineDash(dash || []); pen.stroke(); }
      pen.lineJoin = pen.lineCap = "round";
      fill(shapes.world, LOOK.land); stroke(shapes.worldLines, LOOK.country, 0.8);
      fill(shapes.box, LOOK.sea); fill(shapes.land, LOOK.land); fill(shapes.lakes, LOOK.sea); fill(shapes.islands, LOOK.land);
      if (zoom < LEAVE) {
        pen.globalAlpha = Math.min(1, 0.25 + (LEAVE - zoom) / 2);
        stroke(shapes.rivers, LOOK.river, zoom < 8 ? 0.9 : zoom < 10 ? 1.6 : 3);
        if (zoom >= 6) { stroke(shapes.provinces, LOOK.province, 1, [5, 3]); }
        stroke(shapes.countries, LOOK.country, zoom < 8 ? 1.2 : 1.8);
      }
      pen.setLineDash([]); pen.globalAlpha = 1;
      if (zoom >= 7.5 && zoom < 11.5) { names(pen, zoom, scale, o, bounds); }
      window.ECO_GROUND = { zoom: zoom, land: shapes.land.length };
    }
    function names(pen, zoom, scale, o, bounds) {
      var taken = [];
      pen.font = "400 " + (zoom < 9 ? 12 : 13) + "px Sarabun,sans-serif"; pen.textAlign = "center"; pen.textBaseline = "middle";
      pen.lineWidth = 3; pen.strokeStyle = "rgba(240,242,237,.9)"; pen.fillStyle = LOOK.name;
      shapes.names.forEach(function (n) {
        if (data.bounds && n[0] > data.bounds[0][0] && n[0] < data.bounds[1][0] && n[1] > data.bounds[0][1] && n[1] < data.bounds[1][1]) { return; }
        var s = Math.sin(n[0] * Math.PI / 180), x = (n[1] / 360 + 0.5) * scale - o.x, y = (0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI)) * scale - o.y;
        if (!bounds.contains([x, y])) { return; }
        var text = data.lang === "th" ? n[2] : n[3], half = pen.measureText(text).width / 2 + 4;
        if (taken.some(function (t) { return Math.abs(t[0] - x) < t[2] + half && Math.abs(t[1] - y) < 18; })) { return; }
        taken.push([x, y, half]);
        pen.strokeText(text, x, y); pen.fillText(text, x, y);
      });
    }
    Eco.load(data.url, make).then(function (made) { shapes = made; sheet.again(); }, function () { /* the paper stays */ });
    if (document.fonts && document.fonts.load) { document.fonts.load("400 13px Sarabun", "กA").then(function () { sheet.again(); }, function () {}); }
    return sheet;
  };

  /* A choice of this browser, kept for a year; an empty one is forgotten. */
  Eco.remember = function (data) {
    document.cookie = "eco_" + data.name + "=" + data.value + "; path=/; SameSite=Lax; max-age=" + (data.value ? 31536000 : 0);
    return L.layerGroup();
  };

  /* Vector tiles from this server: Protomaps' own layers in its light dress, others by what their names say. */
  var LIKE = [
    [/water|ocean|sea|lake|river|stream|canal/i, { fill: LOOK.sea, line: LOOK.river, width: 1.4 }],
    [/road|street|transport|highway|rail|path/i, { line: "#B9B1A2", width: 1.3 }],
    [/building/i, { fill: "#DDD8CF" }],
    [/park|forest|wood|green|landcover|landuse|vegetation|earth|land/i, { fill: "#E4EBDF" }],
    [/bound|admin|border/i, { line: LOOK.province, width: 1, dash: [4, 3] }]
  ];
  function dress(P, names, lang) {
    var paint = [], label = [], thai = lang === "th" ? ["name:th", "name_th", "name"] : ["name:en", "name_en", "name"];
    function only(type) { return function (_zoom, feature) { return feature.geomType === type; }; }
    names.forEach(function (name) {
      var look = (LIKE.find(function (l) { return l[0].test(name); }) || [0, { fill: "#E9E9E2", line: "#B3BCB6", width: 1 }])[1];
      if (look.fill) { paint.push({ dataLayer: name, filter: only(3), symbolizer: new P.PolygonSymbolizer({ fill: look.fill }) }); }
      if (look.line) { paint.push({ dataLayer: name, filter: only(2), symbolizer: new P.LineSymbolizer({ color: look.line, width: look.width, dash: look.dash }) }); }
      label.push({ dataLayer: name, filter: only(1), symbolizer: new P.CenteredTextSymbolizer({ labelProps: thai, fill: "#46565B", stroke: "#fff", width: 2, font: "400 12px Sarabun" }) });
    });
    return { paintRules: paint, labelRules: label };
  }
  Eco.vectors = function (data) {
    return new Eco.control(function (map) {
      var made = null, gone = false;
      library().then(function (P) {
        if (gone) { return; }
        var own = data.layers.indexOf("earth") >= 0 && data.layers.indexOf("roads") >= 0;
        var look = own ? { flavor: "light" } : dress(P, data.layers, data.lang);
        made = P.leafletLayer(Object.assign({ url: data.url, lang: data.lang, attribution: data.attribution, maxDataZoom: data.maxzoom, pane: "tiles", noWrap: true }, look)).addTo(map);
      });
      return function () { gone = true; if (made) { made.remove(); } };
    });
  };
  /* Only who has vector tiles pays for the script that draws them. */
  var asked = null;
  function library() {
    asked = asked || new Promise(function (done, failed) {
      var tag = document.createElement("script");
      tag.src = window.ECO_STATIC + "vendor/protomaps-leaflet/protomaps-leaflet.js";
      tag.onload = function () { done(window.protomapsL); }; tag.onerror = failed;
      document.head.appendChild(tag);
    });
    return asked;
  }
})();
