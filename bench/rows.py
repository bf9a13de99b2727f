"""Which rows of which tables belong to one appeal? Found by the models' own links, so that no table is forgotten."""

from __future__ import annotations

from typing import Any

import psycopg
from django.apps import apps
from django.db.models import ForeignKey, Model

from gongqing.appeals.models import Appeal
from gongqing.registry.models import Person

FEATURES = {"appeals", "dispatch", "registry", "audit", "notices", "voices"}
# sheets that were read in, and what triggers make of each copy by themselves
NOT_COPIED = {"LoadRow", "Load", "OpenAppeal", "OpenGrant", "Closing", "NeedMark"}
# what rows may be about → where that is kept
SUBJECTS = {
    "appeal": "appeals_appeal",
    "person": "registry_person",
    "member": "registry_member",
    "message": "notices_message",
}


def linked_models() -> dict[str, list[type[Model]]]:
    """Table → the models that hang on an appeal, on its person, or on what hangs there, parents first."""
    found: dict[type[Model], None] = {Person: None, Appeal: None}
    grown = True
    while grown:
        grown = False
        for model in apps.get_models():
            if model in found or model._meta.app_label not in FEATURES:
                continue
            if any(isinstance(each, ForeignKey) and each.related_model in found for each in model._meta.local_fields):
                found[model] = None
                grown = True
    return {model._meta.db_table: [model] for model in found if model.__name__ not in NOT_COPIED}


def captured(connection: psycopg.Connection[Any], appeal_id: int) -> dict[str, tuple[tuple[str, ...], list[list[Any]]]]:
    """Table → columns and rows, as text, of everything that belongs to an appeal."""
    kept: dict[str, tuple[tuple[str, ...], list[list[Any]]]] = {}
    ids: dict[type[Model], list[int]] = {Appeal: [appeal_id]}
    person = connection.execute("SELECT person_id FROM appeals_appeal WHERE id = %s", [appeal_id]).fetchone()
    ids[Person] = [person[0]] if person and person[0] else []
    for table, (model,) in linked_models().items():
        links = [
            each
            for each in model._meta.local_fields
            if isinstance(each, ForeignKey) and each.related_model in ids and each.related_model is not model
        ]
        if model in (Appeal, Person):
            condition, given = "id = ANY(%s)", [ids[model]]
        else:
            condition = " OR ".join(f"{each.column} = ANY(%s)" for each in links) or "false"
            given = [ids[each.related_model] for each in links]  # type: ignore[index]
        kept[table] = _rows(connection, table, condition, given, has_id=model._meta.pk.column == "id")
        columns, rows = kept[table]
        ids.setdefault(model, [int(row[columns.index(model._meta.pk.column)]) for row in rows])
    for table in subject_tables():
        numbers = {kind: _numbers(kept.get(of, ((), []))) for kind, of in SUBJECTS.items()}
        condition = " OR ".join("(subject_kind = %s AND subject_id = ANY(%s))" for _ in numbers)
        given = [each for pair in numbers.items() for each in pair]
        kept[table] = _rows(connection, table, condition, given, has_id=table != "audit_chainhead")
    return {table: found for table, found in kept.items() if found[1]}


def subject_tables() -> list[str]:
    """The tables whose rows name what they are about; what others are about comes first."""
    found = [
        model._meta.db_table
        for model in apps.get_models()
        if {"subject_kind", "subject_id"} <= {each.name for each in model._meta.local_fields}
        and model.__name__ != "LoadRow"
    ]
    return sorted(found, key=lambda table: table not in SUBJECTS.values())


def _numbers(found: tuple[tuple[str, ...], list[list[Any]]]) -> list[int]:
    columns, rows = found
    return [int(row[columns.index("id")]) for row in rows]


def _rows(
    connection: psycopg.Connection[Any], table: str, condition: str, given: list[Any], *, has_id: bool
) -> tuple[tuple[str, ...], list[list[Any]]]:
    names = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [table],
    ).fetchall()
    columns = tuple(name for (name,) in names)
    as_text = ", ".join(f'"{name}"::text' for name in columns)
    order = f"{table}.{'id' if has_id else columns[0]}"  # the number, not its text
    found = connection.execute(f"SELECT {as_text} FROM {table} WHERE {condition} ORDER BY {order}", given)  # type: ignore[arg-type]  # noqa: S608
    return columns, [list(row) for row in found.fetchall()]
