"""Where does a time limit stand: when is it due, how much is left, is it met, and does it warn?

A clock is an append-only ledger of entries; everything is reckoned anew from it, so a changed calendar or policy moves
the deadline of an open clock without losing a pause. One ledger may hold several rounds (each phase report, a
reopening): a start opens a round, a stop or a cancel ends it, and the questions here are about the last round.

What counts, by unit: working days from the working day after the start, each ending at 24:00; working hours in
working time from the start; natural minutes and hours from the start; natural days from the next day, each ending at
24:00. A pause takes out the counted time that passes in it; what it takes from a limit in days is rounded up, all
pauses together, to whole days, so that such a limit always ends at 24:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cache, cached_property
from math import ceil

from gongqing.dispatch.rules.ledger import Entry, EntryKind, is_open, last_round
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.lib.choices import Choice
from gongqing.lib.times import day_of, local
from gongqing.lib.workdays import Calendar, end_of_day, start_of_day

HALF, FIFTH = 0.5, 0.2
_NOTHING = timedelta(0)
_INSTANT = timedelta(microseconds=1)
_IN_WORKING_TIME = frozenset({Unit.WORKDAYS, Unit.WORKING_HOURS})
IN_DAYS = frozenset({Unit.WORKDAYS, Unit.NATURAL_DAYS})
_LENGTHS = {
    Unit.WORKING_HOURS: timedelta(hours=1),
    Unit.NATURAL_MINUTES: timedelta(minutes=1),
    Unit.NATURAL_HOURS: timedelta(hours=1),
    Unit.NATURAL_DAYS: timedelta(days=1),
}


class ClockState(Choice):
    """How a clock stands. A clock that was met too late stays overdue, and never warns again."""

    RUNNING = "running", "计时中"
    PAUSED = "paused", "暂停中"
    MET = "met", "按时"
    OVERDUE = "overdue", "逾期"
    STOPPED = "stopped", "不再计时"


class WarningLevel(Choice):
    """What the page and the digest say, by the share of counted time that is left."""

    NONE = "none", ""
    HALF = "half", "时限过半"
    FIFTH = "fifth", "黄牌预警"
    OVERDUE = "overdue", "红牌超时"


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of the round, and the counted time that it takes out.

    Attributes:
        start, end: when the clock stood still; for an open pause the end is the moment of the question.
        net: the counted time in it; zero when it began after the deadline.
        counts: whether it began before the deadline; one that did not stops nothing.
        is_open: whether the clock stands still at the moment of the question.
        ran_out: whether its longest duration ended it.
    """

    start: datetime
    end: datetime
    net: timedelta
    entry: Entry
    resumed: Entry | None
    counts: bool
    is_open: bool
    ran_out: bool


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A round of a clock, reckoned at one moment. All times are counted time."""

    limit: Limit
    start: Entry
    begins_at: datetime
    due_at: datetime
    total: timedelta
    elapsed: timedelta
    unit_length: timedelta
    pauses: tuple[Pause, ...]
    events: tuple[Entry, ...]
    is_paused: bool
    ended: Entry | None

    @property
    def left_share(self) -> float:
        """0 to 1: how much of the counted time is left."""
        if self.total <= _NOTHING:
            return 0.0
        return min(1.0, max(0.0, 1 - self.elapsed / self.total))

    def state(self, at: datetime) -> ClockState:
        """How the round stands at the moment it was reckoned for."""
        if self.ended is not None and self.ended.kind is EntryKind.CANCEL:
            return ClockState.STOPPED
        if self.ended is not None:
            return ClockState.MET if self.ended.at <= self.due_at else ClockState.OVERDUE
        if self.is_paused:
            return ClockState.PAUSED
        return ClockState.OVERDUE if at > self.due_at else ClockState.RUNNING

    def warning_level(self, at: datetime) -> WarningLevel:
        """What the round warns of at the moment it was reckoned for."""
        if self.ended is not None or self.is_paused:
            return WarningLevel.NONE
        if at > self.due_at:
            return WarningLevel.OVERDUE
        if self.left_share <= FIFTH:
            return WarningLevel.FIFTH
        return WarningLevel.HALF if self.left_share <= HALF else WarningLevel.NONE

    @property
    def paused(self) -> timedelta:
        """The counted time that all pauses took out."""
        return sum((pause.net for pause in self.pauses), _NOTHING)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a round stands under a ceiling: its deadline, its state and what it warns of."""

    due_at: datetime
    state: ClockState
    warning: WarningLevel


