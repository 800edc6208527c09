"""The drawer with the weights of the score's parts, kept in the address of the page."""

from __future__ import annotations

import streamlit as st

from language import translate
from pages.parts import results, state
from pages.parts.frame import Choice
from pages.parts.i18n import _, lang
from planning.screening import Screening, rescore
from planning.settings import PARTS, settings
from planning.zones import part_name

STEP = 5


def key(part: str) -> str:
    """Return the name of a part's weight in the address."""
    return f"w-{part}"


def usual() -> dict[str, int]:
    """Return the weights of data/screening.toml in per cent."""
    return {part: round(100 * settings().zones_weights[part]) for part in PARTS}


def bind() -> dict[str, float]:
    """Give the weights their values for this run and return them."""
    for part, default in usual().items():
        state.bind(
            key(part), default, parse=_percent,
            write=lambda value, default=default: "" if value == default else str(value),
        )  # fmt: skip
    return {part: float(state.get(key(part))) for part in PARTS}


def screening(chosen: Choice) -> Screening:
    """Return the screening with its zones scored by the weights chosen here; nothing is kriged again."""
    weights = bind()
    found = results.screening(chosen)
    if not any(weights.values()) or weights == usual():
        return found
    return results.derived(found, f"weights-{sorted(weights.items())}", lambda: rescore(found, weights))


def drawer() -> None:
    """Draw the sliders, the reason for each usual weight, and the way back."""
    values = [int(state.get(key(part))) for part in PARTS]
    changed = dict(zip(PARTS, values, strict=True)) != usual()
    label = _("Weights (changed)") if changed else _("Weights")
    with st.popover(label, icon=":material/tune:", width="stretch"):
        st.caption(_("How much each part counts. Only the proportions matter; the dust map stays as it is."))
        reasons = settings().zones_reasons_th if lang() == "th" else settings().zones_reasons_en
        for part in PARTS:
            st.slider(_capital(part), 0, 100, step=STEP, key=key(part), help=reasons[part])
        if not any(values):
            st.warning(_("All weights are zero, so the usual ones are used."), icon=":material/warning:")
        st.button(
            _("Restore the usual weights"), on_click=_restore, disabled=not changed, icon=":material/restart_alt:"
        )


def _restore() -> None:
    for part, weight in usual().items():
        state.put(key(part), weight)


def _capital(part: str) -> str:
    text = translate(part_name(part).text, lang())
    return text[:1].upper() + text[1:]


def _percent(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 100:
        raise ValueError(text)
    return value
