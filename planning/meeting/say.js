// "What you say": pins with hands, hands for the measures, and both as a file that the product imports.
const draft = { kind: "smoke", hands: 1, place: null, quarter: "", words: "" };
const MOST = 100000;

function icon(key, colour) { return `<svg viewBox="0 0 24 24" aria-hidden="true">${sign(key, 12, 12, 11, colour)}</svg>`; }
function stepper(name, count, words) {
  return `<span class="stepper" role="group" aria-label="${esc(words)}"><button type="button" data-key="${name}-less" data-count="${name}" data-by="-1" aria-label="${esc(words)}: ${label("less")}">−</button><output>${count}</output><button type="button" data-key="${name}-more" data-count="${name}" data-by="1" aria-label="${esc(words)}: ${label("more")}">+</button></span>`;
}
// Quarters to choose from, so that a place can be given without a mouse.
function quarters() {
  return story.map.panels.flatMap((m, panel) => m.zones.filter((z) => z.x >= 0 && z.y >= 0 && z.x <= m.w && z.y <= m.h).map((z, i) => ({ value: `${panel}-${i}`, name: say(z.name), panel, x: z.x, y: z.y })));
}

function pinsPanel(step) {
  const asks = `<ul>${step.lines.map((l) => `<li>${esc(say(l))}</li>`).join("")}</ul>`;
  if (story.readonly) return asks + sums();
  const kinds = story.kinds.map((k) => `<button type="button" class="kind" data-key="kind-${k.key}" data-kind="${k.key}" aria-pressed="${draft.kind === k.key}" style="--c:${k.colour}">${icon(k.key, draft.kind === k.key ? "#fff" : k.colour)}<span>${esc(say(k.word))}</span></button>`).join("");
  const options = quarters().map((q) => `<option value="${q.value}"${draft.quarter === q.value ? " selected" : ""}>${esc(q.name)}</option>`).join("");
  const hint = stored ? label(draft.place ? "marked" : free() ? "free" : "click") : label("notkept");
  return `${asks}<div class="kinds" role="group" aria-label="${label("about")}">${kinds}</div>
    <p class="hint${draft.place ? " set" : ""}" role="status">${hint}</p>
    <div class="entry"><select id="quarter" data-key="quarter" aria-label="${label("quarter")}"><option value="">${label("quarter")}</option>${options}</select>
    <span class="hands"><b>${label("hands")}</b>${stepper("pin", draft.hands, say(story.labels.hands))}</span>
    <input id="words" data-key="words" maxlength="160" autocomplete="off" placeholder="${label("words")}" aria-label="${label("words")}" value="${esc(draft.words)}">
    <span class="two"><button type="button" class="main" id="add" data-key="add"${draft.place || free() ? "" : ' aria-disabled="true"'}>${label("add")}</button><button type="button" class="small" id="undo" data-key="undo"${kept.pins.length ? "" : " disabled"}>${label("undo")}</button></span></div>${sums()}`;
}
const free = () => draft.kind === "praise" || draft.kind === "idea";

function counted() {
  return story.kinds.map((k) => {
    const own = kept.pins.filter((p) => p.kind === k.key), old = story.earlier.filter((p) => p.kind === k.key);
    const hands = (list) => list.reduce((total, p) => total + p.votes, 0);
    return { kind: k, own: hands(own), old: hands(old), pins: own.length };
  }).filter((row) => row.own || row.old).sort((a, b) => b.own - a.own || b.old - a.old);
}
const handsWords = (n) => (n === 1 ? label("onehand") : label("manyhands").replace("{votes}", n.toLocaleString("en")));
function sums() {
  const rows = counted().filter((r) => r.own);
  return rows.length ? `<div class="sums">${rows.map((r) => `<span class="row" role="img" aria-label="${esc(say(r.kind.word))}: ${handsWords(r.own)}">${icon(r.kind.key, r.kind.colour)}<b>${r.own}</b></span>`).join("")}</div>` : "";
}

function ballotPanel(step) {
  const rows = step.choices.map((c, i) => `<div class="vote"><span>${i + 1}. ${esc(say(c.name))}</span>${story.readonly ? "" : stepper(c.id, kept.votes[c.id] || 0, say(c.name))}</div>`).join("");
  return `<div class="votes">${rows}</div>`;
}

