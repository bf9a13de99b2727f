"""When may a short message leave, and when is it tried again?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gongqing.lib.times import local

MOST_ATTEMPTS = 6
_FIRST_WAIT = timedelta(minutes=1)
_TIMES = 5


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when nobody is disturbed; the end may lie on the next morning (免打扰时段)."""

    start: time
    end: time

    @classmethod
    def from_text(cls, text: str) -> QuietHours | None:
        """The hours of a setting such as `21:00-08:00`; None for an empty one or `none`.

        Raises:
            ValueError: when the text is no such span.
        """
        if text.strip() in ("", "none"):
            return None
        edges = [time.fromisoformat(edge.strip()) for edge in text.split("-")]
        if len(edges) != 2 or edges[0] == edges[1]:
            raise ValueError("quiet hours are written as 21:00-08:00")
        return cls(edges[0], edges[1])

    def holds(self, clock: time) -> bool:
        """Does this time of day lie within?"""
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def may_leave_at(at: datetime, *, quiet: QuietHours | None, is_urgent: bool) -> datetime:
    """The first moment, not before `at`, at which a message may leave; an urgent one leaves at once."""
    here = local(at)
    if is_urgent or quiet is None or not quiet.holds(here.time()):
        return at
    morning = here.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
    return morning if morning > here else morning + timedelta(days=1)


def wait_after(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts: 1, 5, 25, 125, 625 minutes; None after the sixth."""
    return None if attempts >= MOST_ATTEMPTS else _FIRST_WAIT * _TIMES ** (attempts - 1)


def may_go_again(state: str, attempts: int) -> bool:
    """May somebody have it tried anew: it failed, or it waits after an attempt that failed?"""
    return state == "failed" or (state == "queued" and attempts > 0)
