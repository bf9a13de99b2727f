"""Which appeals does a question ask for, and how many of them meet each measure? Counted as they stand.

Every measure is one condition, used to count, to list and to roll up, so a number and the list behind it cannot differ.
Counting starts from `visible_to` and runs elevated: PostgreSQL would ask row-level security of each case of the city by
itself. What is shown of a case is read in the actor's own scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Coalesce, TruncDate

from gongqing.appeals.models import Access, Appeal, Kind, Satisfaction
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.dispatch.models import Clock, OpenAppeal
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.dispatch.rules.limits import ClockName
from gongqing.insight.queries.places import Cut
from gongqing.insight.rules.indicators import LOCAL_LEVELS, Basis
from gongqing.insight.rules.periods import Period
from gongqing.lib.times import SHANGHAI, day_of
from gongqing.lib.workdays import end_of_day
from gongqing.registry.models import Member, Organisation, Region

POPULATION_WORDS = {"all": "全部职工", "members": "会员"}
IN_HAND = frozenset(OPEN) - ANSWERED
ENDED = frozenset({Status.MERGED, Status.WITHDRAWN, Status.INVALID})
STILL = frozenset({Status.PAUSED, Status.TRACKED})
UNTOUCHED = frozenset({Status.TRIAGE, Status.CLASSIFIED, Status.DISPATCHED, Status.RETURNED})
ON_CLOCK = ("timed", "on_time")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Question:
    """What figures are asked.

    Attributes:
        population: all workers, or the members: those with a membership on the day of receipt.
        basis: by which day a case falls into the period; in hand now needs none.
        area: only what happened in this region, or what is in the sight of this organisation.
        handler_id: only what this organisation itself handles.
    """

    actor: Actor
    period: Period
    at: datetime
    population: str = "all"
    basis: Basis = Basis.RECEIVED
    area: Region | Organisation | None = None
    handler_id: int | None = None

    def on(self, basis: Basis) -> Question:
        """The same question on another basis."""
        return replace(self, basis=basis)


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
        "reopened": Q(reopened_count__gt=0),
        "labour": Q(labour_related=True),
        "urgent": in_hand & Q(grade__in=[Grade.ORANGE.value, Grade.RED.value]),
        "paused": in_hand & Q(status__in=[*STILL]),
    }


def falling_due(at: datetime) -> dict[str, Q]:
    """Measure → the condition of the appeals in hand whose nearest deadline comes; those that stand still have none."""
    today = day_of(at)
    coming = Q(status__in=[*IN_HAND - STILL], is_overdue=False, next_due_at__gte=at)
    week_ends = end_of_day(today + timedelta(days=6 - today.weekday()))
    return {
        "due_today": coming & Q(next_due_at__lte=end_of_day(today)),
        "due_this_week": coming & Q(next_due_at__lte=week_ends),
    }


def appeals_of(
    question: Question, *, kind: str = Kind.APPEAL, seen: QuerySet[Appeal] | None = None
) -> QuerySet[Appeal]:
    """The appeals (or needs) of the question that the actor sees."""
    if seen is None:
        seen = Appeal.objects.visible_to(question.actor)
    found = _within(seen.filter(kind=kind), question.area)
    if question.handler_id is not None:
        found = found.filter(handler_id=question.handler_id)
    if question.basis is Basis.NOW:
        return found.filter(status__in=[*IN_HAND])
    begin, end = question.period.begins_at, question.period.ends_at
    if question.basis is Basis.RESOLVED:
        found = found.filter(status__in=[*ANSWERED], resolved_at__gte=begin, resolved_at__lt=end)
    else:
        found = found.filter(received_at__gte=begin, received_at__lt=end)
    if question.population != "members":
        return found
    return found.annotate(received_on=TruncDate("received_at", tzinfo=SHANGHAI)).filter(is_member())


def counted(
    question: Question,
    by: str | None = None,
    *,
    cut: Cut | None = None,
    kind: str = Kind.APPEAL,
) -> Mapping[str, Counts]:
    """Key → measure → how many, the fen won back and the people helped; one key, "", without `by`."""
    found = keyed(with_closing(appeals_of(question, kind=kind)), by, cut)
    return {str(key): counts for (key,), counts in _grouped(found, ("row_key",), question)}


def overdue(question: Question, by: str | None, *, cut: Cut | None, kind: str) -> Mapping[str, Counts]:
    """Key → how many of those in hand are overdue now."""
    is_late = Q(is_overdue=True) | Q(next_due_at__lt=question.at)
    seen = None
    if not sees_all(question.actor):  # what is in hand lies together, beside whom it is granted to
        with scope.elevated():
            granted = list(OpenAppeal.objects.counted_for(question.actor).filter(is_late).values_list("pk", flat=True))
        among = RawSQL('"appeals_appeal"."id" = ANY(%s::bigint[])', [granted], output_field=BooleanField())
        seen = Appeal.objects.filter(among)
    late = appeals_of(question, kind=kind, seen=seen).filter(is_late)
    # said once: twice, and the planner takes what is in hand for next to nothing and walks all of it
    late = late if question.basis is Basis.NOW else late.filter(status__in=[*IN_HAND])
    found: Any = keyed(late, by, cut).order_by()
    with scope.elevated():
        return {str(row["row_key"]): {"overdue": row["n"]} for row in found.values("row_key").annotate(n=Count("pk"))}


def _grouped(
    found: QuerySet[Appeal], columns: tuple[str, ...], question: Question
) -> list[tuple[tuple[Any, ...], Counts]]:
    conditions = measures(question.at)
    wanted: dict[str, Any] = {f"n_{name}": Count("pk", filter=condition) for name, condition in conditions.items()}
    answered = conditions["answered"]
    wanted["n_recovered"] = Sum("recovered_amount", filter=answered)
    wanted["n_helped"] = Sum("helped_count", filter=answered)
    grouped: Any = found.order_by()
    rows = grouped.values(*columns).annotate(**wanted)
    with scope.elevated():
        return [
            (
                tuple(row[column] for column in columns),
                {name.removeprefix("n_"): _whole(name, row[name]) for name in wanted},
            )
            for row in rows
        ]


def _whole(name: str, number: Any) -> int:
    return int((number or 0) * 100) if name == "n_recovered" else int(number or 0)


def keyed(found: QuerySet[Appeal], by: str | None, cut: Cut | None = None) -> QuerySet[Appeal]:
    """The appeals with `row_key`: the key of the row in which each stands."""
    if by == "area" and cut is not None:
        return cut.placed(found)
    if by == "class":
        return found.annotate(row_key=Coalesce(F("category__class_name"), Value(""), output_field=CharField()))
    if by == "category":
        return found.annotate(row_key=Coalesce(F("category__code"), Value(""), output_field=CharField()))
    if by == "handler":
        return found.annotate(row_key=Coalesce(Cast("handler_id", CharField()), Value("")))
    if by == "day":
        return found.annotate(row_key=Cast(TruncDate("received_at", tzinfo=SHANGHAI), CharField()))
    if by == "resolved_day":
        return found.annotate(row_key=Cast(TruncDate("resolved_at", tzinfo=SHANGHAI), CharField()))
    if by in ("grade", "channel"):
        return found.annotate(row_key=F(by))
    return found.annotate(row_key=Value(""))


def of_row(found: QuerySet[Appeal], by: str, key: str, cut: Cut | None = None) -> QuerySet[Appeal]:
    """The appeals of one row."""
    return keyed(found, by, cut).filter(Q(row_key=key))


def with_closing(found: QuerySet[Appeal]) -> QuerySet[Appeal]:
    """The appeals with `closing`, the state of their newest closing clock; None without one."""
    newest = Clock.objects.filter(appeal=OuterRef("pk"), name=ClockName.CLOSE).order_by("-id")
    return found.annotate(closing=Subquery(newest.values("state")[:1]))


def _within(found: QuerySet[Appeal], area: Region | Organisation | None) -> QuerySet[Appeal]:
    if isinstance(area, Region):
        return found.filter(region__code__startswith=area.code)
    if area is not None:
        below = Access.objects.filter(path__gte=area.path, path__lt=area.path[:-1] + "0", until__isnull=True)
        return found.filter(pk__in=below.values("appeal_id"))
    return found


def is_member() -> Q:
    """Whether the person held a membership on the day of receipt."""
    day = OuterRef("received_on")
    held = Member.objects.filter(
        Q(until__isnull=True) | Q(until__gt=day), person_id=OuterRef("person_id"), since__lte=day
    )
    return Q(Exists(held))
