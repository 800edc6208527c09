"""EcoTown Air: navigation, language and theme. `streamlit run app.py`"""

from pathlib import Path

import streamlit as st

from language import UserError
from pages.parts import i18n, server, state
from pages.parts.i18n import _

ROOT = Path(__file__).resolve().parent


def navigation() -> st.Page:
    """Return the page asked for, and draw the list of all in the reader's language.

    No url_path may equal a file stem of pages/: until the first st.navigation of a process, Streamlit
    would serve that file alone, without this frame.
    """
    return st.navigation(
        {
            _("Explore"): [
                st.Page("pages/overview.py", title=_("Overview"), icon=":material/home:", default=True),
                st.Page("pages/map.py", title=_("Map"), icon=":material/map:", url_path="dust-map"),
                st.Page("pages/surface.py", title=_("Surface"), icon=":material/grid_on:", url_path="dust-surface"),
            ],
            _("Decide"): [
                st.Page(
                    "pages/hotspots.py", title=_("Hotspots"), icon=":material/crisis_alert:", url_path="dust-hotspots"
                ),
                st.Page("pages/zones.py", title=_("Priority zones"), icon=":material/flag:", url_path="priority-zones"),
                st.Page(
                    "pages/offices.py", title=_("Factory screening"), icon=":material/factory:",
                    url_path="factory-screening",
                ),
                st.Page("pages/plan.py", title=_("Plan"), icon=":material/edit_document:", url_path="plan-forms"),
                st.Page("pages/effects.py", title=_("Follow-up"), icon=":material/fact_check:", url_path="follow-up"),
            ],
            _("Together"): [
                st.Page("pages/meeting.py", title=_("Meeting"), icon=":material/groups:", url_path="town-meeting"),
            ],
            _("Data and help"): [
                st.Page("pages/data.py", title=_("Data"), icon=":material/database:", url_path="my-data"),
                st.Page("pages/help.py", title=_("Help"), icon=":material/help:", url_path="guide"),
            ],
        },
        expanded=True,
    )


def show(page: st.Page) -> None:
    """Draw the frame and the page in it; what a person did wrong is said as a sentence."""
    # Only now: the heavy libraries take seconds in a fresh process; the navigation need not wait for them.
    from pages.parts import errors, frame, results

    try:
        frame.style()
        results.reserve()
        results.prepare()
        frame.sidebar()
        page.run()
    except UserError as error:
        errors.instead(error, page.title)
    finally:
        state.publish()


def run() -> None:
    """Run the script once, for one reader."""
    state.begin()
    i18n.begin()
    # A local icon, set before st.navigation: a material icon would be fetched from the network for the tab.
    st.set_page_config(page_title=_("EcoTown Air"), page_icon=str(ROOT / "static" / "icon.png"), layout="wide")
    show(navigation())


if __name__ == "__main__":
    run()
else:  # `streamlit run` imports this file once, to serve it
    app = st.App(
        __file__,
        lifespan=server.lifespan,
        routes=server.ROUTES,
        middleware=server.MIDDLEWARE,
        on_script_error=server.say_crash,
    )
