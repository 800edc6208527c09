"""What stands on the sheet of a hotspot, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from language import (
    N_,
    UserError,
    concentration,
    data_language,
    date_range,
    day,
    note,
    number,
    pollutant_name,
    probability_words,
    translate,
    unit,
    with_range,
)
from planning import charts, maps, profiles, surfaces, trends
from planning.sentences import days_sentence, evidence_sentence, unmapped_note
from planning.settings import settings
from planning.spot_hours import Hours

if TYPE_CHECKING:
    from planning.screening import Screening

SOURCES = 5
"""Likely sources listed; the others are in likely.csv."""

CONFIDENCE = {"robust": N_("firm"), "likely": N_("likely"), "weak": N_("weak")}


@dataclass(frozen=True)
class Picture:
    """A picture (PNG) and what it shows."""

    png: bytes
    caption: str


@dataclass(frozen=True)
class Sheet:
    """A hotspot's sheet in words and pictures.

    Attributes
    ----------
    title, lead : str
    facts : list of (name, value)
    parts : list of (heading, sentences)
        Trend; hours of the day, weekdays and months.
    headings, sources : the table of likely sources
    sources_words : list of str
        Before and after it: screening evidence, not proof.
    map, charts : pictures
    foot : str
        What every figure is: pollutant, averaging, period, standard, source, data snapshot.
    simulated : str
        The mark, empty for measured data.
    lang : str
    """

    title: str
    lead: str
    facts: list[tuple[str, str]]
    parts: list[tuple[str, list[str]]]
    headings: list[str]
    sources: list[list[str]]
    sources_words: list[str]
    map: Picture
    charts: list[Picture]
    foot: str
    simulated: str
    lang: str


def of_spot(screening: Screening, spot: str, hours: Hours, lang: str) -> Sheet:
    """Return the sheet of a hotspot.

    Raises
    ------
    UserError
        If the screening has no such hotspot.
    """
    spots = trends.all_spots(screening)
    rows = spots[spots["hotspot_id"].astype(str) == spot]
    if rows.empty:
        raise UserError("There is no hotspot {spot} in this screening.", spot=spot)
    row = rows.iloc[0]
    shape = rows.to_crs(screening.surface.rio.crs).geometry.iloc[0]
    trend = trends.of_spot(screening, shape)
    made = hours.profiles.get(spot, {})
    named = str(row[f"name_{data_language(lang)}"])
    local = is_local(spot)
    kind = N_("Local hotspot {rank}: {name}") if local else N_("Hotspot {rank}: {name}")
    sources, weighed = _weighed(screening, spot, shape, lang)
    return Sheet(
        title=note(kind, rank=int(row["rank"]), name=named).say(lang),
        lead=_local_lead(row, lang) if local else days_sentence(row["days_over"], int(row["days_total"]), lang),
        facts=[*(_local_facts(screening, row, shape, lang) if local else _health_facts(row, lang)),
               *_common_facts(row, trend, made, lang)],
        parts=[(translate(N_("Trend"), lang), [_bold(trend.name.say(lang)), *trend.sentences(lang)]),
               (translate(N_("Hours, weekdays and months"), lang), _hours_words(made, hours, lang))],
        headings=[note(h).say(lang) for h in ("Rank", "Source", "Share (%)", "Rank range", "Distance (km)")],
        sources=_sources(sources, lang),
        sources_words=[*_sources_words(sources, lang), *weighed],
        map=_map(screening, shape, sources, (spot, named), lang),
        charts=_charts(screening, shape, trend, made, named, lang),
        foot=_foot(screening, lang),
        simulated=translate(N_("Simulated data"), lang) if screening.simulated else "",
        lang=lang,
    )  # fmt: skip


def _bold(text: str) -> str:
    return text[:1].upper() + text[1:] + ("." if text.isascii() else "")


def _range(row: pd.Series[Any], name: str, lang: str, digits: int = 0) -> str:
    """Return `` (90 % range: 4–8)`` where the simulated maps gave one, else nothing."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    return with_range("", float(low), float(high), lang, digits, sure=90)


