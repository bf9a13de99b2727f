"""What calendar and limits hold, and how do the clocks of an appeal stand?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import BooleanField, QuerySet, TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from gongqing.appeals.models import Appeal
from gongqing.audit.reading import Asking, Prepared, PreparedValues
from gongqing.dispatch.models import CalendarDay, Clock, ClockEntry, ClockPolicy
from gongqing.dispatch.rules import clocks as rules
from gongqing.dispatch.rules.clocks import ClockState, Reckoning
from gongqing.dispatch.rules.ledger import Entry, EntryKind, has_open_pause
from gongqing.dispatch.rules.limits import Limit, Policy, Unit, policy_in_force
from gongqing.lib.remembering import remembered
from gongqing.lib.workdays import Calendar


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock with its ledger, reckoned at one moment."""

    clock: Clock
    limit: Limit
    entries: tuple[Entry, ...]
    reckoning: Reckoning
    state: ClockState


@dataclass(frozen=True)
class RunningClock:
    """An open clock as a list needs it: reckoned only where somebody asks for what must be reckoned.

    Attributes:
        at: the moment for which it is reckoned.
    """

    name: str
    due_at: datetime
    limit: Limit
    entries: list[Entry]
    at: datetime

    @cached_property
    def reckoning(self) -> Reckoning:
        """How it stands at that moment."""
        return rules.reckon(self.limit, self.entries, calendar(), self.at)

    @property
    def is_paused(self) -> bool:
        """Whether it stands still at that moment."""
        return has_open_pause(self.entries) and self.reckoning.is_paused


@remembered
def calendar() -> Calendar:
    """The published calendar under this city's overrides."""
    return calendar_now()


def calendar_now() -> Calendar:
    """The same, read anew: for whoever has just changed it."""
    return _calendar(tuple(CalendarDay.objects.order_by("day").values_list("day", "is_workday", "note", "source")))


@lru_cache(maxsize=8)
def _calendar(overrides: tuple[tuple[date, bool, str, str], ...]) -> Calendar:
    return Calendar(
        overrides={day: works for day, works, _, _ in overrides},
        notes={day: note for day, _, note, _ in overrides if note},
        sources={day: source for day, _, _, source in overrides if source},
    )


@remembered
def policy_on(day: date) -> Policy:
    """The limits that hold for what was entered on a day: those in force then, or later ones that reach back."""
    return policy_now(day)


def policy_now(day: date) -> Policy:
    """The same, read anew: for whoever has just changed it."""
    versions = ClockPolicy.objects.annotate(text=Cast("rows", TextField())).order_by("id")
    found = list(versions.values_list("text", "effective_to", "reaches_back_at"))
    held = policy_in_force([_read(text, until) for text, until, _ in found], day)
    reaching = [_read(text, until) for text, until, since in found if since is not None]
    return max([held, *reaching], key=lambda each: each.version)


# by the text, never by the row's number: a restored data base may hold another version under it
@lru_cache(maxsize=64)
def _read(text: str, until: date | None) -> Policy:
    return Policy.from_json({**json.loads(text), "effective_to": until.isoformat() if until else None})


@dataclass(frozen=True, slots=True)
class Ledger:
    """A clock with its lines as they now stand, oldest first.

    Attributes:
        reckoned: of one that was started a moment ago: when, and what its first line came to.
    """

    clock: Clock
    entries: list[Entry]
    reckoned: tuple[datetime, Reckoning] | None = None

    def reckoned_at(self, at: datetime) -> Reckoning | None:
        """What it was reckoned to at this very moment, if nothing was added since."""
        known = self.reckoned
        return known[1] if known is not None and known[0] == at and len(self.entries) == 1 else None


def ledgers_of(appeal_id: int) -> list[Ledger]:
    """The clocks of an appeal with their ledgers, oldest first; two statements."""
    clocks = _clocks.all(appeal_id)
    return _ledgers(clocks, _lines.all(appeal_id) if clocks else ())


def _ledgers(clocks: Iterable[Clock], lines: Iterable[tuple[Any, ...]]) -> list[Ledger]:
    found = {clock.pk: Ledger(clock, []) for clock in clocks}
    for clock_id, *line in lines:
        found[clock_id].entries.append(Entry.from_row(dict(zip(LINE, line, strict=True))))
    return list(found.values())


LINE = ("kind", "at", "amount", "unit", "reason", "source")


@Prepared
def _clocks(_: None, appeal_id: int) -> QuerySet[Clock]:
    return Clock.objects.filter(appeal_id=appeal_id).order_by("id")


@PreparedValues
def _lines(_: None, appeal_id: int) -> QuerySet[ClockEntry, Any]:
    return ClockEntry.objects.filter(clock__appeal_id=appeal_id).order_by("id").values_list("clock_id", *LINE)


@Prepared
def _clocks_by_code(_: None, code: str) -> QuerySet[Clock]:
    return Clock.objects.filter(appeal__code=code).order_by("id")


@PreparedValues
def _lines_by_code(_: None, code: str) -> QuerySet[ClockEntry, Any]:
    return ClockEntry.objects.filter(clock__appeal__code=code).order_by("id").values_list("clock_id", *LINE)


