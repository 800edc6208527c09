"""Sentences a villager understands, in Thai and English, made from the numbers of a screening."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from language import Note, concentration, note, number, span, with_range

if TYPE_CHECKING:
    import pandas as pd


def join(pieces: list[str], lang: str) -> str:
    """Return a list as a sentence has it: ``a, b and c``; in Thai ``a b และ c``."""
    if len(pieces) < 2:
        return "".join(pieces)
    if lang == "th":
        return f"{' '.join(pieces[:-1])} และ{pieces[-1]}"
    return f"{', '.join(pieces[:-1])} and {pieces[-1]}"


def percent(share: float) -> str:
    """Return a share as ``12 %``."""
    return f"{100 * share:.0f} %"


def days_sentence(days_over: float, days_total: int, lang: str) -> str:
    """Return ``Of 60 days, about 12 had dust over the standard here.``

    Parameters
    ----------
    days_over : float
        Expected days over the standard; NaN where the surface has no support.
    days_total : int
    """
    if not isfinite(days_over):
        return note("No station is near enough to say how the dust is here.").say(lang)
    count = round(days_over)
    if count == 0 and days_over >= 0.05:
        return note("Of {total} days, probably none had dust over the standard here.", total=days_total).say(lang)
    if count == 0:
        return note("Of {total} days, none had dust over the standard here.", total=days_total).say(lang)
    return note("Of {total} days, about {count} had dust over the standard here.", total=days_total, count=count).say(
        lang
    )


def exposed_note(exposed: Mapping[str, float]) -> Note | None:
    """Return how many people are over the standard on an average day (`Screening.exposed`); None where not known."""
    if not exposed:
        return None
    return note(
        "On an average day of the period about {people} people are over the 24-hour standard (90 % range: {range}).",
        people=number(exposed["mean"]), range=span(exposed["low"], exposed["high"], "en"),
    )  # fmt: skip


def unmapped_note(share: float) -> Note | None:
    """Return how much of a hotspot (``unmapped_share``, 0 to 1) has no map; None below a hundredth."""
    return note("{share} of it beyond the map", share=percent(share)) if share >= 0.01 else None


def evidence_sentence(sources: pd.DataFrame, lang: str) -> str:
    """Return what own layers show of roads and fires near a place; empty where there is no such layer.

    Parameters
    ----------
    sources : DataFrame
        Likely sources of the place (`planning.likely.COLUMNS`).
    """
    known = sources[sources["nearby"].notna()].sort_values("source_id", ascending=False)
    shown = []
    for row in known.to_dict("records"):
        often = note("upwind in {share} of the hours", share=percent(row["upwind_share"]))
        shown.append(f"{nearby_note(row).say(lang)} ({often.say(lang)})")
    return note("On own layers: {shown}.", shown="; ".join(shown)).say(lang) if shown else ""


def nearby_note(row: Mapping[Any, Any]) -> Note:
    """Return what own layers show near a place of one likely source: roads for traffic, else fires."""
    if row["source_id"] == "traffic":
        return note("{length} km of road within 1 km", length=number(row["nearby"], 1))
    return note("{count} fires on these days within 10 km", count=number(row["nearby"]))


def mean_sentence(mean: float, lower: float, upper: float, lang: str) -> str:
    """Return ``The period mean is 41.3 µg/m³ (95 % range: 33–50).``"""
    return note(
        "The period mean is {mean}.", mean=with_range(concentration(mean, lang), lower, upper, lang)
    ).say(lang)


def hotspot_sentence(row: Mapping[str, Any], lang: str) -> str:
    """Return one sentence about a hotspot: where, how often, how sure, who lives there."""
    facts = _there(row, high=False)
    first = note(
        "{name}: over the standard on about {days} of {total} days, {area} km²",
        name=row[f"name_{'th' if lang == 'th' else 'en'}"],
        days=number(row["days_over"]),
        total=row["days_total"],
        area=number(row["area_km2"], 2),
    ).say(lang)
    if not facts:
        return first + _stop(lang)
    return f"{first}{' ' if lang == 'th' else ', with '}{join([f.say(lang) for f in facts], lang)}{_stop(lang)}"


def zone_reason(row: Mapping[str, Any], count: int, lang: str) -> str:
    """Return why a zone has its rank, in one sentence.

    Parameters
    ----------
    row : mapping
        A row of the zone table.
    count : int
        Number of zones compared.
    lang : {"th", "en"}
    """
    clauses = [_days_clause(row).say(lang)]
    if row["hotspot_share"] >= 0.005:
        clauses.append(note("{share} of its area is a dust hotspot", share=percent(row["hotspot_share"])).say(lang))
    facts = _there(row, high=True)
    if facts:
        clauses.append(note("it has {things}", things=join([f.say(lang) for f in facts], lang)).say(lang))
    dusty = float(row["days_over"]) >= 0.5 or row["hotspot_share"] > 0
    return _framed(int(row["rank"]), count, join(clauses, lang), dusty).say(lang)


def _framed(rank: int, count: int, why: str, dusty: bool) -> Note:
    """Return the frame of a reason; clean air is not what puts a zone first, so it gets no "because"."""
    if not dusty and count > 1:
        return note("Rank {rank} of {count}: {why}.", rank=rank, count=count, why=why)
    if count == 1:
        return note("The only zone: {why}.", why=why)
    if rank == 1:
        return note("First because {why}.", why=why)
    if rank == 2:
        return note("Second because {why}.", why=why)
    if rank == 3:
        return note("Third because {why}.", why=why)
    return note("Rank {rank} of {count}: {why}.", rank=rank, count=count, why=why)


def _days_clause(row: Mapping[str, Any]) -> Note:
    days, total = float(row["days_over"]), int(row["days_total"])
    if not isfinite(days):
        return note("no station is near enough to know its dust")
    if round(days) == 0:
        return note("dust is over the standard on none of {total} days", total=total)
    return note("dust is over the standard on about {days} of {total} days", days=round(days), total=total)


def _there(row: Mapping[str, Any], *, high: bool) -> list[Note]:
    """Return the people and places of a row as pieces of a sentence, singular or plural, zeros left out."""
    pieces = []
    people = _count(row.get("people"))
    if people:
        pieces.append(note("{count} residents", count=number(people)))
    named = ("schools", "hospitals")
    for key in named:
        pieces += _piece(key, _count(row.get(key)))
    others = _count(row.get("receptors")) - sum(_count(row.get(key)) for key in named)
    pieces += _piece("others" if pieces[bool(people) :] else "receptors", others)
    key = "factories_high" if high and _count(row.get("factories_high")) else "factories"
    pieces += _piece(key, _count(row.get(key)))
    return pieces


def _count(value: Any) -> int:
    return 0 if value is None or value != value or str(value) == "<NA>" else round(float(value))


def _piece(key: str, count: int) -> list[Note]:
    if count < 1:
        return []
    one, many = _ONE_AND_MANY[key]
    return [Note(one.text)] if count == 1 else [Note(many.text, {"count": number(count)})]


_ONE_AND_MANY = {
    "schools": (note("1 school"), note("{count} schools")),
    "hospitals": (note("1 hospital"), note("{count} hospitals")),
    "receptors": (note("1 place with vulnerable people"), note("{count} places with vulnerable people")),
    "others": (
        note("1 other place with vulnerable people"),
        note("{count} other places with vulnerable people"),
    ),
    "factories": (note("1 factory"), note("{count} factories")),
    "factories_high": (
        note("1 factory with high dust potential"),
        note("{count} factories with high dust potential"),
    ),
}


def _stop(lang: str) -> str:
    return "" if lang == "th" else "."