def is_local(spot: str) -> bool:
    """Return whether a hotspot stands above the background (L…) rather than over the standard (H…)."""
    return spot.startswith("L")


def _local_lead(row: pd.Series[Any], lang: str) -> str:
    return note(
        "Of {total} days, about {count} had clearly more dust here than the region around it in the same hours.",
        total=int(row["days_total"]), count=number(row["days_over"]),
    ).say(lang)  # fmt: skip


def _mean(mean: float, low: float, high: float, lang: str, digits: int = 0) -> str:
    return with_range(concentration(mean, lang), low, high, lang, digits)


def _health_facts(row: pd.Series[Any], lang: str) -> list[tuple[str, str]]:
    """Return how often and by how much it is over the standard."""
    days = note("{count} of {total} days", count=number(row["days_over"]), total=int(row["days_total"])).say(lang)
    return [
        (note("How often").say(lang), days + _range(row, "days", lang)),
        (note("How likely is a hotspot here").say(lang), probability_words(float(row["probability"]), lang)),
        (note("Mean of the period").say(lang), _mean(row["mean_ugm3"], row["lower95"], row["upper95"], lang)),
        (note("Above the standard, on the days over it").say(lang), concentration(row["excess_ugm3"], lang)),
    ]


def _local_facts(screening: Screening, row: pd.Series[Any], shape: Any, lang: str) -> list[tuple[str, str]]:
    """Return how often and by how much it stands above the background, and the mean it has."""
    cells = surfaces.cells_in(shape, screening.grid)
    layers = [screening.surface[name].to_numpy()[cells] for name in ("mean", "lower95", "upper95")]
    known = all(np.isfinite(layer).any() for layer in layers)
    middle, low, high = (float(np.nanmean(layer)) if known else float("nan") for layer in layers)
    mean = _mean(middle, low, high, lang) if known else "–"
    days = note("{count} of {total} days", count=number(row["days_over"]), total=int(row["days_total"])).say(lang)
    above = note(
        "Days more than {limit} above the background", limit=concentration(settings().local_excess_ugm3, lang)
    )  # fmt: skip
    return [
        (above.say(lang), days + _range(row, "days", lang)),
        (note("Above the background, mean").say(lang),
         _mean(row["mean_ugm3"], row["lower95"], row["upper95"], lang, 1)),
        (note("Mean of the period").say(lang), mean),
    ]  # fmt: skip


def _common_facts(
    row: pd.Series[Any], trend: trends.Trend, made: dict[str, profiles.Profile], lang: str
) -> list[tuple[str, str]]:
    """Return size, people, places, trend, hours and how firm all that is."""

    def say(text: str, **values: Any) -> str:
        return note(text, **values).say(lang)

    def count(value: Any) -> str:
        return "–" if value is None or pd.isna(value) else number(float(value))

    worst = pd.to_datetime(row["max_day"])
    others = int(row["receptors"]) - int(row["schools"]) - int(row["hospitals"])
    cared = say("schools {schools}, hospitals {hospitals}, other places of care {others}",
                schools=count(row["schools"]), hospitals=count(row["hospitals"]), others=count(others))  # fmt: skip
    beyond = unmapped_note(float(row["unmapped_share"]))
    size = f"{number(row['area_km2'], 2)} {translate(N_('km²'), lang)}" + _range(row, "area_km2", lang, 1)
    facts = [
        (say("Area"), f"{size}, {beyond.say(lang)}" if beyond else size),
        (say("Who lives there"), say("{count} people", count=count(row["people"])) + _range(row, "people", lang)),
        (say("Who needs care"), cared),
        (say("Worst day"), "–" if pd.isna(worst) else day(worst.date(), lang)),
        (say("Factories within 1 km"), count(row["factories"])),
        (say("Trend"), trend.name.say(lang)),
        (say("Worst hours"), (made["hour"].words if "hour" in made else "") or "–"),
    ]
    if str(row.get("confidence")) in CONFIDENCE:
        facts.append((say("Confidence"), translate(CONFIDENCE[str(row["confidence"])], lang)))
    if pd.notna(row.get("rank_low")) and pd.notna(row.get("rank_high")):
        low, high = int(row["rank_low"]), int(row["rank_high"])
        facts.append((say("Rank range (90 %)"), f"{low}" if low == high else f"{low}–{high}"))
    return facts


