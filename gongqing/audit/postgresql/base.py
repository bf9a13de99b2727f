"""Django's PostgreSQL backend with three additions for work that is done all day.

A savepoint is not sent by itself but in one journey with the statement after it, and never when none follows.
`travel` sends several statements with `$1` for their arguments at once, which each connection plans once.
Moments are read by the compiled loader of psycopg; sessions speak UTC, as Django sets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, cast

import psycopg
from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format, TransactionStatus

from gongqing.audit.postgresql.journeys import Answer, Statement, travel

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


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection."""

    def get_connection_params(self) -> dict[str, Any]:
        """Django's own, with our cursor."""
        given: dict[str, Any] = super().get_connection_params()
        return {**given, "context": _with_quick_moments(given["context"]), "cursor_factory": Cursor}

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor with a name reads in portions: what waits goes first."""
        here: Any = self.connection
        if not name:
            return here.cursor()
        bring(here)
        return here.cursor(name, scrollable=False, withhold=here.autocommit)

    def travel(self, statements: Sequence[Statement], *, is_kept: bool = True) -> list[Answer]:
        """Send statements in one journey, after what waits on the connection, and read their answers.

        Args:
            is_kept: whether their plans are; else each is planned for these arguments alone.

        Raises:
            DatabaseError: of the first that failed; the transaction around it is then broken.
        """
        self.ensure_connection()
        self.validate_no_broken_transaction()
        if self.queries_logged:
            self.queries_log.extend({"sql": f"{sql} -- {list(values)}", "time": "0.000"} for sql, values in statements)
        with self.wrap_database_errors:
            psycopg_connection = cast("psycopg.Connection[Any]", self.connection)
            return travel(psycopg_connection, statements, before=lambda: _taken(psycopg_connection), is_kept=is_kept)

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


@cache
def _with_quick_moments(given: AdaptersMap) -> AdaptersMap:
    quick = AdaptersMap(given)
    loader = psycopg.adapters.get_loader(base.TIMESTAMPTZ_OID, Format.TEXT)
    if loader is not None:
        quick.register_loader(base.TIMESTAMPTZ_OID, loader)
    return quick


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
