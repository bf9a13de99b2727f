"""Write the ledgers of an appeal's clocks and what follows from them. Part of other actions, which lock and record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.models import Clock, ClockEntry, Order
from gongqing.dispatch.rules import clocks as rules
from gongqing.dispatch.rules import ledger
from gongqing.dispatch.rules.ledger import Entry
from gongqing.dispatch.rules.limits import ClockName, Limit, Limits, legal_ceiling, limits_for
from gongqing.lib.times import day_of


def limits_of(appeal: Appeal) -> Limits:
    """The limits that hold for an appeal, by the policy of the day it was entered."""
    category = appeal.category
    if category is None:
        raise ValueError("an appeal without category has no limits")
    return limits_for(
        queries.policy_on(day_of(appeal.entered_at)),
        grade=appeal.grade,
        category_days=category.limit_working_days,
        category=category.code,
        rules=[reason["rule"] for reason in appeal.grade_reasons],
        channel=appeal.channel,
    )


def start_clocks(appeal: Appeal, order: Order, *, by: Actor, at: datetime, is_new_round: bool = False) -> None:
    """Begin the clocks of a new handler: all the first time and on a reopening, else only those it owes anew."""
    limits = limits_of(appeal)
    opening = ledger.opening_entries(
        limits,
        received_at=at if is_new_round else appeal.received_at,
        entered_at=at,
        source=f"期限口径第 {queries.policy_on(day_of(appeal.entered_at)).version} 版",
    )
    for name in ClockName:
        if name not in opening:
            continue
        limit, first = opening[name]
        clock = queries.clock_of(appeal.pk, name)
        if clock is None:
            clock = Clock(appeal=appeal, order=order, name=name, limit=limit.to_json(), source=limit.basis[:200])
            clock.started_at = clock.due_at = first.at
            clock.save(force_insert=True)
            append(clock, [first], by=by, at=at)
            continue
        entries = queries.entries_of(clock)
        if is_new_round:
            fresh = ledger.reopened_entries(entries, at=at, reason="重办，重新起算")
        else:
            fresh = ledger.reassigned_entries(name, entries, at=at, reason="改派，重新起算")
        if fresh:
            clock.order, clock.limit, clock.source = order, limit.to_json(), limit.basis[:200]
            append(clock, fresh, by=by, at=at)
    mirror(appeal)


def append(clock: Clock, fresh: Iterable[Entry], *, by: Actor, at: datetime) -> None:
    """Add lines to a ledger and reckon the clock anew.

    Raises:
        NotAllowed: the ledger cannot take a line.
    """
    entries: list[Entry] = list(queries.entries_of(clock))
    for entry in fresh:
        ledger.check_can_append(entries, entry)
        entries.append(entry)
        ClockEntry.objects.create(
            clock=clock,
            kind=entry.kind.value,
            at=entry.at,
            amount=entry.amount,
            unit=entry.unit.value if entry.unit else "",
            reason=entry.reason,
            source=entry.source,
            by_name=by.name,
        )
    settle(clock, entries, at=at)


def settle(clock: Clock, entries: Sequence[Entry], *, at: datetime) -> None:
    """Write what the ledger says of a clock now: start, deadline, state."""
    limit = Limit.from_json(clock.limit)
    reckoning = rules.reckon(limit, entries, queries.calendar(), at)
    was_open = clock.ended_at is None
    clock.started_at, clock.due_at = reckoning.start.at, reckoning.due_at
    if clock.name == ClockName.CLOSE:
        policy = queries.policy_on(day_of(clock.appeal.entered_at))
        is_extended = any(entry.kind is ledger.EntryKind.EXTEND for entry in entries)
        ceiling = legal_ceiling(policy, clock.appeal.received_at, is_extended=is_extended)
        if reckoning.ended is None and not reckoning.is_paused and clock.appeal.reopened_count == 0:
            clock.due_at = min(clock.due_at, ceiling)
    clock.state = reckoning.state(at).value
    is_open = ledger.is_open(entries)
    clock.ended_at = None if is_open else (reckoning.ended.at if reckoning.ended else at)
    if is_open and not was_open:
        clock.warned, clock.escalated_at = "", None
    clock.save()


def end_clocks(appeal: Appeal, *, names: Iterable[str], by: Actor, at: datetime, reason: str, met: bool) -> None:
    """Stop the open clocks of these names: met, or no longer asked for; a clock that is not open is left alone."""
    with scope.elevated():
        for clock in Clock.objects.filter(appeal=appeal, name__in=list(names)).order_by("id"):
            entries = queries.entries_of(clock)
            if not ledger.is_open(entries):
                continue
            kind = ledger.EntryKind.STOP if met else ledger.EntryKind.CANCEL
            append(clock, [Entry(kind, at, reason=reason)], by=by, at=at)
        mirror(appeal)


def mirror(appeal: Appeal) -> None:
    """Copy the nearest deadlines to the appeal, for lists."""
    open_clocks = list(Clock.objects.filter(appeal=appeal, ended_at__isnull=True))
    running = [clock for clock in open_clocks if clock.state != "paused"]
    close = next((clock for clock in open_clocks if clock.name == ClockName.CLOSE), None)
    last = queries.clock_of(appeal.pk, ClockName.CLOSE)
    appeals.place_appeal(
        appeal,
        due_at=close.due_at if close else (last.due_at if last else None),
        next_due_at=min((clock.due_at for clock in running), default=None),
        is_overdue=any(clock.state == "overdue" for clock in running),
    )


def relimit_clocks(appeal: Appeal, *, by: Actor, at: datetime, reason: str) -> None:
    """Let the open clocks run by the limits of a changed grade or category, from the start that each has had."""
    limits = limits_of(appeal)
    order = queries.main_order(appeal.pk)
    if order is None:
        return
    for name in ClockName:
        limit, clock = limits.of(name), queries.clock_of(appeal.pk, name)
        if limit is None:
            continue
        entries = queries.entries_of(clock) if clock else ()
        if clock is not None and ledger.is_open(entries):
            now = rules.reckon(Limit.from_json(clock.limit), entries, queries.calendar(), at).limit
            if (now.amount, now.unit) != (limit.amount, limit.unit):
                append(
                    clock,
                    [Entry(ledger.EntryKind.RELIMIT, at, limit.amount, limit.unit, reason, limit.basis)],
                    by=by,
                    at=at,
                )
        elif clock is None and name is ClockName.REPORT:
            clock = Clock(appeal=appeal, order=order, name=name, limit=limit.to_json(), source=limit.basis[:200])
            clock.started_at = clock.due_at = at
            clock.save(force_insert=True)
            append(clock, [Entry(ledger.EntryKind.START, at, reason=reason, source=limit.basis)], by=by, at=at)
    mirror(appeal)
