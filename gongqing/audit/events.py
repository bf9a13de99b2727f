"""What happened, and who must hear of it?

`record` writes the row and runs or queues the listeners in the same transaction, so that row, event and work commit or
vanish together. A listener may run twice: its action locks the row, and its rule refuses the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol

from procrastinate.types import JSONDict

from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.models import AccessLog, Event


class Subject(Protocol):
    """Anything with a row of its own."""

    pk: Any


Listener = Callable[[Event], None]

_waiting: ContextVar[list[JSONDict] | None] = ContextVar("gongqing_waiting", default=None)
_at_once: dict[str, list[Listener]] = {}
_queued: dict[str, dict[str, Listener]] = {}


def on(*kinds: str, at_once: bool = False) -> Callable[[Listener], Listener]:
    """Register a listener for these kinds of event.

    Args:
        at_once: run in the same transaction, before the person gets an answer; otherwise as a job with retries.
    """

    def register(listener: Listener) -> Listener:
        for kind in kinds:
            if at_once:
                _at_once.setdefault(kind, []).append(listener)
            else:
                _queued.setdefault(kind, {})[f"{listener.__module__}.{listener.__name__}"] = listener
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
    **data: Any,
) -> Event:
    """Write what happened and tell who listens. Call it last in an action, inside its transaction."""
    with scope.elevated():
        event = Event.objects.create(
            kind=kind,
            subject_kind=subject_kind or type(subject).__name__.lower(),
            subject_id=subject.pk,
            note=note,
            data=data,
            **_who(by, at),
        )
    for listener in _at_once.get(kind, ()):
        listener(event)
    if names := _queued.get(kind):
        from gongqing.audit.jobs import deliver

        calls: list[JSONDict] = [{"event_id": event.pk, "kind": kind, "listener": name} for name in names]
        waiting = _waiting.get()
        if waiting is None:
            deliver.batch_defer(*calls)
        else:
            waiting += calls
    return event


@contextmanager
def gathered() -> Iterator[None]:
    """Queue the listeners of everything that is recorded inside at once, at the end; nothing when the block fails."""
    calls: list[JSONDict] = []
    outer = _waiting.get()
    token = _waiting.set(calls)
    try:
        yield
    finally:
        _waiting.reset(token)
    if outer is not None:
        outer += calls
    elif calls:
        from gongqing.audit.jobs import deliver

        deliver.batch_defer(*calls)


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
    """Write that personal data was looked at, in the transaction of the read."""
    with scope.elevated():
        AccessLog.objects.create(
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            reason=reason,
            address=address,
            count=count,
            **_who(by, at),
        )


def listener_named(kind: str, name: str) -> Listener | None:
    """The queued listener of this name; None when the code has dropped it."""
    return _queued.get(kind, {}).get(name)


def hear(event_id: int, kind: str, name: str) -> None:
    """Run one queued listener on one event, in the system's scope."""
    from gongqing.audit.actor import SYSTEM

    listener = listener_named(kind, name)
    if listener is None:
        return
    with scope.acting_as(SYSTEM):
        listener(Event.objects.get(pk=event_id))


def _who(by: Actor, at: datetime) -> Mapping[str, Any]:
    return {
        "at": at,
        "role": by.role.value,
        "user_id": by.user_id,
        "key_id": by.key_id,
        "name": by.name[:64],
        "organisation_id": by.organisation_id,
        "organisation_name": by.organisation_name,
    }
