"""The catalogues that ship are sound, and a wrong edit is answered with file, row and column."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geo import catalogues
from language import UserError

READERS = (
    catalogues.standards,
    catalogues.aqi_bands,
    catalogues.factory_types,
    catalogues.measures,
    catalogues.laws,
    catalogues.eco_town,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the catalogues that a test may spoil."""
    for file in catalogues.CATALOGUES.glob("*.csv"):
        shutil.copy(file, tmp_path)
    return tmp_path


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8-sig")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize("reader", READERS)
def test_every_row_names_its_source(reader):
    table = reader()
    assert len(table) >= 15
    assert table["source"].str.len().min() > 3
    assert table["verified"].dtype == bool


def test_memory_is_never_marked_as_verified():
    for reader in READERS:
        table = reader()
        from_memory = table["source"].str.contains("from memory|general knowledge") & ~table["source"].str.contains(
            "gazette date from memory"
        )
        assert not table.loc[from_memory, "verified"].any(), reader.__name__


def test_thirty_measures_with_known_laws_and_texts():
    table = catalogues.measures()
    assert table["number"].tolist() == list(range(1, 31))
    known = set(catalogues.laws().query("in_force")["law_id"])
    cited = {law for ids in table["law_ids"].dropna() for law in ids.split(";")}
    assert cited <= known
    assert (table["verified"] == (table["reduction_verified"] & table["law_verified"])).all()
    assert table["project_th"].str.startswith("โครงการ").all()
    assert table["objective_th"].str.startswith("เพื่อ").all()
    assert table["unit_cost_baht"].isna().all()


def test_programmes_are_those_of_the_budget():
    known = {"สาธารณสุข", "เคหะและชุมชน", "อุตสาหกรรมและการโยธา", "รักษาความสงบภายใน", "สร้างความเข้มแข็งของชุมชน", "การเกษตร"}
    assert set(catalogues.measures()["programme"]) <= known


def test_every_source_group_has_a_measure():
    groups = {g for text in catalogues.measures()["applies_to"] for g in text.split(";")}
    assert groups == set(catalogues.SOURCE_GROUPS)


def test_charcoal_from_wood_is_34_6():
    row = catalogues.factory_type(34, 6)
    assert row is not None
    assert row["name_th"] == "เผาถ่านจากไม้"
    assert row["potential"] == 3


def test_unknown_sub_item_falls_back_to_the_whole_order():
    assert catalogues.factory_type(59, 7)["type_no"] == 59
    assert catalogues.factory_type(9, 99) is None
    assert catalogues.factory_type(200, 1) is None


def test_eco_town_of_2565_has_12_23_6_requirements():
    table = catalogues.eco_town("2565")
    structure = table[table["kind"] == "structure"].set_index("number")["count"]
    assert structure.to_dict() == {"basic": 12, "general": 23, "specific": 6}
    levels = table[table["kind"] == "level"].sort_values("number")["name_th"].tolist()
    assert levels[3:] == ["การพึ่งพาอาศัย", "เมืองน่าอยู่คู่อุตสาหกรรม"]
    pilots = ";".join(table["pilots"].dropna()).split(";")
    assert set(pilots) == {"ban-pong", "boek-phrai", "krap-yai", "phatong"}


def test_twenty_aspects_of_2560_are_to_be_checked():
    aspects = catalogues.eco_town("2560").query("kind == 'aspect'")
    assert len(aspects) == 20
    assert not aspects["verified"].any()


def test_unknown_eco_town_version_names_the_known_ones():
    with pytest.raises(UserError, match="2560, 2565"):
        catalogues.eco_town("2599")


def test_wrong_number_is_named_with_row_and_column(folder):
    edit(folder / "standards.csv", "pm25,24h,thai,37.5", "pm25,24h,thai,สามสิบ")
    with pytest.raises(UserError, match=r"standards.csv, row 2, column value: “สามสิบ”"):
        catalogues.standards(folder)


def test_wrong_choice_lists_what_is_allowed(folder):
    edit(folder / "factory_types.csv", ",crop,", ",plants,")
    with pytest.raises(UserError, match=r"column group: “plants”.*crop \| food"):
        catalogues.factory_types(folder)


def test_buddhist_date_format_is_refused_with_an_example(folder):
    edit(folder / "standards.csv", "2023-06-01", "1/6/2566")
    with pytest.raises(UserError, match="2023-06-01"):
        catalogues.standards(folder)


def test_empty_required_cell(folder):
    edit(folder / "measures.csv", "M01,1,ติดตั้งถุงกรองฝุ่นที่ปล่องหรือกระบวนการ", "M01,1,")
    with pytest.raises(UserError, match="row 2, column name_th: the cell is empty"):
        catalogues.measures(folder)


def test_repeated_key_names_both_rows(folder):
    edit(folder / "measures.csv", "\nM02,2,", "\nM01,2,")
    with pytest.raises(UserError, match="row 3: the same measure_id stands in row 2"):
        catalogues.measures(folder)


def test_missing_column_and_torn_row(folder):
    edit(folder / "laws.csv", "law_id,", "id,")
    with pytest.raises(UserError, match="column law_id is missing"):
        catalogues.laws(folder)
    edit(folder / "standards.csv", "pm25,24h,thai,37.5,", "pm25,24h,thai,37.5,,")
    with pytest.raises(UserError, match="row 2: 11 cells where the header has 10"):
        catalogues.standards(folder)


def test_missing_file(folder):
    (folder / "laws.csv").unlink()
    with pytest.raises(UserError, match=r"laws\.csv is missing"):
        catalogues.laws(folder)


def test_thai_code_page_and_excel_booleans(folder):
    file = folder / "factory_types.csv"
    text = file.read_text("utf-8-sig").replace(",true\n", ",TRUE\n")
    file.write_bytes(text.encode("cp874", errors="replace"))
    table = catalogues.factory_types(folder)
    assert table["name_th"].iloc[0] == "ต้ม นึ่ง หรืออบพืชหรือเมล็ดพืช"
    assert table["verified"].iloc[0]


def test_an_edit_is_seen_and_a_callers_change_is_not(folder):
    mine = catalogues.standards(folder)
    mine["value"] = 0.0
    assert catalogues.standards(folder)["value"].iloc[0] == 37.5
    edit(folder / "standards.csv", "pm25,24h,thai,37.5", "pm25,24h,thai,36.25")
    assert catalogues.standards(folder)["value"].iloc[0] == 36.25
