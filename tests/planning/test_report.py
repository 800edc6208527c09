"""The action plan opens, holds its chapters, is Thai through and through, and says where figures come from."""

from __future__ import annotations

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

from language import UserError
from planning import maps, plan, report
from planning.report.outline import Outline, Section, read_outline

pytestmark = pytest.mark.slow


def written(screening, path, lang="th", **more):
    made = plan.from_screening(screening, 2566)
    made = plan.edit(made, made.rows[0].row_id, budgets=[100_000, 0, 0, 0, 25_000])
    return docx.Document(str(report.write_docx(made, screening, path, lang, **more))), made


def texts(document) -> str:
    parts = [p.text for p in document.paragraphs]
    parts += [c.text for t in document.tables for r in t.rows for c in r.cells]
    return "\n".join(parts)


@pytest.fixture(scope="module")
def thai(made_up, tmp_path_factory):
    return written(made_up(), tmp_path_factory.mktemp("plan") / "plan.docx")


def test_chapters_follow_the_outline(thai):
    """Each section of the outline is a heading, numbered, in its order."""
    document, _ = thai
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    titles = [s.title_th for s in read_outline().sections if s.chapter not in ("cover", "assessment")]
    assert len(headings) == len(titles)
    assert all(title in heading for title, heading in zip(titles, headings, strict=True))


def test_the_contents_list_names_every_section_with_the_page_of_its_heading(thai):
    """A line a section: its title, and a field for the page of the bookmark around that very heading."""
    document, _ = thai
    marks = {m.get(qn("w:name")): m.getparent() for m in document.element.body.iter(qn("w:bookmarkStart"))}
    fields = list(document.element.body.iter(qn("w:fldSimple")))
    assert len(fields) == len(marks) == len([p for p in document.paragraphs if p.style.name == "Heading 1"])
    for field in fields:
        named = field.get(qn("w:instr")).split()[1]
        heading = "".join(t.text for t in marks[named].iter(qn("w:t")))
        line = "".join(t.text for t in field.getparent().findall(f"{qn('w:r')}/{qn('w:t')}"))
        assert line == heading


def test_every_style_in_use_is_thai(thai):
    """Complex-script font, size and language are set, so that Thai isn't shown in another font and size."""
    document, _ = thai
    for name in {p.style.name for p in document.paragraphs} | {"Normal", "Header", "Footer"}:
        properties = document.styles[name].element.rPr
        fonts = properties.find(qn("w:rFonts"))
        assert {fonts.get(qn(f"w:{s}")) for s in ("ascii", "hAnsi", "cs")} == {"TH Sarabun New"}, name
        assert properties.find(qn("w:szCs")) is not None
        assert properties.find(qn("w:lang")).get(qn("w:bidi")) == "th-TH"


def test_sized_runs_are_sized_in_both_scripts(thai):
    """A run with a size of its own has it for Thai letters as well."""
    document, _ = thai
    for size in document.element.body.iter(qn("w:sz")):
        pair = size.getparent().find(qn("w:szCs"))
        assert pair is not None and pair.get(qn("w:val")) == size.get(qn("w:val"))


def test_tables_repeat_their_header_and_keep_rows_whole(thai):
    """The first row of each table is a header; no row breaks across pages."""
    document, _ = thai
    assert len(document.tables) >= 8
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(r._tr.trPr.find(qn("w:cantSplit")) is not None for r in table.rows)


def test_projects_lie_across(thai):
    """The project table stands in a landscape section; text before and after is upright."""
    document, _ = thai
    turns = [s.orientation for s in document.sections]
    assert turns == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]


def test_every_project_and_its_budget_is_there(thai):
    """Names, filled amounts, and the word for what is still open."""
    document, made = thai
    text = texts(document)
    assert all(row.project in text for row in made.rows)
    assert "100,000" in text and "125,000" in text
    assert "รอกรอก" in text


def test_figures_say_what_they_are(thai):
    """Pollutant, averaging, unit, period, source, snapshot and the simulated mark stand under the tables."""
    document, _ = thai
    lines = [p.text for p in document.paragraphs if "ชุดข้อมูลที่ 12" in p.text and "มคก./ลบ.ม." in p.text]
    assert len(lines) >= 5
    for line in lines:
        assert "PM2.5" in line and "24 ชม." in line and "2569" in line and "Simulator" in line
        assert "ข้อมูลจำลอง" in line


