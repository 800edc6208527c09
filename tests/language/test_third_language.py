"""A language is one catalogue file: dropped into locale/, it is offered and spoken, and nothing else is changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from language import available_languages, catalogue, environment_language, language_name, note, translate
from planning.meeting import page, tell
from tests.planning.conftest import make_screening

LAO = {
    "Help": "ຊ່ວຍເຫຼືອ",
    "Next": "ຕໍ່ໄປ",
    "{count} factories": "ໂຮງງານ {count} ແຫ່ງ",
    "EcoTown Air": "ອາກາດເມືອງ",
}


@pytest.fixture()
def lao(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Drop a Lao catalogue beside the Thai one."""
    folder = tmp_path / "locale"
    shutil.copytree(catalogue.LOCALE, folder)
    (folder / "lo" / "LC_MESSAGES").mkdir(parents=True)
    words = "".join(f'msgid "{english}"\nmsgstr "{lao}"\n\n' for english, lao in LAO.items())
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    (folder / "lo" / "LC_MESSAGES" / "messages.po").write_text(head + words, encoding="utf-8")
    monkeypatch.setattr(catalogue, "LOCALE", folder)
    catalogue._translations.cache_clear()
    yield
    catalogue._translations.cache_clear()


def test_one_file_adds_a_language(lao: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is listed, named in itself, and speaks; what it lacks is said in English."""
    assert available_languages() == ("th", "en", "lo")
    assert language_name("lo") == "ລາວ"
    assert note("{count} factories", count=3).say("lo") == "ໂຮງງານ 3 ແຫ່ງ"
    assert translate("No such sentence.", "lo") == "No such sentence."
    monkeypatch.setenv("LANGUAGE", "lo_LA.UTF-8")
    assert environment_language() == "lo"

    told = tell(make_screening())
    assert [one["code"] for one in told["languages"]] == ["th", "en", "lo"]
    assert told["labels"]["next"]["lo"] == "ຕໍ່ໄປ"
    assert any("ໂຮງງານ" in line["lo"] for line in told["steps"][0]["lines"])
    assert '<html lang="lo">' in page(told, "lo")

    monkeypatch.setenv("LAKE_CATALOG", str(tmp_path / "catalog.sqlite"))
    monkeypatch.setenv("LAKE_DATA", str(tmp_path / "files"))
    frame = AppTest.from_string(
        "from pages.parts import frame, i18n, state\n"
        "state.begin()\ni18n.begin()\n"
        "import streamlit as st\n"
        "st.segmented_control('x', __import__('language').available_languages(), key='lang')\n"
        "st.write(i18n._('Help'))\n"
    )
    frame.query_params["lang"] = "lo"
    frame.run(timeout=120)
    assert not frame.exception
    assert frame.markdown[0].value == "ຊ່ວຍເຫຼືອ"
