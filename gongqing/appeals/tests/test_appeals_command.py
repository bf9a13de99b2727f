"""Does the command load a sheet, say what was wrong, and leave nothing behind when it could not?"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from gongqing.appeals.models import Appeal
from gongqing.appeals.tests import sheets
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib import times
from gongqing.registry.models import Load, LoadState
from tests.cast import Cast


def written(folder: Path, *, bad: int, count: int = 6) -> Path:
    path = folder / "工单.xlsx"
    path.write_bytes(sheets.workbook(sheets.lines(count, at=times.now(), bad=bad, labour=1.0)))
    return path


def count_of_appeals() -> int:
    with scope.acting_as(SYSTEM):
        return Appeal.objects.filter(source="12345").count()


def test_a_sheet_is_tried_loaded_and_taken_back(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet, rejects = written(tmp_path, bad=2), tmp_path / "问题行.csv"
    call_command("appeals", "import", str(sheet), "--source", "12345", "--dry-run", "--rejects", str(rejects))
    told = capsys.readouterr()
    assert told.out.startswith("试导完，没有写入：")
    assert "有误 2" in told.out
    assert "行“" in told.err
    assert len(rejects.read_text("utf-8").splitlines()) == 3
    assert count_of_appeals() == 0
    with scope.acting_as(SYSTEM):
        assert not Load.objects.exists()
    call_command("appeals", "import", str(sheet), "--source", "12345")
    assert count_of_appeals() == 4
    with scope.acting_as(SYSTEM):
        load = Load.objects.get()
    assert f"导入完（编号 {load.pk}）" in capsys.readouterr().out
    call_command("appeals", "list")
    assert f"\t{times.local(load.made_at):%Y-%m-%d %H:%M}\t12345\t" in capsys.readouterr().out
    call_command("appeals", "undo", str(load.pk), "--reason", "选错了文件")
    assert "已撤销 4" in capsys.readouterr().out
    with scope.acting_as(SYSTEM):
        assert Load.objects.get().state == LoadState.UNDONE
        assert set(Appeal.objects.filter(source="12345").values_list("status", flat=True)) == {"invalid"}


def test_without_rejects_the_file_is_its_header(cast: Cast, tmp_path: Path) -> None:
    rejects = tmp_path / "问题行.csv"
    call_command(
        "appeals", "import", str(written(tmp_path, bad=0, count=1)), "--source", "12345", "--rejects", str(rejects)
    )
    (header,) = rejects.read_text("utf-8").splitlines()
    assert header.startswith("行号,列,原因")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04", "打不开"),
        ("工单编号,来电时间\r\n1,2025-01-01".encode(), "没有找到“诉求内容”这一列"),
        ("工单编号,诉求内容\r\n".encode(), "表头下面没有数据"),
        (None, "没有这个文件"),
    ],
)
def test_what_cannot_be_loaded_leaves_nothing(cast: Cast, tmp_path: Path, content: bytes | None, words: str) -> None:
    sheet, rejects = tmp_path / "a.csv", tmp_path / "问题行.csv"
    if content is not None:
        sheet.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        call_command("appeals", "import", str(sheet), "--source", "12345", "--rejects", str(rejects))
    assert refused.value.returncode == 2
    assert words in str(refused.value)
    assert not rejects.exists()
    with scope.acting_as(SYSTEM):
        assert not Load.objects.exists()


def test_rejects_that_cannot_be_written_are_refused_first(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(CommandError) as refused:
        call_command(
            *("appeals", "import", str(written(tmp_path, bad=0)), "--source", "12345"),
            *("--rejects", str(tmp_path / "nowhere" / "a.csv")),
        )
    assert refused.value.returncode == 2
    assert count_of_appeals() == 0
    with pytest.raises(CommandError):
        call_command("appeals", "continue", "99999")
