"""What is in hand in somebody's sight: counted by states and queues, weighed, and what of it was closed in time?

Everything is read from `OpenAppeal`, where what is open lies side by side, and from `Closing`, beyond the bound scope
for the clocks and orders beside it, and yet under both lines of scope (`counted_as`). Each statement is made once for
every shape of the question; numbers alone leave, and the columns by which cases are weighed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, reduce
from operator import or_
from typing import Any, NamedTuple, TypedDict, Unpack

from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    Count,
    F,
    Field,
    IntegerField,
    Min,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import RawSQL

from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import Status
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Argument, PreparedValues
from gongqing.dispatch.models import Clock, Closing, OpenAppeal, Order, OrderRole, OrderStatus, Supervision
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.models.standing import LOOKED_UP_IN_HAND, open_sight_of
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.insight.queries.counting import IN_HAND
from gongqing.insight.rules import urgency
from gongqing.lib.times import day_of
from gongqing.lib.workdays import end_of_day
from gongqing.registry.models import Organisation

GROUPED_BY = {"organisation": "handler_id", "grade": "grade", "category": "category__code"}
THESE = "these"
REST = "within"
STILL = frozenset({Status.PAUSED, Status.TRACKED})
AWAKE = IN_HAND - STILL
UNSIGNED = frozenset({Status.DISPATCHED, Status.REOPENED})
_NEVER = datetime.max.replace(tzinfo=UTC)  # stands for a moment that is not asked for


class Narrowing(TypedDict):
    """What narrows a question: an organisation with those under it, a grade, the code of a category; empty for all."""

    within: Organisation | None
    grade: str
    category: str


class Narrowed(NamedTuple):
    """The shape of a question: how one sees, whether under one organisation alone, of which grade and category.

    `how` is as of `open_sight_of`, or `THESE`: of appeals that were counted just before.
    """

    how: str
    is_within: bool
    grade: str
    category: str


def narrowed(actor: Actor, **given: Unpack[Narrowing]) -> tuple[Narrowed, tuple[Argument, ...]]:
    """The shape, and what goes into it."""
    how, sight = open_sight_of(actor)
    shape = Narrowed(how, given["within"] is not None, given["grade"], given["category"])
    return shape, (*sight, *_bounds(given["within"]))


def these(numbers: Iterable[int]) -> tuple[Narrowed, tuple[Argument, ...]]:
    """The shape of a question about appeals that `measured` has counted, and what goes into it."""
    return Narrowed(THESE, is_within=False, grade="", category=""), (tuple(numbers),)


def _in_hand(shape: Narrowed, *given: Any, but: Collection[Status] = ()) -> QuerySet[OpenAppeal]:
    """The appeals and needs in the actor's sight that are not answered yet; `but` those of these statuses."""
    sight, bounds = (given[:-2], given[-2:]) if shape.is_within else (given, ())
    known = OpenAppeal.objects
    found = known.filter(_among("appeal_id", *sight)) if shape.how == THESE else known.counted_as(shape.how, *sight)
    waiting: QuerySet[OpenAppeal] = _narrow(found.filter(_still_open(shape.how, but)), shape, bounds)
    return waiting


def _still_open(how: str, but: Collection[Status]) -> Q:
    """Who sees everything finds them by their statuses; what is looked up by number passes over what was answered."""
    if how == "all":
        return Q(status__in=[*IN_HAND.difference(but)])
    not_answered = RawSQL(LOOKED_UP_IN_HAND, [], output_field=BooleanField())  # noqa: S611
    return Q(not_answered) & ~Q(status__in=[*but]) if but else Q(not_answered)


def _among(column: str, numbers: Sequence[int]) -> RawSQL:
    among = f'"dispatch_openappeal"."{column}" = ANY (%s::bigint[])'
    return RawSQL(among, [numbers], output_field=BooleanField())  # noqa: S611


class Measure(NamedTuple):
    """What a column counts of what is in hand.

    Attributes:
        whole: every appeal that stands in one of these statuses.
        part: of these statuses what meets the condition.
    """

    whole: Collection[Status] = ()
    part: Collection[Status] = ()
    condition: Q = Q()

    @property
    def meets(self) -> Q:
        """As one condition on what is in hand."""
        whole, part = Q(status__in=[*self.whole]), Q(status__in=[*self.part]) & self.condition
        if {*self.whole, *self.part} == IN_HAND:
            part = self.condition
        return (whole | part if self.whole else part) if self.part else whole


