"""What stands still between two changes of the rules, and need not be read again for every appeal?

Triggers draw a new stamp at every change of categories, grading rules, limits, routes, calendar, regions, organisations
and zones (`dispatch/migrations/0014`), and another one at every change of keys, accounts and postings (`0015`). A stamp
is never drawn twice, so that a change taken back leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from gongqing.lib.remembering import is_remembering, remembering


@contextmanager
def standing_rules(stamp: str = "") -> Iterator[None]:
    """Let `@remembered` questions be answered from what this process has read since the rules last changed.

    The answers are shared: nobody may change an object that came from one. Changes made inside are not seen inside.

    Args:
        stamp: as it was read a moment ago, in this transaction, by whoever has changed nothing since.
    """
    if is_remembering():
        yield
        return
    with remembering(stamp or stamps()[0]):
        yield


def stamps() -> tuple[str, str]:
    """The stamps of the rules and of the people as they stand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rules, people FROM gq_stamps()")
        rules, people = cursor.fetchone() or ("", "")
    return rules, people
