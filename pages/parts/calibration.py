"""Calibration: sensors beside a reference, every method with its figures and targets, versions, the sheet."""

from __future__ import annotations

from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from geo import calibration_sheet as content
from geo import calibration_store as store
from geo.calibration import METHODS, Calibration, Trial, compare, needed, suggested
from geo.colocation import FEWEST_DAYS, TEST_DAYS, paired_days
from geo.palettes import PRIMARY
from geo.performance import TARGETS
from language import UserError, date_range, moment, number, pollutant_name, unit
from pages.parts import charts, errors, facts, files, frame, results, tables
from pages.parts.i18n import _, lang
from planning.calibration_sheet import write_docx

DISTANCES = (20, 100, 250, 1000)
"""Metres that may be chosen as the largest distance of a pair."""

_HEIGHT = 300


def show() -> None:
    """Draw the pairs, the chosen pair's comparison, and the versions that are kept."""
    chosen = st.session_state.get("_choice")
    pollutant = chosen.pollutant if chosen is not None and chosen.pollutant in TARGETS else "pm25"
    row = st.columns([3, 2, 2], vertical_alignment="bottom")
    row[0].caption(
        _("A low-cost sensor that stands beside a reference station for {days} days can be calibrated against it. "
          "Readings stay raw in the store; the calibration is applied when they are read, and can be taken back.",
          days=TEST_DAYS)
    )  # fmt: skip
    distance = row[1].select_slider(
        _("At most this far apart"), DISTANCES, value=250,
        format_func={m: _("{metres} m", metres=number(m)) for m in DISTANCES}.__getitem__,
        key="calib-distance",
    )  # fmt: skip
    published = row[2].toggle(
        _("Corrections from elsewhere too"), key="calib-published", disabled=pollutant != "pm25",
        help=_("Published for PurpleAir in the United States: for comparison. They may be wrong in Thai air and are "
               "never suggested."),
    )  # fmt: skip
    pairs = results.remembered(
        "pairs", lambda: store.pairs(results.lake(), pollutant, float(distance)), pollutant, distance
    )
    if pairs.empty:
        st.info(
            _("No low-cost sensor stands within {metres} m of a reference station with common days of {pollutant}. "
              "Set one beside a reference for a month, import both, and it will be listed here.",
              metres=number(distance), pollutant=pollutant_name(pollutant)), icon=":material/straighten:",
        )  # fmt: skip
    else:
        names = _names()
        _pair(pairs, names, pollutant, published)
    _versions()


def _names() -> dict[str, str]:
    """Return each station's name in the reader's language, with its identifier."""
    table = results.remembered("station-names", lambda: results.lake().stations().drop(columns="geometry"))
    return {str(row["station_id"]): frame.label(row) for _i, row in table.iterrows()}


def _pair(pairs: pd.DataFrame, names: dict[str, str], pollutant: str, published: bool) -> None:
    """Draw the list of pairs and what the methods make of the chosen one."""
    counting = {s.calibration.station_id: s.calibration for s in _current() if s.calibration.pollutant == pollutant}
    labels = [
        _("{sensor} beside {reference}: {metres} m, {days} days, {state}",
          sensor=names.get(row.station_id, row.station_id), reference=names.get(row.reference_id, row.reference_id),
          metres=number(row.distance_m), days=row.days,
          state=_("calibrated") if row.station_id in counting else _("raw"))
        for row in pairs.itertuples()
    ]  # fmt: skip
    at = st.selectbox(
        _("Pair"), range(len(pairs)), format_func=labels.__getitem__, label_visibility="collapsed", key="calib-pair",
    )  # fmt: skip
    pair = pairs.iloc[at if at is not None and at < len(pairs) else 0]
    sensor, reference = str(pair["station_id"]), str(pair["reference_id"])
    trials: list[Trial] = results.remembered(
        "trials", partial(_trials, sensor, reference, pollutant, float(pair["distance_m"]), published),
        sensor, reference, pollutant, published,
    )  # fmt: skip
    done = {t.method: t for t in trials if t.calibration is not None}
    if not done:
        refused = next(t.refused for t in trials if t.refused is not None)
        st.warning(refused.say(lang()), icon=":material/info:")
        return
    best = suggested(trials)
    _table(trials, best)
    left, right = st.columns([5, 4], gap="medium")
    with left:
        method = st.selectbox(
            _("Method to look at"), list(done), index=list(done).index(best.method) if best else 0,
            format_func={m: _(METHODS[m]) for m in done}.__getitem__, key=f"calib-method-{sensor}-{reference}",
        )  # fmt: skip
        _facts(done[method])
    with right:
        _chart(done[method].calibration, names)
    _actions(done[method].calibration, names)