def states(at: datetime) -> dict[str, Measure]:
    """The five states; every appeal in hand stands in one and in no other."""
    marked = Clock.objects.filter(ended_at__isnull=True, state=ClockState.RUNNING, warned="fifth")
    near = Q(pk__in=marked.values("appeal_id"))
    # in each condition what is cheap and seldom true stands first: every appeal in hand is asked
    in_time = Q(is_overdue=False) & (Q(next_due_at__isnull=True) | Q(next_due_at__gte=at))
    return {
        "within": Measure((), AWAKE, Q(is_overdue=False, next_due_at__gte=at) & ~near),
        "near": Measure((), AWAKE, Q(is_overdue=False, next_due_at__gte=at) & near),
        "over": Measure((), IN_HAND, Q(is_overdue=True) | Q(next_due_at__lt=at)),
        "held": Measure((), STILL, in_time),
        "idle": Measure((), AWAKE, Q(is_overdue=False, next_due_at__isnull=True)),
    }


def queues(at: datetime, today_ends: datetime, week_ends: datetime) -> dict[str, Measure]:
    """What is due, or waits for somebody; an appeal may stand in several."""
    open_orders = Order.objects.filter(role=OrderRole.HANDLE, status__in=OPEN_ORDERS)
    asked = Q(pk__in=open_orders.filter(status=OrderStatus.RETURN_ASKED).values("appeal_id"))
    waiting = Supervision.objects.filter(due_at__isnull=False, answered_at__isnull=True)
    return {
        "today": Measure((), AWAKE, Q(is_overdue=False, next_due_at__lte=today_ends, next_due_at__gte=at)),
        "week": Measure((), AWAKE, Q(is_overdue=False, next_due_at__lte=week_ends, next_due_at__gte=at)),
        "unsigned": Measure(UNSIGNED),
        "returned": Measure({Status.RETURNED}, IN_HAND - {Status.RETURNED}, asked),
        "extensions": Measure((), IN_HAND, Q(asks_extension=True)),
        "extended": Measure((), IN_HAND, Q(is_extended=True)),
        "review": Measure({Status.IN_REVIEW}),
        "supervised": Measure((), IN_HAND, Q(pk__in=waiting.values("appeal_id"))),
    }


def ends_of(at: datetime) -> tuple[datetime, datetime]:
    """When the day ends, and the week."""
    today = day_of(at)
    return end_of_day(today), end_of_day(today + timedelta(days=6 - today.weekday()))


class Part(NamedTuple):
    """What is in hand of one handler, grade or category.

    Attributes:
        counts: how many, by `all`, states and queues.
        late_since: the oldest deadline that has passed. unsigned_since: the oldest dispatch that nobody has signed.
        numbers: the appeals themselves where they were looked up by what is granted; None where everything is seen.
    """

    key: Any
    counts: dict[str, int]
    late_since: datetime | None
    unsigned_since: datetime | None
    numbers: Sequence[int] | None


def measured(shape: Narrowed, given: tuple[Argument, ...], group: str, at: datetime) -> list[Part]:
    """Every measure of every group, in one pass over what is in hand, and since when the oldest waits unsigned.

    PostgreSQL counts by status too: what hangs on the status alone need not be asked of every appeal.
    """
    found: dict[Any, Part] = {}
    for row in _MEASURED.all_beyond(at, *ends_of(at), *given, shape=(shape, group)):
        key, status, late_since, oldest, numbers, *_ = row
        known = found.get(key) or Part(key, dict.fromkeys(_COUNTED, 0), None, None, None)
        for name, place in _measures_of(status):
            known.counts[name] += row[place]
        found[key] = known._replace(
            late_since=earlier(known.late_since, late_since),
            unsigned_since=earlier(known.unsigned_since, oldest if status in UNSIGNED else None),
            numbers=None if numbers is None else [*(known.numbers or ()), *numbers],
        )
    for part in found.values():  # every case in hand stands in one state, so the last one need not be asked for
        part.counts[REST] = part.counts["all"] - sum(part.counts[name] for name in _OTHER_STATES)
    return list(found.values())


def earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    """The earlier of two moments, as far as there are any."""
    return min(one, other) if one and other else one or other


@cache
def _measures_of(status: Status) -> list[tuple[str, int]]:
    """What an appeal of this status may count as, each with the place of its number in a row of `_MEASURED`."""
    known = _all_measures(_NEVER, _NEVER, _NEVER)
    first = _BESIDE_COUNTS
    places = {name: first + 1 + place for place, name in enumerate(_CONDITIONS)}
    whole = [(name, first) for name in _COUNTED if name == "all" or status in known[name].whole]
    return whole + [(name, place) for name, place in places.items() if status in known[name].part]


