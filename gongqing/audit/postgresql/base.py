"""Django's PostgreSQL backend with two additions for work that is done all day.

A savepoint is not sent by itself but in one journey with the statement after it, and never when none follows.
`PlannedCursor` runs statements with `$1` for their arguments, which each connection plans once.
"""

from __future__ import annotations

from typing import Any, cast

import psycopg
from django.db.backends.postgresql import base, operations
from psycopg.pq import TransactionStatus

_PLANNED_MOST = 400  # statements of one connection
_NEVER = 1_000_000_000  # how often an ordinary statement must come to be planned once, too
_WAITING = "gongqing_waiting"


class _Bringing(psycopg.Cursor[Any]):
    """A cursor that brings what waits on its connection along with its own statement."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """As psycopg's; errors of what was brought along show here."""
        waiting = _taken(self._conn)
        if not waiting:
            return super().execute(query, params, **options)
        with self._conn.pipeline():
            for statement in waiting:
                self._conn.execute(statement)
            return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        """As psycopg's."""
        bring(self._conn)
        super().executemany(query, params_seq, **options)

    def copy(self, *arguments: Any, **options: Any) -> Any:
        """As psycopg's."""
        bring(self._conn)
        return super().copy(*arguments, **options)


class Cursor(base.CursorMixin, _Bringing, psycopg.ClientCursor[Any]):
    """The ordinary cursor: values are written into the statement by Python."""


class PlannedCursor(base.CursorMixin, _Bringing, psycopg.RawCursor[Any]):
    """For statements with `$1`, `$2`, … for their arguments, planned once by each connection."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """As psycopg's, planned for the next time too."""
        return super().execute(query, params, **{"prepare": True, **options})


class DatabaseOperations(operations.DatabaseOperations):
    """What differs from other databases."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """A planned statement is shown as it is, with its arguments behind it."""
        return super().last_executed_query(cursor, sql, params) or f"{sql} -- {params}"


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        """Django's own, with our cursor."""
        return {**super().get_connection_params(), "cursor_factory": Cursor, "prepare_threshold": _NEVER}

    def _configure_connection(self, connection: Any) -> bool:
        connection.prepared_max = _PLANNED_MOST
        return bool(super()._configure_connection(connection))  # type: ignore[misc]

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor with a name reads in portions: what waits goes first."""
        if name:
            bring(self.connection)
        return super().create_cursor(name)

    def planned_cursor(self) -> Any:
        """A cursor for statements that are planned once."""
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor = PlannedCursor(cast("psycopg.Connection[Any]", self.connection))
        return self._prepare_cursor(cursor)  # type: ignore[attr-defined]

    def _savepoint(self, sid: str) -> None:
        self._wait(self.ops.savepoint_create_sql(sid))

    def _savepoint_commit(self, sid: str) -> None:
        begun = self.ops.savepoint_create_sql(sid)
        waiting = _taken(self.connection)
        if begun in waiting:  # nothing was done since
            _put(self.connection, waiting[: waiting.index(begun)])
        elif self.connection.info.transaction_status == TransactionStatus.INERROR:
            super()._savepoint_commit(sid)  # type: ignore[misc]  # which says so
        else:
            _put(self.connection, [*waiting, self.ops.savepoint_commit_sql(sid)])

    def _savepoint_rollback(self, sid: str) -> None:
        begun = self.ops.savepoint_create_sql(sid)
        waiting = _taken(self.connection)
        if begun in waiting:
            _put(self.connection, waiting[: waiting.index(begun) + 1])
        else:  # what waits lies inside of it
            super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _commit(self) -> None:
        _taken(self.connection)  # a commit ends every savepoint
        super()._commit()  # type: ignore[misc]

    def _rollback(self) -> None:
        _taken(self.connection)
        super()._rollback()  # type: ignore[misc]

    def _close(self) -> None:
        _taken(self.connection)
        super()._close()  # type: ignore[misc]

    def _wait(self, statement: str) -> None:
        self.ensure_connection()
        _put(self.connection, [*_taken(self.connection), statement])


def bring(connection: Any) -> None:
    """Send what waits on a psycopg connection."""
    waiting = _taken(connection)
    if waiting:
        with connection.pipeline():
            for statement in waiting:
                connection.execute(statement)


def _taken(connection: Any) -> list[str]:
    waiting: list[str] = getattr(connection, _WAITING, [])
    if waiting:
        setattr(connection, _WAITING, [])
    return waiting


def _put(connection: Any, waiting: list[str]) -> None:
    setattr(connection, _WAITING, waiting)
