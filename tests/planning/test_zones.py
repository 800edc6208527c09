"""Scores, ranks, classes and reasons of priority zones."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from shapely.geometry import box

from language import UserError
from planning import zone_people
from planning.scoring import Choice, SurfaceDraws, drawn_ranks, scale, scores
from planning.settings import BURDEN, FILE, PARTS, VULNERABILITY, check_weights, read_settings, settings
from planning.zones import COLUMNS, level_of, parts_of, rank_zones


def zones(**changes: list[object]) -> gpd.GeoDataFrame:
    """Return three zones: A dusty and full of people, B less, C clean and empty."""
    table: dict[str, list[object]] = {
        "code": ["A", "B", "C"],
        "name_th": ["ก", "ข", "ค"],
        "name_en": ["Ka", "Kha", "Kho"],
        "level": ["subarea"] * 3,
        "approximate": [True] * 3,
        "simulated": [True] * 3,
        "people_source": ["register"] * 3,
        **{name: [9.0, 4.0, 0.0] for name in zone_people.COLUMNS},
        "area_km2": [1.0, 1.0, 1.0],
        "days_over": [12.0, 6.0, 0.0],
        "days_total": [60] * 3,
        "share_days": [0.2, 0.1, 0.0],
        "hot_days": [9.0, 4.0, 0.0],
        "mean_ugm3": [40.0, 33.0, 20.0],
        "lower95": [35.0, 28.0, 15.0],
        "upper95": [45.0, 38.0, 25.0],
        "people": [2000, 1000, 0],
        "receptors": [4, 1, 0],
        "schools": [3, 1, 0],
        "hospitals": [1, 0, 0],
        "factories": [9, 2, 0],
        "factories_high": [2, 0, 0],
        "factories_potential": [30.0, 6.0, 0.0],
        "hotspot_share": [0.5, 0.1, 0.0],
        "excess_ugm3": [10.0, 4.0, -2.0],
        "trend": [6.0, 5.0, -1.0],
        "trend_p": [0.01, 0.4, 0.2],
        "trend_class": ["intensifying", "persistent", "sporadic"],
        "complaints": [12, 3, 0],
        "vulnerable_people": [600, 150, 0],
        "vulnerable_source": ["registered"] * 3,
        "confidence": [80.0, 60.0, 40.0],
        "top_factory_types": ["โรงสี", "", ""],
        "top_factory_types_en": ["rice mill", "", ""],
    }
    frame = gpd.GeoDataFrame({**table, **changes}, geometry=[box(i, 0, i + 1, 1) for i in range(3)], crs=4326)
    return frame.assign(people=pd.array(frame["people"], dtype="Int64"))


WEIGHTS = {"exceedance": 0.3, "hotspot": 0.2, "people": 0.2, "receptors": 0.15, "factories": 0.15}


def test_the_score_is_the_weighted_sum_of_the_parts_by_hand() -> None:
    """B: 0.3·50 + 0.2·20 + 0.2·50 + 0.15·25 + 0.15·20 = 35.75; parts without weight are shown, not counted."""
    ranked, notes = rank_zones(zones(), WEIGHTS, settings(), 0.1)
    assert list(ranked.columns) == list(COLUMNS)
    assert ranked["code"].tolist() == ["A", "B", "C"]
    assert ranked["score"].tolist() == pytest.approx([100.0, 35.8, 0.0], abs=0.051)
    assert ranked.loc[1, [f"part_{p}" for p in WEIGHTS]].tolist() == [50.0, 20.0, 50.0, 25.0, 20.0]
    assert ranked.loc[1, ["part_excess", "part_trend", "part_vulnerable"]].tolist() == [40.0, 0.0, 25.0]
    assert ranked["class"].tolist() == ["urgent", "watch", "prevent"]
    assert not notes


def test_clean_air_is_never_urgent() -> None:
    """The most people and factories don't make a zone urgent where no day is over the standard."""
    clean = zones(days_over=[0.0] * 3, share_days=[0.0] * 3, hot_days=[0.0] * 3, hotspot_share=[0.0] * 3)
    ranked, _ = rank_zones(clean, {"people": 1.0}, settings(), 0.1)
    assert ranked["score"].iloc[0] == 100.0
    assert "urgent" not in set(ranked["class"])


