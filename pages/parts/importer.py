"""Bringing a file in: what was understood, columns to correct, what will be left out, and only then storing it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import streamlit as st
from shapely.geometry import box

from geo import export, importing, layers, readers
from geo.readers import Options, Parsed, Preview
from geo.schema import KINDS, LEVELS, STATION_KINDS, VARIABLES
from language import UserError, number
from pages.parts import (
    addresses,
    errors,
    field_names,
    help_data,
    history,
    holdings,
    kind_guess,
    map_view,
    results,
    state,
    tables,
    zone_why,
)
from pages.parts.i18n import _, lang

TYPES = ("csv", "txt", "tsv", "xlsx", "xls", "geojson", "json", "gpkg", "zip", "kml", "kmz", "gpx", "gz", "parquet",
         "tif", "tiff")  # fmt: skip
NOT_MAPPED = "–"
POINTS = 2000
"""Points of a preview's map at most."""


@dataclass(frozen=True)
class Wish:
    """A file and what the reader says about it."""

    name: str
    data: bytes
    kind: str
    options: Options
    mapping: dict[str, str]
    simulated: bool = False

    @property
    def key(self) -> str:
        """Identity of file, kind, options and mapping."""
        text = f"{self.name}|{self.kind}|{self.options}|{sorted(self.mapping.items())}"
        return sha256(self.data).hexdigest()[:16] + sha256(text.encode()).hexdigest()[:16]


def show() -> None:
    """Draw the steps: drop, check, fix, confirm."""
    report = st.session_state.pop("_import_report", None)
    if report is not None:
        done(*report)
    asked = st.session_state.pop("_undo_asked", None)  # the report with its button is gone in this run
    if asked is not None:
        history.confirm(*asked)
    _speak()
    round_ = st.session_state.setdefault("_import_round", 0)
    uploaded = st.file_uploader(
        _("1 Drop a file here"), type=list(TYPES), key=f"import-file-{round_}", help=help_data.FORMATS
    )
    if uploaded is None:
        _invitation()
        return
    try:
        _steps(uploaded.name, uploaded.getvalue())
    except UserError as error:
        st.error(error.say(lang()), icon=":material/error:")
        st.caption(_("Nothing was stored. Correct the file or choose another kind, column or option."))


def _speak() -> None:
    """Give the uploader, whose words Streamlit keeps in English, words of the reader's language."""
    words = json.dumps(_("Choose a file or drop it here"), ensure_ascii=False)
    button = "[data-testid=stFileUploaderDropzone] [data-testid=stBaseButton-secondary]"
    st.html(
        f"<style>[data-testid=stFileUploaderDropzoneInstructions]{{display:none}}{button} p{{font-size:0}}"
        f"{button} p::after{{content:{words};font-size:.9rem}}</style>"
    )


