"""Which sums are kept by the day, and how far may a run say that it has counted everything?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

FLAGS = (
    *("handled", "answered", "open", "ended", "timed", "on_time", "local", "told", "judged"),
    *("content", "satisfied", "basically", "dissatisfied", "reopened", "labour"),
    *("urgent", "paused"),
)
SUMS = ("recovered", "helped")
ROLLED = ("received", *FLAGS, *SUMS)
LIVE = ("overdue",)  # it changes with the hour
STOCK = ("open", "urgent", "paused")  # of what is in hand
MOST_TAIL = 500  # appeals that moved since the last run and are counted while somebody waits
MOST_EVENTS = 20 * MOST_TAIL  # of theirs that are looked through; a whole life of an appeal has about ten


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the sums have come, as `SumsMark` says it."""

    upto: int
    seen: int
    next_id: int | None = None
    next_after: int | None = None


def advanced(progress: Progress, *, latest: int, oldest_running: int, next_transaction: int) -> Progress:
    """How far one may say that everything is counted after a run that saw events up to `latest`.

    Numbers of events are drawn before their transactions end, so a smaller number may appear after a larger one. The
    mark follows two runs behind: what the run before last saw, once every transaction that was open at the last run has
    ended.

    Args:
        latest: the largest number of an event that is visible.
        oldest_running: the oldest transaction still open.
        next_transaction: the number that the next transaction gets.
    """
    moved = progress
    if moved.next_id is not None and moved.next_after is not None and oldest_running >= moved.next_after:
        moved = replace(moved, upto=max(moved.upto, moved.next_id), next_id=None, next_after=None)
    if moved.next_id is None and moved.seen > moved.upto:
        moved = replace(moved, next_id=moved.seen, next_after=next_transaction)
    return replace(moved, seen=max(moved.seen, latest))


def scopes_of(row: Mapping[str, object]) -> Sequence[str]:
    """In whose sums an appeal stands: the city's, its county's, and those of the organisations that see it."""
    county, paths = row["county"], row["scopes"]
    own = [str(county)] if county else []
    return ["", *own, *(str(path) for path in paths if path)] if isinstance(paths, list) else ["", *own]


@dataclass(frozen=True, slots=True)
class Parts:
    """A span of days as whole months and the days beside them.

    Attributes:
        months: the first days of the first and of the last whole month; None where there is none.
        days: the first and the last of each run of days beside them, at most two.
    """

    months: tuple[date, date] | None
    days: Sequence[tuple[date, date]]


def parts_of(first: date, last: date) -> Parts:
    """The whole months between two days, both included, and what is left of the months at the ends."""
    begin = first if first.day == 1 else _next_month(first)
    end = _next_month(last) if (last + timedelta(days=1)).day == 1 else last.replace(day=1)
    if begin >= end:
        return Parts(None, [(first, last)])
    days = [(first, begin - timedelta(days=1)), (end, last)]
    return Parts((begin, (end - timedelta(days=1)).replace(day=1)), [(a, b) for a, b in days if a <= b])


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def is_narrow(scope: str) -> bool:
    """Whether this is the key of a narrow sight: a town's path, a zone's, or a zone with its unions."""
    return scope.startswith("+") or (scope.startswith("/") and scope.count("/") > 3)


def is_of_grants(scope: str) -> bool:
    """Whether this sight is made of what is granted, and not of what happened in a place."""
    return scope.startswith(("/", "+"))


def sight_key(path: str, paths: Collection[str]) -> str:
    """Under which key the sums of a posting with these paths are kept, if they are kept."""
    return path if len(paths) == 1 else f"+{path}"
