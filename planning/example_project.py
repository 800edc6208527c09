"""A project whose truth is known: in the simulated town one factory gets a filter half-way through the readings.

Question it answers: what does “Did it work?” say where we know what really happened?

The station is the one whose dust one factory adds most to; that factory truly emits a fifth of what it did from the
middle day on (`geo.simulator.intervention`). Nothing of it is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from geo import demo, quality
from geo.averages import daily_means
from geo.simulator import Simulation, intervene
from language import N_, Note, note, translate
from planning import progress
from planning.readings import LOCAL
from planning.settings import settings

LEFT = 0.2
"""Share of the emission that is left."""

WORKSPACE = "demo-ratchaburi"
RADIUS_M = 1500.0


@dataclass(frozen=True)
class Example:
    """The example, measured, beside its truth.

    Attributes
    ----------
    found : Progress
    true_change : float
        True change of a typical day at the affected stations since the start, a share.
    factory : str
        Id of the factory whose emission was cut.
    """

    found: progress.Progress
    true_change: float
    factory: str

    def sentence(self) -> Note:
        """Return the truth in words."""
        inside = self.found.effect.lower <= self.true_change <= self.found.effect.upper
        told = note("the range holds the truth") if inside else note("the range misses the truth")
        return note(
            "Simulated: factory {factory} emits {cut} % less from the start on. The true change on a typical "
            "day at these stations is {change} %; {told}.",
            factory=self.factory,
            cut=f"{100 * (1 - LEFT):.0f}",
            change=f"{100 * self.true_change:+.1f}",
            told=told,
        )


@cache
def example(seed: int = demo.SEED) -> Example:
    """Return the example of the demo town, computed once a process."""
    built = demo.tables(seed)
    return of_simulation(built.simulations[WORKSPACE], built.frames["stations"])


def of_simulation(made: Simulation, stations: pd.DataFrame) -> Example:
    """Cut the factory that one station feels most, and measure what the readings show.

    Parameters
    ----------
    stations : DataFrame
        The simulation's stations as the lake holds them (names, ``lat``, ``lon``, ``kind``).
    """
    place = made.stations[made.stations["kind"] == "lowcost"].reset_index(drop=True)
    added = made.contributions("pm25", place["x"], place["y"])
    works = added[[c for c in added.columns if c in set(_factories(made))]]
    share = works.div(added.sum(axis=1), axis=0)
    at = int(share.max(axis=1).to_numpy().argmax())
    factory = str(share.columns[int(share.iloc[at].to_numpy().argmax())])
    middle = made.scenario.days // 2
    cut = intervene(made, [factory], LEFT, middle)
    listed = stations[stations["station_id"].isin(made.stations["station_id"])]
    here = listed[listed["station_id"] == place["station_id"].iloc[at]].to_dict("records")[0]
    project = progress.Project(
        translate(N_("Example: a filter on one factory (simulated)"), "en"), float(here["lon"]), float(here["lat"]),
        made.dates[middle].date(), radius_km=RADIUS_M / 1000,
    )  # fmt: skip
    points = made.stations[["x", "y"]].to_numpy(float)
    away = np.hypot(*(points - place[["x", "y"]].to_numpy(float)[at]).T)
    ids = made.stations["station_id"].to_numpy()
    near = [str(s) for s in ids[away <= RADIUS_M]]
    far = [str(s) for s in ids[away >= 2 * RADIUS_M]]
    readings, _ = quality.flag(cut.observations, listed)
    daily = daily_of(readings)
    stayed = ([s for s in near if s in daily.columns], [s for s in far if s in daily.columns])
    found = progress.of_readings(project, daily, stayed, weather_of(made, str(ids[0])), simulated=True)
    truly = made.stations[made.stations["station_id"].isin(stayed[0])]
    change = float(cut.true_change("pm25", truly["x"], truly["y"]).mean())
    return Example(found, change, factory)


def _factories(made: Simulation) -> list[str]:
    sources = made.scenario.sources
    return [str(s) for s in sources.loc[sources["kind"] == "factory", "source_id"]]


def daily_of(readings: pd.DataFrame) -> pd.DataFrame:
    """Return the 24-hour means of PM2.5 readings: index date, one column a station."""
    means = daily_means(readings[readings["variable"] == "pm25"], completeness=settings().days_completeness)
    table = means[means["value"].notna()].pivot_table(index="date", columns="station_id", values="value")
    table.index = pd.Index([pd.Timestamp(d).date() for d in table.index], name="date")
    return table


def weather_of(made: Simulation, station: str) -> pd.DataFrame:
    """Return the weather of each day as a station measures it."""
    rows = made.wind_observations(station)
    hourly = rows.pivot_table(index="time", columns="variable", values="value").reset_index()
    day = pd.to_datetime(hourly["time"], utc=True).dt.tz_convert(LOCAL).dt.date
    return pd.DataFrame(progress.with_components(hourly).groupby(day)[progress.MEANS].mean())
