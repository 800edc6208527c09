"""Help: how to read the map, the method, one's own data, the command line, sources and licences."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from geo import catalogues, standards
from language import concentration, day, pollutant_name, unit
from pages.parts import frame, help_data, help_method, help_text, holdings, state, tables
from pages.parts.i18n import _, lang


def read_the_map() -> None:
    """Show the picture cards for everybody, then what the map cannot say."""
    standard = standards.standard("pm25", averaging="24h")
    cards = help_text.cards(concentration(standard.value, lang()))
    for start in range(0, len(cards), 5):
        for column, card in zip(st.columns(5), cards[start : start + 5], strict=False):
            column.html(card)
    with st.expander(_("What the map cannot say"), icon=":material/visibility_off:", expanded=True):
        st.markdown("\n".join(f"- {sentence}" for sentence in help_text.limits()))


def method() -> None:
    """Show the method for the engineer."""
    words, table = st.columns([3, 2], gap="large")
    with words:
        for title, paragraphs in help_method.steps():
            st.markdown(f"##### {title}")
            for paragraph in paragraphs:
                st.markdown(paragraph)
    with table:
        st.markdown("##### " + _("Where each number comes from"))
        st.table(help_method.origins().set_index(_("Number")))
        st.markdown("##### " + _("Read more"))
        st.markdown("\n".join(f"- {reference}" for reference in help_method.references()))


def own_data() -> None:
    """Show what files are understood, kind by kind, with an example to fill in."""
    st.markdown(
        _(
            "Open the data page, drop a file, look at what was understood, correct a column if need be, and confirm. "
            "Nothing is stored before you confirm, and an import can be undone. The files may be:"
        )
        + f" {help_data.FORMATS}"
    )
    st.page_link("pages/data.py", label=_("Open the data page"), icon=":material/upload_file:")
    for kind, name in help_data.kinds().items():
        with st.expander(name, expanded=kind == "stations"):
            tables.show(help_data.columns(kind))
            if kind in help_data.EXAMPLES:
                st.download_button(
                    _("Download an example file"),
                    help_data.EXAMPLES[kind].encode("utf-8-sig"),
                    file_name=f"{kind}-example.csv",
                    mime="text/csv",
                    key=f"example-{kind}",
                    on_click="ignore",
                    icon=":material/download:",
                )
    st.caption(
        _(
            "Order that works best: boundaries, stations, observations, factories, receptors. Names of people and "
            "telephone numbers are not taken over."
        )
    )


def command_line() -> None:
    """Show the commands behind the pages."""
    st.markdown(
        _(
            "Everything the pages do can be done from a terminal in the folder of the program, with the same functions "
            "and the same results. Add --help to any command for all its options."
        )
    )
    st.code(help_data.COMMANDS, language="bash")
    st.markdown(
        _(
            "The data lie in data/lake. LAKE_CATALOG and LAKE_DATA move them, also to PostgreSQL and S3, so that "
            "several offices share one store."
        )
    )


def sources() -> None:
    """Show where the data in the store come from, and the software used."""
    st.markdown("##### " + _("Data in this store"))
    table = holdings.sources()
    if table.empty:
        st.caption(_("Nothing has been imported yet."))
    else:
        tables.show(table)
    st.markdown("##### " + _("Standards in use"))
    tables.show(_standards())
    st.markdown("##### " + _("Software this product stands on"))
    tables.show(
        help_data.parts_used(),
        column_config={_("Home page"): st.column_config.LinkColumn()},
    )


def _standards() -> pd.DataFrame:
    table = catalogues.standards()
    averaging = {"24h": _("24 hours"), "annual": _("year")}
    name = "name_th" if lang() == "th" else "name_en"
    return pd.DataFrame(
        {
            _("Pollutant"): [pollutant_name(p) for p in table["pollutant"]],
            _("Averaging"): [averaging.get(a, a) for a in table["averaging"]],
            _("Standard"): table[name],
            _("Value ({unit})", unit=unit(lang())): table["value"],
            _("In force since"): [day(d, lang()) for d in table["effective"]],
            _("Checked"): [_("yes") if v else _("to be checked") for v in table["verified"]],
            _("Source"): table["source"],
        }
    )


frame.header(_("Help"), badge=False)
TOPICS = {
    "map": (_("How to read the map"), read_the_map),
    "method": (_("The method"), method),
    "own": (_("Your own data"), own_data),
    "commands": (_("Command line"), command_line),
    "sources": (_("Sources and licences"), sources),
}
topic = st.segmented_control(
    _("Topic"),
    list(TOPICS),
    key=state.bind("topic", "map", allowed=TOPICS),
    format_func=lambda key: TOPICS[key][0],
    label_visibility="collapsed",
)
TOPICS[topic or "map"][1]()
