"""Live networks: asking one for its readings, what came of it in words, and the state of the watch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from geo import export, watch
from geo.boundaries import find_area
from geo.networks import NETWORKS, FetchReport, Network, Query, fetch, network_key
from geo.networks.model import THAILAND
from language import N_, UserError, date_range, moment, number
from language.progress import Progress
from pages.parts import errors, facts, frame, results, state, tables
from pages.parts.i18n import _, lang

NAMES = tuple(name for name in NETWORKS if name != "csv")
"""Not the table at an address of one's own: whoever reads the page would let this computer open any address."""

REGISTERS = ("diw", "boundaries")
TITLES = {
    "diw": N_("Factory register (DIW)"),
    "boundaries": N_("Administrative boundaries (COD-AB)"),
}
SERVICES = {
    "history": N_("hourly history, one decimal"),
    "history2": N_("hourly history, whole numbers"),
    "live": N_("mean of the last 24 hours"),
    "api": N_("hourly means (API)"),
    "open": N_("open service, latest values"),
    "official": N_("official service with a key, 30 days"),
}
HOURS = {24: N_("last 24 hours"), 72: N_("last 3 days"), 168: N_("last 7 days"), 720: N_("last 30 days"),
         0: N_("dates")}  # fmt: skip
AREAS = {"around": N_("in and around the area (30 km)"), "inside": N_("only in the area"), "all": N_("all Thailand")}
MARGIN = (0.28, 0.27)
"""Degrees of longitude and latitude that are about 30 km in Thailand; as ``python -m geo fetch --area``."""
LONGEST = 366
"""Days of one question at most."""
_SHOWN = 200


class Fetches:
    """Fetches in the background, one of a network at a time."""

    def __init__(self) -> None:
        self._jobs: dict[str, results.Job] = {}
        self._guard = threading.Lock()
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="fetch")

    def start(self, name: str, work: Callable[[Progress], FetchReport]) -> results.Job:
        """Return a new fetch of a network.

        Raises
        ------
        UserError
            Where somebody is asking it already.
        """
        with self._guard:
            running = self._jobs.get(name)
            if running is not None and not running.future.done():
                raise UserError(
                    "{network} is being asked already. Wait until that is done, then press again.",
                    network=NETWORKS[name].title,
                )
            job = self._jobs[name] = results.Job()
            job.future = self._threads.submit(work, job.say)
            return job


@st.cache_resource(show_spinner=False)
def fetches() -> Fetches:
    """Return the fetches of this process."""
    return Fetches()


def title(name: str) -> str:
    """Return a network's name in the reader's language."""
    return _(TITLES[name]) if name in TITLES else NETWORKS[name].title


def secret(network: Network) -> str:
    """Return a network's key from the environment or the app's secrets; it is never shown, stored or logged."""
    found = network_key(network)
    if not found and network.key_variable and st.secrets.load_if_toml_exists():
        found = str(st.secrets.get(network.key_variable, ""))
    return found


def show() -> None:
    """Draw the question, the answer, and the watch. Nothing leaves the machine before the button is pressed."""
    chosen = st.session_state.get("_choice")
    network = NETWORKS[_network()]
    wish = _wish(network, chosen)
    key = secret(network)
    missing = network.key_needed and not key
    pressed = st.button(
        _("Fetch"), type="primary", icon=":material/cloud_download:", disabled=missing or wish is None, key="net-fetch"
    )
    _about(network, bool(key))
    answer = st.container()
    st.divider()
    _watch(chosen)
    with answer:
        if pressed and wish is not None:
            _start(network, wish, key)
        _answer(network)


def _network() -> str:
    return str(
        st.selectbox(
            _("Network or register"),
            NAMES,
            format_func={name: title(name) for name in NAMES}.__getitem__,
            key=state.bind("net", NAMES[0], allowed=NAMES),
        )
    )


