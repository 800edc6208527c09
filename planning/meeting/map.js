// The map: shapes and points of each panel, in SVG units of the story.
const HOTSPOT = "#7A0F4B", INK = "#1F2A2E";
const phone = () => innerWidth < 700;

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

const kindOf = (key) => story.kinds.find((k) => k.key === key);
// The sign of a kind is drawn on a 24 x 24 square; `r` is the radius it shall fill.
const sign = (key, x, y, r, colour) => `<path d="${kindOf(key).sign}" transform="translate(${x - r} ${y - r}) scale(${r / 12})" fill="${colour}" stroke="${colour}" stroke-width="1" stroke-linejoin="round"/>`;
function pin(p, k, old) {
  const c = kindOf(p.kind).colour, r = (old ? 17 : 25) * k;
  const disc = `<circle cx="${p.x}" cy="${p.y}" r="${r}" fill="${old ? "#fff" : c}" stroke="${old ? c : "#fff"}" stroke-width="${old ? 3 : 4}"${old ? ' stroke-dasharray="6 4"' : ""}/>`;
  return disc + sign(p.kind, p.x, p.y, r * 0.66, old ? c : "#fff") + (old ? "" : text(p.x, p.y + r + 26 * k, p.votes, 28 * k));
}

function names(zones, m, k) {
  const taken = [], drawn = []; // a name that would cover another one is left out
  const size = 32 * k;
  for (const z of zones) {
    const half = say(z.name).length * size * 0.25, b = [Math.max(half, Math.min(m.w - half, z.x)) - half, z.y - size, 2 * half, 1.3 * size];
    if (2 * half > z.room * 1.3 || taken.some((t) => b[0] < t[0] + t[2] && t[0] < b[0] + b[2] && b[1] < t[1] + t[3] && t[1] < b[1] + b[3])) continue;
    taken.push(b);
    drawn.push(text(b[0] + half, z.y, say(z.name), size));
  }
  return drawn;
}

// The first ranks are read from afar; one that would cover an earlier one keeps its colour only.
function ranks(zones, k) {
  const taken = [], drawn = [];
  for (const z of [...zones].sort((a, b) => a.rank - b.rank)) {
    const r = Math.max(z.r, 24) * k;
    if (taken.some((t) => Math.hypot(t.x - z.x, t.y - z.y) < t.r + r)) { drawn.unshift(`<circle cx="${z.x}" cy="${z.y}" r="${10 * k}" fill="${z.colour}" stroke="#fff" stroke-width="3"/>`); continue; }
    taken.push({ x: z.x, y: z.y, r });
    drawn.push(badge(z.x, z.y, z.rank, z.colour, r));
  }
  return drawn;
}

function bar(m, first, k) {
  const y = m.h - 26, size = 30 * k;
  const north = first ? `<path d="M${m.w - 36} 18l20 56-20-12-20 12z" fill="${INK}" stroke="#fff" stroke-width="3"/>` : "";
  return `<rect x="12" y="${y - 22 - size}" width="${Math.max(m.bar.length + 36, 3.2 * size)}" height="${size + 36}" fill="#fff" fill-opacity="0.85"/><path d="M30 ${y - 12}V${y}H${30 + m.bar.length}V${y - 12}" fill="none" stroke="${INK}" stroke-width="4"/>`
    + text(Math.max(30 + m.bar.length / 2, 24 + 1.2 * size), y - 18, say(m.bar.label), size) + north;
}

