"""The one-page calibration sheet: what was compared, how well it fits, and which targets are met.

`facts` and `metrics` say it in words, for the page and the Word sheet as well; `sheet` is one HTML page that needs
nothing else (no network, no script) and prints on A4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.calibration import METHODS, PUBLISHED, Calibration
from geo.colocation import CLOSE, TEST_DAYS
from geo.corrections import CORRECTIONS
from geo.performance import TARGETS
from language import N_, date_range, number, pollutant_name, translate, unit

Array = NDArray[np.float64]

_SIZE, _EDGE = 360, 44

_STYLE = """
body { font-family: Sarabun, "Noto Sans Thai", sans-serif; line-height: 1.6; color: #1F2A2E; margin: 2rem auto;
  max-width: 46rem; } h1 { font-size: 1.4rem; color: #0F766E; } table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #C9D1CE; padding: .2rem .6rem; text-align: left; }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
svg { display: block; margin: 1rem auto; }
@page { size: A4; margin: 15mm; }
"""

TERMS: Mapping[str, str] = {
    "value": N_("reading"), "rh": N_("relative humidity (%)"), "temp": N_("temperature (°C)"),
    "intercept dry": N_("(dry season)"), "value dry": N_("reading (dry season)"),
    "intercept wet": N_("(wet season)"), "value wet": N_("reading (wet season)"),
}  # fmt: skip
"""What stands behind each coefficient (message ids); an intercept stands alone."""

_ROWS = (
    # metric, label, digits, unit, how the target is written
    ("slope", N_("Slope"), 2, "", "1 ± {0.slope}"),
    ("intercept", N_("Intercept"), 1, "mass", "± {0.intercept:g}"),
    ("r2", N_("R²"), 2, "", "≥ {0.r2:.2f}"),
    ("rmse", N_("Typical error (RMSE)"), 1, "mass", "≤ {0.rmse:g}"),
    ("nrmse", N_("Typical error, share of the mean"), 0, "%", "≤ {0.nrmse:g}"),
    ("bias", N_("Bias"), 1, "mass", ""),
)
_SPREAD = (
    ("sd", N_("Spread between units (SD)"), 1, "mass", "≤ {0.sd:g}"),
    ("cv", N_("Spread between units, share of the mean (CV)"), 0, "%", "≤ {0.cv:g}"),
)


@dataclass(frozen=True)
class Metric:
    """One line of the table of metrics, as text.

    Attributes
    ----------
    name, raw, calibrated, target : str
    met : bool or None
        Whether the calibrated sensor meets the target; None where there is none, or nothing to judge.
    """

    name: str
    raw: str
    calibrated: str
    target: str
    met: bool | None


def facts(calibration: Calibration, lang: str) -> list[tuple[str, str]]:
    """Return what was compared, over which period, by which method, and what is left, as names and values."""
    known = [
        (N_("Sensor"), calibration.station_id),
        (N_("Reference"), calibration.reference_id),
        (N_("Distance"), _distance(calibration, lang)),
        (N_("Pollutant"), f"{pollutant_name(calibration.pollutant)}, {translate(N_('24-hour means'), lang)}"),
        (N_("Period"), _period(calibration, lang)),
        (N_("Method"), translate(METHODS[calibration.method], lang)),
        (N_("Equation"), equation(calibration, lang)),
        (N_("Error left for a 24-hour mean (one standard deviation)"), _mass(calibration.residual_sd, lang)),
    ]
    if calibration.hourly_sd is not None:
        known.append((N_("… for a 1-hour mean"), _mass(calibration.hourly_sd, lang)))
    known.append((N_("Version"), calibration.version))
    return [(translate(name, lang), value) for name, value in known if value]


def _distance(calibration: Calibration, lang: str) -> str:
    if calibration.distance_m is None:
        return ""
    words = translate(N_("{metres} m (US EPA’s test: at most {most} m)"), lang)
    return words.format(metres=number(calibration.distance_m), most=number(CLOSE))


def _period(calibration: Calibration, lang: str) -> str:
    words = translate(N_("{period}: {days} days (US EPA’s test: {wanted}), {odd} more left out as outliers"), lang)
    period = date_range(calibration.begin, calibration.end, lang)
    return words.format(period=period, days=calibration.days, wanted=TEST_DAYS, odd=calibration.left_out)


def equation(calibration: Calibration, lang: str) -> str:
    """Return the equation in one line, with the names of its terms; for a published correction, where it is from."""
    if calibration.method in PUBLISHED:
        return CORRECTIONS[calibration.method].source
    parts = []
    for name, value in calibration.coefficients.items():
        sign = "−" if value < 0 else "+"
        term = f" × {translate(TERMS[name], lang)}" if name in TERMS and not name.startswith("intercept") else ""
        season = f" {translate(TERMS[name], lang)}" if name in TERMS and name.startswith("intercept") else ""
        parts.append(f"{sign} {abs(value):.4g}{season}{term}")
    return f"{pollutant_name(calibration.pollutant)} = " + " ".join(parts).removeprefix("+ ")


def metrics(calibration: Calibration, lang: str) -> list[Metric]:
    """Return the US EPA's metrics, raw and calibrated (days left out of the fit), beside their targets."""
    goal = TARGETS[calibration.pollutant]
    rows = []
    for metric, label, digits, kind, target in _ROWS:
        raw, fitted = (_figure(getattr(side, metric), digits) for side in (calibration.before, calibration.after))
        met = calibration.after.met.get("error" if metric in ("rmse", "nrmse") else metric)
        rows.append(Metric(_named(label, kind, lang), raw, fitted, target.format(goal), met))
    for metric, label, digits, kind, target in _SPREAD:
        spread = calibration.between
        raw = "–" if spread is None else _figure(getattr(spread, metric), digits)
        met = None if spread is None else spread.met
        rows.append(Metric(_named(label, kind, lang), raw, "–", target.format(goal), met))
    return rows


def remarks(calibration: Calibration, lang: str) -> list[str]:
    """Return the sentences under the table."""
    said = [
        translate(N_("Of the two typical errors, one is enough; of the two spreads as well."), lang),
        translate(
            N_("The calibrated figures are those of days that were left out of the fit. "
               "A calibration holds for its place and season only."), lang
        ),
        translate(N_("Metrics and targets: US EPA, performance testing protocols for PM2.5 air sensors, 2021, base "
                     "test."), lang),
    ]  # fmt: skip
    if calibration.method in PUBLISHED:
        said[1] = translate(
            N_("This correction was published for another place and was not fitted here; the figures say how it does "
               "beside this reference."), lang
        )  # fmt: skip
    spread = calibration.between
    if spread is None:
        alone = N_("No other unit stands beside this one, so the spread between units is unknown.")
        said.append(translate(alone, lang))
    else:
        words = translate(N_("Spread between units: {units} units, raw, on {days} days on which all measured."), lang)
        said.append(words.format(units=spread.units, days=spread.days))
    return said


def sheet(calibration: Calibration, days: pd.DataFrame, lang: str = "th", *, simulated: bool = False) -> str:
    """Return the calibration sheet as one HTML page.

    Parameters
    ----------
    calibration : Calibration
    days : DataFrame
        As `colocation.paired_days` returns them.
    lang : {"th", "en"}
    simulated : bool
        Whether the readings are simulated; then the sheet says so.
    """
    title = translate(N_("Calibration sheet"), lang)
    mark = f"<p><strong>{_say(N_('Simulated data'), lang)}</strong></p>" if simulated else ""
    lines = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in facts(calibration, lang)
    )
    below = "".join(f"<p>{escape(said)}</p>" for said in remarks(calibration, lang))
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{mark}<table>{lines}</table>"
        f"{_scatter(calibration, days, lang)}{_table(calibration, lang)}{below}</body></html>"
    )


