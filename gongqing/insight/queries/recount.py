"""Do the daily sums equal a recount? Names what differs.

It is compared slice by slice: so many appeals at once, and so many days. Each slice is one statement and so one view of
the data base: whatever runs beside it is in both of its sides or in none. Whatever moved since the sums were last known
to be whole is left out: it is counted while somebody waits, so no figure rests on its sums.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from django.db import connection

from gongqing.insight.models import CountedAppeal, DailySum, MonthSum, SumsMark
from gongqing.insight.queries import summing
from gongqing.insight.rules.rollups import ROLLED

MOST_TOLD = 20
SLICE = 20_000
"""Appeals that are compared at once; the sums of as many that came in or were answered."""
BASES = {"received": "收到", "resolved": "办结"}
LAST_NUMBER = 2**63 - 1
_COLUMNS = ", ".join(f'"{name}"' for name in summing.COLUMNS)
_KEYS = ", ".join(summing.KEYS)
_ROLLED = ", ".join(ROLLED)
_FILLED = " OR ".join(f"{name} <> 0" for name in ROLLED)
_END = "SELECT max(id), count(*) FROM (SELECT id FROM appeals_appeal WHERE id > %s ORDER BY id LIMIT %s) part"
_DAYS = """
SELECT day, sum(n)::bigint FROM (
  SELECT received_on AS day, count(*) AS n FROM insight_countedappeal GROUP BY 1
  UNION ALL SELECT resolved_on, count(*) FROM insight_countedappeal WHERE resolved_on IS NOT NULL GROUP BY 1) counted
GROUP BY 1 ORDER BY 1
"""
_TAIL = """
SELECT subject_id FROM audit_event WHERE subject_kind = 'appeal' AND subject_id IS NOT NULL
  AND id > (SELECT upto_event_id FROM insight_sumsmark)
"""
# what stands alone differs; both sides of what differs come one after the other, the kept one first
_APART = """
SELECT min(side) AS side, {columns}
FROM (SELECT 0 AS side, k.* FROM ({kept}) k UNION ALL SELECT 1, n.* FROM ({now}) n) compared
GROUP BY {columns} HAVING count(*) = 1
"""
_FACTS = f"SELECT {_COLUMNS} FROM insight_countedappeal WHERE appeal_id > %s AND appeal_id <= %s"  # noqa: S608
_SUMS = f"""
SELECT {_KEYS}, {_ROLLED} FROM {{table}} WHERE day BETWEEN %s::date AND %s::date AND ({_FILLED})
"""  # noqa: S608
_SIGHTED = "scope, appeal_id, received_on, resolved_on, open"
_SEEN = f"SELECT {_SIGHTED} FROM insight_sightedappeal WHERE appeal_id > %s AND appeal_id <= %s"  # noqa: S608
_FACT = "(SELECT * FROM insight_countedappeal WHERE appeal_id > %s AND appeal_id <= %s)"

Row = tuple[Any, ...]
Span = tuple[date, date]
Sides = dict[int, Row]
Difference = tuple[Callable[[Row, Sides], str], Row, Sides]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The sums beside a recount.

    Attributes:
        appeals, sums: how many were compared.
        difference_count: how many appeals and sums differ.
        differences: the first of them, in words.
    """

    appeals: int
    sums: int
    difference_count: int
    differences: Sequence[str] = field(default_factory=list)


def is_built() -> bool:
    """Whether there are any sums."""
    return SumsMark.objects.exists()


def comparison() -> Comparison:
    """What each appeal was counted as beside what it would be counted as now, and each sum beside a new addition.

    It needs the system's scope, and as much memory for a million appeals as for some ten thousand.
    """
    told: list[str] = []
    count = 0
    for tell, key, sides in _differences():
        count += 1
        if len(told) < MOST_TOLD:
            told.append(tell(key, sides))
    sums = DailySum.objects.count() + MonthSum.objects.count()
    return Comparison(CountedAppeal.objects.count(), sums, count, told)


