"""How is a day of the trace sealed, so that not even who owns the database can rewrite it unseen?

A seal covers every row since the one before, in the order of the numbers, and names the seal before; its signature
needs a key that the database does not hold. A day without a seal is under the next one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice

from django.db import connection, transaction

from gongqing.audit import events, rows, rules, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import DailySeal
from gongqing.lib import crypto

SEALED = "trace.sealed"


class Trace:
    """The subject of what happens to the trace as a whole; it has no row."""

    pk: None = None


def last_seal() -> DailySeal | None:
    """The newest seal."""
    return DailySeal.objects.order_by("-day").first()


def seal_trace(*, day: date, secret: bytes, by: Actor, at: datetime) -> tuple[DailySeal, bool]:
    """Seal everything up to now as the end of this day; a day that is sealed, or lies before one, stays as it is.

    Three transactions: two hold off writers for a moment to learn where the tables end, the third reads and writes.

    Args:
        secret: the key of the signature, kept outside the database.

    Returns:
        the seal, and whether it is new.

    Raises:
        OperationalError: a writer held a table for more than three seconds; try again.
    """
    with scope.acting_as(SYSTEM):
        newest = last_seal()
    if newest is not None and newest.day >= day:
        return newest, False
    ends = _end_of("gq_last_event"), _end_of("gq_last_access")
    with scope.acting_as(SYSTEM):
        _hold_sealing()
        newest = last_seal()
        if newest is not None and newest.day >= day:
            return newest, False
        return _make(newest, day, *ends, secret=secret, by=by, at=at), True


def _make(
    before: DailySeal | None, day: date, last_event: int, last_access: int, *, secret: bytes, by: Actor, at: datetime
) -> DailySeal:
    after_event, after_access = (before.last_event_id, before.last_access_id) if before else (0, 0)
    done = blocks_of(rows.event_rows(after=after_event, until=last_event), last_event - after_event)
    seen = blocks_of(rows.look_rows(after=after_access, until=last_access), last_access - after_access)
    seal = DailySeal(
        day=day,
        made_at=at,
        last_event_id=max(last_event, after_event),
        last_access_id=max(last_access, after_access),
        event_count=sum(count for _, _, count, _ in done),
        access_count=sum(count for _, _, count, _ in seen),
        blocks={"events": done, "looks": seen},
        root=rules.root_of(done, seen),
        previous_digest=before.digest if before else "",
    )
    seal.digest = crypto.digest(seal.canonical())
    seal.signature = rules.signature_of(secret, seal.digest)
    seal.save(force_insert=True)
    events.record(SEALED, subject=Trace(), by=by, at=at, note=f"封存至 {day}", day=day.isoformat(), digest=seal.digest)
    return seal


def blocks_of(found: Iterable[rows.Row], most: int) -> list[rules.Block]:
    """The blocks over these rows, as their digests stand.

    Args:
        most: an upper bound of how many there are.
    """
    size, stream, blocks = rules.block_size(most), iter(found), []
    while part := [(row.id, row.digest) for row in islice(stream, size)]:
        blocks.append(rules.block_of(part))
    return blocks


def _end_of(function: str) -> int:
    """The last number of a table when no writer was in the middle of a transaction; a transaction of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}()")
        (number,) = cursor.fetchone()
        return int(number)


def _hold_sealing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gongqing.seal'))")
