"""KPIs with a baseline from the surface, a target a year, and the smallest change this network could show.

1. Baselines: days over the 24-hour standard and mean, weighted by the people of the zones, and days over in the
   first zones; complaints heard in meetings.
2. Next to each stands the smallest change between two such periods that the network tells from chance with 80 %
   power (`planning.detectable`), what it shares with stations outside the area taken off; for a count of complaints
   the same from its Poisson noise.
3. Targets are the office's: `filled` puts even steps between what it typed; `doubts` says which target is too near
   to the baseline to be shown.

Scope cut: the same period of later years is compared; a baseline of one season is no annual figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo.schema import COMPLAINTS
from language import N_, Note, UserError, note, number, pollutant_name, unit
from planning import burden
from planning.detectable import YEAR, kpi_series, smallest_detectable

if TYPE_CHECKING:
    from planning.plan import Plan
    from planning.screening import Screening

KPIS = ("days_over", "mean", "complaints")
ZONES = 3
"""Zones that get a KPI of their own."""

POWER_AND_CONFIDENCE = 1.96 + 0.84
"""Standard errors of a change found with 80 % power at 95 % confidence."""

Years = tuple[float | None, ...]


@dataclass(frozen=True)
class Target:
    """One KPI of the plan.

    Attributes
    ----------
    kpi : {"days_over", "mean", "complaints"}
    zone_id, name_th, name_en : str
        Zone it is about; empty for the whole area.
    pollutant : {"pm25", "pm10"}
    baseline : float
        Days, µg/m³ or complaints, of the period of `days` days.
    detectable : float or None
        Smallest change between two such periods that the network can show, in the same unit; None where unknown.
    days : int
        Days of the baseline's period.
    years : tuple of float or None, length 5
        The office's targets.
    """

    kpi: str
    baseline: float
    days: int
    pollutant: str = "pm25"
    zone_id: str = ""
    name_th: str = ""
    name_en: str = ""
    detectable: float | None = None
    years: Years = (None,) * 5

    @property
    def key(self) -> str:
        """``days_over|Z1``."""
        return f"{self.kpi}|{self.zone_id}"

    def label(self, lang: str) -> str:
        """Return what it is, with place, unit and averaging period."""
        place = (self.name_th if lang == "th" else self.name_en) or note("whole area, by people").say(lang)
        kind = pollutant_name(self.pollutant)
        if self.kpi == "days_over":
            return note("{place}: {pollutant}, days over the 24-hour standard, of {days} days", pollutant=kind,
                        days=self.days, place=place).say(lang)  # fmt: skip
        if self.kpi == "mean":
            return note("{place}: {pollutant} that people breathe, mean of {days} days ({unit}, 24 h)",
                        pollutant=kind, unit=unit(lang), days=self.days, place=place).say(lang)  # fmt: skip
        return note("complaints about smoke, dust, smell and burning heard in meetings (whole area)").say(lang)


def baselines(screening: Screening) -> tuple[Target, ...]:
    """Return the KPIs of a screening with their baselines and what the network could show."""
    zones = screening.zones.sort_values("rank")
    days, limit = screening.days_total, screening.standard.value
    kind = screening.parameters.pollutant
    inside, outside = _sides(screening)
    over = _detectable(inside, outside, days, limit)
    people = pd.to_numeric(zones["people"], errors="coerce").to_numpy(float, na_value=float("nan"))
    days_over = zones["days_over"].to_numpy(float)
    whole = burden.weighted_mean(people, days_over, days_over, days_over)
    mean = burden.weighted_mean(people, zones["mean_ugm3"], zones["lower95"], zones["upper95"])
    found = []
    if whole is not None:
        found.append(Target("days_over", whole.value, days, kind, detectable=over))
    if mean is not None:
        found.append(Target("mean", mean.value, days, kind, detectable=_detectable(inside, outside, days, None)))
    for row in zones.head(ZONES).to_dict("records"):
        near = _stations_of(screening, str(row["zone_id"]))
        own = _detectable(screening.daily[near], outside, days, limit) if near else None
        found.append(
            Target("days_over", float(row["days_over"]), days, kind, str(row["zone_id"]), str(row["name_th"]),
                   str(row["name_en"]), own)
        )  # fmt: skip
    heard = getattr(screening, "reports", None)
    count = 0.0 if heard is None or heard.empty else float(heard["kind"].isin(COMPLAINTS).sum())
    if count:
        found.append(Target("complaints", count, days, kind, detectable=POWER_AND_CONFIDENCE * sqrt(2 * count)))
    return tuple(found)


def _stations_of(screening: Screening, zone_id: str) -> list[str]:
    zone = screening.zones[screening.zones["zone_id"] == zone_id]
    inside = screening.stations[screening.stations.within(zone.geometry.iloc[0])]
    return [s for s in inside["station_id"] if s in screening.daily.columns]


def _sides(screening: Screening) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the 24-hour means of the area's stations and of those outside (empty where there are fewer than two)."""
    daily, table = screening.daily, screening.stations
    if "distance_km" not in table:
        return daily, daily.iloc[:, :0]
    far = [s for s in table.loc[table["distance_km"] > 0, "station_id"] if s in daily.columns]
    near = [s for s in daily.columns if s not in set(far)]
    return (daily[near], daily[far]) if len(far) >= 2 and near else (daily, daily.iloc[:, :0])


