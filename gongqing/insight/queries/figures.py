"""How many appeals came in, where do they stand, and which rates follow?

Every measure is one condition, used to count and to list, so a number and the list behind it cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, TruncDate

from gongqing.appeals.models import Appeal, Category, Channel, Kind, Satisfaction
from gongqing.appeals.queries import appeals_for
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, Status
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import Clock
from gongqing.dispatch.queries.desk import ListItem, items_of
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.dispatch.rules.limits import ClockName
from gongqing.insight.queries.places import Cut, cut_for
from gongqing.insight.rules.indicators import LOCAL_LEVELS, total_of
from gongqing.insight.rules.periods import Period
from gongqing.lib.paging import Cursor, encode_cursor
from gongqing.lib.times import SHANGHAI
from gongqing.registry.models import Member

POPULATION_WORDS = {"all": "全部职工", "members": "会员"}
CLASSES = "LE DP SC CD OT"
GROUPS = ("place", "grade", "class", "channel")
IN_HAND = frozenset(OPEN) - ANSWERED
ENDED = frozenset({Status.MERGED, Status.WITHDRAWN, Status.INVALID})
UNTOUCHED = frozenset({Status.TRIAGE, Status.CLASSIFIED, Status.DISPATCHED, Status.RETURNED})
ON_CLOCK = ("timed", "on_time")
PAGE = 40


@dataclass(frozen=True, slots=True)
class Question:
    """What a page of figures is asked.

    Attributes:
        population: all workers, or the members: those with a membership on the day of receipt.
    """

    actor: Actor
    period: Period
    at: datetime
    population: str = "all"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: its key in the address, its name and its counts by measure."""

    key: str
    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of one question; the rows of every table add up to the total.

    Attributes:
        needs: the needs (需求) of the period, counted apart, by measure.
        recovered: yuan won back, of the appeals that are answered.
        helped: people helped, likewise.
    """

    cut: Cut
    places: list[Row]
    grades: list[Row]
    classes: list[Row]
    channels: list[Row]
    total: Mapping[str, int]
    needs: Mapping[str, int]
    recovered: Decimal
    helped: int


def measures(at: datetime) -> dict[str, Q]:
    """Measure → the condition of the appeals it counts; `timed` and `on_time` need the state of the closing clock."""
    answered = Q(status__in=[*ANSWERED])
    in_hand, judged = Q(status__in=[*IN_HAND]), ~Q(satisfaction="")
    return {
        "received": Q(),
        "handled": ~Q(status__in=[*UNTOUCHED, *ENDED]),
        "answered": answered,
        "open": in_hand,
        "ended": Q(status__in=[*ENDED]),
        "overdue": in_hand & (Q(is_overdue=True) | Q(next_due_at__lt=at)),
        "timed": answered & Q(closing__in=[ClockState.MET, ClockState.OVERDUE]),
        "on_time": answered & Q(closing=ClockState.MET),
        "local": answered & Q(resolved_level__in=LOCAL_LEVELS),
        "told": answered | judged,
        "judged": judged,
        "content": Q(satisfaction__in=[Satisfaction.SATISFIED, Satisfaction.BASICALLY]),
        "satisfied": Q(satisfaction=Satisfaction.SATISFIED),
        "basically": Q(satisfaction=Satisfaction.BASICALLY),
        "dissatisfied": Q(satisfaction=Satisfaction.NOT),
    }


def overview(question: Question) -> Overview:
    """Everything that the page of figures shows, in six grouped reads."""
    cut = cut_for(question.actor)
    found = appeals_of(question)
    by_place = _counted(cut.placed(with_closing(found)), "row_key", question.at)
    total = total_of(by_place.values())
    sums = found.filter(status__in=[*ANSWERED]).aggregate(won=Sum("recovered_amount"), people=Sum("helped_count"))
    return Overview(
        cut=cut,
        places=_rows(by_place, cut.names(set(by_place))),
        grades=_rows(_grouped(found, "grade", question.at), {grade.value: grade.title_zh for grade in Grade}),
        classes=_rows(_grouped(found, "class", question.at), _class_names()),
        channels=_rows(_grouped(found, "channel", question.at), dict(Channel.choices)),
        total=total or dict.fromkeys(measures(question.at), 0),
        needs=_total(appeals_of(question, kind=Kind.NEED), question.at),
        recovered=sums["won"] or Decimal(0),
        helped=sums["people"] or 0,
    )


def appeals_of(question: Question, *, kind: str = Kind.APPEAL) -> QuerySet[Appeal]:
    """The appeals (or needs) taken in in the period that the actor sees, of the population."""
    period = question.period
    found = Appeal.objects.visible_to(question.actor).filter(
        kind=kind, received_at__gte=period.begins_at, received_at__lt=period.ends_at
    )
    if question.population != "members":
        return found
    day = OuterRef("received_on")
    held = Member.objects.filter(
        Q(until__isnull=True) | Q(until__gt=day), person_id=OuterRef("person_id"), since__lte=day
    )
    return found.annotate(received_on=TruncDate("received_at", tzinfo=SHANGHAI)).filter(Exists(held))


def cases_behind(
    question: Question, *, kind: str, measure: str, group: str, key: str, after: Cursor | None
) -> tuple[list[ListItem], int, str | None]:
    """The cases that one number counts, newest first: a page, how many in all, and the cursor of the next page."""
    found = appeals_of(question, kind=kind)
    if measure in ON_CLOCK:
        found = with_closing(found)
    found = found.filter(measures(question.at)[measure])
    if group in GROUPS:
        found = _keyed(found, group, cut_for(question.actor)).filter(**{group_key(group): key})
    numbers = appeals_for(question.actor).filter(pk__in=found.values("pk"))
    total = numbers.count()
    if after is not None:
        numbers = numbers.filter(Q(received_at__lt=after.moment) | Q(received_at=after.moment, pk__lt=after.id))
    rows = list(numbers.order_by("-received_at", "-id")[: PAGE + 1])
    later = encode_cursor(rows[PAGE - 1].received_at, rows[PAGE - 1].pk) if len(rows) > PAGE else None
    return items_of(rows[:PAGE], question.at), total, later


def row_name(actor: Actor, group: str, key: str) -> str:
    """What the row of a table with this key is called; the key itself when nothing bears it."""
    names: Mapping[str, str] = {}
    if group == "place":
        names = cut_for(actor).names({key})
    elif group == "grade":
        names = {grade.value: grade.title_zh for grade in Grade}
    elif group == "class":
        names = _class_names()
    elif group == "channel":
        names = dict(Channel.choices)
    return names.get(key, key)


def group_key(group: str) -> str:
    """The field or annotation that holds the key of a group's rows."""
    return {"class": "class_key", "place": "row_key"}.get(group, group)


