"""Does the board put every case in hand under one state, and do its rows add up and lead to them?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.models import Order
from gongqing.dispatch.models.standing import OpenAppealQuerySet
from gongqing.dispatch.tests.make import FLED, UNCLEAR, WAGES, fresh, received
from gongqing.insight.queries import boards
from gongqing.insight.queries.counting import IN_HAND
from gongqing.insight.rules.boards import COLUMNS, STATES, bar_of
from gongqing.lib.times import now
from tests.cast import Cast


@pytest.fixture
def made(cast: Cast, at: datetime) -> list[Appeal]:
    """One fresh, one past its deadline, one paused, one returned, one in triage."""
    seat = cast.hotline.actor
    late = received(FLED, by=seat, at=at - timedelta(days=30))
    paused, returned = received(WAGES, by=seat, at=at), received(WAGES, by=seat, at=at)
    with scope.acting_as(SYSTEM):
        actions.sign_order(appeal_id=paused.pk, by=cast.city.actor, at=at)
        actions.contact_worker(appeal_id=paused.pk, note="约好补材料", by=cast.city.actor, at=at)
        actions.pause_order(
            appeal_id=paused.pk, reason="waiting_for_material", note="等工资条", by=cast.city.actor, at=at
        )
        actions.return_order(appeal_id=returned.pk, reason="不属于本单位，应归区里", by=cast.city.actor, at=at)
        actions.sweep_clocks(at=at + timedelta(minutes=1))
    return [late, paused, returned, received(UNCLEAR, by=seat, at=at), received(WAGES, by=seat, at=at)]


def test_every_case_stands_under_one_state(cast: Cast, made: list[Appeal], at: datetime) -> None:
    with scope.acting_as(cast.city.actor):
        seen = boards.board(cast.city.actor, at + timedelta(minutes=1))
    assert seen.total["all"] == len(made) == sum(seen.total[state] for state in STATES)
    assert (seen.total["over"], seen.total["held"]) == (1, 1)
    assert fresh(made[2]).status == "returned"
    assert seen.total["returned"] == 1
    assert all(sum(row.counts.get(name, 0) for row in seen.rows) == seen.total[name] for name in COLUMNS)


@pytest.mark.parametrize("name", ["city", "county", "town", "zone_chief", "outsider", "auditor"])
def test_every_number_leads_to_as_many_cases(name: str, cast: Cast, made: list[Appeal], at: datetime) -> None:
    actor, later = cast.players()[name].actor, at + timedelta(minutes=1)
    with scope.acting_as(actor):
        seen = boards.board(actor, later)
        for row in seen.rows:
            for column in COLUMNS:
                numbers, count = boards.drilled(seen, column, later, row=row.key)
                cases = boards.drill_cases(actor, numbers, later)
                assert len(cases) == count == row.counts.get(column, 0), (row, column)
        assert sum(row.counts.get("all", 0) for row in seen.rows) == Appeal.objects.exclude(status="archived").count()


@pytest.mark.parametrize("name", ["county", "town", "outsider"])
def test_what_row_scope_hides_is_not_counted(
    name: str, cast: Cast, made: list[Appeal], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = cast.players()[name].actor
    received(WAGES, by=cast.worker.actor, at=at)
    with scope.acting_as(actor):
        known = boards.board(actor, at).total.get("all", 0)
        monkeypatch.setattr(OpenAppealQuerySet, "visible_to", lambda found, actor: found.all())
        assert boards.board(actor, at).total.get("all", 0) == known
    monkeypatch.undo()
    with scope.acting_as(cast.grassroots.actor):
        assert boards.board(actor, at).total.get("all", 0) <= known
    with scope.acting_as(cast.worker.actor):
        assert boards.board(cast.county.actor, at).total.get("all", 0) <= 1, "by whose turn it is, not by what is asked"


@pytest.mark.parametrize("group", ["organisation", "grade", "category"])
def test_the_board_equals_a_recount_of_the_appeals(group: str, cast: Cast, made: list[Appeal], at: datetime) -> None:
    later = at + timedelta(minutes=1)
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=made[-1].pk, by=cast.town.actor, at=at)
    with scope.acting_as(cast.city.actor):
        seen = boards.board(cast.city.actor, later, boards.asked_of(cast.city.actor, group=group))
        cases = list(Appeal.objects.filter(status__in=IN_HAND))
        late = [case for case in cases if case.is_overdue or (case.next_due_at and case.next_due_at < later)]
        unsigned = [case for case in cases if case.status in ("dispatched", "reopened")]
        orders = Order.objects.filter(appeal__in=unsigned, role="handle", status="dispatched")
        oldest = min(orders.values_list("dispatched_at", flat=True))
    assert (seen.total["all"], seen.total["over"], seen.total["unsigned"]) == (len(cases), len(late), len(unsigned))
    assert min(row.unsigned_since for row in seen.rows if row.unsigned_since) == oldest
    assert min(row.late_since for row in seen.rows if row.late_since) == min(case.next_due_at for case in late)


def test_what_is_late_shows_its_escalation(cast: Cast, made: list[Appeal], at: datetime) -> None:
    later = at + timedelta(minutes=1)
    with scope.acting_as(cast.city.actor):
        seen = boards.board(cast.city.actor, later)
        numbers, _ = boards.drilled(seen, "over", later)
        cases = boards.drill_cases(cast.city.actor, numbers, later)
    assert [case.item.appeal.pk for case in cases] == [made[0].pk]
    assert cases[0].steps[0].kind == "升级"
    assert max(row.late_days or 0 for row in seen.rows) > 10


def test_the_page_names_the_states_and_the_case(cast: Cast, browser_of: Callable[[str], Client]) -> None:
    appeal = received(WAGES, by=cast.hotline.actor, at=now())
    page = browser_of("city").get("/desk/supervision?state=all").content.decode()
    assert all(words in page.replace("<br>", "") for words in COLUMNS.values())
    assert f"/desk/appeals/{appeal.code}" in page


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("", 302),
        ("worker", 403),
        ("admin", 403),
        ("hotline", 403),
        ("zone_chief", 200),
        ("town", 200),
        ("auditor", 200),
    ],
)
def test_who_reads_the_board(name: str, status: int, browser_of: Callable[[str], Client]) -> None:
    assert browser_of(name).get("/desk/supervision").status_code == status


def test_strange_choices_fall_back(browser_of: Callable[[str], Client]) -> None:
    assert browser_of("city").get("/desk/supervision?row=99999&state=x").status_code == 200


def test_the_longest_bar_fills_the_width() -> None:
    pieces = bar_of({"within": 3, "over": 1}, largest=4)
    assert [piece.style for piece in pieces] == ["ok", "over"]
    assert pieces[-1].x + pieces[-1].width <= 128
    assert bar_of({}, largest=0) == []