def test_simulated_on_every_page_and_absent_for_real_data(screening, made_up, tmp_path):
    """The running head carries the mark; real data has none anywhere."""
    document, _ = written(screening, tmp_path / "a.docx")
    assert "ข้อมูลจำลอง" in document.sections[0].header.paragraphs[0].text
    real = made_up(simulated=False)
    real.sources = ["PCD"]
    document, _ = written(real, tmp_path / "b.docx")
    assert "ข้อมูลจำลอง" not in texts(document) + document.sections[0].header.paragraphs[0].text


def test_unverified_facts_are_to_be_checked(thai):
    """The law table and the last annex mark what was not read in its source."""
    document, _ = thai
    assert "ต้องตรวจสอบ" in texts(document)
    assert any("มาตรการ “" in p.text for p in document.paragraphs)


def test_powers_are_right(thai):
    """A municipality asks the provincial office; the section is the one for that."""
    document, _ = thai
    assert "ขอให้สำนักงานอุตสาหกรรมจังหวัด" in texts(document)
    assert "มาตรา 37 หรือมาตรา 39 วรรคหนึ่ง" in texts(document)


def test_pictures_have_words_for_those_who_do_not_see_them(thai):
    """Chart and two maps, each with an alternative text."""
    document, _ = thai
    pictures = list(document.element.body.iter(qn("wp:docPr")))
    assert len(pictures) == 3
    assert all(p.get("descr") for p in pictures)


def test_english_on_request(screening, tmp_path):
    """Headings, sentences and proposals in English; no Thai sentence remains outside names."""
    document, _ = written(screening, tmp_path / "en.docx", "en")
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert headings
    assert not [h for h in headings if any("ก" <= letter <= "๛" for letter in h) and "บ้านโป่ง" not in h]


def test_no_hotspots(made_up, tmp_path):
    """A clean period gives a plan that says so."""
    document, _ = written(made_up(hotspots=False), tmp_path / "clean.docx")
    assert "ไม่มีบริเวณใดเข้าเกณฑ์" in texts(document)


def test_an_office_can_bring_its_own_outline(screening, tmp_path):
    """Titles, order and free text come from data; an unknown chapter is refused by name."""
    own = Outline(
        (Section("cover", "ปก", "Cover"), Section("", "บทนำ", "Intro", text_th="เขียนโดย {lao_name}")), "", True
    )
    document, made = written(screening, tmp_path / "own.docx", outline=own)
    assert f"เขียนโดย {made.lao_name}" in texts(document)
    with pytest.raises(UserError, match="weather"):
        written(screening, tmp_path / "bad.docx", outline=Outline((Section("weather", "x", "x"),), verified=True))


@pytest.mark.parametrize("text", ["section = 3", "[[section]]\nchapter = 'cover'\ncolour = 'red'", "[["])
def test_a_broken_outline_is_said(tmp_path, text):
    """With the file's name."""
    path = tmp_path / "outline.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"outline\.toml"):
        read_outline(path)


@pytest.mark.parametrize("layer", maps.LAYERS)
@pytest.mark.parametrize("lang", ["th", "en"])
def test_maps_are_pictures_of_the_size_asked_for(screening, layer, lang):
    """PNG of 1500 x 940, with more than the paper's colour on it."""
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(maps.draw_map(screening, layer, lang)))
    assert picture.size == (1500, 940)
    assert len(picture.convert("RGB").getcolors(100_000)) > 20


def test_long_words_break_before_marks_never():
    """A line never begins with a Thai vowel or tone mark that belongs to the letter before."""
    face = maps.font(30)
    lines = maps.wrap("ค่าเฉลี่ยตลอดช่วงเวลาของค่าเฉลี่ยยี่สิบสี่ชั่วโมงที่สถานีทั้งหมด " * 2, face, 240)
    assert len(lines) > 4
    assert all(face.getlength(line) <= 270 for line in lines)
    assert not [line for line in lines if line and line[0] in "ะาำิีึืฺุู็่้๊๋์"]
