"""The words of the help page for everybody: how to read the map, and what it does not say."""

from __future__ import annotations

from pages.parts import help_pictures as pictures
from pages.parts.i18n import _


def cards(standard: str) -> list[str]:
    """Return the picture cards in reading order; `standard` is the 24-hour standard with its unit."""
    return [pictures.card(*card) for card in (*_the_map(), *_the_numbers(standard), *_what_to_do())]


def _the_map() -> list[tuple[str, str, str]]:
    return [
        (
            pictures.dust(),
            _("Brown is dust"),
            _(
                "The darker the brown, the more dust was in the air over the days chosen. The legend on the map "
                "says which dust, which days and which unit."
            ),
        ),
        (
            pictures.stations(),
            _("Squares and circles measure"),
            _(
                "A square is a reference station, a circle a small sensor. Grey has no data for these days. "
                "A ring means that some readings looked wrong and were left out."
            ),
        ),
        (
            pictures.uncertainty(),
            _("In between we estimate"),
            _(
                "Nobody can measure everywhere. Between the sensors the computer estimates, and says how sure it is: "
                "bigger dots mean less sure. Hatching means too far from any sensor to say anything."
            ),
        ),
        (
            pictures.hotspot(),
            _("A dust hotspot has a number"),
            _(
                "Inside the outline the dust was very likely over the standard on many of the days. "
                "Number 1 comes first. A dust hotspot is not a fire spot."
            ),
        ),
    ]


def _the_numbers(standard: str) -> list[tuple[str, str, str]]:
    return [
        (
            pictures.days(),
            _("Days over the standard"),
            _(
                "In Thailand the 24-hour mean of PM2.5 should not be above {standard}. “12 of 60 days” means that "
                "on 12 of these 60 days it was.",
                standard=standard,
            ),
        ),
        (
            pictures.interval(),
            _("Every number has a range"),
            _(
                "“41.3 (95 % range: 33–50)” means: our best estimate is 41.3, and the true value should lie between "
                "33 and 50 in 95 of 100 such cases."
            ),
        ),
        (
            pictures.chances(),
            _("How likely, in four steps"),
            _(
                "Unlikely (under 10 %), may exceed (10–50 %), likely (50–80 %), almost certain (over 80 %). "
                "The words always stand beside the figure."
            ),
        ),
    ]


def _what_to_do() -> list[tuple[str, str, str]]:
    return [
        (
            pictures.zones(),
            _("Priority zones: where to begin"),
            _(
                "Urgent (triangle), watch (eye), prevent (tick). The order comes from dust, people, schools and "
                "hospitals, and factories together. The zones page shows each part."
            ),
        ),
        (
            pictures.suspects(),
            _("A factory nearby is not proof"),
            _(
                "Dust also comes from roads, burning and from far away. The map says where to look first; it accuses "
                "nobody."
            ),
        ),
        (
            pictures.together(),
            _("What you can do"),
            _(
                "On a day over the standard, people over 60, children up to 5, pregnant women and people with heart "
                "or lung disease should stay indoors more. Tell the municipality where smoke or dust comes from, "
                "and come to the town meeting."
            ),
        ),
    ]


def limits() -> list[str]:
    """Return what the map cannot say, one sentence each."""
    return [
        _("The map shows outdoor air where people breathe; it says nothing about the air inside a house or plant."),
        _(
            "Few sensors mean a smooth map: a narrow plume beside one chimney can be missed when no sensor stands "
            "in it."
        ),
        _(
            "A small sensor is less exact than a reference station, above all in humid air. Its error is part of "
            "the range that is shown."
        ),
        _("An hourly value is never given an air quality colour: the Thai index is made for 24-hour means."),
        _("Where no sensor is near enough there is no number. “No data” does not mean clean air."),
        _("Boundaries marked approximate are drawn for orientation; they are not legal lines."),
        _("The results are screening evidence. They say where to measure, inspect and talk first."),
    ]
