"""Which cases of the viewer's area press the most, and why?

PostgreSQL weighs every case in hand by what its own row says and hands over the two hundred heaviest; those are ranked
by the whole rule of `rules.urgency`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Appeal
from gongqing.appeals.queries.numbers import numbers_said
from gongqing.appeals.rules.statuses import Status
from gongqing.audit.reading import Prepared, PreparedValues, ask
from gongqing.dispatch.models import Clock, Extension, Order, OrderRole, OrderStatus, Supervision
from gongqing.dispatch.queries import calendar, policy_on
from gongqing.dispatch.rules.limits import ClockName, ceiling_of
from gongqing.insight.queries.boards import Board, DrillCase
from gongqing.insight.queries.in_hand import Heavy, heaviest
from gongqing.insight.rules import urgency
from gongqing.insight.rules.urgency import Pressing, Urgency
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar, end_of_day

WEIGHED = 200
NATURAL = "red"  # its sign, contact and report limits run day and night


class _Late(NamedTuple):
    """A clock that is past its deadline."""

    name: str
    started_at: datetime
    due_at: datetime


class _Delay(NamedTuple):
    """How late a case is, how that stands to its limit, by which clock; `workday` as in `Pressing`."""

    late_by: timedelta | None = None
    share: float = 0.0
    clock: str = ""
    workday: timedelta | None = None


@dataclass(frozen=True, slots=True)
class WorstCase:
    """A case and why it presses."""

    case: DrillCase
    urgency: Urgency

    @property
    def code(self) -> str:
        """The code of the appeal."""
        return self.case.item.appeal.code


@dataclass(frozen=True, slots=True)
class Ranked:
    """The number of an appeal and why it presses."""

    number: int
    urgency: Urgency


def ranking(seen: Board, at: datetime, *, most: int) -> list[Ranked]:
    """The cases of a board that press the most, the most pressing first; of equals the one that waits longest.

    What stands still is left out, for it cannot be hurried: what is paused, and what is tracked outside unless whoever
    tracks it is late with the report.
    """
    rows = heaviest(*seen.sight, at, ceiling_days=policy_on(day_of(at)).ceiling_days, most=WEIGHED)
    weighed = _weighed(rows, at)
    ranked = sorted(rows, key=lambda row: (-weighed[row.pk].points, row.next_due_at or at, row.pk))[:most]
    return [Ranked(row.pk, weighed[row.pk]) for row in ranked]


def worst(ranked: Sequence[Ranked], cases: Mapping[int, DrillCase]) -> list[WorstCase]:
    """Those of these cases that are shown, in the order given; people and money that the words leave unsure marked."""
    unsure = _unsure_numbers(ranked)
    return [
        WorstCase(cases[each.number], urgency.marked(each.urgency, unsure=unsure.get(each.number, ())))
        for each in ranked
        if each.number in cases
    ]


def _unsure_numbers(ranked: Sequence[Ranked]) -> Mapping[int, Collection[str]]:
    """Of those that press by people or money: which of the two their words leave unsure."""
    asked = [each.number for each in ranked if any(reason.number for reason in each.urgency.reasons)]
    said = {each.pk: numbers_said(each) for each in _said.all(tuple(asked))} if asked else {}
    return {
        number: {name for name, is_sure in (("workers", one.workers_sure), ("amount", one.amount_sure)) if not is_sure}
        for number, one in said.items()
    }


@Prepared
def _said(_: None, numbers: tuple[int, ...]) -> QuerySet[Appeal]:
    among = RawSQL('"appeals_appeal"."id" = ANY (%s::bigint[])', [numbers], output_field=BooleanField())
    return Appeal.objects.filter(among).only("text", "received_at", "worker_count", "amount")


def _weighed(rows: Sequence[Heavy], at: datetime) -> Mapping[int, Urgency]:
    numbers = tuple(row.pk for row in rows)
    orders, returned, given_time, passed = ask(
        _unanswered(at, numbers), _returned(numbers), _extended(numbers), _passed(at, numbers)
    )
    unanswered, returns = Counter(number for (number,) in orders), Counter(number for (number,) in returned)
    extended = {number for (number,) in given_time}
    late: dict[int, list[_Late]] = defaultdict(list)
    for number, name, started_at, due_at in passed:
        late[number].append(_Late(name, started_at, due_at))
    days, policy = calendar(), policy_on(day_of(at))
    # most deadlines are the end of some day
    today_ends, worked_until = end_of_day(day_of(at)), cache(days.working_time_until)
    weighed = {}
    for row in rows:
        delay = _delay(row, late[row.pk], days, at, worked_until)
        ceiling = (
            None
            if row.status == Status.TRACKED
            else ceiling_of(
                policy,
                ClockName.CLOSE,
                received_at=row.received_at,
                is_extended=row.pk in extended,
                is_reopened=row.reopened_count > 0,
            )
        )
        weighed[row.pk] = urgency.urgency_of(
            Pressing(
                grade=row.grade,
                late_by=delay.late_by,
                late_share=delay.share,
                clock=delay.clock,
                workday=delay.workday,
                is_due_today=row.next_due_at is not None and at <= row.next_due_at <= today_ends,
                legal_days_left=max(0, (day_of(ceiling) - day_of(at)).days) if ceiling else None,
                worker_count=row.worker_count or 0,
                amount=row.amount or 0.0,
                unanswered=unanswered[row.pk],
                returns=returns.get(row.pk, 0),
                reopened_count=row.reopened_count,
            )
        )
    return weighed


@PreparedValues
def _unanswered(_: None, at: datetime, numbers: tuple[int, ...]) -> QuerySet[Supervision, Any]:
    found = Supervision.objects.filter(_among(numbers, "dispatch_supervision"), due_at__lt=at, answered_at__isnull=True)
    return found.values_list("appeal_id")


@PreparedValues
def _returned(_: None, numbers: tuple[int, ...]) -> QuerySet[Order, Any]:
    found = Order.objects.filter(_among(numbers, "dispatch_order"), role=OrderRole.HANDLE, status=OrderStatus.RETURNED)
    return found.order_by().values_list("appeal_id")


@PreparedValues
def _extended(_: None, numbers: tuple[int, ...]) -> QuerySet[Extension, Any]:
    among = _among(numbers, "dispatch_order")
    return Extension.objects.filter(approved=True).filter(among).values_list("order__appeal_id")


@PreparedValues
def _passed(_: None, at: datetime, numbers: tuple[int, ...]) -> QuerySet[Clock, Any]:
    found = Clock.objects.filter(_among(numbers, "dispatch_clock"), ended_at__isnull=True, due_at__lt=at).exclude(
        state="paused"
    )
    return found.values_list("appeal_id", "name", "started_at", "due_at")


def _among(numbers: tuple[int, ...], table: str) -> RawSQL:
    return RawSQL(f'"{table}"."appeal_id" = ANY (%s::bigint[])', [numbers], output_field=BooleanField())  # noqa: S611


def _delay(
    row: Heavy, clocks: Sequence[_Late], days: Calendar, at: datetime, worked_until: Callable[[datetime], timedelta]
) -> _Delay:
    """The delay that weighs most against its own limit; `worked_until` is the working time until a moment."""
    found, worked = _Delay(), worked_until(at)
    for clock in clocks:
        due = worked_until(clock.due_at)
        late, whole = worked - due, max(timedelta(0), due - worked_until(clock.started_at))
        is_natural = (row.grade == NATURAL and clock.name != ClockName.CLOSE) or not whole
        if is_natural:
            late, whole = at - clock.due_at, clock.due_at - clock.started_at
        share = late / whole if whole else 1.0
        if found.late_by is None or (min(share, 1.0), late) > (min(found.share, 1.0), found.late_by):
            workday = None if is_natural else days.hours.length
            found = _Delay(late, share, ClockName.label_of(clock.name), workday)
    return found
