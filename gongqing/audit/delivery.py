"""Who hears, soon after, of what was recorded?

Whoever waits to hear of an event is written with it (`models.Delivery`). The job processes take what has waited longest
in batches, several of them side by side: the rows are deleted, the listeners run, and all is kept or nothing, so that a
process that dies in the middle loses nothing. A listener that fails is taken back alone and becomes a job of its own,
which is tried again (`audit.jobs`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import OperationalError, connection, transaction

from gongqing.audit import events, scope, writing
from gongqing.audit.actor import SYSTEM
from gongqing.audit.events import Queued
from gongqing.audit.journeys import asked
from gongqing.audit.models import Event

MOST = 40  # events of one batch
PATIENCE = "500ms"  # for a row that somebody else holds; less than the database waits before it looks for a deadlock

_COLUMNS = [field.attname for field in Event._meta.concrete_fields]
_DATA = _COLUMNS.index("data")
_TAKE = f"""
WITH taken AS (
  DELETE FROM audit_delivery WHERE id IN (
    SELECT id FROM audit_delivery WHERE queued_at <= statement_timestamp() - $2::interval
    ORDER BY id LIMIT $1::int FOR UPDATE SKIP LOCKED)
  RETURNING id, event_id, listeners)
SELECT t.listeners, {", ".join(f"e.{name}" for name in _COLUMNS)}
FROM taken t JOIN audit_event e ON e.id = t.event_id ORDER BY t.id
"""  # noqa: S608  # names of our own columns
_LIMIT = "SELECT set_config('lock_timeout', $1, true)"
_ANY = "SELECT EXISTS (SELECT 1 FROM audit_delivery)"

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One listener that is to hear of one event."""

    event: Event
    name: str

    @property
    def listener(self) -> Queued | None:
        """None when the code has dropped it."""
        return events.listener_named(self.event.kind, self.name)


def is_waiting() -> bool:
    """Whether anybody waits to hear of anything."""
    with connection.cursor() as cursor:
        cursor.execute(_ANY)
        return bool(cursor.fetchone()[0])


def deliver_batch(most: int = MOST, *, after: timedelta = timedelta(0)) -> int:
    """Run the listeners of those events that have waited longest; answers of how many.

    Args:
        after: how long an event waits at least, so that whoever goes on with the same matter at once is not held up.

    Raises:
        DatabaseError: the database is away.
    """
    try:
        return _deliver(most, after)
    except Exception:  # of whatever kind: one may not hold up the others
        logger.warning("a batch is taken apart", exc_info=True)
    found = 0
    for _ in range(most):
        try:
            done = _deliver(1, after)
        except Exception as fault:
            done = _put_off(fault, after)
        if not done:
            break
        found += done
    return found


def hear(event_id: int, name: str) -> None:
    """Run one listener on one event, in a transaction in the system's scope; one that was dropped is none."""
    with scope.acting_as(SYSTEM):
        call = Call(Event.objects.get(pk=event_id), name)
        listener = call.listener
        if listener is not None:
            with events.written_together():
                _hear(listener, [call.event])


def _deliver(most: int, after: timedelta) -> int:
    with scope.acting_as(SYSTEM):
        calls, count = _taken(most, after)
        if not count:
            return 0
        grouped: dict[str, list[Call]] = {}
        with events.written_together():
            for call in calls:
                listener = call.listener
                if listener is None:
                    continue
                if listener.takes_groups:
                    grouped.setdefault(call.name, []).append(call)
                elif listener.takes_long:
                    _defer(call)
                else:
                    _try(listener, [call])
        for alike in grouped.values():  # last: what they lock is held for the shortest time
            _try_group(alike)
    return count


def _taken(most: int, after: timedelta) -> tuple[list[Call], int]:
    _, cursor = asked([(_LIMIT, [PATIENCE]), (_TAKE, [most, after])])
    rows = cursor.fetchall()
    calls: list[Call] = []
    for names, *values in rows:
        values[_DATA] = json.loads(values[_DATA])  # Django hands jsonb over as text
        event = Event.from_db(connection.alias, _COLUMNS, values)
        calls += [Call(event, name) for name in json.loads(names)]
    return calls, len(rows)


def _try_group(calls: Sequence[Call]) -> None:
    """All in one call, or each by itself when that fails."""
    listener = calls[0].listener
    if listener is None:
        return
    if len(calls) > 1:
        try:
            with transaction.atomic():
                _hear(listener, [call.event for call in calls])
        except Exception:
            logger.warning("%s is called for each event by itself", calls[0].name, exc_info=True)
        else:
            return
    for call in calls:
        _try(listener, [call])


def _try(listener: Queued, calls: Sequence[Call]) -> None:
    """Run it; what fails is taken back alone and becomes a job, which is tried again."""
    try:
        with transaction.atomic():
            _hear(listener, [call.event for call in calls])
    except Exception as fault:  # of whatever kind: the others go on
        for call in calls:
            _log(call, fault)
            _defer(call, is_again=True)


def _hear(listener: Queued, found: Sequence[Event]) -> None:
    if listener.takes_groups:
        with writing.together(listener.hear.__name__), events.written_together():
            listener.hear(found)
    else:
        listener.hear(found)


def _put_off(fault: Exception, after: timedelta) -> int:
    """What has waited longest becomes jobs."""
    with scope.acting_as(SYSTEM):
        calls, count = _taken(1, after)
        for call in calls:
            _log(call, fault)
            _defer(call, is_again=True)
    return count


def _log(call: Call, fault: Exception) -> None:
    if isinstance(fault, OperationalError):  # somebody else holds the row, mostly
        logger.info("%s on event %s is put off: %s", call.name, call.event.pk, fault)
    else:
        logger.error("%s on event %s: %s", call.name, call.event.pk, fault, exc_info=fault)


def _defer(call: Call, *, is_again: bool = False) -> None:
    from gongqing.audit.jobs import FIRST_WAIT, deliver

    later = deliver.configure(schedule_in={"seconds": FIRST_WAIT}) if is_again else deliver
    later.defer(event_id=call.event.pk, kind=call.event.kind, listener=call.name)
