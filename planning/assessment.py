"""The eco-town self-assessment: where the town stands, where it wants to be, and which project closes which gap.

1. `Assessment` holds a mark now and a mark wanted for each criterion, what shows it, and the plan's projects that
   work on it; the town's own level and its target come from the phase its area belongs to.
2. `answer`, `with_texts`, `link` return a new assessment; `planning.plan.History` holds the way back.
3. `summary` counts by kind and dimension, `gaps` lists what is missing with the projects and money set against it,
   and which measures of the catalogue would work on it.
4. `reached` derives a level only where the criteria say from which level each is asked: the official numbers per
   level were not found, so otherwise the office states its level itself.

Scope cut: a self-assessment, not the Department's assessment; it says so on every page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from geo import catalogues
from language import Note, UserError, data_language, note, number, pollutant_name
from planning.criteria import KIND_NAMES, KINDS, Criteria, Criterion, criteria
from planning.plan import Plan
from planning.rows import clean_text

if TYPE_CHECKING:
    from planning.screening import Screening

FORMAT = 1


@dataclass(frozen=True)
class Answer:
    """What the office says about one criterion.

    Attributes
    ----------
    now, target : int or None
        Marks, 0 to `Criterion.most`; None where nothing was said.
    evidence : str
        What shows it.
    projects : tuple of str
        Row ids of the plan that work on it.
    """

    now: int | None = None
    target: int | None = None
    evidence: str = ""
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assessment:
    """One self-assessment.

    Attributes
    ----------
    version : {"2565", "2560"}
        Of the criteria.
    lao_name : str
    area : str
        Number of the national programme's area (``1-11``), empty where it is in none.
    year : int
        Buddhist-era year that is assessed.
    level_now, level_target : int or None
        Level of the town, 1 to 5 (0: none), as the office states it.
    target_year : int
        Buddhist-era year.
    answers : mapping of str to Answer
    texts : mapping of str to Criterion
        The office's own texts, by key.
    author : str
    simulated : bool
    """

    version: str = "2565"
    lao_name: str = ""
    area: str = ""
    year: int = 2569
    level_now: int | None = None
    level_target: int | None = None
    target_year: int = 2570
    answers: Mapping[str, Answer] = field(default_factory=dict)
    texts: Mapping[str, Criterion] = field(default_factory=dict)
    author: str = ""
    simulated: bool = False

    @property
    def criteria(self) -> Criteria:
        """The criteria with the office's texts."""
        return criteria(self.version).with_texts(self.texts)

    def said(self, key: str) -> Answer:
        """Return the answer to a criterion, an empty one where nothing was said."""
        return self.answers.get(key, Answer())


# ------------------------------------------------------------------------------ changes


def answer(found: Assessment, key: str, **changes: Any) -> Assessment:
    """Return the assessment with one answer changed; marks are checked.

    Raises
    ------
    UserError
        A mark is out of range.
    """
    item = found.criteria.item(key)
    for name in ("now", "target"):
        if name in changes:
            changes[name] = _mark(changes[name], item)
    if "evidence" in changes:
        changes["evidence"] = clean_text(changes["evidence"])
    new = replace(found.said(key), **changes)
    answers = {k: v for k, v in found.answers.items() if k != key}
    return replace(found, answers=answers if new == Answer() else {**answers, key: new})


def _mark(value: object, item: Criterion) -> int | None:
    if value is None or value is pd.NA or value != value:
        return None
    mark = int(str(value).split(".")[0])
    if not 0 <= mark <= item.most:
        raise UserError("The mark of {item} must be 0 to {most}, not {mark}.", item=item.key, most=item.most, mark=mark)
    return mark


def with_texts(found: Assessment, texts: Mapping[str, Criterion]) -> Assessment:
    """Return the assessment with texts in the places of their criteria."""
    return replace(found, texts={**found.texts, **texts})


def typed_text(found: Assessment, key: str, text: str, dimension: str | None = None) -> Assessment:
    """Return the assessment with the Thai text (and dimension) of one criterion as the office typed it."""
    item = found.criteria.item(key)
    new = replace(
        item, text_th=clean_text(text), text_en="", dimension=item.dimension if dimension is None else dimension,
        own=True, verified=False, source=found.lao_name,
    )  # fmt: skip
    return found if (new.text_th, new.dimension) == (item.text_th, item.dimension) else with_texts(found, {key: new})


def link(found: Assessment, plan: Plan) -> Assessment:
    """Return the assessment with the plan's projects set against the aspects their measures serve.

    Only the aspects of 2560 are known to the catalogue of measures; links people made stay.
    """
    aspects = _aspects()
    for item in found.criteria.of("aspect") if found.version == "2560" else ():
        fitting = [r.row_id for r in plan.rows if item.number in aspects.get(r.measure_id, ())]
        both = tuple(dict.fromkeys([*found.said(item.key).projects, *fitting]))
        if both != found.said(item.key).projects:
            found = answer(found, item.key, projects=both)
    return found


