"""The periodic look at the clocks: warn, mark overdue, climb the ladder, end pauses that ran out.

Only clocks whose next look is due are read. They are worked off in slices of a transaction each, so that pages never
wait long for a row, and what another transaction holds is left for the next minute.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from django.db import connection, transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals.actions.answering import EVALUATION_DAYS
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import queries
from gongqing.dispatch.actions.climbing import Climb, Climbing
from gongqing.dispatch.actions.digesting import remind, reminder_of, send_digests
from gongqing.dispatch.actions.extending import resume_order
from gongqing.dispatch.actions.sweeping_calm import CalmSweep
from gongqing.dispatch.models import Clock, ReminderKind, Supervision
from gongqing.dispatch.queries.ladder import appeals_to_look_at, ledgers_of, unanswered_supervisions
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.dispatch.rules.ladder import Rung
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import ClockName, Limit, ceiling_of
from gongqing.dispatch.rules.looking import look
from gongqing.lib.remembering import remembering
from gongqing.lib.times import day_of

SLICE = 200
CALM = 1_000
TRY_AGAIN_AFTER = timedelta(hours=1)
_WRITE = """
UPDATE dispatch_clock AS c
SET warned = v.warned, state = v.state, due_at = v.due_at, escalated_at = v.escalated_at, next_look_at = v.next_look_at
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[])
     AS v (id, warned, state, due_at, escalated_at, next_look_at)
