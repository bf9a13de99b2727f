"""Copy the nearest deadlines of many appeals at once, as `dispatch` has reckoned them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

_WRITE = """
UPDATE appeals_appeal AS a SET due_at = v.due_at, next_due_at = v.next_due_at, is_overdue = v.is_overdue
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::boolean[])
     AS v (id, due_at, next_due_at, is_overdue)
WHERE a.id = v.id
"""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The mirror of one appeal's clocks, for lists."""

    appeal_id: int
    due_at: datetime | None
    next_due_at: datetime | None
    is_overdue: bool


def mirror_deadlines(rows: Sequence[Deadlines]) -> None:
    """Write the deadlines of locked appeals in one statement. Part of a caller's action, which records."""
    if not rows:
        return
    columns: list[Any] = [
        [row.appeal_id for row in rows],
        [row.due_at for row in rows],
        [row.next_due_at for row in rows],
        [row.is_overdue for row in rows],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, columns)