def _trials(sensor: str, reference: str, pollutant: str, distance: float, published: bool) -> list[Trial]:
    observations, units = store.material(results.lake(), sensor, reference, pollutant)
    return compare(
        observations, sensor, reference, pollutant, published=published, units=units, distance_m=distance
    )  # fmt: skip


def _current() -> list[store.Stored]:
    return results.remembered("calibrations", lambda: store.current(results.lake()))


def _table(trials: list[Trial], best: Calibration | None) -> None:
    """Draw raw readings and every method beside the targets."""
    first = next(t.calibration for t in trials if t.calibration is not None)
    goal = TARGETS[first.pollutant]
    rows = [_line(_("Raw"), first.before)]
    for trial in trials:
        name = _(METHODS[trial.method])
        if trial.calibration is None:
            rows.append({"method": name, "met": "–"})
            continue
        mark = f" · {_('suggested')}" if best is not None and trial.method == best.method else ""
        rows.append(_line(name + mark, trial.calibration.after))
    figure, text = st.column_config.NumberColumn, st.column_config.TextColumn
    tables.show(
        pd.DataFrame(rows),
        column_config={
            "method": text(_("Method")),
            "met": text(_("US EPA targets met")),
            "rmse": figure(f"RMSE ({unit(lang())}) ≤ {goal.rmse:g}", format="%.1f"),
            "nrmse": figure(f"NRMSE (%) ≤ {goal.nrmse:g}", format="%.0f"),
            "r2": figure(f"R² ≥ {goal.r2:.2f}", format="%.2f"),
            "slope": figure(_("Slope") + f" 1 ± {goal.slope}", format="%.2f"),
            "intercept": figure(_("Intercept") + f" ± {goal.intercept:g}", format="%.1f"),
        },
    )  # fmt: skip
    st.caption(
        _("24-hour means, {pollutant}, {period}. Every method is judged on days it was not fitted on; one of RMSE and "
          "NRMSE is enough. Targets: US EPA 2021, base test.",
          pollutant=pollutant_name(first.pollutant), period=date_range(first.begin, first.end, lang()))
    )  # fmt: skip
    for trial in trials:
        if trial.refused is not None:
            st.caption(f"{_(METHODS[trial.method])}: {errors.plain(trial.refused.say(lang()))}")


def _line(name: str, result: Any) -> dict[str, Any]:
    met = _("{met} of {all}", met=sum(result.met.values()), all=len(result.met))
    return {"method": name, "met": met, "rmse": result.rmse, "nrmse": result.nrmse, "r2": result.r2,
            "slope": result.slope, "intercept": result.intercept}  # fmt: skip


def _facts(trial: Trial) -> None:
    calibration = trial.calibration
    assert calibration is not None
    spread = calibration.between
    goal = TARGETS[calibration.pollutant]
    shown = {
        _("Equation"): content.equation(calibration, lang()),
        _("Error left for a 24-hour mean (one standard deviation)"): _mass(calibration.residual_sd),
        _("… for a 1-hour mean"): _mass(calibration.hourly_sd),
        _("Spread between units (SD)"): _("no other unit here") if spread is None else
        _("{sd} of {units} units (target ≤ {most})", sd=_mass(spread.sd), units=spread.units, most=f"{goal.sd:g}"),
    }  # fmt: skip
    facts.grid(shown, narrowest=12)
    errors.notes(trial.notes)


def _mass(value: float | None) -> str:
    return _("not known") if value is None else f"{number(value, 1)} {unit(lang())}"