WHERE c.id = v.id
"""
_log = logging.getLogger(__name__)


def sweep_clocks(*, at: datetime, budget: timedelta | None = None) -> int:
    """Look at every clock whose time has come; returns how many changed. Running it twice changes nothing more.

    Args:
        budget: no new slice is begun when so much time has passed; the rest is for the next run.
    """
    until = monotonic() + budget.total_seconds() if budget else None
    with scope.acting_as(SYSTEM):
        waiting = appeals_to_look_at(at)
    changed = 0
    for left, calm in _calm_first(waiting, until, at=at):
        changed += calm
        for first in range(0, len(left), SLICE):
            if until is not None and monotonic() > until:
                break
            changed += _sweep_slice(left[first : first + SLICE], at=at)
    _tell_unanswered(at=at)
    send_digests(at=at)
    return changed


def _calm_first(waiting: Sequence[int], until: float | None, *, at: datetime) -> Iterator[tuple[Sequence[int], int]]:
    """The appeals to be swept in slices, and how many clocks of others changed: where many wait, most are calm."""
    if len(waiting) <= SLICE:
        yield waiting, 0
        return
    calm = CalmSweep(at)
    for first in range(0, len(waiting), CALM):
        if until is not None and monotonic() > until:
            return
        some = waiting[first : first + CALM]
        try:
            changed, left = calm.sweep(some)
        except Exception:
            _log.exception("clocks of %s appeals could not be swept together", len(some))
            changed, left = 0, list(some)
        yield left, changed


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


def relook_clocks(*, clock_ids: Sequence[int] | None = None) -> int:
    """Let the next sweep reckon these open clocks anew, or all: the calendar or the limits have changed."""
    with scope.elevated():
        found = Clock.objects.filter(ended_at__isnull=True)
        if clock_ids is not None:
            found = found.filter(pk__in=list(clock_ids))
        return found.update(next_look_at=None)


def _sweep_slice(appeal_ids: Sequence[int], *, at: datetime) -> int:
    """Some appeals in one transaction. One that cannot be reckoned holds nobody else up: it is tried again later."""
    try:
        with transaction.atomic(), scope.acting_as(SYSTEM), remembering(), events.written_together():
            return _sweep_locked(_locked(appeal_ids), at=at)
    except Exception:
        if len(appeal_ids) > 1:
            return sum(_sweep_slice([number], at=at) for number in appeal_ids)
        _log.exception("clocks of appeal %s could not be swept", appeal_ids[0])
        with scope.acting_as(SYSTEM):
            stuck = Clock.objects.filter(appeal_id=appeal_ids[0], ended_at__isnull=True)
            stuck.update(next_look_at=at + TRY_AGAIN_AFTER)
        return 0


def _locked(appeal_ids: Sequence[int]) -> dict[int, Appeal]:
    """The appeals, locked; those that somebody else holds are left out."""
    free = Appeal.objects.select_for_update(skip_locked=True, no_key=True, of=("self",)).filter(pk__in=appeal_ids)
    found = free.select_related("handler", "region").defer("text", "grade_reasons", "category_words").order_by("pk")
    return {appeal.pk: appeal for appeal in found}


@dataclass(slots=True)
class _Looked:
    """A clock that was looked at, and what it said before."""

    clock: Clock
    before: tuple[str, str, datetime]

    @property
    def has_changed(self) -> bool:
        return self.before != (self.clock.warned, self.clock.state, self.clock.due_at)


def _sweep_locked(found: dict[int, Appeal], *, at: datetime) -> int:
    climbing = Climbing(at)
    by_appeal: dict[int, list[_Looked]] = {}
    resumed = set()
    open_clocks = list(Clock.objects.filter(appeal_id__in=found, ended_at__isnull=True).order_by("appeal_id", "id"))
    ledgers = ledgers_of([clock.pk for clock in open_clocks])
    for clock in open_clocks:
        appeal = clock.appeal = found[clock.appeal_id]
        looked = _Looked(clock, (clock.warned, clock.state, clock.due_at))
        rungs = _look(clock, ledgers[clock.pk], at=at)
        if looked.before[1] == ClockState.PAUSED != clock.state and appeal.status == Status.PAUSED:
            resumed.add(appeal.pk)
        by_appeal.setdefault(appeal.pk, []).append(looked)
        if rungs:
            climbing.climbs.append(Climb(appeal, clock, rungs))
    for number in sorted(resumed):
        resume_order(appeal_id=number, by=SYSTEM, at=at, note="暂停已到最长时限，自动恢复计时")
    kept = {number: clocks for number, clocks in by_appeal.items() if number not in resumed}
    climbing.climbs = [climb for climb in climbing.climbs if climb.appeal.pk in kept]
    _save([each for clocks in kept.values() for each in clocks])
    appeals.mirror_deadlines(list(_mirrors(found, kept)))
    climbing.write()
    return len(resumed) + sum(each.has_changed for clocks in kept.values() for each in clocks)


def _look(clock: Clock, entries: Sequence[Entry], *, at: datetime) -> list[Rung]:
    """Reckon a clock anew and put on it what it says; returns the rungs that it has climbed, lowest first."""
    calendar, policy = queries.calendar(), queries.policy_on(day_of(clock.appeal.entered_at))
    ceiling = ceiling_of(
        policy,
        clock.name,
        received_at=clock.appeal.received_at,
        is_extended=any(entry.kind is EntryKind.EXTEND for entry in entries),
        is_reopened=clock.appeal.reopened_count > 0,
    )
    limit, carded_at = Limit.from_json(clock.limit), clock.escalated_at
    seen = look(limit, entries, calendar, at, ceiling=ceiling, warned=clock.warned, carded_at=carded_at)
    clock.state, clock.due_at, clock.warned = seen.state.value, seen.due_at, seen.warned
    clock.escalated_at, clock.next_look_at = seen.carded_at(carded_at, at), seen.next_look_at
    return list(seen.climbed)


def _save(looked: Sequence[_Looked]) -> None:
    clocks = [each.clock for each in looked]
    names = ("pk", "warned", "state", "due_at", "escalated_at", "next_look_at")
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [[getattr(clock, name) for clock in clocks] for name in names])


def _mirrors(found: dict[int, Appeal], kept: dict[int, list[_Looked]]) -> Iterator[appeals.Deadlines]:
    """The deadlines of the appeals whose lists would say something else now."""
    for number, looked in kept.items():
        appeal, clocks = found[number], [each.clock for each in looked]
        running = [clock for clock in clocks if clock.state != ClockState.PAUSED]
        now = appeals.Deadlines(
            number,
            next((clock.due_at for clock in reversed(clocks) if clock.name == ClockName.CLOSE), appeal.due_at),
            min((clock.due_at for clock in running), default=None),
            any(clock.state == ClockState.OVERDUE for clock in running),
        )
        if (now.due_at, now.next_due_at, now.is_overdue) != (appeal.due_at, appeal.next_due_at, appeal.is_overdue):
            yield now


def _tell_unanswered(*, at: datetime) -> None:
    """Whoever sent a supervision order reads once that its time has passed without an answer."""
    with scope.acting_as(SYSTEM):
        late = unanswered_supervisions().filter(due_at__lt=at, late_told_at__isnull=True)
        found = list(late.select_for_update(of=("self",), skip_locked=True).select_related("appeal")[:1000])
        told = [one for one in found if one.organisation_id is not None]
        remind(
            reminder_of(one.appeal, ReminderKind.UNANSWERED, at=at, organisation_id=one.organisation_id) for one in told
        )
        Supervision.objects.filter(pk__in=[one.pk for one in found]).update(late_told_at=at)
