"use strict";
(() => {
  const story = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const languages = ["th", "en"];
  let lang = story.lang, at = 0, frame = 0, timer = null;
  const store = "ecotown-meeting-" + story.id;
  let kept = { votes: {}, notes: "" };
  try { kept = Object.assign(kept, JSON.parse(localStorage.getItem(store) || "{}")); } catch (e) { /* private window: nothing is kept */ }
  const keep = () => { try { localStorage.setItem(store, JSON.stringify(kept)); } catch (e) { /* see above */ } };

  const esc = (s) => String(s).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }[c]));
  const say = (t) => (t && typeof t === "object" ? t[lang] : t) ?? "";
  const label = (k) => esc(say(story.labels[k]));
  const HOTSPOT = "#7A0F4B", INK = "#1F2A2E";

  const glyph = (kind, x, y, s) => ({
    reference: `<rect x="${x - s}" y="${y - s}" width="${2 * s}" height="${2 * s}" fill="${INK}" stroke="#fff" stroke-width="3"/>`,
    lowcost: `<circle cx="${x}" cy="${y}" r="${s}" fill="${INK}" stroke="#fff" stroke-width="3"/>`,
    factory: `<path d="M${x - s} ${y + s}V${y - 0.1 * s}L${x - 0.3 * s} ${y - 0.6 * s}V${y - 0.1 * s}L${x + 0.4 * s} ${y - 0.6 * s}V${y - 1.3 * s}H${x + s}V${y + s}Z" fill="#57636A" stroke="#fff" stroke-width="1.5"/>`,
    school: `<path d="M${x} ${y - 1.2 * s}l${1.3 * s} ${1.1 * s}v${1.2 * s}h-${2.6 * s}v-${1.2 * s}z" fill="#1D4ED8" stroke="#fff" stroke-width="2"/>`,
    hospital: `<path d="M${x - 0.45 * s} ${y - 1.2 * s}h${0.9 * s}v${0.75 * s}h${0.75 * s}v${0.9 * s}h-${0.75 * s}v${0.75 * s}h-${0.9 * s}v-${0.75 * s}h-${0.75 * s}v-${0.9 * s}h${0.75 * s}z" fill="#B91C1C" stroke="#fff" stroke-width="2"/>`,
    elderly: `<path d="M${x} ${y - 1.3 * s}l${1.2 * s} ${1.3 * s}l-${1.2 * s} ${1.3 * s}l-${1.2 * s} -${1.3 * s}z" fill="#6D28D9" stroke="#fff" stroke-width="2"/>`,
    hotspot: `<ellipse cx="${x}" cy="${y}" rx="${1.4 * s}" ry="${s}" fill="none" stroke="${HOTSPOT}" stroke-width="5"/>`,
  }[kind]);

  const text = (x, y, words, size, colour) =>
    `<text x="${x}" y="${y}" font-size="${size}" font-weight="700" text-anchor="middle" fill="${colour || INK}" stroke="#fff" stroke-width="7" paint-order="stroke" stroke-linejoin="round">${esc(words)}</text>`;
  const badge = (x, y, words, colour, r) =>
    `<circle cx="${x}" cy="${y}" r="${r}" fill="${colour}" stroke="#fff" stroke-width="4"/><text x="${x}" y="${y + r * 0.38}" font-size="${r * 1.1}" font-weight="700" text-anchor="middle" fill="#fff">${esc(words)}</text>`;

  function panelSvg(step, m, first) {
    const on = (k) => step.show.includes(k), parts = [];
    const image = step.frames ? step.frames[frame].image : step.image;
    if (on("raster")) {
      const b = m.box, place = `x="${b.x}" y="${b.y}" width="${b.w}" height="${b.h}"`;
      parts.push(`<rect width="${m.w}" height="${m.h}" fill="url(#hatch)"/><image class="raster" ${place} preserveAspectRatio="none" href="${image}"/>`);
    }
    for (const z of m.zones) parts.push(`<path d="${z.path}" fill="${on("raster") ? "none" : "#fff"}" stroke="#5B6B70" stroke-width="2.5"/>`);
    parts.push(`<path d="${m.area}" fill="none" stroke="#fff" stroke-width="9"/><path d="${m.area}" fill="none" stroke="${INK}" stroke-width="5"/>`);
    if (on("factories")) for (const p of m.factories) parts.push(glyph("factory", p.x, p.y, 11));
    if (on("hotspots")) for (const h of m.hotspots) parts.push(`<path d="${h.path}" fill="none" stroke="#fff" stroke-width="10"/><path d="${h.path}" fill="none" stroke="${HOTSPOT}" stroke-width="6"/>`);
    if (on("receptors")) for (const p of m.receptors) parts.push(glyph(p.kind, p.x, p.y, 12));
    if (on("stations")) for (const p of m.stations) parts.push(glyph(p.kind, p.x, p.y, 11));
    if (on("names")) {
      const taken = []; // a name that would cover another one is left out
      for (const z of m.zones) {
        const half = say(z.name).length * 6.5, b = [Math.max(half, Math.min(m.w - half, z.x)) - half, z.y - 26, 2 * half, 34];
        if (2 * half > z.room * 1.15 || taken.some((t) => b[0] < t[0] + t[2] && t[0] < b[0] + b[2] && b[1] < t[1] + t[3] && t[1] < b[1] + b[3])) continue;
        taken.push(b);
        parts.push(text(b[0] + half, z.y, say(z.name), 26));
      }
    }
    if (on("badges")) for (const z of m.zones) parts.push(badge(z.x, z.y, z.rank, z.colour, z.r));
    if (on("hotspots") && !on("badges")) for (const h of m.hotspots.slice(0, 9)) parts.push(badge(h.x, h.y, h.label, HOTSPOT, 24));
    const y = m.h - 26;
    parts.push(`<rect x="12" y="${y - 50}" width="${m.bar.length + 36}" height="64" fill="#fff" fill-opacity="0.85"/><path d="M30 ${y - 12}V${y}H${30 + m.bar.length}V${y - 12}" fill="none" stroke="${INK}" stroke-width="4"/>`);
    parts.push(text(30 + m.bar.length / 2, y - 18, say(m.bar.label), 28));
    if (first) parts.push(`<path d="M${m.w - 36} 18l20 56-20-12-20 12z" fill="${INK}" stroke="#fff" stroke-width="3"/>`);
    return `<svg x="${m.x}" y="${m.y}" width="${m.w}" height="${m.h}" viewBox="0 0 ${m.w} ${m.h}"><rect width="${m.w}" height="${m.h}" fill="#F6F7F4"/>${parts.join("")}<rect x="1" y="1" width="${m.w - 2}" height="${m.h - 2}" fill="none" stroke="#B9C2BE" stroke-width="2"/></svg>`;
  }
  function drawMap(step) {
    const m = story.map;
    const hatch = `<defs><pattern id="hatch" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="12" height="12" fill="#F6F7F4"/><path d="M0 0V12" stroke="#C3CBC8" stroke-width="2"/></pattern></defs>`;
    $("map").innerHTML = `<svg class="land" viewBox="0 0 ${m.width} ${m.height}" role="img" aria-label="${esc(say(step.title))}">${hatch}${m.panels.map((p, i) => panelSvg(step, p, i === 0)).join("")}</svg>`;
  }

  const sign = (kind, words) => `<span class="row"><svg viewBox="0 0 36 30" aria-hidden="true">${glyph(kind, 18, 15, 10)}</svg>${words}</span>`;
  // Classes stand side by side, each bound under the line between two of them.
  function strip(step) {
    const labels = Array.isArray(step.legend.labels) ? step.legend.labels : say(step.legend.labels);
    const bounds = labels.slice(0, -1).map((w) => (w.startsWith("< ") ? w.slice(2) : w.split("–")[1]));
    const boxes = step.legend.colours.map((c) => `<i style="background:${c}"></i>`).join("");
    const under = bounds.map((w, i) => `<span style="left:${((i + 1) / step.legend.colours.length) * 100}%">${esc(w)}</span>`).join("");
    return `<b>${esc(say(step.legend.title))}</b><div class="strip" role="img" aria-label="${esc(labels.join(", "))}"><div>${boxes}</div><div class="bounds">${under}</div></div>`;
  }
  function legend(step) {
    const rows = [];
    if (step.show.includes("raster")) rows.push(`<span class="row"><i class="hatch"></i>${label("nodata")}</span>`);
    const on = (k) => step.show.includes(k), has = (list, k) => story.map.panels.some((p) => p[list].some((q) => q.kind === k));
    (step.classes || []).forEach((c) => rows.push(`<span class="row"><i class="dot" style="background:${c.colour}"></i>${esc(say(c.label))}</span>`));
    if (on("hotspots") && story.map.panels.some((p) => p.hotspots.length)) rows.push(sign("hotspot", label("hotspot")));
    if (on("stations")) for (const k of ["reference", "lowcost"]) if (has("stations", k)) rows.push(sign(k, label(k)));
    if (on("factories")) rows.push(sign("factory", label("factory")));
    if (on("receptors")) for (const k of ["school", "hospital", "elderly"]) if (has("receptors", k)) rows.push(sign(k, label(k)));
    const notes = [say(step.context), say(story.snapshot)];
    if (story.simulated) notes.unshift(say(story.labels.simulated));
    if (story.map.approximate) notes.push(say(story.labels.approximate));
    return `<div class="legend">${step.legend ? strip(step) : ""}<div class="rows">${rows.join("")}</div><div class="context">${esc(notes.filter(Boolean).join(" · "))}</div></div>`;
  }

  function week(step) {
    const top = Math.max(step.limit, ...step.frames.map((f) => f.level)), tall = 92;
    const bars = step.frames.map((f, i) => `<button type="button" data-frame="${i}" aria-current="${i === frame}" aria-label="${esc(say(f.day))}: ${f.value}"><span>${esc(f.value)}</span><span class="bar${f.over ? " over" : ""}" style="height:calc(${((f.level / top) * tall).toFixed(1)} * var(--u))"></span><span>${esc(say(f.short))}</span></button>`).join("");
    const f = step.frames[frame], line = ((step.limit / top) * tall).toFixed(1);
    return `<div class="day"><b>${esc(say(f.day))}</b><span class="over">${f.over ? label("over") : ""}</span></div>
      <div class="day"><span>${esc(f.value)} ${esc(say(step.unit))}</span><button class="small" type="button" id="play">${timer ? label("pause") : label("play")}</button></div>
      <div class="bars" style="min-height:calc(${tall} * var(--u) + 2lh)">${bars}<span class="limit" style="bottom:calc(${line} * var(--u) + 1lh)"></span></div>
      <div class="chart">${esc(say(step.chart))}</div>`;
  }

  function cards(step) {
    return `<div class="choices">${step.choices.map((c) => `<div class="card ${c.role}"><b>${esc(say(c.name))}</b><small>${esc(say(c.places))}</small><small>${c.role === "own" ? label("own") : label("request")}: ${esc(say(c.agency))}</small></div>`).join("")}</div>`;
  }
  function ballot(step) {
    const rows = step.choices.map((c, i) => `<div class="vote"><span>${i + 1}. ${esc(say(c.name))}</span><button type="button" data-vote="${esc(c.id)}" data-by="-1" aria-label="${label("less")}">−</button><output>${kept.votes[c.id] || 0}</output><button type="button" data-vote="${esc(c.id)}" data-by="1" aria-label="${label("more")}">+</button></div>`).join("");
    return `<div class="votes"><div><b>${label("hands")}</b>${rows}</div><div class="notes"><ul>${step.lines.map((l) => `<li>${esc(say(l))}</li>`).join("")}</ul><b>${label("say")}</b><textarea id="notes" aria-label="${label("say")}">${esc(kept.notes)}</textarea><button class="small" type="button" id="save">${label("save")}</button></div></div>`;
  }

  function panel(step) {
    const lines = `<ul>${step.lines.map((l) => `<li>${esc(say(l))}</li>`).join("")}</ul>`;
    if (step.votes) return ballot(step);
    if (step.choices) return cards(step) + `<div class="legend"><div class="context">${story.simulated ? label("simulated") : ""}</div></div>`;
    return (step.frames ? `<div class="tight">${lines}${week(step)}</div>` : lines) + legend(step);
  }

  function show() {
    const step = story.steps[at], map = step.show.length > 0;
    document.documentElement.lang = lang;
    $("title").textContent = say(step.title);
    $("title").style.fontSize = say(step.title).length > 36 ? "1.25rem" : "";
    $("simulated").hidden = !story.simulated;
    $("simulated").textContent = say(story.labels.simulated);
    $("body").className = map ? "" : "wide";
    if (map) drawMap(step);
    $("panel").innerHTML = panel(step);
    $("previous").disabled = at === 0;
    $("next").disabled = at === story.steps.length - 1;
    $("previous").querySelector("span").textContent = say(story.labels.previous);
    $("next").querySelector("span").textContent = say(story.labels.next);
    $("next").title = say(story.labels.keys);
    $("language").textContent = lang === "th" ? "English" : "ไทย";
    $("language").setAttribute("aria-label", `${$("language").textContent}: ${say(story.labels.language)}`);
    $("dots").innerHTML = story.steps.map((s, i) => `<button type="button" data-step="${i}" ${i === at ? 'aria-current="step"' : ""} aria-label="${label("step")} ${i + 1}: ${esc(say(s.title))}" title="${esc(say(s.title))}">${i + 1}</button>`).join("");
  }

  function stop() { clearInterval(timer); timer = null; }
  function play() {
    stop();
    const step = story.steps[at];
    if (!step.frames) return;
    timer = setInterval(() => { frame = (frame + 1) % step.frames.length; tick(); }, 1400);
  }
  // Only what changes from day to day is touched, so that the picture doesn't flicker.
  function tick() {
    const step = story.steps[at];
    for (const image of document.querySelectorAll("image.raster")) image.setAttribute("href", step.frames[frame].image);
    $("panel").innerHTML = panel(step);
  }
  function go(to) {
    at = Math.min(Math.max(to, 0), story.steps.length - 1);
    frame = 0; stop();
    try { history.replaceState(null, "", "#" + (at + 1)); } catch (e) { /* some viewers forbid it */ }
    if (story.steps[at].frames && !still) play();
    show();
  }
  function pick(i) { stop(); const n = story.steps[at].frames.length; frame = (i + n) % n; tick(); }
  function save() {
    const step = story.steps[at], lines = [say(story.area), ""];
    step.choices.forEach((c, i) => lines.push(`${i + 1}. ${say(c.name)}: ${kept.votes[c.id] || 0}`));
    lines.push("", say(story.labels.say), kept.notes);
    const link = document.createElement("a");
    link.href = "data:text/plain;charset=utf-8," + encodeURIComponent("\ufeff" + lines.join("\r\n"));
    link.download = "meeting.txt";
    link.click();
  }

  document.addEventListener("keydown", (e) => {
    if (e.target.id === "notes" || e.ctrlKey || e.metaKey || e.altKey) return;
    const onButton = e.target.tagName === "BUTTON" && (e.key === " " || e.key === "Enter");
    if (onButton) return;
    const step = story.steps[at];
    if (["ArrowRight", "PageDown", " ", "Enter"].includes(e.key)) go(at + 1);
    else if (["ArrowLeft", "PageUp", "Backspace"].includes(e.key)) go(at - 1);
    else if (e.key === "Home") go(0);
    else if (e.key === "End") go(story.steps.length - 1);
    else if (e.key === "ArrowDown" && step.frames) pick(frame + 1);
    else if (e.key === "ArrowUp" && step.frames) pick(frame - 1);
    else if (e.key.toLowerCase() === "l") turn();
    else if (e.key.toLowerCase() === "f") { if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => {}); }
    else if (e.key.toLowerCase() === "p" && step.frames) { timer ? stop() : play(); tick(); }
    else return;
    e.preventDefault();
  });
  function turn() { lang = languages[(languages.indexOf(lang) + 1) % languages.length]; show(); }
  document.addEventListener("click", (e) => {
    const b = e.target.closest("button");
    if (!b) { if (e.target.closest("#map")) go(at + 1); return; }
    if (b.id === "next") go(at + 1);
    else if (b.id === "previous") go(at - 1);
    else if (b.id === "language") turn();
    else if (b.id === "play") { timer ? stop() : play(); tick(); }
    else if (b.id === "save") save();
    else if (b.dataset.step) go(Number(b.dataset.step));
    else if (b.dataset.frame) pick(Number(b.dataset.frame));
    else if (b.dataset.vote) {
      kept.votes[b.dataset.vote] = Math.max(0, (kept.votes[b.dataset.vote] || 0) + Number(b.dataset.by));
      keep();
      b.parentElement.querySelector("output").textContent = kept.votes[b.dataset.vote];
    }
    if (["next", "previous"].includes(b.id)) b.blur();
  });
  document.addEventListener("input", (e) => { if (e.target.id === "notes") { kept.notes = e.target.value; keep(); } });
  addEventListener("hashchange", () => { const n = Number(location.hash.slice(1)); if (n && n - 1 !== at) go(n - 1); });
  go((Number(location.hash.slice(1)) || 1) - 1);
})();
