"""The self-assessment: what is known of the criteria, what an office says, gaps, levels, files read back."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import docx
import pytest
from openpyxl import load_workbook

from geo.lake import Lake
from language import UserError
from planning import assessment as assess
from planning import assessment_files, documents, report
from planning.criteria import KINDS, criteria, read_texts
from planning.plan import Plan, PlanRow

pytestmark = pytest.mark.slow

PLAN = Plan("p", "ทต.เบิกไพร", 2571, rows=(
    PlanRow("Z1-M18", "โครงการคลุมผ้าใบ", measure_id="M18", budgets=(100_000, 50_000, None, None, None)),
    PlanRow("own-1", "โครงการของเทศบาล"),
), snapshot=7)  # fmt: skip


def assessed() -> assess.Assessment:
    """Marks of three aspects, one of them at its target."""
    found = assess.begin("เทศบาลตำบลเบิกไพร", "2560", year=2569)
    found = assess.answer(found, "aspect-6", now=1, target=3)
    found = assess.answer(found, "aspect-8", now=2, target=4, evidence="ผลตรวจวัด")
    return assess.answer(found, "aspect-20", now=3, target=3)


@pytest.mark.parametrize(("version", "counts"), [("2565", (12, 23, 6)), ("2560", (20, 41))])
def test_each_version_has_its_counts_and_no_made_up_wording(version: str, counts: tuple[int, ...]) -> None:
    found = criteria(version)
    assert tuple(len(found.of(kind)) for kind in KINDS[version]) == counts
    assert all(not c.text_th or c.source for c in found.items)
    assert not any(c.verified for c in found.items)
    without = next(c for c in found.items if not c.text_th)
    assert "was not found" in without.say("en")


def test_the_target_is_that_of_the_phase() -> None:
    """domain-checked.md §1: phase 1 level 5, phase 2 level 3, phase 3 at least level 1 by 2570."""
    targets = assess.areas().groupby("phase")["target"].unique().map(list).to_dict()
    assert targets == {"phase-1": [5], "phase-2": [3]}
    assert (assess.begin("ทม.บ้านโป่ง", year=2569).level_target, assess.area_of("เทศบาลตำบลพะตง")) == (5, "1-16")
    assert assess.begin("ทต.กรับใหญ่", year=2569).level_target == 3
    assert assess.begin("ทต.ไม่มีในรายการ", year=2569).level_target is None


def test_gaps_name_their_projects_and_the_measures_that_would_help() -> None:
    found = assess.link(assessed(), PLAN)
    gaps = assess.gaps(found, PLAN).set_index("key")
    assert list(gaps.index) == ["aspect-6", "aspect-8"]
    assert gaps.loc["aspect-6", "projects"] == ["โครงการคลุมผ้าใบ"]
    assert gaps.loc["aspect-6", "budget"] == 150_000
    assert "M18" not in gaps.loc["aspect-6", "measures"] and "M16" in gaps.loc["aspect-6", "measures"]
    assert gaps.loc["aspect-8", "projects"] == []


def test_marks_out_of_range_are_refused_and_an_emptied_answer_goes() -> None:
    found = assessed()
    with pytest.raises(UserError, match="0 to 5"):
        assess.answer(found, "aspect-8", now=6)
    with pytest.raises(UserError, match="0 to 2"):
        assess.answer(assess.begin("ทต.ก", year=2569), "basic-1", now=3)
    empty = assess.answer(found, "aspect-20", now=None, target=None)
    assert "aspect-20" not in empty.answers


def test_a_level_is_derived_only_where_it_is_known_what_each_asks() -> None:
    found = assess.begin("ทต.ก", year=2569)
    assert assess.reached(found) is None
    rows = [f"{c.kind},{c.number},3,ข้อความ {c.key},{1 if c.kind == 'basic' else 2 + i % 4}"
            for i, c in enumerate(found.criteria.items)]  # fmt: skip
    texts, notes = read_texts("\n".join(["kind,number,dimension,text_th,level", *rows]).encode(), "diw.csv", "2565")
    assert "41" in notes[0].say("en")
    found = assess.with_texts(found, texts)
    assert assess.reached(found) == 0
    for item in found.criteria.items:
        if (item.level or 9) <= 2:
            found = assess.answer(found, item.key, now=2)
    assert assess.reached(found) == 2
    assert not any("wording" in n.say("en") for n in assess.problems(found))


def test_good_rows_of_a_file_are_kept_and_the_others_said() -> None:
    lines = ["kind;number;text_th;dimension", "ข้อกำหนดพื้นฐาน;1;มีคณะกรรมการ;5", "whatever;2;ก;1", "basic;3;;1",
             "general;4;ข;9", ";;;"]  # fmt: skip
    texts, notes = read_texts("\n".join(lines).encode("cp874"), "ไฟล์.csv", "2565")
    assert list(texts) == ["basic-1"]
    assert texts["basic-1"].own and texts["basic-1"].dimension == "5"
    assert [n.say("en").split(":")[0] for n in notes[1:]] == ["Row 3", "Row 4", "Row 5"]
    with pytest.raises(UserError, match="no column kind"):
        read_texts(b"a,b\n1,2\n", "x.csv", "2565")
    with pytest.raises(UserError, match="no table"):
        read_texts(b"\x00\x01", "x.xlsx", "2565")


def test_a_level_without_its_basic_requirements_is_questioned() -> None:
    found = assess.replace(assess.begin("ทต.ก", year=2569), level_now=2)
    assert any("come first" in n.say("en") for n in assess.problems(found))


def test_saved_versions_can_be_read_and_taken_back(tmp_path: Path) -> None:
    with Lake.open(tmp_path / "catalog.sqlite", tmp_path / "files") as lake:
        first, second = assessed(), assess.answer(assessed(), "aspect-1", now=4)
        keep = {"workspace_id": "w", "name": "n", "author": "สมชาย", "simulated": True}
        assert documents.save(lake, "assessment", "d", assess.to_dict(first), **keep) == 1
        assert documents.save(lake, "assessment", "d", assess.to_dict(second), **keep) == 2
        assert assess.from_dict(documents.read(lake, "d")) == second
        assert list(documents.newest(lake, "assessment", "w")["version"]) == [2]
        assert documents.take_back(lake, "d")
        assert assess.from_dict(documents.read(lake, "d")) == first
        lake.remove_simulated()
        with pytest.raises(UserError, match="no longer stored"):
            documents.read(lake, "d")


def test_the_workbook_can_be_loaded_again_and_says_what_it_is(tmp_path: Path) -> None:
    path = assessment_files.write_xlsx(assessed(), PLAN, tmp_path / "a.xlsx", "th")
    book = load_workbook(path)
    assert len(book.sheetnames) == 3
    assert "ไม่ใช่ผลประเมินของกรมโรงงานอุตสาหกรรม" in str(book.worksheets[0]["A2"].value)
    texts, notes = read_texts(path.read_bytes(), "a.xlsx", "2560")
    assert len(texts) == 20  # the indicators have no wording yet
    assert len(notes) == 42
    gaps = [str(c.value) for row in book.worksheets[2].iter_rows() for c in row if c.value]
    assert any("ยังไม่มีโครงการ" in text for text in gaps)


@pytest.mark.parametrize("lang", ["th", "en"])
def test_the_action_plan_has_the_annex_only_where_something_was_assessed(
    screening: SimpleNamespace, tmp_path: Path, lang: str
) -> None:
    heading = {"th": "การประเมินตนเองตามเกณฑ์", "en": "Self-assessment against"}[lang]

    def headings(found: assess.Assessment | None) -> list[str]:
        path = report.write_docx(PLAN, screening, tmp_path / "p.docx", lang, assessment=found)
        return [p.text for p in docx.Document(str(path)).paragraphs if p.style.name == "Heading 1"]

    assert any(heading in text for text in headings(assessed()))
    assert not any(heading in text for text in headings(None))
    own = assessment_files.write_docx(assessed(), PLAN, tmp_path / "a.docx", lang)
    assert len(docx.Document(str(own)).tables) == 4
