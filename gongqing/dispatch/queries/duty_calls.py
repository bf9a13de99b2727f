"""Who was called about an appeal, who answered, and how fast?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongqing.appeals.models import Appeal
from gongqing.appeals.models.appeals import Sight, sight_of
from gongqing.appeals.rules.statuses import ANSWERED, OPEN
from gongqing.appeals.rules.suspicion import HEARD_AGAIN, RULE
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.models import Event
from gongqing.audit.reading import Asking, Prepared
from gongqing.dispatch.models import DutyCall, DutyLink
from gongqing.dispatch.rules import duty
from gongqing.dispatch.rules.permissions import stands_above

FIGURE_DAYS = 30
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call as the pages write it.

    Attributes:
        took: from this call to its answer; None while there is none.
        state: `open`, `late` (its time is over and nobody is left), `answered`, `passed` or `stopped`.
    """

    call: DutyCall
    whom: str
    state: str
    took: timedelta | None
    can_answer: bool


@dataclass(frozen=True, slots=True)
class CallFigures:
    """The calls of the last thirty days in one's view.

    Attributes:
        count: all calls; matters: the appeals that they were about.
        asked: calls that were answered or ran out of time; in_time: those of them answered in time.
        median_minutes: from the first call about a matter to its answer, over the answered ones.
    """

    count: int
    matters: int
    asked: int
    in_time: int
    answered: int
    median_minutes: float | None


def calls_for(actor: Actor) -> QuerySet[DutyCall]:
    """The calls about appeals that the actor sees."""
    found = DutyCall.objects.filter(appeal__in=Appeal.objects.visible_to(actor))
    return found.select_related("appeal", "organisation", "user")


def open_calls(actor: Actor, at: datetime) -> list[CallRow]:
    """The calls that wait for an answer, the oldest first."""
    found = calls_for(actor).filter(answered_at__isnull=True, passed_on_at__isnull=True).order_by("called_at")
    return [row_of(call, actor, at) for call in found]


def recent_calls(actor: Actor, at: datetime) -> list[CallRow]:
    """The calls of the last thirty days that are over, newest first, a hundred at most."""
    found = calls_for(actor).filter(called_at__gte=at - timedelta(days=FIGURE_DAYS)).order_by("-called_at", "-id")
    closed = found.exclude(answered_at__isnull=True, passed_on_at__isnull=True)
    return [row_of(call, actor, at) for call in closed[:MOST_LISTED]]


def calls_of(appeal_id: int, actor: Actor, at: datetime) -> list[CallRow]:
    """Every call about one appeal, oldest first."""
    shape, sight = sight_of(actor)
    return [row_of(call, actor, at) for call in _about.all(appeal_id, *sight, shape=shape)]


def asked_of_calls(appeal_id: int, actor: Actor) -> Asking[DutyCall]:
    """What `calls_of` asks, to be asked together with others."""
    shape, sight = sight_of(actor)
    return _about(appeal_id, *sight, shape=shape)


@Prepared
def _about(shape: Sight, appeal_id: int, *sight: int | str) -> QuerySet[DutyCall]:
    found = DutyCall.objects.filter(appeal_id=appeal_id, appeal__in=Appeal.objects.in_sight(shape, *sight))
    return found.select_related("organisation", "user").order_by("id")


def call_numbered(call_id: int, actor: Actor) -> DutyCall | None:
    """One call in the actor's view."""
    return calls_for(actor).filter(pk=call_id).first()


def figures(actor: Actor, at: datetime) -> CallFigures:
    """How the calls of the last thirty days were answered."""
    since = at - timedelta(days=FIGURE_DAYS)
    found = list(calls_for(actor).filter(called_at__gte=since, called_at__lte=at).order_by("appeal_id", "id"))
    asked = [call for call in found if call.answered_at is not None or (call.answer_by <= at and not _is_stopped(call))]
    in_time = [call for call in asked if call.answered_at is not None and call.answered_at <= call.answer_by]
    firsts: dict[tuple[int, int], datetime] = {}
    waits = []
    for call in found:
        first = firsts.setdefault((call.appeal_id, call.round), call.called_at)
        if call.answered_at is not None:
            waits.append((call.answered_at - first).total_seconds() / 60)
    return CallFigures(
        count=len(found),
        matters=len({call.appeal_id for call in found}),
        asked=len(asked),
        in_time=len(in_time),
        answered=len(waits),
        median_minutes=median(waits) if waits else None,
    )


