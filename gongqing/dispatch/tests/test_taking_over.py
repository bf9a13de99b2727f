"""A matter handled higher up, and several acted on at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gongqing.appeals.models import Access, Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions, queries
from gongqing.dispatch.models import Clock, Order, Supervision
from gongqing.dispatch.tests.make import WAGES, fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from tests.cast import Cast, Player


@pytest.fixture
def held(cast: Cast, at: datetime) -> Appeal:
    """A matter that the town's zone has signed."""
    appeal = received(WAGES, by=cast.hotline.actor, at=at)
    with scope.acting_as(cast.city.actor):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.zone.pk, by=cast.city.actor, at=at)
    with scope.acting_as(cast.zone.actor):
        actions.sign_order(appeal_id=appeal.pk, by=cast.zone.actor, at=at)
    return fresh(appeal)


def closing(appeal: Appeal) -> tuple[datetime, datetime]:
    with scope.acting_as(SYSTEM):
        clock = Clock.objects.get(appeal=appeal, name="close", ended_at__isnull=True)
        return clock.started_at, clock.due_at


@pytest.mark.parametrize(("name", "place"), [("town", "town"), ("county", "county"), ("city", "city")])
def test_a_supervisor_takes_over(name: str, place: str, cast: Cast, held: Appeal, at: datetime) -> None:
    before, who = closing(held), cast.players()[name].actor
    later = at + timedelta(hours=1)
    with scope.acting_as(who):
        actions.take_over_appeal(appeal_id=held.pk, reason="情况紧急", by=who, at=later)
    now = fresh(held)
    assert now.handler == getattr(cast.places, place)
    assert now.status == "dispatched"
    assert closing(held) == before, "the closing clock runs on"
    with scope.acting_as(SYSTEM):
        former = Order.objects.get(appeal=held, organisation=cast.places.zone, role="assist")
        assert former.status == "dispatched"
        assert Access.objects.filter(appeal=held, path=cast.places.zone.path, until__isnull=True).exists()
        assert Event.objects.filter(kind="appeal.taken_over", subject_id=held.pk).count() == 1
        assert Supervision.objects.get(appeal=held).organisation_id == now.handler_id
    with scope.acting_as(cast.zone.actor):
        assert Appeal.objects.visible_to(cast.zone.actor).filter(pk=held.pk).exists()


def test_nobody_holds_it_yet(cast: Cast, held: Appeal, at: datetime) -> None:
    with scope.acting_as(cast.zone.actor):
        actions.return_order(appeal_id=held.pk, reason="不归片区办", by=cast.zone.actor, at=at)
    assert fresh(held).status == "returned"
    with scope.acting_as(cast.county.actor):
        actions.take_over_appeal(appeal_id=held.pk, reason="区里直接办", by=cast.county.actor, at=at)
    assert fresh(held).handler == cast.places.county


def test_raised_one_level_at_a_time(cast: Cast, held: Appeal, at: datetime) -> None:
    city, before, seen = cast.city.actor, closing(held), []
    with scope.acting_as(city):
        for _ in range(3):
            actions.raise_appeal(appeal_id=held.pk, reason="下级办不动", by=city, at=at)
            seen.append(fresh(held).handler_level)
        with pytest.raises(NotAllowed, match="您的单位主办"):
            actions.raise_appeal(appeal_id=held.pk, reason="下级办不动", by=city, at=at)
    assert seen == ["town", "county", "city"]
    assert closing(held) == before
    with scope.acting_as(SYSTEM):
        assert queries.main_order(held.pk) is not None
        assert Event.objects.filter(kind="appeal.raised", subject_id=held.pk).count() == 3


def test_not_beyond_the_own_level(cast: Cast, held: Appeal, at: datetime) -> None:
    town = cast.town.actor
    with scope.acting_as(town):
        actions.raise_appeal(appeal_id=held.pk, reason="片区办不动", by=town, at=at)
        with pytest.raises(NotAllowed):
            actions.raise_appeal(appeal_id=held.pk, reason="再往上", by=town, at=at)
    assert fresh(held).handler == cast.places.town


@pytest.mark.parametrize("name", ["zone", "zone_chief", "auditor", "hotline"])
def test_wrong_person(name: str, cast: Cast, held: Appeal, at: datetime) -> None:
    player: Player = cast.players()[name]
    for action in (actions.take_over_appeal, actions.raise_appeal):
        with scope.acting_as(player.actor), pytest.raises((NotPermitted, NotFound)):
            action(appeal_id=held.pk, reason="试一试", by=player.actor, at=at)
    assert fresh(held).handler == cast.places.zone


def test_the_outsider_sees_nothing(cast: Cast, held: Appeal, at: datetime) -> None:
    with scope.acting_as(cast.outsider.actor), pytest.raises(NotFound):
        actions.take_over_appeal(appeal_id=held.pk, reason="试一试", by=cast.outsider.actor, at=at)


