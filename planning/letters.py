"""Draft letters and notices from a finding, as Word documents for the legal officer.

Question it answers: whom does the office write to about this zone, hotspot or visit, on what power,
and with which facts?

1. A `Finding` is taken from a zone, a hotspot or the words of a clinic visit.
2. `writer_of` reads from the office's name who writes; `offered` gives the letters that writer may write:
   class 1–2 factories are a municipality's delegated task, not an อบต.'s; class 3 is always a request.
3. `write_docx` fills the texts of data/forms/letters.toml, marks every page as a draft, and ends with what
   the legal officer has to check.

The letters are Thai, as they are sent. They never say that a factory is the source: they say that it
should be looked at, and why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from docx.shared import Mm, Pt

from geo import catalogues
from language import UserError, date_range, number, pollutant_name, unit
from planning.proposal import records
from planning.report import word

if TYPE_CHECKING:
    from planning.screening import Screening

FILE = Path(__file__).resolve().parents[1] / "data" / "forms" / "letters.toml"

WRITERS = {"municipality": "เทศบาล", "sao": "อบต.", "pao": "อบจ.", "province": "จังหวัด"}
"""Who may write. An อบจ. may ask the province as anybody may; its own powers were not read, so no notice is drafted."""

DRAFT = "ร่าง สำหรับนิติกรตรวจสอบ ยังไม่มีผลตามกฎหมาย"
BLANK = "." * 30
MOST = 15
"""Factories a letter lists at most; the rest are counted."""


@dataclass(frozen=True)
class Finding:
    """What a letter is about.

    Attributes
    ----------
    place : str
        Thai name of the place.
    facts : tuple of str
        Sentences with figure, unit, averaging period, period and source.
    factories : DataFrame
        Factories to be looked at: ``name_th``, ``reg_no``, ``type_name_th``, ``factory_class``, ``hp``.
    snapshot : int or None
        Lake snapshot the figures were computed from.
    simulated : bool
        Whether any input was simulated.
    """

    place: str
    facts: tuple[str, ...]
    factories: pd.DataFrame = field(default_factory=pd.DataFrame)
    snapshot: int | None = None
    simulated: bool = False


@dataclass(frozen=True)
class Letter:
    """A kind of letter, as written in data/forms/letters.toml."""

    kind: str
    title_en: str
    form: str
    writers: tuple[str, ...]
    laws: tuple[str, ...]
    recipient: str
    subject: str
    body: tuple[str, ...]
    closing: str
    check: tuple[str, ...]
    check_municipality: tuple[str, ...] = ()
    check_sao: tuple[str, ...] = ()
    check_pao: tuple[str, ...] = ()


def _letter(stored: dict[str, Any]) -> Letter:
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in stored.items()}
    return Letter(**values)


def read_letters(path: Path = FILE) -> list[Letter]:
    """Read the kinds of letters; what is written wrongly is said with the file's name."""
    try:
        stored: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["letter"]
        return [_letter(one) for one in stored]
    except (tomllib.TOMLDecodeError, KeyError, TypeError, OSError) as error:
        raise UserError(
            "The letters file {file} cannot be read: {reason}.", file=path.name, reason=str(error)
        ) from error


def writer_of(name: str) -> str:
    """Return who writes, by the office's name: ``municipality``, ``sao``, ``pao``, ``province``, or empty.

    Examples
    --------
    >>> writer_of("ทต.เบิกไพร"), writer_of("อบต.พังลา"), writer_of("จังหวัดราชบุรี"), writer_of("อบจ.สงขลา")
    ('municipality', 'sao', 'province', 'pao')
    """
    said = name.strip()
    if said.startswith(("อบจ", "องค์การบริหารส่วนจังหวัด")):
        return "pao"
    if said.startswith(("อบต", "องค์การบริหารส่วนตำบล")):
        return "sao"
    if said.startswith(("จังหวัด", "จ.", "สำนักงานจังหวัด", "ผู้ว่าราชการ")):
        return "province"
    return "municipality" if said.startswith(("เทศบาล", "ทต", "ทม", "ทน")) else ""


def offered(writer: str) -> list[Letter]:
    """Return the letters a writer has the power to write."""
    return [letter for letter in read_letters() if writer in letter.writers]


# ------------------------------------------------------------------------------ findings