def _weighed(screening: Screening, spot: str, shape: Any, lang: str) -> tuple[pd.DataFrame, list[str]]:
    """Return the likely sources of a hotspot; of a local one those of the hotspot or zone that holds most of it."""
    rows = screening.likely
    if rows.empty or (rows["target_id"] == spot).any() or not is_local(spot):
        return rows[rows["target_id"] == spot], []
    for table, key in ((screening.hotspots, "hotspot_id"), (screening.zones, "zone_id")):
        if table.empty:
            continue
        shared = table.to_crs(screening.surface.rio.crs).geometry.intersection(shape).area.to_numpy()
        best = table.iloc[int(np.argmax(shared))]
        found = rows[rows["target_id"] == best[key]]
        if shared.max() > 0 and len(found):
            words = note(
                "Weighed for {place}, which holds most of it.",
                place=f"{best[key]} {best[f'name_{data_language(lang)}']}",
            )
            return found, [words.say(lang)]
    return rows[:0], []


def _hours_words(made: dict[str, profiles.Profile], hours: Hours, lang: str) -> list[str]:
    if hours.problem is not None:
        return [hours.problem.say(lang)]
    return [made[kind].sentence.say(lang) for kind in profiles.KINDS if kind in made]


def _sources(rows: pd.DataFrame, lang: str) -> list[list[str]]:
    """Return the first likely sources as rows of text."""
    others = {
        "traffic": N_("Traffic and the town's small sources"),
        "burning": N_("Open burning, by the hours of the day"),
    }
    listed = []
    for _, row in rows.sort_values("rank").head(SOURCES).iterrows():
        source = str(row["source_id"])
        named = row["name_th"] if isinstance(row["name_th"], str) and row["name_th"] else source
        kind = row[f"type_name_{data_language(lang)}"]
        if lang != "th" and isinstance(kind, str) and kind:  # what a reader without Thai understands comes first
            named = f"{kind}: {named.split(' (')[0]}"
        low, high = int(row["rank_low"]), int(row["rank_high"])
        listed.append(
            [
                str(int(row["rank"])),
                translate(others[source], lang) if source in others else
                f"{named} ({kind})" if isinstance(kind, str) and kind and kind not in named else str(named),
                number(100 * float(row["share"])),
                f"{low}–{high}" if low != high else f"{low}",
                "–" if pd.isna(row["distance_km"]) else number(float(row["distance_km"]), 1),
            ]
        )  # fmt: skip
    return listed


def _sources_words(rows: pd.DataFrame, lang: str) -> list[str]:
    said = [
        note(
            "Screening evidence, not proof: nobody is accused. Visit and measure before you conclude; filters, fuel "
            "and hours of work are not in the data."
        ).say(lang)
    ]
    if rows.empty:
        none = note("Nothing can be said: no day over the standard with wind readings, or no source within reach.")
        return [*said, none.say(lang)]
    rests = note(
        "From {hours} hours with dust over the standard and wind, on {days} days. The share is a part of all that was "
        "weighed (plume weight × strength by type and horsepower), not a measured contribution.",
        hours=int(rows["hours"].iloc[0]), days=int(rows["days"].iloc[0]),
    )  # fmt: skip
    return [*said, rests.say(lang), *filter(None, [evidence_sentence(rows, lang)])]


