"""Follow-up: did a project work, what the council gets to see each year, and where to measure next."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import altair as alt
import pandas as pd
import streamlit as st

from geo.palettes import INK, PRIMARY, ZONE_CLASSES
from language import UserError, date_range, day, note, unit
from pages.parts import (
    charts,
    errors,
    facts,
    files,
    fold,
    follow_desk,
    follow_setup,
    follow_sites,
    frame,
    state,
    tables,
)
from pages.parts.follow_desk import EXAMPLE
from pages.parts.i18n import _, lang
from planning import council, progress, trends

VIEWS = ("result", "setup", "council", "sites")


def choose(kept: list[follow_desk.Followed]) -> str:
    """Draw the choice of a followed project, or the example, and return its id."""
    names = {one.document_id: one.project.name for one in kept}
    names[EXAMPLE] = _("Example: a filter on one factory (simulated)")
    key = state.bind("followed", next(iter(names)), allowed=list(names))
    st.selectbox(_("Project"), list(names), format_func=names.__getitem__, key=key, label_visibility="collapsed")
    return str(state.get("followed"))


def result(kept: list[follow_desk.Followed]) -> None:
    """Draw the verdict, the chart and what it rests on, of the chosen project or of the example."""
    picked = choose(kept)
    if picked == EXAMPLE:
        shown = follow_desk.shown_example()
        st.caption(f":material/science: {errors.plain(shown.sentence().say(lang()))}")
        _shown(shown.found, _("Example: a filter on one factory (simulated)"), shown.true_change)
        return
    one = next(k for k in kept if k.document_id == picked)
    first, last = follow_desk.reach(chosen)
    try:
        found = follow_desk.measured(one.project, first, last)
    except UserError as problem:
        st.info(problem.say(lang()), icon=":material/hourglass_empty:")
        st.caption(_("What can be compared grows with every day of readings; nothing needs to be set up again."))
        return
    _shown(found, one.project.name)


def _shown(found: progress.Progress, name: str, truth: float | None = None) -> None:
    seen = found.effect
    said = progress.sentences(found, lang())
    box = {"less": st.success, "more": st.error, "unclear": st.warning}[seen.verdict]
    icon = {"less": ":material/trending_down:", "more": ":material/trending_up:", "unclear": ":material/help:"}
    box(f"**{errors.plain(said[0].say(lang()))}**", icon=icon[seen.verdict])
    left, right = st.columns([5, 3], gap="medium")
    with left:
        _chart(found, name)
    with right:
        items = {
            _("Change, weather taken off"): _percent(seen.change),
            _("95 % range"): _("{low} to {high}", low=_percent(seen.lower), high=_percent(seen.upper)),
            _("Plain change of the means"): _percent(seen.raw_change),
            _("Smallest decrease these days would show"): _percent(-seen.detectable),
        }
        if truth is not None:
            items[_("True change (simulator)")] = _percent(truth)
        facts.grid(items, narrowest=11)
    with st.expander(_("What it rests on"), icon=":material/rule:", expanded=True):
        errors.notes(said[1:])
    if len(found.trials):
        _trials(found)


def _percent(share: float) -> str:
    return f"{trends.signed(100 * share)} %"


def _chart(found: progress.Progress, name: str) -> None:
    series = found.effect.series.reset_index(names="date").assign(date=lambda t: pd.to_datetime(t["date"]))
    words = {"observed": _("measured"), "expected": _("expected without the measure")}
    long = series.melt("date", ["observed", "expected"], "what", "value")
    long = long.assign(what=long["what"].map(words))
    scale = alt.Scale(domain=list(words.values()), range=[PRIMARY, ZONE_CLASSES["watch"]])
    lines = alt.Chart(long).mark_line(strokeWidth=2).encode(
        x=alt.X("date:T", title=None, axis=alt.Axis(format="%d/%m")),
        y=alt.Y("value:Q", title=f"{_('24-hour mean')} ({unit(lang())})", scale=alt.Scale(zero=True)),
        color=alt.Color("what:N", title=None, scale=scale, legend=alt.Legend(orient="bottom")),
        strokeDash=alt.StrokeDash("what:N", legend=None, scale=alt.Scale(domain=list(words.values()),
                                                                         range=[[1, 0], [6, 4]])),
        tooltip=[alt.Tooltip("date:T", format="%d/%m/%Y", title=_("Day")), alt.Tooltip("what:N", title=_("What")),
                 alt.Tooltip("value:Q", format=".1f", title=unit(lang()))],
    )  # fmt: skip
    rule = alt.Chart(pd.DataFrame({"date": [pd.Timestamp(found.project.start)]})).mark_rule(
        color=INK, strokeWidth=2
    ).encode(x="date:T")  # fmt: skip
    index = list(found.effect.series.index)
    below = [
        _("{count} stations; line: start {day}", count=len(found.affected), day=day(found.project.start, lang())),
        date_range(index[0], index[-1], lang()) + (f" · {_('Simulated data')}" if found.simulated else ""),
    ]
    charts.show(alt.layer(lines, rule), name, below, height=300)


def _trials(found: progress.Progress) -> None:
    box = fold.unfolded(_("Made-up starts: {count}", count=len(found.trials)), "trials", icon=":material/casino:")
    if box is None:
        return
    with box:
        tables.show(
            pd.DataFrame(
                {
                    _("Made-up start"): [day(d, lang()) for d in found.trials["start"]],
                    _("Change"): [_percent(v) for v in found.trials["change"]],
                    _("95 % range"): [f"{_percent(a)} … {_percent(b)}"
                                      for a, b in zip(found.trials["lower"], found.trials["upper"], strict=True)],
                    _("Verdict"): [_(council.VERDICTS[v]) for v in found.trials["verdict"]],
                }
            ),
        )  # fmt: skip


def for_council(kept: list[follow_desk.Followed]) -> None:
    """Draw the yearly page and its files."""
    office = st.text_input(_("Name of the local government"), value=chosen.name, key="follow-office")
    page = follow_desk.page(chosen, office)
    if not kept:
        st.info(_("No project is followed yet: set one up first."), icon=":material/add_circle:")
    else:
        heads = [_(h) for h in council.HEADS]
        tables.show(pd.DataFrame([council.row(e, lang()) for e in page.entries], columns=heads))  # fmt: skip
    errors.notes(council.closing())
    first, second = st.columns(2)
    first.download_button(
        _("Yearly progress page (.pdf)"), partial(council.pdf, page, lang()), mime="application/pdf",
        key="get-council-pdf",
        file_name=files.name("progress", chosen, "pdf"), icon=":material/picture_as_pdf:", on_click="ignore",
        width="stretch", disabled=not kept,
    )  # fmt: skip
    second.download_button(
        _("Yearly progress page (.docx)"), partial(files.written, partial(_docx, page), "docx"), mime=files.DOCX,
        file_name=files.name("progress", chosen, "docx"), icon=":material/description:", on_click="ignore",
        width="stretch", disabled=not kept, key="get-council-docx",
    )  # fmt: skip


def _docx(page: council.Page, path: Path) -> None:
    council.write_docx(page, path, lang())


chosen = frame.choice()
follow_setup.after_save()
kept = follow_desk.followed(chosen)
first_day, last_day = follow_desk.reach(chosen)
frame.header(_("Follow-up"), _("Did it work, what may the council be told, and where to measure next?"))
frame.context_line(
    chosen, extra=note("all readings, {span}", span=date_range(first_day, last_day, lang())).say(lang())
)
left, right = st.columns([5, 2], vertical_alignment="bottom")
view = left.segmented_control(
    _("View"), VIEWS, required=True, key=state.bind("fu", "result", allowed=VIEWS), label_visibility="collapsed",
    format_func={
        "result": _("Did it work?"), "setup": _("Set up a project"),
        "council": _("For the council ({count})", count=len(kept)), "sites": _("Where to measure next"),
    }.__getitem__,
)  # fmt: skip
changed = follow_desk.last_changed(chosen)
if view in ("setup", "council") and changed:
    right.button(
        _("Take the last change back"), icon=":material/undo:", on_click=follow_desk.take_back, args=(changed,),
        width="stretch", key="follow-undo",
    )  # fmt: skip
if view == "setup":
    follow_setup.show(chosen, kept)
elif view == "council":
    for_council(kept)
elif view == "sites":
    follow_sites.show(chosen)
else:
    result(kept)
