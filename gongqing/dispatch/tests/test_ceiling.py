"""Does the legal ceiling hold whoever reckons: the action that writes a ledger, and the sweep after it?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions, queries
from gongqing.dispatch.actions.timekeeping import append, measures_of
from gongqing.dispatch.models import Clock
from gongqing.dispatch.rules.clocks import ClockState, WarningLevel, reckon, standing
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import Limit, Unit, legal_ceiling
from gongqing.dispatch.tests.make import received
from gongqing.lib.workdays import Calendar


def test_a_running_deadline_behind_the_ceiling_is_the_ceiling(at):
    entries = [Entry(EntryKind.START, at)]
    ceiling = at + timedelta(days=3)
    found = reckon(Limit(30, Unit.WORKDAYS), entries, Calendar(), at)
    assert standing(found, at).due_at == found.due_at > ceiling
    assert standing(found, at, ceiling=ceiling).due_at == ceiling
    late = standing(found, ceiling + timedelta(minutes=1), ceiling=ceiling)
    assert (late.state, late.warning) == (ClockState.OVERDUE, WarningLevel.OVERDUE)


@pytest.mark.parametrize("kind", [EntryKind.STOP, EntryKind.PAUSE])
def test_what_has_ended_or_stands_still_is_left_alone(at, kind):
    limit = Limit(5, Unit.WORKDAYS, "") if kind is EntryKind.PAUSE else None
    entries = [Entry(EntryKind.START, at), Entry(kind, at, *((limit.amount, limit.unit) if limit else ()), reason="等")]
    found = reckon(Limit(30, Unit.WORKDAYS), entries, Calendar(), at + timedelta(minutes=1))
    assert standing(found, at, ceiling=at + timedelta(days=3)).due_at == found.due_at


def test_the_sweep_keeps_to_the_ceiling_that_the_ledger_was_written_under(cast, at):
    appeal = received(by=SYSTEM, at=at, received_at=at - timedelta(days=50))
    with scope.acting_as(SYSTEM):
        clock = Clock.objects.select_related("appeal").get(appeal=appeal, name="close")
        longer = Entry(EntryKind.RELIMIT, at, 90, Unit.WORKDAYS, "很长的时限", "")
        append(clock, [longer], by=SYSTEM, at=at, measures=measures_of(appeal))
        ceiling = legal_ceiling(queries.policy_on(at.date()), appeal.received_at)
        assert clock.due_at == ceiling
        actions.sweep_clocks(at=ceiling - timedelta(hours=1))
        clock.refresh_from_db()
        assert (clock.due_at, clock.state) == (ceiling, "running")
        actions.sweep_clocks(at=ceiling + timedelta(minutes=1))
        clock.refresh_from_db()
        assert (clock.due_at, clock.state, clock.warned) == (ceiling, "overdue", "overdue")
        assert [each.state for each in queries.clocks_of(appeal.pk, ceiling + timedelta(minutes=2))][-1] == "overdue"
        assert actions.sweep_clocks(at=ceiling + timedelta(minutes=3)) == 0