def asked_of_ledgers(appeal_id: int) -> list[Asking[Any]]:
    """What `ledgers_of` will ask, to be asked together with others."""
    return [_clocks(appeal_id), _lines(appeal_id)]


def asked_of_ledgers_by_code(code: str) -> list[Asking[Any]]:
    """What `clocks_read` needs of the appeal with this code, to be asked together with others."""
    return [_clocks_by_code(code), _lines_by_code(code)]


def clocks_read(clocks: list[Clock], lines: list[tuple[Any, ...]], at: datetime) -> list[ClockView]:
    """`clocks_of` what was asked for by `asked_of_ledgers_by_code`."""
    days = calendar()
    return [_viewed(each.clock, tuple(each.entries), days, at) for each in _ledgers(clocks, lines)]


def clocks_in_hand(appeal: Appeal, at: datetime) -> list[ClockView]:
    """`clocks_of` an appeal that an action has just left, without reading them again where that action knows them."""
    if appeal.in_hand is None:
        return clocks_of(appeal.pk, at)
    days = calendar()
    return [_viewed(each.clock, tuple(each.entries), days, at, each.reckoned_at(at)) for each in appeal.in_hand]


def entries_of(clock: Clock) -> tuple[Entry, ...]:
    """A clock's ledger, oldest line first."""
    return entries_from(list(ClockEntry.objects.filter(clock=clock).order_by("id")))


def clock_of(appeal_id: int, name: str) -> Clock | None:
    """The newest clock of this name."""
    return Clock.objects.filter(appeal_id=appeal_id, name=name).order_by("-id").first()


def clocks_of(appeal_id: int, at: datetime) -> list[ClockView]:
    """Every clock of an appeal, reckoned now, in the order in which they were started."""
    days = calendar()
    return [_viewed(each.clock, tuple(each.entries), days, at) for each in ledgers_of(appeal_id)]


def asked_of_running(appeal_ids: tuple[int, ...]) -> list[Asking[Any]]:
    """What `running_clocks` reads of these appeals, to be asked together with others."""
    return [_running(appeal_ids), _running_lines(appeal_ids)]


def running_clocks(
    clocks: Iterable[tuple[Any, ...]], lines: Iterable[tuple[Any, ...]], at: datetime
) -> dict[int, list[RunningClock]]:
    """The open clocks of each appeal that was asked for by `asked_of_running`, the nearest deadline first."""
    ledgers: dict[int, list[Entry]] = {}
    for clock_id, kind, moment, amount, unit, reason, source in lines:
        entry = Entry(EntryKind(kind), moment, amount, Unit(unit) if unit else None, reason, source)
        ledgers.setdefault(clock_id, []).append(entry)
    found: dict[int, list[RunningClock]] = {}
    for number, appeal_id, name, limit, due_at in clocks:
        if number in ledgers:  # it may have ended between the two readings
            clock = RunningClock(name, due_at, Limit.from_json(limit), ledgers[number], at)
            found.setdefault(appeal_id, []).append(clock)
    return found


_AMONG = '"dispatch_clock"."appeal_id" = ANY(%s::bigint[])'


def _of(numbers: tuple[int, ...]) -> RawSQL:
    """Whether a clock is one of these appeals', which are given as one value."""
    return RawSQL(_AMONG, [numbers], output_field=BooleanField())  # noqa: S611


@PreparedValues
def _running(_: None, numbers: tuple[int, ...]) -> QuerySet[Clock, Any]:
    found = Clock.objects.filter(_of(numbers), ended_at__isnull=True).order_by("due_at", "id")
    return found.values_list("id", "appeal_id", "name", "limit", "due_at")


@PreparedValues
def _running_lines(_: None, numbers: tuple[int, ...]) -> QuerySet[ClockEntry, Any]:
    found = ClockEntry.objects.filter(_of(numbers), clock__ended_at__isnull=True)
    return found.order_by("id").values_list("clock_id", *LINE)


def view(clock: Clock, rows: Sequence[ClockEntry], days: Calendar, at: datetime) -> ClockView:
    """One clock reckoned at a moment."""
    return _viewed(clock, entries_from(rows), days, at)


def _viewed(
    clock: Clock, entries: tuple[Entry, ...], days: Calendar, at: datetime, known: Reckoning | None = None
) -> ClockView:
    limit = Limit.from_json(clock.limit)
    reckoning = known or rules.reckon(limit, entries, days, at)
    # the legal ceiling may have ended it before its own deadline
    is_late = clock.state == ClockState.OVERDUE and clock.ended_at is None and not reckoning.is_paused
    return ClockView(clock, limit, entries, reckoning, ClockState.OVERDUE if is_late else reckoning.state(at))


def entries_from(rows: Iterable[ClockEntry]) -> tuple[Entry, ...]:
    """Stored lines of one ledger as the rules read them, oldest first."""
    return tuple(
        Entry.from_row(
            {
                "kind": row.kind,
                "at": row.at,
                "amount": row.amount,
                "unit": row.unit,
                "reason": row.reason,
                "source": row.source,
            }
        )
        for row in sorted(rows, key=lambda row: row.pk)
    )
