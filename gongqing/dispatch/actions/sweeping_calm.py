"""The sweep over many appeals at once of which most stand where they stood: a changed calendar, a morning after days.

Their clocks are read as plain values, looked at together and written in one statement. Appeals for which anything
follows (a rung, a pause, a ledger with more than its start) are left to the sweep of slices.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import queries
from gongqing.dispatch.models import Clock, ClockEntry
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.dispatch.rules.ledger import EntryKind
from gongqing.dispatch.rules.limits import ClockName, Limit, ceiling_of
from gongqing.dispatch.rules.looking import Looks
from gongqing.lib.remembering import remembering
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar

_APPEAL = ("pk", "entered_at", "received_at", "reopened_count", "due_at", "next_due_at", "is_overdue")
_CLOCK = ("appeal_id", "pk", "name", "limit", "state", "due_at", "warned", "escalated_at", "next_look_at")
_WRITE = """
UPDATE dispatch_clock AS c
SET warned = v.warned, state = v.state, due_at = v.due_at, escalated_at = v.escalated_at, next_look_at = v.next_look_at
FROM json_to_recordset(%s::json) AS v (
    id bigint, warned text, state text, due_at timestamptz, escalated_at timestamptz, next_look_at timestamptz
)
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
            free = Appeal.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=_any_of(appeal_ids))
            found = {row[0]: row for row in free.order_by("pk").values_list(*_APPEAL)}
            clocks: dict[int, list[tuple[Any, ...]]] = {}
            opened = Clock.objects.filter(appeal_id__in=_any_of(list(found)), ended_at__isnull=True)
            for row in opened.order_by("appeal_id", "id").values_list(*_CLOCK):
                clocks.setdefault(row[0], []).append(row)
            calm = _Calm(self._looks, _starts([row[1] for rows in clocks.values() for row in rows]))
            left = [number for number, rows in clocks.items() if not calm.takes(found[number], rows)]
            calm.write()
            return calm.changed, left


def _any_of(numbers: Sequence[int]) -> RawSQL:
    """One argument for many numbers, which is read faster than one for each."""
    return RawSQL("SELECT unnest(%s::bigint[])", (list(numbers),))  # nothing is put into the words


class _Calm:
    """Appeals for which nothing follows, with what is to be written of them."""

    def __init__(self, looks: Looks, starts: dict[int, datetime]) -> None:
        self.changed = 0
        self._starts = starts
        self._looks = looks
        self._records: list[dict[str, Any]] = []
        self._mirrors: list[appeals.Deadlines] = []
        self._texts: dict[datetime | None, str | None] = {None: None}

    def takes(self, appeal: tuple[Any, ...], clocks: Sequence[tuple[Any, ...]]) -> bool:
        """Look at the open clocks of an appeal; False where something follows, and nothing is kept of it."""
        number, entered_at, received_at, reopened, closing, nearest, was_overdue = appeal
        policy = queries.policy_on(day_of(entered_at))
        records, changed, is_overdue, dues = [], 0, False, []
        for _, pk, name, limit, state, due_at, warned, carded_at, again in clocks:
            start = self._starts.get(pk)
            if start is None or state == ClockState.PAUSED:
                return False
            ceiling = ceiling_of(policy, name, received_at=received_at, is_extended=False, is_reopened=reopened > 0)
            seen = self._looks.at_plain(
                Limit.from_json(limit), start, ceiling=ceiling, warned=warned, carded_at=carded_at
            )
            if seen.climbed:
                return False
            closing = seen.due_at if name == ClockName.CLOSE else closing
            dues.append(seen.due_at)
            is_overdue = is_overdue or seen.state is ClockState.OVERDUE
            changed += (seen.warned, seen.state.value, seen.due_at) != (warned, state, due_at)
            carded = carded_at if seen.keeps_card else None
            values = (seen.warned, seen.state.value, seen.due_at, carded, seen.next_look_at)
            if values != (warned, state, due_at, carded_at, again):
                records.append(self._record(pk, *values))
        self._records += records
        self.changed += changed
        if (closing, min(dues), is_overdue) != (appeal[4], nearest, was_overdue):
            self._mirrors.append(appeals.Deadlines(number, closing, min(dues), is_overdue))
        return True

    def _record(
        self, pk: int, warned: str, state: str, due_at: datetime, carded: datetime | None, again: datetime | None
    ) -> dict[str, Any]:
        return {
            "id": pk,
            "warned": warned,
            "state": state,
            "due_at": self._text(due_at),
            "escalated_at": self._text(carded),
            "next_look_at": self._text(again),
        }

    def _text(self, moment: datetime | None) -> str | None:
        """A moment as PostgreSQL reads it; many clocks share each."""
        if moment not in self._texts:
            self._texts[moment] = moment.isoformat() if moment else None
        return self._texts[moment]

    def write(self) -> None:
        """Write what changed; the appeals are locked."""
        if self._records:
            with connection.cursor() as cursor:
                cursor.execute(_WRITE, [json.dumps(self._records)])
        appeals.mirror_deadlines(self._mirrors)


def _starts(clock_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these clocks began, of those whose ledger is a start alone that names no limit."""
    found: dict[int, datetime] = {}
    more = set()
    lines = ClockEntry.objects.filter(clock_id__in=_any_of(clock_ids))
    for clock_id, kind, at, amount in lines.values_list("clock_id", "kind", "at", "amount"):
        if clock_id in found or kind != EntryKind.START or amount is not None:
            more.add(clock_id)
        found[clock_id] = at
    return {number: at for number, at in found.items() if number not in more}
