"""What does a look at a clock say: how it stands, which rungs it has climbed, and when to look again?

`look` reckons one clock. `Looks` reckons many at one moment: clocks that nobody has paused, extended or limited anew
stand alike when they run by the same limit from the same day, so that what holds for one of them holds for all.
`Beginnings` does the same for clocks that begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from gongqing.dispatch.rules import clocks, ladder
from gongqing.dispatch.rules.clocks import IN_DAYS, ClockState, Reckoning, Standing
from gongqing.dispatch.rules.ladder import RUNGS, Rung
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.lib.times import day_of, local
from gongqing.lib.workdays import Calendar

_MIDNIGHT = time()
_MOST = 50_000  # looks that are kept


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a clock says.

    Attributes:
        climbed: the rungs that it has climbed since the last look, lowest first.
        keeps_card: whether the red card of this opening stands; a new one is among `climbed`.
    """

    state: ClockState
    due_at: datetime
    warned: str
    climbed: tuple[Rung, ...]
    keeps_card: bool
    next_look_at: datetime | None

    def carded_at(self, before: datetime | None, at: datetime) -> datetime | None:
        """When the clock got its red card, if it had it `before`."""
        if not self.keeps_card:
            return None
        return at if Rung.OVERDUE in self.climbed else before


def look(
    limit: Limit,
    entries: Sequence[Entry],
    calendar: Calendar,
    at: datetime,
    *,
    ceiling: datetime | None,
    warned: str,
    carded_at: datetime | None,
) -> Look:
    """How a clock stands at a moment.

    Args:
        ceiling: the legal one, where one holds.
        warned, carded_at: the rung on which it stood at the last look, and when it got its red card.
    """
    reckoning = clocks.reckon(limit, entries, calendar, at)
    stands = clocks.standing(reckoning, at, ceiling=ceiling)
    climbed: tuple[Rung, ...] = ()
    keeps_card = True
    if stands.state is not ClockState.PAUSED:
        here = ladder.rung_of(stands, calendar, at, carded_at=carded_at)
        climbed = RUNGS[ladder.height(warned) + 1 : ladder.height(here) + 1]
        warned, keeps_card = here.value, ladder.height(here) >= ladder.CARDED
    carded = (at if Rung.OVERDUE in climbed else carded_at) if keeps_card else None
    again = ladder.next_look_at(reckoning, stands, calendar, at, carded_at=carded)
    return Look(stands.state, stands.due_at, warned, climbed, keeps_card, again)


@dataclass(slots=True)
class Looks:
    """Looks at many clocks at one moment."""

    calendar: Calendar
    at: datetime
    _known: dict[Any, Look] = field(default_factory=dict)

    def at_plain(
        self, limit: Limit, start: datetime, *, ceiling: datetime | None, warned: str, carded_at: datetime | None
    ) -> Look:
        """The look at an open clock whose ledger is a start alone, which names no limit of its own."""
        key = (*_course_of(limit, start), ceiling, warned, _day_of_card(carded_at))
        seen = self._known.get(key)
        if seen is None:
            if len(self._known) > _MOST:
                self._known.clear()
            entries = [Entry(EntryKind.START, start)]
            seen = look(limit, entries, self.calendar, self.at, ceiling=ceiling, warned=warned, carded_at=carded_at)
            self._known[key] = seen
        return seen


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a clock stands when it begins."""

    reckoning: Reckoning
    standing: Standing
    next_look_at: datetime | None


@dataclass(slots=True)
class Beginnings:
    """Clocks that begin at one moment."""

    calendar: Calendar
    at: datetime
    _known: dict[Any, Beginning] = field(default_factory=dict)

    def of(self, limit: Limit, start: Entry, *, ceiling: datetime | None) -> Beginning:
        """How a clock stands that begins with this start, which names no limit of its own."""
        key = (*_course_of(limit, start.at), ceiling)
        found = self._known.get(key)
        if found is None:
            reckoning = clocks.reckon(limit, [start], self.calendar, self.at)
            stands = clocks.standing(reckoning, self.at, ceiling=ceiling)
            again = ladder.next_look_at(reckoning, stands, self.calendar, self.at, carded_at=None)
            found = self._known[key] = Beginning(reckoning, stands, again)
        return replace(found, reckoning=replace(found.reckoning, limit=limit, start=start, events=(start,)))


def _course_of(limit: Limit, start: datetime) -> tuple[float, Unit, datetime | date]:
    """By what and from when a clock counts."""
    return limit.amount, limit.unit, day_of(start) if limit.unit in IN_DAYS else start


def _day_of_card(carded_at: datetime | None) -> date | datetime | None:
    """Days are counted from that of a card; one of midnight stands at the end of a day and at the beginning of one."""
    if carded_at is None:
        return None
    here = local(carded_at)
    return carded_at if here.timetz().replace(tzinfo=None) == _MIDNIGHT else here.date()
