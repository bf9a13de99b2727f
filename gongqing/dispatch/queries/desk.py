"""What lies on the desk: my inbox, the queues of those who decide, and the list of everything?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import reduce
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Count, Q, QuerySet, Value, Window
from django.db.models.expressions import RawSQL

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.permissions import CLASSIFIERS, HANDLERS
from gongqing.appeals.rules.statuses import CLOSED, OPEN, STATUS_WORDS, Status
from gongqing.appeals.rules.suspicion import HEARD_AGAIN, suspicion_of
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.audit.reading import PreparedCounts, PreparedValues, ask, values_beyond
from gongqing.dispatch.models import Extension, OpenAppeal, Order, OrderRole, OrderStatus, Supervision
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.models.standing import open_sight_of
from gongqing.dispatch.queries.cases import CaseFilters, filtered
from gongqing.dispatch.queries.clocks import RunningClock, asked_of_running, calendar, running_clocks
from gongqing.dispatch.queries.listed import ListedAppeal, listed, page_of_numbers
from gongqing.dispatch.queries.replies import warnings_among
from gongqing.dispatch.rules.explanations import Day, ruler_of
from gongqing.dispatch.rules.levels import LADDER, Level
from gongqing.dispatch.rules.limits import ClockName, Unit
from gongqing.dispatch.rules.outcomes import reviewing_level
from gongqing.dispatch.rules.permissions import LEVEL_OF_SUPERVISOR
from gongqing.lib.paging import Cursor
from gongqing.lib.times import local

EVALUATION = timedelta(days=15)
LONGEST_INBOX = 100
MOST_COUNTED = 999
MOST_EXPORTED = 10_000
ANSWERED = (Status.RESOLVED, Status.AWAITING_EVALUATION)
HELD = (Status.PAUSED, Status.TRACKED)
WAITING = (Status.TRIAGE, Status.CLASSIFIED, Status.RETURNED)

# view → what the desk calls it
VIEW_WORDS = {
    "mine": "我的收件",
    "overdue": "逾期",
    "triage": "待分类",
    "unsent": "待派和已退回",
    "review": "待审核",
    "extensions": "延期待批",
    "assisting": "协办",
    "to-answer": "督办单待回复",
    "unanswered": "督办未回复",
    "done": "已办结",
    "all": "全部",
}
LIVE_VIEWS = ("mine", "overdue", "triage", "unsent", "review", "extensions", "assisting", "to-answer", "unanswered")


@dataclass(frozen=True, slots=True)
class ListItem:
    """One appeal in a list: no word of the worker beyond the title, no personal data.

    Attributes:
        clock: the nearest running clock; empty when none runs.
        days: the closing clock as a day ruler; empty for limits in hours.
        remark: why nothing runs; beside a clock that is late, that the others stand still.
        reply_warnings: how many warnings the answer that waits for review left with.
        is_suspected: its words may mean danger, and nobody has looked yet.
    """

    appeal: Appeal | ListedAppeal
    status: str
    place: str
    clock: str = ""
    due_at: datetime | None = None
    is_late: bool = False
    is_near: bool = False
    late_by: timedelta | None = None
    left_share: float | None = None
    days: Sequence[Day] = ()
    remark: str = ""
    reply_warnings: int = 0
    is_suspected: bool = False


@dataclass(slots=True)
class Band:
    """Items under one heading; `late` draws it in red."""

    name: str
    late: bool = False
    items: list[ListItem] = field(default_factory=list)


_UNSENT = (Status.CLASSIFIED, Status.RETURNED)


def views_of(actor: Actor) -> list[str]:
    """The lists that make sense for this actor, in the order of the navigation."""
    found = []
    if actor.role in HANDLERS or actor.role is Role.HOTLINE_SEAT:
        found += ["mine", "overdue"]
    if actor.role in CLASSIFIERS:
        found.append("triage")
    if actor.role in LEVEL_OF_SUPERVISOR:
        found += ["unsent", "review", "extensions"]
    if actor.role in HANDLERS:
        found += ["assisting", "to-answer"]
    if actor.role in LEVEL_OF_SUPERVISOR:
        found.append("unanswered")
    return [*found, "done", "all"]


def first_view_of(actor: Actor) -> str:
    """The list that the desk opens with: what waits for the actor, else everything in view."""
    return "mine" if "mine" in views_of(actor) else "all"


def view_filter(name: str, actor: Actor, at: datetime) -> Q:
    """What belongs in a list, beyond what the actor sees at all."""
    if name in LIVE_VIEWS:
        return Q(status__in=[*OPEN]) & _of_open(name, actor, at)
    return Q(status__in=[*ANSWERED, *CLOSED]) if name == "done" else Q()


def _of_open(name: str, actor: Actor, at: datetime) -> Q:
    """What of everything open belongs in a list of work."""
    own = Q(handler_id=actor.organisation_id) if actor.organisation_id else Q(pk__in=[])
    if actor.role is Role.HOTLINE_SEAT:
        own = Q(reporter_user_id=actor.user_id)
    match name:
        case "mine":
            return own
        case "overdue":
            return Q(is_overdue=True) | Q(next_due_at__lt=at)
        case "triage":
            return Q(status=Status.TRIAGE)
        case "unsent":
            asked = Order.objects.filter(status=OrderStatus.RETURN_ASKED)
            return Q(status__in=_UNSENT) | Q(pk__in=asked.values("appeal_id"))
        case "review":
            return Q(status=Status.IN_REVIEW) & _order(status=OrderStatus.IN_REVIEW, level__in=_reviewed_by(actor))
        case "extensions":
            level = LEVEL_OF_SUPERVISOR.get(actor.role, "")
            wished = Extension.objects.filter(approved__isnull=True, decider_level=level)
            return Q(pk__in=wished.values("order__appeal_id"))
        case "assisting":
            roles = [OrderRole.ASSIST, OrderRole.FOLLOW, OrderRole.SUPERVISE]
            return _order(organisation=actor.organisation_id or 0, role__in=roles, status__in=OPEN_ORDERS)
        case "to-answer":
            return own & _supervised()
        case "unanswered":
            return _supervised(organisation=actor.organisation_id or 0, due_at__lt=at)
    return Q()


def counts(actor: Actor, at: datetime) -> dict[str, int | str]:
    """How many appeals lie in each list that somebody works off; beyond 999 it says `999+`.

    One statement, elevated for the orders beside what is open, and yet under both lines of scope.
    """
    lists = [name for name in views_of(actor) if name in LIVE_VIEWS]
    if not lists:
        return {}
    found = _counted_by_index(lists, actor, at) if scope.sees_all(actor) else _counted_in_sight(lists, actor, at)
    return {name: count if count <= MOST_COUNTED else f"{MOST_COUNTED}+" for name, count in found.items()}


def _counted_in_sight(lists: Sequence[str], actor: Actor, at: datetime) -> dict[str, int]:
    """One pass over the open appeals that the actor sees."""
    own = actor.user_id if actor.role is Role.HOTLINE_SEAT else actor.organisation_id
    given = (own,) if own is not None else ()
    how, sight = open_sight_of(actor)
    ((*numbers,),) = _IN_SIGHT.all_beyond(at, *sight, *given, shape=(how, len(sight), actor.role, tuple(lists)))
    return dict(zip(lists, numbers, strict=True))


def _build_in_sight(
    shape: tuple[str, int, Role, Sequence[str]], at: datetime, *given: Any
) -> QuerySet[OpenAppeal, Any]:
    how, bound_count, role, lists = shape
    sight, own = given[:bound_count], given[bound_count:]
    number = own[0] if own else None
    holder = Actor(role=role, name="", user_id=number, organisation_id=number)
    wanted = {f"n{place}": Count("pk", filter=_of_open(name, holder, at)) for place, name in enumerate(lists)}
    found: Any = OpenAppeal.objects.counted_as(how, *sight).values(is_one=Value(1))
    counted: QuerySet[OpenAppeal, Any] = found.annotate(**wanted).values_list(*wanted)
    return counted


_IN_SIGHT = PreparedValues(_build_in_sight)


def _counted_by_index(lists: Sequence[str], actor: Actor, at: datetime) -> dict[str, int]:
    """For who sees everything: each list by an index of its own, and no further than is said of it."""
    given = (actor.organisation_id,) if actor.organisation_id is not None else ()
    numbers = iter(_COUNTED.all(at, *given, shape=(actor.role, tuple(lists))))
    return {name: sum(next(numbers) for _ in _arms(_of_open(name, actor, at))) for name in lists}


def _build_counts(shape: tuple[Role, Sequence[str]], at: datetime, *given: int) -> list[QuerySet[OpenAppeal]]:
    role, lists = shape
    holder = Actor(role=role, name="", organisation_id=given[0] if given else None)
    return [OpenAppeal.objects.filter(part) for name in lists for part in _arms(_of_open(name, holder, at))]


_COUNTED = PreparedCounts(_build_counts, most=MOST_COUNTED + 1)


def _arms(condition: Q) -> list[Q]:
    """A condition in parts of which no appeal meets two: an index finds each, where none finds either of two."""
    if condition.connector != Q.OR:
        return [condition]
    parts: list[Q] = []
    for child in condition.children:
        part = child if isinstance(child, Q) else Q(child)
        parts.append(reduce(lambda found, before: found & ~before, parts, part))
    return parts


def inbox(name: str, actor: Actor, filters: CaseFilters, at: datetime) -> tuple[list[Band], int]:
    """What is open of a list, in bands by the nearest deadline, and how many in all; at most a hundred are shown.

    More than 999 count as 1000.

    Raises:
        BadInput: a filter that cannot be.
    """
    found: QuerySet[Any] = OpenAppeal.objects.counted_for(actor).filter(_of_open(name, actor, at))
    if filters != CaseFilters():
        found = filtered(_as_appeals(found), filters)
    nearest = found.order_by("next_due_at", "received_at", "pk").annotate(whole=Window(Count("pk")))
    numbers = values_beyond(nearest.values_list("pk", "whole")[:LONGEST_INBOX])
    total = min(numbers[0][1], MOST_COUNTED + 1) if numbers else 0
    items = items_numbered([number for number, _ in numbers], actor, at)
    if name == "review":
        warned = warnings_among([item.appeal.pk for item in items], actor)
        items = [replace(item, reply_warnings=warned.get(item.appeal.pk, 0)) for item in items]
    return banded(items, at), total


def _as_appeals(found: QuerySet[OpenAppeal]) -> QuerySet[Appeal]:
    """The same, for what only `Appeal` knows."""
    try:
        statement, values = found.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return Appeal.objects.none()
    # as text: a subquery of Django's would rename the table that the condition of sight names
    return Appeal.objects.filter(RawSQL(f'"appeals_appeal"."id" IN ({statement})', values, BooleanField()))  # noqa: S611


def page_of(
    name: str, actor: Actor, filters: CaseFilters, at: datetime, *, after: Cursor | None, size: int = 40
) -> tuple[list[ListItem], str | None]:
    """A page of a list, newest first, and the cursor of the next.

    Raises:
        BadInput: a filter that cannot be.
    """
    numbers, cursor = page_of_numbers(view_filter(name, actor, at), filters, actor, after=after, size=size)
    return items_numbered(numbers, actor, at), cursor


def exported(name: str, actor: Actor, filters: CaseFilters, at: datetime) -> list[Appeal]:
    """What an export of a list holds, newest first, at most ten thousand.

    Raises:
        BadInput: a filter that cannot be.
    """
    found = filtered(appeals.appeals_for(actor).select_related("person"), filters)
    return list(found.filter(view_filter(name, actor, at)).order_by("-received_at", "-id")[:MOST_EXPORTED])


def banded(items: Iterable[ListItem], at: datetime) -> list[Band]:
    """The items under their headings; a heading without items is left out."""
    bands = {
        "late": Band("逾期", late=True),
        "today": Band("今天要做"),
        "soon": Band("这几天到期"),
        "waiting": Band("等分类、等派单"),
        "held": Band("暂停"),
        "judged": Band("等职工评价"),
        "rest": Band("其他"),
    }
    for item in items:
        bands[_band_of(item, at)].items.append(item)
    return [band for band in bands.values() if band.items]


def items_of(rows: Sequence[Appeal], at: datetime) -> list[ListItem]:
    """The appeals as a list shows them, in the same order; clocks are read in one journey for all."""
    clocks, lines = ask(*asked_of_running(tuple(row.pk for row in rows))) if rows else ([], [])
    running = running_clocks(clocks, lines, at)
    return [_item(row, running.get(row.pk, []), at) for row in rows]


def items_numbered(numbers: Sequence[int], actor: Actor, at: datetime) -> list[ListItem]:
    """Those of these appeals that the actor sees, as a list shows them, in the order given."""
    rows, running = listed(numbers, actor, at)
    return [_item(row, running.get(row.pk, []), at) for row in rows]


def _item(appeal: Appeal | ListedAppeal, clocks: Sequence[RunningClock], at: datetime) -> ListItem:
    place = appeal.employer_name or (str(appeal.region) if appeal.region else "未填单位")
    given: dict[str, Any] = {"appeal": appeal, "status": STATUS_WORDS[Status(appeal.status)], "place": place}
    if appeal.status in ANSWERED:
        until = appeal.resolved_at + EVALUATION if appeal.resolved_at else None
        return ListItem(**given, due_at=until, remark="前可评")
    if appeal.status == Status.TRIAGE and appeal.next_due_at is not None:
        return _to_be_looked_at(given, appeal.next_due_at, at)
    given["is_suspected"] = appeal.status in HEARD_AGAIN and suspicion_of(appeal.grade_reasons) is not None
    is_held = appeal.status in HELD
    live = [each for each in clocks if not each.is_paused]
    if is_held:  # what stands still warns of nothing; what was late before the pause stays late
        live = [each for each in live if each.due_at < at]
    if not live:
        return ListItem(**given, remark="期限已停，不报警" if is_held else "")
    first = min(live, key=lambda each: each.due_at)
    closing = next((each for each in live if each.name == ClockName.CLOSE), None)
    ruled = closing and closing.limit.unit is Unit.WORKDAYS
    return ListItem(
        **given,
        clock=ClockName.label_of(first.name),
        due_at=first.due_at,
        is_late=first.due_at < at,
        late_by=at - first.due_at,
        is_near=first.due_at <= _end_of_today(at),
        left_share=first.reckoning.left_share,
        days=ruler_of(closing.reckoning, calendar(), at) if closing and ruled else (),
        remark="其余期限已停" if is_held else "",
    )


def _to_be_looked_at(given: dict[str, Any], due_at: datetime, at: datetime) -> ListItem:
    late: dict[str, Any] = {"is_late": due_at < at, "late_by": at - due_at, "is_near": due_at <= _end_of_today(at)}
    return ListItem(**given, **late, clock="看原话", due_at=due_at, is_suspected=True)


def _band_of(item: ListItem, at: datetime) -> str:
    status = item.appeal.status
    if status in ANSWERED:
        return "judged"
    if status in HELD:
        return "late" if item.is_late else "held"
    if status in WAITING:
        return "late" if item.is_late else "waiting"
    if item.due_at is None:
        return "rest"
    return "late" if item.is_late else "today" if item.is_near else "soon"


def _end_of_today(at: datetime) -> datetime:
    here = local(at)
    return datetime.combine(here.date() + timedelta(days=1), time(), tzinfo=here.tzinfo)


def _order(**given: Any) -> Q:
    """An order is such; found once for all appeals, not asked of each."""
    return Q(pk__in=Order.objects.filter(**given).values("appeal_id"))


def _supervised(**given: Any) -> Q:
    """A supervision order wants an answer; what has been answered to the worker needs none."""
    wanting = Supervision.objects.filter(due_at__isnull=False, answered_at__isnull=True, **given)
    return ~Q(status__in=ANSWERED) & Q(pk__in=wanting.values("appeal_id"))


def _reviewed_by(actor: Actor) -> list[str]:
    own = LEVEL_OF_SUPERVISOR.get(actor.role, "")
    return [level.value for level in (*LADDER, Level.DEPARTMENT) if reviewing_level(level) == own]