def _detectable(daily: pd.DataFrame, outside: pd.DataFrame, days: int, limit: float | None) -> float | None:
    """Return the smallest change between two periods of `days` days: days of the period, or µg/m³."""
    series = kpi_series(daily, threshold=limit).dropna()
    if series.empty or float(series.std()) == 0:
        return None
    controls = None if outside.empty else kpi_series(outside, threshold=limit).dropna()
    try:
        change = smallest_detectable(series, days_before=days, days_after=days, controls=controls).change
    except UserError:
        return None
    return change if limit is None else min(change * days / YEAR, float(days))


def merged(targets: Sequence[Target], fresh: Sequence[Target]) -> tuple[Target, ...]:
    """Return fresh baselines with the years typed before."""
    typed = {t.key: t.years for t in targets}
    return tuple(replace(t, years=typed.get(t.key, t.years)) for t in fresh)


def filled(target: Target) -> Target:
    """Return the target with even steps from the baseline through the years that were typed.

    Examples
    --------
    >>> filled(Target("mean", 40.0, 60, years=(None, None, None, 32.0, None))).years
    (38.0, 36.0, 34.0, 32.0, None)
    """
    years = list(target.years)
    last, value = -1, target.baseline
    for at, typed in enumerate(target.years):
        if typed is None:
            continue
        for between in range(last + 1, at):
            years[between] = round(value + (typed - value) * (between - last) / (at - last), 2)
        last, value = at, typed
    return replace(target, years=tuple(years))


def doubts(plan: Plan) -> list[Note]:
    """Return which targets could not be shown to be reached, and which ask for more dust than now."""
    found, hidden = [], [t for t in plan.targets if _hidden(t)]
    if hidden:
        found.append(
            note("These readings could not show any decrease yet; a longer series or more stations would: {labels}.",
                 "warning", labels=_Label(hidden))
        )  # fmt: skip
    for target in plan.targets:
        if target in hidden:
            continue
        typed = {y: wanted for y, wanted in zip(plan.years, target.years, strict=True) if wanted is not None}
        higher = {y: wanted for y, wanted in typed.items() if wanted > target.baseline}
        least = target.detectable or 0.0
        near = {y: wanted for y, wanted in typed.items() if y not in higher and target.baseline - wanted < least}
        found += [_doubt(target, years, higher=years is higher) for years in (higher, near) if years]
    return found


def _hidden(target: Target) -> bool:
    """Return whether even a fall to nothing could not be told from chance."""
    return target.kpi != "complaints" and target.detectable is not None and target.detectable >= target.baseline


def _doubt(target: Target, years: Mapping[int, float], *, higher: bool) -> Note:
    values: dict[str, Any] = {"years": ", ".join(f"{year} ({number(wanted, 1)})" for year, wanted in years.items()),
                              "baseline": number(target.baseline, 1), "label": _Label([target])}  # fmt: skip
    if higher:
        return note("{label}: targets above the baseline ({baseline}): {years}.", "warning", **values)
    return note(
        "{label}: targets so near to the baseline ({baseline}) that this network could not show them: {years}. A "
        "change of {least} could be shown.", "info", least=number(target.detectable or 0.0, 1), **values,
    )  # fmt: skip


class _Label(Note):
    """The names of KPIs in the reader's language."""

    def __init__(self, targets: Sequence[Target]) -> None:
        super().__init__("; ".join(target.key for target in targets))
        object.__setattr__(self, "targets", tuple(targets))

    def say(self, lang: str = "en") -> str:
        """Return the names."""
        return "; ".join(target.label(lang) for target in self.targets)  # type: ignore[attr-defined]


def from_stored(stored: Sequence[Mapping[str, Any]]) -> tuple[Target, ...]:
    """Read targets from a plan's plain values."""
    return tuple(Target(**{**one, "years": tuple(one["years"])}) for one in stored)


HEADS = (N_("Indicator"), N_("Baseline"), N_("Smallest change that can be shown"))


def cells(target: Target) -> list[str]:
    """Return baseline, detectable change and the years' targets as text."""
    shown = "–" if target.detectable is None else number(target.detectable, 1)
    return [number(target.baseline, 1), shown, *("" if y is None else number(y, 1) for y in target.years)]
