"""Keeping the daily sums: brought up to date by what was recorded since, and built anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.insight.models import CountedAppeal, DailySum, MonthSum, SightedAppeal, SightPath, SumsMark
from gongqing.insight.queries import sights, summing
from gongqing.insight.rules.rollups import ROLLED, Progress, advanced
from gongqing.lib.errors import NotPermitted

MOST_IDS = 5_000  # appeals counted anew in one statement
SUM_TABLES = (DailySum._meta.db_table, MonthSum._meta.db_table)
UNDER_WAY = 10_000  # events that may be recorded and not yet be seen when sums are built for the first time

_MOVED = """
SELECT DISTINCT subject_id FROM audit_event
WHERE id > %s AND subject_kind = 'appeal' AND subject_id IS NOT NULL ORDER BY 1
"""
_MONTHS = """
SELECT month::date, (month + interval '1 month - 1 day')::date FROM (
  SELECT date_trunc('month', received_on) AS month FROM insight_countedappeal
  UNION SELECT date_trunc('month', resolved_on) FROM insight_countedappeal WHERE resolved_on IS NOT NULL) months
ORDER BY 1
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
        redrawn = _follow_sights()
        latest, oldest, following = _standing()
        moved = _moved_since(mark.upto_event_id) if latest > mark.upto_event_id else []
        moved = sorted({*moved, *redrawn})
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
    for kept in (DailySum, MonthSum, SightedAppeal, CountedAppeal, SightPath):
        kept.objects.all().delete()
    _keep(sights.current())
    with connection.cursor() as cursor:
        count = _insert_facts(cursor, None)
        _insert_sighted(cursor, "insight_countedappeal", [])
        for first, last in _months(cursor):
            _insert_sums(cursor, DailySum._meta.db_table, summing.sums_within(first, last))
            _insert_sums(cursor, MonthSum._meta.db_table, summing.months_within(first, last))
    if mark is None:
        mark = SumsMark(pk=1, upto_event_id=max(0, latest - UNDER_WAY), generation=0)
    mark.built_at = at
    _save(mark, Progress(mark.upto_event_id, latest), at, changed=True)
    return count


def _follow_sights() -> list[int]:
    """Keep the sights as they are drawn today; answers the appeals that stand in what was drawn anew."""
    drawn, known = sights.current(), sights.known()
    changed = {key for key in {*drawn, *known} if drawn.get(key) != known.get(key)}
    if not changed:
        return []
    SightPath.objects.filter(key__in=changed).delete()
    _keep({key: drawn[key] for key in changed if key in drawn})
    return sights.standing_in(changed)


def _keep(drawn: Mapping[str, Collection[str]]) -> None:
    rows = [SightPath(key=key, path=path) for key, paths in sorted(drawn.items()) for path in sorted(paths)]
    SightPath.objects.bulk_create(rows)


def _count_anew(ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        old = "(SELECT * FROM insight_countedappeal WHERE appeal_id = ANY(%s::bigint[]))"
        left = f"DELETE FROM insight_sightedappeal k USING ({summing.SIGHTED.format(facts=old)}) s"  # noqa: S608
        cursor.execute(f"{left} WHERE k.scope = s.scope AND k.appeal_id = s.appeal_id", [list(ids)])
        for table in SUM_TABLES:
            cursor.execute(_added_to_sums(table, old, sign="-"), [list(ids)])
        cursor.execute("DELETE FROM insight_countedappeal WHERE appeal_id = ANY(%s::bigint[])", [list(ids)])
        _insert_facts(cursor, ids)
        _add(cursor, old, [list(ids)])


def _add(cursor: Any, facts: str, given: Sequence[Any]) -> None:
    """Add these facts to the sums, and to the appeals of narrow sights."""
    _insert_sighted(cursor, facts, given)
    for table in SUM_TABLES:
        cursor.execute(_added_to_sums(table, facts), given)


def _months(cursor: Any) -> list[tuple[date, date]]:
    """The first and the last day of every month in which something counts: a month is summed in little memory."""
    cursor.execute(_MONTHS)
    return list(cursor.fetchall())


def _insert_sums(cursor: Any, table: str, sums: summing.Statement) -> None:
    text, given = sums
    cursor.execute(f"INSERT INTO {table} ({', '.join(summing.KEYS)}, {', '.join(ROLLED)}) {text}", given)


def _insert_sighted(cursor: Any, facts: str, given: Sequence[Any]) -> None:
    seen = summing.SIGHTED.format(facts=facts)
    columns = "scope, appeal_id, received_on, resolved_on, open"
    cursor.execute(f"INSERT INTO insight_sightedappeal ({columns}) {seen} ORDER BY 1, 3", given)


def _added_to_sums(table: str, facts: str, *, sign: str = "") -> str:
    """The SQL that adds the sums of these facts to what stands, or takes them off with the sign -."""
    keys, counts = ", ".join(summing.KEYS), ", ".join(ROLLED)
    changes = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in ROLLED)
    sums = summing.sums_of(facts, sign=sign, by_month=table == MonthSum._meta.db_table)
    return f"INSERT INTO {table} ({keys}, {counts}) {sums} ON CONFLICT ({keys}) DO UPDATE SET {changes}"


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