def link_with(digest: str) -> DutyLink | None:
    """The link of this digest with its call; for a door that has nobody signed in."""
    with scope.elevated():
        return DutyLink.objects.select_related("call__organisation", "call__user", "user").filter(digest=digest).first()


def uncalled(*, since: datetime, until: datetime) -> dict[int, bool]:
    """The appeals of which something happened in this time that somebody is called for, and nobody was called since.

    Each with whether it is called about although it is being handled. Grade and danger are looked at as they are now;
    `call_duty` decides.
    """
    called = DutyCall.objects.filter(appeal_id=OuterRef("subject_id"), called_at__gte=OuterRef("at"))
    suspected = Q(status__in=HEARD_AGAIN, grade_reasons__contains=[{"rule": RULE}])
    urgent = Appeal.objects.filter(Q(grade="red") | Q(needs_call_back=True) | suspected, status__in=OPEN - ANSWERED)
    happened = Event.objects.filter(subject_kind="appeal", kind__in=duty.CALLED_AFTER, at__gt=since, at__lte=until)
    found: dict[int, bool] = {}
    rows = happened.filter(Exists(urgent.filter(pk=OuterRef("subject_id"))), ~Exists(called)).order_by("id")
    for appeal_id, kind in rows.values_list("subject_id", "kind"):
        if appeal_id is not None:
            found[appeal_id] = found.get(appeal_id, False) or kind == duty.BECAME_WORSE
    return found


def open_call_of(appeal_id: int) -> DutyCall | None:
    """The call about an appeal that waits for an answer."""
    return _open_call.first(appeal_id)


@Prepared
def _open_call(_: None, appeal_id: int) -> QuerySet[DutyCall]:
    found = DutyCall.objects.filter(appeal_id=appeal_id, answered_at__isnull=True, passed_on_at__isnull=True)
    return found.select_related("organisation", "user").order_by("pk")[:1]


def why_no_answer(call: DutyCall) -> str:
    """Why nobody has to answer this call any more; empty while the matter still waits for somebody."""
    with scope.elevated():
        if open_call_of(call.appeal_id) is not None:
            return ""
        of_the_matter = DutyCall.objects.filter(appeal_id=call.appeal_id, answered_at__isnull=False)
        answered = of_the_matter.order_by("-id").first()
    if answered is not None and answered.round == call.round:
        return f"{answered.answered_by_name}已经应答，您不用再处理。"
    return "这件事已经不需要应答。"


def may_answer(call: DutyCall, actor: Actor) -> bool:
    """Who was called, or who belongs to the organisation that was, or stands above it."""
    if not actor.is_staff or actor.role not in duty.DUTY_ROLES:
        return False
    is_own = actor.user_id == call.user_id or actor.organisation_id == call.organisation_id
    return is_own or stands_above(actor, call.organisation.path)


def row_of(call: DutyCall, actor: Actor, at: datetime) -> CallRow:
    """One call as the pages write it, for this reader."""
    is_open = call.answered_at is None and call.passed_on_at is None
    state = "answered" if call.answered_at else "stopped" if _is_stopped(call) else "passed"
    if is_open:
        state = "late" if call.answer_by <= at else "open"
    return CallRow(
        call=call,
        whom=call.user.name if call.user else duty.RANK_WORDS.get(call.rank, ""),
        state=state,
        took=call.answered_at - call.called_at if call.answered_at else None,
        can_answer=is_open and may_answer(call, actor),
    )


def called_in(calls: Sequence[DutyCall]) -> list[duty.Called]:
    """Calls as the rules see them."""
    return [duty.Called(call.organisation_id, call.user_id, call.rank) for call in calls]


def _is_stopped(call: DutyCall) -> bool:
    """Did the call end because nobody had to answer any more?"""
    return call.passed_on_at is not None and call.passed_on_at < call.answer_by
