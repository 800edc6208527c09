"""The one-page calibration sheet: what was compared, how well it fits, and which targets are met.

One HTML page that needs nothing else (no network, no script) and prints on A4.
"""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.calibration import METHODS, Calibration
from geo.performance import TARGETS, Performance
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

_ROWS = (
    # metric, label, digits, unit, how the target is written
    ("slope", N_("Slope"), 2, "", "1 ± {0.slope}"),
    ("intercept", N_("Intercept"), 1, "mass", "± {0.intercept:g}"),
    ("r2", N_("R²"), 2, "", "≥ {0.r2}"),
    ("rmse", N_("Typical error (RMSE)"), 1, "mass", "≤ {0.rmse:g}"),
    ("nrmse", N_("Typical error, share of the mean"), 0, "%", "≤ {0.nrmse:g} %"),
    ("bias", N_("Bias"), 1, "mass", ""),
)


def sheet(calibration: Calibration, days: pd.DataFrame, lang: str = "th", *, simulated: bool = False) -> str:
    """Return the calibration sheet as one HTML page.

    Parameters
    ----------
    calibration : Calibration
    days : DataFrame
        As `calibration.paired_days` returns them.
    lang : {"th", "en"}
    simulated : bool
        Whether the readings are simulated; then the sheet says so.
    """
    title = translate(N_("Calibration sheet"), lang)
    facts = (
        (N_("Sensor"), calibration.station_id),
        (N_("Reference"), calibration.reference_id),
        (N_("Pollutant"), f"{pollutant_name(calibration.pollutant)}, {translate(N_('24-hour means'), lang)}"),
        (N_("Period"), f"{date_range(calibration.begin, calibration.end, lang)} ({calibration.days})"),
        (N_("Method"), translate(METHODS[calibration.method], lang)),
        (N_("Equation"), equation(calibration)),
        (N_("Error left for a 24-hour mean (one standard deviation)"), _mass(calibration.residual_sd, lang)),
        (N_("Version"), calibration.version),
    )
    mark = f"<p><strong>{_say(N_('Simulated data'), lang)}</strong></p>" if simulated else ""
    lines = "".join(f"<tr><th>{_say(label, lang)}</th><td>{escape(value)}</td></tr>" for label, value in facts)
    note = translate(
        N_(
            "The calibrated figures are those of days that were left out of the fit. "
            "A calibration holds for its place and season only."
        ),
        lang,
    )
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{mark}<table>{lines}</table>"
        f"{_scatter(calibration, days, lang)}{_metrics(calibration, lang)}<p>{escape(note)}</p></body></html>"
    )


def equation(calibration: Calibration) -> str:
    """Return the fitted equation in one line, with the names of its terms."""
    parts = [f"{value:+.4g} · {name}" for name, value in calibration.coefficients.items()]
    return "PM = " + " ".join(parts).replace(" · intercept", "").lstrip("+")


def _say(text: str, lang: str) -> str:
    return escape(translate(text, lang))


def _figure(value: float, digits: int) -> str:
    # Adding zero turns the minus zero of a rounded small negative figure into zero.
    return number(round(value, digits) + 0.0, digits)


def _mass(value: float, lang: str) -> str:
    return f"{number(value, 1)} {unit(lang)}"


def _metrics(calibration: Calibration, lang: str) -> str:
    goal = TARGETS[calibration.pollutant]
    heads = (N_("Metric"), N_("Raw"), N_("Calibrated"), N_("US EPA target"), N_("Met"))
    rows = [f"<tr>{''.join(f'<th>{_say(head, lang)}</th>' for head in heads)}</tr>"]
    for metric, label, digits, kind, target in _ROWS:
        suffix = {"mass": f" {unit(lang)}", "%": " %"}.get(kind, "")
        cells = "".join(
            f'<td class="n">{_figure(getattr(side, metric), digits)}{suffix}</td>'
            for side in (calibration.before, calibration.after)
        )
        met = _met(calibration.after, metric)
        answer = "" if met is None else _say(N_("target met") if met else N_("target missed"), lang)
        rows.append(f"<tr><td>{_say(label, lang)}</td>{cells}<td>{target.format(goal)}</td><td>{answer}</td></tr>")
    either = translate(N_("Of the two typical errors, one is enough."), lang)
    return f"<table>{''.join(rows)}</table><p>{escape(either)}</p>"


def _met(result: Performance, metric: str) -> bool | None:
    return result.met.get("error" if metric in ("rmse", "nrmse") else metric)


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