def _facts(row: Mapping[str, Any], screening: Screening) -> tuple[str, ...]:
    asked = screening.parameters
    period = date_range(asked.start, asked.end, "th")
    name = pollutant_name(asked.pollutant)
    standard = f"{screening.standard.name_th} {number(screening.standard.value, 1)}"
    facts = [
        f"{name} เฉลี่ย 24 ชั่วโมง คาดว่าเกิน{standard} {unit('th')} ราว {number(float(row['days_over']))} วัน "
        f"จาก {number(float(row['days_total']))} วัน ช่วง {period} (ค่าประมาณจากเครือข่ายเครื่องวัด)",
        f"ค่าเฉลี่ยของช่วงดังกล่าว {number(float(row['mean_ugm3']), 1)} {unit('th')} "
        f"(ช่วงความเชื่อมั่น 95 %: {number(float(row['lower95']))}–{number(float(row['upper95']))})",
    ]
    if pd.notna(row.get("people")) and row["people"]:
        facts.append(f"มีผู้อยู่อาศัยราว {number(float(row['people']))} คน")
    if pd.notna(row.get("receptors")) and row["receptors"]:
        facts.append(f"มีโรงเรียน สถานพยาบาล และสถานดูแลผู้เปราะบาง {number(float(row['receptors']))} แห่ง")
    return (*facts, f"ที่มา: {'; '.join(screening.sources[:3])} ชุดข้อมูลที่ {screening.snapshot}")


def _row(table: pd.DataFrame, column: str, key: str) -> dict[str, Any]:
    found = records(table.loc[table[column] == key].drop(columns="geometry"))
    if not found:
        raise UserError("The screening has no zone or hotspot {key}.", key=key)
    return found[0]


def of_place(screening: Screening, key: str) -> Finding:
    """Return the finding of a zone or a hotspot, by its id; its factories with any dust potential, strongest first."""
    column = "hotspot_id" if key in set(screening.hotspots["hotspot_id"]) else "zone_id"
    row = _row(screening.hotspots if column == "hotspot_id" else screening.zones, column, key)
    near = screening.factories.loc[screening.factories[column] == key]
    near = pd.DataFrame(near.drop(columns="geometry")).sort_values("potential", ascending=False)
    return Finding(
        str(row.get("name_th") or key),
        _facts(row, screening),
        near[near["potential"] > 0],
        screening.snapshot,
        bool(screening.simulated),
    )


def of_clinic(
    place: str, words: str, factories: pd.DataFrame | None = None, *, snapshot: int | None = None, simulated: bool
) -> Finding:
    """Return the finding of a clinic visit: the visitors' own words, one fact a line."""
    facts = tuple(line.strip() for line in words.splitlines() if line.strip())
    if not facts:
        raise UserError("Write what the visit found; a letter needs a fact.")
    return Finding(place, (*facts, "ที่มา: บันทึกการเข้าเยี่ยมของคลินิกมลพิษ"), pd.DataFrame(factories), snapshot, simulated)


def concerned(letter: Letter, writer: str, factories: pd.DataFrame) -> pd.DataFrame:
    """Return the factories a letter is about.

    A municipality asks the province about class 3 (and unknown classes) and sees to class 1–2 itself; an
    อบต., an อบจ. and the province name all.
    """
    if factories.empty or "factory_class" not in factories:
        return factories
    classes = pd.to_numeric(factories["factory_class"], errors="coerce")
    if letter.kind == "delegated":
        return factories[classes.isin([1, 2])]
    return factories[~classes.isin([1, 2])] if writer == "municipality" else factories


# ------------------------------------------------------------------------------ the document


def _check_power(letter: Letter, writer: str, finding: Finding) -> None:
    if writer not in letter.writers:
        raise UserError(
            "The writer has no power for this letter; it is for {writers}.",
            writers=", ".join(WRITERS[w] for w in letter.writers),
        )
    if "{factories}" in letter.body and concerned(letter, writer, finding.factories).empty:
        raise UserError("No factory of the class this letter is about is listed here; choose another place or letter.")