def _differences() -> Iterator[Difference]:
    for after, upto in _numbers():
        live, given = summing.statement_of(summing.facts_now().filter(pk__gt=after, pk__lte=upto))
        apart = _APART.format(columns=_COLUMNS, kept=_FACTS, now=live)
        text = f"SELECT * FROM ({apart}) apart WHERE appeal_id NOT IN ({_TAIL}) ORDER BY appeal_id, side"  # noqa: S608
        for key, sides in _found(text, (after, upto, *given), key=1):
            yield _appeal_told, key, sides
        text = _APART.format(columns=_SIGHTED, kept=_SEEN, now=summing.SIGHTED.format(facts=_FACT))
        for key, sides in _found(f"{text} ORDER BY scope, appeal_id, side", (after, upto) * 2, key=2):
            yield _sighted_told, key, sides
    days = _days()
    for model, spans in ((DailySum, _spans(days)), (MonthSum, _months(days))):
        by_month = model is MonthSum
        for first, last in spans:
            sums, given = summing.sums_within(first, last, by_month=by_month)
            kept = _SUMS.format(table=model._meta.db_table)
            text = _APART.format(columns=f"{_KEYS}, {_ROLLED}", kept=kept, now=sums) + f"ORDER BY {_KEYS}, side"
            for key, sides in _found(text, (first, last, *given), key=len(summing.KEYS)):
                yield partial(_sum_told, by_month=by_month), key, sides


def _numbers() -> Iterator[tuple[int, int]]:
    """The numbers of all appeals that are or were, in parts: above the first, up to the second."""
    after = -1
    while after < LAST_NUMBER:
        with connection.cursor() as cursor:
            cursor.execute(_END, [after, SLICE])
            (end, count) = cursor.fetchone() or (None, 0)
        upto = int(end) if end is not None and count == SLICE else LAST_NUMBER
        yield after, upto
        after = upto


def _days() -> list[tuple[date, int]]:
    """Every day that counts, with how many appeals came in or were answered."""
    with connection.cursor() as cursor:
        cursor.execute(_DAYS)
        return list(cursor.fetchall())


def _spans(days: Iterable[tuple[date, int]]) -> Iterator[Span]:
    """All of time in parts of days; each has about as many appeals that came in or were answered."""
    first, held = date.min, 0
    for day, count in days:
        if held and held + count > SLICE:
            yield first, day - timedelta(days=1)
            first, held = day, 0
        held += count
    yield first, date.max


def _months(days: Iterable[tuple[date, int]]) -> Iterator[Span]:
    """All of time in whole months, each from its first day; what is before and behind comes with the ends."""
    return _spans(
        (month, sum(count for _, count in part)) for month, part in groupby(days, lambda row: row[0].replace(day=1))
    )


def _found(text: str, given: tuple[Any, ...], *, key: int) -> Iterator[tuple[Row, Sides]]:
    """Key → the row as it is kept (0) and as it would be (1), by key."""
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        rows: Iterable[Row] = cursor
        for found, both in groupby(rows, lambda row: row[1 : key + 1]):
            yield found, {row[0]: row[1:] for row in both}


def _appeal_told(key: Row, sides: Sides) -> str:
    (number,) = key
    if 1 not in sides:
        return f"诉求 {number}：汇总里有，实际没有"
    if 0 not in sides:
        return f"诉求 {number}：没有计入汇总"
    changed = [
        f"{name} 记的是 {_plain(old)}，应为 {_plain(new)}"
        for name, old, new in zip(summing.COLUMNS, sides[0], sides[1], strict=True)
        if old != new
    ]
    return f"诉求 {number}：{'；'.join(changed)}"


def _sighted_told(key: Row, sides: Sides) -> str:
    scope, number = key
    old, new = (_plain_days(sides[side]) if side in sides else "没有" for side in (0, 1))
    return f"视野 {scope} 诉求 {number}：记的是 {old}，应为 {new}"


def _plain_days(row: Row) -> str:
    _, _, received, resolved, is_open = row
    return f"收到 {received}，办结 {_plain(resolved)}，{'在办' if is_open else '不在办'}"


def _sum_told(key: Row, sides: Sides, *, by_month: bool) -> str:
    scope, kind, basis, by, day, name = key
    numbers = [dict(zip(ROLLED, sides[side][len(key) :], strict=True)) if side in sides else {} for side in (0, 1)]
    changed = [
        f"{each} 记的是 {numbers[0].get(each, 0)}，应为 {numbers[1].get(each, 0)}"
        for each in ROLLED
        if numbers[0].get(each, 0) != numbers[1].get(each, 0)
    ]
    when = f"{day:%Y-%m}" if by_month else day
    row = f"{scope or '全市'} {when} {BASES.get(basis, basis)} {kind} {by} {name}".rstrip()
    return f"汇总 {row}：{'；'.join(changed)}"


def _plain(value: object) -> str:
    return "空" if value in (None, "", []) else str(value)