HEADS = (N_("Metric"), N_("Raw"), N_("Calibrated"), N_("US EPA target"), N_("Met"))
"""Headings of the table of metrics (message ids)."""


def answer(met: bool | None, lang: str) -> str:
    """Return whether a target is met, in words."""
    return "–" if met is None else translate(N_("target met") if met else N_("target missed"), lang)


def _say(text: str, lang: str) -> str:
    return escape(translate(text, lang))


def _named(label: str, kind: str, lang: str) -> str:
    return translate(label, lang) + {"mass": f" ({unit(lang)})", "%": " (%)"}.get(kind, "")


def _figure(value: float, digits: int) -> str:
    # Adding zero turns the minus zero of a rounded small negative figure into zero.
    return number(round(value, digits) + 0.0, digits)


def _mass(value: float, lang: str) -> str:
    return f"{number(value, 1)} {unit(lang)}"


def _table(calibration: Calibration, lang: str) -> str:
    rows = [f"<tr>{''.join(f'<th>{_say(head, lang)}</th>' for head in HEADS)}</tr>"]
    for line in metrics(calibration, lang):
        rows.append(
            f'<tr><td>{escape(line.name)}</td><td class="n">{escape(line.raw)}</td>'
            f'<td class="n">{escape(line.calibrated)}</td><td>{escape(line.target)}</td>'
            f"<td>{escape(answer(line.met, lang))}</td></tr>"
        )
    return f"<table>{''.join(rows)}</table>"


