"""Are the generated pages whole?"""

from __future__ import annotations

from pathlib import Path

import pytest

from gongqing.appeals.rules.statuses import TRANSITIONS
from gongqing.config import states


def test_every_step_of_the_table_is_drawn() -> None:
    page = states.pages()["appeal.md"]
    for here, following in TRANSITIONS.items():
        for to in following:
            assert f"    {here.value} --> {to.value}\n" in page


def test_the_pages_are_written_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert states.main([str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / "appeal.md").read_text(encoding="utf-8") == states.pages()["appeal.md"]
    assert states.main(["one", "two"]) == 2
    assert "用法" in capsys.readouterr().err
