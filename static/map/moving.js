/* One picture a step, exchanged within a frame: the next ones are fetched before they are shown. */
(function () {
  "use strict";
  var AHEAD = 90, BEHIND = 30, AT_ONCE = 4;

  /* Pictures by number; `want` fetches those around a step, nearest first; `ready` runs when one has come. */
  function shelf(url, count, ready) {
    var kept = {}, loading = 0, centre = 0, dead = false;
    function next() {
      for (var d = 0; d <= AHEAD; d++) {
        var up = (centre + d) % count, down = (centre - d + count) % count;
        if (!kept[up]) { return up; }
        if (d <= BEHIND && !kept[down]) { return down; }
      }
      return -1;
    }
    function fetchMore() {
      while (!dead && loading < AT_ONCE) {
        var n = next();
        if (n < 0) { return; }
        load(n, 0);
      }
    }
    function load(n, tries) {
      var picture = kept[n] || new Image();
      kept[n] = picture; loading += 1;
      picture.onload = function () { loading -= 1; picture.ready = true; if (!dead) { ready(n); fetchMore(); } };
      picture.onerror = function () {
        loading -= 1;
        if (dead) { return; }
        if (tries < 3) { setTimeout(function () { load(n, tries + 1); }, 700 * (tries + 1)); } else { picture.failed = true; ready(n); fetchMore(); }
      };
      picture.src = url.replace("{n}", n) + (tries ? "?again=" + tries : "");
    }
    return {
      want: function (n) {
        centre = n;
        if (count > AHEAD + BEHIND + 20) {
          Object.keys(kept).forEach(function (k) {
            var ahead = (k - n + count) % count, behind = (n - k + count) % count;
            if (kept[k].ready && ahead > AHEAD + 10 && behind > BEHIND + 10) { delete kept[k]; }
          });
        }
        fetchMore();
      },
      get: function (n) { return kept[n] && (kept[n].ready || kept[n].failed) ? kept[n] : null; },
      drop: function () { dead = true; kept = {}; }
    };
  }

  function writeStep(name) {
    try {
      var address = new URL(window.parent.location.href);
      if (address.searchParams.get("t") === name) { return; }
      address.searchParams.set("t", name);
      window.parent.history.replaceState(window.parent.history.state, "", address);
    } catch (blocked) { /* another origin: the step is not kept */ }
  }

  function button(name, words, sign) {
    return '<button type="button" class="' + name + '" aria-label="' + words + '" title="' + words + '">' + sign + "</button>";
  }

  Eco.moving = function (data) {
    return new Eco.control(function (map) {
      var count = data.labels.length, words = data.words, timer = null, shown = -1, touched = false, signs = null;
      var memory = window.ECO_STEP && window.ECO_STEP.key === data.url ? window.ECO_STEP : { key: data.url, at: data.start };
      var at = memory.at, speed = window.ECO_SPEED || 1;
      var blank = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
      var overlay = L.imageOverlay(blank, data.bounds, { pane: "surface", opacity: data.opacity, interactive: false }).addTo(map);
      var bar = L.DomUtil.create("div", "eco-bottom eco-time", map.getContainer());
      var kinds = data.kinds.length ? '<select aria-label="' + words.kinds + '" title="' + words.kinds + '">' + data.kinds.map(function (k) {
        return '<option value="' + k.key + '"' + (k.key === data.kind ? " selected" : "") + ">" + k.name + "</option>";
      }).join("") + "</select>" : "";
      bar.innerHTML = kinds + button("p", words.play, "▶") + button("b", words.back, "‹") +
        '<input type="range" min="0" max="' + (count - 1) + '" aria-label="' + words.slider + '">' +
        button("f", words.forward, "›") + button("s", words.speed, speed + "×") + "<output></output>";
      var slider = bar.querySelector("input"), told = bar.querySelector("output"), play = bar.querySelector(".p"), fast = bar.querySelector(".s"), choice = bar.querySelector("select");
      var pictures = shelf(data.url, count, function (n) { if (n === at) { paint(); } });

      function paint() {
        var picture = pictures.get(at);
        bar.classList.toggle("eco-busy", !picture);
        if (!picture || shown === at) { return; }
        shown = at;
        overlay.setUrl(picture.failed ? blank : picture.src);
        colour();
      }
      function show(n, led) {
        at = (n + count) % count;
        slider.value = at; told.innerHTML = data.labels[at]; slider.setAttribute("aria-valuetext", told.textContent);
        memory.at = at; window.ECO_STEP = memory;
        pictures.want(at); paint();
        if (me && !led) { Eco.others(data.group + "-step", me, function (p) { if (p.count === count) { p.show(at); } }); }
      }
      /* Stations take the colour of what they measured at this step. */
      function colour() {
        if (!data.stations || at >= data.stations.classes.length) { return; }
        if (!signs) {
          signs = {};
          map.eachLayer(function (layer) {
            var about = layer.feature && layer.feature.properties;
            if (about && about.kind === "station" && layer.getElement && layer.getElement()) { signs[about.id] = layer; }
          });
        }
        data.stations.ids.forEach(function (id, i) {
          var layer = signs[id];
          if (!layer || !layer.getElement()) { return; }
          var sign = layer.getElement().querySelector("rect, circle"), letter = data.stations.classes[at].charCodeAt(i) - 97;
          if (sign) { sign.setAttribute("fill", data.stations.colours[letter]); }
          if (data.stations.values && layer.getTooltip()) {
            var v = data.stations.values[at][i], name = layer.ecoName || (layer.ecoName = String(layer.getTooltip().getContent()).replace(/: [\d,.–]+ .*$/, ""));
            layer.setTooltipContent(name + ": " + (v === null ? "–" : v.toFixed(1) + " " + words.unit) + "<br>" + data.labels[at]);
          }
        });
      }
      var waiting = null;
      function again(event) {
        if (event.layer === overlay) { return; }
        clearTimeout(waiting); waiting = setTimeout(function () { signs = null; colour(); }, 60);
      }
      map.on("layeradd", again);

      function stop() { clearTimeout(timer); timer = null; play.textContent = "▶"; }
      function tick() {
        timer = setTimeout(function () { if (pictures.get((at + 1) % count)) { show(at + 1); } tick(); }, 700 / speed);
      }
      function touch(step) { touched = true; stop(); show(step); }
      play.onclick = function () { touched = true; if (timer) { stop(); } else { play.textContent = "⏸"; tick(); } };
      fast.onclick = function () { speed = speed === 8 ? 0.5 : speed * 2; window.ECO_SPEED = speed; fast.textContent = speed + "×"; if (timer) { clearTimeout(timer); tick(); } };
      slider.oninput = function () { touch(+slider.value); };
      bar.querySelector(".b").onclick = function () { touch(at - 1); };
      bar.querySelector(".f").onclick = function () { touch(at + 1); };
      if (choice) {
        choice.onchange = function () {
          var made = L.marker(map.getCenter());
          made.feature = { type: "Feature", properties: { kind: "step", id: choice.value, at: String(Date.now()) } };
          map.fire("draw:created", { layerType: "marker", layer: made });
        };
      }
      L.DomEvent.disableClickPropagation(bar).disableScrollPropagation(bar);
      L.DomEvent.on(bar, "mousemove", L.DomEvent.stopPropagation);
      var me = data.group ? Eco.join(data.group + "-step", { count: count, show: function (n) { stop(); show(n, true); } }) : null;
      /* Again and again, because the page writes its address anew after every run, without the step. */
      var writer = data.linked ? setInterval(function () { if (touched) { writeStep(data.names[at]); } }, 500) : null;
      show(at, true);
      return function () {
        stop(); clearInterval(writer); clearTimeout(waiting); pictures.drop(); map.off("layeradd", again);
        if (me) { Eco.leave(data.group + "-step", me); }
        overlay.remove(); bar.remove();
      };
    });
  };
})();
