"""How is a period read, what is owed in all, and how is a payment spread over claims?"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal, InvalidOperation

from gongqing.lib.errors import BadInput

ZERO, FEN = Decimal("0.00"), Decimal("0.01")
MOST = Decimal("10000000")
_MONTH = re.compile(r"(\d{4})\s*[年.\-/]\s*(\d{1,2})(?:\s*[月.\-/]\s*(\d{1,2})\s*日?)?\s*月?")
_BARE_MONTH = re.compile(r"^\s*(\d{1,2})\s*(?:月(?:\s*(\d{1,2})\s*日)?)?\s*$")
_APART = re.compile(r"\s*(?:至|到|~|～|—|–|－)+\s*|\s+-+\s+")


@dataclass(frozen=True, slots=True)
class Sum:
    """What several claims come to; `people` counts persons, not rows."""

    people: int = 0
    rows: int = 0
    owed: Decimal = ZERO
    checked: Decimal = ZERO
    recovered: Decimal = ZERO
    checked_rows: int = 0
    disputed_rows: int = 0
    helped: int = 0

    @property
    def outstanding(self) -> Decimal:
        """Still owed; a claim on which more came back than was owed counts as nothing."""
        return max(ZERO, self.owed - self.recovered)


@dataclass(frozen=True, slots=True)
class Owing:
    """One claim in numbers."""

    id: int
    person_id: int
    owed: Decimal
    recovered: Decimal
    is_checked: bool = False
    is_disputed: bool = False

    @property
    def outstanding(self) -> Decimal:
        """Still owed on this claim; never less than nothing."""
        return max(ZERO, self.owed - self.recovered)


def proof_words(proven: int, paid: int) -> str:
    """Whether files prove what came back in so many payments: 有凭证, 部分有凭证, 无凭证; empty: nothing came back."""
    if not paid:
        return ""
    return "无凭证" if not proven else "有凭证" if proven == paid else "部分有凭证"


def sum_of(rows: Iterable[Owing]) -> Sum:
    """The totals of claims; `helped` counts those to whom money came back."""
    listed = list(rows)
    return Sum(
        people=len({row.person_id for row in listed}),
        rows=len(listed),
        owed=sum((row.owed for row in listed), ZERO),
        checked=sum((row.owed for row in listed if row.is_checked), ZERO),
        recovered=sum((row.recovered for row in listed), ZERO),
        checked_rows=sum(row.is_checked for row in listed),
        disputed_rows=sum(row.is_disputed for row in listed),
        helped=len({row.person_id for row in listed if row.recovered > 0}),
    )


def spread(total: Decimal, rows: Sequence[Owing], *, equally: bool = False) -> dict[int, Decimal]:
    """How a payment is shared out: in proportion to what is still owed, or the same to each, to the fen.

    The shares add up to the total exactly, and none is above what is still owed on its claim. Claims that get nothing
    are left out.

    Raises:
        BadInput: on `amount`, when it is not positive or above all that is owed.
    """
    open_rows = [row for row in rows if row.outstanding > 0]
    owing = sum((row.outstanding for row in open_rows), ZERO)
    if total <= 0:
        raise BadInput("amount", "金额要大于 0。")
    if total > owing:
        raise BadInput("amount", f"这些人一共还欠 {owing} 元，不能分摊 {total} 元；多出的请逐笔登记并写明原因。")
    if equally:
        return _equal(total, open_rows)
    shares = {row.id: (total * row.outstanding / owing).quantize(FEN, ROUND_DOWN) for row in open_rows}
    rest = total - sum(shares.values(), ZERO)
    for row in sorted(open_rows, key=lambda one: (-(total * one.outstanding / owing % FEN), one.id)):
        step = min(FEN, rest, row.outstanding - shares[row.id])
        shares[row.id] += step
        rest -= step
    return {number: share for number, share in shares.items() if share > 0}


def _equal(total: Decimal, rows: Sequence[Owing]) -> dict[int, Decimal]:
    """The same to each; what one does not need goes to the others, odd fen to the first."""
    shares: dict[int, Decimal] = {}
    rest = total
    waiting = sorted(rows, key=lambda one: (one.outstanding, one.id))
    for place, row in enumerate(waiting):
        left = len(waiting) - place
        each = (rest / left).quantize(FEN, ROUND_DOWN)
        odd = FEN if rest - each * left > 0 else ZERO
        shares[row.id] = min(row.outstanding, each + odd)
        rest -= shares[row.id]
    for row in waiting:
        step = min(rest, row.outstanding - shares[row.id])
        shares[row.id] += step
        rest -= step
    return {number: share for number, share in shares.items() if share > 0}


def yuan_of(text: str, *, field: str, name: str) -> Decimal | None:
    """An amount as people write it (`8,000.5`, `8000元`, `¥8000`); None for nothing.

    Raises:
        BadInput: on `field`: no amount, negative, too large or finer than a fen.
    """
    plain = text.strip().replace(",", "").replace("，", "").strip("¥￥元 ")
    if not plain:
        return None
    try:
        amount = Decimal(plain)
    except InvalidOperation as error:
        raise BadInput(field, f"“{name}”的“{text[:20]}”不是金额，请只写数字，例如 8000 或 8000.50。") from error
    if not amount.is_finite() or amount < 0:
        raise BadInput(field, f"“{name}”不能小于 0。")
    if amount > MOST:
        raise BadInput(field, f"“{name}”太大，一个人一次最多 {MOST:,} 元，请核对。")
    # spreadsheets hand over 8000.300000000001
    rounded = amount.quantize(FEN)
    if abs(rounded - amount) > Decimal("0.000001"):
        raise BadInput(field, f"“{name}”最多写到分。")
    return rounded


def period_of(text: str, *, field: str = "period") -> tuple[date, date]:
    """The days that a period covers: `2025-06 至 2025-08`, `2025年6月-8月`, `2025.6.1～2025.8.15`, `2025-07`.

    Raises:
        BadInput: on `field`.
    """
    written = text.strip()
    parts = [part for part in _APART.split(written) if part]
    if len(parts) == 1 and (
        short := re.fullmatch(r"(\d{4}\s*[年.\-/]\s*\d{1,2}月?)\s*-\s*(\d{1,2}月|\d{4}.*)", written)
    ):
        parts = [short[1], short[2]]
    if not 1 <= len(parts) <= 2:
        raise _bad_period(written, field)
    if len(parts) == 1 and (day := _MONTH.fullmatch(parts[0])) and day[3] and int(day[3]) == 1:
        parts = [f"{day[1]}-{day[2]}"]  # a spreadsheet makes the first of the month of a month
    start, end = _first_day(parts[0], field), _last_day(parts[-1], field, year=_year(parts[0]))
    if end < start:
        raise BadInput(field, f"工作期间“{written[:30]}”的结束早于开始。")
    return start, end


def period_words(start: date, end: date) -> str:
    """`2025年6月至8月`: whole months without their days."""
    whole = start.day == 1 and end.day == calendar.monthrange(end.year, end.month)[1]
    if not whole:
        return f"{_day(start)}至{_day(end)}"
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.year}年{start.month}月"
    until = f"{end.month}月" if start.year == end.year else f"{end.year}年{end.month}月"
    return f"{start.year}年{start.month}月至{until}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _year(text: str) -> int | None:
    found = _MONTH.search(text)
    return int(found[1]) if found else None


def _read(text: str, field: str, year: int | None) -> tuple[int, int, int | None]:
    found = _MONTH.fullmatch(text.strip())
    if found:
        return int(found[1]), int(found[2]), int(found[3]) if found[3] else None
    short = _BARE_MONTH.fullmatch(text)
    if short and year is not None:
        return year, int(short[1]), int(short[2]) if short[2] else None
    raise _bad_period(text, field)


def _first_day(text: str, field: str) -> date:
    year, month, day = _read(text, field, None)
    return _date(year, month, day or 1, text, field)


def _last_day(text: str, field: str, *, year: int | None) -> date:
    found, month, day = _read(text, field, year)
    if day is None and 1 <= month <= 12 and 1 <= found <= 9999:
        day = calendar.monthrange(found, month)[1]
    return _date(found, month, day or 1, text, field)


def _date(year: int, month: int, day: int, text: str, field: str) -> date:
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise _bad_period(text, field) from error
    if not 2000 <= found.year <= 2100:
        raise _bad_period(text, field)
    return found


def _bad_period(text: str, field: str) -> BadInput:
    return BadInput(field, f"看不懂工作期间“{text[:30]}”，请写成 2025-06 至 2025-08。")
