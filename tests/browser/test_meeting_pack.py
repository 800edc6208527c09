"""The meeting pack in a real browser: made by the command line, opened from disk, walked by keys and clicks."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from geo.lake import Lake
from planning import artefacts, voices
from tests.browser import accessibility

ROOT = Path(__file__).resolve().parents[2]
STEPS = 10

# Text that is cut or covered: anything of the panel that reaches below the footer or out of the window.
CUT = """() => {
  const foot = document.querySelector('footer').getBoundingClientRect().top;
  return [...document.querySelectorAll('#panel, #panel *, header *')]
    .map((e) => [e.className || e.tagName, e.getBoundingClientRect()])
    .filter(([_, r]) => r.height && (r.bottom > foot + 1 || r.right > innerWidth + 1))
    .map(([name, _]) => name);
}"""

# Text smaller than 18 px on a 1280-pixel projector; what is on the map is measured as it is drawn.
SMALL = """() => [...document.querySelectorAll('#stage *')]
  .filter((e) => e.getClientRects().length && [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
  .map((e) => [e, parseFloat(getComputedStyle(e).fontSize) * (e.ownerSVGElement ? e.getScreenCTM().a : 1)])
  .filter(([, size]) => size < 18)
  .map(([e, size]) => `${e.textContent.slice(0, 30)} ${size.toFixed(1)}`)"""


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
        if size == (1280, 720):
            assert page.evaluate(SMALL) == [], f"step {step}"
        if size == (1280, 720) and lang == "th":
            assert accessibility.grave(page) == [], f"step {step}"
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
        ("End", 10),
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


def test_what_people_say_reaches_the_zones(opened, pack):
    """Pins by mouse and keyboard, hands, undo; kept over a reload; the saved file is imported and counted by zone."""
    page, _, errors = opened()
    page.click("#dots button:nth-child(8)")
    page.dispatch_event("#add", "click")
    assert page.locator(".sums").count() == 0, "a complaint was recorded without a place"
    page.click("[data-kind=burning]")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.5 * box["height"])
    assert "กี่คนยกมือ" in page.locator(".hint").inner_text()
    for _ in range(3):
        page.click("[data-key=pin-more]")
    page.fill("#words", "หลังตลาด โทร 081-234-5678")
    page.click("#add")
    page.focus("[data-kind=dust]")
    page.keyboard.press("Enter")
    page.select_option("#quarter", index=1)
    page.click("#add")
    page.click("#undo")
    page.click("[data-kind=idea]")
    page.fill("#words", "=1+1, ปลูกต้นไม้")
    page.keyboard.press("PageDown")  # the clicker works while somebody types
    assert current(page) == "9"
    for _ in range(2):
        page.locator(".vote button[data-by='1']").first.click()
    page.keyboard.press("PageUp")
    page.click("#add")
    page.reload()
    page.click("#dots button:nth-child(10)")
    said = page.locator("#panel").inner_text()
    assert "\n4 มือ" in said and "\n1 มือ" in said and "2 มือ" in said
    page.fill("#hall", "ศาลากลางบ้าน")
    page.fill("#day", "2026-03-06")
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "meeting-2026-03-06-simulated.csv"
    saved = pack.with_name("hall.csv")
    download.value.save_as(saved)
    assert not errors
    env = os.environ | {"LAKE_CATALOG": str(pack.parent / "catalog.sqlite"), "LAKE_DATA": str(pack.parent / "files")}
    run = partial(subprocess.run, cwd=ROOT, env=env, check=True, capture_output=True, timeout=300)
    run([sys.executable, "-m", "geo", "import", "reports", str(saved)])
    with Lake.open(pack.parent / "catalog.sqlite", pack.parent / "files") as lake:
        reports = lake.reports()
        ours = reports[reports["meeting_date"] == "2026-03-06"].set_index("kind", drop=False)
    assert sorted(ours["kind"]) == ["burning", "idea", "idea"]
    assert ours.loc["burning", "votes"] == 4 and ours["simulated"].all()
    assert "081" not in str(ours["note"].tolist()) and "หลังตลาด" in ours.loc["burning", "note"]
    zones = artefacts.read(pack.parent / "screening").zones
    counted = voices.by_zone(ours, zones)
    assert counted["kind"].tolist() == ["burning"] and counted["hands"].tolist() == [4]


def test_the_keyboard_reaches_every_control(opened):
    """Tab alone comes by every button and field of the slide with most of them, and back to the first."""
    page, _, _ = opened()
    page.click("#dots button:nth-child(8)")
    page.click("[data-kind=idea]")
    wanted = page.evaluate(
        "[...document.querySelectorAll('#stage button, #stage input, #stage select')]"
        ".filter((e) => e.getClientRects().length && !e.disabled).length"
    )
    assert wanted > 20
    reached = set()
    for _ in range(wanted + 3):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("[...document.querySelectorAll('#stage *')].indexOf(document.activeElement)"))
    assert len(reached - {-1}) == wanted
    assert accessibility.unreached(page) == []


def test_presenter_and_phone(opened):
    """N shows the notes, Escape hides them, B darkens the wall; a phone gets one column without sideways scrolling."""
    page, _, errors = opened()
    assert not page.locator("#notes").is_visible()
    page.keyboard.press("n")
    first = page.locator("#notes").inner_text()
    page.keyboard.press("PageDown")
    assert page.locator("#notes li").count() >= 2 and page.locator("#notes").inner_text() != first
    with page.context.expect_page() as popped:
        page.click("#apart")
    page.keyboard.press("PageDown")
    assert page.locator("#title").inner_text() in popped.value.locator("body").inner_text()
    popped.value.keyboard.press("PageUp")
    assert current(page) == "2"
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    assert not page.locator("#stage").is_visible()
    phone, _, troubles = opened((390, 844))
    for step in range(1, STEPS + 1):
        assert phone.locator("h1").inner_text()
        assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth"), step
        phone.click("#next") if step < STEPS else None
    assert not errors and not troubles
