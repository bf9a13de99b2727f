"""Who may stand in for whom, from when until when, and what does the trace then say?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from gongqing.accounts import actions, queries
from gongqing.accounts.models import Posting, User
from gongqing.audit import scope
from gongqing.audit.actor import ANONYMOUS, SYSTEM, Role
from gongqing.audit.models import Event
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry.models import sealing


@pytest.fixture
def colleague(cast, at):
    """Another supervisor at the town."""
    return _staff("second-town", "周岚", Role.TOWN_SUPERVISOR, cast.places.town.pk, at)


def _staff(username, name, role, place, at):
    with scope.acting_as(SYSTEM):
        user = actions.create_user(username=username, name=name, by=SYSTEM, at=at)
        actions.appoint(
            user_id=user.pk, role=role, organisation_id=place, since=at.date() - timedelta(9), by=SYSTEM, at=at
        )
    return user


def name(player, deputy_id, at, *, by=None, start=0, days=3, reason="休假"):
    """Let somebody stand in for a player, from `start` days after today, for so many days."""
    since = at.date() + timedelta(start)
    actor = by or player.actor
    with scope.acting_as(actor):
        return actions.name_deputy(
            posting_id=player.posting_id,
            user_id=deputy_id,
            since=since,
            last_day=since + timedelta(days - 1),
            reason=reason,
            by=actor,
            at=at,
        )


def test_a_deputy_acts_in_the_posting_during_these_days_only(cast, at, colleague):
    posting = name(cast.town, colleague.pk, at, start=1, days=3)
    today, during, after = at.date(), at.date() + timedelta(1), at.date() + timedelta(4)
    assert queries.actor_in_posting(colleague, posting.pk, on=today) is ANONYMOUS
    assert queries.actor_in_posting(colleague, posting.pk, on=after) is ANONYMOUS
    actor = queries.actor_in_posting(colleague, posting.pk, on=during)
    assert actor.name == "周岚（代演员town）"
    assert (actor.role, actor.organisation_id, actor.paths) == (
        cast.town.actor.role,
        cast.town.actor.organisation_id,
        cast.town.actor.paths,
    )
    assert actor.user_id == colleague.pk
    assert [one.pk for one in queries.deputies_of(cast.town.user_id, during)] == [colleague.pk]
    assert queries.deputies_of(cast.town.user_id, after) == []


def test_the_own_posting_comes_first_though_the_deputys_is_older(cast, at):
    late = _staff("newcomer", "新来", Role.TOWN_SUPERVISOR, cast.places.neighbour_town.pk, at)
    Posting.objects.filter(user=late).update(since=at.date())
    deputy = name(cast.town, late.pk, at, by=SYSTEM)
    Posting.objects.filter(pk=deputy.pk).update(since=at.date() - timedelta(5))
    assert queries.actor_of(late, on=at.date()).name == "新来"


def test_a_key_never_acts_as_a_deputy(cast, at, colleague):
    posting = name(cast.county, colleague.pk, at)
    with scope.acting_as(SYSTEM):
        key = actions.issue_key(user_id=colleague.pk, scopes=["appeals:read"], note="", by=SYSTEM, at=at)
    assert posting.role == "county_supervisor"
    assert queries.actor_by_key(key, at).role is Role.TOWN_SUPERVISOR
    Posting.objects.filter(user=colleague, deputy_of__isnull=True).update(until=at.date())
    assert queries.actor_by_key(key, at) is None


@pytest.mark.parametrize("who", ["grassroots", "county", "auditor", "outsider"])
def test_only_the_holder_a_supervisor_of_the_place_or_an_administrator_names_one(cast, at, colleague, who):
    with pytest.raises(NotPermitted):
        name(cast.town, colleague.pk, at, by=cast.players()[who].actor)


@pytest.mark.parametrize("who", ["town", "admin"])
def test_these_may_name_one(cast, at, colleague, who):
    assert name(cast.town, colleague.pk, at, by=cast.players()[who].actor).deputy_of_id == cast.town.posting_id


def test_a_supervisor_names_one_for_a_colleague(cast, at, colleague):
    actor = queries.actor_of(colleague, on=at.date())
    assert name(cast.town, cast.county.user_id, at, by=actor).user_id == cast.county.user_id


@pytest.mark.parametrize("who", ["auditor", "admin"])
def test_an_auditor_and_an_administrator_ask_the_administrator(cast, at, colleague, who):
    player = cast.players()[who]
    if who == "auditor":
        with pytest.raises(NotPermitted):
            name(player, colleague.pk, at)
    assert name(player, colleague.pk, at, by=cast.admin.actor).role == player.actor.role.value


def test_nobody_stands_in_for_oneself_or_for_a_deputy(cast, at, colleague):
    with pytest.raises(BadInput) as refused:
        name(cast.town, cast.town.user_id, at)
    assert refused.value.field == "user"
    posting = name(cast.town, colleague.pk, at)
    with pytest.raises(NotAllowed), scope.acting_as(SYSTEM):
        actions.name_deputy(
            posting_id=posting.pk,
            user_id=cast.county.user_id,
            since=at.date(),
            last_day=at.date(),
            reason="休假",
            by=SYSTEM,
            at=at,
        )


def test_somebody_who_is_away_too_is_no_deputy(cast, at, colleague):
    name(cast.county, cast.town.user_id, at)
    name(cast.town, colleague.pk, at, start=4)
    with pytest.raises(BadInput) as refused:
        name(cast.county, cast.town.user_id, at, start=4)
    assert (refused.value.field, "自己也由别人代理" in refused.value.message) == ("user", True)


def test_two_deputies_on_the_same_day_are_refused_by_name(cast, at, colleague):
    name(cast.town, colleague.pk, at, start=2, days=3)
    with pytest.raises(NotAllowed) as refused:
        name(cast.town, cast.county.user_id, at, start=4, days=3)
    assert "周岚" in str(refused.value)
    assert name(cast.town, cast.county.user_id, at, start=5).user_id == cast.county.user_id


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start": -1}, "since"),
        ({"days": 0}, "last_day"),
        ({"days": 200}, "last_day"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_is_wrong_is_named(cast, at, colleague, given, field):
    with pytest.raises(BadInput) as refused:
        name(cast.town, colleague.pk, at, **given)
    assert refused.value.field == field


def test_a_stranger_is_named_by_the_administrator_alone(cast, at):
    with pytest.raises(NotPermitted):
        name(cast.town, cast.outsider.user_id, at)
    assert name(cast.town, cast.outsider.user_id, at, by=cast.admin.actor)
    with pytest.raises(BadInput):
        name(cast.county, cast.worker.user_id, at)


def test_a_deputy_ends_early_and_another_may_follow(cast, at, colleague):
    posting = name(cast.town, colleague.pk, at)
    with scope.acting_as(cast.outsider.actor), pytest.raises(NotPermitted):
        actions.end_deputy(posting_id=posting.pk, by=cast.outsider.actor, at=at)
    with scope.acting_as(cast.town.actor):
        actions.end_deputy(posting_id=posting.pk, by=cast.town.actor, at=at)
        with pytest.raises(NotAllowed):
            actions.end_deputy(posting_id=posting.pk, by=cast.town.actor, at=at)
    assert queries.actor_in_posting(colleague, posting.pk, on=at.date()) is ANONYMOUS
    assert name(cast.town, cast.county.user_id, at)


def test_one_that_has_not_begun_is_undone(cast, at, colleague):
    posting = name(cast.town, colleague.pk, at, start=5)
    with scope.acting_as(SYSTEM):
        actions.end_deputy(posting_id=posting.pk, by=SYSTEM, at=at)
    assert not queries.deputies_of(cast.town.user_id, at.date() + timedelta(5))
    assert name(cast.town, colleague.pk, at, start=5)


def test_a_posting_that_ends_takes_its_deputy_along(cast, at, colleague):
    posting = name(cast.town, colleague.pk, at, days=9)
    with scope.acting_as(SYSTEM):
        actions.end_posting(
            posting_id=cast.town.posting_id, until=at.date() + timedelta(2), reason="调离", by=SYSTEM, at=at
        )
        posting.refresh_from_db()
        assert posting.until == at.date() + timedelta(2)
        assert Event.objects.filter(kind="deputy.ended", subject_id=posting.pk).exists()


def test_a_phone_is_kept_sealed_and_shown_masked(cast, at):
    with scope.acting_as(cast.town.actor):
        user = actions.set_staff_phone(user_id=cast.town.user_id, phone="139 0000 0001", by=cast.town.actor, at=at)
        assert (user.phone_mask, user.last_digits) == ("139****0001", "0001")
        with pytest.raises(BadInput):
            actions.set_staff_phone(user_id=cast.town.user_id, phone="139****0001", by=cast.town.actor, at=at)
        with pytest.raises(NotPermitted):
            actions.set_staff_phone(user_id=cast.county.user_id, phone="13900000001", by=cast.town.actor, at=at)
    kept = User.objects.get(pk=cast.town.user_id)
    assert b"13900000001" not in bytes(kept.phone_sealed)
    assert sealing.open_sealed(kept.phone_sealed, "user.phone") == "13900000001" == queries.phone_of(kept)
    with scope.acting_as(SYSTEM):
        actions.set_staff_phone(user_id=cast.town.user_id, phone="", by=SYSTEM, at=at)
        assert queries.phone_of(User.objects.get(pk=cast.town.user_id)) == ""
        with pytest.raises(NotAllowed):
            actions.set_staff_phone(user_id=cast.worker.user_id, phone="13900000001", by=SYSTEM, at=at)
