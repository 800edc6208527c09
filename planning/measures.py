"""Measures for a priority zone: which rows of data/measures.csv fit its sources, powers and people.

Question it answers: what could be done here, by whom, on what legal basis?

1. The zone's likely sources say how strong each kind of source (industry, combustion, yard, road …) is
   (`planning.zone_sources`).
2. A measure's fit is the mean strength of the sources it applies to; exposure measures count by the
   zone's people and receptors.
3. The best fitting is taken, the sources it works on then count for less, and so on: the rows
   together cover the zone's sources. Rows of one dimension and rows that only ask others are limited.
4. Who holds the power: class 1 and 2 factories and nuisance are the municipality's (delegated tasks
   of 2552, Public Health Act); class 3 is the provincial industry office's: the row then requests
   and coordinates. A tambon administration (อบต.) has no delegated tasks.

Scope cuts: the fit is a screening order, not an effect estimate; budgets stay empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from geo import catalogues
from language import N_, data_language, note, number, pollutant_name, translate
from planning.proposal import FOLDER, records, settings, split
from planning.rows import PlanRow
from planning.zone_sources import FACTORY_SOURCES, factories_of, strengths, with_groups

if TYPE_CHECKING:
    from planning.screening import Screening

ENGLISH = FOLDER / "measures_en.csv"
"""English words of the rows, for English documents; the catalogue itself is Thai first."""

DIMENSIONS = {
    "1": N_("Physical dimension"),
    "2": N_("Economic dimension"),
    "3": N_("Environmental dimension"),
    "4": N_("Social dimension"),
    "5": N_("Management dimension"),
}
"""The five eco-industrial-town dimensions, by number."""


@dataclass(frozen=True)
class Fit:
    """How well a measure fits a zone.

    Attributes
    ----------
    measure_id : str
    fit : float
        0 to 1.
    role : {"own", "request"}
    class3, class12 : int
        Factories of the zone that the measure concerns, by who supervises them.
    sources : mapping of str to float
        Strength in the zone of each source the measure applies to.
    factor : float
        What the mean strength is multiplied by (data/forms/proposal.toml).
    """

    measure_id: str
    fit: float
    role: str
    class3: int
    class12: int
    sources: Mapping[str, float] = field(default_factory=dict)
    factor: float = 1.0

    def left(self, weight: Mapping[str, float]) -> float:
        """Return the fit when some sources already count for less."""
        values = [strength * weight.get(source, 1.0) for source, strength in self.sources.items()]
        return self.factor * sum(values) / max(len(values), 1)


@cache
def _english() -> dict[str, dict[str, str]]:
    table = pd.read_csv(ENGLISH, dtype=str, encoding="utf-8").fillna("")
    return {row["measure_id"]: row for row in records(table)}


def rank_measures(
    zone: Mapping[str, Any],
    factories: pd.DataFrame,
    catalogue: pd.DataFrame | None = None,
    *,
    likely: pd.DataFrame | None = None,
    delegated: bool = True,
) -> list[Fit]:
    """Return every measure that fits a zone at all, best first.

    Parameters
    ----------
    delegated : bool
        Whether the local government holds the delegated tasks for class 1 and 2 (a municipality does).
    """
    table = catalogues.measures() if catalogue is None else catalogue
    found = strengths(zone, factories, likely)
    listed = with_groups(factories)
    types = set(listed["type_number"])
    # Plain lists: a measure is weighed a hundred times a zone, and cutting the table takes a hundred times as long.
    groups, classes = [set(s) & set(FACTORY_SOURCES) for s in listed["sources"]], _classes(listed)
    fits = []
    for measure in records(table):
        only = settings()["only_types"].get(measure["measure_id"])
        if only and not types & set(only):
            continue
        applies = split(measure["applies_to"])
        concerned = [number for number, of in zip(classes, groups, strict=True) if not of.isdisjoint(applies)]
        class3, class12 = concerned.count(3), concerned.count(1) + concerned.count(2)
        at_province = measure["power"] == "province"
        if at_province and set(applies) & set(FACTORY_SOURCES) and not concerned:
            continue  # nobody to ask the office about
        mine = delegated and at_province and class3 == 0 and class12 > 0
        fit = Fit(
            str(measure["measure_id"]),
            0.0,
            "request" if at_province and not mine else "own",
            class3,
            class12,
            {a: found.get(a, 0.0) for a in applies},
            float(settings()["factor"].get(measure["measure_id"], 1.0)),
        )
        if fit.left({}) > 0:
            fits.append(replace(fit, fit=min(fit.left({}), 1.0)))
    order = {m: i for i, m in enumerate(table["measure_id"])}
    return sorted(fits, key=lambda f: (-round(f.fit, 6), order[f.measure_id]))


def _classes(factories: pd.DataFrame) -> list[int]:
    """Return each factory's class by the Factory Act, 0 where it is not known."""
    if "factory_class" not in factories:
        return [0] * len(factories)
    known = pd.to_numeric(factories["factory_class"], errors="coerce").fillna(0)
    return [int(number) for number in known]


