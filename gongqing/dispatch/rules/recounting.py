"""What does a changed calendar or changed limits make of a clock that runs? (重算)

Nothing of the ledger is lost: start, pauses and extensions stand as they are, and the round is reckoned anew. A limit
that changed is written as a line of its own, as is a deadline that moved because a day counts differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gongqing.dispatch.rules import clocks
from gongqing.dispatch.rules.clocks import ClockState, Standing
from gongqing.dispatch.rules.ledger import Entry, EntryKind, is_open, last_round
from gongqing.dispatch.rules.limits import ClockName, Limit, Limits, Policy, ceiling_of
from gongqing.lib.times import in_words
from gongqing.lib.workdays import Calendar

MOST_AT_ONCE = 2_000  # open clocks; more are worked off by a job
SLICE = 200  # appeals in one transaction of the job
MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Running:
    """An open clock as it is stored.

    Attributes:
        limit: the clock's own.
        due_at: the deadline that everybody was told; of a paused clock nobody was told one that stands.
        is_overdue: whether it is past that deadline.
    """

    name: str
    limit: Limit
    entries: Sequence[Entry]
    due_at: datetime
    is_overdue: bool
    received_at: datetime
    is_reopened: bool


@dataclass(frozen=True, slots=True)
class Shift:
    """What becomes of a clock.

    Attributes:
        relimit: the line that sets another limit; None where the limit stays.
        standing: how the clock stands afterwards.
    """

    before: datetime
    relimit: Entry | None
    standing: Standing
    was_overdue: bool

    @property
    def after(self) -> datetime:
        """The new deadline."""
        return self.standing.due_at

    @property
    def is_news(self) -> bool:
        """Does anything change?"""
        return self.relimit is not None or self.before != self.after

    @property
    def is_paused(self) -> bool:
        """Does the clock stand still?"""
        return self.standing.state is ClockState.PAUSED

    @property
    def effect(self) -> str:
        """`lose`, `gain`, or empty where the deadline stays."""
        return "" if self.after == self.before else "lose" if self.after < self.before else "gain"

    @property
    def verdict(self) -> str:
        """`newly_late`, `saved`, or empty."""
        is_overdue = self.standing.state is ClockState.OVERDUE
        return {(False, True): "newly_late", (True, False): "saved"}.get((self.was_overdue, is_overdue), "")


def shift_of(
    running: Running, calendar: Calendar, policy: Policy, at: datetime, *, limits: Limits | None = None, why: str = ""
) -> Shift:
    """How an open clock would stand by this calendar and this policy.

    A paused clock has no deadline that stands: days that count differently move nothing now and are counted when it
    resumes; another limit is compared by the calendar of now on both sides.

    Args:
        limits: what the appeal is given now, where limits changed; without it the clock keeps its limit.
        why: the reason of the line that sets another limit.
    """
    entries = list(running.entries)
    ceiling = ceiling_of(
        policy,
        running.name,
        received_at=running.received_at,
        is_extended=any(entry.kind is EntryKind.EXTEND for entry in entries),
        is_reopened=running.is_reopened,
    )
    now = clocks.standing(clocks.reckon(running.limit, entries, calendar, at), at, ceiling=ceiling)
    before = now.due_at if now.state is ClockState.PAUSED else running.due_at
    relimit = relimit_of(running, calendar, limits, at, why=why) if limits is not None else None
    if relimit is not None:
        found = clocks.reckon(running.limit, [*entries, relimit], calendar, at)
        now = clocks.standing(found, at, ceiling=ceiling)
    return Shift(before, relimit, now, running.is_overdue)


def relimit_of(running: Running, calendar: Calendar, limits: Limits, at: datetime, *, why: str) -> Entry | None:
    """The line that sets the clock to another limit; None where the limit is the same, or none is asked for."""
    if not is_open(running.entries):
        return None
    start = last_round(running.entries)[0]
    is_later_report = running.name == ClockName.REPORT and start.amount is not None
    wanted = limits.report_every if is_later_report else limits.of(running.name)
    now = clocks.reckon(running.limit, running.entries, calendar, at).limit
    if wanted is None or (now.amount, now.unit) == (wanted.amount, wanted.unit):
        return None
    return Entry(EntryKind.RELIMIT, at, wanted.amount, wanted.unit, why, wanted.basis)


def recount_entry(shift: Shift, at: datetime, *, why: str, source: str) -> Entry:
    """The line that says that a deadline moved, from when to when, and by which change."""
    words = f"{why}，到期由 {in_words(shift.before)} 改为 {in_words(shift.after)}"
    return Entry(EntryKind.RECOUNT, at, reason=words[:200], source=source[:200])


def lines_of(shift: Shift, at: datetime, *, why: str, source: str) -> list[Entry]:
    """The lines that a change writes into the ledger of one clock, at the moment it does."""
    if shift.relimit is not None:
        return [shift.relimit]
    return [recount_entry(shift, at, why=why, source=source)] if shift.is_news else []
