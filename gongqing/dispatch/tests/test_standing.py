"""Do the narrow rows of boards and lists equal what they were taken from, whatever happens, and who sees them?"""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Access, Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.dispatch import actions
from gongqing.dispatch.models import Clock, Closing, OpenAppeal, OpenGrant, Order
from gongqing.dispatch.queries.standing import differences
from gongqing.dispatch.tests.make import FLED, UNCLEAR, WAGES, fresh, received
from tests import database
from tests.cast import Cast


def different() -> int:
    with scope.acting_as(SYSTEM):
        return differences()


def kept(appeal: Appeal) -> OpenAppeal | None:
    with scope.acting_as(SYSTEM):
        return OpenAppeal.objects.filter(pk=appeal.pk).first()


def marks(appeal: Appeal) -> set[str]:
    with scope.acting_as(SYSTEM):
        return set(OpenGrant.objects.filter(appeal=appeal).values_list("mark", flat=True))


def test_a_row_follows_an_appeal_from_its_door_to_its_archive(cast: Cast, at: datetime) -> None:
    town = cast.town.actor
    appeal = received(WAGES, by=cast.hotline.actor, at=at, person_name="沈小满", person_phone="13900000001")
    holder = Actor(role=Role.CODE_HOLDER, name="职工", appeal_id=appeal.pk)
    steps = [
        (actions.dispatch_appeal, cast.city.actor, {"organisation_id": cast.places.town.pk}),
        (actions.sign_order, town, {}),
        (actions.contact_worker, town, {"note": "电话联系本人"}),
        (actions.resolve_order, town, {"result": "已经补发，职工本人确认。", "outcome": "settled", "people": 1}),
        (actions.review_resolution, cast.county.actor, {"approve": True, "note": "情况属实，同意办结。"}),
    ]
    assert different() == 0
    seen = []
    for number, (action, by, given) in enumerate(steps):
        moment = at + timedelta(minutes=30 * (number + 1))
        with scope.acting_as(by):
            action(appeal_id=appeal.pk, by=by, at=moment, **given)
        row = kept(appeal)
        assert row is not None
        assert different() == 0
        seen.append((row.status, row.unsigned_since is not None))
    assert seen[:2] == [("dispatched", True), ("signed", False)]
    with scope.acting_as(SYSTEM):
        assert Closing.objects.get(clock__appeal=appeal).state == "met"
    with scope.acting_as(holder):
        appeals.evaluate_appeal(
            appeal_id=appeal.pk, satisfaction="satisfied", text="谢谢", by=holder, at=at + timedelta(days=1)
        )
    assert (fresh(appeal).status, kept(appeal), marks(appeal), different()) == ("archived", None, set(), 0)


def test_what_is_changed_beneath_the_actions_is_followed_too(cast: Cast, at: datetime) -> None:
    one, other = received(WAGES, by=cast.hotline.actor, at=at), received(FLED, by=cast.hotline.actor, at=at)
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=one.pk).update(status="archived", closed_at=at)
        assert (kept(one), marks(one)) == (None, set())
        Access.objects.filter(appeal=one).update(until=at)
        Access.objects.create(appeal=one, path="/7/8/", why="follow", since=at)
        Appeal.objects.filter(pk=one.pk).update(status="reopened", reopened_count=1)
        row = kept(one)
        assert row is not None
        assert (marks(one), row.reopened_count) == ({"/7/8/"}, 1)
        Access.objects.filter(appeal=one, until=None).update(path="/7/9/")
        Access.objects.create(appeal=one, user_id=5, why="reporter", since=at)
        Access.objects.create(appeal=one, path="/7/9/", why="handle", since=at)
        assert marks(one) == {"/7/9/", "u5"}
        Access.objects.filter(appeal=one, user_id=5).delete()
        Access.objects.filter(appeal=one, until=None, why="follow").update(until=at)
        assert marks(one) == {"/7/9/"}, "another grant says the same"
        Order.objects.filter(appeal=other, role="handle").update(status="dispatched", dispatched_at=at)
        clock = Clock.objects.get(appeal=other, name="close")
        Clock.objects.filter(pk=clock.pk).update(ended_at=at, state="overdue")
        Appeal.objects.filter(pk=other.pk).update(handler=cast.places.other_town, grade="yellow")
        closing = Closing.objects.get(clock=clock)
        assert (closing.state, closing.handler_id, closing.grade) == ("overdue", cast.places.other_town.pk, "yellow")
        Clock.objects.filter(pk=clock.pk).update(state="met")
        assert different() == 0
        Clock.objects.filter(pk=clock.pk).update(ended_at=None, state="running")
        assert not Closing.objects.filter(clock=clock).exists()
    assert different() == 0