def _pick(fits: list[Fit], catalogue: pd.DataFrame, count: int, taken: set[str]) -> list[Fit]:
    most, dimension = settings()["most"], catalogue.set_index("measure_id")["dimension"].astype(str)
    used: dict[str, int] = {}
    picked: list[Fit] = []
    weight: dict[str, float] = {}
    open_ = [f for f in fits if f.measure_id not in taken]
    while open_ and len(picked) < count:
        best = max(open_, key=lambda f: round(f.left(weight), 6))  # the first of equals: the catalogue's order
        open_.remove(best)
        first = dimension[best.measure_id].split(";")[0]
        requests = sum(f.role == "request" for f in picked)
        if used.get(first, 0) >= most["dimension"] or (best.role == "request" and requests >= most["request"]):
            continue
        picked.append(best)
        used[first] = used.get(first, 0) + 1
        for source in best.sources:
            weight[source] = weight.get(source, 1.0) * most["again"]
    return picked


# ------------------------------------------------------------------------------ words


def area_name(screening: Screening) -> tuple[str, str]:
    """Return the Thai and English name of the screened area."""
    names = []
    for lang in ("th", "en"):
        column = screening.area.get(f"name_{lang}")
        found = [] if column is None else [str(n) for n in column.dropna().unique() if str(n)]
        names.append(", ".join(found) or screening.parameters.area)
    return names[0], names[1]


def dimension_name(numbers: object, lang: str) -> str:
    """Return the names of dimensions: ``"3;5"`` gives two, joined by a slash."""
    return " / ".join(translate(DIMENSIONS[n], lang) for n in split(numbers) if n in DIMENSIONS)


def _agency(measure: Mapping[str, Any], fit: Fit, lang: str) -> str:
    agency = str(measure.get(f"agency_{data_language(lang)}") or "")
    if measure["power"] != "province" or not (fit.class3 or fit.class12):
        return agency
    parts = []
    if fit.class12:
        parts.append(
            note("class 1–2 factories ({count}): the municipality's delegated task", count=fit.class12).say(lang)
        )
    if fit.class3:
        parts.append(
            note(
                "class 3 factories ({count}): the provincial industry office, at the municipality's request",
                count=fit.class3,
            ).say(lang)
        )
    return f"{agency} · " + " · ".join(parts)


def _reason(zone: Mapping[str, Any], fit: Fit, lang: str) -> str:
    parts = []
    days, total = _number(zone.get("days_over")), _number(zone.get("days_total"))
    if days is not None and total:
        parts.append(
            note("over the 24-hour standard on about {days} of {total} days", days=round(days), total=int(total)).say(
                lang
            )
        )
    kinds = zone.get("top_factory_types" if lang == "th" else "top_factory_types_en")
    if fit.class3 + fit.class12:
        parts.append(
            note(
                "{count} factories this concerns ({class3} of class 3)",
                count=fit.class3 + fit.class12,
                class3=fit.class3,
            ).say(lang)
        )
        if isinstance(kinds, str) and kinds:
            parts.append(note("mostly: {kinds}", kinds=kinds).say(lang))
    people = _number(zone.get("people"))
    if people:
        parts.append(note("{count} people live here", count=number(people)).say(lang))
    return "; ".join(parts)


