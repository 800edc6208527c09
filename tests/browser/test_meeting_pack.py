"""The meeting pack in a real browser: made by the command line, opened from disk, walked by keys and clicks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STEPS = 8

# Text that is cut or covered: anything of the panel that reaches below the footer or out of the window.
CUT = """() => {
  const foot = document.querySelector('footer').getBoundingClientRect().top;
  return [...document.querySelectorAll('#panel, #panel *, header *')]
    .map((e) => [e.className || e.tagName, e.getBoundingClientRect()])
    .filter(([_, r]) => r.height && (r.bottom > foot + 1 || r.right > innerWidth + 1))
    .map(([name, _]) => name);
}"""


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a pack of the demo town, made as the README says."""
    folder = tmp_path_factory.mktemp("pack")
    env = os.environ | {"LAKE_CATALOG": str(folder / "catalog.sqlite"), "LAKE_DATA": str(folder / "files")}
    for command in (
        ["geo", "demo"],
        ["planning", "screen", "--area", "demo-ratchaburi", "--pollutant", "pm25", "--from", "2026-01-15",
         "--to", "2026-02-20", "--out", str(folder / "screening")],
        ["planning", "meeting", "--screening", str(folder / "screening"), "--out", str(folder / "meeting.html")],
    ):  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", *command], cwd=ROOT, env=env, check=True, capture_output=True, timeout=300
        )
    return folder / "meeting.html"


@pytest.fixture
def opened(browser, pack):
    """Return a function that opens the pack at a size, and what it asked for and complained about."""
    contexts = []

    def new(size: tuple[int, int] = (1280, 720)):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        asked: list[str] = []
        errors: list[str] = []
        page.on("request", lambda r: asked.append(r.url) if not r.url.startswith(("data:", "file:")) else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(pack.as_uri())
        return page, asked, errors

    yield new
    for context in contexts:
        context.close()


def current(page) -> str:
    return page.locator("#dots [aria-current=step]").inner_text()


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 768)])
@pytest.mark.parametrize("lang", ["th", "en"])
def test_every_step_fits_the_screen(opened, size, lang):
    """Nothing is cut on any step, in both languages; the text is read from ten metres (26 px and more)."""
    page, asked, errors = opened(size)
    if lang == "en":
        page.keyboard.press("l")
    for step in range(1, STEPS + 1):
        assert current(page) == str(step)
        assert page.evaluate(CUT) == [], f"step {step}"
        page.keyboard.press("ArrowRight")
    if size[0] >= 1280:
        assert page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") >= 26
    assert not asked
    assert not errors


def test_keys_and_clicks_lead_through(opened):
    """Space, Page Down, arrows, Home, End, dots, buttons and a click on the map."""
    page, _, _ = opened()
    for key, step in (
        (" ", 2),
        ("PageDown", 3),
        ("ArrowRight", 4),
        ("PageUp", 3),
        ("ArrowLeft", 2),
        ("End", 8),
        ("Home", 1),
    ):
        page.keyboard.press(key)
        assert current(page) == str(step), key
    page.click("#next")
    page.click("#map")
    assert current(page) == "3"
    page.click("#dots button:nth-child(6)")
    assert current(page) == "6"
    assert page.url.endswith("#6")


def test_the_days_of_a_week_move_and_stop(opened):
    """The picture changes by itself; the pause key holds it; a day can be chosen."""
    page, _, _ = opened()
    page.keyboard.press("3")
    page.click("#dots button:nth-child(4)")
    first = page.locator("image.raster").first.get_attribute("href")
    page.wait_for_function("(old) => document.querySelector('image.raster').getAttribute('href') !== old", arg=first)
    page.keyboard.press("p")
    page.click(".bars button:nth-child(6)")
    assert page.locator(".bars button[aria-current=true]").count() == 1
    chosen = page.locator("image.raster").first.get_attribute("href")
    page.wait_for_timeout(1800)
    assert page.locator("image.raster").first.get_attribute("href") == chosen


def test_hands_and_words_are_kept_and_saved(opened):
    """Votes count up, survive going back and forth, and leave the page as a text file."""
    page, _, _ = opened()
    page.keyboard.press("End")
    for _ in range(3):
        page.locator(".vote button[data-by='1']").first.click()
    page.locator(".vote button[data-by='-1']").first.click()
    page.fill("#notes", "ฝุ่นหนักตอนเช้า & <b>ถนนหน้าตลาด</b>")
    page.keyboard.press("Escape")
    page.click("#previous")
    page.click("#next")
    assert page.locator(".vote output").first.inner_text() == "2"
    with page.expect_download() as download:
        page.click("#save")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert ": 2" in text and "<b>ถนนหน้าตลาด</b>" in text
