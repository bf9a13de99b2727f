"""What is written together goes to the database in one journey.

Inside `with together():` rows that are new or changed are collected and written at the end, changes first, in one list
of statements; outside it `insert` and `save` write at once. What is still collected cannot be read back: an action that
works inside knows its rows, and `write_now` comes before whoever does not (`audit.events` sees to it for listeners).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import date
from functools import cache
from typing import Any, Protocol, TypeVar, runtime_checkable

from django.db import connection, models

from gongqing.audit import scope
from gongqing.audit.journeys import asked

Row = TypeVar("Row", bound=models.Model)
Beside = tuple[str, Sequence[Any], int | None]  # a statement, its arguments, how many rows it must concern: None, any
_MOST_ROWS = 5_000  # in one statement
_SHARE_AHEAD = 4  # of what a block has taken so far, that many more at once
_MOST_AHEAD = 20  # numbers of a table that are drawn ahead because they were needed at some time

_open: ContextVar[_Sheaf | None] = ContextVar("gongqing_sheaf", default=None)
_usual: dict[str, Counter[type[models.Model]]] = {}  # how many numbers of each table work of one name takes


@runtime_checkable
class Spelled(Protocol):
    """A field whose values go into the database in another form than they are read.

    Attributes:
        spelled_type: of the value as it is sent.
        spelled: the expression that makes the column of it, with a place for its name.
    """

    spelled_type: str
    spelled: str


class _Sheaf:
    """The rows of one block by table, in the order in which the tables first came."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: dict[type[models.Model], list[models.Model]] = {}
        self.lenient: set[type[models.Model]] = set()
        self.changed: dict[int, tuple[models.Model, dict[str, None]]] = {}  # by identity
        self.numbers: dict[type[models.Model], list[int]] = {}
        self.asked: tuple[type[models.Model], ...] = ()
        self.taken: Counter[type[models.Model]] = Counter()
        self.kept: dict[Any, Any] = {}
        self.before: list[Beside] = []
        self.beside: list[Beside] = []

    def number_of(self, model: type[models.Model]) -> int:
        self.taken[model] += 1
        if not self.numbers.get(model):
            wanted = self.usual()
            more = max(wanted.get(model, 0), self.taken[model] // _SHARE_AHEAD, 1)
            self.numbers |= _drawn({**wanted, model: more})
        return self.numbers[model].pop(0)

    def usual(self) -> dict[type[models.Model], int]:
        """How many numbers it is likely to need of the tables of which it has drawn none yet."""
        usual = _usual.get(self.name, Counter())
        return {each: _with_spare(count) for each, count in usual.items() if each not in self.numbers}

    def add(self, row: models.Model, *, is_lenient: bool) -> None:
        model = type(row)
        if row.pk is None:
            row.pk = self.number_of(model)
        self.rows.setdefault(model, []).append(row)
        if is_lenient:
            self.lenient.add(model)

    def change(self, row: models.Model, fields: Iterable[str]) -> None:
        self.changed.setdefault(id(row), (row, {}))[1].update(dict.fromkeys(fields))

    def write(self) -> None:
        rows, self.rows = self.rows, {}
        changed, self.changed = list(self.changed.values()), {}
        before, self.before = self.before, []
        beside, self.beside = self.beside, []
        with scope.elevated() if beside else nullcontext():  # the trace is written beyond what its actor sees
            write_all(rows, changed, lenient=self.lenient, before=before, beside=beside)
        alias = connection.alias
        for many in rows.values():
            for row in many:
                row._state.adding, row._state.db = False, alias


def _with_spare(count: int) -> int:
    """A little more than many rows took last time, so that a block that takes more of each table rarely asks again."""
    return count + count // _SHARE_AHEAD if count > _MOST_AHEAD else count


@contextmanager
def together(name: str) -> Iterator[None]:
    """Collect what is inserted and write it at the end; a block inside joins the outer one.

    Args:
        name: of the kind of work, to draw the numbers of its rows in one statement next time.

    Raises:
        IntegrityError: at the end, where the rows do not fit what others have written meanwhile.
    """
    if _open.get() is not None:
        yield
        return
    sheaf = _Sheaf(name)
    token = _open.set(sheaf)
    try:
        yield
    finally:
        _open.reset(token)
    sheaf.write()
    before = _usual.get(name, Counter())
    _usual[name] = sheaf.taken | Counter({each: min(count, _MOST_AHEAD) for each, count in before.items()})


def is_together() -> bool:
    """Whether rows are being collected."""
    return _open.get() is not None


def write_now() -> None:
    """Write what has been collected so far; nothing outside of a block."""
    sheaf = _open.get()
    if sheaf is not None:
        sheaf.write()


def kept() -> dict[Any, Any] | None:
    """What the block around remembers of the rows that it works on; None outside of one."""
    sheaf = _open.get()
    return sheaf.kept if sheaf is not None else None


def name() -> str:
    """The name of the block around; empty outside of one."""
    sheaf = _open.get()
    return sheaf.name if sheaf is not None else ""


def save(row: models.Model, fields: Iterable[str] | None = None) -> None:
    """Save these fields of a locked row, or all, now or with the block around; a row yet to be inserted has them."""
    if row._state.adding:
        return
    sheaf = _open.get()
    names = list(fields) if fields is not None else [each.name for each in _fields(type(row)) if not each.primary_key]
    if sheaf is None:
        row.save(update_fields=names)
    else:
        sheaf.change(row, names)


def number_of(model: type[models.Model]) -> int:
    """The number of a row that is to be inserted later in the block."""
    return numbers_of(model, 1)[0]


def insert(row: Row, *, is_lenient: bool = False) -> Row:
    """Insert a row, now or with the block around; it has its number either way.

    Args:
        is_lenient: let a row of its unique key that is there already stand; then the number may be of no row.
    """
    sheaf = _open.get()
    if sheaf is None:
        insert_all({type(row): [row]}, lenient={type(row)} if is_lenient else set())
        row._state.adding, row._state.db = False, connection.alias
    else:
        sheaf.add(row, is_lenient=is_lenient)
    return row


def run(statements: Sequence[Beside], *, is_last: bool = False) -> None:
    """Run statements, now or, when they may be among the last of the block around, with it."""
    sheaf = _open.get()
    if sheaf is not None and is_last:
        sheaf.beside += statements
    else:
        write_all({}, (), beside=statements)


def change(model: type[models.Model], statement: str, given: Sequence[Any]) -> None:
    """Change rows of a table by a statement, now or with the block around, before what it writes.

    A block that has collected rows of this table, or statements of others, writes them first.
    """
    sheaf = _open.get()
    if sheaf is None:
        write_all({}, (), before=[(statement, given, None)])
        return
    if sheaf.beside or model in sheaf.rows or any(type(row) is model for row, _ in sheaf.changed.values()):
        sheaf.write()
    sheaf.before.append((statement, given, None))


def settle() -> None:
    """Write what has been collected if statements of others are among it."""
    sheaf = _open.get()
    if sheaf is not None and sheaf.beside:
        sheaf.write()


def numbers_asked() -> tuple[str, Sequence[Any]] | None:
    """The statement that draws the numbers which the block around is likely to need; None where there is nothing.

    Its answer goes to `keep_numbers` before the block needs a number.
    """
    sheaf = _open.get()
    if sheaf is None or not (wanted := sheaf.usual()):
        return None
    sheaf.asked = tuple(wanted)
    return _drawing(wanted)


def keep_numbers(cursor: Any) -> None:
    """Give the block around the numbers that `numbers_asked` drew for it."""
    sheaf = _open.get()
    if sheaf is not None:
        sheaf.numbers |= dict(zip(sheaf.asked, map(list, cursor.fetchone() or ()), strict=True))


def numbers_of(model: type[models.Model], count: int) -> list[int]:
    """Numbers of rows that are to be inserted later."""
    sheaf = _open.get()
    return [sheaf.number_of(model) for _ in range(count)] if sheaf else _drawn({model: count})[model]


def insert_all(
    rows: dict[type[models.Model], list[models.Model]],
    *,
    lenient: set[type[models.Model]] | frozenset[Any] = frozenset(),
) -> None:
    """Insert the rows of several tables in as few journeys as their size allows."""
    write_all(rows, (), lenient=lenient)


def write_all(
    rows: dict[type[models.Model], list[models.Model]],
    changed: Iterable[tuple[models.Model, Iterable[str]]],
    *,
    lenient: set[type[models.Model]] | frozenset[Any] = frozenset(),
    before: Sequence[Beside] = (),
    beside: Sequence[Beside] = (),
) -> None:
    """Write fields of rows that are there, then new rows, in one journey.

    Args:
        before, beside: statements that go along at the beginning and at the end.

    Raises:
        RuntimeError: a row to be changed is not there, or out of sight.
    """
    missing = Counter({model: sum(row.pk is None for row in many) for model, many in rows.items()})
    for model, drawn in _drawn(+missing).items():
        for row, number in zip((row for row in rows[model] if row.pk is None), drawn, strict=True):
            row.pk = number
    statements = list(before)
    for model, names, many in _alike(changed):
        statement, fields = _change(model, names)
        statements.append((statement, [_records(many, fields)], len(many)))
    for model, many in rows.items():
        statement, fields = _entry(model, is_lenient=model in lenient)
        for start in range(0, len(many), _MOST_ROWS):
            statements.append((statement, [_records(many[start : start + _MOST_ROWS], fields)], None))
    statements += beside
    if not statements:
        return
    cursors = asked([(statement, given) for statement, given, _ in statements])
    for cursor, (_, _, expected) in zip(cursors, statements, strict=True):
        if expected is not None and cursor.rowcount != expected:
            raise RuntimeError("a row to be changed is not there")


def _alike(
    changed: Iterable[tuple[models.Model, Iterable[str]]],
) -> Iterator[tuple[type[models.Model], tuple[str, ...], list[models.Model]]]:
    """The changed rows in order, neighbours of one table with the same fields together; a row once in each group."""
    group: dict[Any, models.Model] = {}
    key: tuple[type[models.Model], tuple[str, ...]] | None = None
    for row, names in changed:
        mine = type(row), tuple(sorted(names))
        if key is not None and (mine != key or row.pk in group):
            yield *key, list(group.values())
            group = {}
        key = mine
        group[row.pk] = row
    if key is not None:
        yield *key, list(group.values())


def _records(rows: Sequence[models.Model], fields: Sequence[models.Field[Any, Any]]) -> str:
    names = [(field.column or "", field.attname) for field in fields]
    return _ENCODE([{column: getattr(row, name) for column, name in names} for row in rows])


def _plain(value: Any) -> str:
    """A value as PostgreSQL reads it from JSON text."""
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


_ENCODE = json.JSONEncoder(default=_plain, ensure_ascii=False, check_circular=False).encode


@cache
def _entry(model: type[models.Model], *, is_lenient: bool) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    fields = _fields(model)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    values = ", ".join(_written(field) for field in fields)
    tail = " ON CONFLICT DO NOTHING" if is_lenient else ""
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) SELECT {values}"
    return f"{head} FROM json_to_recordset($1) r({_types(fields)}){tail}", fields


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    wanted = set(names)
    fields = tuple(field for field in _fields(model) if field.primary_key or field.name in wanted)
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(field.column or '')} = {_written(field)}" for field in fields if not field.primary_key)
    head = f"UPDATE {quote(model._meta.db_table)} t SET {places}"  # noqa: S608  # names of our own tables
    return f"{head} FROM json_to_recordset($1) r({_types(fields)}) WHERE t.id = r.id", fields


