"""How are figures written as a table for Excel, or as csv? Text is written as text, so nothing is read as a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from decimal import Decimal

import xlsxwriter

from gongqing.insight.queries.catalogue import Value
from gongqing.insight.queries.counting import POPULATION_WORDS
from gongqing.insight.queries.dashboards import Dashboard, Drawn
from gongqing.insight.rules.catalogue import CATALOGUE, NOT_CONNECTED
from gongqing.insight.rules.dashboards import VIEW_NOTES, VIEWS
from gongqing.lib.characters import upright
from gongqing.lib.sheets import PLAIN, csv_of
from gongqing.lib.times import local

FIRST_WIDTH, WIDTH = 24, 13
WHOLE = "全市"  # who takes it belongs to no organisation: the auditor
Cell = str | int | Decimal


def dashboard_rows(shown: Dashboard, *, who: str, where: str) -> list[list[Cell]]:
    """One dashboard as rows: what it is, its figures, the table of every picture, and what each figure means."""
    rows: list[list[Cell]] = [
        ["指标看板", VIEWS[shown.view]],
        ["范围", VIEW_NOTES[shown.view]],
        ["导出单位", where or WHOLE],
        ["导出人", who],
        ["时间段", shown.period.words],
        ["人群", POPULATION_WORDS[shown.population]],
        ["数据截至", f"{local(shown.as_of):%Y年%-m月%-d日 %H:%M}"],
        [],
        ["指标", "数值", "单位", "分子", "分母"],
        *[[one.indicator.name, *_cells(one), *_parts(one)] for one in shown.tiles],
    ]
    for picture in shown.pictures:
        rows += [[], *_picture_rows(picture, shown)]
    rows += [[], ["口径"], ["指标", "怎么算", "统计范围"]]
    used = dict.fromkeys(
        [one.indicator.key for one in shown.tiles] + [one.key for picture in shown.pictures for one in picture.columns]
    )
    rows += [[CATALOGUE[key].name, CATALOGUE[key].definition, CATALOGUE[key].population] for key in used]
    return rows


def dashboard_sheet(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The rows as an Excel file; numbers are numbers, every text is text."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    sheet = book.add_worksheet("指标")
    sheet.set_column(0, 0, FIRST_WIDTH)
    sheet.set_column(1, 12, WIDTH)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(number, column, upright(cell))
            else:
                sheet.write_number(number, column, float(cell))
    book.close()
    return kept.getvalue()


def dashboard_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    """The rows as csv that Excel opens in Chinese."""
    return b"\xef\xbb\xbf" + csv_of([[str(cell) for cell in row] for row in rows])


def _picture_rows(picture: Drawn, shown: Dashboard) -> list[list[Cell]]:
    head: list[Cell] = [picture.by_words]
    for one in picture.columns:
        named = f"{one.name}（{one.unit}）"
        head += [named, f"{one.name}分子", f"{one.name}分母"] if one.is_rate else [named]
    rows: list[list[Cell]] = [[picture.title, shown.drawn_period.words], head]
    for row in [*picture.rows, *([picture.total] if picture.total else [])]:
        cells: list[Cell] = [row.name]
        for one in picture.columns:
            value = row.values[one.key]
            cells += [_cells(value)[0], *_parts(value)] if one.is_rate else [_cells(value)[0]]
        rows.append(cells)
    return rows


def _cells(one: Value) -> list[Cell]:
    if one.not_connected:
        return [NOT_CONNECTED, one.indicator.unit]
    return ["—" if one.value is None else one.value, one.indicator.unit]


def _parts(one: Value) -> list[Cell]:
    if one.denominator is None or one.numerator is None:
        return ["", ""]
    return [one.numerator, one.denominator]