def _map(screening: Screening, shape: Any, rows: pd.DataFrame, named: tuple[str, str], lang: str) -> Picture:
    """Return the map around the hotspot, with the likely sources by their ranks."""
    places = screening.factories.to_crs(screening.surface.rio.crs).drop_duplicates("factory_id")
    places = places.set_index(places["factory_id"].astype(str)).geometry
    numbers = []
    for _, row in rows.sort_values("rank", ascending=False).iterrows():
        if int(row["rank"]) <= SOURCES and str(row["source_id"]) in places.index:
            point = places[str(row["source_id"])]
            if not point.is_empty:
                numbers.append((float(point.x), float(point.y), str(int(row["rank"]))))
    caption = note("Map of {name}: period mean, hotspot and stations", name=named[1]).say(lang)
    numbered = translate(N_("likely source, by rank"), lang)
    return Picture(
        maps.draw_around(screening, shape, lang, 1500, 690, badge=named[0], numbers=numbers, numbered=numbered), caption
    )


def _charts(
    screening: Screening, shape: Any, trend: trends.Trend, made: dict[str, profiles.Profile], named: str, lang: str
) -> list[Picture]:
    """Return the days, the trend, and the profiles there are."""
    pollutant = pollutant_name(screening.parameters.pollutant)
    mean, _ = surfaces.daily_at(screening.kriging, trends.places_in(screening, shape), screening.standard.value)
    title = note("{pollutant} day by day, {name}", pollutant=pollutant, name=named).say(lang)
    days = charts.daily_bars(
        screening.days, mean.mean(axis=1).tolist(), screening.standard.value, title=title, unit=unit(lang), lang=lang,
        height=370,
    )  # fmt: skip
    found = [Picture(days, title)]
    if len(trend.series):
        title = note("{pollutant} against the network, {name}", pollutant=pollutant, name=named).say(lang)
        labels = [day(d, lang, year=False) for d in trend.series["start"]]
        dark = set(np.flatnonzero(trend.series["high"].to_numpy(bool)).tolist())
        png = charts.labelled_bars(
            labels, trend.series["excess"].tolist(), title=title, unit=unit(lang), dark=dark, height=330
        )
        found.append(Picture(png, title))
    titles = {
        "hour": N_("{pollutant} by the hour of the day, {name}"),
        "weekday": N_("{pollutant} by the day of the week, {name}"),
        "month": N_("{pollutant} by the month, {name}"),
    }
    for kind in profiles.KINDS:
        if kind not in made or made[kind].table.empty:
            continue
        table = made[kind].table
        title = note(titles[kind], pollutant=pollutant, name=named).say(lang)
        keys = [int(k) for k in table["key"]]
        labels = [f"{k:02d}" if kind == "hour" else profiles.key_name(kind, k, lang) for k in keys]
        dark = {i for i, k in enumerate(keys) if k in made[kind].peak}
        ranges = list(zip(table["lower95"].tolist(), table["upper95"].tolist(), strict=True))
        png = charts.labelled_bars(
            labels, table["mean"].tolist(), title=title, unit=unit(lang), ranges=ranges, dark=dark, height=330
        )
        found.append(Picture(png, title))
    return found


def _foot(screening: Screening, lang: str) -> str:
    """Return what every figure is and rests on."""
    parameters = screening.parameters
    parts = [
        note("{pollutant}, 24-hour means, {unit}", pollutant=pollutant_name(parameters.pollutant), unit=unit(lang)),
        note("period {period}", period=date_range(parameters.start, parameters.end, lang)),
        note("standard {value}", value=concentration(screening.standard.value, lang)),
        note("source: {source}", source="; ".join(screening.sources[:2])),
        note("data snapshot {snapshot}", snapshot=screening.snapshot),
    ]
    return " · ".join(p.say(lang) for p in parts)
