"""How is what happened written, so that nobody can change, remove or reorder it unseen?

The head of a subject's chain is locked, the digests are computed, and events and heads are written: two exchanges with
the database, however many events. The lock lasts to the end of the transaction: no two writers continue the same end.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from gongqing.audit import rules, scope, writing
from gongqing.audit.journeys import Statement, asked
from gongqing.audit.models import Event
from gongqing.lib import crypto

Key = tuple[str, int]
FEW = 4  # chains, whose heads are locked one by one
_AHEAD = "audit.ahead"
_MOST_AHEAD = 8  # numbers of events

_ROW = {
    "id": "bigint",
    "at": "timestamptz",
    "role": "text",
    "user_id": "bigint",
    "key_id": "bigint",
    "name": "text",
    "organisation_id": "bigint",
    "organisation_name": "text",
    "kind": "text",
    "subject_kind": "text",
    "subject_id": "bigint",
    "note": "text",
    "data": "jsonb",
    "salt": "text",
    "aside_digest": "text",
    "previous_digest": "text",
    "digest": "text",
}
_COLUMNS = ", ".join(_ROW)
_WRITE = (
    f"INSERT INTO audit_event ({_COLUMNS}) SELECT {_COLUMNS}"  # noqa: S608
    f" FROM jsonb_to_recordset($1) r({', '.join(f'{name} {kind}' for name, kind in _ROW.items())})"
)
_AWAIT = """
INSERT INTO audit_delivery (event_id, listeners)
SELECT event_id, listeners FROM jsonb_to_recordset($1) r(event_id bigint, listeners jsonb)
"""
_HEAD = "r(subject_kind text, subject_id bigint, length integer, digest text)"
_LOCK_ONE = """
SELECT h.subject_kind, h.subject_id, h.length, h.digest
FROM audit_chainhead h WHERE h.subject_kind = $1 AND h.subject_id = $2 FOR NO KEY UPDATE
"""
_LOCK = """
SELECT h.subject_kind, h.subject_id, h.length, h.digest
FROM unnest($1::text[], $2::bigint[]) w(kind, id)
JOIN audit_chainhead h ON h.subject_kind = w.kind AND h.subject_id = w.id
ORDER BY 1, 2 FOR NO KEY UPDATE OF h
"""
_DRAW = "SELECT nextval('audit_event_id_seq') FROM generate_series(1, $1::int)"  # after the lock: later is larger
_LAY = """
INSERT INTO audit_chainhead (subject_kind, subject_id, length, digest)
SELECT kind, id, 0, '' FROM unnest($1::text[], $2::bigint[]) w(kind, id) ORDER BY 1, 2 ON CONFLICT DO NOTHING
"""
_OPEN = f"""
INSERT INTO audit_chainhead (subject_kind, subject_id, length, digest) SELECT * FROM jsonb_to_recordset($1) {_HEAD}
"""  # noqa: S608
_MOVE = f"""
UPDATE audit_chainhead h SET length = r.length, digest = r.digest FROM jsonb_to_recordset($1) {_HEAD}
WHERE h.subject_kind = r.subject_kind AND h.subject_id = r.subject_id
"""  # noqa: S608


@dataclass(slots=True)
class Head:
    """Where a chain ends now."""

    length: int = 0
    digest: str = ""


class Mark:
    """Vanishes from the connection when the savepoint in which it was set is taken back."""

    def __init__(self) -> None:
        transaction.on_commit(self)

    def __call__(self) -> None:
        """Nothing is to be done at the commit."""

    @staticmethod
    def standing() -> set[int]:
        """The identities of those that no savepoint has taken back."""
        return {id(entry[1]) for entry in connection.run_on_commit}


@dataclass(slots=True)
class _Ahead:
    """The head of a chain that was locked ahead, and numbers drawn behind the lock."""

    head: Head
    numbers: list[int]
    mark: Mark


_usual: dict[str, int] = {}  # how many events a kind of work wrote for whose chain it had locked the head ahead


def asked_ahead(key: Key) -> list[Statement]:
    """Statements that lock the head of a chain in a journey that is made anyway; nothing outside a block.

    Only behind the lock of the subject itself, for a block that writes about it once; `keep_ahead` has the answers.
    """
    block = writing.name()
    return [(_LOCK_ONE, key), (_DRAW, [_usual.get(block, 1)])] if block else []


def keep_ahead(key: Key, answers: Sequence[Any]) -> None:
    """Let the block around continue this chain from the answers to `asked_ahead`."""
    kept = writing.kept()
    if kept is None or not answers or (row := answers[0].fetchone()) is None:
        return
    kept[_AHEAD, key] = _Ahead(Head(*row[2:]), [number for (number,) in answers[1].fetchall()], Mark())


def write(
    events: Sequence[Event],
    *,
    opened: Collection[Key] = (),
    is_last: bool = False,
    heard_by: Callable[[Event], list[str]] | None = None,
) -> None:
    """Write the events in this order, each at the end of its subject's chain; needs an open transaction.

    Args:
        opened: subjects that this transaction made, which have no head yet.
        is_last: they may go with the rows of the block around, in one journey.
        heard_by: the names of the listeners that each waits for; they are written with it.

    Raises:
        IntegrityError: a subject of `opened` has one.
    """
    with scope.elevated():
        heads = {key: Head() for event in events if (key := chain_of(event)) is not None}
        known = sorted(heads.keys() - set(opened))
        ahead = _ahead_of(known, len(events))
        if ahead is not None:
            heads[known[0]], numbers = ahead
        elif known:
            writing.settle()
            locked, numbers = _locked(known, len(events))
            heads |= locked
        else:
            numbers = writing.numbers_of(Event, len(events))
        for event, number in zip(events, numbers, strict=True):
            event.pk = number
            link(event, heads)
        new, old = [key for key in heads if key not in known], known
        statements: list[writing.Beside] = [(_WRITE, [_rows(events)], len(events))]
        if new:
            statements.append((_OPEN, [_ends(heads, new)], len(new)))
        if old:
            statements.append((_MOVE, [_ends(heads, old)], len(old)))
        if awaited := _awaited(events, heard_by):
            statements.append((_AWAIT, [json.dumps(awaited)], len(awaited)))
        writing.run(statements, is_last=is_last)
    for event in events:
        event._state.adding, event._state.db = False, connection.alias


def _ahead_of(keys: Sequence[Key], count: int) -> tuple[Head, list[int]] | None:
    """Head and numbers of the only chain to be continued, where they were taken ahead; they serve once."""
    kept = writing.kept() or {}
    found = [(key, kept.pop((_AHEAD, key))) for key in keys if (_AHEAD, key) in kept]
    if len(keys) != 1 or not found:
        return None
    ahead: _Ahead = found[0][1]
    _usual[writing.name()] = max(_usual.get(writing.name(), 1), min(count, _MOST_AHEAD))
    if len(ahead.numbers) < count or id(ahead.mark) not in Mark.standing():
        return None
    return ahead.head, ahead.numbers[:count]


def _awaited(events: Sequence[Event], heard_by: Callable[[Event], list[str]] | None) -> list[dict[str, object]]:
    if heard_by is None:
        return []
    return [{"event_id": event.pk, "listeners": names} for event in events if (names := heard_by(event))]


def chain_of(event: Event) -> Key | None:
    """Which chain an event belongs to; None for a subject without one."""
    if event.subject_kind in rules.CHAINED and event.subject_id is not None:
        return event.subject_kind, event.subject_id
    return None


def link(event: Event, heads: Mapping[Key, Head]) -> None:
    """Compute the digests of an event and move the head of its chain."""
    event.salt = secrets.token_hex(16)
    event.aside_digest = rules.aside_digest(event.salt, event.name, event.organisation_name, event.note)
    key = chain_of(event)
    head = heads[key] if key is not None else Head()
    event.previous_digest = head.digest
    event.digest = head.digest = crypto.digest(event.canonical())
    head.length += 1


def _locked(keys: Sequence[Key], count: int) -> tuple[dict[Key, Head], list[int]]:
    """The heads of these chains, held until the transaction ends, and numbers drawn after; a missing head is made."""
    wanted = [[kind for kind, _ in keys], [number for _, number in keys]]
    # one by one, in the same order, their plans are kept; that of the many is made anew each time
    locks: list[Statement] = [(_LOCK_ONE, key) for key in keys] if len(keys) <= FEW else [(_LOCK, wanted)]
    *ends, drawn = asked([*locks, (_DRAW, [count])])
    rows = [row for end in ends for row in end.fetchall()]
    if len(rows) < len(keys):
        _, end, drawn = asked([(_LAY, wanted), (_LOCK, wanted), (_DRAW, [count])])
        rows = end.fetchall()
    heads = {(kind, number): Head(length, digest) for kind, number, length, digest in rows}
    return heads, [number for (number,) in drawn.fetchall()]


def _rows(events: Sequence[Event]) -> str:
    names = [name for name in _ROW if name != "at"]
    return _WRITTEN(
        [{"at": event.at.isoformat(), **{name: getattr(event, name) for name in names}} for event in events]
    )


_WRITTEN = json.JSONEncoder(ensure_ascii=False).encode


def _ends(heads: Mapping[Key, Head], keys: Sequence[Key]) -> str:
    return json.dumps(
        [
            {
                "subject_kind": kind,
                "subject_id": number,
                "length": heads[kind, number].length,
                "digest": heads[kind, number].digest,
            }
            for kind, number in keys
        ]
    )
