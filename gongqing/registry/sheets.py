"""Which tables are handed out around a load: the pattern to fill in, and the rows that were not taken."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from gongqing.lib.characters import upright
from gongqing.lib.columns import Column
from gongqing.lib.sheets import PLAIN, csv_of

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADING = ("行号", "列", "原因")

Reject = tuple[int, Sequence[tuple[str, str]], dict[str, str]]
"""Line of the sheet, `(column, why)`, cells by column name."""


def pattern_of(columns: Sequence[Column], *, name: str) -> bytes:
    """An empty sheet with the columns, what belongs into each, and one invented example row on a second sheet."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    plain, wrapped = book.add_format({"num_format": "@"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet, notes = book.add_worksheet(name[:31]), book.add_worksheet("填写说明")
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(14, 2 * len(column.title) + 4), plain)
        sheet.write_string(0, place, f"{column.title}*" if column.is_required else column.title, bold)
        if column.hint:
            sheet.write_comment(0, place, column.hint)
    sheet.freeze_panes(1, 0)
    for place, words in enumerate(("列名", "必填", "填什么", "例子（虚构）", "也可以叫")):
        notes.write_string(0, place, words, bold)
    for line, column in enumerate(columns, 1):
        cells = ("是" if column.is_required else "", column.hint, column.example, "、".join(column.synonyms))
        for place, words in enumerate((column.title, *cells)):
            notes.write_string(line, place, words, wrapped)
    for place, width in enumerate((18, 6, 60, 36, 60)):
        notes.set_column(place, place, width)
    book.close()
    return kept.getvalue()


def rejects_csv(rows: Iterable[Reject], columns: Sequence[Column]) -> bytes:
    """The rows that were not taken, one line a fault, with the cells as they stood."""
    return csv_of(_lines(rows, columns))


def rejects_book(rows: Iterable[Reject], columns: Sequence[Column]) -> bytes:
    """The same as an Excel file, every cell as text."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {**PLAIN, "constant_memory": True})
    sheet = book.add_worksheet("问题行")
    bold = book.add_format({"bold": True, "bottom": 1})
    for place, width in enumerate((8, 14, 48)):
        sheet.set_column(place, place, width)
    for line, cells in enumerate(_lines(rows, columns)):
        for place, text in enumerate(cells):
            sheet.write_string(line, place, upright(text[:32_000]), bold if line == 0 else None)
    sheet.freeze_panes(1, 0)
    book.close()
    return kept.getvalue()


def _lines(rows: Iterable[Reject], columns: Sequence[Column]) -> Iterable[list[str]]:
    yield [*HEADING, *(column.title for column in columns)]
    for number, problems, cells in rows:
        for title, why in problems:
            yield [str(number), title, why, *(cells.get(column.name, "") for column in columns)]