def _days(calibration: Calibration) -> pd.DataFrame:
    pair = (calibration.station_id, calibration.reference_id, calibration.pollutant)
    observations, _units = store.material(results.lake(), *pair)
    days = paired_days(observations, *pair, needed(calibration.method))
    return days.loc[pd.Timestamp(calibration.begin) : pd.Timestamp(calibration.end)]


def _chart(calibration: Calibration | None, names: dict[str, str]) -> None:
    """Draw sensor against reference, raw and calibrated, with the line where both are equal."""
    assert calibration is not None
    days = results.remembered("calib-days", lambda: _days(calibration), calibration.version, calibration.station_id)
    raw, fitted = _("Raw"), _("Calibrated")
    when = [date_range(d.date(), d.date(), lang()) for d in days.index]
    data = pd.concat(
        [
            pd.DataFrame({"reference": days["reference"].to_numpy(), "sensor": values, "what": what, "day": when})
            for what, values in ((raw, days["value"].to_numpy()), (fitted, calibration.apply(days)))
        ]
    )
    top = float(data[["reference", "sensor"]].max().max()) * 1.05
    scale = alt.Scale(domain=[0, top])
    points = alt.Chart(data).mark_point(size=55, strokeWidth=1.8).encode(
        x=alt.X("reference:Q", title=f"{_('Reference')} ({unit(lang())})", scale=scale),
        y=alt.Y("sensor:Q", title=f"{_('Sensor')} ({unit(lang())})", scale=scale),
        color=alt.Color("what:N", title=None, scale=alt.Scale(domain=[raw, fitted], range=["#8A6D3B", PRIMARY]),
                        legend=alt.Legend(orient="top")),
        shape=alt.Shape("what:N", scale=alt.Scale(domain=[raw, fitted], range=["cross", "circle"]), legend=None),
        tooltip=[alt.Tooltip("day:N", title=_("Day")), alt.Tooltip("what:N", title=_("Value")),
                 alt.Tooltip("sensor:Q", title=_("Sensor"), format=".1f"),
                 alt.Tooltip("reference:Q", title=_("Reference"), format=".1f")],
    )  # fmt: skip
    equal = alt.Chart(pd.DataFrame({"reference": [0, top], "sensor": [0, top]})).mark_line(
        color="#B45309", strokeDash=[5, 4]
    ).encode(x="reference:Q", y="sensor:Q")  # fmt: skip
    mark = [_("Simulated data")] if _simulated(calibration.station_id) else []
    source = [
        names.get(calibration.station_id, calibration.station_id),
        " · ".join([date_range(calibration.begin, calibration.end, lang()), _("24-hour means"), unit(lang()), *mark]),
    ]
    title = _("{pollutant}: sensor against reference", pollutant=pollutant_name(calibration.pollutant))
    charts.show(equal + points, title, source, key="calib-chart", height=_HEIGHT)


def _simulated(station_id: str) -> bool:
    table = results.remembered("station-names", lambda: results.lake().stations().drop(columns="geometry"))
    own = table[table["station_id"] == station_id]
    return bool(own["simulated"].fillna(False).any())


def _word(calibration: Calibration, names: dict[str, str], office: str) -> bytes:
    pair = (names.get(calibration.station_id, ""), names.get(calibration.reference_id, ""))
    simulated = _simulated(calibration.station_id)
    return files.written(
        lambda path: write_docx(
            calibration, _days(calibration), path, lang(), names=pair, simulated=simulated, office=office
        ), "docx",
    )  # fmt: skip


def _actions(calibration: Calibration | None, names: dict[str, str]) -> None:
    """Draw the buttons: use it, take the sheet home."""
    assert calibration is not None
    mark = "-simulated" if _simulated(calibration.station_id) else ""
    office, use, sheet = st.columns([3, 2, 2], vertical_alignment="bottom")
    author = office.text_input(
        _("Who answers for it (an office)"), key="calib-office", placeholder=_("for instance the municipality"),
        max_chars=120,
    )  # fmt: skip
    use.button(
        _("Use this calibration"), type="primary", icon=":material/check:", width="stretch", on_click=_save,
        args=(calibration, author), disabled=results.lake().read_only, key="calib-use",
        help=_("From now on readings of this sensor are read with it, and its error widens the maps around it."),
    )  # fmt: skip
    sheet.download_button(
        _("Calibration sheet (Word)"), partial(_word, calibration, names, author), mime=files.DOCX,
        file_name=f"calibration-{calibration.station_id}-{calibration.version}{mark}.docx", on_click="ignore",
        icon=":material/download:", width="stretch", key="calib-sheet",
    )  # fmt: skip


