"""Which appeals in hand are near their deadline, past it, paused or waiting for somebody, organisation by organisation?

The twenty per cent of 将到期 are those that the periodic sweep has marked, so they are never newer than its last run;
a deadline that has passed counts as 逾期 at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, Min, OuterRef, Q, QuerySet, Value, When

from gongqing.appeals.models import Appeal
from gongqing.appeals.queries import appeals_for
from gongqing.appeals.rules.statuses import Status
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.dispatch.models import Clock, Extension, Order, OrderStatus, Supervision
from gongqing.dispatch.queries import calendar
from gongqing.dispatch.queries.desk import ListItem, items_of
from gongqing.insight.queries.figures import IN_HAND, measures, with_closing
from gongqing.insight.rules.boards import QUEUES, STATES
from gongqing.insight.rules.indicators import ON_TIME, Figure, total_of
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Organisation

NOBODY, DEPARTMENTS, OTHERS = "none", "departments", "others"
ROW_WORDS = {NOBODY: "还没派单", DEPARTMENTS: "横向部门", OTHERS: "其他单位"}
RECENT = timedelta(days=30)
LONGEST_DRILL = 20


@dataclass(slots=True)
class BoardRow:
    """One organisation below the viewer with everything under it.

    Attributes:
        handlers: the organisations whose appeals it counts; None stands for no handler.
        late_since: the oldest deadline that has passed.
    """

    key: str
    name: str
    counts: dict[str, int] = field(default_factory=dict)
    handlers: list[int | None] = field(default_factory=list)
    late_since: datetime | None = None
    late_days: float | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """The rows, their total, and how many of those closed in the last thirty days were in time.

    Attributes:
        quiet_count: how many grassroots unions below have nothing in hand; they have no row.
    """

    rows: list[BoardRow]
    quiet_count: int
    total: Mapping[str, int]
    on_time: Figure


@dataclass(frozen=True, slots=True)
class DrillCase:
    """A case beside the board, with what was urged, supervised and escalated, newest first.

    Attributes:
        is_late: whether a clock is past its deadline, also of a case that was paused only afterwards.
        due_at: the nearest deadline.
    """

    item: ListItem
    steps: Sequence[Supervision]
    is_late: bool
    due_at: datetime | None


def board(actor: Actor, at: datetime) -> Board:
    """The board of what the actor sees, one row for each organisation one level below."""
    rows, quiet_count = _rows(actor, _by_handler(actor, at))
    days = calendar()
    for row in rows:
        if row.late_since is not None:
            row.late_days = days.working_time_between(row.late_since, at) / days.hours.length
    total = total_of(row.counts for row in rows)
    return Board(rows=rows, quiet_count=quiet_count, total=total, on_time=_closed_in_time(actor, at))


def drilled(actor: Actor, rows: Sequence[BoardRow], state: str, at: datetime) -> tuple[list[DrillCase], int]:
    """The cases behind one number, the nearest deadline first, at most twenty, and how many there are."""
    handlers = [number for row in rows for number in row.handlers]
    known = Q(handler_id__in=[number for number in handlers if number is not None])
    meant = known | Q(handler_id__isnull=True) if None in handlers else known
    found = _in_hand(actor, at).filter(meant)
    if state in STATES:
        found = found.filter(Q(clock_state=state))
    elif state in QUEUES:
        found = found.filter(_queues()[state])
    numbers = found.values("pk")
    cases = appeals_for(actor).filter(pk__in=numbers)
    listed = list(cases.order_by("next_due_at", "received_at", "id")[:LONGEST_DRILL])
    steps: dict[int, list[Supervision]] = {}
    for step in Supervision.objects.filter(appeal__in=listed).select_related("organisation").order_by("-at", "-id"):
        steps.setdefault(step.appeal_id, []).append(step)
    return [_drill_case(item, steps.get(item.appeal.pk, []), at) for item in items_of(listed, at)], cases.count()


def _drill_case(item: ListItem, steps: Sequence[Supervision], at: datetime) -> DrillCase:
    due_at = item.due_at or item.appeal.next_due_at
    is_late = item.appeal.is_overdue or (due_at is not None and due_at < at)
    return DrillCase(item, steps, is_late=is_late, due_at=due_at)


def _in_hand(actor: Actor, at: datetime) -> QuerySet[Appeal]:
    """The appeals and needs that are not answered yet, each with the one state of its clocks."""
    near = Clock.objects.filter(appeal=OuterRef("pk"), ended_at__isnull=True, state="running", warned="fifth")
    state = Case(
        When(Q(is_overdue=True) | Q(next_due_at__lt=at), then=Value("over")),
        When(status__in=[Status.PAUSED, Status.TRACKED], then=Value("held")),
        When(next_due_at__isnull=True, then=Value("idle")),
        When(Exists(near), then=Value("near")),
        default=Value("within"),
        output_field=CharField(),
    )
    return Appeal.objects.visible_to(actor).filter(status__in=[*IN_HAND]).annotate(clock_state=state)


def _queues() -> dict[str, Q]:
    orders = Order.objects.filter(appeal=OuterRef("pk"))
    asked = Extension.objects.filter(order__appeal=OuterRef("pk"), approved__isnull=True)
    return {
        "unsigned": Q(status__in=[Status.DISPATCHED, Status.REOPENED]),
        "returned": Q(status=Status.RETURNED) | Q(Exists(orders.filter(status=OrderStatus.RETURN_ASKED))),
        "extensions": Q(Exists(asked)),
        "review": Q(status=Status.IN_REVIEW),
    }


def _by_handler(actor: Actor, at: datetime) -> list[dict[str, Any]]:
    wanted: dict[str, Any] = {f"n_{name}": Count("pk", filter=Q(clock_state=name)) for name in STATES}
    wanted |= {f"n_{name}": Count("pk", filter=condition) for name, condition in _queues().items()}
    late = Min("next_due_at", filter=Q(clock_state="over"))
    found: Any = _in_hand(actor, at).order_by().values("handler_id", "handler__path", "handler__level")
    return list(found.annotate(n_all=Count("pk"), late_since=late, **wanted))


def _rows(actor: Actor, counted: Sequence[Mapping[str, Any]]) -> tuple[list[BoardRow], int]:
    top = _top_of(actor)
    rows: dict[str, BoardRow] = {}
    below: list[Organisation] = []
    if top is not None:
        rows[str(top.pk)] = BoardRow(str(top.pk), f"{top}本级")
        below = [each for each in registry.children_of(top.pk) if each.is_active]
        rows |= {str(each.pk): BoardRow(str(each.pk), str(each)) for each in below if _is_handling(each)}
    paths = {str(each.pk): each.path for each in below}
    for part in counted:
        key = _key_of(part, str(top.pk) if top else "", top.path if top else "", paths)
        row = rows.setdefault(key, BoardRow(key, ROW_WORDS.get(key, "") or _name(below, key)))
        _add(row, part)
    grassroots = {str(each.pk) for each in below if each.level == Level.GRASSROOTS}
    busy = [row for key, row in rows.items() if row.counts or key not in grassroots]
    return busy, len(rows) - len(busy)


def _key_of(part: Mapping[str, Any], top: str, top_path: str, below: Mapping[str, str]) -> str:
    path = part["handler__path"]
    if path is None:
        return NOBODY
    if path == top_path:
        return top
    for key, prefix in below.items():
        if path.startswith(prefix):
            return key
    return DEPARTMENTS if part["handler__level"] == Level.DEPARTMENT else OTHERS


def _add(row: BoardRow, part: Mapping[str, Any]) -> None:
    for name, value in part.items():
        if name.startswith("n_"):
            measure = name.removeprefix("n_")
            row.counts[measure] = row.counts.get(measure, 0) + value
    row.handlers.append(part["handler_id"])
    dues = [due for due in (row.late_since, part["late_since"]) if due is not None]
    row.late_since = min(dues, default=None)


def _top_of(actor: Actor) -> Organisation | None:
    if sees_all(actor):
        return registry.city_union()
    return registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None


def _is_handling(organisation: Organisation) -> bool:
    """Hotlines and mediation rooms take no appeal as main handler; they stand on the board only when they do."""
    return organisation.kind not in ("hotline", "mediation_room")


def _name(below: Sequence[Organisation], key: str) -> str:
    return next((str(each) for each in below if str(each.pk) == key), key)


def _closed_in_time(actor: Actor, at: datetime) -> Figure:
    found = with_closing(Appeal.objects.visible_to(actor).filter(resolved_at__gt=at - RECENT, resolved_at__lte=at))
    known = measures(at)
    counts = found.order_by().aggregate(
        **{name: Count("pk", filter=known[name]) for name in (ON_TIME.numerator, ON_TIME.denominator)}
    )
    return ON_TIME.of(counts)
