"""What did the second reader say of an appeal, and how much of it was used?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Sum

from gongqing.appeals.models import Appeal, CallOutcome, Category, ReaderCall
from gongqing.appeals.queries import categories
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.second_reading import RESTS_AFTER, RESTS_FOR
from gongqing.audit import scope
from gongqing.lib.times import day_of
from gongqing.lib.workdays import start_of_day

ASKED = (
    CallOutcome.ANSWERED,
    CallOutcome.MALFORMED,
    CallOutcome.LATE,
    CallOutcome.UNREACHABLE,
    CallOutcome.REFUSED,
)
FAILED = frozenset({CallOutcome.LATE, CallOutcome.UNREACHABLE, CallOutcome.REFUSED, CallOutcome.OUTSIDE})


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of the second reader in some days."""

    calls: int
    tokens_in: int
    tokens_out: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """What the second reader holds of an appeal, as it is shown to whoever confirms.

    Attributes:
        category: None where it gave no usable answer; `fault` says why, in words.
        agrees: with the first reader's category.
        grade: in words, only where it is above ours.
    """

    category: Category | None
    second: Category | None
    agrees: bool
    labour: bool | None
    grade: str
    evidence: tuple[str, ...]
    model: str
    fault: str


def second_opinion(appeal: Appeal) -> SecondOpinion | None:
    """What the second reader said of an appeal that the caller may see; None where it was not asked."""
    call = ReaderCall.objects.filter(appeal=appeal).first()
    if call is None:
        return None
    known = {each.code: each for each in categories(day_of(appeal.entered_at))}
    return SecondOpinion(
        category=known.get(call.code),
        second=known.get(call.second_code),
        agrees=appeal.category is not None and appeal.category.code == call.code,
        labour=call.labour,
        grade=Grade(call.grade).title_zh if call.grade else "",
        evidence=tuple(call.evidence),
        model=call.model,
        fault="" if call.outcome == CallOutcome.ANSWERED else call.get_outcome_display(),
    )


def day_so_far(at: datetime) -> Used:
    """What was used on the calendar day of a moment."""
    return used_since(start_of_day(day_of(at)))


def used_since(moment: datetime) -> Used:
    """What was used since a moment; calls that were not made count nothing."""
    with scope.elevated():
        found = ReaderCall.objects.filter(at__gte=moment, outcome__in=ASKED).aggregate(
            calls=Count("id"), tokens_in=Sum("tokens_in"), tokens_out=Sum("tokens_out"), cost=Sum("cost")
        )
    return Used(found["calls"], found["tokens_in"] or 0, found["tokens_out"] or 0, found["cost"] or Decimal(0))


def is_resting(at: datetime) -> bool:
    """Whether the last calls all failed a moment ago, so that it is left alone for a while."""
    made = ReaderCall.objects.filter(outcome__in=[*ASKED, CallOutcome.OUTSIDE]).order_by("-id")
    last = list(made.values_list("outcome", "at")[:RESTS_AFTER])
    return len(last) == RESTS_AFTER and all(each in FAILED for each, _ in last) and at - last[0][1] < RESTS_FOR


def outcome_counts(first: date, last: date) -> list[tuple[str, int]]:
    """How many questions came to what from one day to another, in words, the most frequent first."""
    with scope.elevated():
        found = ReaderCall.objects.filter(
            at__gte=start_of_day(first), at__lt=start_of_day(last + timedelta(days=1))
        ).values_list("outcome")
        counted = list(found.annotate(count=Count("id")).order_by("-count", "outcome"))
    return [(CallOutcome(outcome).label, count) for outcome, count in counted]
