"""How is a table read that somebody made in Excel, WPS or a hotline system?

Reads xlsx, xls, et (WPS), ods and csv into rows of text, and finds the header wherever it stands. A csv may be UTF-8
with or without BOM, or GB18030. Merged cells give their value to every cell they cover.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePath

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from gongqing.lib.characters import upright
from gongqing.lib.encodings import looks_like_big5
from gongqing.lib.errors import BadInput
from gongqing.lib.sheet_size import BROKEN, check_packed

MOST_BYTES = 60 * 1024 * 1024
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LONGEST_CELL = 100_000
HEADER_WITHIN = 20
BOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
TEXTS = (".csv", ".txt", ".tsv")
PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""How a workbook is written: a text stays the text that it is, never a formula, a link or a number."""
_ZIP, _OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `rows[0]` is line 1 as Excel counts; every cell is tidy text, an empty one `""`."""

    name: str
    rows: list[list[str]]


def read_sheets(file_name: str, content: bytes) -> list[Sheet]:
    """The visible sheets of a file that hold anything.

    What the file is, its content says, not its name.

    Raises:
        BadInput: on `file`: empty, too large, broken, protected, or no table at all.
    """
    if not content.strip():
        raise BadInput("file", "文件是空的，请重新选择。")
    if len(content) > MOST_BYTES:
        raise BadInput("file", f"文件太大（{len(content) >> 20} MB），最大 {MOST_BYTES >> 20} MB，请分成几个文件。")
    if content.startswith((_ZIP, _OLD)):
        return _book(content)
    if PurePath(file_name).suffix.lower() in BOOKS:
        raise BadInput("file", BROKEN)
    return _text_table(PurePath(file_name).stem, content)


def header_of(rows: Sequence[Sequence[str]], known: Collection[str]) -> int:
    """Where the header stands, counted from 0: of the first rows the one that holds most known column names.

    Raises:
        BadInput: on `header`, when no row holds two of them (or the only one that there is).
    """
    names = {plain_name(name) for name in known}
    counts = [len({plain_name(cell) for cell in row} & names) for row in rows[:HEADER_WITHIN]]
    best = max(range(len(counts)), key=lambda number: counts[number], default=0)
    if not counts or counts[best] < min(2, len(names)):
        raise BadInput("header", f"前 {HEADER_WITHIN} 行里没有找到表头，请核对第一行的列名。")
    return best


def plain_name(text: str) -> str:
    """A column's name for comparison: no blanks, stars, brackets' content or colons."""
    name = "".join(text.split()).replace("（", "(").strip("*＊:：")
    return name.partition("(")[0].strip("*＊:：").lower() or name.lower()


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula and none shows turned round."""
    text = upright(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as a csv file: UTF-8 without BOM, every cell safe from being read as a formula."""
    kept = io.StringIO(newline="")
    writer = csv.writer(kept, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return kept.getvalue().encode()


def _book(content: bytes) -> list[Sheet]:
    if content.startswith(_ZIP):
        check_packed(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        listed = [each for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        shown = [each.name for each in listed if each.visible == SheetVisibleEnum.Visible]
        sheets = [_sheet(book.get_sheet_by_name(name)) for name in shown]
    except (CalamineError, ValueError, OSError, OverflowError) as fault:
        if "assword" in str(fault):
            raise BadInput("file", "这个 Excel 文件设了打开密码，请去掉密码后另存一份再传。") from fault
        raise BadInput("file", BROKEN) from fault
    return _filled(sheets)


def _sheet(sheet: CalamineSheet) -> Sheet:
    if sheet.total_height > MOST_ROWS:
        raise BadInput(
            "file", f"“{sheet.name}”有 {sheet.total_height:,} 行，一次最多 {MOST_ROWS:,} 行，请分成几个文件。"
        )
    rows = [[_cell(value) for value in row[:MOST_COLUMNS]] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if bottom >= len(rows) or right >= MOST_COLUMNS:
            continue
        value = rows[top][left] if left < len(rows[top]) else ""
        for row in rows[top : bottom + 1]:
            for column in range(left, min(right + 1, len(row))):
                row[column] = value
    return Sheet(sheet.name, rows)


def _text_table(name: str, content: bytes) -> list[Sheet]:
    text = _decoded(content)
    if "\x00" in text:
        raise BadInput("file", "这不是表格文件，请用 Excel（.xlsx）或 csv。")
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(",\t;", key=first.count)
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        rows = []
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark):
            rows.append([_tidy(cell) for cell in row[:MOST_COLUMNS]])
            if len(rows) > MOST_ROWS:
                raise BadInput("file", f"这个文件超过 {MOST_ROWS:,} 行，请分成几个文件。")
    except csv.Error as fault:
        raise BadInput("file", "这个 csv 文件的格式不对，请用 Excel 或 WPS 打开后另存为 csv 再传。") from fault
    finally:
        csv.field_size_limit(before)
    return _filled([Sheet(name, rows)])


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            words = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb18030" and looks_like_big5(content):
            break
        return words
    raise BadInput("file", "文件的文字编码既不是 UTF-8 也不是 GBK（GB18030），请另存为 UTF-8 的 csv，或另存为 Excel。")


def _filled(sheets: list[Sheet]) -> list[Sheet]:
    filled = [sheet for sheet in sheets if any(any(row) for row in sheet.rows)]
    if not filled:
        raise BadInput("file", "文件里没有数据。")
    return filled


def _cell(value: object) -> str:
    if isinstance(value, str):  # almost every one
        return _tidy(value)
    for kind, words in _WORDS:
        if isinstance(value, kind):
            return words(value)
    return _tidy(str(value))


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")


_WORDS: tuple[tuple[type, Callable[..., str]], ...] = (
    (bool, lambda value: "是" if value else "否"),
    (int, str),
    (float, _number),
    (datetime, _moment),
    (date, date.isoformat),
    (time, lambda value: value.strftime("%H:%M:%S")),
    (timedelta, str),
)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u3000\ufeff\u00a0")[:LONGEST_CELL]
