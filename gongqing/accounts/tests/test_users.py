"""Accounts, postings and keys: who may change them, and what follows at once?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from gongqing.accounts import actions, queries
from gongqing.accounts.models import ApiKey, Posting
from gongqing.audit import scope
from gongqing.audit.actor import ANONYMOUS, SYSTEM, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted, TooManyTries
from gongqing.registry import actions as registry
from tests.cast import PASSWORD


@pytest.fixture
def admin(cast):
    """The administrator; the test runs in that scope."""
    with scope.acting_as(cast.admin.actor):
        yield cast.admin.actor


def refused_field(call, **given):
    with pytest.raises(BadInput) as refused:
        call(**given)
    return refused.value.field


def test_only_an_administrator_manages_accounts(cast, at):
    by = {"by": cast.city.actor, "at": at}
    town = cast.town.user_id
    calls = [
        lambda: actions.create_user(username="new", name="新人", **by),
        lambda: actions.reset_password(user_id=town, new="Another-2025", **by),
        lambda: actions.unlock_user(user_id=town, **by),
        lambda: actions.deactivate_user(user_id=town, reason="", **by),
        lambda: actions.appoint(user_id=town, role=Role.AUDITOR, since=at.date(), **by),
        lambda: actions.issue_key(user_id=town, scopes=["appeals:read"], note="", **by),
    ]
    for call in calls:
        with scope.acting_as(cast.city.actor), pytest.raises(NotPermitted):
            call()


def test_what_is_wrong_with_a_new_account_is_named(admin, at):
    given = {"username": "new", "name": "新人", "password": "Strong-2025", "by": admin, "at": at}
    assert refused_field(actions.create_user, **{**given, "username": "town"}) == "username"
    assert refused_field(actions.create_user, **{**given, "username": "two words"}) == "username"
    assert refused_field(actions.create_user, **{**given, "name": " "}) == "name"
    for weak in ("short", "1234567890123", "password123"):
        assert refused_field(actions.create_user, **{**given, "password": weak}) == "password"
    user = actions.create_user(**{**given, "last_digits": "138 0000 0417"})
    assert user.last_digits == "0417"


def test_changing_the_own_password(cast, at):
    actor = cast.town.actor
    given = {"user_id": actor.user_id, "old": PASSWORD, "new": "Another-2025", "by": actor, "at": at}
    with scope.acting_as(actor):
        assert refused_field(actions.change_password, **{**given, "old": "wrong"}) == "old"
        assert refused_field(actions.change_password, **{**given, "new": PASSWORD}) == "new"
        with pytest.raises(NotPermitted):
            actions.change_password(**{**given, "user_id": cast.zone.user_id})
        actions.change_password(**given)
        for _ in range(5):
            refused_field(actions.change_password, **{**given, "old": "wrong"})
        with pytest.raises(TooManyTries):
            actions.change_password(**{**given, "old": "wrong"})


def test_a_posting_counts_from_its_first_day_to_the_day_before_its_end(cast, admin, at):
    day = at.date()
    user = queries.user_numbered(cast.town.user_id)
    posting = Posting.objects.get(pk=cast.town.posting_id)
    assert queries.actor_of(user, posting, on=day) == cast.town.actor
    assert queries.actor_of(user, posting, on=posting.since - timedelta(days=1)) is ANONYMOUS
    actions.end_posting(posting_id=posting.pk, until=day, reason="调离", by=admin, at=at)
    assert queries.actor_of(user, posting, on=day) is ANONYMOUS
    assert queries.actor_of(user, on=day) is ANONYMOUS
    with pytest.raises(NotAllowed, match="已经结束"):
        actions.end_posting(posting_id=posting.pk, until=day, reason="调离", by=admin, at=at)


def test_another_ones_posting_is_no_ones(cast, at):
    user, posting = queries.user_numbered(cast.zone.user_id), Posting.objects.get(pk=cast.city.posting_id)
    assert queries.actor_of(user, posting, on=at.date()) is ANONYMOUS


def test_appointing_twice_is_one_posting_and_a_role_stands_in_its_place(cast, admin, at):
    given = {"user_id": cast.zone.user_id, "role": Role.ZONE_CHIEF, "since": at.date(), "by": admin, "at": at}
    zone, town = cast.places.zone.pk, cast.places.town.pk
    first = actions.appoint(organisation_id=zone, **given)
    assert actions.appoint(organisation_id=zone, **given) == first
    assert refused_field(actions.appoint, organisation_id=town, **given) == "organisation"
    assert refused_field(actions.appoint, organisation_id=zone, until=at.date(), **given) == "until"


def test_a_zone_sees_the_unions_linked_on_the_day(cast, system, at):
    user = queries.user_numbered(cast.zone.user_id)
    places = cast.places
    assert set(queries.actor_of(user, on=at.date()).paths) == {
        places.zone.path,
        places.union.path,
        places.second_union.path,
    }
    registry.unlink_union(union_id=places.second_union.pk, until=at.date(), by=system, at=at)
    assert queries.actor_of(user, on=at.date()).paths == (places.zone.path, places.union.path)


@pytest.mark.parametrize(
    ("name", "place"), [("hotline", "hotline"), ("town", "town"), ("mediator", "room"), ("department", "department")]
)
def test_other_postings_see_their_own_path(cast, name, place):
    assert getattr(cast, name).actor.paths == (getattr(cast.places, place).path,)


@pytest.mark.parametrize("name", ["zone_helper", "admin", "auditor", "worker"])
def test_these_see_nothing_by_path(cast, name):
    assert getattr(cast, name).actor.paths == ()


def test_the_trace_does_not_name_a_worker(cast):
    assert cast.worker.actor.name == "职工"


def test_a_key_acts_as_its_account_in_one_query(cast, admin, at, django_assert_num_queries):
    for name in ("zone", "town", "auditor", "worker"):
        player = getattr(cast, name)
        key = actions.issue_key(user_id=player.user_id, scopes=["appeals:read"], note="热线", by=admin, at=at)
        with django_assert_num_queries(1):
            actor = queries.actor_by_key(key, at)
        assert (actor.role, actor.user_id, set(actor.paths)) == (
            player.actor.role,
            player.user_id,
            set(player.actor.paths),
        )
        assert actor.person_id == player.actor.person_id
        assert actor.scopes == {"appeals:read"}
        stored = ApiKey.objects.get(pk=actor.key_id)
        assert stored.digest not in key
        assert key.startswith(f"gq_{stored.prefix}_")


def test_a_key_dies_with_its_revocation_its_posting_and_its_account(cast, admin, at):
    def new_key(player):
        return actions.issue_key(user_id=player.user_id, scopes=["appeals:write"], note="", by=admin, at=at)

    keys = [new_key(player) for player in (cast.town, cast.county, cast.zone)]
    actions.revoke_key(key_id=queries.actor_by_key(keys[0], at).key_id, by=admin, at=at)
    actions.end_posting(posting_id=cast.county.posting_id, until=at.date(), reason="", by=admin, at=at)
    actions.deactivate_user(user_id=cast.zone.user_id, reason="离职", by=admin, at=at)
    assert [queries.actor_by_key(key, at) for key in keys] == [None] * 3
    for nonsense in ("", "gq_", "gq_00000000_" + "0" * 48, "x" * 500):
        assert queries.actor_by_key(nonsense, at) is None
    with pytest.raises(NotAllowed):
        actions.revoke_key(key_id=queries.keys_of(cast.town.user_id)[0].pk, by=admin, at=at)
    with pytest.raises(NotAllowed):
        new_key(cast.zone)


def test_scopes_are_known_words(admin, cast, at):
    given = {"user_id": cast.town.user_id, "note": "", "by": admin, "at": at}
    assert refused_field(actions.issue_key, scopes=[], **given) == "scopes"
    assert refused_field(actions.issue_key, scopes=["everything"], **given) == "scopes"


def test_an_administrator_cannot_lock_out_himself(admin, at):
    with pytest.raises(NotAllowed):
        actions.deactivate_user(user_id=admin.user_id, reason="", by=admin, at=at)


def test_the_command_prints_a_key_alone_on_its_last_line(cast, capsys, at):
    call_command("accounts", "key", "town")
    key = capsys.readouterr().out.splitlines()[-1]
    assert queries.actor_by_key(key, at).user_id == cast.town.user_id
    call_command("accounts", "list")
    assert "town" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有用户名为 nobody"):
        call_command("accounts", "key", "nobody")


def test_the_command_opens_an_account_with_a_password_from_standard_input(cast, capsys, monkeypatch, at):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("Strong-2025\n"))
    call_command("accounts", "create", "newcomer", "新人")
    call_command("accounts", "appoint", "newcomer", "zone_worker", "--organisation", cast.places.zone.code)
    assert "片区专职工作者" in capsys.readouterr().out
    with scope.acting_as(cast.admin.actor):
        entered = actions.sign_in_staff(
            username="newcomer", password="Strong-2025", address="192.0.2.1", at=at + timedelta(days=999)
        )
    assert entered.username == "newcomer"


def test_a_key_that_this_process_knows_ends_at_once(cast, api_of, at):
    client = api_of("town")
    assert [client.get("/api/v1/appeals").status_code for _ in range(2)] == [200, 200]
    with scope.acting_as(SYSTEM):
        key = ApiKey.objects.filter(user_id=cast.town.user_id, revoked_at__isnull=True).latest("id")
        Posting.objects.filter(user_id=cast.town.user_id).update(until=at.date())
    assert client.get("/api/v1/appeals").status_code == 401
    with scope.acting_as(SYSTEM):
        Posting.objects.filter(user_id=cast.town.user_id).update(until=None)
    assert client.get("/api/v1/appeals").status_code == 200
    with scope.acting_as(SYSTEM):
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=at)
    assert client.get("/api/v1/appeals").status_code == 401
