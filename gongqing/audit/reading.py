"""Queries that are asked all day, turned into a statement once instead of every time.

Making the statement of a query over a wide table with several joins costs more than the database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, Generic, TypeVar

import psycopg
import psycopg.sql
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

from gongqing.audit import scope, writing
from gongqing.audit.journeys import asked, asked_once, numbered
from gongqing.audit.loading import Joined, loaded

Row = TypeVar("Row", bound=models.Model)
Argument = int | str | bytes | date | datetime | tuple[str, ...] | tuple[int, ...]  # a tuple goes as a list
_MOST = 500  # shapes of one query
_MARK = 1_777_000_000_000_000_000  # a number that no statement holds by itself


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    values: tuple[Any, ...]
    places: tuple[int | None, ...]  # for each value which argument goes there; None: it stays
    compiler: SQLCompiler
    converters: dict[int, Any]
    names: tuple[str, ...]
    joined: tuple[Joined, ...]
    is_plain: bool = False  # of values, not of instances


@dataclass(frozen=True, slots=True)
class Asking(Generic[Row]):
    """A prepared query with its arguments."""

    statement: _Statement | None = field(compare=False)  # None: no row can be found
    arguments: tuple[Argument, ...]
    query: Prepared[Row]
    kind: tuple[Any, ...]  # its shape and the types of its arguments: another one asks something else

    def values(self) -> list[Any]:
        """What goes into the places of the statement, in order."""
        if self.statement is None:
            return []
        return _filled(self.statement.values, self.statement.places, self.arguments)


def ask(*askings: Asking[Any]) -> list[list[Any]]:
    """The rows of each, all fetched in one journey; a lock is taken in this order."""
    return _asked(askings, ())[0]


def ask_ahead(*askings: Asking[Any], beside: Sequence[tuple[str, Sequence[Any]]] = ()) -> list[Any]:
    """Fetch in one journey what a block that writes together will ask for, each once, before it changes any of it.

    Args:
        beside: other statements, with `$1`, … for their arguments.

    Returns:
        a cursor for each of those, to be read from.
    """
    known = _known()
    rows, cursors = _asked(askings if known is not None else (), beside)
    if known is not None:
        known.update(zip(askings, rows, strict=True))
    return cursors


def ask_locked(
    locking: Asking[Row], *askings: Asking[Any], beside: Sequence[tuple[str, Sequence[Any]]] = ()
) -> tuple[Row | None, list[Any]]:
    """Lock one row in the bound scope and, behind it in the same journey, `ask_ahead` beyond that scope.

    Returns:
        the row, None where it is not there or out of sight, and an answer for each of `beside`.
    """
    if locking.statement is None:
        return None, []
    raised, lowered = scope.raised()
    numbers = writing.numbers_asked()
    sent = [(each.statement.sql, each.values()) for each in askings if each.statement is not None]
    answers = asked(
        [(locking.statement.sql, locking.values()), *raised, *sent, *beside, *([numbers] if numbers else []), *lowered]
    )
    found = _instances(answers[0], locking.statement)
    if not found:
        return None, []
    start = 1 + len(raised)
    rest = iter(answers[start : start + len(sent)])
    rows = [_instances(next(rest), each.statement) if each.statement is not None else [] for each in askings]
    known = _known()
    if known is not None:
        known.update(zip(askings, rows, strict=True))
    start += len(sent)
    if numbers:
        writing.keep_numbers(answers[start + len(beside)])
    return found[0], answers[start : start + len(beside)]


@dataclass(frozen=True, slots=True)
class _ReadTogether:
    """What was fetched for a block that only reads: in the bound scope, and beyond it."""

    own: dict[Asking[Any], list[Any]]
    beyond: dict[Asking[Any], list[Any]]


_read_together: ContextVar[_ReadTogether | None] = ContextVar("gongqing_read_together", default=None)


@contextmanager
def reading_together() -> Iterator[None]:
    """Let what `read_ahead` fetches inside answer whoever asks for it, however often; for pages.

    Nobody inside may change what was fetched, nor ask for anybody but the one actor.
    """
    token = _read_together.set(_ReadTogether({}, {}))
    try:
        yield
    finally:
        _read_together.reset(token)


def read_ahead(*askings: Asking[Any], beyond: Sequence[Asking[Any]] = ()) -> None:
    """Fetch these in one journey for the rest of `reading_together`; nothing is fetched outside of it.

    Args:
        beyond: asked beyond the bound scope, for whoever asks by `Prepared.all_beyond`; never for `Prepared.all`.
    """
    read = _read_together.get()
    if read is not None:
        own, others = ask_with_beyond(askings, beyond)
        read.own.update(zip(askings, own, strict=True))
        read.beyond.update(zip(beyond, others, strict=True))


def ask_with_beyond(
    askings: Sequence[Asking[Any]], beyond: Sequence[Asking[Any]]
) -> tuple[list[list[Any]], list[list[Any]]]:
    """The rows of each in the bound scope, and of each beyond it, fetched in one journey.

    Whoever asks shows nothing of what lies beyond but what belongs to rows in scope.
    """
    raised, lowered = scope.raised() if beyond else ([], [])
    sent = [(each.statement.sql, each.values()) for each in askings if each.statement is not None]
    more = [(each.statement.sql, each.values()) for each in beyond if each.statement is not None]
    answers = asked([*sent, *raised, *more, *lowered])
    start = len(sent) + len(raised)
    return _rows_of(askings, answers[: len(sent)]), _rows_of(beyond, answers[start : start + len(more)])


def values_beyond(found: models.QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The rows of a query of values that need no converting, as everybody together sees them, in one journey.

    It is planned for its own arguments, as an ordinary query is; the caller has checked who asks.
    """
    try:
        statement, values = found.query.sql_with_params()
    except EmptyResultSet:
        return []
    raised, lowered = scope.raised()
    answers = asked_once([*raised, (numbered(statement), values), *lowered])
    return answers[len(raised)].fetchall()


