"""Words of the meeting: the page's controls, counted things in right number, and what the presenter says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from language import N_, Note, note, number

if TYPE_CHECKING:
    from planning.screening import Screening

LABELS = {
    "next": N_("Next"),
    "previous": N_("Back"),
    "play": N_("Play"),
    "pause": N_("Pause"),
    "step": N_("Step"),
    "simulated": N_("Simulated data"),
    "nodata": N_("no data"),
    "hotspot": N_("dust hotspot"),
    "reference": N_("reference station"),
    "lowcost": N_("low-cost sensor"),
    "factory": N_("factory"),
    "school": N_("school or childcare"),
    "hospital": N_("hospital or health centre"),
    "elderly": N_("home for the elderly"),
    "hands": N_("Hands raised"),
    "more": N_("one more"),
    "less": N_("one less"),
    "save": N_("Save as a file"),
    "approximate": N_("boundaries approximate"),
    "over": N_("over the standard"),
    "own": N_("We do it ourselves"),
    "request": N_("We ask the office that holds the power"),
    "keys": N_(
        "Arrow keys, space or a clicker to move on; L language, P pause, N notes, B dark screen, F fills the screen"
    ),
    "about": N_("What is it about?"),
    "click": N_("Click the map where people mean"),
    "free": N_("Click the map, or leave it without a place"),
    "marked": N_("The place is marked. How many hands?"),
    "notkept": N_("This browser keeps nothing: save the file before you close it"),
    "quarter": N_("Or choose the area"),
    "words": N_("A few words, no names"),
    "add": N_("Record"),
    "undo": N_("Undo"),
    "onehand": N_("1 hand"),
    "manyhands": N_("{votes} hands"),
    "first": N_("What should come first"),
    "vote": N_("Vote"),
    "nothing": N_("Nobody has said anything yet. Go back two steps and ask."),
    "today": N_("today"),
    "day": N_("Day of the meeting"),
    "hall": N_("Place of the meeting"),
    "notes": N_("Presenter's notes"),
    "apart": N_("Own window"),
    "then": N_("Next"),
    "phone": N_("The same story on your phone"),
    "close": N_("Close"),
}
"""Words of the page's own controls."""

_COUNTS = {
    "people": (N_("Nobody is registered here"), N_("1 person lives here"), N_("{count} people live here")),
    "factories": (N_("No factory"), N_("1 factory"), N_("{count} factories")),
    "schools": (
        N_("No school or childcare centre"),
        N_("1 school or childcare centre"),
        N_("{count} schools and childcare centres"),
    ),
    "hospitals": (
        N_("No hospital or health centre"),
        N_("1 hospital or health centre"),
        N_("{count} hospitals and health centres"),
    ),
    "reference": (N_("no reference station"), N_("1 reference station"), N_("{count} reference stations")),
    "lowcost": (N_("no low-cost sensor"), N_("1 low-cost sensor"), N_("{count} low-cost sensors")),
    "stations": (N_("no other station"), N_("1 other station"), N_("{count} other stations")),
    "away": (
        N_("All of them stand on this map"),
        N_("1 of them stands outside this map"),
        N_("{count} of them stand outside this map"),
    ),
    "days": (N_("No day with readings"), N_("1 day with readings"), N_("{count} days with readings")),
    "hot_people": (
        N_("Nobody lives in a dust hotspot"),
        N_("About 1 person lives in a dust hotspot"),
        N_("About {count} people live in dust hotspots"),
    ),
    "residents": (N_("nobody registered"), N_("1 person"), N_("{count} people")),
    "care": (
        N_("no school or health place"),
        N_("1 school or health place"),
        N_("{count} schools and health places"),
    ),
}
"""Thing -> sentence for none, one and many."""


def counted(thing: str, count: float) -> Note:
    """Return a count in words, correct in number: none, one or many."""
    none, one, many = _COUNTS[thing]
    whole = round(float(count))
    if whole == 0:
        return Note(none)
    return Note(one) if whole == 1 else Note(many, {"count": number(whole)})


def week_sentence(first: str, last: str, over: int, total: int) -> Note:
    """Return on how many of a week's days a typical station was over the limit.

    Parameters
    ----------
    first, last : str
        The days, in the reader's language.
    """
    if total == 1:
        return (
            note("{day}: dust at a typical station was over the limit", day=last)
            if over
            else note("{day}: dust at a typical station was below the limit", day=last)
        )
    if over == 0:
        return note(
            "{first} to {last}: dust at a typical station was over the limit on none of {total} days",
            first=first, last=last, total=total,
        )  # fmt: skip
    if over == total:
        return note(
            "{first} to {last}: dust at a typical station was over the limit on every one of {total} days",
            first=first, last=last, total=total,
        )  # fmt: skip
    return note(
        "{first} to {last}: dust at a typical station was over the limit on {over} of {total} days",
        first=first, last=last, over=over, total=total,
    )  # fmt: skip


NOTES: dict[str, tuple[str, ...]] = {
    "where": (
        N_("Point at a temple, a market, a school everyone knows, and ask who lives there."),
        N_("Say what this evening is for: to see where dust stays, and to hear what you see and smell."),
    ),
    "measured": (
        N_("A station knows one place. What lies between is an estimate; hatched land is not known at all."),
        N_("Low-cost sensors read less exactly than reference stations; both are checked before they count."),
        N_("The limit is for the mean of a whole day, not for one bad hour."),
    ),
    "normal": (
        N_("Let it run once, then press P to hold it. Arrow up and down choose a day."),
        N_("Ask: was it like this where you live?"),
    ),
    "bad": (
        N_("Darker means more dust. The dashed line in the bars is the limit."),
        N_("Ask what was burning, running or driving in those days. Do not name anyone as guilty."),
    ),
    "stays": (
        N_("The number is an expectation from all days together, not a count at every house."),
        N_("A hotspot is a place to look first. It does not say who made the dust."),
    ),
    "who": (
        N_("The rank joins dust, people, schools, care places and factories. The weights can be changed."),
        N_("If asked about a single house: we can't know it from here; we can measure there."),
    ),
    "do": (
        N_("Green: we can do it ourselves. Brown: another office has the power, we ask for it."),
        N_("Read each one aloud. Ask what is missing before anyone votes."),
    ),
    "say": (
        N_("One voice, one pin: choose what it is about, click the place, count the hands, press Record."),
        N_("Write no names and no telephone numbers. Nobody is asked who they are."),
    ),
    "vote": (N_("Everyone may raise a hand for more than one. Count aloud, then press plus."),),
    "results": (
        N_("Read it back to the hall: is this what you said? Undo on the slide before mends the last pin."),
        N_("Write day and place, save the file, and import it on the data page as reports."),
    ),
}
"""Step -> what the presenter may say, ask and avoid."""


def spoken(key: str, screening: Screening) -> list[Note]:
    """Return the presenter's notes of a step."""
    lines = [Note(text) for text in NOTES[key]]
    if key == "where" and screening.simulated:
        lines.insert(0, note("Everything here is simulated: say so before anything else."))
    if key == "where" and "approximate" in screening.zones and screening.zones["approximate"].fillna(False).any():
        lines.append(note("The lines between areas are approximate; they are no legal boundary."))
    return lines