def test_reasons_are_sentences_in_both_languages() -> None:
    """The first says why, with numbers, singular where there is one."""
    ranked, _ = rank_zones(zones(), WEIGHTS, settings(), 0.1)
    assert ranked["reason_en"].iloc[0] == (
        "First because dust is over the standard on about 12 of 60 days, 50 % of its area is a dust hotspot and "
        "it has 2,000 residents, 3 schools, 1 hospital and 2 factories with high dust potential."
    )
    assert ranked["reason_th"].iloc[0] == (
        "อันดับ 1 เพราะฝุ่นเกินค่ามาตรฐานราว 12 จาก 60 วัน พื้นที่ 50 % เป็นจุดวิกฤตฝุ่น "
        "และมีประชากร 2,000 คน โรงเรียน 3 แห่ง โรงพยาบาล 1 แห่ง และโรงงานที่มีศักยภาพปล่อยฝุ่นสูง 2 แห่ง"
    )
    assert ranked["reason_en"].iloc[1].endswith("it has 1,000 residents, 1 school and 2 factories.")
    assert ranked["reason_en"].iloc[2] == "Rank 3 of 3: dust is over the standard on none of 60 days."


def test_an_unknown_part_gives_its_weight_to_the_others_and_says_so() -> None:
    """Without any population the score rests on the rest; with one blank, a note warns."""
    ranked, notes = rank_zones(zones(people=[pd.NA] * 3), WEIGHTS, settings(), 0.1)
    assert ranked["score"].iloc[0] == 100.0
    assert ranked["part_people"].isna().all()
    assert [n.level for n in notes] == ["warning"] and "number of people" in notes[0].say("en")
    _, notes = rank_zones(zones(people=[100, pd.NA, 5]), WEIGHTS, settings(), 0.1)
    assert "1 of 3 zones" in notes[0].say("en")
    assert "จำนวนประชากร" in notes[0].say("th")


def test_other_weights_keep_the_ids() -> None:
    """A zone keeps its id when weights change its rank."""
    first, _ = rank_zones(zones(people=[10, 9000, 20]), {"exceedance": 1}, settings(), 0.1)
    again, _ = rank_zones(first, {"people": 1}, settings(), 0.1)
    ids = dict(zip(first["code"], first["zone_id"], strict=True))
    assert again["code"].tolist()[0] == "B"
    assert dict(zip(again["code"], again["zone_id"], strict=True)) == ids


@pytest.mark.parametrize("weights", [{"luck": 1.0}, {"people": -1.0}, {"people": 0.0}, {"people": float("nan")}])
def test_wrong_weights_are_refused(weights: dict[str, float]) -> None:
    """Unknown parts, negative, zero-sum and not-a-number weights are said to be wrong."""
    with pytest.raises(UserError):
        check_weights(weights)


def test_robustness_tells_a_firm_first_from_a_toss_up() -> None:
    """A zone that leads in everything is robust; two equal but opposite ones are not."""
    firm, _ = rank_zones(zones(), WEIGHTS, settings(), 0.1)
    assert firm["robustness"].iloc[0] == "robust"
    assert firm.loc[0, ["rank_low", "rank_high"]].tolist() == [1, 1]
    opposite = zones(
        share_days=[0.2, 0.0, 0.0],
        people=[0, 1000, 0],
        hotspot_share=[0.0] * 3,
        receptors=[0] * 3,
        factories_potential=[0.0] * 3,
    )
    open_, _ = rank_zones(opposite, {"exceedance": 1, "people": 1}, settings(), 0.1)
    assert open_["robustness"].iloc[0] == "sensitive"
    assert open_.loc[0, ["rank_low", "rank_high"]].tolist() == [1, 2]


def product_by_hand(parts: pd.DataFrame) -> list[float]:
    """Return the score of CalEnviroScreen 4.0: scaled averages of percentiles, effects half, multiplied."""
    half = {"factories": 0.5, "citizens": 0.5}
    sides = []
    for members in (BURDEN[:-1], VULNERABILITY):
        weights = [half.get(p, 1.0) for p in members]
        mean = [
            sum(w * row[p] for p, w in zip(members, weights, strict=True)) / sum(weights)
            for row in parts.to_dict("records")
        ]
        sides.append([10 * m / max(mean) for m in mean])
    return [b * v for b, v in zip(*sides, strict=True)]


def test_the_product_is_that_of_calenviroscreen() -> None:
    """Percentiles among those above zero, averaged, effects half, scaled to ten, multiplied; confidence stays out."""
    table = zones(
        share_days=[0.1, 0.3, 0.2], excess_ugm3=[4.0, 2.0, 6.0], hotspot_share=[0.0, 0.4, 0.2], people=[500, 100, 900],
        complaints=[0, 4, 1], receptors=[2, 1, 0],
    )  # fmt: skip
    ranked, notes = rank_zones(table, settings().zones_product, settings(), 0.1, "product")
    parts = parts_of(table, settings(), "product")
    assert parts["exceedance"].round(1).tolist() == [33.3, 100.0, 66.7]
    assert parts["hotspot"].tolist() == [0.0, 100.0, 50.0]
    expected = dict(zip(table["code"], product_by_hand(parts), strict=True))
    assert ranked["score"].tolist() == pytest.approx([expected[c] for c in ranked["code"]], abs=0.051)
    assert ranked["score"].is_monotonic_decreasing and ranked["burden"].max() == ranked["vulnerability"].max() == 10.0
    assert not notes
    assert level_of(49.0, "product") == pytest.approx(70.0)