def _rows_of(askings: Sequence[Asking[Any]], answers: Sequence[Any]) -> list[list[Any]]:
    """The rows of each; no row where it has no statement."""
    rest = iter(answers)
    return [_instances(next(rest), each.statement) if each.statement is not None else [] for each in askings]


def _asked(
    askings: Sequence[Asking[Any]], beside: Sequence[tuple[str, Sequence[Any]]]
) -> tuple[list[list[Any]], list[Any]]:
    sent = [(each.statement.sql, each.values()) for each in askings if each.statement is not None]
    cursors = iter(asked([*sent, *beside]))
    rows = [_instances(next(cursors), each.statement) if each.statement is not None else [] for each in askings]
    return rows, list(cursors)


def _known() -> dict[Asking[Any], list[Any]] | None:
    kept = writing.kept()
    return kept.setdefault("asked ahead", {}) if kept is not None else None


def answer(asking: Asking[Row]) -> list[Row]:
    """The rows of a query with its arguments, from what was fetched for the block around where it was."""
    known = _known()
    if known and asking in known:
        return known.pop(asking)
    read = _read_together.get()
    return list(read.own[asking]) if read is not None and asking in read.own else ask(asking)[0]


class Prepared(Generic[Row]):
    """A query whose arguments alone change from one asking to the next.

    Args:
        build: makes the query from its arguments, each a whole number, a text, a day or several of one kind, used as it
            is given; whatever changes its shape comes as `shape` and is the first argument.
    """

    def __init__(self, build: Callable[..., models.QuerySet[Row]]) -> None:
        self._build = build
        self._statements: dict[Hashable, _Statement | None] = {}

    def first(self, *arguments: Argument, shape: Hashable = None) -> Row | None:
        """The first row; the query itself should ask for one."""
        found = self.all(*arguments, shape=shape)
        return found[0] if found else None

    def all(self, *arguments: Argument, shape: Hashable = None) -> list[Row]:
        """The rows, as the query itself would give them."""
        return answer(self(*arguments, shape=shape))

    def all_beyond(self, *arguments: Argument, shape: Hashable = None) -> list[Row]:
        """The rows as everybody together sees them, in one journey; the caller has checked who asks."""
        asking = self(*arguments, shape=shape)
        read = _read_together.get()
        if read is not None and asking in read.beyond:
            return list(read.beyond[asking])
        return ask_with_beyond((), [asking])[1][0]

    def __call__(self, *arguments: Argument, shape: Hashable = None) -> Asking[Row]:
        """The query with these arguments, to be asked together with others."""
        key: tuple[Any, ...] = (shape, *(type(each) for each in arguments))
        if key not in self._statements:
            if len(self._statements) >= _MOST:
                self._statements.clear()
            self._statements[key] = self._prepare(arguments, shape)
        return Asking(self._statements[key], arguments, self, key)

    def _prepare(self, arguments: Sequence[Argument], shape: Hashable) -> _Statement | None:
        marks = [_mark(each, place) for place, each in enumerate(arguments)]
        found = self._build(shape, *marks)
        compiler = found.query.get_compiler(connection=connection)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            return None
        sql, values, places = _settled(sql, values, marks)
        converters = compiler.get_converters([each[0] for each in compiler.select])
        if found._fields is not None:  # type: ignore[attr-defined]  # of `values_list`
            return _Statement(sql, values, places, compiler, converters, (), (), is_plain=True)
        made: Any = compiler.klass_info
        start, end = made["select_fields"][0], made["select_fields"][-1] + 1
        names = tuple(each[0].target.attname for each in compiler.select[start:end])
        populators = get_related_populators(made, compiler.select, connection.alias)  # type: ignore[call-arg]  # of Django 6
        return _Statement(sql, values, places, compiler, converters, names, tuple(map(Joined.of, populators)))