@cache
def _fields(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.generated)


def _types(fields: Sequence[models.Field[Any, Any]]) -> str:
    quote = connection.ops.quote_name
    return ", ".join(f"{quote(field.column or '')} {_type(field)}" for field in fields)


def _type(field: models.Field[Any, Any]) -> str:
    if isinstance(field, Spelled):
        return field.spelled_type
    kind = field.target_field if isinstance(field, models.ForeignKey) else field
    return (kind.rel_db_type(connection) if field is not kind or field.primary_key else kind.db_type(connection)) or ""


def _written(field: models.Field[Any, Any]) -> str:
    column = f"r.{connection.ops.quote_name(field.column or '')}"
    return field.spelled.format(column) if isinstance(field, Spelled) else column


def _drawn(wanted: dict[type[models.Model], int] | Counter[type[models.Model]]) -> dict[type[models.Model], list[int]]:
    """Numbers for new rows, drawn from the sequences of several tables in one statement."""
    if not wanted:
        return {}
    (cursor,) = asked([_drawing(wanted)])
    drawn = cursor.fetchone() or ()
    return dict(zip(wanted, map(list, drawn), strict=True))


def _drawing(wanted: Mapping[type[models.Model], int]) -> tuple[str, Sequence[Any]]:
    columns = ", ".join(
        f"ARRAY(SELECT nextval('{_sequence(model)}') FROM generate_series(1, ${place}::int))"  # noqa: S608  # our own tables
        for place, model in enumerate(wanted, start=1)
    )
    return f"SELECT {columns}", list(wanted.values())


@cache
def _sequence(model: type[models.Model]) -> str:
    return f"{model._meta.db_table}_id_seq"
