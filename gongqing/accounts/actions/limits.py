"""Counting tries at limited doors."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import connection, transaction

from gongqing.accounts import rules
from gongqing.accounts.models import Attempt, OneTimeCode
from gongqing.lib.errors import TooManyTries
from gongqing.registry.models.sealing import index_of

KEPT = timedelta(days=2)


def count_attempt(*, door: str, key: str, limits: rules.Limits, at: datetime) -> None:
    """Count one try at a door, unless a limit is reached already.

    The count outlives a refusal of the action behind the door, as long as the caller answers with less than 500.

    Args:
        door: `lookup`, `anonymous`, …; at most 24 signs.
        key: whose tries are counted together: an address, a phone, a code; kept as a keyed digest.
        limits: so many in so long, sliding; at most a day.

    Raises:
        TooManyTries: with the seconds to wait; this try is not counted.
    """
    with transaction.atomic():
        wait = wait_at(door=door, key=key, limits=limits, at=at)
        if wait == 0:
            add_attempt(door=door, key=key, at=at)
    if wait:
        raise TooManyTries(wait)


def count_call(*, key_id: int | None, limit: int, at: datetime) -> None:
    """Count one call by an API key that has a limit per minute.

    Raises:
        TooManyTries: the key has made so many calls in the last minute.
    """
    count_attempt(door="api_key", key=str(key_id), limits=((limit, timedelta(minutes=1)),), at=at)


def wait_at(*, door: str, key: str, limits: rules.Limits, at: datetime) -> int:
    """Seconds until the door opens for this key; 0 when it is open. Others at the same door and key wait their turn."""
    digest = _digest(door, key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])
    since = at - max(span for _, span in limits)
    tries = Attempt.objects.filter(door=door, key=digest, at__gt=since).values_list("at", flat=True)
    return rules.seconds_to_wait(list(tries), limits, at)


def add_attempt(*, door: str, key: str, at: datetime) -> None:
    """Count one try without asking."""
    Attempt.objects.create(door=door, key=_digest(door, key), at=at)


def forget_attempts(*, door: str, key: str) -> None:
    """Drop the tries of one key at one door: it has shown that it may pass."""
    Attempt.objects.filter(door=door, key=_digest(door, key)).delete()


@transaction.atomic
def forget_old_attempts(*, at: datetime) -> int:
    """Delete tries and codes that no limit needs any more, and sessions that ran out; returns how many rows went."""
    rows = (
        Attempt.objects.filter(at__lt=at - KEPT),
        OneTimeCode.objects.filter(sent_at__lt=at - KEPT),
        Session.objects.filter(expire_date__lt=at),
    )
    return sum(found.delete()[0] for found in rows)


def _digest(door: str, key: str) -> str:
    return index_of(f"attempt.{door}", key).hex()
