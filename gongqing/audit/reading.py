"""Queries that are asked all day, turned into a statement once instead of every time.

Making the statement of a query over a wide table with several joins costs more than the database takes to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=models.Model)
Argument = int | str | date
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
    populators: Sequence[Any]


class Prepared(Generic[Row]):
    """A query whose arguments alone change from one asking to the next.

    Args:
        build: makes the query from its arguments, each a whole number, a text or a day, used as it is given; whatever
            changes its shape comes as `shape` and is the first argument.
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
        key = (shape, *(type(each) for each in arguments))
        if key not in self._statements:
            if len(self._statements) >= _MOST:
                self._statements.clear()
            self._statements[key] = self._prepare(arguments, shape)
        statement = self._statements[key]
        if statement is None:
            return []
        given = [
            value if place is None else arguments[place]
            for value, place in zip(statement.values, statement.places, strict=True)
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, given)
            rows = cursor.fetchall()
        if statement.converters:
            rows = list(statement.compiler.apply_converters(rows, statement.converters))
        return _instances(rows, statement)

    def _prepare(self, arguments: Sequence[Argument], shape: Hashable) -> _Statement | None:
        marks = [_mark(each, place) for place, each in enumerate(arguments)]
        compiler = self._build(shape, *marks).query.get_compiler(connection=connection)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:
            return None
        places = tuple(marks.index(value) if value in marks else None for value in values)
        if set(places) - {None} != set(range(len(arguments))):
            raise TypeError("an argument of a prepared query does not stand in its statement as it is")
        converters = compiler.get_converters([each[0] for each in compiler.select])
        made: Any = compiler.klass_info
        start, end = made["select_fields"][0], made["select_fields"][-1] + 1
        names = tuple(each[0].target.attname for each in compiler.select[start:end])
        populators = get_related_populators(made, compiler.select, connection.alias)  # type: ignore[call-arg]  # of Django 6
        return _Statement(sql, tuple(values), places, compiler, converters, names, populators)


def _mark(argument: Argument, place: int) -> Argument:
    """A value that no statement holds by itself."""
    if isinstance(argument, int):
        return _MARK + place
    return date(9900, 1, 1 + place) if isinstance(argument, date) else f"\ue000{place}"


def _instances(rows: Sequence[Sequence[Any]], statement: _Statement) -> list[Any]:
    """Model instances with what was joined, as Django's own iteration makes them."""
    made: Any = statement.compiler.klass_info
    start, end = made["select_fields"][0], made["select_fields"][-1] + 1
    found = []
    for row in rows:
        instance = made["model"].from_db(connection.alias, statement.names, row[start:end])
        for populator in statement.populators:
            populator.populate(row, instance)
        for name, place in (statement.compiler.annotation_col_map or {}).items():
            setattr(instance, name, row[place])
        found.append(instance)
    return found