def _wish(network: Network, chosen: frame.Choice | None) -> Query | None:
    """Draw what a network may be asked for and return it; None (with the reason said) where it is not possible."""
    columns = st.columns([3, 3, 3], vertical_alignment="bottom")
    if network.name in REGISTERS:
        province = columns[0].text_input(
            _("Province"), key="net-province", placeholder="ราชบุรี", max_chars=60,
            help=_("Thai or English name. Empty: the whole country, which takes long."),
        )  # fmt: skip
        return Query.last(24, province=province.strip())
    service = ""
    services = [name for name in network.services if name != "archive"]  # asks for stations by their numbers
    if len(services) > 1:
        service = columns.pop(0).selectbox(
            _("Service"), services, format_func={s: _(SERVICES[s]) for s in services}.__getitem__,
            key=f"net-service-{network.name}",
        )  # fmt: skip
    places = list(AREAS) if chosen else ["all"]
    where = columns[0].selectbox(
        _("Where"),
        places,
        format_func={p: _(AREAS[p]) for p in places}.__getitem__,
        key="net-where" if chosen else "net-where-all",
    )
    span = columns[1].selectbox(
        _("When"), list(HOURS), index=1, format_func={h: _(HOURS[h]) for h in HOURS}.__getitem__, key="net-hours"
    )
    try:
        start, end = _span(span)
        return Query(start=start, end=end, bounds=_bounds(where, chosen), service=service)
    except UserError as error:
        st.warning(error.say(lang()), icon=":material/warning:")
        return None


def _span(hours: int) -> tuple[datetime, datetime]:
    """Return the period that is asked for, drawing the two dates where they are wanted.

    Raises
    ------
    UserError
        Where only one is chosen, or they lie too far apart.
    """
    now = datetime.now(UTC)
    if hours:
        return now - timedelta(hours=hours), now
    today = results.today()
    picked = st.date_input(
        _("First and last day"), value=(today - timedelta(days=7), today), max_value=today, format="DD/MM/YYYY",
        key="net-dates",
    )  # fmt: skip
    if not isinstance(picked, tuple) or len(picked) != 2:
        raise UserError("Choose the first and the last day.")
    first, last = picked
    st.caption(date_range(first, last, lang()))
    if (last - first).days >= LONGEST:
        raise UserError("Ask for at most {days} days at once.", days=LONGEST)
    return _midnight(first), min(_midnight(last + timedelta(days=1)), now)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), results.BANGKOK)


def _bounds(where: str, chosen: frame.Choice | None) -> tuple[float, float, float, float]:
    if where == "all" or chosen is None:
        return THAILAND
    west, south, east, north = find_area(results.lake(), chosen.area).to_crs(4326).total_bounds
    dx, dy = MARGIN if where == "around" else (0.0, 0.0)
    return float(west - dx), float(south - dy), float(east + dx), float(north + dy)


def _about(network: Network, has_key: bool) -> None:
    """Say whose readings they are, under which licence, and whether a key is there."""
    said = [
        f"{_('Source')}: {errors.plain(network.attribution or network.title)}",
        f"{_('Licence')}: {errors.plain(network.licence or _('not known'))}",
    ]
    if network.key_variable:
        if has_key:
            said.append(_("The key is set."))
        elif network.key_needed:
            said.append(
                _("This network needs a key: whoever runs the app puts it into the environment variable {name} "
                  "or the app's secrets. It is never shown or stored.", name=network.key_variable)
            )  # fmt: skip
        else:
            said.append(_("Works without a key; {name} may hold one.", name=network.key_variable))
    if network.name == "airgradient":
        said.append(_("It gives only readings of the moment; hours come together when it is asked every 10 minutes."))
    st.caption(" · ".join(said))


def _start(network: Network, wish: Query, key: str) -> None:
    """Begin a fetch in the background."""
    lake = results.lake()

    def work(say: Progress) -> FetchReport:
        # What is asked for comes in the network's own words: only the share is shown.
        return fetch(lake, network, wish, key=key, progress=lambda share, _words: say(share, ""))

    answers = st.session_state.setdefault("_fetched", {})
    answers.pop(network.name, None)
    try:
        answers[network.name] = fetches().start(network.name, work)
    except UserError as error:
        answers[network.name] = error


