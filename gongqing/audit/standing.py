"""What stands still between two changes of the rules, and need not be read again for every appeal?

Triggers draw a new stamp at every change of categories, grading rules, limits, routes, calendar, regions, organisations
and zones (`dispatch/migrations/0014`). A stamp is never drawn twice, so that a change taken back leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from gongqing.lib.remembering import is_remembering, remembering

_STAMP = "SELECT md5(string_agg(value::text, ',' ORDER BY slot)) FROM audit_stamp"


@contextmanager
def standing_rules() -> Iterator[None]:
    """Let `@remembered` questions be answered from what this process has read since the rules last changed.

    The answers are shared: nobody may change an object that came from one. Changes made inside are not seen inside.
    """
    if is_remembering():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        (stamp,) = cursor.fetchone() or ("",)
    with remembering(stamp or ""):
        yield
