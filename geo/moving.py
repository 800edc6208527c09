"""The moving layer of a map: one picture a step, exchanged in the browser, with the bar that plays them.

Pictures are fetched by address, the ones next to be shown first, so that a step shows within a frame.
Stations already on the map take the colour of what they measured at the step shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import folium
import numpy as np
import pandas as pd

from geo.drawing import Drawing
from geo.overlays import LatLonBounds
from geo.palettes import NO_DATA, Scale
from language import translate, unit

MOST_VALUES = 6000
"""Station values sent with the frames, for the words beside each station; above, only their colours."""


@dataclass(frozen=True)
class Frames:
    """Pictures to step through.

    Attributes
    ----------
    url : str
        Address with ``{n}`` for the number.
    labels : sequence of str
        Each step's time in words, plain text.
    names : sequence of str
        What names each step in the page's address.
    bounds : LatLonBounds
    start : int
        The step to begin with.
    """

    url: str
    labels: Sequence[str]
    names: Sequence[str]
    bounds: LatLonBounds
    start: int


def moving(
    frames: Frames,
    *,
    lang: str,
    opacity: float = 0.75,
    measured: pd.DataFrame | None = None,
    scale: Scale | None = None,
    kinds: Mapping[str, str] | None = None,
    kind: str = "",
    linked: bool = False,
    group: str = "",
) -> folium.FeatureGroup:
    """Return the layer with its bar.

    Parameters
    ----------
    measured : DataFrame, optional
        µg/m³, one row a step, one column a station: colours the stations on the map in the classes of `scale`.
    kinds : mapping of str to str, optional
        Kinds of step to choose from, with their names; choosing one is told as a drawing of kind ``step``.
    kind : str
        The kind shown.
    linked : bool
        Keep the step in the page's address (``t``).
    group : str
        Bars of one group on a page move together.
    """
    data: dict[str, Any] = {
        "url": frames.url,
        "labels": [escape(text) for text in frames.labels],
        "names": list(frames.names),
        "bounds": frames.bounds,
        "opacity": opacity,
        "start": frames.start,
        "kinds": [{"key": key, "name": escape(name)} for key, name in (kinds or {}).items()],
        "kind": kind,
        "linked": linked,
        "group": group,
        "words": {
            "slider": translate("Time", lang),
            "play": translate("Play or pause", lang),
            "back": translate("One step back", lang),
            "forward": translate("One step forward", lang),
            "speed": translate("Speed", lang),
            "kinds": translate("Averaging time", lang),
            "none": translate("too few stations", lang),
            "unit": unit(lang),
        },
    }
    if measured is not None and scale is not None:
        data["stations"] = _stations(measured, scale)
    made = folium.FeatureGroup(name="moving", control=False)
    made.add_child(Drawing("moving", data))
    return made


def _stations(measured: pd.DataFrame, scale: Scale) -> dict[str, Any]:
    values = measured.to_numpy(float)
    present = np.isfinite(values)
    letters = np.where(present, np.digitize(np.where(present, values, 0.0), scale.breaks) + 1, 0)
    made: dict[str, Any] = {
        "ids": [str(i) for i in measured.columns],
        "colours": [NO_DATA, *scale.colours],
        "classes": ["".join(chr(97 + c) for c in row) for row in letters],
    }
    if values.size <= MOST_VALUES:
        made["values"] = [[round(v, 1) if np.isfinite(v) else None for v in row] for row in values.tolist()]
    return made
