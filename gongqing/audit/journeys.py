"""How do several statements go to the database and back in one journey?

Statements here have `$1`, `$2`, … for their arguments; each connection plans them once. Errors of what was sent in a
journey show when it ends, and the transaction around it is then broken as after any error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from django.db import connection

from gongqing.audit.postgresql.base import DatabaseWrapper

_PLACE = re.compile(r"%(?:(%)|s)")


def planned_cursor() -> Any:
    """A cursor for statements that are planned once."""
    return _wrapper().planned_cursor()


@contextmanager
def journey() -> Iterator[None]:
    """What cursors send inside goes in one journey; read from them afterwards."""
    wrapper = _wrapper()
    wrapper.ensure_connection()
    with wrapper.wrap_database_errors, wrapper.connection.pipeline():
        yield


def asked(statements: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
    """Send these statements in one journey; a cursor for each, to be read from."""
    cursors = []
    with journey():
        for statement, values in statements:
            cursor = planned_cursor()
            cursor.execute(statement, values)
            cursors.append(cursor)
    return cursors


def numbered(statement: str) -> str:
    """A statement with `%s` for its arguments, with `$1`, `$2`, … instead."""
    places = iter(range(1, statement.count("%") + 1))
    return _PLACE.sub(lambda found: "%" if found.group(1) else f"${next(places)}", statement)


def _wrapper() -> DatabaseWrapper:
    return cast("DatabaseWrapper", connection)
