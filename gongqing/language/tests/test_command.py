"""`gongqing classify`: encodings, columns, and what bad input leaves behind (nothing)."""

import argparse
import csv
from pathlib import Path

import pytest
import xlsxwriter

from gongqing.appeals.management.commands.reader import Command as Reader
from gongqing.language import command

TABLE = "id,title,text\na1,欠薪,老板拖欠我们十个人三个月工资\na2,,想办一场乒乓球比赛\n"


def run(folder: Path, content: bytes, **options: object) -> tuple[int, Path]:
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_bytes(content)
    return command.classify_file([str(source), str(target)], **options), target  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_table_is_read_in_every_usual_encoding(tmp_path: Path, encoding: str) -> None:
    code, target = run(tmp_path, TABLE.encode(encoding))
    assert code == 0
    assert not target.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert tuple(rows[0]) == command.COLUMNS_OUT
    assert [(row["id"], row["code"], row["labour"]) for row in rows] == [("a1", "LE01", "1"), ("a2", "SC01", "1")]
    assert rows[0]["grade"] == "yellow"
    assert rows[0]["workers"] == "10"


def test_big5_is_refused_with_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = "id,title,text\n1,欠薪,老闆拖欠我們十個人三個月工資，請工會幫忙\n"
    code, target = run(tmp_path, table.encode("big5"))
    assert (code, target.exists()) == (2, False)
    assert "编码：in.csv 既不是 UTF-8 也不是 GB18030" in capsys.readouterr().err
    assert run(tmp_path, table.encode("gb18030"))[0] == 0


def test_grader_decides_the_grade(tmp_path: Path) -> None:
    code, target = run(tmp_path, TABLE.encode(), grade=lambda facts, code, labour: "red" if code == "LE01" else "green")
    assert code == 0
    assert [row["grade"] for row in csv.DictReader(target.read_text(encoding="utf-8").splitlines())] == ["red", "green"]


def test_other_columns_and_line_breaks_in_texts_are_taken(tmp_path: Path) -> None:
    code, target = run(tmp_path, 'text,id,other,title\r\n"第一行\n第二行",x,1,题目\r\n'.encode())
    assert code == 0
    assert len(target.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "第 1 行缺少列：id、title、text"),
        ("id,text\n1,话\n".encode(), "第 1 行缺少列：title"),
        ("id,title,text\n1,题\n".encode(), "第 2 行的列数"),
        ("id,title,text\n1,题,话,多\n".encode(), "第 2 行的列数"),
        ("id,title,text\n1,题,话\n,题,话\n".encode(), "第 3 行 id 列为空"),
        ("id,title,text\n1,题,话\n1,题,话\n".encode(), "第 3 行 id 列与第 2 行重复"),
        (b'id,title,text\n1,"open,text\n', "行起不是合格的 CSV"),
        (b"id,title,text\n1,\x00,text\n", "空字节"),
        (b"id,title,text\n1,\xff\xff,\x80\n", "编码"),
    ],
)
def test_bad_input_is_named_and_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    code, target = run(tmp_path, content)
    assert code == 2
    assert said in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
    assert not target.exists()


def excel(folder: Path) -> bytes:
    with xlsxwriter.Workbook(str(folder / "made.xlsx")) as book:
        book.add_worksheet().write_row(0, 0, ["id", "title", "text"])
    content = (folder / "made.xlsx").read_bytes()
    (folder / "made.xlsx").unlink()
    return content


@pytest.mark.parametrize("old", [False, True])
def test_excel_file_is_named_as_one_with_the_way_to_save_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: bool
) -> None:
    code, target = run(tmp_path, command.OLE + bytes(504) if old else excel(tmp_path))
    said = capsys.readouterr().err
    assert (code, target.exists()) == (2, False)
    assert "in.csv 是 Excel 文件" in said
    assert "另存为" in said
    assert "空字节" not in said


def test_missing_file_or_folder_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.classify_file([str(tmp_path / "none.csv"), str(tmp_path / "out.csv")]) == 2
    said = capsys.readouterr().err
    assert "没有这个输入文件" in said
    assert "No such file" not in said
    assert command.classify_file([str(tmp_path), str(tmp_path / "out.csv")]) == 2
    assert "输入的是一个目录" in capsys.readouterr().err
    (tmp_path / "in.csv").write_text(TABLE, encoding="utf-8")
    assert command.classify_file([str(tmp_path / "in.csv"), str(tmp_path / "none" / "out.csv")]) == 2


def test_fault_is_one_and_leaves_no_file(tmp_path: Path) -> None:
    def broken(facts: object, code: str, labour: bool) -> str:
        raise RuntimeError

    code, target = run(tmp_path, TABLE.encode(), grade=broken)
    assert code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]
    assert not target.exists()


def test_fit_without_its_data_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["fit", "--data", str(tmp_path), "--out", str(tmp_path / "weights")]) == 2
    assert "appeals_labelled.csv" in capsys.readouterr().err
    assert not (tmp_path / "weights").exists()


def test_long_tables_are_read_by_several_processes_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MANY", 3)
    rows = [f"r{number},,老板拖欠我们{number + 3}个人三个月工资" for number in range(40)]
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("id,title,text\n" + "\n".join(rows) + "\n", encoding="utf-8")
    assert command.classify_file([str(source), str(target), "--quick"]) == 0
    found = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert [(row["id"], row["workers"]) for row in found] == [(f"r{n}", str(n + 3)) for n in range(40)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,title,text,text\n1,题,话,另一段话\n".encode(), "第 1 行有两个同名的列：text"),
        ("id,title,text\n1,,工资没发\n".encode() + "2,,驿站坏了\n".encode("gbk"), "第 2 行是 UTF-8"),
        ('id,title,text\n1,题,话\n2,题,"没有收尾\n'.encode(), "第 3 行起不是合格的 CSV"),
    ],
)
def test_what_would_be_read_wrongly_without_a_word_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, said: str
) -> None:
    code, target = run(tmp_path, content)
    assert code == 2
    assert said in capsys.readouterr().err
    assert not target.exists()


def test_header_may_have_blanks_and_capitals(tmp_path: Path) -> None:
    code, target = run(tmp_path, "ID, Title ,TEXT\n1,欠薪,老板拖欠我们十个人三个月工资\n".encode())
    assert code == 0
    assert [row["code"] for row in csv.DictReader(target.read_text(encoding="utf-8").splitlines())] == ["LE01"]


def test_input_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "in.csv"
    source.write_text(TABLE, encoding="utf-8")
    assert command.classify_file([str(source), str(tmp_path / "." / "in.csv")]) == 2
    assert "同一个文件" in capsys.readouterr().err
    assert source.read_text(encoding="utf-8") == TABLE
    assert command.classify_file([str(source), str(tmp_path)]) == 2


def test_the_help_names_every_command_and_the_reader_says_what_was_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--help"]) == 0
    shown = capsys.readouterr().out
    for name in ("fit", "train", "versions", "run", "rollback"):
        assert f"    {name} " in shown
    parser = argparse.ArgumentParser(prog="gongqing reader")
    Reader().add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["train", "--help"])
    assert "gongqing language train" in capsys.readouterr().out