def _keyed(found: QuerySet[Appeal], group: str, cut: Cut | None) -> QuerySet[Appeal]:
    if group == "place" and cut is not None:
        return cut.placed(found)
    if group == "class":
        key = Coalesce(F("category__class_name"), Value(""), output_field=CharField())
        return found.annotate(class_key=key)
    return found


def with_closing(found: QuerySet[Appeal]) -> QuerySet[Appeal]:
    """The appeals with `closing`, the state of their newest closing clock; None without one."""
    newest = Clock.objects.filter(appeal=OuterRef("pk"), name=ClockName.CLOSE).order_by("-id")
    return found.annotate(closing=Subquery(newest.values("state")[:1]))


def _counted(found: QuerySet[Appeal], key: str, at: datetime) -> dict[str, dict[str, int]]:
    wanted = {f"n_{name}": Count("pk", filter=condition) for name, condition in measures(at).items()}
    rows: Any = found.order_by().values(key).annotate(**wanted)
    return {row[key]: {name.removeprefix("n_"): row[name] for name in wanted} for row in rows}


def _grouped(found: QuerySet[Appeal], group: str, at: datetime) -> dict[str, dict[str, int]]:
    """Rows without the clocks' measures, which only the first table shows."""
    wanted = {f"n_{name}": Count("pk", filter=q) for name, q in measures(at).items() if name not in ON_CLOCK}
    key = group_key(group)
    rows: Any = _keyed(found, group, None).order_by().values(key).annotate(**wanted)
    return {row[key]: {name.removeprefix("n_"): row[name] for name in wanted} for row in rows}


def _total(found: QuerySet[Appeal], at: datetime) -> dict[str, int]:
    conditions = {name: q for name, q in measures(at).items() if name not in ON_CLOCK}
    return found.order_by().aggregate(**{name: Count("pk", filter=condition) for name, condition in conditions.items()})


def _class_names() -> dict[str, str]:
    """The five classes in the order of the taxonomy, and the row of what has no category yet."""
    known = dict(Category.objects.values_list("code", "class_name"))  # a code keeps its class in every version
    codes = sorted(known, key=lambda code: (CLASSES.find(code[:2]), code))
    return {**{known[code]: known[code] for code in codes}, "": "未分类"}


def _rows(counted: Mapping[str, Mapping[str, int]], names: Mapping[str, str]) -> list[Row]:
    """A row for every name, empty ones too, then whatever bears no name."""
    keys = [*names, *(key for key in counted if key not in names)]
    return [Row(key, names.get(key, key), counted.get(key, {})) for key in keys]