def _scatter(calibration: Calibration, days: pd.DataFrame, lang: str) -> str:
    """Return sensor against reference: rings raw, dots calibrated, and the line where both are equal."""
    reference = days["reference"].to_numpy(float)
    raw, fitted = days["value"].to_numpy(float), calibration.apply(days)
    top = 10 * float(np.ceil(np.nanmax(np.concatenate([reference, raw, fitted])) / 10 + 0.2))
    span = _SIZE - 2 * _EDGE

    def across(value: float) -> float:
        return round(_EDGE + span * value / top, 1)

    def up(value: float) -> float:
        return round(_SIZE - _EDGE - span * value / top, 1)

    rings = "".join(
        f'<circle cx="{across(x)}" cy="{up(y)}" r="3.5" fill="none" stroke="#6B7280"/>'
        for x, y in zip(reference, raw, strict=True)
    )
    dots = "".join(
        f'<circle cx="{across(x)}" cy="{up(y)}" r="3" fill="#0F766E"/>'
        for x, y in zip(reference, fitted, strict=True)
        if np.isfinite(y)
    )
    words = {
        "x": f"{translate(N_('Reference'), lang)} ({unit(lang)})",
        "y": f"{translate(N_('Sensor'), lang)} ({unit(lang)})",
        "key": f"○ {translate(N_('Raw'), lang)}   ● {translate(N_('Calibrated'), lang)}",
    }
    low, high = across(0), across(top)
    ticks = "".join(
        f'<text x="{across(v)}" y="{_SIZE - _EDGE + 16}" text-anchor="middle">{v:g}</text>'
        f'<text x="{_EDGE - 6}" y="{up(v) + 4}" text-anchor="end">{v:g}</text>'
        for v in np.linspace(0, top, 5)
    )
    return (
        f'<svg width="{_SIZE}" height="{_SIZE}" viewBox="0 0 {_SIZE} {_SIZE}" font-size="11" role="img">'
        f'<rect x="{low}" y="{up(top)}" width="{span}" height="{span}" fill="#F6F7F4" stroke="#C9D1CE"/>'
        f'<line x1="{low}" y1="{up(0)}" x2="{high}" y2="{up(top)}" stroke="#B45309" stroke-dasharray="4 3"/>'
        f"{rings}{dots}{ticks}"
        f'<text x="{_SIZE / 2}" y="{_SIZE - 10}" text-anchor="middle">{escape(words["x"])}</text>'
        f'<text x="14" y="{_SIZE / 2}" text-anchor="middle" transform="rotate(-90 14 {_SIZE / 2})">'
        f'{escape(words["y"])}</text><text x="{_EDGE + 8}" y="{_EDGE + 16}">{escape(words["key"])}</text></svg>'
    )
