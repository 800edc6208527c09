"""The first minute: a fresh server, an empty store, and a link straight to a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize("path", [pytest.param("", marks=pytest.mark.long), "priority-zones"])
def test_a_fresh_server_answers_any_link_with_the_demo(path: str, fresh_app, visit: Callable) -> None:
    visitor = visit(fresh_app, "th")
    refused: list[str] = []
    visitor.page.on("response", lambda r: refused.append(r.url) if r.status >= 400 else None)
    visitor.open(path, lang="th")
    assert not refused  # the server is found at once: no search for it below the page's own address
    assert not visitor.page.get_by_text("Page not found").count()
    visitor.map().locator(".leaflet-container").wait_for(timeout=60_000)
    assert visitor.page.get_by_text("ข้อมูลจำลอง").first.is_visible()
    assert not visitor.outside


@pytest.mark.long
def test_an_unknown_area_in_a_link_is_said_in_words(demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, "en")
    visitor.open("dust-map", lang="en", ws="nowhere", area="nothing", period="2026-13-45..x")
    assert visitor.page.locator("h1").count() == 1
    visitor.map().locator(".leaflet-container").wait_for(timeout=60_000)


@pytest.mark.long
def test_two_towns_can_be_chosen_in_the_sidebar(demo_app, visit: Callable) -> None:
    visitor = visit(demo_app, "en")
    visitor.open("priority-zones", lang="en", ws="demo-phatong")
    assert visitor.page.get_by_text("Phatong").first.is_visible()
    assert "demo-phatong" in visitor.page.url
