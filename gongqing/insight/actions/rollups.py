"""Keeping the daily sums: brought up to date by what was recorded since, and built anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.insight.models import CountedAppeal, DailySum, SumsMark
from gongqing.insight.queries import summing
from gongqing.insight.rules.rollups import ROLLED, Progress, advanced
from gongqing.lib.errors import NotPermitted

MOST_IDS = 5_000  # appeals counted anew in one statement
UNDER_WAY = 10_000  # events that may be recorded and not yet be seen when sums are built for the first time

_MOVED = """
SELECT DISTINCT subject_id FROM audit_event
WHERE id > %s AND subject_kind = 'appeal' AND subject_id IS NOT NULL ORDER BY 1
"""
# what this transaction recorded itself is seen and ends with it, so it is not waited for
_STANDING = """
SELECT coalesce((SELECT max(id) FROM audit_event), 0),
       coalesce((SELECT min(x::text::bigint) FROM pg_snapshot_xip(s) x
                 WHERE x IS DISTINCT FROM pg_current_xact_id_if_assigned()), pg_snapshot_xmax(s)::text::bigint),
       pg_snapshot_xmax(s)::text::bigint
FROM pg_current_snapshot() s
"""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a run did: how many appeals were counted anew."""

    count: int


@transaction.atomic
def refresh_sums(*, by: Actor, at: datetime) -> Refreshed:
    """Count anew every appeal to which something happened since the sums were last known to be whole.

    What a run counts twice changes nothing, for what an appeal was counted as is taken off first. Sums that were never
    built are built.

    Raises:
        NotPermitted: for anybody but the system.
    """
    _check_system(by)
    with scope.acting_as(SYSTEM):
        _alone()
        mark = SumsMark.objects.first()
        if mark is None:
            return Refreshed(_build(at))
        latest, oldest, following = _standing()
        moved = _moved_since(mark.upto_event_id) if latest > mark.upto_event_id else []
        for begin in range(0, len(moved), MOST_IDS):
            _count_anew(moved[begin : begin + MOST_IDS])
        known = Progress(mark.upto_event_id, mark.seen_event_id, mark.next_event_id, mark.next_after)
        _save(
            mark,
            advanced(known, latest=latest, oldest_running=oldest, next_transaction=following),
            at,
            changed=bool(moved),
        )
    return Refreshed(len(moved))


@transaction.atomic
def rebuild_sums(*, by: Actor, at: datetime) -> Refreshed:
    """Throw the sums away and count everything again; readers see the old ones until it is done.

    Raises:
        NotPermitted: for anybody but the system.
    """
    _check_system(by)
    with scope.acting_as(SYSTEM):
        _alone()
        mark = SumsMark.objects.first()
        count = _build(at, mark)
        built = SumsMark.objects.get()
        events.record("figures.rebuilt", subject=built, subject_kind="figures", by=by, at=at, count=count)
    return Refreshed(count)


def _build(at: datetime, mark: SumsMark | None = None) -> int:
    """Everything from nothing; the mark stays where it was, for what was under way then may have ended since."""
    latest, _, _ = _standing()
    DailySum.objects.all().delete()
    CountedAppeal.objects.all().delete()
    with connection.cursor() as cursor:
        count = _insert_facts(cursor, None)
        cursor.execute(_added_to_sums("insight_countedappeal"))
    if mark is None:
        mark = SumsMark(pk=1, upto_event_id=max(0, latest - UNDER_WAY), generation=0)
    mark.built_at = at
    _save(mark, Progress(mark.upto_event_id, latest), at, changed=True)
    return count


def _count_anew(ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        old = "(SELECT * FROM insight_countedappeal WHERE appeal_id = ANY(%s::bigint[]))"
        cursor.execute(_added_to_sums(old, sign="-"), [list(ids)])
        cursor.execute("DELETE FROM insight_countedappeal WHERE appeal_id = ANY(%s::bigint[])", [list(ids)])
        _insert_facts(cursor, ids)
        cursor.execute(_added_to_sums(old), [list(ids)])


def _added_to_sums(facts: str, *, sign: str = "") -> str:
    """The SQL that adds the sums of these facts to what stands, or takes them off with the sign -."""
    keys, counts = ", ".join(summing.KEYS), ", ".join(ROLLED)
    changes = ", ".join(f"{name} = insight_dailysum.{name} + excluded.{name}" for name in ROLLED)
    return (
        f"INSERT INTO insight_dailysum ({keys}, {counts}) {summing.sums_of(facts, sign=sign)}"
        f" ON CONFLICT ({keys}) DO UPDATE SET {changes}"
    )


def _insert_facts(cursor: Any, ids: Sequence[int] | None) -> int:
    text, given = summing.statement_of(summing.facts_now(ids))
    columns = ", ".join(f'"{name}"' for name in summing.COLUMNS)
    cursor.execute(f"INSERT INTO insight_countedappeal ({columns}) {text}", given)
    return int(cursor.rowcount)


def _moved_since(event_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [event_id])
        return [number for (number,) in cursor.fetchall()]


def _standing() -> tuple[int, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        latest, oldest, following = cursor.fetchone() or (0, 0, 0)
    return latest, oldest, following


def _save(mark: SumsMark, progress: Progress, at: datetime, *, changed: bool) -> None:
    mark.upto_event_id, mark.seen_event_id = progress.upto, progress.seen
    mark.next_event_id, mark.next_after = progress.next_id, progress.next_after
    mark.refreshed_at = at
    mark.generation += changed
    mark.save()


def _alone() -> None:
    """Wait until no other run changes the sums; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gongqing.sums'))")


def _check_system(by: Actor) -> None:
    if not by.is_system:
        raise NotPermitted("汇总由平台自己维护，请用命令 gongqing figures。")