def _all_measures(at: datetime, today_ends: datetime, week_ends: datetime) -> dict[str, Measure]:
    return {**states(at), **queues(at, today_ends, week_ends)}


def _build_measured(
    asked: tuple[Narrowed, str], at: datetime, today_ends: datetime, week_ends: datetime, *given: Any
) -> QuerySet[OpenAppeal, Any]:
    shape, group = asked
    known = _all_measures(at, today_ends, week_ends)
    wanted: dict[str, Any] = {f"n_{name}": Count("pk", filter=known[name].condition) for name in _CONDITIONS}
    beside: dict[str, Any] = {
        "late_since": Min("next_due_at", filter=known["over"].condition),
        "oldest_unsigned": Min("unsigned_since"),
        "numbers": Value(None, output_field=IntegerField()) if shape.how == "all" else _Numbers("pk"),
    }
    by = GROUPED_BY[group]
    grouped: Any = _in_hand(shape, *given).order_by().values(by, "status")
    counted: QuerySet[OpenAppeal, Any] = grouped.annotate(n_all=Count("*"), **wanted, **beside)
    return counted.values_list(by, "status", *beside, "n_all", *wanted)


class _Numbers(Aggregate):
    """All the numbers of a group, as a list."""

    function = "array_agg"
    output_field = Field()  # of no kind that would be converted


_OTHER_STATES = ("near", "over", "held", "idle")
_CONDITIONS = (*_OTHER_STATES, "today", "week", "returned", "extensions", "extended", "supervised")
_COUNTED = ("all", REST, *_OTHER_STATES, *_CONDITIONS[4:], "unsigned", "review")
_BESIDE_COUNTS = 5  # key, status, two moments, numbers
_MEASURED = PreparedValues(_build_measured)


class Behind(NamedTuple):
    """By what a row of a board counts.

    Attributes:
        key: the handlers, or one grade or the code of a category; none of them is empty.
        has_none: whether what has no handler or no category is counted too.
    """

    group: str
    key: tuple[int, ...] | str
    has_none: bool


def nearest(
    shape: Narrowed, given: tuple[Argument, ...], at: datetime, *, state: str, behind: Behind | None, most: int
) -> list[int]:
    """The numbers of so many of what is in hand in this state or queue, the nearest deadline first.

    Args:
        behind: of one row alone; None for all.
    """
    moments, key = _moments_of(state, at), (behind.key,) if behind and behind.key else ()
    asked = (shape, state, len(moments), behind and (behind.group, len(key), behind.has_none), most)
    return [number for (number,) in _NEAREST.all_beyond(*moments, *key, *given, shape=asked)]


def _moments_of(state: str, at: datetime) -> tuple[datetime, ...]:
    """What the condition of this state or queue compares deadlines with."""
    today_ends, week_ends = ends_of(at)
    ends = {"today": (today_ends,), "week": (week_ends,)}.get(state, ())
    return (at, *ends) if ends or state in ("within", "near", "over", "held") else ()


def _build_nearest(
    asked: tuple[Narrowed, str, int, tuple[str, int, bool] | None, int], *given: Any
) -> QuerySet[OpenAppeal, Any]:
    shape, state, moment_count, behind, most = asked
    at, ends = (*given[:moment_count], _NEVER, _NEVER)[:2]
    key_end = moment_count + (behind[1] if behind else 0)
    found = _in_hand(shape, *given[key_end:])
    if behind:
        found = found.filter(_behind(behind[0], given[moment_count:key_end], has_none=behind[2]))
    known = _all_measures(at, ends, ends)
    if state in known:
        found = found.filter(known[state].meets)
    return found.order_by("next_due_at", "received_at", "pk").values_list("pk")[:most]


_NEAREST = PreparedValues(_build_nearest)


def _behind(group: str, keys: Sequence[Any], *, has_none: bool) -> Q:
    by = GROUPED_BY[group]
    known = [Q(_among(by, key)) if group == "organisation" else Q(**{by: key}) for key in keys]
    return reduce(or_, [*known, *([Q(**{f"{by}__isnull": True})] if has_none else [])])