def _number(value: object) -> float | None:
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found if isfinite(found) else None


def _baseline(zone: Mapping[str, Any], pollutant: str, lang: str) -> str:
    days, total = _number(zone.get("days_over")), _number(zone.get("days_total"))
    if days is None or not total:
        return ""
    return note(
        "baseline: {pollutant} over the 24-hour standard on about {days} of {total} days",
        pollutant=pollutant_name(pollutant),
        days=round(days),
        total=int(total),
    ).say(lang)


def _value(measure: Mapping[str, Any], name: str) -> str:
    value = measure.get(name)
    return "" if value is None or value != value else str(value).strip()


def _english_words(measure: Mapping[str, Any]) -> dict[str, str]:
    """Return ``objective_en``, ``target_en`` … of a measure, where data/forms has them."""
    words = {f"{k}_en": v for k, v in _english().get(str(measure["measure_id"]), {}).items() if k != "measure_id"}
    owner = settings()["owners_en"].get(_value(measure, "owner_th"), "")
    return {**words, "owner_en": owner} if owner else words


def row_for(
    measure: Mapping[str, Any], zone: Mapping[str, Any], fit: Fit, *, place: tuple[str, str], pollutant: str = "pm25"
) -> PlanRow:
    """Return a plan row for a measure in a zone; budgets are empty.

    Parameters
    ----------
    measure, zone : mapping
        Row of the catalogue, row of the zone table.
    place : (str, str)
        Thai and English name of the zone, or of the town for a measure of the whole town.
    """
    words: dict[str, dict[str, str]] = {}
    measure = {**_english_words(measure), **measure}
    for lang, name in zip(("th", "en"), place, strict=True):
        kpi = _value(measure, f"kpi_{lang}")
        base = _baseline(zone, pollutant, lang)
        project = _value(measure, f"project_{lang}")
        words[lang] = {
            "project": note("{project}, {place}", project=project, place=name).say(lang),
            "objective": _value(measure, f"objective_{lang}") or _value(measure, f"effect_{lang}"),
            "target": _value(measure, f"target_{lang}"),
            "kpi": f"{kpi} ({base})" if kpi and base else kpi or base,
            "result": _value(measure, f"result_{lang}"),
            "owner": _value(measure, f"owner_{lang}"),
            "law": _value(measure, f"law_{lang}"),
            "agency": _agency(measure, fit, lang),
            "dimension": dimension_name(measure["dimension"], lang),
            "reason": _reason(zone, fit, lang),
            "zone_name": name,
        }
    beyond = measure["measure_id"] in settings()["beyond"]["measures"]
    programme = _value(measure, "programme")
    return PlanRow(
        row_id=f"{zone.get('zone_id', 'town')}-{measure['measure_id']}",
        zone_id=str(zone.get("zone_id", "")),
        measure_id=str(measure["measure_id"]),
        programme=programme if programme.startswith("แผนงาน") or not programme else f"แผนงาน{programme}",
        issue=_value(measure, "issue"),
        strategy=_value(measure, "strategy"),
        role=fit.role,
        form="p02-2" if beyond else "p02",
        verified=str(measure.get("verified")).lower() == "true",
        english={k: v for k, v in words["en"].items() if v},
        **cast(Any, words["th"]),
    )


def without_place(row: PlanRow, lang: str) -> str:
    """Return a row's project without the place that `row_for` added to its name."""
    project = row.say("project", lang)
    place = row.say("zone_name", lang)
    return project.removesuffix(note("{project}, {place}", project="", place=place).say(lang)) if place else project


# ------------------------------------------------------------------------------ proposals


