"""How are the rows of the trace read in their millions, at steady memory?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection

from gongqing.audit import rules
from gongqing.lib import crypto

AT_ONCE = 2_000
# columns that are read otherwise than under their own name
_READ = {"data": "data::text", "address": "host(address)", "number": "count"}
_BETWEEN = "WHERE id > %s AND id <= %s ORDER BY id"
_ABOUT = "WHERE subject_kind = %s AND subject_id = %s ORDER BY id"
LAST = 2**63 - 1


class EventRow(NamedTuple):
    """One row of what was done."""

    id: int
    at: Any
    role: str
    user_id: int | None
    organisation_id: int | None
    key_id: int | None
    kind: str
    subject_kind: str
    subject_id: int | None
    name: str
    organisation_name: str
    note: str
    data: str
    salt: str
    aside_digest: str
    digest: str
    previous_digest: str
    erased_at: Any

    def form(self) -> bytes:
        """As `Event.canonical`."""
        return rules.form_of_event(self, data=json.loads(self.data), previous_digest=self.previous_digest)

    def aside(self) -> tuple[str, ...]:
        """What may be erased."""
        return self.name, self.organisation_name, self.note

    def words(self) -> str:
        """What an erased row no longer has."""
        return self.note


class LookRow(NamedTuple):
    """One row of what was looked at."""

    id: int
    at: Any
    role: str
    user_id: int | None
    organisation_id: int | None
    key_id: int | None
    kind: str
    subject_kind: str
    subject_id: int | None
    name: str
    organisation_name: str
    reason: str
    address: str | None
    salt: str
    aside_digest: str
    digest: str
    number: int
    erased_at: Any

    def form(self) -> bytes:
        """As `AccessLog.canonical`."""
        return rules.form_of_look(self, count=self.number)

    def aside(self) -> tuple[str, ...]:
        """What may be erased."""
        return self.name, self.organisation_name, self.reason, rules.address_text(self.address)

    def words(self) -> str:
        """What an erased row no longer has."""
        return self.reason


Row = EventRow | LookRow


def _asking(kind: type[Row], table: str) -> str:
    return f"SELECT {', '.join(_READ.get(name, name) for name in kind._fields)} FROM {table} "  # noqa: S608


_EVENTS, _LOOKS = _asking(EventRow, "audit_event"), _asking(LookRow, "audit_accesslog")


def event_rows(*, after: int = 0, until: int = LAST) -> Iterator[EventRow]:
    """The events with numbers in (after, until], in their order; needs an open transaction."""
    return map(EventRow._make, streamed(_EVENTS + _BETWEEN, [after, until]))


def look_rows(*, after: int = 0, until: int = LAST) -> Iterator[LookRow]:
    """The looks with numbers in (after, until], in their order; needs an open transaction."""
    return map(LookRow._make, streamed(_LOOKS + _BETWEEN, [after, until]))


def events_about(subject_kind: str, subject_id: int) -> list[EventRow]:
    """Everything that was done to one thing, in the order of the numbers."""
    return [EventRow._make(row) for row in _asked(_EVENTS + _ABOUT, [subject_kind, subject_id])]


def looks_about(subject_kind: str, subject_id: int) -> list[LookRow]:
    """Every look at one thing, in the order of the numbers."""
    return [LookRow._make(row) for row in _asked(_LOOKS + _ABOUT, [subject_kind, subject_id])]


def _asked(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def streamed(statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows of a question, fetched a few thousand at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows


def fault_of(row: Row) -> str:
    """What is wrong with a row by itself, in words; empty when nothing is."""
    if row.digest != crypto.digest(row.form()):
        return "内容被改动"
    if row.erased_at is not None:
        return "标为已去除个人信息，却还有文字" if row.words() or row.salt else ""
    if row.aside_digest != rules.aside_digest(row.salt, *row.aside()):
        return "姓名或说明被改动"
    return ""
