"""What happened at one place over the days: the kriged history of any point, and the readings of a station."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
from pyproj import Transformer

from geo.palettes import PRIMARY
from language import date_range, number, pollutant_name, unit
from pages.parts import charts, dust_view, frame, results
from pages.parts.i18n import _, lang
from planning.screening import Screening
from planning.spans import HOURLY, Series

STANDARD = "#B91C1C"


def place(found: Screening, lat: float, lon: float, name: str, shown: Series | None = None) -> None:
    """Draw the estimates at a place with their 95 % range: 24-hour means, or those of the steps the map shows."""
    kind = shown.kind if shown is not None else "day"
    if shown is not None and kind != "day":
        steps = shown
        table = results.derived(found, f"history-{kind}-{steps.steps[0].name}-{lat:.5f}-{lon:.5f}",
                                lambda: _of_steps(steps, lat, lon))  # fmt: skip
    else:
        table = results.derived(found, f"history-{lat:.5f}-{lon:.5f}", lambda: estimates(found, lat, lon))
    title = _titles(found, name)[kind]
    when = "%d/%m/%Y %H:%M" if kind in HOURLY else "%d/%m/%Y"
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%d/%m"))
    band = alt.Chart(table).mark_area(opacity=0.22, color=PRIMARY).encode(
        x=x, y=alt.Y("lower95:Q", title=unit(lang())), y2="upper95:Q"
    )  # fmt: skip
    line = alt.Chart(table).mark_line(color=PRIMARY, strokeWidth=2, point=len(table) < 40).encode(
        x=x, y="mean:Q",
        tooltip=[alt.Tooltip("date:T", title=_("Day"), format=when),
                 alt.Tooltip("mean:Q", title=_("Mean"), format=".1f"),
                 alt.Tooltip("lower95:Q", title=_("95 % from"), format=".0f"),
                 alt.Tooltip("upper95:Q", title=_("95 % to"), format=".0f")],
    )  # fmt: skip
    # The standard is one of 24-hour means; other averaging times have other ones or none.
    drawn = band + line + standard_rule(found) if kind in ("day", "rolling") else band + line
    charts.show(drawn, title, _source(found), key="place-history", height=230)


def _titles(found: Screening, name: str) -> dict[str, str]:
    pollutant = pollutant_name(found.parameters.pollutant)
    return {
        "hour": _("{pollutant}, 1-hour means estimated for {place}", pollutant=pollutant, place=name),
        "rolling": _("{pollutant}, moving 24-hour means estimated for {place}", pollutant=pollutant, place=name),
        "day": _("{pollutant}, 24-hour means estimated for {place}", pollutant=pollutant, place=name),
        "month": _("{pollutant}, monthly means estimated for {place}", pollutant=pollutant, place=name),
        "season": _("{pollutant}, means of seasons estimated for {place}", pollutant=pollutant, place=name),
        "year": _("{pollutant}, yearly means estimated for {place}", pollutant=pollutant, place=name),
    }


def _of_steps(shown: Series, lat: float, lon: float) -> pd.DataFrame:
    """Return date (Bangkok, the beginning of each step), mean, lower95, upper95."""
    table = shown.at(lat, lon)
    return table.assign(date=pd.DatetimeIndex(table["start"]).tz_localize(None)).drop(columns="start")


def estimates(found: Screening, lat: float, lon: float) -> pd.DataFrame:
    """Return date, mean, lower95, upper95 of the 24-hour mean at a place."""
    x, y = Transformer.from_crs("EPSG:4326", found.surface.rio.crs, always_xy=True).transform(lon, lat)
    prediction = found.kriging.predict(np.array([[x, y]]), threshold=found.standard.value)
    columns = {name: np.ravel(getattr(prediction, name)) for name in ("mean", "lower95", "upper95")}
    return pd.DataFrame({"date": pd.to_datetime(found.days), **columns})


def station(found: Screening, station_id: str) -> None:
    """Draw the measured 24-hour means of a station."""
    row = found.stations.set_index("station_id", drop=False).loc[station_id]
    values = found.daily[station_id] if station_id in found.daily else pd.Series(np.nan, found.daily.index)
    table = pd.DataFrame({"date": pd.to_datetime(found.days), "value": values.to_numpy(float)})
    over = _("over the standard")
    under = _("within the standard")
    table["state"] = np.where(table["value"] > found.standard.value, over, under)
    title = _("{pollutant}, 24-hour means measured at {place}", pollutant=pollutant_name(found.parameters.pollutant),
              place=frame.label(row))  # fmt: skip
    bars = alt.Chart(table.dropna()).mark_bar(width={"band": 0.8}).encode(
        x=alt.X("yearmonthdate(date):O", title=None,
                axis=alt.Axis(format="%d/%m", labelOverlap="greedy", labelSeparation=14)),
        y=alt.Y("value:Q", title=unit(lang())),
        color=alt.Color("state:N", title=None, scale=alt.Scale(domain=[under, over], range=["#9CC5BF", "#9F5500"]),
                        legend=alt.Legend(orient="top")),
        tooltip=[alt.Tooltip("date:T", title=_("Day"), format="%d/%m/%Y"),
                 alt.Tooltip("value:Q", title=_("Mean"), format=".1f")],
    )  # fmt: skip
    charts.show(bars + standard_rule(found), title, _source(found), key="station-history", height=230)


def standard_rule(found: Screening) -> alt.LayerChart:
    """Return the line of the 24-hour standard with its value."""
    data = pd.DataFrame({"y": [found.standard.value]})
    words = _("standard {value}", value=f"{found.standard.value:g}")
    rule = alt.Chart(data).mark_rule(color=STANDARD, strokeDash=[6, 4], strokeWidth=1.5).encode(y="y:Q")
    text = alt.Chart(data).mark_text(
        align="left", dx=4, dy=-7, color=STANDARD, fontSize=charts.size() - 1, text=words
    ).encode(x=alt.value(0), y="y:Q")  # fmt: skip
    return rule + text


def _source(found: Screening) -> str:
    span = date_range(found.parameters.start, found.parameters.end, lang())
    mark = f"{_('Simulated data')} · " if found.simulated else ""
    stations = _("{count} stations", count=number(len(dust_view.used(found))))
    return f"{mark}{span} · {stations} · {', '.join(found.sources)}"
