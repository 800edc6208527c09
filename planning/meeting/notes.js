// What the presenter says: under the slide (N), or in a window of its own on the other screen.
let notesOn = false, notesWindow = null;
function notesHtml() {
  const step = story.steps[at], next = story.steps[at + 1];
  const items = step.notes.map((l) => `<li>${esc(say(l))}</li>`).join("");
  return `<b>${at + 1}. ${esc(say(step.title))}</b><ul>${items}</ul>${next ? `<p>${label("then")}: ${esc(say(next.title))}</p>` : ""}`;
}
function drawNotes() {
  const box = $("notes");
  box.hidden = !notesOn;
  if (notesOn) box.innerHTML = `<div>${notesHtml()}</div><button type="button" class="small" id="apart" data-key="apart">${label("apart")}</button>`;
  if (notesWindow && !notesWindow.closed) notesWindow.document.body.innerHTML = notesHtml();
}
function openNotes() {
  notesWindow = open("", "ecotown-notes", "width=760,height=560");
  if (!notesWindow) return;
  const doc = notesWindow.document;
  doc.title = say(story.labels.notes);
  doc.documentElement.lang = lang;
  doc.head.innerHTML = `<style>body{font:24px/1.6 Sarabun,sans-serif;margin:1.2rem;color:#1f2a2e}li{margin:.3rem 0}p{color:#46545a}</style>`;
  doc.onkeydown = (e) => { if (onKey(e)) e.preventDefault(); };
  notesOn = false;
  drawNotes();
}
function drawPhone() {
  const box = $("phone");
  if (!story.phone) return;
  box.innerHTML = `<div><svg viewBox="0 0 ${story.phone.size} ${story.phone.size}" role="img" aria-label="${label("phone")}"><rect width="100%" height="100%" fill="#fff"/><path d="${story.phone.path}" fill="#000"/></svg><p><b>${label("phone")}</b></p><p>${esc(story.phone.url)}</p><button type="button" class="small" id="phone-close">${label("close")}</button></div>`;
}
function togglePhone() { if (story.phone) { $("phone").hidden = !$("phone").hidden; if (!$("phone").hidden) { drawPhone(); $("phone-close").focus(); } } }
