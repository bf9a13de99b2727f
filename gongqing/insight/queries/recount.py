"""Do the daily sums equal a recount? Names what differs.

Whatever moved since the sums were last known to be whole is left out: it is counted while somebody waits, so no figure
rests on its sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from gongqing.insight.models import CountedAppeal, DailySum, SumsMark
from gongqing.insight.queries import summing
from gongqing.insight.rules.rollups import ROLLED

MOST_TOLD = 20
BASES = {"received": "收到", "resolved": "办结"}
_COLUMNS = ", ".join(f'"{name}"' for name in summing.COLUMNS)
_TAIL = (
    "SELECT subject_id FROM audit_event WHERE subject_kind = 'appeal'"
    " AND id > (SELECT upto_event_id FROM insight_sumsmark)"
)
_FACTS = """
WITH known AS (SELECT {columns} FROM insight_countedappeal), now ({columns}) AS ({live}), tail AS ({tail}),
missing AS (SELECT * FROM known EXCEPT SELECT * FROM now), new AS (SELECT * FROM now EXCEPT SELECT * FROM known)
SELECT 0, * FROM missing WHERE appeal_id NOT IN (SELECT subject_id FROM tail WHERE subject_id IS NOT NULL)
UNION ALL SELECT 1, * FROM new WHERE appeal_id NOT IN (SELECT subject_id FROM tail WHERE subject_id IS NOT NULL)
"""
_SUMS = """
WITH kept AS (SELECT {columns} FROM insight_dailysum WHERE {filled}), again ({columns}) AS ({sums}),
gone AS (SELECT * FROM kept EXCEPT SELECT * FROM again), new AS (SELECT * FROM again EXCEPT SELECT * FROM kept)
SELECT 0, * FROM gone UNION ALL SELECT 1, * FROM new
"""


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

    It needs the system's scope.
    """
    live, given = summing.statement_of(summing.facts_now())
    filled = " OR ".join(f"{name} <> 0" for name in ROLLED)
    columns = ", ".join([*summing.KEYS, *ROLLED])
    appeals = _found(_FACTS.format(columns=_COLUMNS, live=live, tail=_TAIL), given, len(summing.COLUMNS), key=1)
    sums_text = _SUMS.format(columns=columns, filled=filled, sums=summing.sums_of("insight_countedappeal"))
    sums = _found(sums_text, (), len(summing.KEYS) + len(ROLLED), key=len(summing.KEYS))
    told = [_appeal_told(number, sides) for (number,), sides in appeals[:MOST_TOLD]]
    told += [_sum_told(key, sides) for key, sides in sums[: MOST_TOLD - len(told)]]
    return Comparison(CountedAppeal.objects.count(), DailySum.objects.count(), len(appeals) + len(sums), told)


Sides = dict[int, tuple[Any, ...]]


def _found(text: str, given: tuple[Any, ...], width: int, *, key: int) -> list[tuple[tuple[Any, ...], Sides]]:
    """Key → the row as it is kept (0) and as it would be (1), by key."""
    found: dict[tuple[Any, ...], Sides] = {}
    with connection.cursor() as cursor:
        cursor.execute(text, given)
        for side, *row in cursor.fetchall():
            found.setdefault(tuple(row[:key]), {})[side] = tuple(row[:width])
    return sorted(found.items(), key=lambda item: str(item[0]))


def _appeal_told(number: int, sides: Sides) -> str:
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


def _sum_told(key: tuple[Any, ...], sides: Sides) -> str:
    scope, kind, basis, by, day, name = key
    numbers = [dict(zip(ROLLED, sides[side][len(key) :], strict=True)) if side in sides else {} for side in (0, 1)]
    changed = [
        f"{each} 记的是 {numbers[0].get(each, 0)}，应为 {numbers[1].get(each, 0)}"
        for each in ROLLED
        if numbers[0].get(each, 0) != numbers[1].get(each, 0)
    ]
    row = f"{scope or '全市'} {day} {BASES.get(basis, basis)} {kind} {by} {name}".rstrip()
    return f"汇总 {row}：{'；'.join(changed)}"


def _plain(value: object) -> str:
    return "空" if value in (None, "", []) else str(value)
