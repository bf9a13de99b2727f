"""Which appeals were not heard again for words of danger yet?"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import connection

from gongqing.appeals.models import Appeal, ListeningMark

LATE_WRITERS = timedelta(minutes=3)
"""An appeal is never written so much later than one with a higher number."""
WAITS_FOR = 2.0  # seconds, for those who write at the moment
_LOOKS_EVERY = 0.1
# who has read for long and written nothing has drawn no number either
_WRITING = """
SELECT EXISTS (
  SELECT 1 FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start <= %s
    AND (backend_xid IS NOT NULL OR xact_start > clock_timestamp() - interval '10 seconds'))
"""


def listening_mark() -> ListeningMark | None:
    """How far the listening has come; None where it has not begun."""
    return ListeningMark.objects.first()


def newest_appeal() -> int:
    """The highest number of an appeal; 0 without any. In the system's scope."""
    return Appeal.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def unheard(after: int, *, most: int, upto: int, entered_by: datetime | None = None) -> list[Appeal]:
    """The next appeals after a number, in order, in the system's scope; their words, where they stand and why.

    Args:
        upto: the last number that is heard.
        entered_by: leaves out what came in later, and all that has a higher number.
    """
    found = Appeal.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk")
    heard = found.only("pk", "text", "status", "grade", "grade_reasons", "needs_call_back", "entered_at")[:most]
    old = [appeal.pk for appeal in heard if entered_by is None or appeal.entered_at <= entered_by]
    return [appeal for appeal in heard if appeal.pk <= max(old, default=after)]


def moment() -> datetime:
    """The moment by the clock of the data base."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def have_written(since: datetime) -> bool:
    """Whether everybody who may have been writing at that moment has ended; waits a little for them.

    Then no appeal can appear any more under a number lower than the newest of that moment.
    """
    until = time.monotonic() + WAITS_FOR
    while _is_written(since):
        if time.monotonic() >= until:
            return False
        time.sleep(_LOOKS_EVERY)
    return True


def _is_written(since: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_WRITING, [since])
        return bool(cursor.fetchone()[0])
