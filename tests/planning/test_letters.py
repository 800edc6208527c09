"""Draft letters: each writer's own powers, facts with their source, and the draft mark on every page."""

from __future__ import annotations

import docx
import pytest

from geo import catalogues
from language import UserError
from planning import letters


def kind(name: str) -> letters.Letter:
    return next(letter for letter in letters.read_letters() if letter.kind == name)


def text(path) -> str:
    document = docx.Document(str(path))
    parts = [p.text for p in document.paragraphs]
    return "\n".join(parts + [c.text for t in document.tables for r in t.rows for c in r.cells])


@pytest.mark.parametrize(
    ("office", "writer"),
    [
        ("เทศบาลเมืองบ้านโป่ง", "municipality"),
        ("ทต.พะตง", "municipality"),
        ("องค์การบริหารส่วนตำบลพังลา", "sao"),
        ("จังหวัดราชบุรี", "province"),
        ("องค์การบริหารส่วนจังหวัดสงขลา", "pao"),
        ("", ""),
    ],
)
def test_the_writer_is_read_from_the_name(office, writer):
    assert letters.writer_of(office) == writer


def test_powers_are_the_writers_own():
    """Class 1–2 is delegated to เทศบาล and not to อบต.; the ban of all burning is the governor's."""
    may = {w: {letter.kind for letter in letters.offered(w)} for w in letters.WRITERS}
    assert may["municipality"] == {"industry-request", "delegated", "nuisance-area", "open-burning"}
    assert may["sao"] == {"industry-request", "nuisance-area", "open-burning"}
    assert may["province"] == {"industry-request", "burning-ban"}
    assert may["pao"] == {"industry-request"}


def test_every_law_cited_is_in_the_catalogue_and_in_force():
    laws = catalogues.laws().set_index("law_id")
    for letter in letters.read_letters():
        assert letter.laws and set(letter.laws) <= set(laws.index)
        assert laws.loc[list(letter.laws), "in_force"].all()


OFFICES = [("municipality", "ทต.ก"), ("sao", "อบต.ก"), ("pao", "อบจ.ก"), ("province", "จังหวัดก")]


@pytest.mark.parametrize(("writer", "office"), OFFICES)
def test_every_letter_is_a_draft_with_its_checks(screening, tmp_path, writer, office):
    for letter in letters.offered(writer):
        finding = letters.of_place(screening, "H1" if letter.kind == "delegated" else "Z1")
        path = letters.write_docx(letter, finding, tmp_path / f"{letter.kind}.docx", office=office, writer=writer)
        said, document = text(path), docx.Document(str(path))
        assert letters.DRAFT in said and letters.DRAFT in document.sections[0].header.paragraphs[0].text
        assert "ข้อมูลจำลอง" in document.sections[0].header.paragraphs[0].text
        assert "สิ่งที่นิติกรต้องตรวจ" in said and office in said
        assert "{" not in said
        signed = next(i for i, p in enumerate(document.paragraphs) if p.text == f"({letters.BLANK})")
        assert all(p.paragraph_format.keep_with_next for p in document.paragraphs[signed - 2 : signed + 1])


def test_a_request_never_orders(screening, tmp_path):
    finding = letters.of_place(screening, "Z1")
    path = letters.write_docx(
        kind("industry-request"), finding, tmp_path / "a.docx", office="ทต.ก", writer="municipality"
    )
    said = text(path)
    assert "ขอได้โปรดพิจารณา" in said and "มาตรา 37 หรือมาตรา 39 วรรคหนึ่ง" in said
    assert "มิใช่ผู้ออกคำสั่ง" in said and "ไม่ใช่ข้อพิสูจน์" in said


def test_a_municipality_asks_about_class_3_and_sees_to_the_rest_itself(screening):
    listed = letters.of_place(screening, "H1").factories
    ask = letters.concerned(kind("industry-request"), "municipality", listed)
    own = letters.concerned(kind("delegated"), "municipality", listed)
    assert set(ask["factory_class"]) == {3} and set(own["factory_class"]) <= {1, 2}
    assert len(ask) + len(own) == len(listed)
    assert len(letters.concerned(kind("industry-request"), "sao", listed)) == len(listed)


def test_the_wrong_writer_is_refused(screening, tmp_path):
    with pytest.raises(UserError, match="no power"):
        letters.write_docx(
            kind("delegated"), letters.of_place(screening, "H1"), tmp_path / "a.docx", office="อบต.ก", writer="sao"
        )


def test_no_factory_no_letter_about_factories(screening, tmp_path):
    screening.factories = screening.factories[:0]
    with pytest.raises(UserError, match="No factory"):
        letters.write_docx(
            kind("industry-request"), letters.of_place(screening, "Z1"), tmp_path / "a.docx", office="ทต.ก",
            writer="municipality",
        )  # fmt: skip


def test_a_clinic_visit_keeps_its_words(screening, tmp_path):
    finding = letters.of_clinic("ต.ตัวอย่าง", "ลานกองไม่มีผ้าคลุม\n\nถนนหน้าโรงงานเป็นดิน", screening.factories, simulated=False)
    path = letters.write_docx(kind("industry-request"), finding, tmp_path / "a.docx", office="อบต.ก", writer="sao")
    assert "ลานกองไม่มีผ้าคลุม" in text(path) and len(finding.facts) == 3
    with pytest.raises(UserError, match="needs a fact"):
        letters.of_clinic("ต.ตัวอย่าง", " \n", simulated=False)


def test_an_unknown_place_is_named(screening):
    with pytest.raises(UserError, match="no zone or hotspot"):
        letters.of_place(screening, "Z99")
