"""The sweep over many appeals at once of which most stand where they stood: a changed calendar, a morning after days.

Their clocks are read as plain values, looked at together and written in one statement. Appeals for which anything
follows (a rung, a pause, a ledger with more than its start) are left to the sweep of slices.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.journeys import asked
from gongqing.dispatch import queries
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.dispatch.rules.limits import ClockName, Limit, ceiling_of
from gongqing.dispatch.rules.looking import Looks
from gongqing.lib.remembering import remembering
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar

_LOCK = """
SELECT id, entered_at, received_at, reopened_count, due_at, next_due_at, is_overdue
FROM appeals_appeal WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
# the open clocks, each with whether its ledger is a start alone that names no limit
_READ = """
SELECT c.appeal_id, c.id, c.name, c."limit"::text, c.started_at, c.state, c.due_at, c.warned, c.escalated_at,
  c.next_look_at,
  (SELECT count(*) = 1 AND bool_and(e.kind = 'start' AND e.amount IS NULL)
   FROM dispatch_clockentry e WHERE e.clock_id = c.id)
FROM dispatch_clock c WHERE c.appeal_id = ANY($1::bigint[]) AND c.ended_at IS NULL ORDER BY c.appeal_id, c.id
"""
_WRITE = """
UPDATE dispatch_clock AS c
SET warned = v.warned, state = v.state, due_at = v.due_at, escalated_at = v.escalated_at, next_look_at = v.next_look_at
FROM unnest($1::text::bigint[], $2::text::text[], $3::text::text[], $4::text::timestamptz[], $5::text::timestamptz[],
  $6::text::timestamptz[]) AS v (id, warned, state, due_at, escalated_at, next_look_at)
WHERE c.id = v.id
"""


class CalmSweep:
    """Sweeps at one moment; what was reckoned for one clock serves for all that stand alike."""

    def __init__(self, at: datetime) -> None:
        self._looks = Looks(Calendar(), at)

    def sweep(self, appeal_ids: Sequence[int]) -> tuple[int, list[int]]:
        """Look at the clocks of these appeals in one transaction.

        Returns:
            How many clocks changed, and the appeals that were left: something follows, or they cannot be reckoned.
        """
        with transaction.atomic(), scope.acting_as(SYSTEM), remembering():
            if queries.calendar() is not self._looks.calendar:
                self._looks = Looks(queries.calendar(), self._looks.at)
            locked, opened = asked([(_LOCK, [list(appeal_ids)]), (_READ, [list(appeal_ids)])])
            found = {row[0]: row for row in locked.fetchall()}
            clocks: dict[int, list[tuple[Any, ...]]] = {}
            for row in opened.fetchall():
                if row[0] in found:
                    clocks.setdefault(row[0], []).append(row)
            calm = _Calm(self._looks)
            left = [number for number, rows in clocks.items() if not calm.takes(found[number], rows)]
            calm.write()
            return calm.changed, left


class _Calm:
    """Appeals for which nothing follows, with what is to be written of them."""

    def __init__(self, looks: Looks) -> None:
        self.changed = 0
        self._looks = looks
        self._records: list[tuple[Any, ...]] = []
        self._mirrors: list[appeals.Deadlines] = []

    def takes(self, appeal: tuple[Any, ...], clocks: Sequence[tuple[Any, ...]]) -> bool:
        """Look at the open clocks of an appeal; False where something follows, and nothing is kept of it."""
        number, entered_at, received_at, reopened, closing, nearest, was_overdue = appeal
        policy = queries.policy_on(day_of(entered_at))
        records, changed, is_overdue, dues = [], 0, False, []
        for _, pk, name, limit, start, state, due_at, warned, carded_at, again, is_plain in clocks:
            if not is_plain or state == ClockState.PAUSED:
                return False
            ceiling = ceiling_of(policy, name, received_at=received_at, is_extended=False, is_reopened=reopened > 0)
            seen = self._looks.at_plain(_limit_of(limit), start, ceiling=ceiling, warned=warned, carded_at=carded_at)
            if seen.climbed:
                return False
            closing = seen.due_at if name == ClockName.CLOSE else closing
            dues.append(seen.due_at)
            is_overdue = is_overdue or seen.state is ClockState.OVERDUE
            changed += (seen.warned, seen.state.value, seen.due_at) != (warned, state, due_at)
            carded = carded_at if seen.keeps_card else None
            values = (seen.warned, seen.state.value, seen.due_at, carded, seen.next_look_at)
            if values != (warned, state, due_at, carded_at, again):
                records.append((pk, *values))
        self._records += records
        self.changed += changed
        if (closing, min(dues), is_overdue) != (appeal[4], nearest, was_overdue):
            self._mirrors.append(appeals.Deadlines(number, closing, min(dues), is_overdue))
        return True

    def write(self) -> None:
        """Write what changed; the appeals are locked."""
        if self._records:
            texts: dict[Any, str] = {None: "NULL", "": '""'}  # many clocks share each moment
            asked([(_WRITE, [_listed(column, texts) for column in zip(*self._records, strict=True)])])
        appeals.mirror_deadlines(self._mirrors)


def _listed(values: Sequence[Any], texts: dict[Any, str]) -> str:
    """Numbers, words and moments as PostgreSQL reads an array: made and read faster than one value by one."""
    for value in values:
        if value not in texts:
            texts[value] = value.isoformat() if isinstance(value, datetime) else str(value)
    return "{" + ",".join([texts[value] for value in values]) + "}"


@lru_cache(maxsize=1_000)
def _limit_of(text: str) -> Limit:
    """The limit of a stored row; a city has a few dozen."""
    return Limit.from_json(json.loads(text))
