"""Every page opens in both languages, offline, without an error, and a picture of each is kept in shots/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser import accessibility

SHOTS = Path(__file__).resolve().parents[2] / "shots"
PAGES = ("", "dust-map", "dust-surface", "dust-hotspots", "priority-zones", "factory-screening", "plan-forms",
         "follow-up", "town-meeting", "my-data", "guide")  # fmt: skip
POCKET = ("", "dust-map", "plan-forms", "town-meeting", "my-data")
"""Pages that are opened on a phone in every run, the others in long ones."""
DESK = (1366, 768)


@pytest.mark.parametrize(
    ("path", "lang", "size"),
    [(path, "en", DESK) for path in PAGES]
    + [pytest.param(path, "th", DESK, marks=pytest.mark.long) for path in PAGES]
    + [pytest.param(path, "th", (390, 844), marks=() if path in POCKET else pytest.mark.long) for path in PAGES],
)
def test_a_page_opens(path: str, lang: str, size: tuple[int, int], demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, lang, size)
    visitor.open(path, lang=lang)
    page = visitor.page
    assert page.locator("h1").count() >= 1
    if path != "guide":  # the help page shows no figure
        assert page.get_by_text("ข้อมูลจำลอง" if lang == "th" else "simulated").first.is_visible()
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{path or 'overview'}-{lang}-{size[0]}.png")
    assert not visitor.outside
    assert not visitor.errors
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 2")
    assert page.evaluate("document.documentElement.lang") == lang
    if size == DESK:
        assert accessibility.grave(page) == []
        assert accessibility.unreached(page) == []


def test_the_language_switch_changes_every_word_of_the_frame(demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, "th")
    visitor.open("", lang="th")
    links = visitor.page.locator("[data-testid=stSidebarNavLink]")
    thai = links.all_inner_texts()
    visitor.page.get_by_text("English", exact=True).first.click()
    visitor.quiet()
    english = links.all_inner_texts()
    assert len(thai) == len(english) == len(PAGES)
    assert not {t.split("\n")[-1] for t in thai} & {e.split("\n")[-1] for e in english}
    assert "lang=en" in visitor.page.url


def test_the_map_is_drawn_and_says_what_it_shows(demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, "en")
    visitor.open("dust-map", lang="en")
    frame = visitor.map()
    frame.locator(".leaflet-container").wait_for()
    legend = frame.locator(".eco-legend, .legend").first
    legend.wait_for()
    words = legend.inner_text()
    assert "PM2.5" in words
    assert "µg/m³" in words
    assert "imulated" in words
    box = frame.locator(".leaflet-container").bounding_box()
    assert box and box["height"] > 350
    assert frame.locator("img.leaflet-image-layer, canvas, svg path").count() > 0


def test_a_link_brings_the_same_view_back(demo_app, visit: Callable) -> None:
    first = visit(demo_app, "en")
    first.open("", lang="en")
    first.page.locator("[data-testid=stSidebar] button", has_text="PM10").click()
    first.page.wait_for_url("**p=pm10**")
    first.quiet()
    link = first.page.url
    assert "pm10" in link
    again = visit(demo_app, "en")
    again.page.goto(link)
    again.quiet()
    assert again.page.get_by_text("PM10").first.is_visible()
    assert "pm10" in again.page.url


def test_the_period_is_chosen_in_the_calendar(demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, "th")
    visitor.open("guide", lang="th", period="2026-02-01..2026-02-20")
    page = visitor.page
    box = page.locator(".st-key-period-box button").first
    assert "1 ก.พ. – 20 ก.พ. 2569" in box.inner_text()
    box.click()
    page.locator("[data-testid=stDateInput] button").last.click()
    for day in ("5", "12"):  # a first day alone changes nothing yet, and must not close the calendar
        page.locator(f"[role=gridcell] >> text='{day}'").first.click()
        visitor.quiet()
    page.get_by_text("5 ก.พ. – 12 ก.พ. 2569").first.wait_for()
    assert "period=2026-02-05..2026-02-12" in page.url
    assert not visitor.outside and not visitor.errors
