"""Which week was normal and which was bad, from the stations' 24-hour means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Week:
    """Some consecutive days and each day's median over the stations, µg/m³."""

    days: tuple[date, ...]
    medians: tuple[float, ...]


def normal_and_bad(daily: pd.DataFrame, length: int = 7) -> tuple[Week, Week]:
    """Return the most ordinary week and the worst one.

    A week's level is the mean of its days' medians over the stations. The worst has the highest level;
    the ordinary one is, among the weeks that don't overlap it, the one nearest to the median level of
    all weeks. With fewer than two weeks of data, both are as long as half of the days.

    Parameters
    ----------
    daily : DataFrame (days, stations)
        24-hour means, µg/m³, index of dates.
    """
    medians = daily.median(axis=1).dropna()
    length = max(1, min(length, len(medians) // 2))
    levels = medians.rolling(length).mean().to_numpy()[length - 1 :]
    worst = int(np.argmax(levels))
    apart = [i for i in range(len(levels)) if abs(i - worst) >= length]
    middle = float(np.median(levels))
    usual = min(apart or [worst], key=lambda i: (abs(levels[i] - middle), i))

    def week(first: int) -> Week:
        part = medians.iloc[first : first + length]
        return Week(tuple(part.index), tuple(float(v) for v in part))

    return week(usual), week(worst)