def _aspects() -> dict[str, tuple[str, ...]]:
    table = catalogues.measures()
    return {str(m): tuple(str(a).split(";")) for m, a in zip(table["measure_id"], table["aspects"], strict=True)}


# ------------------------------------------------------------------------------ the area and its target


def areas() -> pd.DataFrame:
    """Return the areas of the national programme: number, names, phase, target level and year, verified."""
    table = catalogues.eco_town("2565")
    phases = {r["number"]: r for r in table[table["kind"] == "phase"].to_dict("records")}
    rows = []
    for area in table[table["kind"] == "area"].to_dict("records"):
        said = re.search(r"level (\d) by (\d{4})", str(phases[area["parent"]]["pm_link_en"]))
        rows.append(
            {
                **{k: area[k] for k in ("number", "name_th", "name_en", "source", "verified")},
                "phase": area["parent"],
                "target": int(said[1]) if said else None,
                "by": int(said[2]) if said else None,
            }
        )
    return pd.DataFrame(rows)


def area_of(lao_name: str) -> str:
    """Return the number of the area a local government lies in, by its name; empty where none names it.

    Examples
    --------
    >>> area_of("เทศบาลตำบลเบิกไพร"), area_of("ทต.กรับใหญ่"), area_of("เทศบาลตำบลที่ไม่มี")
    ('1-11', '2-6', '')
    """
    bare = re.sub(r"^(เทศบาล(นคร|เมือง|ตำบล)|องค์การบริหารส่วนตำบล|ท[นมต]\.|อบต\.?)\s*", "", lao_name.strip())
    found = areas()
    # The district an area lies in is no part of it: ตำบลกรับใหญ่ อ.บ้านโป่ง is not บ้านโป่ง.
    places = [re.sub(r"\(?อ\.\S+", "", name) for name in found["name_th"]]
    hits = found[[bool(bare) and bare in place for place in places]]
    return str(hits.iloc[0]["number"]) if len(hits) == 1 else ""


def begin(lao_name: str, version: str = "2565", *, year: int, simulated: bool = False) -> Assessment:
    """Return an empty assessment whose target is the national one of the town's phase."""
    return choose_area(Assessment(version, lao_name, year=year, simulated=simulated), area_of(lao_name))


def choose_area(found: Assessment, area: str) -> Assessment:
    """Return the assessment with its area, and with the national target of that area's phase."""
    row = areas().set_index("number").reindex([area]).iloc[0]
    if pd.isna(row["target"]):
        return replace(found, area="")
    return replace(found, area=area, level_target=int(row["target"]), target_year=int(row["by"]))


def reached(found: Assessment) -> int | None:
    """Return the level whose criteria are all met, None where it is not known at which level each is asked."""
    items = [c for c in found.criteria.items if c.kind != "indicator"]
    if any(c.level is None for c in items) or found.version == "2560":
        return None
    open_ = [c.level for c in items if c.level is not None and (found.said(c.key).now or 0) < c.most]
    return min(open_, default=6) - 1


# ------------------------------------------------------------------------------ what it adds up to


def summary(found: Assessment) -> pd.DataFrame:
    """Return one row a kind and dimension.

    Returns
    -------
    DataFrame
        ``kind``, ``dimension`` (empty where unknown), ``items``, ``answered``, ``met`` (at the target, or at the
        highest mark where there is none), ``now`` and ``target`` (means of the marks given).
    """
    rows = [
        {
            "kind": item.kind,
            "dimension": item.dimension,
            "items": 1,
            "answered": said.now is not None,
            "met": said.now is not None and said.now >= (item.most if said.target is None else said.target),
            "now": said.now,
            "target": said.target,
        }
        for item in found.criteria.items
        for said in (found.said(item.key),)
    ]
    table = pd.DataFrame(rows).astype({"now": "Float64", "target": "Float64"})
    grouped = table.groupby(["kind", "dimension"], sort=False)
    sums = grouped[["items", "answered", "met"]].sum()
    return sums.join(grouped[["now", "target"]].mean()).reset_index()


def gaps(found: Assessment, plan: Plan) -> pd.DataFrame:
    """Return the criteria that are below their target, the widest gap first.

    Returns
    -------
    DataFrame
        ``key``, ``text_th``, ``text_en``, ``dimension``, ``now``, ``target``, ``gap``, ``projects`` (names),
        ``budget`` (baht in five years), ``measures`` (ids of the catalogue that serve it and are not in the plan).
    """
    by_id = {r.row_id: r for r in plan.rows}
    taken = {r.measure_id for r in plan.rows}
    aspects = _aspects()
    rows = []
    for item in found.criteria.items:
        said = found.said(item.key)
        target = item.most if said.target is None and item.most == 2 else said.target
        if said.now is None or target is None or said.now >= target:
            continue
        mine = [by_id[i] for i in said.projects if i in by_id]
        fitting = [m for m, served in aspects.items() if item.kind == "aspect" and item.number in served]
        rows.append(
            {
                "key": item.key, "text_th": item.say("th"), "text_en": item.say("en"), "dimension": item.dimension,
                "now": said.now, "target": target, "gap": target - said.now,
                "projects": [r.project for r in mine], "budget": sum(r.total for r in mine),
                "measures": [m for m in fitting if m not in taken],
            }
        )  # fmt: skip
    names = ("key", "text_th", "text_en", "dimension", "now", "target", "gap", "projects", "budget", "measures")
    table = pd.DataFrame(rows, columns=list(names))
    return table.sort_values("gap", ascending=False, kind="stable").reset_index(drop=True)


