"""The periodic look at every open clock: warn, mark overdue, escalate one step, end pauses that ran out."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals.actions.answering import EVALUATION_DAYS
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import queries
from gongqing.dispatch.actions.extending import resume_order
from gongqing.dispatch.actions.supervising import escalate_appeal, tell
from gongqing.dispatch.actions.timekeeping import measures_of, mirror, standing_of
from gongqing.dispatch.models import Clock
from gongqing.dispatch.queries.clocks import view
from gongqing.dispatch.rules.clocks import ClockState, WarningLevel
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.times import day_of

ESCALATING = (ClockName.SIGN, ClockName.CLOSE)
_ORDER = ("", "half", "fifth", "overdue")


def sweep_clocks(*, at: datetime) -> int:
    """Look at every open clock once; returns how many changed. Running it twice changes nothing the second time."""
    with scope.acting_as(SYSTEM):
        days, policy_of = queries.calendar(), cache(queries.policy_on)
        candidates = Clock.objects.filter(ended_at__isnull=True).select_related("appeal").prefetch_related("entries")
        changed = []
        for clock in candidates.order_by("id").iterator(chunk_size=500):
            seen = view(clock, list(clock.entries.all()), days, at)
            policy = policy_of(day_of(clock.appeal.entered_at))
            stands = standing_of(clock, seen.entries, seen.reckoning, policy, at=at)
            is_news = _ORDER.index(_level(stands.warning)) > _ORDER.index(clock.warned)
            if is_news or stands.state.value != clock.state:
                changed.append((clock.pk, clock.appeal_id))
    return sum(_sweep_one(clock_id, appeal_id, at=at) for clock_id, appeal_id in changed)


def sweep_unevaluated(*, at: datetime) -> int:
    """Archive what nobody judged in fifteen calendar days; returns how many."""
    with scope.acting_as(SYSTEM):
        overdue = Appeal.objects.filter(
            status__in=[Status.RESOLVED, Status.AWAITING_EVALUATION],
            resolved_at__lte=at - timedelta(days=EVALUATION_DAYS),
        )
        numbers = list(overdue.values_list("pk", flat=True))
    for number in numbers:
        with scope.acting_as(SYSTEM):
            appeals.close_unevaluated(appeal_id=number, by=SYSTEM, at=at)
    return len(numbers)


def _sweep_one(clock_id: int, appeal_id: int, *, at: datetime) -> bool:
    """One clock in a transaction of its own: appeal locked first, then looked at again."""
    with transaction.atomic(), scope.acting_as(SYSTEM):
        appeal = Appeal.objects.select_for_update().get(pk=appeal_id)
        clock = Clock.objects.select_for_update().get(pk=clock_id)
        clock.appeal = appeal
        measures = measures_of(appeal)
        seen = view(clock, list(clock.entries.all()), measures.calendar, at)
        stands = standing_of(clock, seen.entries, seen.reckoning, measures.policy, at=at)
        if clock.state == "paused" and stands.state is not ClockState.PAUSED:
            if appeal.status == Status.PAUSED:
                resume_order(appeal_id=appeal.pk, by=SYSTEM, at=at, note="暂停已到最长时限，自动恢复计时")
            return True
        level = _level(stands.warning)
        if stands.state is ClockState.PAUSED or _ORDER.index(level) <= _ORDER.index(clock.warned):
            return False
        clock.warned, clock.state, clock.due_at = level, stands.state.value, stands.due_at
        if level == "overdue":
            clock.escalated_at = at
        clock.save(update_fields=["warned", "state", "due_at", "escalated_at"])
        mirror(appeal)
        _tell(appeal, clock, level, at=at)
    return True


def _tell(appeal: Appeal, clock: Clock, level: str, *, at: datetime) -> None:
    name = ClockName.label_of(clock.name)
    if level == "overdue":
        events.record(
            "appeal.clock_overdue", subject=appeal, by=SYSTEM, at=at, note=f"{name}超过时限", clock=clock.name
        )
        if clock.name in ESCALATING or appeal.grade in ("orange", "red"):
            escalate_appeal(appeal=appeal, clock_name=clock.name, by=SYSTEM, at=at)
    elif level == "fifth":
        events.record(
            "appeal.clock_warned", subject=appeal, by=SYSTEM, at=at, note=f"{name}只剩两成时间", clock=clock.name
        )
    if appeal.handler is not None and level in ("fifth", "overdue"):
        word = "已超时" if level == "overdue" else "快到期"
        tell(appeal, appeal.handler, f"{name}{word}：{appeal.title}", at=at)


def _level(level: WarningLevel) -> str:
    return "" if level is WarningLevel.NONE else level.value