function panelSvg(step, m, index) {
  const on = (key) => step.show.includes(key), parts = [], k = phone() ? 1.6 : 1;
  const image = step.frames ? step.frames[frame].image : step.image;
  if (on("raster")) {
    const b = m.box, place = `x="${b.x}" y="${b.y}" width="${b.w}" height="${b.h}"`;
    parts.push(`<rect width="${m.w}" height="${m.h}" fill="url(#hatch)"/><image class="raster" ${place} preserveAspectRatio="none" href="${image}"/>`);
  }
  for (const z of m.zones) parts.push(`<path d="${z.path}" fill="${on("raster") ? "none" : "#fff"}" stroke="#5B6B70" stroke-width="2.5"/>`);
  parts.push(`<path d="${m.area}" fill="none" stroke="#fff" stroke-width="9"/><path d="${m.area}" fill="none" stroke="${INK}" stroke-width="5"/>`);
  if (on("factories")) for (const p of m.factories) parts.push(glyph("factory", p.x, p.y, 11 * k));
  if (on("hotspots")) for (const h of m.hotspots) parts.push(`<path d="${h.path}" fill="none" stroke="#fff" stroke-width="10"/><path d="${h.path}" fill="none" stroke="${HOTSPOT}" stroke-width="6"/>`);
  if (on("receptors")) for (const p of m.receptors) parts.push(glyph(p.kind, p.x, p.y, 12 * k));
  if (on("stations")) for (const p of m.stations) parts.push(glyph(p.kind, p.x, p.y, 11 * k));
  if (on("names")) parts.push(...names(m.zones, m, k));
  if (on("badges")) parts.push(...ranks(m.zones, k));
  if (on("hotspots") && !on("badges")) for (const h of m.hotspots.slice(0, 9)) parts.push(badge(h.x, h.y, h.label, HOTSPOT, 26 * k));
  if (on("earlier")) for (const p of m.said) parts.push(pin(p, k, true));
  if (on("pins")) for (const p of kept.pins) if (p.panel === index) parts.push(pin(p, k, false));
  if (on("pins") && draft.place && draft.place.panel === index) {
    const { x, y } = draft.place;
    parts.push(`<circle cx="${x}" cy="${y}" r="34" fill="none" stroke="#fff" stroke-width="12"/><circle cx="${x}" cy="${y}" r="34" fill="none" stroke="${INK}" stroke-width="6"/><path d="M${x - 14} ${y}h28M${x} ${y - 14}v28" stroke="${INK}" stroke-width="5"/>`);
  }
  parts.push(bar(m, index === 0, k));
  return `<svg x="${m.x}" y="${m.y}" width="${m.w}" height="${m.h}" viewBox="0 0 ${m.w} ${m.h}"><rect width="${m.w}" height="${m.h}" fill="#F6F7F4"/>${parts.join("")}<rect x="1" y="1" width="${m.w - 2}" height="${m.h - 2}" fill="none" stroke="#B9C2BE" stroke-width="2"/></svg>`;
}

function drawMap(step) {
  const m = story.map;
  const hatch = `<defs><pattern id="hatch" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="12" height="12" fill="#F6F7F4"/><path d="M0 0V12" stroke="#C3CBC8" stroke-width="2"/></pattern></defs>`;
  $("map").innerHTML = `<svg class="land" viewBox="0 0 ${m.width} ${m.height}" role="img" aria-label="${esc(say(step.title))}">${hatch}${m.panels.map((p, i) => panelSvg(step, p, i)).join("")}</svg>`;
  $("map").className = step.takes && !story.readonly ? "takes" : "";
}

// Where a click fell: panel, SVG units and degrees (quadratic between the nine known points of the panel).
function placeAt(event) {
  const svg = $("map").querySelector("svg.land"), at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const panel = story.map.panels.findIndex((m) => at.x >= m.x && at.x <= m.x + m.w && at.y >= m.y && at.y <= m.y + m.h);
  return panel < 0 ? null : placed(panel, at.x - story.map.panels[panel].x, at.y - story.map.panels[panel].y);
}
function placed(panel, x, y) {
  const m = story.map.panels[panel], basis = (t) => [2 * (t - 0.5) * (t - 1), -4 * t * (t - 1), 2 * t * (t - 0.5)];
  const u = basis(x / m.w), v = basis(y / m.h);
  const sum = (axis) => m.degrees.reduce((total, point, i) => total + point[axis] * u[i % 3] * v[Math.floor(i / 3)], 0);
  return { panel, x: Math.round(x), y: Math.round(y), lon: Number(sum(0).toFixed(6)), lat: Number(sum(1).toFixed(6)) };
}
