"""Measures fit the sources, the powers and the people of a zone."""

from __future__ import annotations

import pandas as pd
import pytest

from geo import catalogues
from planning import measures, zone_sources


def zone(screening, number: int = 1) -> dict:
    return screening.zones.iloc[number - 1].to_dict()


def factories(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def test_urgent_zone_gets_more_rows_than_the_one_to_prevent(screening):
    """Five, three and two rows by class."""
    rows = measures.propose_all(screening.zones, screening.factories)
    count = pd.Series([r.row_id.split("-")[0] for r in rows]).value_counts()
    assert count["Z1"] >= 5
    assert count["Z4"] == 2


def test_no_price_is_invented(screening):
    """Every budget cell of a proposal is empty."""
    for row in measures.propose_all(screening.zones, screening.factories):
        assert row.budgets == (None,) * 5


def test_every_row_is_complete_in_thai(screening):
    """Project, objective, target, indicator, result, owner, law, agency, reason, programme, issue are filled."""
    for row in measures.propose_all(screening.zones, screening.factories):
        for name in (
            "project",
            "objective",
            "target",
            "kpi",
            "result",
            "owner",
            "law",
            "agency",
            "reason",
            "programme",
            "issue",
            "strategy",
            "dimension",
        ):
            assert getattr(row, name), (row.row_id, name)
        assert row.programme.startswith("แผนงาน")
        assert "nan" not in row.law


def test_class3_belongs_to_the_province(screening):
    """A measure for class 3 stacks is a request; the agency text says who holds the power."""
    here = factories(type_code=["01103"], factory_class=[3], potential=[9.0])
    fit = next(f for f in measures.rank_measures(zone(screening), here) if f.measure_id == "M02")
    assert (fit.role, fit.class3, fit.class12) == ("request", 1, 0)


@pytest.mark.parametrize("klass", [1, 2])
def test_class_1_and_2_belong_to_the_municipality(screening, klass):
    """Delegated tasks of 2552: the municipality acts itself; a tambon administration cannot."""
    here = factories(type_code=["01103"], factory_class=[klass], potential=[9.0])
    fits = {f.measure_id: f for f in measures.rank_measures(zone(screening), here)}
    assert fits["M01"].role == "own"
    fits = {f.measure_id: f for f in measures.rank_measures(zone(screening), here, delegated=False)}
    assert fits["M01"].role == "request"


def test_stone_crusher_measure_needs_a_stone_crusher(screening):
    """M12 is proposed only where there is a factory of type 3."""
    rice = factories(type_code=["00901"], factory_class=[2], potential=[3.0])
    stone = factories(type_code=["00301"], factory_class=[3], potential=[9.0])
    assert "M12" not in {f.measure_id for f in measures.rank_measures(zone(screening), rice)}
    assert "M12" in {f.measure_id for f in measures.rank_measures(zone(screening), stone)[:4]}


def test_sources_follow_the_register(screening):
    """A boiler makes combustion strong; without factories only what every town has remains."""
    boiler = factories(type_code=["01103"], factory_class=[3], potential=[9.0])
    none = factories(type_code=[], factory_class=[], potential=[])
    with_boiler = zone_sources.strengths(zone(screening), boiler)
    without = zone_sources.strengths(zone(screening), none)
    assert with_boiler["combustion"] > 0.8
    assert without["combustion"] == 0
    assert with_boiler["crop-burning"] > without["crop-burning"] > 0


def sources(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return likely sources of the first zone: id, kind, share."""
    table = pd.DataFrame(rows, columns=["source_id", "kind", "share"])
    return table.assign(target_id="Z1", rank=range(1, len(rows) + 1))


def test_sources_follow_what_the_wind_brings(screening):
    """Of two factories the one whose dust comes here counts, and traffic as much as the clock says."""
    two = factories(factory_id=["A", "B"], type_code=["01103", "00301"], factory_class=[3, 3], potential=[9.0, 9.0])
    of_a = sources(("A", "factory", 0.7), ("traffic", "traffic", 0.3), ("B", "factory", 0.0))
    of_roads = sources(("traffic", "traffic", 0.8), ("A", "factory", 0.1), ("burning", "burning", 0.1))
    first, second = (zone_sources.strengths(zone(screening), two, likely) for likely in (of_a, of_roads))
    assert first["combustion"] > second["combustion"] and first["road"] < second["road"]
    assert second["waste-burning"] > first["waste-burning"] == zone_sources.settings()["base"]["waste-burning"]
    elsewhere = zone_sources.strengths(zone(screening, 2), two, of_a)
    assert elsewhere == zone_sources.strengths(zone(screening, 2), two)


def test_a_suspected_factory_counts_wherever_it_stands(screening):
    """A factory of another zone that is among the first likely sources is one of those to act upon."""
    all_ = factories(factory_id=["A", "B", "C"], zone_id=["Z1", "Z2", "Z2"], type_code=["00901"] * 3)
    far = sources(("B", "factory", 0.9), ("A", "factory", 0.1))
    assert list(zone_sources.factories_of(zone(screening), all_)["factory_id"]) == ["A"]
    assert list(zone_sources.factories_of(zone(screening), all_, far)["factory_id"]) == ["A", "B"]


def test_zone_without_factories_still_gets_rows(screening):
    """Roads, burning and people's exposure are the municipality's own work."""
    rows = measures.propose(zone(screening), factories(type_code=[], factory_class=[], potential=[]))
    assert rows
    assert all(r.measure_id not in {"M01", "M02", "M03", "M07"} for r in rows)


def test_whole_town_measure_is_proposed_once(screening):
    """The sensor network belongs to the town: one row, named for it, without a zone."""
    rows = measures.propose_all(screening.zones, screening.factories, area_name=("เมืองทดลอง", "Test Town"))
    network = [r for r in rows if r.measure_id == "M29"]
    assert len(network) == 1
    assert network[0].zone_id == ""
    assert "เมืองทดลอง" in network[0].project


def test_limits_on_requests_and_dimensions(screening):
    """No zone gets a list that only asks others, or only one dimension."""
    rows = measures.propose_all(screening.zones, screening.factories)
    for z in ("Z1", "Z2"):
        mine = [r for r in rows if r.row_id.startswith(f"{z}-")]
        assert sum(r.role == "request" for r in mine) <= 2
        assert len({r.dimension.split(" / ")[0] for r in mine}) >= 2


def test_every_measure_can_become_a_row(screening):
    """Each of the catalogue's rows turns into a plan row whose words have no gaps."""
    for measure in catalogues.measures().to_dict("records"):
        fit = measures.Fit(measure["measure_id"], 0.5, "own", 2, 1)
        row = measures.row_for(measure, zone(screening), fit, place=("ที่นี่", "here"))
        assert row.project and row.english["project"]
        for name in ("objective", "target", "kpi", "result", "owner", "law", "agency", "dimension"):
            assert not any("ก" <= letter <= "๛" for letter in row.say(name, "en")), (row.row_id, name)
        assert "nan" not in f"{row.objective}{row.target}{row.kpi}{row.result}{row.owner}{row.law}".lower()


def test_missing_figures_are_left_out():
    """A zone without numbers is not said to have NaN people."""
    rows = measures.propose(
        {
            "zone_id": "Z9",
            "name_th": "ที่นั่น",
            "name_en": "there",
            "class": "urgent",
            "people": float("nan"),
            "days_over": float("nan"),
            "days_total": 21,
        },
        factories(type_code=["01103"], factory_class=[3], potential=[9.0]),
    )
    assert rows
    assert all("nan" not in r.reason and "nan" not in r.kpi for r in rows)


def test_a_plan_serves_all_five_dimensions(screening):
    """Development in all five dimensions is a prerequisite of an eco-industrial town."""
    rows = measures.propose_all(screening.zones, screening.factories)
    served = {d for r in rows for d in r.english["dimension"].split(" / ")}
    assert served == set(measures.DIMENSIONS.values())


def test_name_without_place(screening):
    """The place that was added to the project's name can be taken off in both languages."""
    row = measures.propose(zone(screening), screening.factories)[0]
    names = catalogues.measures().set_index("measure_id").loc[row.measure_id]
    assert measures.without_place(row, "th") == names["project_th"]
    assert measures.without_place(row, "en") == names["project_en"]


def test_only_the_first_zones_get_rows(screening):
    """A plan of hundred rows is not decided on."""
    many = pd.concat(
        [
            screening.zones.assign(zone_id=[f"Z{10 * k + i}" for i in range(4)], rank=range(4 * k, 4 * k + 4))
            for k in range(5)
        ]
    )
    rows = measures.propose_all(many, screening.factories)
    assert len({r.row_id.split("-")[0] for r in rows}) <= 8
