"""Write the ledgers of an appeal's clocks and what follows from them. Part of other actions, which lock and record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope, writing
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.models import Clock, ClockEntry, Order
from gongqing.dispatch.rules import clocks as rules
from gongqing.dispatch.rules import ladder, ledger
from gongqing.dispatch.rules.ledger import Entry
from gongqing.dispatch.rules.limits import ClockName, Limit, Limits, Policy, ceiling_of, limits_for
from gongqing.dispatch.rules.looking import Beginnings
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar

_BEGINNINGS = "dispatch.beginnings"
RECKONED = ("started_at", "due_at", "state", "ended_at", "warned", "escalated_at", "next_look_at")


@dataclass(frozen=True, slots=True)
class Measures:
    """What an appeal's time is counted by: the calendar and the limits of the day it was entered, read once."""

    calendar: Calendar
    policy: Policy


def measures_of(appeal: Appeal) -> Measures:
    """The calendar of today and the limits in force when the appeal was entered."""
    return Measures(queries.calendar(), queries.policy_on(day_of(appeal.entered_at)))


def limits_of(appeal: Appeal, policy: Policy | None = None) -> Limits:
    """The limits that hold for an appeal, by the policy of the day it was entered."""
    category = appeal.category
    if category is None:
        raise ValueError("an appeal without category has no limits")
    return limits_for(
        policy or queries.policy_on(day_of(appeal.entered_at)),
        grade=appeal.grade,
        category_days=category.limit_working_days,
        category=category.code,
        rules=[reason["rule"] for reason in appeal.grade_reasons],
        channel=appeal.channel,
        hotline_kind=appeal.hotline_kind,
    )


def start_clocks(appeal: Appeal, order: Order, *, by: Actor, at: datetime, is_new_round: bool = False) -> None:
    """Begin the clocks of a new handler: all the first time and on a reopening, else only those it owes anew."""
    measures = measures_of(appeal)
    opening = ledger.opening_entries(
        limits_of(appeal, measures.policy),
        received_at=at if is_new_round else appeal.received_at,
        entered_at=at,
        source=f"期限口径第 {measures.policy.version} 版",
    )
    ledgers = _ledgers(appeal)
    if not ledgers:
        _start_all(appeal, order, opening, measures, by=by, at=at)
        return
    for name, (limit, first) in opening.items():
        held = next((each for each in reversed(ledgers) if each.clock.name == name), None)
        if held is None:
            _start_all(appeal, order, {name: (limit, first)}, measures, by=by, at=at)
            continue
        clock, entries = held.clock, held.entries
        if is_new_round:
            fresh = ledger.reopened_entries(entries, at=at, reason="重办，重新起算")
        else:
            fresh = ledger.reassigned_entries(name, entries, at=at, reason="改派，重新起算")
        if fresh:
            clock.order, clock.limit, clock.source = order, limit.to_json(), limit.basis[:200]
            writing.save(clock, ["order", "limit", "source"])
            append(clock, fresh, by=by, at=at, measures=measures)
    mirror(appeal)