def _invitation() -> None:
    st.caption(
        _("Understood: {formats}. Column names in Thai or English are recognised; you can correct them.",
          formats=help_data.FORMATS)
    )  # fmt: skip
    for column, (kind, name) in zip(st.columns(7), help_data.kinds().items(), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{name.split(':')[0]}**")
            st.caption(name.split(":", 1)[-1].strip())
            if kind in help_data.EXAMPLES:
                st.download_button(
                    _("Example"), help_data.EXAMPLES[kind].encode("utf-8-sig"), file_name=f"{kind}-example.csv",
                    mime="text/csv", key=f"example-{kind}", on_click="ignore", icon=":material/download:",
                )  # fmt: skip


def _steps(name: str, data: bytes) -> None:
    digest = sha256(data).hexdigest()[:12]
    kinds = help_data.kinds()
    guessed = _once(f"kind-{digest}", lambda: kind_guess.guess_kind(data, name))
    left, middle, right = st.columns([3, 2, 2], vertical_alignment="bottom")
    kind = left.selectbox(
        _("2 What is in it"), KINDS, index=KINDS.index(guessed), format_func=kinds.__getitem__, key=f"kind-{digest}"
    )
    with middle.popover(_("More about the file"), icon=":material/tune:", width="stretch"):
        options, simulated = _options(kind, digest, name)
    wish = Wish(name, data, kind, options, {}, simulated)
    guess = _preview(wish)
    right.caption(" · ".join(filter(None, (guess.format, guess.encoding, guess.crs))))
    columns, seen = st.columns([5, 6], gap="medium")
    with columns:
        wish = replace(wish, mapping=_mapping(guess, digest))
    with seen:
        _look(_preview(wish), digest)
    parsed = _read(wish)
    _check(parsed)
    if st.button(
        _("4 Import {count} rows", count=number(parsed.rows_kept)), type="primary", icon=":material/upload:",
        disabled=not parsed.rows_kept,
    ):  # fmt: skip
        _store(wish)


def _preview(wish: Wish) -> Preview:
    return _once(
        f"preview-{wish.key}",
        lambda: readers.preview(
            wish.data, wish.kind, name=wish.name, mapping=wish.mapping, options=wish.options
        ),
    )


def _read(wish: Wish) -> Parsed:
    return _once(
        f"read-{wish.key}",
        lambda: readers.read(wish.data, wish.kind, name=wish.name, mapping=wish.mapping, options=wish.options),
    )


def _once(key: str, compute: Any) -> Any:
    """Return what was computed for `key` in this session; only the last few files are remembered."""
    kept: dict[str, Any] = st.session_state.setdefault("_import_kept", {})
    if key not in kept:
        with st.spinner(_("Reading the file")):
            kept[key] = compute()
        while len(kept) > 12:
            kept.pop(next(iter(kept)))
    return kept[key]


def _options(kind: str, digest: str, name: str) -> tuple[Options, bool]:
    """Draw what the file may not say about itself."""
    key = f"{kind}-{digest}"
    values: dict[str, Any] = {
        "source": st.text_input(_("Source"), key=f"source-{key}", placeholder=_("Who made these data")),
        "licence": st.text_input(_("Licence"), key=f"licence-{key}"),
    }
    values["crs"] = st.text_input(
        _("Coordinate system"), key=f"crs-{key}", placeholder="EPSG:32647",
        help=_("Only where the file has x and y in metres and does not name its system"),
    ).strip()  # fmt: skip
    if kind in ("stations", "observations"):
        kinds = {"": _("as the file says"), **{k: zone_why.station_kind(k) for k in STATION_KINDS}}
        values["station_kind"] = st.selectbox(
            _("Kind of the stations"), list(kinds), key=f"kind-of-{key}", format_func=kinds.__getitem__
        )
    if kind == "boundaries":
        levels = {"": _("find out"), **{level: level_name(level) for level in LEVELS}}
        values["level"] = st.selectbox(
            _("Level"), list(levels), key=f"level-{key}", format_func=levels.__getitem__
        )
        values["approximate"] = st.toggle(_("Approximate, not a legal line"), key=f"approximate-{key}")
    if kind == "observations":
        measured = {"": _("as the file says"), **{v: holdings.variable_name(v) for v in VARIABLES}}
        values["variable"] = st.selectbox(
            _("What is measured"), list(measured), key=f"variable-{key}", format_func=measured.__getitem__,
            help=_("Only where the file has one column a station"),
        )  # fmt: skip
        labels = {"auto": _("find out"), "beginning": _("by its beginning"), "ending": _("by its end")}
        values["hour_label"] = st.selectbox(
            _("An hour is labelled"), list(labels), format_func=labels.__getitem__, key=f"hour-{key}"
        )
        values["utc"] = st.toggle(_("Times are UTC, not Thai time"), key=f"utc-{key}")
    values |= _form_of_file(name, key)
    return Options(**values), st.toggle(_("These data are simulated"), key=f"simulated-{key}")


def _form_of_file(name: str, key: str) -> dict[str, str]:
    """Draw what is found out about the form of a file, for the case that it is found out wrongly."""
    if not name.lower().removesuffix(".gz").endswith((".csv", ".txt", ".tsv")):
        sheet = st.text_input(
            _("Sheet or layer"), key=f"layer-{key}",
            help=_("Only where the file has several and another one was read; its name stands among the decisions."),
        )  # fmt: skip
        return {"layer": sheet.strip()}
    encodings = {"": _("find out"), "utf-8": "UTF-8", "cp874": _("Thai Windows (cp874)"), "utf-16": "UTF-16",
                 "cp1252": _("Western (cp1252)")}  # fmt: skip
    delimiters = {"": _("find out"), ",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar |")}
    decimals = {"": _("find out"), ".": _("point"), ",": _("comma")}
    return {
        "encoding": st.selectbox(
            _("Letters are written in"), list(encodings), key=f"enc-{key}", format_func=encodings.__getitem__
        ),
        "delimiter": st.selectbox(
            _("Between the cells stands"), list(delimiters), key=f"delim-{key}", format_func=delimiters.__getitem__
        ),
        "decimal": st.selectbox(
            _("Before the decimals stands"), list(decimals), key=f"dec-{key}", format_func=decimals.__getitem__
        ),
    }


def level_name(level: str) -> str:
    """Return the name of a boundary level."""
    names = {
        "subarea": _("sub-area"), "municipality": _("municipality"), "tambon": _("tambon"),
        "district": _("district"), "province": _("province"),
    }  # fmt: skip
    return names.get(level, level)


def _mapping(guess: Preview, digest: str) -> dict[str, str]:
    """Draw which column is what, to be corrected; return what was changed."""
    st.markdown(f"**{_('3 Which column is what')}**")
    fields = list(guess.fields)
    first = [f for f in fields if f in guess.mapping]
    order = [*first, *(f for f in fields if f not in guess.mapping)]
    shown = pd.DataFrame(
        {
            "field": order,
            "ours": [field_names.name(f) for f in order],
            "theirs": [guess.mapping.get(f, NOT_MAPPED) for f in order],
        }
    )
    choices = list(dict.fromkeys([NOT_MAPPED, *guess.columns, *guess.mapping.values()]))
    edited = st.data_editor(
        shown,
        hide_index=True,
        width="stretch",
        height=205,
        key=f"mapping-{guess.kind}-{digest}-{sha256('|'.join(guess.columns).encode()).hexdigest()[:6]}",
        disabled=["ours"],
        column_order=["ours", "theirs"],
        column_config={
            "ours": st.column_config.TextColumn(_("Here")),
            "theirs": st.column_config.SelectboxColumn(_("Column of the file"), options=choices, required=True),
        },
    )
    changed = edited[edited["theirs"] != shown["theirs"]]
    return {
        ours: "" if theirs == NOT_MAPPED else theirs
        for ours, theirs in zip(changed["field"], changed["theirs"], strict=True)
    }


