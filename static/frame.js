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
})();
