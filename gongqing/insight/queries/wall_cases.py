"""Which cases stand behind a number of the wall, as they may be read in a public room?

No words of the worker, nobody's name; where the matter itself must not be seen, not even that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.audit import scope
from gongqing.insight.queries.counting import IN_HAND, STILL, Question, appeals_of
from gongqing.insight.queries.figures import behind, page_of
from gongqing.insight.rules.indicators import Basis
from gongqing.lib.paging import Cursor
from gongqing.lib.times import day_of
from gongqing.lib.workdays import end_of_day

REDS, PAGE = 3, 7
SECRET = frozenset({"LE10", "DP05"})  # also by their category alone


@dataclass(frozen=True, slots=True)
class WallCase:
    """A case as it may hang on a wall.

    Attributes:
        category: empty where the matter itself must not be seen.
        state: where it stands, in words.
        due_at: the nearest deadline; None while nothing runs, and of what is not in hand.
    """

    grade: str | None
    category: str
    handler: str
    state: str
    received_at: datetime
    due_at: datetime | None
    is_in_hand: bool
    is_late: bool
    is_near: bool
    is_paused: bool


def most_urgent(question: Question) -> list[WallCase]:
    """The red cases in hand, the nearest deadline first."""
    found = appeals_of(question.on(Basis.NOW)).filter(grade=Grade.RED)
    numbers = found.order_by(F("next_due_at").asc(nulls_last=True), "received_at", "pk").values_list("pk", flat=True)
    with scope.elevated():
        chosen = list(numbers[:REDS])
    rows = {row.pk: row for row in Appeal.objects.filter(pk__in=chosen).select_related("category", "handler")}
    return [_shown(rows[number], question.at) for number in chosen if number in rows]


def cases_counted(
    question: Question, *, kind: str, measure: str, group: str, key: str, after: Cursor | None
) -> tuple[Sequence[WallCase], int, str | None]:
    """The cases that one number counts, newest first: a page, how many in all, and the cursor of the next page."""
    numbers = behind(question, kind=kind, measure=measure, group=group, key=key)
    rows, later = page_of(numbers, after, size=PAGE)
    return [_shown(row, question.at) for row in rows], numbers.count(), later


def _shown(appeal: Appeal, at: datetime) -> WallCase:
    is_in_hand, still = appeal.status in IN_HAND, appeal.status in STILL
    due = appeal.next_due_at if is_in_hand else None
    category = appeal.category
    is_secret = appeal.restricted or appeal.needs_call_back or (category is not None and category.code in SECRET)
    late = is_in_hand and (appeal.is_overdue or (due is not None and due < at))
    return WallCase(
        grade=appeal.grade,
        category="" if is_secret else (category.name if category else "还没分类"),
        handler=str(appeal.handler) if appeal.handler else "还没派单",
        state=STATUS_WORDS[Status(appeal.status)],
        received_at=appeal.received_at,
        due_at=due,
        is_in_hand=is_in_hand,
        is_late=late,
        is_near=is_in_hand and not late and not still and due is not None and due <= end_of_day(day_of(at)),
        is_paused=still and not late,
    )
