"""A measure that really is taken in a simulation: some sources emit less from a day on.

The same scenario is simulated twice, once as it is and once with the smaller sources; weather, regional dust and
sensor errors draw from streams of their own and stay the same. Readings before the day come from the first, later
ones from the second, and the true change at any place comes from the two.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.simulator.simulation import Simulation, simulate


@dataclass(frozen=True)
class Intervention:
    """A simulation with and without the measure.

    Attributes
    ----------
    without, with_it : Simulation
    first_day : int
        Position in ``without.dates`` from which the sources emit less.
    """

    without: Simulation
    with_it: Simulation
    first_day: int

    @property
    def observations(self) -> pd.DataFrame:
        """What the sensors report: as `Simulation.observations`."""
        begin = self.without.times[self.first_day * 24]
        before, after = self.without.observations, self.with_it.observations
        return pd.concat([before[before["time"] < begin], after[after["time"] >= begin]], ignore_index=True)

    def true_change(self, pollutant: str, x: ArrayLike, y: ArrayLike) -> NDArray[np.float64]:
        """Return the true change of a typical 24-hour mean since the day at each place (−0.2: a fifth less).

        Typical: the geometric mean over the days of the ratio of the air with the measure to the air without it.
        """
        old = self.without.daily_truth(pollutant, x, y)[self.first_day :]
        new = self.with_it.daily_truth(pollutant, x, y)[self.first_day :]
        return np.asarray(np.exp(np.log(new / old).mean(axis=0)) - 1)


def intervene(made: Simulation, sources: Collection[str], share: float, first_day: int) -> Intervention:
    """Let some sources emit only `share` of what they did from a day on.

    Parameters
    ----------
    sources : collection of str
        ``source_id`` of the scenario's sources.
    share : float
        What is left, 0 to 1.
    first_day : int
    """
    table = made.scenario.sources
    factor = np.where(table["source_id"].isin(list(sources)), share, 1.0)
    less = table.assign(pm25=table["pm25"] * factor, pm10=table["pm10"] * factor)
    return Intervention(made, simulate(replace(made.scenario, sources=less)), first_day)
