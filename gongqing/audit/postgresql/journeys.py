"""Several statements with `$1`, `$2`, … for their arguments, to the database and back in one journey.

Under psycopg's cursors: in such a journey they cost more than the statements themselves. Each connection plans a
statement once for each combination of its arguments' types, and keeps so many plans; the oldest is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, NamedTuple

import psycopg
from psycopg import abc as psycopg_abc
from psycopg import generators
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

MOST_PLANS = 400  # of one connection
_PLANS = "gongqing_plans"
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)

Statement = tuple[str, Sequence[Any]]
_Key = tuple[str, tuple[int, ...]]  # a statement and the types of its arguments


class Answer:
    """What the database answered to one statement, read already.

    Attributes:
        rowcount: how many rows it gave or concerned.
    """

    __slots__ = ("_place", "_rows", "rowcount")

    def __init__(self, rows: list[tuple[Any, ...]], rowcount: int) -> None:
        self._rows = rows
        self._place = 0
        self.rowcount = rowcount

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row; None behind the last."""
        if self._place >= len(self._rows):
            return None
        self._place += 1
        return self._rows[self._place - 1]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        rows = self._rows[self._place :] if self._place else self._rows
        self._place = len(self._rows)
        return rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())


@dataclass(slots=True)
class _Plans:
    """The statements that a connection has planned, the oldest first."""

    names: dict[_Key, bytes] = field(default_factory=dict)
    count: int = 0

    def new_name(self) -> bytes:
        self.count += 1
        return b"gq_%d" % self.count

    def oldest(self) -> list[tuple[_Key, bytes]]:
        """What is beyond the number that is kept."""
        return list(islice(self.names.items(), max(0, len(self.names) - MOST_PLANS)))


class _Step(NamedTuple):
    """Something that goes to the database; the rest says what becomes of the answer."""

    send: Callable[[], None]
    planned: tuple[_Key, bytes] | None = None
    given_up: _Key | None = None
    is_asked: bool = False


def travel(
    connection: psycopg.Connection[Any],
    statements: Sequence[Statement],
    *,
    before: Callable[[], Sequence[str]] = list,
    is_kept: bool = True,
) -> list[Answer]:
    """Send the statements in this order in one journey and read what comes back; opens a transaction where one is due.

    Args:
        before: answers statements without arguments that go ahead; asked when the others are known to be sendable.
        is_kept: whether their plans are; else each is planned for these arguments alone.

    Raises:
        psycopg.Error: of the first statement that failed; those after it were not run.
    """
    pgconn = connection.pgconn
    plans: _Plans = getattr(connection, _PLANS, None) or _Plans()
    setattr(connection, _PLANS, plans)
    with connection.lock:
        adapter: psycopg_abc.Transformer = Transformer(connection)
        steps = list(_steps(pgconn, adapter, plans if is_kept else None, statements))
        ahead = [statement.encode() for statement in before()]
        if not connection.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
            ahead.insert(0, connection._get_tx_start_command())
        steps[:0] = [_Step(partial(pgconn.send_query_params, each, None)) for each in ahead]
        for key, name in plans.oldest():  # behind the statements, which may need it still
            steps.append(_Step(partial(pgconn.send_query_params, b"DEALLOCATE " + name, None), given_up=key))
        try:
            pgconn.enter_pipeline_mode()
            for step in steps:
                step.send()
            pgconn.pipeline_sync()
            answers = connection.wait(_received(pgconn, len(steps) + 1))
            pgconn.exit_pipeline_mode()
        except BaseException:  # of whatever kind: nobody knows what is still on the way
            pgconn.finish()
            raise
        return _read(adapter, plans, steps, answers)


def _steps(
    pgconn: PGconn, adapter: psycopg_abc.Transformer, plans: _Plans | None, statements: Sequence[Statement]
) -> Iterator[_Step]:
    underway: dict[_Key, bytes] = {}
    for statement, values in statements:
        given = formats = None
        types: tuple[int, ...] = ()
        if values:
            given = adapter.dump_sequence(values, [PyFormat.AUTO] * len(values))
            types, formats = adapter.types or (), adapter.formats
        if plans is None:
            send = partial(pgconn.send_query_params, statement.encode(), given, types, formats)
            yield _Step(send, is_asked=True)
            continue
        key = statement, types
        name = plans.names.get(key) or underway.get(key)
        if name is None:
            name = underway[key] = plans.new_name()
            yield _Step(partial(pgconn.send_prepare, name, statement.encode(), types), planned=(key, name))
        yield _Step(partial(pgconn.send_query_prepared, name, given, param_formats=formats), is_asked=True)


def _received(pgconn: PGconn, count: int) -> psycopg_abc.PQGen[list[list[PGresult]]]:
    """What comes back, command by command, after everything has left."""
    yield from generators.send(pgconn)
    found = []
    for _ in range(count):
        found.append((yield from generators.fetch_many(pgconn)))  # no comprehension can yield
    return found


def _read(
    adapter: psycopg_abc.Transformer, plans: _Plans, steps: Sequence[_Step], answers: Sequence[Sequence[PGresult]]
) -> list[Answer]:
    found: list[Answer] = []
    for step, results in zip(steps, answers, strict=False):
        result = results[0]
        if result.status in _FAILED:
            raise error_from_result(result)
        if step.planned is not None:
            key, name = step.planned
            plans.names[key] = name
        elif step.given_up is not None:
            plans.names.pop(step.given_up, None)
        elif step.is_asked and result.status == ExecStatus.TUPLES_OK:
            adapter.set_pgresult(result)
            found.append(Answer(adapter.load_rows(0, result.ntuples, tuple), result.ntuples))
        elif step.is_asked:
            found.append(Answer([], result.command_tuples or 0))
    return found
