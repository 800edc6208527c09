"""The meeting pack is one file, complete in both languages, and asks nobody outside for anything."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from language import UserError
from planning import meeting, panels
from planning.meeting import pictures, story
from planning.meeting.weeks import normal_and_bad

pytestmark = pytest.mark.slow


def data_of(text: str) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', text, re.S)[1])


@pytest.fixture
def text(screening, tmp_path) -> str:
    return meeting.write_html(screening, tmp_path / "meeting.html").read_text(encoding="utf-8")


def test_nothing_outside_is_asked_for(text):
    """No address, no import, no outside style or font; a policy inside the file forbids it as well."""
    assert "http:" not in text and "https:" not in text
    assert not re.findall(r'(?:src|href)="(?!data:|\$\{)', text)
    assert not re.findall(r"url\((?!data:|#)", text)
    assert "default-src 'none'" in text


def test_small_enough_for_a_mail(text):
    """A made-up town is far below the limit of 15 MB."""
    assert len(text.encode()) < meeting.LIMIT_BYTES / 5


def test_the_story_in_its_order(text):
    """Where, what is measured, a normal week, a bad week, where it stays, who, what to do, what you say."""
    keys = [s["key"] for s in data_of(text)["steps"]]
    assert keys == ["where", "measured", "normal", "bad", "stays", "who", "do", "say", "vote", "results"]


def test_every_sentence_in_both_languages(screening):
    """Each text of the story has Thai and English, none empty, none left in English on the Thai page."""

    def pairs(thing):
        if isinstance(thing, dict):
            if set(thing) == {"th", "en"}:
                yield thing
            else:
                for value in thing.values():
                    yield from pairs(value)
        elif isinstance(thing, list):
            for value in thing:
                yield from pairs(value)

    found = list(pairs(story.tell(screening)))
    assert len(found) > 80
    for pair in found:
        assert pair["th"] and pair["en"]
    titles = [s["title"] for s in story.tell(screening)["steps"]]
    assert all(any("ก" <= letter <= "๛" for letter in t["th"]) for t in titles)
    assert not any(any("ก" <= letter <= "๛" for letter in t["en"]) for t in titles)


def test_legend_carries_unit_period_source_and_mark(screening):
    """On every step with a raster; the simulated mark on the whole page."""
    told = story.tell(screening)
    assert told["simulated"]
    for step in told["steps"]:
        if "raster" in step["show"]:
            assert "µg/m³" in step["legend"]["title"]["en"] and "มคก./ลบ.ม." in step["legend"]["title"]["th"]
            assert "24" in step["legend"]["title"]["en"]
            assert "2569" in step["context"]["th"] and "Simulator" in step["context"]["en"]


def test_days_of_a_week_share_one_scale(screening):
    """Seven pictures a week, one set of classes for both, days in order."""
    steps = {s["key"]: s for s in story.tell(screening)["steps"]}
    assert steps["normal"]["legend"] == steps["bad"]["legend"]
    for key in ("normal", "bad"):
        assert len(steps[key]["frames"]) == 7
        assert all(f["image"].startswith("data:image/png;base64,") for f in steps[key]["frames"])
    assert sum(f["level"] for f in steps["bad"]["frames"]) > sum(f["level"] for f in steps["normal"]["frames"])


def test_names_cannot_break_out(screening, tmp_path):
    """A factory or zone called like a script stays a name."""
    screening.zones.loc[screening.zones.index[0], "name_th"] = '</script><script>alert("x")</script>'
    text = meeting.write_html(screening, tmp_path / "m.html").read_text(encoding="utf-8")
    assert "</script><script>alert" not in text
    assert data_of(text)["map"]["panels"][0]["zones"][0]["name"]["th"].startswith("</script>")


def test_too_large_is_refused(screening, tmp_path, monkeypatch):
    """In words, before anything is written."""
    monkeypatch.setattr(meeting, "LIMIT_BYTES", 1000)
    with pytest.raises(UserError, match="larger cells"):
        meeting.write_html(screening, tmp_path / "m.html")
    assert not (tmp_path / "m.html").exists()


def test_choices_are_the_plans_rows(screening):
    """Each measure once, with the zones it is for."""
    steps = {s["key"]: s for s in story.tell(screening)["steps"]}
    names = [c["name"]["th"] for c in steps["do"]["choices"]]
    assert 3 <= len(names) == len(set(names)) <= story.CHOICES
    assert any("," in c["places"]["th"] for c in steps["do"]["choices"])


def daily(values) -> pd.DataFrame:
    days = [date(2026, 1, 1) + timedelta(days=i) for i in range(len(values))]
    return pd.DataFrame({"a": values, "b": values}, index=days)


def test_the_bad_week_is_the_worst_and_the_normal_one_ordinary():
    """Known truth: a hump in the middle of a flat series."""
    usual, worst = normal_and_bad(daily([20.0] * 14 + [80.0] * 7 + [21.0] * 14))
    assert worst.days[0] == date(2026, 1, 15)
    assert set(worst.medians) == {80.0}
    assert max(usual.medians) < 30


@pytest.mark.parametrize("count", [1, 2, 5, 13])
def test_short_periods_have_short_weeks(count):
    """Never more days than there are; never none."""
    usual, worst = normal_and_bad(daily([float(i) for i in range(count)]))
    assert 1 <= len(usual.days) == len(worst.days) <= 7


def test_a_gap_of_days_is_left_out():
    """A day without any reading is not shown as zero."""
    values = [20.0] * 10 + [np.nan] * 3 + [50.0] * 10
    usual, worst = normal_and_bad(daily(values))
    assert all(np.isfinite(v) for v in (*usual.medians, *worst.medians))


def test_finer_raster_keeps_values_and_holes():
    """Bilinear between centres: the plane stays a plane, no-data cells stay where they are."""
    plane = np.add.outer(np.arange(10.0), np.arange(12.0))
    plane[0, 0] = np.nan
    fine = pictures.finer(plane)
    times = fine.shape[0] // 10
    assert times > 1
    assert np.isnan(fine[:times, :times]).all()
    assert np.isfinite(fine[times:, times:]).all()
    inner = fine[times * 3 : -times * 3, times * 3 : -times * 3]
    expected = np.add.outer(
        (np.arange(fine.shape[0]) + 0.5) / times - 0.5, (np.arange(fine.shape[1]) + 0.5) / times - 0.5
    )
    assert np.allclose(inner, expected[times * 3 : -times * 3, times * 3 : -times * 3])


def test_towns_apart_get_panels():
    """Two far parts: two panels that don't overlap; each part fits into its own."""
    from shapely.geometry import MultiPolygon, box

    shape = MultiPolygon([box(0, 0, 3000, 2000), box(20_000, 15_000, 22_000, 18_000)])
    found = panels.parts(shape)
    assert len(found) == 2
    for bounds, (_, _, width, height) in zip(found, panels.layout(2, 1000, 760, 14), strict=True):
        left, bottom, right, top = panels.fitted(bounds, height / width)
        assert left < bounds[0] and bottom < bounds[1] and right > bounds[2] and top > bounds[3]
        assert (top - bottom) / (right - left) == pytest.approx(height / width)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_panels_fill_the_frame_without_overlap(count):
    """Boxes lie inside the frame and apart from each other."""
    boxes = panels.layout(count, 1000, 760, 14)
    assert len(boxes) == count
    for i, (x, y, w, h) in enumerate(boxes):
        assert x >= 0 and y >= 0 and x + w <= 1000.01 and y + h <= 760.01
        for x2, y2, w2, h2 in boxes[i + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