def problems(found: Assessment) -> list[Note]:
    """Return in words what does not fit together or is still open."""
    notes: list[Note] = []
    basics = found.criteria.of("basic") if found.version == "2565" else ()
    met = sum(found.said(c.key).now == c.most for c in basics)
    if basics and (found.level_now or 0) >= 1 and met < len(basics):
        notes.append(
            note(
                "A level is stated, but only {met} of the {count} basic requirements are marked as met; they come "
                "first.", level="warning", met=met, count=len(basics),
            )
        )  # fmt: skip
    if found.level_now is not None and found.level_target is not None and found.level_now > found.level_target:
        notes.append(note("The level now ({now}) is above the target ({target}).", level="warning",
                          now=found.level_now, target=found.level_target))  # fmt: skip
    items = found.criteria.items
    blank = sum(not (c.text_th or c.text_en) for c in items)
    if blank:
        notes.append(
            note(
                "{blank} of {count} criteria have no wording: the official one was not found. Load it from a file or "
                "type it in.", level="warning", blank=blank, count=len(items),
            )
        )  # fmt: skip
    doubtful = sum(bool(c.text_th) and not c.verified and not c.own for c in items)
    if doubtful:
        notes.append(note("{count} texts are from memory and must be checked against the official handbook.",
                          level="warning", count=doubtful))  # fmt: skip
    return notes


def evidence(screening: Screening, lang: str = "th") -> dict[str, Note]:
    """Return what the screening itself can show for aspects of 2560: key -> sentence with figures and period."""
    s, zones = screening, screening.zones
    kind = pollutant_name(s.parameters.pollutant)
    period: dict[str, Any] = {"start": s.parameters.start.isoformat(), "end": s.parameters.end.isoformat()}
    days = [
        note("{zone}: about {days} of {total} days over the 24-hour standard", zone=row[f"name_{data_language(lang)}"],
             days=round(float(row["days_over"])), total=int(row["days_total"]))
        for row in zones.sort_values("rank").head(1).to_dict("records")
    ]  # fmt: skip
    found = {
        "aspect-15": note(
            "{count} stations measure {pollutant} every hour; period {start} to {end}, data snapshot {snapshot}.",
            count=len(s.stations), pollutant=kind, snapshot=s.snapshot, **period,
        )
    }  # fmt: skip
    if days:
        found["aspect-8"] = note(
            "{pollutant}, first priority zone {days}; period {start} to {end}, data snapshot {snapshot}.",
            pollutant=kind, days=days[0], snapshot=s.snapshot, **period,
        )  # fmt: skip
    people = pd.to_numeric(s.hotspots["people"], errors="coerce").sum() if len(s.hotspots) else 0
    if people:
        found["aspect-17"] = note("About {people} people live in dust hotspots; period {start} to {end}.",
                                  people=number(float(people)), **period)  # fmt: skip
    return found


# ------------------------------------------------------------------------------ kept


def to_dict(found: Assessment) -> dict[str, Any]:
    """Return the assessment as plain values."""
    return {"format": FORMAT, **json.loads(json.dumps(asdict(found), ensure_ascii=False))}


def from_dict(stored: Mapping[str, Any]) -> Assessment:
    """Read what `to_dict` wrote.

    Raises
    ------
    UserError
        It is of another program or damaged.
    """
    if stored.get("format") != FORMAT:
        raise UserError("This is not a self-assessment of this program, or of a newer one.")
    body = {k: v for k, v in stored.items() if k != "format"}
    try:
        answers = {k: Answer(**{**v, "projects": tuple(v["projects"])}) for k, v in body.pop("answers").items()}
        texts = {k: Criterion(**v) for k, v in body.pop("texts").items()}
        return Assessment(**body, answers=answers, texts=texts)
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError("The self-assessment is damaged: {reason}.", reason=str(error)) from error


def table(found: Assessment, kind: str) -> pd.DataFrame:
    """Return the criteria of a kind as a table: key, text, dimension, now, target, evidence, projects, origin."""
    if kind not in KINDS[found.version]:
        raise UserError("These criteria have no {key}.", key=Note(KIND_NAMES.get(kind, kind)))
    rows: Sequence[dict[str, Any]] = [
        {
            "key": item.key, "number": item.number, "dimension": item.dimension, "text_th": item.text_th,
            "text_en": item.text_en, "now": said.now, "target": said.target, "evidence": said.evidence,
            "projects": list(said.projects),
            "origin": item.origin, "source": item.source, "link_th": item.link_th, "link_en": item.link_en,
        }
        for item in found.criteria.of(kind)
        for said in (found.said(item.key),)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"now": "Int64", "target": "Int64"})
