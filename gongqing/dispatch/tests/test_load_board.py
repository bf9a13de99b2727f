"""The dispatcher's load board: what it counts, what it supposes, and what changes hands by one key."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.actions import Redirection
from gongqing.dispatch.models import Clock
from gongqing.dispatch.queries import outlook
from gongqing.dispatch.queries.outlook import WhatIf
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, WAGES, fresh, received
from gongqing.lib.errors import BadInput, NotPermitted
from gongqing.lib.times import now
from tests.cast import Cast


@pytest.fixture
def held(cast: Cast, at: datetime) -> Appeal:
    """An unsigned matter of the zone, which the town may have as well."""
    appeal = received(BIRTHDAY, by=cast.hotline.actor, at=at)
    with scope.acting_as(cast.city.actor):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.zone.pk, by=cast.city.actor, at=at)
    return fresh(appeal)


def to(appeal: Appeal, organisation_id: int) -> list[Redirection]:
    return [Redirection(appeal.code, organisation_id)]


def test_the_board_counts_what_lies_where(cast: Cast, held: Appeal, at: datetime) -> None:
    received(FLED, by=cast.hotline.actor, at=at)
    late = received(WAGES, by=cast.hotline.actor, at=at - timedelta(days=60))
    with scope.acting_as(cast.city.actor):
        seen = outlook.load_board(cast.city.actor, at)
    assert seen.total.held == 3
    assert seen.total.late == 1
    assert seen.total.unsigned == 3
    assert 0 < seen.total.late_ahead <= 2
    assert str(cast.places.other_county) in seen.quiet
    county = next(row for row in seen.rows if row.number == cast.places.county.pk)
    assert county.staff >= 1
    assert county.per_person == county.held / county.staff
    assert fresh(late).handler is not None


@pytest.mark.parametrize(("name", "count"), [("town", 1), ("county", 1), ("outsider", 0)])
def test_everybody_sees_the_own_area(name: str, count: int, cast: Cast, held: Appeal, at: datetime) -> None:
    actor = cast.players()[name].actor
    with scope.acting_as(actor):
        assert outlook.load_board(actor, at).total.held == count


def test_what_if_nobody_is_there(cast: Cast, held: Appeal, at: datetime) -> None:
    town, zone = cast.town.actor, cast.places.zone.pk
    with scope.acting_as(SYSTEM):
        before = list(Event.objects.order_by("id").values_list("pk", flat=True))
    with scope.acting_as(town):
        calm = outlook.load_board(town, at)
        asked = outlook.load_board(town, at, WhatIf(row=zone, more=3, away=99))
    row = next(each for each in asked.rows if each.number == zone)
    assert calm.total.late_if is None
    assert row.late_if is not None
    assert row.late_if >= row.late_ahead
    assert asked.total.late_if is not None
    with scope.acting_as(SYSTEM):
        assert list(Event.objects.order_by("id").values_list("pk", flat=True)) == before, "looking writes nothing"


def test_moved_and_moved_back(cast: Cast, held: Appeal, at: datetime) -> None:
    town, places = cast.town.actor, cast.places
    with scope.acting_as(SYSTEM):
        before = Clock.objects.get(appeal=held, name="close").due_at
    with scope.acting_as(town):
        [there] = actions.redistribute_appeals(moves=to(held, places.town.pk), reason="按在办量调整", by=town, at=at)
        assert (there.done, there.former) == (True, places.zone.pk)
        assert fresh(held).handler == places.town
        [back] = actions.redistribute_appeals(
            moves=to(held, places.zone.pk), reason="撤回调整", by=town, at=at, is_undoing=True
        )
    assert back.done
    assert fresh(held).handler == places.zone
    with scope.acting_as(SYSTEM):
        assert Clock.objects.get(appeal=held, name="close").due_at == before


def test_no_way_back_once_it_is_signed(cast: Cast, held: Appeal, at: datetime) -> None:
    town, places = cast.town.actor, cast.places
    with scope.acting_as(town):
        actions.redistribute_appeals(moves=to(held, places.town.pk), reason="按在办量调整", by=town, at=at)
        actions.sign_order(appeal_id=held.pk, by=town, at=at)
        [back] = actions.redistribute_appeals(
            moves=to(held, places.zone.pk), reason="撤回调整", by=town, at=at, is_undoing=True
        )
    assert not back.done
    assert "已经签收" in back.words
    assert fresh(held).handler == places.town


@pytest.mark.parametrize("target", ["neighbour_town", "union", "department", "county"])
def test_not_where_the_rules_forbid(target: str, cast: Cast, held: Appeal, at: datetime) -> None:
    """Another place, an employer's union that is not its own, a department, two levels up: each refused in words."""
    county = cast.county.actor
    with scope.acting_as(county):
        [found] = actions.redistribute_appeals(
            moves=to(held, getattr(cast.places, target).pk), reason="按在办量调整", by=county, at=at
        )
    assert not found.done
    assert "派单规则" in found.words
    assert fresh(held).handler == cast.places.zone


