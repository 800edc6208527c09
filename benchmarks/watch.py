"""Stopwatches for pages in a real browser: opening, interaction, dragging, frames; all times in seconds.

A page counts as open when its heading and everything below it stand, its script has ended, nothing is
marked as loading, and every map on it has drawn its land and its legend and loaded its pictures.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

READY = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  if (!document.querySelector('h1') || !app) return false;
  if (app.getAttribute('data-test-script-state') !== 'notRunning') return false;
  if (document.querySelector('[data-testid=stSkeleton], [data-testid=stSpinner]')) return false;
  return [...document.querySelectorAll('iframe[title*=st_folium]')].every(frame => {
    const inner = frame.contentDocument;
    if (!inner || !inner.querySelector('.leaflet-container'))
      return frame.closest('[data-testid=stElementContainer]')?.offsetWidth === 0;  // hidden, not merely unfinished
    return [...inner.querySelectorAll('img.leaflet-image-layer')].every(i => i.complete && i.naturalWidth);
  });
}"""
HEADING = "() => !!document.querySelector('h1')"
PICTURE = """() => [...document.querySelectorAll('iframe[title*=st_folium]')].some(frame => frame.contentDocument &&
  [...frame.contentDocument.querySelectorAll('img.leaflet-image-layer')].some(i => i.complete && i.naturalWidth))"""
FIELD = """() => [...document.querySelectorAll('iframe[title*=st_folium]')].some(frame => {
  const f = frame.contentWindow && frame.contentWindow.ECO_FIELD; return f && f.shown + f.gathered > 0; })"""
GATHERED = """() => [...document.querySelectorAll('iframe[title*=st_folium]')].some(frame =>
  frame.contentDocument && frame.contentDocument.querySelector('.marker-cluster'))"""
FRAMES = """async (steps) => {
  const next = document.querySelector('.eco-time .f'), times = [];
  const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  for (let i = 0; i < steps; i++) {
    const start = performance.now();
    next.click();
    await Promise.all([...document.querySelectorAll('img.leaflet-image-layer')].map(p => p.decode()));
    await drawn();
    times.push((performance.now() - start) / 1000);
  }
  return times;
}"""
RECORD = """() => {
  window.ECO_TICKS = []; let last = performance.now();
  const tick = now => {
    if (!window.ECO_TICKS) return;
    window.ECO_TICKS.push((now - last) / 1000); last = now;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}"""
SETTLE = 1_000
"""Milliseconds before the stopwatch starts: a new window builds the browser's own parts, half a second of a core."""
LIMIT = 180_000
"""Milliseconds after which a page is taken to hang."""


def until(page: Any, condition: str, start: float) -> float:
    """Return the seconds since `start` until a condition holds in the page."""
    page.wait_for_function(condition, timeout=LIMIT, polling="raf")
    return time.perf_counter() - start


def opened(context: Any, url: str, *conditions: str) -> tuple[Any, list[float]]:
    """Open an address in a new window; return it and the seconds until each condition held, in their order."""
    page = context.new_page()
    page.wait_for_timeout(SETTLE)
    start = time.perf_counter()
    page.goto(url)
    return page, [until(page, condition, start) for condition in conditions or (READY,)]


def median_open(context: Any, url: str, *conditions: str, times: int = 3) -> list[float]:
    """Return the medians of `opened` over some windows."""
    runs = []
    for _ in range(times):
        page, seconds = opened(context, url, *conditions)
        runs.append(seconds)
        page.close()
    return [statistics.median(column) for column in zip(*runs, strict=True)]


def acted(page: Any, act: Callable[[], None], condition: str) -> float:
    """Return the seconds from an act until a condition holds and the page is ready again."""
    start = time.perf_counter()
    act()
    until(page, condition, start)
    return until(page, READY, start)


def frame_of(page: Any) -> Any:
    """Return the frame of the page's map."""
    return next(frame for frame in page.frames if "st_folium" in frame.url)


def frame_changes(page: Any, steps: int = 12) -> list[float]:
    """Return the seconds of some steps of the map's time bar, until the new picture is painted."""
    return list(frame_of(page).evaluate(FRAMES, steps))


def dragged(page: Any, moves: int = 40) -> list[float]:
    """Return the seconds between painted frames while the map is dragged to and fro."""
    frame = frame_of(page)
    box = page.locator("iframe[title*=st_folium]").first.bounding_box()
    x, y = box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.55
    page.mouse.move(x, y)
    page.mouse.down()
    frame.evaluate(RECORD)
    for n in range(moves):
        far = 12 * min(n, moves - n)
        page.mouse.move(x + far, y - far / 3)
    page.mouse.up()
    ticks = frame.evaluate("() => { const made = window.ECO_TICKS; window.ECO_TICKS = null; return made; }")
    return list(ticks[1:])


def megabytes(page: Any) -> float:
    """Return the memory of the page's scripts (its maps' included), MB."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return float(metrics["JSHeapUsedSize"]) / 2**20


def percentile(values: list[float], share: float) -> float:
    """Return the value that a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
