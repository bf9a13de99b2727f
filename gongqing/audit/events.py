"""What happened, and who must hear of it?

`record` writes the row, runs the listeners that are at once, and writes with it which others wait to hear of it: row,
event and work commit or vanish together. Those others are run by `audit.delivery`. A listener may run twice: its action
locks the row, and its rule refuses the second time.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection, transaction

from gongqing.audit import chain, rules, writing
from gongqing.audit.actor import Actor
from gongqing.audit.journeys import asked
from gongqing.audit.models import AccessLog, Event
from gongqing.lib import crypto


class Subject(Protocol):
    """Anything with a row of its own."""

    pk: Any


Listener = Callable[[Event], None]
GroupListener = Callable[[Sequence[Event]], None]
Condition = Callable[[Event], bool]


@dataclass(frozen=True, slots=True)
class Queued:
    """A listener that is not at once.

    Attributes:
        hear: runs it on events, in this order.
        when: whether an event concerns it.
        takes_groups: it hears of several events in one call.
        takes_long: it is run by a job of its own.
    """

    hear: GroupListener
    when: Condition | None = None
    takes_groups: bool = False
    takes_long: bool = False


_at_once: dict[str, list[tuple[Listener, bool]]] = {}
_queued: dict[str, dict[str, Queued]] = {}


@dataclass(slots=True)
class _Waiting:
    event: Event
    recorded: chain.Mark
    opens: bool
    written: chain.Mark | None = None


@dataclass(slots=True)
class _Batch:
    """What was recorded in a block and is written together."""

    waiting: list[_Waiting] = field(default_factory=list)

    def standing(self) -> list[_Waiting]:
        """What no savepoint has taken back."""
        marks = chain.Mark.standing()
        for one in self.waiting:
            if one.written is not None and id(one.written) not in marks:
                one.written = None
        return [one for one in self.waiting if id(one.recorded) in marks]

    def write(self, *, is_last: bool = False) -> None:
        """Write what stands and is not in the table yet."""
        missing = [one for one in self.standing() if one.written is None]
        if missing:
            opened = {key for one in missing if one.opens and (key := chain.chain_of(one.event)) is not None}
            chain.write([one.event for one in missing], opened=opened, is_last=is_last, heard_by=heard_by)
            mark = chain.Mark()
            for one in missing:
                one.written = mark


_batch: ContextVar[_Batch | None] = ContextVar("gongqing_batch", default=None)
_sending: ContextVar[str] = ContextVar("gongqing_sending", default="")


def on(
    *kinds: str,
    at_once: bool = False,
    reads_back: bool = True,
    when: Condition | None = None,
    takes_long: bool = False,
) -> Callable[[Listener], Listener]:
    """Register a listener for these kinds of event.

    Args:
        at_once: run in the same transaction, before the person gets an answer; otherwise soon after, with retries.
        reads_back: of one that is at once: whether it reads what the action has just saved, which is written first.
        when: of a listener that is not at once: whether an event concerns it; nothing waits for any other.
        takes_long: of one that is not at once: seconds or more, so that others are not to wait for it.
    """

    def register(listener: Listener) -> Listener:
        for kind in kinds:
            if at_once:
                _at_once.setdefault(kind, []).append((listener, reads_back))
            else:
                _queued.setdefault(kind, {})[_name(listener)] = Queued(
                    _one_by_one(listener), when, takes_long=takes_long
                )
        return listener

    return register


def on_groups(*kinds: str, when: Condition | None = None) -> Callable[[GroupListener], GroupListener]:
    """Register a listener that is not at once and hears of several events of these kinds in one call.

    It runs inside `writing.together`. When it fails it is called again for each event by itself.
    """

    def register(listener: GroupListener) -> GroupListener:
        for kind in kinds:
            _queued.setdefault(kind, {})[_name(listener)] = Queued(listener, when, takes_groups=True)
        return listener

    return register


def record(
    kind: str,
    *,
    subject: Subject,
    by: Actor,
    at: datetime,
    note: str = "",
    subject_kind: str = "",
    opens: bool = False,
    **data: Any,
) -> Event:
    """Write what happened and tell who listens. Call it last in an action, inside its transaction.

    Args:
        opens: it is the very first event of a subject that this transaction made.
    """
    if sending := _sending.get():
        data["sending"] = sending
    event = Event(
        kind=kind,
        subject_kind=subject_kind or type(subject).__name__.lower(),
        subject_id=subject.pk,
        note=note,
        data=data,
        **_who(by, at),
    )
    event.subject = subject
    batch = _batch.get()
    if batch is not None:
        batch.waiting.append(_Waiting(event, chain.Mark(), opens))
    else:
        with transaction.atomic(savepoint=False):
            key = chain.chain_of(event)
            chain.write([event], opened=[key] if opens and key is not None else (), heard_by=heard_by)
    for listener, reads_back in _at_once.get(kind, ()):
        if reads_back:
            writing.write_now()
        listener(event)
    return event


@contextmanager
def written_together() -> Iterator[None]:
    """Write everything that is recorded inside, and who waits to hear of it, in one go at the end.

    It needs an open transaction. Listeners that are at once still run at once, in order. Until the end the events have
    no number and are not in the table: `write_now` puts them there, and `queries.events_of` calls it. What a savepoint
    takes back is forgotten. A block inside another joins it. A block that fails writes nothing, and the transaction
    around it cannot be kept.
    """
    if _batch.get() is not None:
        yield
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("written_together needs an open transaction")
    batch = _Batch()
    token = _batch.set(batch)
    try:
        yield
        batch.write(is_last=True)
    except BaseException:
        if batch.standing():
            transaction.set_rollback(True)
        raise
    finally:
        _batch.reset(token)


gathered = written_together  # what loads call it


@contextmanager
def sent_as(sending: str) -> Iterator[None]:
    """What is recorded inside carries the mark of the sending that it came with; `was_sent` finds it again."""
    token = _sending.set(sending)
    try:
        yield
    finally:
        _sending.reset(token)


def was_sent(sending: str, *, subject_kind: str, subject_id: int) -> bool:
    """Whether something was recorded of this subject that came with this sending; the caller holds its lock."""
    write_now()
    of_subject = Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return of_subject.filter(data__sending=sending).exists()


def write_now() -> None:
    """Put into the table what was recorded in this block so far; nothing outside of one."""
    batch = _batch.get()
    if batch is not None:
        batch.write()


def record_access(
    kind: str,
    *,
    subject_kind: str,
    subject_id: int | None,
    by: Actor,
    at: datetime,
    reason: str = "",
    address: str | None = None,
    count: int = 1,
) -> None:
    """Write that personal data was looked at, in the transaction of the read; one statement in any scope."""
    look = AccessLog(
        kind=kind,
        subject_kind=subject_kind,
        subject_id=subject_id,
        reason=reason,
        address=address,
        count=count,
        salt=secrets.token_hex(16),
        **_who(by, at),
    )
    place = rules.address_text(address)
    look.aside_digest = rules.aside_digest(look.salt, look.name, look.organisation_name, reason, place)
    look.digest = crypto.digest(look.canonical())
    # without RETURNING: the row may be out of the reader's own sight
    asked([(_LOOK, [place or None if name == "address" else getattr(look, name) for name in _LOOK_COLUMNS])])


_LOOK_COLUMNS = [one.attname for one in AccessLog._meta.concrete_fields if one.attname not in ("id", "erased_at")]
_LOOK = (
    f"INSERT INTO audit_accesslog ({', '.join(_LOOK_COLUMNS)})"  # noqa: S608
    f" VALUES ({', '.join(f'${place}' for place in range(1, len(_LOOK_COLUMNS) + 1))})"
)


def listener_named(kind: str, name: str) -> Queued | None:
    """The listener of this name that is not at once; None when the code has dropped it."""
    return _queued.get(kind, {}).get(name)


def heard_by(event: Event) -> list[str]:
    """The names of the listeners that are to hear of this event later."""
    return [name for name, one in _queued.get(event.kind, {}).items() if one.when is None or one.when(event)]


def _name(listener: Callable[..., None]) -> str:
    return f"{listener.__module__}.{listener.__name__}"


def _one_by_one(listener: Listener) -> GroupListener:
    def hear(found: Sequence[Event]) -> None:
        for event in found:
            listener(event)

    return hear


def _who(by: Actor, at: datetime) -> Mapping[str, Any]:
    return {
        "at": at,
        "role": by.role.value,
        "user_id": by.user_id,
        "key_id": by.key_id,
        "name": by.name[:64],
        "organisation_id": by.organisation_id,
        "organisation_name": by.organisation_name[:128],
    }
