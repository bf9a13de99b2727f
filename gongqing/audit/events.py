"""What happened, and who must hear of it?

`record` writes the row and runs or queues the listeners in the same transaction, so that row, event and work commit or
vanish together. A listener may run twice: its action locks the row, and its rule refuses the second time.
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
from procrastinate.types import JSONDict, JSONValue

from gongqing.audit import chain, rules, scope, writing
from gongqing.audit.actor import Actor
from gongqing.audit.journeys import asked
from gongqing.audit.models import AccessLog, Event
from gongqing.lib import crypto


class Subject(Protocol):
    """Anything with a row of its own."""

    pk: Any


Listener = Callable[[Event], None]
Condition = Callable[[Event], bool]

_MOST_IN_JOB = 20  # events whose listeners one job runs
_at_once: dict[str, list[tuple[Listener, bool]]] = {}
_queued: dict[str, dict[str, tuple[Listener, Condition | None]]] = {}


class _Mark:
    """Vanishes from the connection when the savepoint in which it was set is taken back."""

    def __init__(self) -> None:
        transaction.on_commit(self)

    def __call__(self) -> None:
        """Nothing is to be done at the commit."""


@dataclass(slots=True)
class _Waiting:
    event: Event
    recorded: _Mark
    opens: bool
    written: _Mark | None = None


@dataclass(slots=True)
class _Batch:
    """What was recorded in a block and is written together."""

    waiting: list[_Waiting] = field(default_factory=list)

    def standing(self) -> list[_Waiting]:
        """What no savepoint has taken back."""
        marks = {id(entry[1]) for entry in connection.run_on_commit}
        for one in self.waiting:
            if one.written is not None and id(one.written) not in marks:
                one.written = None
        return [one for one in self.waiting if id(one.recorded) in marks]

    def write(self, *, is_last: bool = False) -> list[_Waiting]:
        """Write what stands and is not in the table yet; answers everything that stands."""
        standing = self.standing()
        missing = [one for one in standing if one.written is None]
        if missing:
            opened = {key for one in missing if one.opens and (key := chain.chain_of(one.event)) is not None}
            chain.write([one.event for one in missing], opened=opened, is_last=is_last)
            mark = _Mark()
            for one in missing:
                one.written = mark
        return standing


_batch: ContextVar[_Batch | None] = ContextVar("gongqing_batch", default=None)


def on(
    *kinds: str, at_once: bool = False, reads_back: bool = True, when: Condition | None = None
) -> Callable[[Listener], Listener]:
    """Register a listener for these kinds of event.

    Args:
        at_once: run in the same transaction, before the person gets an answer; otherwise as a job with retries.
        reads_back: of one that is at once: whether it reads what the action has just saved, which is written first.
        when: of a listener that is not at once: whether an event concerns it; no job is queued for any other.
    """

    def register(listener: Listener) -> Listener:
        for kind in kinds:
            if at_once:
                _at_once.setdefault(kind, []).append((listener, reads_back))
            else:
                _queued.setdefault(kind, {})[f"{listener.__module__}.{listener.__name__}"] = (listener, when)
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
        batch.waiting.append(_Waiting(event, _Mark(), opens))
    else:
        with transaction.atomic(savepoint=False):
            key = chain.chain_of(event)
            chain.write([event], opened=[key] if opens and key is not None else ())
    for listener, reads_back in _at_once.get(kind, ()):
        if reads_back:
            writing.write_now()
        listener(event)
    if batch is None:
        _queue([event])
    return event


@contextmanager
def written_together() -> Iterator[None]:
    """Write everything that is recorded inside in one go at the end, and queue its listeners in one.

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
        standing = batch.write(is_last=True)
    except BaseException:
        if batch.standing():
            transaction.set_rollback(True)
        raise
    finally:
        _batch.reset(token)
    _queue([one.event for one in standing])


gathered = written_together  # what loads call it: their listeners are queued in one


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


def listener_named(kind: str, name: str) -> Listener | None:
    """The queued listener of this name; None when the code has dropped it."""
    found = _queued.get(kind, {}).get(name)
    return found[0] if found else None


def hear(event_id: int, names: Sequence[str]) -> dict[str, Exception]:
    """Run queued listeners on one event, in one transaction in the system's scope; answers which failed, and how.

    What fails is taken back alone.
    """
    from gongqing.audit.actor import SYSTEM

    failed: dict[str, Exception] = {}
    with scope.acting_as(SYSTEM):
        event = Event.objects.get(pk=event_id)
        for name in names:
            listener = listener_named(event.kind, name)
            if listener is None:
                continue
            try:
                with transaction.atomic():
                    listener(event)
            except Exception as fault:  # of whatever kind: the others go on
                failed[name] = fault
    return failed


def _queue(recorded: list[Event]) -> None:
    calls: list[JSONValue] = []
    for event in recorded:
        wanted = [name for name, (_, when) in _queued.get(event.kind, {}).items() if when is None or when(event)]
        if wanted:
            calls.append([event.pk, event.kind, list(wanted)])
    if calls:
        from gongqing.audit.jobs import deliver_all

        jobs: list[JSONDict] = [
            {"calls": calls[start : start + _MOST_IN_JOB]} for start in range(0, len(calls), _MOST_IN_JOB)
        ]
        deliver_all.batch_defer(*jobs)


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
