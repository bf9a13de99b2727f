"""Is a table read as its maker meant it, and refused plainly when it is none?"""

from __future__ import annotations

import io
from datetime import datetime

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from gongqing.lib.columns import Column, cells_of, check_mapping, guessed_mapping
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.sheets import csv_of, header_of, plain_name, read_sheets, safe_cell

COLUMNS = (
    Column("number", "工单编号", ("编号", "单号"), is_required=True),
    Column("text", "诉求内容", ("内容", "问题描述"), is_required=True),
    Column("phone", "联系电话", ("手机号",)),
)


def test_a_cell_turns_no_words_around() -> None:
    assert csv_of([["工资\u202e单", "\u2067=1+1"]]).decode() == "工资单,'=1+1\r\n"


def book(**options: bool) -> bytes:
    kept = io.BytesIO()
    made = xlsxwriter.Workbook(kept, {"in_memory": True, **options})
    sheet = made.add_worksheet("台账")
    sheet.merge_range(0, 0, 0, 3, "十月工单台账")
    sheet.write_row(2, 0, ["工单编号", "诉求内容", "手机号", "来电时间"])
    sheet.merge_range(3, 0, 4, 0, "GD-7")
    sheet.write_row(3, 1, ["  工资没发 ", 13800000417])
    sheet.write_datetime(3, 3, datetime(2026, 1, 2, 3, 4), made.add_format({"num_format": "yyyy-mm-dd hh:mm"}))  # noqa: DTZ001
    sheet.write_row(4, 1, ["社保没缴", "057487654321", 46024.5])
    made.add_worksheet("空表")
    hidden = made.add_worksheet("藏着的")
    hidden.write(0, 0, "不该看见")
    hidden.hide()
    made.close()
    return kept.getvalue()


def test_a_book_with_a_title_merged_cells_dates_and_numbers() -> None:
    (sheet,) = read_sheets("台账.xlsx", book())
    assert sheet.name == "台账"
    assert header_of(sheet.rows, ["工单编号", "诉求内容"]) == 2
    assert sheet.rows[3] == ["GD-7", "工资没发", "13800000417", "2026-01-02 03:04:00"]
    assert sheet.rows[4] == ["GD-7", "社保没缴", "057487654321", "46024.5"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_a_csv_in_the_encodings_that_offices_use(encoding: str, mark: str) -> None:
    text = f"编号{mark}内容\r\n1{mark}“你好”，世界\r\n"
    (sheet,) = read_sheets("表.csv", text.encode(encoding))
    assert sheet.rows == [["编号", "内容"], ["1", "“你好”，世界"]]


def test_a_quoted_cell_may_hold_lines() -> None:
    (sheet,) = read_sheets("表.csv", '编号,内容\n1,"一行\n二行"\n2,好\n'.encode())
    assert sheet.rows[1:] == [["1", "一行\n二行"], ["2", "好"]]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("空.csv", b"", "空的"),
        ("空.xlsx", b" \n", "空的"),
        ("断.xlsx", book()[:700], "打不开"),
        ("断.xlsx", book()[:-300], "打不开"),
        ("假.xlsx", "编号,内容".encode(), "打不开"),
        ("图.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "不是表格|认不出来"),
        ("旧.xls", b"\xd0\xcf\x11\xe0" + bytes(600), "打不开"),
        ("无.csv", b",,,\n,,,", "没有数据"),
    ],
)
def test_what_is_no_table_is_refused_in_plain_words(name: str, content: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        read_sheets(name, content)
    assert refused.value.field == "file"


def test_a_csv_in_big5_is_refused_with_its_reason() -> None:
    with pytest.raises(BadInput, match="既不是 UTF-8 也不是 GBK") as refused:
        read_sheets("名單.csv", "姓名,單位\n陳大文,東方紡織廠\n".encode("big5"))
    assert refused.value.field == "file"


def test_the_name_of_a_file_does_not_decide() -> None:
    assert read_sheets("台账.csv", book())[0].name == "台账"


def test_a_sheet_without_the_header_is_refused() -> None:
    with pytest.raises(BadInput, match="表头"):
        header_of([["甲", "乙"], ["1", "2"]], ["工单编号", "诉求内容"])


def test_names_of_columns_are_compared_without_their_ornaments() -> None:
    assert {plain_name(name) for name in ("*工单 编号", "工单编号（必填）", "工单编号：", "工单编号(GD)")} == {
        "工单编号"
    }


def test_a_mapping_is_guessed_remembered_and_checked() -> None:
    header = ["单号", "问题描述", "手机号", "备注"]
    assert guessed_mapping(header, COLUMNS, {}) == {"number": "单号", "text": "问题描述", "phone": "手机号"}
    assert guessed_mapping(header, COLUMNS, {"text": "备注", "phone": ""}) == {"number": "单号", "text": "备注"}
    check_mapping({"number": "单号", "text": "备注"}, header, COLUMNS)
    with pytest.raises(BadInputs) as refused:
        check_mapping({"text": "没有", "phone": "单号"}, header, COLUMNS)
    assert [each.field for each in refused.value.errors] == ["number", "text"]
    with pytest.raises(BadInputs, match="已经对应"):
        check_mapping({"number": "单号", "text": "单号"}, header, COLUMNS)
    assert cells_of(["7", "话"], header, {"number": "单号", "text": "问题描述", "phone": "手机号"}) == {
        "number": "7",
        "text": "话",
        "phone": "",
    }


@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=4), max_size=5))
def test_a_written_csv_holds_no_formula(rows: list[list[str]]) -> None:
    written = csv_of(rows)
    assert not written.startswith(b"\xef\xbb\xbf")
    for row in rows:
        for cell in row:
            assert not safe_cell(cell).startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_written_csv_is_read_again() -> None:
    rows = [["行号", "列", "原因"], ["7", "联系电话", '不是"手机号"，也不是座机']]
    assert read_sheets("问题行.csv", csv_of(rows))[0].rows == rows