def _start_all(
    appeal: Appeal,
    order: Order,
    opening: Mapping[ClockName, tuple[Limit, Entry]],
    measures: Measures,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """New clocks with their first lines."""
    kept = _kept_ledgers(appeal)
    for name, (limit, first) in opening.items():
        clock = Clock(appeal=appeal, order=order, name=name, limit=limit.to_json(), source=limit.basis[:200])
        reckoning = _begin(clock, limit, first, measures, at=at)
        writing.insert(clock)
        writing.insert(_line(clock, first, by))
        if kept is not None:
            kept.append(queries.Ledger(clock, [first], (at, reckoning)))
    mirror(appeal)


def _begin(clock: Clock, limit: Limit, first: Entry, measures: Measures, *, at: datetime) -> rules.Reckoning:
    """Put start, deadline and state on a new clock; in a block that starts many, those alike are reckoned once."""
    kept = writing.kept()
    if kept is None or first.kind is not ledger.EntryKind.START or first.limit is not None:
        return _reckon(clock, [first], measures, at=at)
    known: Beginnings = kept.get(_BEGINNINGS) or Beginnings(measures.calendar, at)
    if known.calendar is not measures.calendar or known.at != at:
        known = Beginnings(measures.calendar, at)
    kept[_BEGINNINGS] = known
    found = known.of(limit, first, ceiling=_ceiling_of(clock, [first], measures.policy))
    clock.started_at, clock.due_at, clock.state = first.at, found.standing.due_at, found.standing.state.value
    clock.next_look_at = found.next_look_at
    return found.reckoning


def append(clock: Clock, fresh: Iterable[Entry], *, by: Actor, at: datetime, measures: Measures | None = None) -> None:
    """Add lines to a ledger and reckon the clock anew.

    Raises:
        NotAllowed: the ledger cannot take a line.
    """
    kept = _kept_ledgers(clock.appeal)
    held = next((each for each in kept or () if each.clock.pk == clock.pk), None)
    entries: list[Entry] = held.entries if held else list(queries.entries_of(clock))
    for entry in fresh:
        ledger.check_can_append(entries, entry)
        entries.append(entry)
        writing.insert(_line(clock, entry, by))
    settle(clock, entries, at=at, measures=measures)


def _ledgers(appeal: Appeal) -> list[queries.Ledger]:
    """The clocks of an appeal with their lines, oldest first; read once in a block that writes together."""
    kept = writing.kept()
    if kept is not None and ("ledgers", appeal.pk) in kept:
        known: list[queries.Ledger] = kept["ledgers", appeal.pk]
        return known
    ledgers: list[queries.Ledger] = []
    if not appeal._state.adding:
        ledgers = queries.ledgers_of(appeal.pk)
        for each in ledgers:
            each.clock.appeal = appeal
    if kept is not None:
        kept["ledgers", appeal.pk] = appeal.in_hand = ledgers
    return ledgers


def _kept_ledgers(appeal: Appeal) -> list[queries.Ledger] | None:
    return _ledgers(appeal) if writing.is_together() else None


def settle(clock: Clock, entries: Sequence[Entry], *, at: datetime, measures: Measures | None = None) -> None:
    """Write what the ledger says of a clock now: start, deadline, state."""
    _reckon(clock, entries, measures or measures_of(clock.appeal), at=at)
    writing.save(clock, RECKONED)


def _line(clock: Clock, entry: Entry, by: Actor) -> ClockEntry:
    return ClockEntry(
        clock_id=clock.pk,
        kind=entry.kind.value,
        at=entry.at,
        amount=entry.amount,
        unit=entry.unit.value if entry.unit else "",
        reason=entry.reason,
        source=entry.source,
        by_name=by.name,
    )


def standing_of(
    clock: Clock, entries: Sequence[Entry], reckoning: rules.Reckoning, policy: Policy, *, at: datetime
) -> rules.Standing:
    """How a clock of an appeal stands now, under the legal ceiling where one holds."""
    return rules.standing(reckoning, at, ceiling=_ceiling_of(clock, entries, policy))


def _ceiling_of(clock: Clock, entries: Sequence[Entry], policy: Policy) -> datetime | None:
    return ceiling_of(
        policy,
        clock.name,
        received_at=clock.appeal.received_at,
        is_extended=any(entry.kind is ledger.EntryKind.EXTEND for entry in entries),
        is_reopened=clock.appeal.reopened_count > 0,
    )


def _reckon(clock: Clock, entries: Sequence[Entry], measures: Measures, *, at: datetime) -> rules.Reckoning:
    """Put start, deadline, state and end on the clock; the closing clock never passes the legal ceiling."""
    reckoning = rules.reckon(Limit.from_json(clock.limit), entries, measures.calendar, at)
    was_open, is_open = clock.ended_at is None, ledger.is_open(entries)
    stands = standing_of(clock, entries, reckoning, measures.policy, at=at)
    clock.started_at, clock.due_at, clock.state = reckoning.start.at, stands.due_at, stands.state.value
    clock.ended_at = None if is_open else (reckoning.ended.at if reckoning.ended else at)
    if is_open and not was_open:
        clock.warned, clock.escalated_at = "", None
    if is_open:
        clock.warned = ladder.lowered(clock.warned, stands, measures.calendar, at, carded_at=clock.escalated_at)
        clock.escalated_at = clock.escalated_at if ladder.height(clock.warned) >= ladder.CARDED else None
    clock.next_look_at = ladder.next_look_at(reckoning, stands, measures.calendar, at, carded_at=clock.escalated_at)
    return reckoning


def end_clocks(appeal: Appeal, *, names: Iterable[str], by: Actor, at: datetime, reason: str, met: bool) -> None:
    """Stop the open clocks of these names: met, or no longer asked for; a clock that is not open is left alone."""
    with scope.elevated():
        measures = measures_of(appeal)
        kind = ledger.EntryKind.STOP if met else ledger.EntryKind.CANCEL
        wanted = set(names)
        for clock in [each.clock for each in _ledgers(appeal)]:
            if clock.name in wanted and clock.ended_at is None:
                append(clock, [Entry(kind, at, reason=reason)], by=by, at=at, measures=measures)
        mirror(appeal)


def mirror(appeal: Appeal) -> None:
    """Copy the nearest deadlines to the appeal, for lists."""
    kept = _kept_ledgers(appeal)
    clocks = list(Clock.objects.filter(appeal=appeal).order_by("id")) if kept is None else [each.clock for each in kept]
    running = [clock for clock in clocks if clock.ended_at is None and clock.state != "paused"]
    closing = [clock for clock in clocks if clock.name == ClockName.CLOSE]
    appeals.place_appeal(
        appeal,
        due_at=closing[-1].due_at if closing else None,
        next_due_at=min((clock.due_at for clock in running), default=None),
        is_overdue=any(clock.state == "overdue" for clock in running),
    )


def relimit_clocks(appeal: Appeal, *, by: Actor, at: datetime, reason: str) -> None:
    """Let the open clocks run by the limits of a changed grade or category, from the start that each has had."""
    limits = limits_of(appeal)
    order = queries.main_order(appeal.pk)
    if order is None:
        return
    ledgers = _ledgers(appeal)
    for name in ClockName:
        limit = limits.of(name)
        if limit is None:
            continue
        held = next((each for each in reversed(ledgers) if each.clock.name == name), None)
        if held is not None and ledger.is_open(held.entries):
            now = rules.reckon(Limit.from_json(held.clock.limit), held.entries, queries.calendar(), at).limit
            if (now.amount, now.unit) != (limit.amount, limit.unit):
                append(
                    held.clock,
                    [Entry(ledger.EntryKind.RELIMIT, at, limit.amount, limit.unit, reason, limit.basis)],
                    by=by,
                    at=at,
                )
        elif held is None and name is ClockName.REPORT:
            first = Entry(ledger.EntryKind.START, at, reason=reason, source=limit.basis)
            _start_all(appeal, order, {name: (limit, first)}, measures_of(appeal), by=by, at=at)
    mirror(appeal)
