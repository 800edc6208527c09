"""Maps never leave the machine: every address is mapped to the vendored bundle, or refused."""

from __future__ import annotations

import folium
import folium.plugins
import pytest
from branca.element import Element

from pages.parts import map_view


def links(element: Element) -> list[str]:
    """Return every address that an element and its children ask for."""
    own = [url for _, url in [*getattr(element, "default_js", []), *getattr(element, "default_css", [])]]
    return own + [url for child in element._children.values() for url in links(child)]


def test_everything_we_use_is_in_the_bundle() -> None:
    made = folium.Map(tiles=None)
    folium.plugins.MarkerCluster().add_to(made)
    folium.plugins.Fullscreen().add_to(made)
    asked = links(made)
    assert len(asked) > 8
    assert [map_view.local(url) for url in asked] == [None] * len(asked)


@pytest.mark.parametrize(
    "url",
    [
        "https://d3js.org/d3.v4.min.js",
        "http://example.org/x.js",
        "//netdna.bootstrapcdn.com/fonts/x.css".replace("bootstrap", "b"),
    ],
)
def test_an_outside_address_nobody_vendored_is_refused(url: str) -> None:
    with pytest.raises(LookupError, match="not vendored"):
        map_view.local(url)


def test_a_local_address_is_kept() -> None:
    assert map_view.local("../../app/static/x.js") == "../../app/static/x.js"


def test_the_bundle_is_the_one_its_script_builds() -> None:
    """A change in static/map or static/vendor without a new bundle would show old drawing."""
    import hashlib
    import importlib.util

    spec = importlib.util.spec_from_file_location("build_bundle", map_view.STATIC / "build_bundle.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    name = map_view.bundle().rsplit("/", 1)[1]
    text = (map_view.STATIC / "vendor" / name).read_text(encoding="utf-8")
    assert hashlib.sha256(text.encode()).hexdigest()[:12] in name
    assert module.scripts() in text, "run python static/build_bundle.py"


def test_the_bundle_inserts_its_styles_first_and_asks_nobody() -> None:
    name = map_view.bundle().rsplit("/", 1)[1]
    text = (map_view.STATIC / "vendor" / name).read_text(encoding="utf-8")
    first = text.splitlines()[0]
    assert "createElement('style')" in first and "@font-face" in first
    assert "url(http" not in first and "url(//" not in first


def test_a_key_with_an_underscore_is_refused() -> None:
    with pytest.raises(ValueError, match="underscore"):
        map_view.show_map(folium.Map(tiles=None), "a_b")


def test_opening_a_map_tells_the_page_nothing_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser counts clicks from 0; told None, it would have every page with a map run twice."""
    sent: dict[str, object] = {}
    monkeypatch.setattr(map_view, "_component", lambda *args, **given: sent.update(given))
    told = {"js_links": [], "css_links": []}
    map_view._offline(**told, default={"last_clicked": None, "last_object_clicked_count": None})
    assert sent["default"] == {"last_clicked": None, "last_object_clicked_count": 0}
    map_view._offline(**told, default={"last_clicked": None})
    assert sent["default"] == {"last_clicked": None}


def answer(**changed: object) -> dict[str, object]:
    return dict.fromkeys(map_view.CLICKS) | changed


def test_a_click_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_view.st, "session_state", {})
    place = {"lat": 13.8, "lng": 99.8}
    assert map_view.clicked(answer(), "m") is None
    assert map_view.clicked(answer(last_clicked=place), "m") == map_view.Click(13.8, 99.8)
    assert map_view.clicked(answer(last_clicked=place), "m") is None


def test_a_click_on_a_sign_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_view.st, "session_state", {})
    item = {"lat": 13.8, "lng": 99.8}
    drawn = {"properties": {"kind": "station", "id": "s1"}}
    told = answer(last_object_clicked=item, last_object_clicked_count=1, last_active_drawing=drawn)
    assert map_view.clicked(told, "m") == map_view.Click(13.8, 99.8, "station", "s1")
    again = told | {"last_object_clicked_count": 3}
    assert map_view.clicked(again, "m") == map_view.Click(13.8, 99.8, "station", "s1")
