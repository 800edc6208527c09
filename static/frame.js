// What Streamlit's own frame leaves out for a reader who hears the page: its language, and a plain list of pages.
(() => {
  document.documentElement.lang = "@@LANG@@";
  const mend = () => {
    const nav = document.querySelector("[data-testid=stSidebarNav]");
    if (!nav) return;
    nav.setAttribute("aria-label", "@@PAGES@@");
    // A list whose children are groups is no list: its links stand for themselves.
    for (const e of nav.querySelectorAll("ul, li")) if (e.getAttribute("role") !== "presentation") e.setAttribute("role", "presentation");
    for (const a of nav.querySelectorAll("a")) {
      const here = new URL(a.href).pathname === location.pathname;
      if (here !== a.hasAttribute("aria-current")) here ? a.setAttribute("aria-current", "page") : a.removeAttribute("aria-current");
    }
  };
  window.ecoFrame?.disconnect();
  window.ecoFrame = new MutationObserver(mend);
  window.ecoFrame.observe(document.querySelector("[data-testid=stApp]") || document.body, { childList: true, subtree: true });
  mend();
  // What only the browser knows goes along with a sheet to print: the step shown, and the part of the map seen.
  window.ecoSheet && document.removeEventListener("click", window.ecoSheet, true);
  window.ecoSheet = event => {
    const link = event.target.closest && event.target.closest("a[href*='sheets/']");
    if (!link) return;
    const asked = new URLSearchParams();
    const step = new URLSearchParams(location.search).get("t");
    if (step) asked.set("t", step);
    const frame = document.querySelector("iframe[title*='st_folium']"), map = frame && frame.contentWindow.map;
    if (map && map.eco && map.eco.touched) {
      const b = map.getBounds();
      asked.set("box", [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map(n => n.toFixed(5)).join());
    }
    link.href = link.href.split("?")[0] + (asked.size ? "?" + asked : "");
    link.target = "_self";
    link.setAttribute("download", "");
  };
  document.addEventListener("click", window.ecoSheet, true);
})();
