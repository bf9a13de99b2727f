"""How are first passwords written as an Excel file?"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import xlsxwriter

from gongqing.lib.characters import upright
from gongqing.lib.sheets import PLAIN
from gongqing.lib.times import local

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (("单位", 32), ("姓名", 12), ("用户名", 20), ("初始密码", 20), ("有效到", 18))


@dataclass(frozen=True, slots=True)
class Slip:
    """What one person is handed: the only place where the password stands in clear."""

    name: str
    username: str
    password: str
    place: str
    expires_at: datetime


def slips_book(slips: Sequence[Slip]) -> bytes:
    """One line a person; every cell is text, so that no spreadsheet reads a formula."""
    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, PLAIN) as book:
        sheet, bold = book.add_worksheet("初始密码"), book.add_format({"bold": True})
        for column, (title, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, bold)
        for row, slip in enumerate(slips, 1):
            until = f"{local(slip.expires_at):%Y-%m-%d %H:%M}"
            for column, text in enumerate((slip.place or "全市", slip.name, slip.username, slip.password, until)):
                sheet.write_string(row, column, upright(text))
        sheet.freeze_panes(1, 0)
    return kept.getvalue()