function resultsPanel(step) {
  const rows = counted(), most = Math.max(1, ...rows.map((r) => r.own + r.old));
  const bars = rows.map((r) => `<div class="said"><span class="row">${icon(r.kind.key, r.kind.colour)}${esc(say(r.kind.word))}</span><span class="track" aria-hidden="true"><i style="width:${(100 * r.own) / most}%;background:${r.kind.colour}"></i><i class="old" style="width:${(100 * r.old) / most}%;--c:${r.kind.colour}"></i></span><span class="many">${r.own ? `<b>${handsWords(r.own)}</b>` : ""}${r.old ? `<small>${r.own ? "+ " : ""}${handsWords(r.old)}</small>` : ""}</span></div>`).join("");
  const first = step.choices.map((c) => ({ c, hands: kept.votes[c.id] || 0 })).filter((v) => v.hands).sort((a, b) => b.hands - a.hands).slice(0, 3);
  const votes = first.length ? `<b class="head">${label("first")}</b><ol>${first.map((v) => `<li>${esc(say(v.c.name))} <b>${handsWords(v.hands)}</b></li>`).join("")}</ol>` : "";
  const nothing = rows.length || first.length ? "" : `<p class="empty">${label("nothing")}</p>`;
  const keys = story.earlier.length ? `<div class="rows"><span class="row"><i class="solid"></i>${label("today")}</span><span class="row"><i class="old"></i>${esc(say(story.earlierWords))}</span></div>` : "";
  return `${nothing}<div class="bars-said">${bars}</div>${keys}${votes}`;
}
// The way out stands across the slide, under map and figures.
function fileRow(step) {
  const any = kept.pins.length || step.choices.some((c) => kept.votes[c.id]);
  return story.readonly ? "" : `<span class="file"><label>${label("day")}<input id="day" data-key="day" type="date" value="${esc(kept.day || today())}"></label><label>${label("hall")}<input id="hall" data-key="hall" maxlength="80" autocomplete="off" value="${esc(kept.hall)}"></label><button type="button" class="main" id="save" data-key="save"${any ? "" : " disabled"}>${label("save")}</button></span>`;
}

function today() { const d = new Date(), two = (n) => String(n).padStart(2, "0"); return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`; }
// Telephone and identity numbers and mail addresses are not taken.
const clean = (s) => s.trim().replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, "…").replace(/\+?\d(?:[\s\-.]?\d){8,}/g, "…");
function newId() { return Array.from(crypto.getRandomValues(new Uint8Array(6)), (b) => b.toString(16).padStart(2, "0")).join(""); }

function addPin() {
  if (!draft.place && !free()) return refresh();
  const place = draft.place || { panel: -1, x: null, y: null, lon: null, lat: null };
  kept.pins.push({ id: newId(), kind: draft.kind, votes: draft.hands, note: clean(draft.words), ...place });
  Object.assign(draft, { hands: 1, place: null, quarter: "", words: "" }); // the kind often stays
  keep();
  show();
}
function count(name, by) {
  const within = (n, least) => Math.min(MOST, Math.max(least, n));
  if (name === "pin") draft.hands = within(draft.hands + by, 1);
  else { kept.votes[name] = within((kept.votes[name] || 0) + by, 0); keep(); }
  refresh();
}

function csv() {
  const day = kept.day || today(), cell = (v) => {
    const t = v === null || v === undefined ? "" : String(v).replace(/^[=+\-@\t\r]/, "'$&"); // no text that Excel would run
    return /[",\r\n]/.test(t) ? `"${t.replace(/"/g, '""')}"` : t;
  };
  const rows = kept.pins.map((p) => [p.id, day, kept.hall, p.kind, p.votes, p.lat === null ? "" : p.lat.toFixed(6), p.lon === null ? "" : p.lon.toFixed(6), p.note, story.simulated]);
  const choices = story.steps.find((s) => s.key === "vote").choices;
  for (const c of choices) if (kept.votes[c.id]) rows.push([`${kept.voteMark}-${c.id}`, day, kept.hall, "idea", kept.votes[c.id], "", "", `${say(story.labels.vote)}: ${say(c.name)}`, story.simulated]);
  const head = ["report_id", "meeting_date", "place", "kind", "votes", "lat", "lon", "note", "simulated"];
  return [head, ...rows.map((r) => r.map((v, i) => (i === 5 || i === 6 ? v : cell(v))))].map((r) => r.join(",")).join("\r\n") + "\r\n";
}
function save() {
  const link = document.createElement("a");
  link.href = "data:text/csv;charset=utf-8," + encodeURIComponent("\ufeff" + csv());
  link.download = `meeting-${kept.day || today()}${story.simulated ? "-simulated" : ""}.csv`;
  link.click();
}