class PreparedValues:
    """A query of values, prepared in the same way: its rows come as tuples, without an instance around each."""

    def __init__(self, build: Callable[..., models.QuerySet[Any, Any]]) -> None:
        self._prepared: Prepared[Any] = Prepared(build)

    def __call__(self, *arguments: Argument, shape: Hashable = None) -> Asking[Any]:
        """The query with these arguments, to be asked together with others."""
        return self._prepared(*arguments, shape=shape)

    def all(self, *arguments: Argument, shape: Hashable = None) -> list[tuple[Any, ...]]:
        """The rows."""
        return self._prepared.all(*arguments, shape=shape)

    def all_beyond(self, *arguments: Argument, shape: Hashable = None) -> list[tuple[Any, ...]]:
        """The rows as everybody together sees them, as of `Prepared`."""
        return self._prepared.all_beyond(*arguments, shape=shape)


class PreparedCounts:
    """How many rows each of several queries finds, no further than a limit, in one statement that is made once.

    Args:
        build: makes the queries from their arguments, as for `Prepared`.
    """

    def __init__(self, build: Callable[..., Sequence[models.QuerySet[Any]]], *, most: int) -> None:
        self._build, self._most = build, most
        self._statements: dict[Hashable, tuple[str, tuple[Any, ...], tuple[int | None, ...]]] = {}

    def all(self, *arguments: Argument, shape: Hashable = None) -> list[int]:
        """The numbers, in the order of the queries."""
        key: tuple[Any, ...] = (shape, *(type(each) for each in arguments))
        if key not in self._statements:
            self._statements[key] = self._prepare(arguments, shape)
        sql, values, places = self._statements[key]
        (cursor,) = asked([(sql, _filled(values, places, arguments))])
        return list(cursor.fetchone() or ())

    def _prepare(
        self, arguments: Sequence[Argument], shape: Hashable
    ) -> tuple[str, tuple[Any, ...], tuple[int | None, ...]]:
        marks = [_mark(each, place) for place, each in enumerate(arguments)]
        columns, values = [], []
        for found in self._build(shape, *marks):
            shortest = found.order_by().values_list(models.Value(1))[: self._most]
            try:
                sql, given = shortest.query.get_compiler(connection=connection).as_sql()
            except EmptyResultSet:
                columns.append("0")
                continue
            columns.append(f"(SELECT count(*) FROM ({sql}) found)")  # noqa: S608  # as Django made it
            values += given
        return _settled(f"SELECT {', '.join(columns)}", values, marks)


def counted(found: models.QuerySet[Any, Any]) -> models.QuerySet[Any, Any]:
    """How many rows a query finds, as the query of one value."""
    number: models.QuerySet[Any, Any] = (
        found.order_by().values(is_one=models.Value(1)).annotate(count=models.Count("*")).values_list("count")
    )
    return number


def _filled(values: Sequence[Any], places: Sequence[int | None], arguments: Sequence[Argument]) -> list[Any]:
    given = [_several(each) if isinstance(each, tuple) else each for each in arguments]
    return [value if place is None else given[place] for value, place in zip(values, places, strict=True)]