def _answer(network: Network) -> None:
    """Draw what came of this reader's last question to a network; with a bar while it is not answered yet."""
    asked: results.Job | UserError | None = st.session_state.get("_fetched", {}).get(network.name)
    if isinstance(asked, results.Job):
        try:
            _report(network, results.wait_for(asked, _("Asking {network}", network=title(network.name))))
            return
        except UserError as error:
            asked = error
    if asked is not None:
        st.error(asked.say(lang()), icon=":material/error:")


def _report(network: Network, report: FetchReport) -> None:
    """Say what a fetch brought."""
    for error in report.errors:
        st.error(errors.plain(error.say(lang())), icon=":material/error:")
    new, changed = number(report.added), number(report.updated)
    if report.added or report.updated:
        st.success(
            _("{network}: {added} new rows and {updated} changed ones are stored.",
              network=title(network.name), added=new, updated=changed), icon=":material/check:",
        )  # fmt: skip
    elif report.errors:
        st.caption(_("What was stored before stays as it is. Try again later; the rest of the page works without."))
    newest = moment(report.newest, lang()) if report.newest else "–"
    facts.grid(
        {
            _("Rows read"): number(report.rows_read), _("New"): new, _("Changed"): changed,
            _("Left out"): number(len(report.dropped)), _("Newest reading"): newest,
            _("Source"): network.attribution or network.title, _("Licence"): network.licence or _("not known"),
        },
        narrowest=8,
    )  # fmt: skip
    if report.notes:
        errors.notes(report.notes)
    _dropped(report)
    if report.added or report.updated:
        st.caption(_("It is one import: it can be undone under “What was imported”."))


def _dropped(report: FetchReport) -> None:
    if report.dropped.empty:
        return
    rows = pd.DataFrame(
        {
            _("Row"): report.dropped["row"],
            _("Column"): report.dropped["column"],
            _("Value"): report.dropped["value"].astype(str),
            _("Reason"): [reason.say(lang()) for reason in report.dropped["reason"]],
        }
    )
    with st.expander(_("Left out: {count} rows", count=number(len(rows)))):
        tables.show(rows.head(_SHOWN))
        st.download_button(
            _("Download the {count} rows left out", count=number(len(rows))),
            export.harmless(rows).to_csv(index=False).encode("utf-8-sig"),
            file_name=f"left-out-{report.network}.csv", mime="text/csv", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip


def _watch(chosen: frame.Choice | None) -> None:
    """Draw what the scheduled polls did, and how to run them."""
    table = watch.state(results.lake().where, lang=lang())
    st.markdown(f"**{_('Fetching on a schedule')}**")
    if table.empty:
        st.caption(_("No network has been polled on a schedule yet. Until then, press the button above."))
    else:
        alive = bool(table["running"].any())
        st.caption(_("The watch is running.") if alive else _("The watch is not running now."))
        tables.show(watch_table(table))
        for words in table["error"]:
            if words:
                st.caption(errors.plain(words))
    with st.expander(_("How to run it"), icon=":material/terminal:"):
        st.write(_("In a terminal on the computer that keeps the data; it goes on until it is ended with Ctrl+C:"))
        area = chosen.area if chosen else "…"
        st.code(f'python -m geo watch air4thai --area "{area}" --every 30', language="bash")
        st.write(_("As a service that starts with the computer (Linux, Windows):"))
        st.code(watch.RECIPES, language="text")


def watch_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the watch's state as it is shown: names, Thai times, lag and errors in words."""
    return pd.DataFrame(
        {
            _("Network"): [title(n) if n in NETWORKS else n for n in table["network"]],
            _("State"): [_state(row) for row in table.to_dict("records")],
            _("Last success"): [_when(t) for t in table["last_success"]],
            _("Newest reading"): [_when(t) for t in table["newest"]],
            _("Lag"): ["–" if pd.isna(h) else _("{hours} hours", hours=f"{h:.1f}") for h in table["lag_hours"]],
            _("New rows"): table["rows_added"],
            _("Next"): [_when(t) for t in table["next_try"]],
            _("Error"): table["error"],
        }
    )


def _state(row: dict[str, Any]) -> str:
    return _("{count} failures in a row", count=row["failures"]) if row["failures"] else _("good")


def _when(time: Any) -> str:
    return "–" if pd.isna(time) else moment(pd.Timestamp(time).to_pydatetime(), lang())