def test_the_shield_holds(cast: Cast, at: datetime) -> None:
    """A matter kept from the employer never comes to the employer's own union, whoever moves it."""
    appeal = received(
        WAGES, by=cast.hotline.actor, at=at, employer=cast.places.factory.name, anonymous_to_employer=True
    )
    city = cast.city.actor
    with scope.acting_as(city):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.zone.pk, by=city, at=at)
        [found] = actions.redistribute_appeals(
            moves=to(appeal, cast.places.union.pk), reason="按在办量调整", by=city, at=at
        )
    assert not found.done
    assert fresh(appeal).handler == cast.places.zone


def test_what_was_begun_and_what_is_red_stays(cast: Cast, held: Appeal, at: datetime) -> None:
    red = received(FLED, by=cast.hotline.actor, at=at)
    zone, city = cast.zone.actor, cast.city.actor
    with scope.acting_as(zone):
        actions.sign_order(appeal_id=held.pk, by=zone, at=at)
        actions.contact_worker(appeal_id=held.pk, note="已电话联系", by=zone, at=at)
    with scope.acting_as(city):
        found = actions.redistribute_appeals(
            moves=[*to(held, cast.places.town.pk), *to(red, cast.places.town.pk), Redirection("GQ1", 1)],
            reason="按在办量调整",
            by=city,
            at=at,
        )
    assert [each.done for each in found] == [False, False, False]
    assert "红级" in found[1].words


def test_signed_and_not_begun_may_go(cast: Cast, held: Appeal, at: datetime) -> None:
    with scope.acting_as(cast.zone.actor):
        actions.sign_order(appeal_id=held.pk, by=cast.zone.actor, at=at)
    with scope.acting_as(cast.town.actor):
        [found] = actions.redistribute_appeals(
            moves=to(held, cast.places.town.pk), reason="按在办量调整", by=cast.town.actor, at=at
        )
    assert found.done
    assert fresh(held).status == "dispatched"


def test_wrong_person_and_bad_input(cast: Cast, held: Appeal, at: datetime) -> None:
    zone, town = cast.zone.actor, cast.town.actor
    with scope.acting_as(zone), pytest.raises(NotPermitted):
        actions.redistribute_appeals(moves=to(held, 1), reason="按在办量调整", by=zone, at=at)
    for moves, reason, field in [
        ([], "调整", "codes"),
        (to(held, 1) * 51, "调整", "codes"),
        (to(held, 1), " ", "reason"),
    ]:
        with scope.acting_as(town), pytest.raises(BadInput) as refused:
            actions.redistribute_appeals(moves=moves, reason=reason, by=town, at=at)
        assert refused.value.field == field


def test_the_page_moves_and_takes_back(
    cast: Cast, browser_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from gongqing.dispatch.rules import redistribution

    monkeypatch.setattr(redistribution, "LEAST_GAIN", -9.0)
    appeal = received(BIRTHDAY, by=cast.hotline.actor, at=now())
    zone, town = cast.places.zone, cast.places.town
    with scope.acting_as(cast.city.actor):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=zone.pk, by=cast.city.actor, at=now())
    desk = browser_of("town")
    page = desk.get(f"/desk/load?row={zone.pk}&more=2&away=1").content.decode()
    assert "再来 2 件" in page
    assert f'name="case" value="{appeal.code}" checked' in page
    given = {"row": zone.pk, "case": appeal.code, f"to-{appeal.code}": town.pk, "reason": "按在办量调整"}
    done = desk.post("/desk/load/moves", given).content.decode()
    assert "1 件已办" in done
    assert fresh(appeal).handler == town
    undo = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', done))
    assert undo[f"to-{appeal.code}"] == str(zone.pk)
    back = desk.post("/desk/load/moves", undo).content.decode()
    assert "撤回：1 件已办" in back
    assert fresh(appeal).handler == zone


def test_nothing_ticked_is_said_on_the_page(cast: Cast, browser_of: Callable[[str], Client]) -> None:
    answer = browser_of("town").post("/desk/load/moves", {"row": cast.places.zone.pk, "reason": "按在办量调整"})
    assert answer.status_code == 422
    strange = browser_of("town").get("/desk/load?row=x&more=-3&away=9999")
    assert strange.status_code == 200


@pytest.mark.parametrize(
    ("name", "status"), [("", 302), ("zone", 403), ("auditor", 403), ("worker", 403), ("town", 200), ("city", 200)]
)
def test_who_opens_the_load_board(name: str, status: int, browser_of: Callable[[str], Client]) -> None:
    assert browser_of(name).get("/desk/load").status_code == status