@pytest.mark.django_db(transaction=True)
def test_a_row_that_was_tampered_with_is_found(cast: Cast, at: datetime) -> None:
    received(WAGES, by=cast.hotline.actor, at=at)
    assert different() == 0
    with psycopg.connect(database.url(str(connection.settings_dict["NAME"]), "postgres")) as owner:
        owner.execute("UPDATE dispatch_openappeal SET worker_count = 7000")
        owner.execute("INSERT INTO dispatch_opengrant (mark, appeal_id) SELECT '/8/', id FROM appeals_appeal")
    assert different() == 3, "the row as it is, and as it should be; a grant too many"


@pytest.mark.django_db(transaction=True)
def test_what_a_loader_copies_without_other_triggers_is_followed(cast: Cast, at: datetime) -> None:
    appeal = received(WAGES, by=cast.hotline.actor, at=at)
    assert marks(appeal)
    with psycopg.connect(database.url(str(connection.settings_dict["NAME"]), "postgres")) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE appeals_appeal SET worker_count = 31, grade = 'orange'")
        owner.execute(
            "INSERT INTO appeals_access (appeal_id, path, why, since) SELECT id, '/8/', 'follow', now() FROM appeals_appeal"
        )
    row = kept(appeal)
    assert row is not None
    assert (row.worker_count, row.grade, "/8/" in marks(appeal), different()) == (31, "orange", True, 0)


@pytest.mark.parametrize("name", ["city", "county", "town", "zone_chief", "outsider", "auditor", "hotline", "worker"])
def test_both_lines_of_scope_show_the_open_appeals_that_are_seen(name: str, cast: Cast, at: datetime) -> None:
    actor = cast.players()[name].actor
    received(WAGES, by=cast.worker.actor, at=at, region_code="330206001")
    for text in (WAGES, UNCLEAR, FLED):
        received(text, by=cast.hotline.actor, at=at)
    with scope.acting_as(SYSTEM):
        assert OpenAppeal.objects.count() == Appeal.objects.count() == 4
        asked = set(OpenAppeal.objects.visible_to(actor).values_list("pk", flat=True))
        expected = set(Appeal.objects.visible_to(actor).values_list("pk", flat=True))
    with scope.acting_as(actor):
        assert set(OpenGrant.objects.values_list("appeal_id", flat=True)) <= expected
        held = set(OpenAppeal.objects.values_list("pk", flat=True))
        assert held == set(Appeal.objects.values_list("pk", flat=True))
    assert asked == held == expected
    assert len(held) == {"city": 4, "auditor": 4, "hotline": 3, "worker": 1}.get(name, len(held))


@pytest.mark.parametrize("name", ["city", "county", "town", "zone_chief", "outsider", "auditor", "hotline", "worker"])
def test_counting_beyond_the_scope_holds_both_lines_of_it(name: str, cast: Cast, at: datetime) -> None:
    actor = cast.players()[name].actor
    received(WAGES, by=cast.worker.actor, at=at, region_code="330206001")
    for text in (WAGES, UNCLEAR, FLED):
        received(text, by=cast.hotline.actor, at=at)
    seen = {}
    for player in (actor, cast.county.actor, cast.outsider.actor):
        with scope.acting_as(player):
            seen[player] = set(Appeal.objects.values_list("pk", flat=True))
    for bound in seen:
        with scope.acting_as(bound), scope.elevated():
            counted = set(OpenAppeal.objects.counted_for(actor).values_list("pk", flat=True))
            assert OpenAppeal.objects.count() == 4, "elevation lifts what row-level security holds"
        # who sees everything is held by nothing: such an actor is bound as such alone
        assert counted == (seen[actor] & seen[bound] if name not in ("city", "auditor") else seen[actor])


def test_who_holds_a_code_sees_that_row_alone(cast: Cast, at: datetime) -> None:
    one, _ = (received(WAGES, by=cast.hotline.actor, at=at) for _ in range(2))
    holder = Actor(role=Role.CODE_HOLDER, name="职工", appeal_id=one.pk)
    with scope.acting_as(holder):
        assert [row.pk for row in OpenAppeal.objects.all()] == [one.pk]
        assert [row.pk for row in OpenAppeal.objects.visible_to(holder)] == [one.pk]


def test_nobody_but_the_database_writes_them(cast: Cast, at: datetime) -> None:
    appeal = received(WAGES, by=cast.hotline.actor, at=at)
    with scope.acting_as(cast.city.actor):
        assert OpenAppeal.objects.filter(pk=appeal.pk).update(grade="red") == 0
        assert OpenAppeal.objects.filter(pk=appeal.pk).delete()[0] == 0
        assert OpenGrant.objects.filter(appeal=appeal).update(appeal_id=0) == 0
        assert OpenGrant.objects.filter(appeal=appeal).count() > 1
    assert different() == 0