def test_without_people_the_product_is_the_burden_alone_and_says_so() -> None:
    """A component of which nothing is known doesn't make every score zero."""
    table = zones(people=[pd.NA] * 3, vulnerable_people=[np.nan] * 3, receptors=[0] * 3)
    ranked, notes = rank_zones(table, settings().zones_product, settings(), 0.1, "product")
    assert ranked["score"].iloc[0] == 100.0 and ranked["vulnerability"].isna().all()
    assert any("the burden alone" in n.say("en") for n in notes)


def test_drawn_surfaces_widen_the_ranks() -> None:
    """Two zones a hair apart: sure of the map one is always first; where the map may err, either may be."""
    table = zones(share_days=[0.2, 0.21, 0.0])
    weights = dict.fromkeys(PARTS, 0.0) | {"exceedance": 1.0}
    rng = np.random.default_rng(1)
    drawn = {
        "share_days": np.clip(np.array([0.2, 0.21, 0.0]) + 0.05 * rng.standard_normal((200, 3)) * [1, 1, 0], 0, 1),
        "excess_ugm3": np.full((200, 3), 1.0),
        "hotspot_share": np.zeros((200, 3)),
    }
    sure, _ = rank_zones(table, weights, settings(), 0.1)
    open_, _ = rank_zones(table, weights, settings(), 0.1, draws=SurfaceDraws(("A", "B", "C"), drawn))
    assert sure.loc[sure["code"] == "B", ["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1]]
    assert open_.loc[open_["code"] == "B", ["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 2]]
    assert 0.4 < open_.loc[open_["code"] == "B", "top_three_share"].iloc[0] < 0.8


def test_every_draw_of_weights_gets_a_surface() -> None:
    """5,000 draws in all; the order in which the zones stand in the draws' table doesn't matter."""
    table = zones()
    drawn = {k: np.tile([0.3, 0.2, 0.1], (200, 1)) for k in ("share_days", "excess_ugm3", "hotspot_share")}
    draws = SurfaceDraws(("C", "B", "A"), drawn)
    choice = Choice(check_weights({"exceedance": 1.0}), "weighted", settings())
    ranks = drawn_ranks(parts_of(table, settings()).to_numpy(), choice, draws, ["A", "B", "C"])
    assert ranks.shape == (5000, 3)
    assert (ranks == [3, 2, 1]).all()


@examples(deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.sampled_from(["greatest", "percentile"]))
def test_parts_stay_in_range_and_in_order(values: list[float], method: str) -> None:
    """Parts lie in 0 to 100, zero stays zero, and a greater value never has a smaller part."""
    given_values = np.array(values)
    parts = scale(given_values, method)
    assert ((parts >= 0) & (parts <= 100)).all()
    assert (parts[given_values == 0] == 0).all()
    order = np.argsort(given_values, kind="stable")
    assert (np.diff(parts[order]) >= -1e-9).all()


def test_scores_of_many_weights_equal_the_single_ones() -> None:
    """The draws use the same formula as the score."""
    parts = np.array([[10.0, np.nan, 30.0], [0.0, 50.0, 100.0]])
    weights = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    many = scores(parts, weights)
    assert many.shape == (3, 2)
    for w, row in zip(weights, many, strict=True):
        assert row.tolist() == pytest.approx(scores(parts, w).tolist())
    assert many[0, 0] == pytest.approx((0.2 * 10 + 0.5 * 30) / 0.7)
    assert many[2, 0] == 0.0


def test_a_broken_settings_file_is_said_with_its_name(tmp_path: Path) -> None:
    """A missing value and a broken line both end in a sentence."""
    file = tmp_path / "screening.toml"
    file.write_text("[stations]\nradius_km = 10\n", "utf-8")
    with pytest.raises(UserError, match=r"screening.toml has no value nearest in table \[stations\]"):
        read_settings(file)
    file.write_text("[stations\n", "utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        read_settings(file)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("probability = 0.6", 'probability = "high"'),
        ("nearest = 500", "nearest = 2.5"),
        ('scaling = "greatest"', 'scaling = "loudest"'),
        ("hp_classes = [75.0, 500.0]", 'hp_classes = ["big"]'),
        ("exceedance = 0.20", "exceedance = true"),
        ('method = "product"', 'method = "luck"'),
    ],
)
def test_a_wrong_value_in_the_settings_is_said_with_its_place(tmp_path: Path, line: str, wrong: str) -> None:
    """Each names table, key and value."""
    text = FILE.read_text("utf-8")
    assert line in text
    file = tmp_path / "screening.toml"
    file.write_text(text.replace(line, wrong), "utf-8")
    with pytest.raises(UserError, match="is not what belongs there"):
        read_settings(file)
