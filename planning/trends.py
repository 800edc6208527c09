"""Does a hotspot grow or fade? Its trend against the network, so that haze and weather cancel.

1. *Excess*: each day the mean over the hotspot (from the daily kriging) minus the network's level of the same day:
   the median of the stations outside it, each first put on one level with the others
   (`planning.readings.network_level`), so that a station that misses a day doesn't move it. A day counts where
   the stations that the hotspot's estimate rests on have readings; else the estimate would fall back to the
   network and look like an improvement.
2. *Blocks*: means of seven days, of calendar months where the period is a year or longer.
3. *Trend*: Mann-Kendall test (Mann 1945; Kendall 1975) with the variance corrected for serial correlation
   (Hamed & Rao 1998, first three lags; a correction that would shrink the variance is not used, since in short
   series it gives false alarms). Slope after Sen (1968) with his 95 % interval, from the same variance.
4. *Class*, in the manner of emerging hot spot analysis (Esri, space-time pattern mining: new, intensifying,
   persistent, diminishing, sporadic); a block is high where the excess is at least the least one of
   data/screening.toml. The rules stand in `classify`, the thresholds in that file.

Deliberately not here: Esri's Gi* in space and time (a town has too few stations for it), its classes consecutive,
oscillating and historical, and corrections for a drifting sensor: a drift looks like a trend, and the words say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pymannkendall  # type: ignore[import-untyped]
from numpy.typing import NDArray
from scipy.stats import norm

from interpolation import Kriging
from language import N_, Note, date_range, note, number, unit
from planning import readings, surfaces
from planning.settings import Settings, settings

if TYPE_CHECKING:
    from planning.screening import Screening

KINDS = {
    "new": N_("new"),
    "intensifying": N_("intensifying"),
    "persistent": N_("persistent"),
    "diminishing": N_("diminishing"),
    "sporadic": N_("sporadic"),
    "regional": N_("as the network"),
    "short": N_("too short to say"),
}
"""Classes of a trend and their names; ``regional``: hardly ever above the network around it."""

MEANINGS = {
    "new": N_("It rose above the network only lately."),
    "intensifying": N_("It rises against the network around it."),
    "persistent": N_("It stays above the network around it, without a clear rise or fall."),
    "diminishing": N_("It falls against the network around it."),
    "sporadic": N_("It is above the network around it now and then, without a clear rise or fall."),
    "regional": N_("It is hardly ever above the network around it: its dust comes and goes with the region."),
    "short": N_("There are too few weeks or months with readings to tell a trend from chance."),
}

MONTH_DAYS = 30.4375
"""Days of a mean month: slopes are per month."""
LAGS = 3
LEAST_OTHERS = 3
"""Stations outside a hotspot that a day needs: the median of two is their mean, and one may err."""
POINTS = 60
"""Cells that stand for a hotspot; more would not change its mean visibly."""


@dataclass(frozen=True, eq=False)
class Trend:
    """A hotspot's trend.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    block : {"week", "month"}
    series : DataFrame
        One row a block: ``start``, ``end`` (dates), ``days`` used, ``spot`` and ``level`` (µg/m³), ``excess``
        (their difference), ``high``.
    slope, lower, upper : float
        Change of the excess, µg/m³ per month, and its 95 % interval; NaN where too short.
    p : float
        Two-sided p-value of the trend; NaN where too short.
    """

    kind: str
    block: str
    series: pd.DataFrame
    slope: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")
    p: float = float("nan")

    @property
    def high_share(self) -> float:
        """Share of the blocks in which it is high."""
        return float(self.series["high"].mean()) if len(self.series) else float("nan")

    @property
    def name(self) -> Note:
        """The class."""
        return Note(KINDS[self.kind])

    def sentences(self, lang: str) -> list[str]:
        """Return the class in words, the slope with its interval, and what it rests on."""
        said = [Note(MEANINGS[self.kind]).say(lang)]
        if np.isfinite(self.slope):
            said.append(
                note(
                    "Change against the network: {slope} {unit} a month (95 % range: {lower} to {upper}).",
                    slope=signed(self.slope), lower=signed(self.lower), upper=signed(self.upper), unit=unit(lang),
                ).say(lang)
            )  # fmt: skip
        if len(self.series):
            weeks = N_("From {count} weeks with readings, {period}; high in {high} of them.")
            months = N_("From {count} months with readings, {period}; high in {high} of them.")
            period = date_range(self.series["start"].iloc[0], self.series["end"].iloc[-1], lang)
            values = {"count": len(self.series), "high": int(self.series["high"].sum()), "period": period}
            said.append(Note(weeks if self.block == "week" else months, values).say(lang))
        return said


def signed(value: float) -> str:
    """Return a change with its sign: ``+1.2``, ``-0.3``, ``0.0``."""
    text = number(abs(value), 1)
    return text if text.strip("0.") == "" else f"{'+' if value > 0 else '−'}{text}"


def places_in(found: Screening, geometry: Any, most: int = POINTS) -> NDArray[np.float64]:
    """Return centres (m, 2) of some mapped cells in a shape of the surface's system; one point for a tiny shape."""
    cells = surfaces.cells_in(geometry, found.grid) & found.surface["supported"].to_numpy().astype(bool)
    points = found.grid.points()[cells.ravel()]
    if not len(points):
        inside = geometry.representative_point()
        return np.array([[inside.x, inside.y]])
    return np.asarray(points[:: -(-len(points) // most)], dtype=float)


def of_spot(found: Screening, geometry: Any) -> Trend:
    """Return the trend of a hotspot.

    Parameters
    ----------
    found : Screening
    geometry : shapely geometry
        The hotspot, in the surface's system (metres).
    """
    days = excess_days(found, geometry)
    return classify(blocks(days, settings()), settings())


def excess_days(found: Screening, geometry: Any) -> pd.DataFrame:
    """Return day by day the hotspot's mean, the network's level and their difference.

    Returns
    -------
    DataFrame
        Index date; ``spot``, ``level``, ``excess`` in µg/m³, NaN on days that don't count.
    """
    places = places_in(found, geometry)
    spot = np.asarray(np.atleast_2d(found.kriging.predict(places).mean)).mean(axis=1)
    stations = found.stations.to_crs(found.surface.rio.crs)
    outside = ~stations.geometry.intersects(geometry).to_numpy(bool)
    others = found.daily.to_numpy(float)[:, outside]
    counts = np.isfinite(others).sum(axis=1) >= LEAST_OTHERS
    level = np.full(len(others), np.nan)
    if counts.any():
        level[counts] = readings.network_level(others[counts])
    counts &= carried(found.kriging, places)
    values = {"spot": np.where(counts, spot, np.nan), "level": np.where(counts, level, np.nan)}
    table = pd.DataFrame(values, index=found.daily.index)
    return table.assign(excess=table["spot"] - table["level"])


def carried(kriging: Kriging, places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return at which steps stations with readings carry enough of the weight of an estimate (T,).

    Shares of the absolute kriging weights when all report. Where each place has its own nearest stations, those
    within reach count alike.
    """
    present = np.isfinite(kriging.readings_)
    weights = np.abs(kriging.weights(places)).mean(axis=1)
    if not np.isfinite(weights).all():
        away = np.hypot(*(kriging.coordinates_ - places.mean(axis=0)).T)
        weights = (away <= np.sort(away)[: settings().stations_minimum].max()).astype(float)
    shares = (present * weights).sum(axis=1) / max(weights.sum(), 1e-12)
    return np.asarray(shares >= settings().trends_carried)


def blocks(days: pd.DataFrame, chosen: Settings) -> pd.DataFrame:
    """Return the means of weeks, or of months from one year on (`Trend.series`).

    Weeks are counted back from the last day, so that the newest one is whole. A block with fewer than the least
    share of its days is left out.

    Parameters
    ----------
    days : DataFrame
        Of `excess_days`.
    """
    if days.empty:
        return pd.DataFrame(columns=["start", "end", "days", "spot", "level", "excess", "high"])
    index = pd.DatetimeIndex(pd.to_datetime(days.index))
    monthly = (index[-1] - index[0]).days + 1 >= chosen.trends_monthly_from_days
    if monthly:
        start = index.to_period("M").start_time.normalize()
        end = index.to_period("M").end_time.normalize()
    else:
        back = ((index[-1] - index).days // 7) * 7
        end = index[-1] - pd.to_timedelta(back, unit="D")
        start = end - pd.Timedelta(days=6)
    keyed = days.assign(start=start.date, end=end.date)
    table = keyed.groupby(["start", "end"], sort=True).agg(
        days=("excess", "count"), spot=("spot", "mean"), level=("level", "mean"), excess=("excess", "mean")
    )
    table = table.reset_index()
    length = np.array([(b - a).days + 1 for a, b in zip(table["start"], table["end"], strict=True)])
    table = table[table["days"] >= chosen.trends_block_share * length].reset_index(drop=True)
    table["start"] = [max(begin, index[0].date()) for begin in table["start"]]
    table["end"] = [min(end, index[-1].date()) for end in table["end"]]
    table.attrs["block"] = "month" if monthly else "week"
    return table.assign(high=table["excess"] >= chosen.trends_excess_ugm3)


def classify(series: pd.DataFrame, chosen: Settings) -> Trend:
    """Return the trend and class of a series of blocks.

    The rules, the first that fits:

    - *too short*: fewer blocks than the least number;
    - *as the network*: high in at most `rare` of the blocks, and not new;
    - *new*: high in every one of the last blocks (three to half of all), and in at most `rare` of those before;
    - *intensifying*, *diminishing*: a significant rise or fall;
    - *persistent*: high in at least `often` of the blocks;
    - *sporadic*: the others.

    Parameters
    ----------
    series : DataFrame
        Of `blocks`.
    chosen : Settings
        The table ``trends``.
    """
    block = str(series.attrs.get("block", "week"))
    count = len(series)
    if count < chosen.trends_minimum_blocks:
        return Trend("short", block, series)
    slope, lower, upper, p = tested(_middles(series), series["excess"].to_numpy(float))
    high = series["high"].to_numpy(bool)
    last = count if high.all() else int(np.argmin(high[::-1]))
    new = 3 <= last <= count / 2 and float(high[:-last].mean()) <= chosen.trends_rare
    level = chosen.trends_alpha if count >= chosen.trends_long_blocks else chosen.trends_alpha_short
    if new:
        kind = "new"
    elif high.mean() <= chosen.trends_rare:
        kind = "regional"
    elif p < level:
        kind = "intensifying" if slope > 0 else "diminishing"
    else:
        kind = "persistent" if high.mean() >= chosen.trends_often else "sporadic"
    return Trend(kind, block, series, slope, lower, upper, p)


def _middles(series: pd.DataFrame) -> NDArray[np.float64]:
    """Return the middles of the blocks, in months from the first."""
    begin: date = series["start"].iloc[0]
    pairs = zip(series["start"], series["end"], strict=True)
    return np.array([((a - begin).days + (b - begin).days + 1) / 2 / MONTH_DAYS for a, b in pairs])


def tested(times: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return Sen's slope, its 95 % interval, and the p-value of the Mann-Kendall test.

    Parameters
    ----------
    times : ndarray (n,)
        Rising; the slope is per unit of them.
    values : ndarray (n,)

    Returns
    -------
    slope, lower, upper, p : float
        The interval is Sen's (1968, eq. 2.5): order statistics of the slopes of all pairs, as far from the middle
        as 1.96 standard deviations of Kendall's S; that deviation with the correction of Hamed & Rao where it
        widens it.
    """
    plain = pymannkendall.original_test(values)
    with np.errstate(all="ignore"):  # equal values have no correlation; a negative variance is not used
        corrected = pymannkendall.hamed_rao_modification_test(values, lag=min(LAGS, len(values) - 2))
    used = corrected if corrected.var_s > plain.var_s else plain
    first, second = np.triu_indices(len(values), 1)
    slopes = np.sort((values[second] - values[first]) / (times[second] - times[first]))
    reach = float(norm.ppf(0.975)) * float(np.sqrt(used.var_s))
    below = int(np.floor((len(slopes) - reach) / 2))
    above = int(np.ceil((len(slopes) + reach) / 2))
    low = slopes[below - 1] if below >= 1 else slopes[0]
    high = slopes[above] if above < len(slopes) else slopes[-1]
    return float(np.median(slopes)), float(low), float(high), float(used.p)


def all_spots(screening: Screening) -> gpd.GeoDataFrame:
    """Return the hotspots of both kinds, health (H…) and local (L…), under each other."""
    local = screening.local_hotspots
    if local.empty:
        return screening.hotspots
    if screening.hotspots.empty:
        return local
    return gpd.GeoDataFrame(pd.concat([screening.hotspots, local.to_crs(screening.hotspots.crs)], ignore_index=True))


def of_all(found: Screening, spots: Any) -> dict[str, Trend]:
    """Return the trend of every hotspot of a table, by id."""
    local = spots.to_crs(found.surface.rio.crs)
    return {str(i): of_spot(found, shape) for i, shape in zip(local["hotspot_id"], local.geometry, strict=True)}


def table(known: Mapping[str, Trend]) -> pd.DataFrame:
    """Return trends as a table, one row a hotspot (trends.csv)."""
    rows = [
        {
            "hotspot_id": spot,
            "trend": trend.kind,
            "block": trend.block,
            "blocks": len(trend.series),
            "high_blocks": int(trend.series["high"].sum()) if len(trend.series) else 0,
            "slope_ugm3_month": trend.slope,
            "lower95": trend.lower,
            "upper95": trend.upper,
            "p_value": trend.p,
        }
        for spot, trend in known.items()
    ]
    names = ("hotspot_id", "trend", "block", "blocks", "high_blocks", "slope_ugm3_month", "lower95", "upper95")
    return pd.DataFrame(rows, columns=[*names, "p_value"])


def rules() -> tuple[Note, ...]:
    """Return how the classes are decided, in words and with the thresholds of data/screening.toml."""
    chosen = settings()
    return (
        note(
            "The mean over the hotspot is compared with the stations around it on the same days, so that haze and "
            "weather cancel; by weeks, by months from one year on."
        ),
        note(
            "A week or month is high where the hotspot lies at least {excess} µg/m³ above them.",
            excess=number(chosen.trends_excess_ugm3, 1),
        ),
        note(
            "Rise or fall: Mann-Kendall test with correction for serial correlation, below {alpha} ({short} with fewer "
            "than {long} weeks or months); persistent: high in at least {often}; as the network: in at most {rare}.",
            alpha=f"{100 * chosen.trends_alpha:.0f} %", short=f"{100 * chosen.trends_alpha_short:.0f} %",
            long=chosen.trends_long_blocks, often=f"{100 * chosen.trends_often:.0f} %",
            rare=f"{100 * chosen.trends_rare:.0f} %",
        ),
        note("A sensor that drifts looks like a trend: look at the flags and the calibration of the stations inside."),
        note(
            "Sources: Mann (1945), Kendall (1975), Sen (1968), Hamed and Rao (1998); classes after Esri’s emerging hot "
            "spot analysis."
        ),
    )  # fmt: skip