def closed_in_time(
    within: Organisation | None, grade: str, category: str, since: datetime, at: datetime
) -> Mapping[str, int]:
    """Of the closing clocks that ended since then, under the organisation: how many, and how many were met."""
    shape = Narrowed("", within is not None, grade, category)
    ((on_time, timed),) = _CLOSED.all_beyond(since, at, *_bounds(within), shape=shape) or [(0, 0)]
    return {"on_time": on_time, "timed": timed}


def _build_closed(shape: Narrowed, since: datetime, at: datetime, *bounds: str) -> QuerySet[Closing, Any]:
    ended: Any = _narrow(Closing.objects.filter(ended_at__gt=since, ended_at__lte=at), shape, bounds)
    whole = ended.order_by().values(is_one=Value(1))
    closed: QuerySet[Closing, Any] = whole.annotate(
        on_time=Count("state", filter=Q(state=ClockState.MET)), timed=Count("state")
    ).values_list("on_time", "timed")
    return closed


_CLOSED = PreparedValues(_build_closed)


class Heavy(NamedTuple):
    """What stands on an appeal of what makes it press, by the names of `OpenAppeal`."""

    pk: int
    received_at: datetime
    next_due_at: datetime | None
    status: str
    grade: str
    worker_count: int | None
    amount: float | None
    reopened_count: int


def heaviest(
    shape: Narrowed, given: tuple[Argument, ...], at: datetime, *, ceiling_days: int, most: int
) -> list[Heavy]:
    """So many of what is in hand, those that weigh the most by what stands on the appeal itself first.

    What stands still is left out: what is paused, and what is tracked outside and not late.
    """
    old = [at - timedelta(days=ceiling_days + 1 - days) for days, _ in urgency.LEGAL]
    rows = _HEAVIEST.all_beyond(at, ends_of(at)[0], *old, *given, shape=(shape, len(old), most))
    return [Heavy._make(row) for row in rows]


def _build_heaviest(
    asked: tuple[Narrowed, int, int], at: datetime, today_ends: datetime, *given: Any
) -> QuerySet[OpenAppeal, Any]:
    shape, steps, most = asked
    old, rest = given[:steps], given[steps:]
    late = Q(is_overdue=True) | Q(next_due_at__lt=at)
    weight = (
        # what most are stands first: they need not be compared with the others
        _points([(Q(grade=Grade.GREEN), 0), *reversed([(Q(grade=each), n) for each, (n, _) in urgency.GRADES.items()])])
        # half of what the length of the delay may add
        + _points([(late, urgency.LATE + urgency.LATE_SHARE // 2), (Q(next_due_at__lte=today_ends), urgency.DUE_TODAY)])
        + _stepped((Q(worker_count__gte=least), points) for least, points in urgency.WORKERS)
        + _stepped((Q(amount__gte=least), points) for least, points in urgency.YUAN)
        + _stepped((Q(received_at__lt=day), points) for day, (_, points) in zip(old, urgency.LEGAL, strict=True))
        + _points([(Q(reopened_count__gt=0), urgency.REOPENED)])
    )
    found = _in_hand(shape, *rest, but={Status.PAUSED}).filter(late | ~Q(status=Status.TRACKED))
    ranked = found.order_by(weight.desc(), F("next_due_at").asc(nulls_last=True), "pk")
    return ranked.values_list(*Heavy._fields)[:most]


_HEAVIEST = PreparedValues(_build_heaviest)


def _points(steps: Iterable[tuple[Q, int]]) -> Case:
    """The points of the first condition that holds; none where none does."""
    conditions = [When(condition, then=Value(points)) for condition, points in steps]
    return Case(*conditions, default=Value(0), output_field=IntegerField())


def _stepped(steps: Iterable[tuple[Q, int]]) -> Case:
    """As `_points`, where each step holds wherever one before it does: most appeals do not even reach the last."""
    *higher, (least, points) = steps
    conditions = [When(condition, then=Value(more)) for condition, more in higher]
    reached = Case(*conditions, default=Value(points), output_field=IntegerField())
    return Case(When(least, then=reached), default=Value(0), output_field=IntegerField())


def _narrow(found: Any, shape: Narrowed, bounds: Sequence[Any]) -> Any:
    if bounds:
        below = Organisation.objects.filter(path__gte=bounds[0], path__lt=bounds[1])
        found = found.filter(handler__in=below.values("pk"))
    if shape.grade:
        found = found.filter(grade=shape.grade)
    return found.filter(category__code=shape.category) if shape.category else found


def _bounds(within: Organisation | None) -> tuple[str, ...]:
    """From which path to below which one."""
    return (within.path, f"{within.path[:-1]}0") if within is not None else ()