def write_docx(letter: Letter, finding: Finding, path: Path, *, office: str, writer: str, days: int = 7) -> Path:
    """Write a draft.

    Parameters
    ----------
    letter : Letter
    finding : Finding
    office : str
        Name of the office that writes.
    writer : {"municipality", "sao", "pao", "province"}
    days : int
        Days given to put right, in a notice that gives some.
    """
    _check_power(letter, writer, finding)
    document = word.new_document()
    officials = {
        "municipality": "นายกเทศมนตรี",
        "sao": "นายกองค์การบริหารส่วนตำบล",
        "pao": "นายกองค์การบริหารส่วนจังหวัด",
        "province": "ผู้ว่าราชการจังหวัด",
    }
    values = {"writer": office, "official": officials[writer], "place": finding.place, "days": days, "blank": BLANK}
    _head(document, letter, values)
    for text in letter.body:
        if text == "{facts}":
            for fact in finding.facts:
                word.paragraph(document, fact, style="List Bullet", after=2)
        elif text == "{factories}":
            _factories(document, concerned(letter, writer, finding.factories))
        else:
            word.paragraph(document, text.format(**values)).paragraph_format.first_line_indent = Mm(15)
    last = document.paragraphs[-1]
    last.paragraph_format.keep_together = True
    signature = [
        word.paragraph(document, letter.closing.format(**values), align="center"),
        word.paragraph(document, f"({BLANK})", align="center", after=0),
    ]
    signature[0].paragraph_format.space_before = Pt(14)
    for line in (last, *signature):  # a name alone on a page signs nothing
        line.paragraph_format.keep_with_next = True
    word.paragraph(document, officials[writer], align="center")
    _check_list(document, letter, writer, values)
    _running(document, finding)
    return word.save(document, path, "th", title=f"{DRAFT}: {letter.subject.format(**values)}", author=office)


def _head(document: Any, letter: Letter, values: Mapping[str, Any]) -> None:
    word.paragraph(document, DRAFT, bold=True, size=18, align="center", colour=word.RED)
    subject = letter.subject.format(**values)
    if letter.form == "notice":
        word.paragraph(document, f"ประกาศ{values['writer']}", bold=True, size=18, align="center", after=0)
        word.paragraph(document, f"เรื่อง {subject}", bold=True, align="center")
        return
    word.paragraph(document, f"ที่ {BLANK}", after=0)
    word.paragraph(document, str(values["writer"]), align="right", after=0)
    word.paragraph(document, f"วันที่ {BLANK}", align="center")
    word.paragraph(document, f"เรื่อง  {subject}", after=2)
    word.paragraph(document, f"เรียน  {letter.recipient}")


def _factories(document: Any, table: pd.DataFrame) -> None:
    rows = [
        [
            str(i),
            f"{_said(f.get('name_th'))}\n{_said(f.get('reg_no'))}",
            _said(f.get("type_name_th")),
            _said(f.get("factory_class"), whole=True),
            _said(f.get("hp"), whole=True),
        ]
        for i, f in enumerate(records(table.head(MOST)), 1)
    ]
    word.table(
        document,
        ["ที่", "โรงงาน / เลขทะเบียน", "ประเภท", "จำพวก", "แรงม้า"],
        rows,
        [10, 62, 54, 15, 19],
        align=["center", "left", "left", "center", "right"],
    )
    if len(table) > MOST:
        word.source_line(document, f"และอีก {number(len(table) - MOST)} แห่งที่มีศักยภาพก่อฝุ่นน้อยกว่าหรือเท่ากัน")


def _said(value: Any, *, whole: bool = False) -> str:
    if value is None or pd.isna(value) or str(value) == "":
        return "–"
    return number(float(value)) if whole else str(value)


def _check_list(document: Any, letter: Letter, writer: str, values: Mapping[str, Any]) -> None:
    word.page_break(document)
    word.paragraph(document, "สิ่งที่นิติกรต้องตรวจ (ถอดหน้านี้ออกก่อนส่ง)", style="Heading 2")
    for text in (*letter.check, *getattr(letter, f"check_{writer}", ())):
        word.paragraph(document, f"☐ {text.format(**values)}", after=3)
    word.paragraph(document, "กฎหมายที่อ้าง และสถานะการตรวจข้อมูลในระบบ", style="Heading 2")
    known = {str(law["law_id"]): law for law in records(catalogues.laws())}
    rows = [
        [
            f"{law['name_th']} มาตรา {law['section']}" if _said(law.get("section")) != "–" else str(law["name_th"]),
            str(law["use_th"]),
            "อ่านจากแหล่งอ้างอิงแล้ว" if law["verified"] else "ยังไม่ได้ตรวจ ต้องตรวจตัวบท",
        ]
        for law in (known[key] for key in letter.laws if key in known)
    ]
    word.table(document, ["กฎหมาย", "ใช้ทำอะไร", "สถานะ"], rows, [55, 72, 33])


def _running(document: Any, finding: Finding) -> None:
    section: Sequence[Any] = document.sections
    head = section[0].header.paragraphs[0]
    mark = "ข้อมูลจำลอง · " if finding.simulated else ""
    word.run(head, mark + DRAFT, bold=True, size=13, colour=word.RED)
    foot = section[0].footer.paragraphs[0]
    snapshot = "–" if finding.snapshot is None else finding.snapshot
    word.run(foot, f"EcoTown Air ชุดข้อมูลที่ {snapshot}   ", size=13)
    word.page_number(foot, "หน้า")
