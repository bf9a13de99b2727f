"""How do several statements go to the database and back in one journey?

Statements here have `$1`, `$2`, … for their arguments; each connection plans them once. Errors of what was sent in a
journey show when it ends, and the transaction around it is then broken as after any error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import count
from typing import cast

from django.db import connection

from gongqing.audit.postgresql.base import DatabaseWrapper
from gongqing.audit.postgresql.journeys import Answer, Statement

__all__ = ["Statement", "asked", "asked_once", "numbered"]

_PLACE = re.compile(r"%(?:(%)|s)")


def asked(statements: Sequence[Statement]) -> list[Answer]:
    """Send these statements in one journey; the answer of each."""
    return cast("DatabaseWrapper", connection).travel(statements) if statements else []


def asked_once(statements: Sequence[Statement]) -> list[Answer]:
    """As `asked`, each planned for these arguments alone: where the right plan hangs on what is asked for."""
    return cast("DatabaseWrapper", connection).travel(statements, is_kept=False) if statements else []


def numbered(statement: str, written: Sequence[str | None] = ()) -> str:
    """A statement with `%s` for its arguments, with `$1`, `$2`, … instead.

    Args:
        written: for each argument, in order, what to write in its place; None or nothing for one that goes with it.
    """
    places, words = count(1), iter(written)

    def place(found: re.Match[str]) -> str:
        return "%" if found.group(1) else (next(words, None) or f"${next(places)}")

    return _PLACE.sub(place, statement)