def _save(calibration: Calibration, author: str) -> None:
    try:
        store.save(results.lake(), calibration, author=author.strip())
    except UserError as error:
        st.session_state["_calib_said"] = error
        return
    st.toast(_("{station} is calibrated from now on. Maps and lists are computed anew with it.",
               station=calibration.station_id), icon=":material/check:")  # fmt: skip


def _choose(station: str, pollutant: str, version: str) -> None:
    try:
        store.choose(results.lake(), station, pollutant, version)
    except UserError as error:
        st.session_state["_calib_said"] = error


def _take_back(import_id: str) -> None:
    try:
        results.lake().remove_import(import_id)
    except UserError as error:
        st.session_state["_calib_said"] = error


def _versions() -> None:
    """List the stored versions, with which of them counts, and let another one count."""
    trouble = st.session_state.pop("_calib_said", None)
    if trouble is not None:
        st.error(trouble.say(lang()), icon=":material/error:")
    made = results.remembered("calibrations-made", lambda: store.history(results.lake()))
    if not made:
        st.caption(_("No calibration is stored yet; it needs {days} common days at least.", days=FEWEST_DAYS))
        return
    st.markdown(f"**{_('Versions kept')}**")
    counting = {s.import_id for s in _current()}
    table = pd.DataFrame(
        {
            "state": [_("counts") if s.import_id in counting else _("kept") for s in made],
            "station": [s.calibration.station_id for s in made],
            "pollutant": [pollutant_name(s.calibration.pollutant) for s in made],
            "method": [_(METHODS[s.calibration.method]) for s in made],
            "period": [date_range(s.calibration.begin, s.calibration.end, lang()) for s in made],
            "error": [s.calibration.residual_sd for s in made],
            "made": [moment(s.made_at, lang()) for s in made],
            "author": [s.author for s in made],
            "version": [s.calibration.version for s in made],
        }
    )
    text = st.column_config.TextColumn
    picked = st.dataframe(
        table, hide_index=True, width="stretch", key=f"calib-versions-{results.snapshot()}", on_select="rerun",
        selection_mode="single-row",
        column_config={
            "state": text(_("State")), "station": text(_("Station")), "pollutant": text(_("Pollutant")),
            "method": text(_("Method")), "period": text(_("Period")),
            "error": st.column_config.NumberColumn(_("Error") + f" ({unit(lang())})", format="%.1f",
                                                   help=_("Of a 24-hour mean, one standard deviation.")),
            "made": text(_("Made")), "author": text(_("By")), "version": text(_("Version")),
        },
    )["selection"]["rows"]  # fmt: skip
    if not picked or picked[0] >= len(made):
        st.caption(_("Choose a version to let it count, to go back to raw values, or to take it back."))
        return
    stored = made[picked[0]]
    own = stored.calibration
    use, raw, back = st.columns(3)
    use.button(_("Let this version count"), icon=":material/check:", width="stretch", key="calib-choose",
               disabled=stored.import_id in counting, on_click=_choose,
               args=(own.station_id, own.pollutant, stored.import_id))  # fmt: skip
    raw.button(_("Back to raw values"), icon=":material/undo:", width="stretch", key="calib-raw",
               disabled=not any(s.calibration.station_id == own.station_id for s in _current()), on_click=_choose,
               args=(own.station_id, own.pollutant, ""))  # fmt: skip
    back.button(_("Take this version back"), icon=":material/delete:", width="stretch", key="calib-back",
                on_click=_take_back, args=(stored.import_id,))  # fmt: skip


def summary(station_id: str, pollutant: str) -> str:
    """Return in words whether a station's readings are calibrated, and by what."""
    for stored in _current():
        own = stored.calibration
        if own.station_id == station_id and own.pollutant == pollutant:
            return _("{method}, {period}", method=_(METHODS[own.method]),
                     period=date_range(own.begin, own.end, lang()))  # fmt: skip
    return _("none, raw values")