def standing(found: Reckoning, at: datetime, *, ceiling: datetime | None = None) -> Standing:
    """How a round stands at the moment it was reckoned for, when no running deadline may lie behind the ceiling.

    A round that has ended, or that is paused, is left as it was reckoned.
    """
    plain = Standing(found.due_at, found.state(at), found.warning_level(at))
    if ceiling is None or found.ended is not None or found.is_paused or found.due_at <= ceiling:
        return plain
    if at > ceiling:
        return Standing(ceiling, ClockState.OVERDUE, WarningLevel.OVERDUE)
    return Standing(ceiling, plain.state, plain.warning)


def due_at(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime | None = None) -> datetime:
    """The deadline of the last round.

    Args:
        limit: the clock's own limit; an amount in the start or in a relimit wins over it.
        entries: the ledger in order; it holds at least one start.
        at: the moment of the question, up to which an open pause counts; without it an open pause counts nothing.

    Raises:
        ValueError: when the ledger has no start.
    """
    return reckon(limit, entries, calendar, at).due_at


def state(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime) -> ClockState:
    """How the last round stands at a moment; a ledger without a start is stopped."""
    if not any(entry.kind is EntryKind.START for entry in entries):
        return ClockState.STOPPED
    return reckon(limit, entries, calendar, at).state(at)


def left_share(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime) -> float:
    """0 to 1: the share of counted time that is left at a moment."""
    return reckon(limit, entries, calendar, at).left_share


def warning_level(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime) -> WarningLevel:
    """What to warn of: at most half left, at most a fifth left, overdue.

    Nothing that is stopped, cancelled or paused ever warns.
    """
    return reckon(limit, entries, calendar, at).warning_level(at) if is_open(entries) else WarningLevel.NONE


def reckon(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime | None = None) -> Reckoning:
    """The whole reckoning of the last round, from which every answer and the explanation come.

    Raises:
        ValueError: when the ledger has no start.
    """
    events = last_round(entries)
    ended = next((entry for entry in events if entry.kind in (EntryKind.STOP, EntryKind.CANCEL)), None)
    until = local(min(at, ended.at) if at and ended else at or (ended.at if ended else events[0].at))
    for entry in events:
        if entry.kind in (EntryKind.START, EntryKind.RELIMIT) and entry.limit is not None:
            limit = entry.limit
    extensions = tuple(entry.limit for entry in events if entry.kind is EntryKind.EXTEND and entry.limit is not None)
    measure = _Measure(limit, local(events[0].at), extensions, calendar)
    pauses, due = _pauses(events, measure, until)
    stood = sum((measure.counted(pause.start, min(pause.end, until)) for pause in pauses if pause.counts), _NOTHING)
    return Reckoning(
        limit=limit,
        start=events[0],
        begins_at=measure.begins_at,
        due_at=due,
        total=measure.total,
        elapsed=measure.counted(measure.begins_at, until) - stood,
        unit_length=measure.unit_length,
        pauses=pauses,
        events=tuple(events),
        is_paused=ended is None and bool(pauses) and pauses[-1].is_open,
        ended=ended,
    )


def end_of(limit: Limit, start: datetime, calendar: Calendar) -> datetime:
    """When a limit that starts at a moment is over, without any pause."""
    return _Measure(limit, local(start), (), calendar).due(_NOTHING)


