// The story: which step is shown, in which language, and what keys and clicks do.
const story = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let lang = story.lang, at = 0, frame = 0, timer = null, stored = true;
const store = "ecotown-meeting-" + story.id;
let kept = { votes: {}, pins: [], day: "", hall: "", voteMark: newId() };
try { kept = Object.assign(kept, JSON.parse(localStorage.getItem(store) || "{}")); } catch (e) { stored = false; }
// A private window keeps nothing: the slide says so.
function keep() { try { localStorage.setItem(store, JSON.stringify(kept)); } catch (e) { stored = false; } }

function esc(s) { return String(s).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }[c])); }
function say(t) { return (t && typeof t === "object" ? t[lang] ?? t[story.fallback] : t) ?? ""; }
function label(k) { return esc(say(story.labels[k])); }

const row = (kind, words) => `<span class="row"><svg viewBox="0 0 36 30" aria-hidden="true">${glyph(kind, 18, 15, 10)}</svg>${words}</span>`;
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
  const on = (k) => step.show.includes(k), has = (list, k) => story.map.panels.some((p) => p[list].some((q) => q.kind === k));
  if (on("raster")) rows.push(`<span class="row"><i class="hatch"></i>${label("nodata")}</span>`);
  (step.classes || []).forEach((c) => rows.push(`<span class="row"><i class="dot" style="background:${c.colour}"></i>${esc(say(c.label))}</span>`));
  if (on("hotspots") && story.map.panels.some((p) => p.hotspots.length)) rows.push(row("hotspot", label("hotspot")));
  if (on("stations")) for (const k of ["reference", "lowcost"]) if (has("stations", k)) rows.push(row(k, label(k)));
  if (on("factories")) rows.push(row("factory", label("factory")));
  if (on("receptors")) for (const k of ["school", "hospital", "elderly"]) if (has("receptors", k)) rows.push(row(k, label(k)));
  return `<div class="legend">${step.legend ? strip(step) : ""}<div class="rows">${rows.join("")}</div></div>`;
}
function context(step) {
  const notes = [say(step.context), say(story.snapshot)];
  if (story.simulated) notes.unshift(say(story.labels.simulated));
  if (story.map.approximate && step.show.length) notes.push(say(story.labels.approximate));
  return notes.filter(Boolean).join(" · ");
}

function week(step) {
  const top = Math.max(step.limit, ...step.frames.map((f) => f.level)), tall = 96;
  const bars = step.frames.map((f, i) => `<button type="button" data-key="frame-${i}" data-frame="${i}" aria-current="${i === frame}" aria-label="${esc(say(f.day))}: ${f.value}${f.over ? ` (${label("over")})` : ""}"><span>${esc(f.value)}</span><span class="bar${f.over ? " over" : ""}" style="height:calc(${((f.level / top) * tall).toFixed(1)} * var(--u))"></span><span>${esc(say(f.short))}</span></button>`).join("");
  const f = step.frames[frame], line = ((step.limit / top) * tall).toFixed(1);
  return `<div class="day"><b>${esc(say(f.day))}</b><button class="small" type="button" id="play" data-key="play">${timer ? label("pause") : label("play")}</button></div>
    <div class="day"><span>${esc(f.value)} ${esc(say(step.unit))}</span><span class="over">${f.over ? label("over") : ""}</span></div>
    <div class="bars" style="min-height:calc(${tall} * var(--u) + 2lh)">${bars}<span class="limit" style="bottom:calc(${line} * var(--u) + 1lh)"></span></div>
    <div class="chart">${esc(say(step.chart))}</div>`;
}
function cards(step) {
  return `<div class="choices">${step.choices.map((c) => `<div class="card ${c.role}"><b>${esc(say(c.name))}</b><small>${esc(say(c.places))}</small><small>${c.role === "own" ? label("own") : label("request")}: ${esc(say(c.agency))}</small></div>`).join("")}</div>`;
}
function panel(step) {
  if (step.key === "say") return pinsPanel(step);
  if (step.key === "vote") return ballotPanel(step);
  if (step.key === "results") return resultsPanel(step);
  if (step.choices) return cards(step);
  const lines = `<ul>${step.lines.map((l) => `<li>${esc(say(l))}</li>`).join("")}</ul>`;
  return (step.frames ? `<div class="tight">${lines}${week(step)}</div>` : lines) + legend(step);
}

// The panel anew, with the focus where it was.
function refresh() {
  const key = document.activeElement?.dataset?.key, step = story.steps[at];
  $("panel").innerHTML = panel(step);
  if (key) document.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus();
}
function show() {
  const step = story.steps[at], map = step.show.length > 0;
  document.documentElement.lang = lang;
  $("title").textContent = say(step.title);
  $("title").style.fontSize = say(step.title).length > 36 ? "1.2rem" : "";
  $("simulated").hidden = !story.simulated;
  $("simulated").textContent = say(story.labels.simulated);
  $("body").className = `${map ? "" : "wide"} ${step.key}`;
  if (map) drawMap(step);
  refresh();
  $("context").innerHTML = (step.key === "results" ? fileRow(step) : "") + `<span>${esc(context(step))}</span>`;
  $("previous").disabled = at === 0;
  $("next").disabled = at === story.steps.length - 1;
  $("previous").querySelector("span").textContent = say(story.labels.previous);
  $("next").querySelector("span").textContent = say(story.labels.next);
  $("next").title = say(story.labels.keys);
  const other = story.languages[(story.languages.findIndex((l) => l.code === lang) + 1) % story.languages.length];
  $("language").hidden = story.languages.length < 2;
  $("language").textContent = other.name;
  $("language").lang = other.code;
  $("qr").hidden = !story.phone;
  $("qr").setAttribute("aria-label", say(story.labels.phone));
  $("dots").setAttribute("aria-label", say(story.labels.step));
  $("dots").innerHTML = story.steps.map((s, i) => `<button type="button" data-key="step-${i}" data-step="${i}" ${i === at ? 'aria-current="step"' : ""} aria-label="${label("step")} ${i + 1}: ${esc(say(s.title))}" title="${esc(say(s.title))}">${i + 1}</button>`).join("");
  drawNotes();
}

