"""What does merging do to the time that appeals have?

Nobody loses time: the lead answers by the earliest deadline of its parts, and a part that is taken out goes on with the
time that it had used before, the time within the case not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gongqing.dispatch.rules.clocks import reckon
from gongqing.dispatch.rules.ledger import Entry, EntryKind, last_round
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.lib.workdays import Calendar

SOURCE = "群体案并案规则"
GOES_ON = "从群体案拆出，按原起算时间接着计时"
NOT_COUNTED = "并案期间不计时"


def amount_until(
    limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime, *, until: datetime
) -> float | None:
    """The largest whole limit of a running clock with which it is due no later than a moment; None when it is so now.

    The least is zero: the end of the day or hour in which the clock began.
    """
    now = reckon(limit, entries, calendar, at)
    if now.due_at <= until:
        return None
    amount = int(now.limit.amount)
    while amount > 0:
        fresh = Entry(EntryKind.RELIMIT, at, amount, now.limit.unit)
        if reckon(limit, [*entries, fresh], calendar, at).due_at <= until:
            return float(amount)
        amount -= 1
    return 0.0


def continued_entries(limit: Limit, entries: Sequence[Entry], calendar: Calendar, *, at: datetime) -> list[Entry]:
    """What is written when a part leaves: the round that merging ended, line by line, the time since then paused.

    A pause in which the part stood at the merging goes on, as long as it had left.

    Raises:
        ValueError: the last round was not ended by a cancelling.
    """
    *lines, stop = last_round(entries)
    if stop.kind is not EntryKind.CANCEL:
        raise ValueError("merging ended no round of this clock")
    before = reckon(limit, entries[:-1], calendar, stop.at)
    start, *turns = lines
    fresh = [replace(start, reason=GOES_ON, source=start.source), *turns]
    stood = before.pauses[-1] if before.is_paused else None
    if _has_unended_pause(turns):
        fresh.append(Entry(EntryKind.RESUME, stop.at, reason="并入时的暂停到此为止"))
    fresh.append(Entry(EntryKind.PAUSE, stop.at, reason=NOT_COUNTED, source=SOURCE))
    fresh.append(Entry(EntryKind.RESUME, at, reason=NOT_COUNTED, source=SOURCE))
    if stood is not None:
        fresh.append(_pause_left(stood.entry, stop.at, calendar, at))
    return fresh


def _has_unended_pause(turns: Sequence[Entry]) -> bool:
    marks = [each.kind for each in turns if each.kind in (EntryKind.PAUSE, EntryKind.RESUME)]
    return bool(marks) and marks[-1] is EntryKind.PAUSE


def _pause_left(pause: Entry, until: datetime, calendar: Calendar, at: datetime) -> Entry:
    """The pause that goes on, shortened by the whole days that it had lasted."""
    left = pause.amount
    if left is not None and pause.unit is Unit.WORKDAYS:
        used = calendar.working_time_between(pause.at, until) // calendar.hours.length
        left = max(0.0, left - used)
    elif left is not None and pause.unit is Unit.NATURAL_DAYS:
        left = max(0.0, left - (until - pause.at).days)
    return replace(pause, at=at, amount=left, reason=f"{pause.reason}（并案前已暂停，接着暂停）"[:200])