def _look(found: Preview, digest: str) -> None:
    """Draw the first rows, and the places on a map."""
    rows, places = st.tabs([_("First rows"), _("On the map")])
    rows.dataframe(found.rows, hide_index=True, width="stretch", height=200, placeholder="")
    with places:
        if found.shapes.empty or not np.isfinite(found.shapes.total_bounds).all():
            st.caption(_("There is nothing to draw: no coordinates or shapes were found."))
        else:
            around = gpd.GeoDataFrame(geometry=[box(*found.shapes.total_bounds).buffer(0.005)], crs=4326)
            map_view.show_map(
                layers.base_map(around, lang=lang(), label=_("Map of the file"), ground=addresses.ground()),
                key=f"import-{found.kind}-{digest}",
                layers=[_drawn(found.shapes)],
                height=200,
            )


def _drawn(shapes: gpd.GeoDataFrame) -> folium.FeatureGroup:
    """Return the file's places as a layer: outlines with names, or points (at most `POINTS`)."""
    if shapes.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).all():
        return layers.boundaries(shapes.assign(name_th=shapes["label"]), lang=lang())
    some = shapes[~shapes.geometry.is_empty].head(POINTS)
    points = some.assign(
        station_id=some["label"], name_th=some["label"], kind="unknown", lat=some.geometry.y, lon=some.geometry.x
    )
    return layers.stations(points, None, lang=lang())


def _check(parsed: Parsed) -> None:
    """Draw what will be kept and what will be left out, with row and reason."""
    figures = {
        "kept": number(parsed.rows_kept), "read": number(parsed.rows_read), "dropped": number(len(parsed.dropped)),
    }  # fmt: skip
    # A row of a wide table holds several readings.
    st.markdown(
        _("**{kept}** readings out of {read} rows will be stored; **{dropped}** values or rows will be left out.",
          **figures)
        if parsed.kind == "observations"
        else _("**{kept}** of {read} rows will be stored; **{dropped}** values or rows will be left out.", **figures)
    )  # fmt: skip
    if len(parsed.dropped):
        with st.expander(_("What will be left out, and why"), icon=":material/block:"):
            table = dropped_table(parsed)
            tables.show(table.head(500), height=200)
            st.download_button(
                _("Download the {count} rows left out", count=len(table)),
                export.harmless(table).to_csv(index=False).encode("utf-8-sig"),
                file_name=f"left-out-{parsed.kind}.csv",
                mime="text/csv",
                on_click="ignore",
                icon=":material/download:",
            )
    if parsed.notes:
        with st.expander(_("What the computer decided ({count})", count=len(parsed.notes)), icon=":material/info:"):
            errors.notes(parsed.notes)


def dropped_table(parsed: Parsed) -> pd.DataFrame:
    """Return what is left out, the reason in the reader's language."""
    table = parsed.dropped
    return pd.DataFrame(
        {
            _("Row"): table["row"], _("Column"): table["column"], _("Value"): table["value"],
            _("Reason"): [reason.say(lang()) for reason in table["reason"]],
        }
    )  # fmt: skip


def _store(wish: Wish) -> None:
    with results.progress(_("Storing the rows"), here=True) as say:
        report = importing.import_file(
            results.lake(), wish.data, wish.kind, name=wish.name, mapping=wish.mapping, options=wish.options,
            simulated=wish.simulated, progress=lambda share, _sentence: say(share, _("Storing the rows")),
        )  # fmt: skip
    st.session_state["_import_report"] = (wish.name, report)
    st.session_state["_import_round"] += 1
    st.rerun()


def done(name: str, report: importing.ImportReport) -> None:
    """Say what an import brought, and what comes next."""
    with st.container(border=True):
        st.success(
            _("{file}: {kept} rows are stored, {dropped} left out. Snapshot {snapshot}.",
              file=errors.plain(name), kept=number(report.kept), dropped=number(len(report.dropped)),
              snapshot=report.snapshot),
            icon=":material/check_circle:",
        )  # fmt: skip
        errors.notes(report.notes)
        left, middle, right = st.columns([1, 2, 1])
        if report.workspace_id:
            middle.button(
                _("Work in the new workspace"), on_click=state.put, args=("ws", report.workspace_id), type="primary",
                icon=":material/arrow_forward:",
            )  # fmt: skip
        left.page_link("pages/map.py", label=_("Look at the map"), icon=":material/map:")
        right.button(
            _("Undo this import"), icon=":material/undo:", key="undo-just-now", on_click=state.put,
            args=("_undo_asked", (report.import_id, name)),
        )  # fmt: skip