function stop() { clearInterval(timer); timer = null; }
function play() {
  stop();
  const step = story.steps[at];
  if (step.frames) timer = setInterval(() => { frame = (frame + 1) % step.frames.length; tick(); }, 1400);
}
// Only what changes from day to day is touched, so that the picture doesn't flicker.
function tick() {
  const step = story.steps[at];
  for (const image of document.querySelectorAll("image.raster")) image.setAttribute("href", step.frames[frame].image);
  refresh();
}
function go(to) {
  at = Math.min(Math.max(to, 0), story.steps.length - 1);
  frame = 0; stop();
  try { history.replaceState(null, "", "#" + (at + 1)); } catch (e) { /* some viewers forbid it */ }
  if (story.steps[at].frames && !still) play();
  show();
  scrollTo(0, 0);
}
function pick(i) { stop(); const n = story.steps[at].frames.length; frame = (i + n) % n; tick(); }
function turn() { lang = story.languages[(story.languages.findIndex((l) => l.code === lang) + 1) % story.languages.length].code; show(); }

// Return whether the key meant something here.
function onKey(e) {
  if (e.ctrlKey || e.metaKey || e.altKey) return false;
  const here = e.target.tagName, clicker = ["PageDown", "PageUp"].includes(e.key); // a clicker works from everywhere
  if (["INPUT", "SELECT", "TEXTAREA"].includes(here) && !clicker) return false;
  if (here === "BUTTON" && (e.key === " " || e.key === "Enter")) return false;
  const step = story.steps[at], key = e.key.toLowerCase();
  if (["ArrowRight", "PageDown", " ", "Enter"].includes(e.key)) go(at + 1);
  else if (["ArrowLeft", "PageUp", "Backspace"].includes(e.key)) go(at - 1);
  else if (e.key === "Home") go(0);
  else if (e.key === "End") go(story.steps.length - 1);
  else if (e.key === "ArrowDown" && step.frames) pick(frame + 1);
  else if (e.key === "ArrowUp" && step.frames) pick(frame - 1);
  else if (key === "l") turn();
  else if (key === "n") { notesOn = !notesOn; drawNotes(); }
  else if (key === "q") togglePhone();
  else if (key === "b" || key === ".") document.body.classList.toggle("black"); // the clicker's dark button
  else if (e.key === "Escape") { notesOn = false; drawNotes(); $("phone").hidden = true; }
  else if (key === "f") { if (document.fullscreenElement) document.exitFullscreen(); else document.documentElement.requestFullscreen().catch(() => {}); }
  else if (key === "p" && step.frames) { timer ? stop() : play(); tick(); }
  else return false;
  return true;
}
document.addEventListener("keydown", (e) => { if (onKey(e)) e.preventDefault(); });
document.addEventListener("click", (e) => {
  const b = e.target.closest("button"), step = story.steps[at];
  if (!b) {
    if (!e.target.closest("#map")) return;
    if (!step.takes || story.readonly) { if (!phone()) go(at + 1); return; }
    draft.place = placeAt(e);
    draft.quarter = "";
    drawMap(step);
    refresh();
    return;
  }
  const does = {
    next: () => go(at + 1), previous: () => go(at - 1), language: turn, save, add: addPin, apart: openNotes, qr: togglePhone,
    "phone-close": togglePhone, play: () => { timer ? stop() : play(); tick(); }, undo: () => { kept.pins.pop(); keep(); show(); },
  }[b.id];
  if (does) does();
  else if (b.dataset.step) go(Number(b.dataset.step));
  else if (b.dataset.frame) pick(Number(b.dataset.frame));
  else if (b.dataset.kind) { draft.kind = b.dataset.kind; refresh(); }
  else if (b.dataset.count) count(b.dataset.count, Number(b.dataset.by));
  if (["next", "previous"].includes(b.id)) b.blur();
});
document.addEventListener("input", (e) => {
  if (e.target.id === "words") draft.words = e.target.value;
  if (e.target.id === "hall") { kept.hall = e.target.value; keep(); }
  if (e.target.id === "day") { kept.day = e.target.value; keep(); }
});
document.addEventListener("change", (e) => {
  if (e.target.id !== "quarter") return;
  const q = quarters().find((one) => one.value === e.target.value);
  draft.quarter = e.target.value;
  draft.place = q ? placed(q.panel, q.x, q.y) : null;
  drawMap(story.steps[at]);
  refresh();
});
let touched = null;
document.addEventListener("touchstart", (e) => { touched = e.changedTouches[0]; }, { passive: true });
document.addEventListener("touchend", (e) => {
  const t = e.changedTouches[0], dx = t.clientX - touched.clientX;
  if (Math.abs(dx) > 70 && Math.abs(dx) > 2 * Math.abs(t.clientY - touched.clientY)) go(at + (dx < 0 ? 1 : -1));
}, { passive: true });
addEventListener("resize", () => { if (story.steps[at].show.length) drawMap(story.steps[at]); });
addEventListener("hashchange", () => { const n = Number(location.hash.slice(1)); if (n && n - 1 !== at) go(n - 1); });
go((Number(location.hash.slice(1)) || 1) - 1);