def test_wrong_state_and_bad_input(cast: Cast, held: Appeal, at: datetime) -> None:
    zone, town = cast.zone.actor, cast.town.actor
    with scope.acting_as(zone):
        actions.contact_worker(appeal_id=held.pk, note="约好补材料", by=zone, at=at)
        actions.pause_order(appeal_id=held.pk, reason="waiting_for_material", note="等工资条", by=zone, at=at)
    with scope.acting_as(town):
        with pytest.raises(NotAllowed, match="先恢复计时"):
            actions.take_over_appeal(appeal_id=held.pk, reason="接过来", by=town, at=at)
        with pytest.raises(BadInput) as refused:
            actions.raise_appeal(appeal_id=held.pk, reason=" ", by=town, at=at)
    assert refused.value.field == "reason"


def test_each_case_by_itself(cast: Cast, held: Appeal, at: datetime) -> None:
    """One is done, one is refused with the reason, one is not there; nothing is half done."""
    city = cast.city.actor
    own = received(WAGES, by=cast.hotline.actor, at=at)
    with scope.acting_as(city):
        actions.dispatch_appeal(appeal_id=own.pk, organisation_id=cast.places.city.pk, by=city, at=at)
        found = actions.supervise_cases(
            verb="take-over", codes=[held.code, own.code, "GQ00", held.code], note="市级接管", by=city, at=at
        )
    assert [(each.code, each.done) for each in found] == [(held.code, True), (own.code, False), ("GQ00", False)]
    assert "您的单位主办" in found[1].words
    assert "不在您能看的范围" in found[2].words
    assert fresh(held).handler == fresh(own).handler == cast.places.city
    with scope.acting_as(SYSTEM):
        assert not Event.objects.filter(kind="appeal.taken_over", subject_id=own.pk).exists()


def test_urged_once_and_supervised(cast: Cast, held: Appeal, at: datetime) -> None:
    county = cast.county.actor
    with scope.acting_as(county):
        first = actions.supervise_cases(verb="urge", codes=[held.code], note="请抓紧", by=county, at=at)
        again = actions.supervise_cases(verb="urge", codes=[held.code], note="请抓紧", by=county, at=at)
        ordered = actions.supervise_cases(verb="supervise", codes=[held.code], note="限期办结", by=county, at=at)
    assert (first[0].done, again[0].done, ordered[0].done) == (True, False, True)
    assert "刚催过" in again[0].words


@pytest.mark.parametrize("is_signed", [True, False])
def test_transferred_to_where_it_belongs(is_signed: bool, cast: Cast, held: Appeal, at: datetime) -> None:
    county, target = cast.county.actor, cast.places.neighbour_town
    appeal = held if is_signed else received(WAGES, by=cast.hotline.actor, at=at)
    with scope.acting_as(county):
        found = actions.supervise_cases(
            verb="transfer", codes=[appeal.code], note="职工在小港", by=county, at=at, organisation_id=target.pk
        )
    assert [each.words for each in found] == ["已转办"]
    assert fresh(appeal).handler == target


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"verb": "strike"}, "verb"),
        ({"codes": []}, "codes"),
        ({"codes": [f"GQ{number}" for number in range(51)]}, "codes"),
        ({"note": " "}, "note"),
        ({"verb": "transfer"}, "organisation"),
    ],
)
def test_what_cannot_be_asked(given: dict[str, object], field: str, cast: Cast, at: datetime) -> None:
    asked = {"verb": "urge", "codes": ["GQ1"], "note": "请抓紧", **given}
    with scope.acting_as(cast.city.actor), pytest.raises(BadInput) as refused:
        actions.supervise_cases(**asked, by=cast.city.actor, at=at)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_several_are_for_supervisors(cast: Cast, held: Appeal, at: datetime) -> None:
    with scope.acting_as(cast.zone.actor), pytest.raises(NotPermitted):
        actions.supervise_cases(verb="urge", codes=[held.code], note="请抓紧", by=cast.zone.actor, at=at)


def test_nobody_is_ordered_by_themselves(cast: Cast, held: Appeal, at: datetime) -> None:
    county = cast.county.actor
    with scope.acting_as(county):
        actions.supervise_cases(verb="take-over", codes=[held.code], note="由区里办", by=county, at=at)
        found = actions.supervise_cases(verb="supervise", codes=[held.code], note="限期办结", by=county, at=at)
    assert not found[0].done
    assert "不用给自己发督办单" in found[0].words
    with scope.acting_as(SYSTEM):
        assert not Supervision.objects.filter(appeal=held, due_at__isnull=False).exists()


def test_an_order_from_below_ends_when_a_matter_goes_up(cast: Cast, held: Appeal, at: datetime) -> None:
    town, city = cast.town.actor, cast.city.actor
    with scope.acting_as(town):
        assert actions.supervise_cases(verb="supervise", codes=[held.code], note="限期办结", by=town, at=at)[0].done
    with scope.acting_as(city):
        actions.supervise_cases(verb="take-over", codes=[held.code], note="由市里办", by=city, at=at)
    with scope.acting_as(SYSTEM):
        order = Supervision.objects.get(appeal=held, due_at__isnull=False)
    assert order.answered_by_name == "系统"
    assert "不用再回复" in order.answer