@dataclass(frozen=True)
class _Measure:
    """How time is counted for one round: from when, in what, and how far."""

    limit: Limit
    start: datetime
    extensions: tuple[Limit, ...]
    calendar: Calendar

    @cached_property
    def unit_length(self) -> timedelta:
        return _LENGTHS.get(self.limit.unit) or self.calendar.hours.length

    @cached_property
    def begins_at(self) -> datetime:
        if self.limit.unit is Unit.WORKDAYS:
            return start_of_day(self.calendar.next_workday(self.start.date()))
        return end_of_day(self.start.date()) if self.limit.unit is Unit.NATURAL_DAYS else self.start

    @property
    def total(self) -> timedelta:
        """The counted time from the beginning to the deadline, extensions of another unit included."""
        alike = self._alike * self.unit_length
        if all(extension.unit is self.limit.unit for extension in self.extensions):
            return alike
        return alike + self.counted(self._reach(alike), self.extended(self._reach(alike)))

    @property
    def _alike(self) -> float:
        return self.limit.amount + sum(each.amount for each in self.extensions if each.unit is self.limit.unit)

    def counted(self, start: datetime, end: datetime) -> timedelta:
        """The counted time between two moments; nothing before counting begins."""
        start = max(start, self.begins_at)
        if end <= start:
            return _NOTHING
        return self.calendar.working_time_between(start, end) if self.limit.unit in _IN_WORKING_TIME else end - start

    def due(self, paused: timedelta) -> datetime:
        """The deadline before extensions of another unit."""
        return self._reach(self._alike * self.unit_length + paused)

    def extended(self, due: datetime) -> datetime:
        """The deadline with the extensions of another unit, each after what was due."""
        for extension in self.extensions:
            if extension.unit is not self.limit.unit:
                from_day = due - _INSTANT if extension.unit in IN_DAYS else due
                due = end_of(extension, from_day, self.calendar)
        return due

    def settle(self, moment: datetime) -> datetime:
        """The first moment from this one on at which a deadline of this unit may lie."""
        if self.limit.unit is Unit.WORKDAYS:
            return end_of_day(self.calendar.first_workday((moment - _INSTANT).date()))
        return end_of_day((moment - _INSTANT).date()) if self.limit.unit is Unit.NATURAL_DAYS else moment

    def _reach(self, needed: timedelta) -> datetime:
        """When so much counted time after the beginning is over, at 24:00 for limits in days."""
        if self.limit.unit in _IN_WORKING_TIME:
            moment = self.calendar.add_working_time(self.begins_at, needed)
        else:
            moment = self.begins_at + needed
        return end_of_day(day_of(moment - _INSTANT)) if self.limit.unit in IN_DAYS else moment


def _pauses(events: Sequence[Entry], measure: _Measure, until: datetime) -> tuple[tuple[Pause, ...], datetime]:
    """The pauses of a round in order and the deadline that they lead to."""
    found: list[Pause] = []
    net, due = _NOTHING, measure.due(_NOTHING)
    for place, entry in enumerate(events):
        if entry.kind is not EntryKind.PAUSE:
            continue
        start = local(entry.at)
        resumed = next((each for each in events[place:] if each.kind is EntryKind.RESUME), None)
        runs_out = end_of(entry.limit, start, measure.calendar) if entry.limit else None
        ends = [local(resumed.at)] if resumed else [max(start, until)]
        end = min([*ends, runs_out] if runs_out else ends)
        counts = start <= measure.extended(due)
        taken = measure.counted(start, end) if counts else _NOTHING
        if counts:
            net += taken
            due = max(due, measure.due(net))
            if start < due < end:  # nothing was left to count, so the deadline would fall into the pause
                due = measure.settle(end)
        is_open = resumed is None and counts and (runs_out is None or until < runs_out)
        ran_out = counts and runs_out is not None and end == runs_out and (resumed is None or end < ends[0])
        found.append(Pause(start, end, taken, entry, resumed, counts, is_open, ran_out))
    return tuple(found), measure.extended(due)


def moment_of_share(found: Reckoning, left: float, calendar: Calendar) -> datetime:
    """When only this share of the counted time is left, if nothing stops the clock again before.

    Args:
        found: a running round; its pauses are over.
    """
    needed = (
        ceil(found.total // _INSTANT * _share_passed(left)) * _INSTANT + found.paused
    )  # rounded up: it must not fall short
    if found.limit.unit in _IN_WORKING_TIME:
        return calendar.add_working_time(found.begins_at, needed)
    return found.begins_at + needed


@cache
def _share_passed(left: float) -> Fraction:
    return 1 - Fraction(left).limit_denominator(100)