def propose(
    zone: Mapping[str, Any],
    factories: pd.DataFrame,
    catalogue: pd.DataFrame | None = None,
    *,
    likely: pd.DataFrame | None = None,
    area_name: tuple[str, str] | None = None,
    pollutant: str = "pm25",
    count: int | None = None,
    taken: Iterable[str] = (),
) -> list[PlanRow]:
    """Return plan rows for one zone, best fitting first.

    Parameters
    ----------
    zone : mapping
        Row of the zone table (``zone_id``, names, ``class``, parts, days …).
    factories : DataFrame
        The zone's factories (`planning.zone_sources.factories_of`).
    catalogue : DataFrame, optional
        Measures; ``data/measures.csv`` by default.
    likely : DataFrame, optional
        Likely sources of all zones (`planning.likely.COLUMNS`).
    area_name : (str, str), optional
        Names of the town, for measures of the whole town.
    count : int, optional
        How many rows; by the zone's class by default.
    taken : iterable of str
        Measures that are not to be proposed again.
    """
    table = catalogues.measures() if catalogue is None else catalogue
    here = (str(zone.get("name_th") or zone.get("zone_id")), str(zone.get("name_en") or zone.get("zone_id")))
    town = area_name or here
    wanted = settings()["rows"].get(str(zone.get("class")), 2) if count is None else count
    fits = rank_measures(zone, factories, table, likely=likely, delegated=_is_municipality(town[0]))
    by_id = {m["measure_id"]: m for m in records(table)}
    whole = set(settings()["town"]["measures"])
    return [
        row_for(by_id[f.measure_id], zone, f, place=town if f.measure_id in whole else here, pollutant=pollutant)
        for f in _pick(fits, table, wanted, set(taken))
    ]


def _is_municipality(name: str) -> bool:
    return not name.startswith(("อบต", "องค์การบริหารส่วนตำบล", "องค์การบริหารส่วนจังหวัด", "อบจ"))


def propose_all(
    zones: pd.DataFrame,
    factories: pd.DataFrame,
    catalogue: pd.DataFrame | None = None,
    *,
    likely: pd.DataFrame | None = None,
    area_name: tuple[str, str] | None = None,
    pollutant: str = "pm25",
) -> list[PlanRow]:
    """Return plan rows for all zones in the order of their rank.

    A measure of the whole town is proposed once, without a zone. Only so many zones as
    data/forms/proposal.toml says get rows: a plan of hundred rows is not decided on.
    """
    rows: list[PlanRow] = []
    whole = set(settings()["town"]["measures"])
    ranked = records(zones.sort_values("rank").head(int(settings()["rows"]["zones"])))
    for zone in ranked:
        taken = {r.measure_id for r in rows if r.measure_id in whole}
        for row in propose(
            zone, factories_of(zone, factories, likely), catalogue, likely=likely, area_name=area_name,
            pollutant=pollutant, taken=taken,
        ):  # fmt: skip
            rows.append(replace(row, zone_id="") if row.measure_id in whole else row)
    if ranked:
        rows += _missing_dimensions(ranked[0], rows, factories, catalogue, likely, area_name, pollutant)
    return rows


def _missing_dimensions(
    zone: Mapping[str, Any],
    rows: list[PlanRow],
    factories: pd.DataFrame,
    catalogue: pd.DataFrame | None,
    likely: pd.DataFrame | None,
    area_name: tuple[str, str] | None,
    pollutant: str,
) -> list[PlanRow]:
    """Return one row for the first zone for each dimension no row serves: an eco-town develops in all five."""
    table = catalogues.measures() if catalogue is None else catalogue
    served = {n for r in rows for n in split(_dimension_of(r.measure_id, table))}
    added: list[PlanRow] = []
    for number_ in DIMENSIONS:
        if number_ in served:
            continue
        fitting = table[[number_ in split(d) for d in table["dimension"]]]
        new = propose(
            zone,
            factories_of(zone, factories, likely),
            fitting,
            likely=likely,
            area_name=area_name,
            pollutant=pollutant,
            count=1,
            taken={r.measure_id for r in [*rows, *added]},
        )
        added += new
        served |= {n for r in new for n in split(_dimension_of(r.measure_id, table))}
    return added


def _dimension_of(measure_id: str, table: pd.DataFrame) -> str:
    return str(table.set_index("measure_id")["dimension"].get(measure_id, ""))
