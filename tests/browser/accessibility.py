"""axe-core over every frame of a page, and what the keyboard cannot reach."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import axe_playwright_python

GRAVE = ("serious", "critical")

UNREACHED = """() => {
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length
    && !e.closest("[aria-hidden=true], [inert]");
  const kinds = "button, a[href], input, select, textarea, [role=button], [role=tab], [role=radio], [role=slider]";
  const all = [...document.querySelectorAll(kinds)];
  // Of a group that moves by arrow keys one member is reached, and the rest from it.
  const group = (e) => e.closest("[role=radiogroup], [role=tablist], [role=toolbar], [role=group], [role=listbox], "
    + "[data-testid=stNumberInputContainer]");
  const led = (e) => group(e) && [...group(e).querySelectorAll("*")].some((o) => o.tabIndex >= 0);
  const lost = all.filter((e) => shown(e) && !e.disabled && e.type !== "hidden" && e.tabIndex < 0 && !led(e));
  return lost.map((e) => e.outerHTML.slice(0, 160));
}"""


@cache
def _script() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def grave(page: object) -> list[str]:
    """Return the serious and critical findings of axe-core in a page and its frames, in words."""
    # What is about to be replaced is drawn pale for a moment; its contrast is nobody's.
    page.wait_for_function("!document.querySelector('[data-stale=true]')")  # type: ignore[attr-defined]
    page.wait_for_timeout(500)  # type: ignore[attr-defined]
    found = []
    for frame in page.frames:  # type: ignore[attr-defined]
        if frame.evaluate("!document.body || !document.body.children.length"):
            continue
        frame.evaluate(_script())
        result = frame.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        assert result["passes"], "axe looked at nothing"
        found += [
            f"{problem['impact']} {problem['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for problem in result["violations"]
            if problem["impact"] in GRAVE
            for node in problem["nodes"][:3]
        ]
    return found


def unreached(page: object) -> list[str]:
    """Return the controls of a page and its frames that the Tab key cannot reach."""
    return [html for frame in page.frames for html in frame.evaluate(UNREACHED)]  # type: ignore[attr-defined]