def _several(argument: tuple[str, ...] | tuple[int, ...]) -> list[Any] | str:
    """Whole numbers as PostgreSQL writes them: a list of them is turned into that one by one."""
    if argument and isinstance(argument[0], int):
        return f"{{{','.join(map(str, argument))}}}"
    return list(argument)


def _settled(
    sql: str, values: Sequence[Any], marks: Sequence[Argument]
) -> tuple[str, tuple[Any, ...], tuple[int | None, ...]]:
    """A statement in which words and whole numbers that never change are written out, and what is left to go into it.

    So a plan that is kept knows them: it can use an index of these rows alone, and compares with several at once.
    """
    places = _places(values, marks)
    written = [_literal(value) if place is None else None for value, place in zip(values, places, strict=True)]
    kept = [number for number, words in enumerate(written) if words is None]
    return numbered(sql, written), tuple(values[number] for number in kept), tuple(places[number] for number in kept)


def _literal(value: Any) -> str | None:
    """A text or a whole number as a statement holds it; None for what goes as an argument."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    plain = value.value if isinstance(value, Enum) else value
    return psycopg.sql.quote(plain)


def _places(values: Sequence[Any], marks: Sequence[Argument]) -> tuple[int | None, ...]:
    """For each value which argument goes there."""
    plain = [value.obj if isinstance(value, psycopg.Binary) else value for value in values]
    places = tuple(marks.index(value) if value in marks else None for value in plain)
    if set(places) - {None} != set(range(len(marks))):
        raise TypeError("an argument of a prepared query does not stand in its statement as it is")
    return places


def _mark(argument: Argument, place: int) -> Argument:
    """A value that no statement holds by itself."""
    if isinstance(argument, tuple):
        return (f"\ue000{place}",)
    if isinstance(argument, int):
        return _MARK + place
    if isinstance(argument, bytes):
        return f"\ue000{place}".encode()
    if isinstance(argument, datetime):
        return datetime(9900, 1, 1, tzinfo=UTC) + timedelta(days=place)
    return date(9900, 1, 1) + timedelta(days=place) if isinstance(argument, date) else f"\ue000{place}"


def _instances(cursor: Any, statement: _Statement) -> list[Any]:
    """Model instances with what was joined, as Django's own iteration makes them."""
    rows: list[Any] = cursor.fetchall()
    if statement.converters:
        rows = list(statement.compiler.apply_converters(rows, statement.converters))
    if statement.is_plain:
        return [tuple(row) for row in rows] if statement.converters else rows
    if not rows:
        return rows
    made: Any = statement.compiler.klass_info
    model, alias = made["model"], connection.alias
    start, end = made["select_fields"][0], made["select_fields"][-1] + 1
    found = []
    for row in rows:
        instance = loaded(model, statement.names, row[start:end], alias)
        for each in statement.joined:
            each.join(row, instance, alias)
        for name, place in (statement.compiler.annotation_col_map or {}).items():
            setattr(instance, name, row[place])
        found.append(instance)
    return found


class Change:
    """A change of rows found by a query, whose arguments alone differ from one time to the next.

    It goes with what the block around writes, before it; outside of a block at once.

    Args:
        build: makes the query and the new values of its rows from the arguments, as for `Prepared`; a moment may be
            one.
    """

    def __init__(self, build: Callable[..., tuple[models.QuerySet[Any], Mapping[str, Any]]]) -> None:
        self._build = build
        self._statements: dict[Hashable, tuple[str, tuple[Any, ...], tuple[int | None, ...], type[models.Model]]] = {}

    def run(self, *arguments: Argument, shape: Hashable = None) -> None:
        """Change the rows that the query finds now."""
        key: tuple[Any, ...] = (shape, *(type(each) for each in arguments))
        if key not in self._statements:
            self._statements[key] = self._prepare(arguments, shape)
        sql, values, places, model = self._statements[key]
        writing.change(model, sql, _filled(values, places, arguments))

    def _prepare(
        self, arguments: Sequence[Argument], shape: Hashable
    ) -> tuple[str, tuple[Any, ...], tuple[int | None, ...], type[models.Model]]:
        marks = [_mark(each, place) for place, each in enumerate(arguments)]
        found, new = self._build(shape, *marks)
        query = found.query.chain(UpdateQuery)
        query.add_update_values(new)  # type: ignore[attr-defined]
        query.annotations = {}
        sql, values = query.get_compiler(connection=connection).as_sql()
        return numbered(sql), tuple(values), _places(values, marks), found.model
