"""The file of a load: opened, read once a process, and dropped when the load is over."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import transaction

from gongqing.lib.columns import Column, cells_of, check_mapping, distinct_titles, known_names
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.sheets import HEADER_WITHIN, Sheet, header_of, read_sheets
from gongqing.registry.actions.load_work import Arranging, Row, work_of
from gongqing.registry.models import Load, LoadRow, sealed_files, sealing
from gongqing.registry.models.loads import FILE, ROW


def load_rows(load: Load) -> list[Row]:
    """The rows under the header, blank ones left out, in the order in which the kind deals with them.

    Raises:
        BadInputs: the columns do not suffice.
    """
    rows = table_of(load)
    header = distinct_titles(rows[load.header_row - 1])
    work = work_of(load.kind)
    check_mapping(load.mapping, header, work.columns)
    key = (load.file_key, load.sheet_name, load.header_row, json.dumps(load.mapping, sort_keys=True))
    known, found = _parsed.get(load.pk, (None, []))
    if known != key:
        filled = filled_rows(rows, load.header_row - 1)
        found = [Row(number, cells_of(row, header, load.mapping)) for number, row in filled]
        found = work.in_order(found) if isinstance(work, Arranging) else found
        _remember(_parsed, load.pk, (key, found))
    return found


def table_of(load: Load) -> list[list[str]]:
    """Every line of the chosen sheet."""
    sheets = sheets_of(load)
    found = next((sheet for sheet in sheets if sheet.name[:64] == load.sheet_name), None)
    if found is None:
        raise BadInput("sheet_name", "文件里没有这张表。")
    return found.rows


def sheets_of(load: Load) -> list[Sheet]:
    """The sheets of the kept file.

    Raises:
        NotAllowed: the file was dropped after the load.
    """
    found = _read.get(load.file_key)
    if found is None:
        try:
            content = sealed_files.open_kept(load.file_key, FILE)
        except FileNotFoundError as gone:
            raise NotAllowed("这次导入的原文件已经清除，请重新上传。") from gone
        found = read_sheets(load.file_name, content)
        _remember(_read, load.file_key, found)
    return found


def filled_rows(rows: Sequence[Sequence[str]], header: int) -> list[tuple[int, Sequence[str]]]:
    """The rows under a header that hold anything, with their line as Excel counts."""
    return [(number, row) for number, row in enumerate(rows[header + 1 :], header + 2) if any(row)]


def drop_file(load: Load) -> None:
    """Let go of the kept file, which is removed with the commit, and of what was read of it; the caller saves."""
    if load.file_key:
        transaction.on_commit(partial(sealed_files.drop_sealed, load.file_key))
    forget_reading(load)
    load.file_key = ""


def forget_reading(load: Load) -> None:
    """Give back the memory that the file took in this process."""
    _read.pop(load.file_key, None)
    _parsed.pop(load.pk, None)


def table_in(sheets: Sequence[Sheet], columns: Sequence[Column]) -> tuple[Sheet, int]:
    """The first sheet that has a known header, and where; else the first line that could be one, for a person to map.

    Raises:
        BadInput: on `header`, when no line of the file has two cells.
    """
    refused = BadInput("header", "文件里没有找到表头。")
    for sheet in sheets:
        try:
            return sheet, header_of(sheet.rows, known_names(columns))
        except BadInput as fault:
            refused = fault
    for sheet in sheets:
        for number, row in enumerate(sheet.rows[:HEADER_WITHIN]):
            if sum(1 for cell in row if cell) > 1:
                return sheet, number
    raise refused


def header_of_load(load: Load) -> list[str]:
    """The names of the columns.

    Raises:
        BadInput: on `header_row`, beyond the sheet.
    """
    rows = table_of(load)
    if not 1 <= load.header_row <= len(rows):
        raise BadInput("header_row", f"表头行应在 1 到 {len(rows)} 之间。")
    return distinct_titles(rows[load.header_row - 1])


def content_of(row: LoadRow) -> dict[str, str]:
    """The cells of a row that was kept; empty when none were."""
    if row.content_sealed is None:
        return {}
    cells: dict[str, str] = json.loads(sealing.open_sealed(row.content_sealed, ROW))
    return cells


_read: OrderedDict[str, list[Sheet]] = OrderedDict()
_parsed: OrderedDict[int, tuple[Any, list[Row]]] = OrderedDict()


def _remember(kept: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    kept[key] = value
    while len(kept) > 2:  # a large sheet takes much memory; a process runs one or two loads at a time
        kept.popitem(last=False)
