"""Where does the next page of a list begin, and which day does a filter ask for?

Lists are ordered by (moment, id), newest first, and a page begins after the last row of the one before, so that rows
that come in between are neither doubled nor lost. The cursor is opaque to the caller.
"""

from __future__ import annotations

import base64
import binascii
import struct
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from gongqing.lib.errors import BadInput
from gongqing.lib.times import SHANGHAI

LARGEST_PAGE = 100
USUAL_PAGE = 20
_SHAPE = struct.Struct(">Bqq")
_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row already shown."""

    moment: datetime
    id: int


def encode_cursor(moment: datetime, row_id: int) -> str:
    """The cursor of a row as a text that is safe in a URL."""
    since = (moment - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_SHAPE.pack(_VERSION, since, row_id)).decode().rstrip("=")


def decode_cursor(text: str) -> Cursor:
    """The row that a cursor names.

    Raises:
        BadInput: on `cursor`, when the text was not made by `encode_cursor`.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        version, since, row_id = _SHAPE.unpack(raw)
        moment = (_EPOCH + timedelta(microseconds=since)).astimezone(SHANGHAI)
    except (binascii.Error, struct.error, ValueError, OverflowError) as error:
        raise BadInput("cursor", "翻页位置无效，请从第一页重新打开列表。") from error
    if version != _VERSION or row_id < 0 or encode_cursor(moment, row_id) != text:
        raise BadInput("cursor", "翻页位置无效，请从第一页重新打开列表。")
    return Cursor(moment, row_id)


def check_page_size(size: int | None) -> int:
    """How many rows a page has: 1 to 100, 20 when not asked.

    Raises:
        BadInput: on `page_size`, outside that range.
    """
    if size is None:
        return USUAL_PAGE
    if not 1 <= size <= LARGEST_PAGE:
        raise BadInput("page_size", f"每页条数应在 1 到 {LARGEST_PAGE} 之间。")
    return size


def row_before(text: str) -> int | None:
    """The number below which the next page of a trace begins; None for the first page.

    Raises:
        BadInput: on `before`, when it is no number of a row.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadInput("before", "翻页位置无效，请从第一页重新打开。")
    return int(text)


def day_asked(text: str) -> date:
    """The day that a filter asks for.

    Raises:
        BadInput: on `day`, when it is none between 2000 and 2100.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput("day", "请填写日期，例如 2025-10-13。") from None
    if not 2000 <= day.year <= 2100:
        raise BadInput("day", "日期应在 2000 年到 2100 年之间。")
    return day
