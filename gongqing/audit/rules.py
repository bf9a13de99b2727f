"""What are the bytes of a row of the trace, and what is their digest?

Every form opens with its own name and number, so that no row passes for one of another kind, and a later form can stand
beside this one. What may have to be erased (a name, a note) enters only through a digest over it and a random salt.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from gongqing.lib import crypto
from gongqing.lib.times import local

EVENT_FORM, ACCESS_FORM, ASIDE_FORM = "event/1", "access/1", "aside/1"
BLOCK_FORM, ROOT_FORM, SEAL_FORM = "block/1", "root/1", "seal/1"
SMALLEST_BLOCK, MOST_BLOCKS = 200, 2_000
Block = tuple[int, int, int, str]  # first and last number, count, digest
SHARED = ("at", "role", "user_id", "organisation_id", "key_id", "kind", "subject_kind", "subject_id")
CHAINED = frozenset({"appeal"})  # the kinds of subject whose events hang together


def event_form(
    *,
    at: datetime,
    role: str,
    user_id: int | None,
    organisation_id: int | None,
    key_id: int | None,
    kind: str,
    subject_kind: str,
    subject_id: int | None,
    data: Mapping[str, Any],
    aside_digest: str,
    previous_digest: str,
) -> bytes:
    """One thing that was done, as the same bytes whenever and wherever it is read."""
    return _bytes(
        EVENT_FORM,
        {
            "at": _moment(at),
            "by": [role, user_id, organisation_id, key_id],
            "kind": kind,
            "subject": [subject_kind, subject_id],
            "data": plain(data),
            "aside": aside_digest,
            "previous": previous_digest,
        },
    )


def access_form(
    *,
    at: datetime,
    role: str,
    user_id: int | None,
    organisation_id: int | None,
    key_id: int | None,
    kind: str,
    subject_kind: str,
    subject_id: int | None,
    count: int,
    aside_digest: str,
) -> bytes:
    """One look at personal data, as the same bytes whenever and wherever it is read."""
    return _bytes(
        ACCESS_FORM,
        {
            "at": _moment(at),
            "by": [role, user_id, organisation_id, key_id],
            "kind": kind,
            "subject": [subject_kind, subject_id],
            "count": count,
            "aside": aside_digest,
        },
    )


class Traced(Protocol):
    """What every row of the trace says of who did what, when: the fields of `SHARED`, and the digest beside them."""

    @property
    def at(self) -> Any: ...
    @property
    def aside_digest(self) -> str: ...


def form_of_event(row: Traced, *, data: Mapping[str, Any], previous_digest: str) -> bytes:
    """`event_form` of a row, however it was read."""
    return event_form(**_shared(row), data=data, aside_digest=row.aside_digest, previous_digest=previous_digest)


def form_of_look(row: Traced, *, count: int) -> bytes:
    """`access_form` of a row, however it was read."""
    return access_form(**_shared(row), count=count, aside_digest=row.aside_digest)


def _shared(row: Traced) -> dict[str, Any]:
    return {name: getattr(row, name) for name in SHARED}


def aside_digest(salt: str, *parts: str) -> str:
    """The digest of what may be erased; without the salt nobody can try out what it was."""
    return crypto.digest(f"{salt}\n".encode() + _bytes(ASIDE_FORM, list(parts)))


def address_text(address: object) -> str:
    """An address of the network in its one spelling; empty for none."""
    return str(ipaddress.ip_address(str(address))) if address else ""


def block_size(count: int) -> int:
    """How many rows go into one block of a seal over so many."""
    return max(SMALLEST_BLOCK, -(-count // MOST_BLOCKS))


def block_of(rows: Sequence[tuple[int, str]]) -> Block:
    """The block over these numbers and digests, in their order."""
    return rows[0][0], rows[-1][0], len(rows), crypto.digest(_bytes(BLOCK_FORM, rows))


def root_of(events: Sequence[Sequence[Any]], looks: Sequence[Sequence[Any]]) -> str:
    """The digest over the blocks of a seal."""
    return crypto.digest(_bytes(ROOT_FORM, [[list(one) for one in events], [list(one) for one in looks]]))


def signature_of(secret: bytes, digest: str) -> str:
    """Who made a seal: only who holds the key file can."""
    return crypto.keyed_digest(secret, f"gongqing/{SEAL_FORM}\n{digest}".encode())


def seal_form(
    *,
    day: date,
    last_event_id: int,
    last_access_id: int,
    event_count: int,
    access_count: int,
    root: str,
    previous_digest: str,
) -> bytes:
    """A day's seal, as the same bytes whenever and wherever it is read."""
    return _bytes(
        SEAL_FORM,
        {
            "day": day.isoformat(),
            "last": [last_event_id, last_access_id],
            "counts": [event_count, access_count],
            "root": root,
            "previous": previous_digest,
        },
    )


def plain(value: Any) -> Any:
    """The value as it comes back from a jsonb column: text keys, lists, and numbers that PostgreSQL writes the same."""
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(repr(value).removesuffix(".0")) if "e" not in repr(value) else _whole(repr(value))
    return value


def _key(key: Any) -> str:
    return key if type(key) is str else json.loads(json.dumps({key: None}).partition(":")[0].lstrip("{"))


def _whole(written: str) -> int:
    """1e+22 as the number that was written, not as its nearest binary fraction."""
    digits, _, exponent = written.partition("e")
    whole, _, fraction = digits.partition(".")
    return int(whole + fraction + "0" * (int(exponent) - len(fraction)))


def _moment(at: datetime) -> str:
    return local(at).isoformat(timespec="microseconds")


def _bytes(form: str, content: Any) -> bytes:
    return f"gongqing/{form}\n{_WRITTEN(content)}".encode()


_WRITTEN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
