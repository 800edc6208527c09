"""Phones in the hall: the story under a secret address of this computer, read only, as long as the presenter lets it.

Nothing leaves the local network: the address is the one this computer has in it, and the QR code is drawn here.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
from html import escape
from typing import Any

import streamlit as st

from pages.parts import hall_shared
from pages.parts.i18n import _
from planning.meeting import phone

_TOKEN = "_hall_token"


def address() -> str | None:
    """Return ``host:port`` at which another device of the local network reaches this server, or None."""
    bound = st.get_option("server.address")
    host = reachable(st.context.headers.get("Host", "") if st.context.headers else "", bound, _own_address())
    return f"{host}:{st.get_option('server.port')}" if host else None


def reachable(asked: str, bound: str | None, own: str | None) -> str | None:
    """Return the host a phone can use: the one this page was asked for by, or this computer's own, if served there.

    Parameters
    ----------
    asked : str
        Host header of the presenter's browser, with its port.
    bound : str, optional
        The only address the server listens on (``server.address``).
    own : str, optional
        This computer's address in the local network.

    >>> reachable("localhost:8501", None, "192.168.1.20")
    '192.168.1.20'
    >>> reachable("192.168.1.7:8501", None, None)
    '192.168.1.7'
    >>> reachable("localhost:8501", "127.0.0.1", "192.168.1.20")
    """
    if bound and _loopback(bound):
        return None
    host = asked.rsplit(":", 1)[0].strip("[]")
    if host and not _loopback(host):
        return host
    return own


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _own_address() -> str | None:
    """Return the address of the interface towards the local network; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a datagram socket only looks up its route
            own = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if _loopback(own) else own


def offered() -> dict[str, Any] | None:
    """Draw the switch for phones and return address and code where it is on (`planning.meeting.phone.code`)."""
    # A widget's state goes when its page is left; the phones stay. Set in every run, as of `state.bind` with `late`.
    st.session_state["hall_phones"] = st.session_state.get("hall_phones", _TOKEN in st.session_state)
    with st.popover(_("Phones"), icon=":material/qr_code:", width="stretch"):
        on = st.toggle(_("Let phones in this hall open the story"), key="hall_phones")
        if not on:
            hall_shared.withdraw(st.session_state.pop(_TOKEN, ""))
            st.caption(_("Read only, within the local network, until you switch it off."))
            return None
        where = address()
        if where is None:
            words = _("No local network was found. Connect this computer to the hall's Wi-Fi, start the server "
                      "without a fixed local address, then switch this on again.")  # fmt: skip
            st.warning(words, icon=":material/wifi_off:")
            return None
        token = st.session_state.setdefault(_TOKEN, secrets.token_urlsafe(6))
        made = phone.code(f"http://{where}{hall_shared.PATH}/{token}")
        st.image(phone.svg(made, escape(_("QR code of the story"))), width=240)
        st.caption(str(made["url"]))
        st.caption(_("On the slides, Q shows the code large."))
        return made


def share(html: str) -> None:
    """Serve this page to phones under the session's address, if they are let in."""
    token = st.session_state.get(_TOKEN)
    if token:
        hall_shared.offer(token, html)
