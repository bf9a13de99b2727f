"""Does every request get its actor, keep its work or lose it whole, and end in time?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory

from gongqing.accounts import actions, middleware
from gongqing.accounts.models import Posting, User
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib import times
from gongqing.registry.models import Region
from tests.cast import PASSWORD

pytestmark = pytest.mark.urls("gongqing.accounts.tests.urls")


@pytest.fixture
def clock(monkeypatch, at):
    """The present moment, to be set."""
    moment = [at]
    monkeypatch.setattr(times, "now", lambda: moment[0])

    def go(later: timedelta) -> None:
        moment[0] += later

    return go


def signed_in(player, at):
    client = Client(raise_request_exception=False)
    request = HttpRequest()
    request.session = client.session
    user = User.objects.get(pk=player.user_id)
    posting = Posting.objects.get(pk=player.posting_id) if player.posting_id else None
    middleware.begin_session(request, user, at=at, posting=posting)
    request.session.save()
    client.cookies["sessionid"] = str(request.session.session_key)
    return client


def role(client, path="/whoami", **headers):
    return client.get(path, headers=headers).json()["role"]


def test_everybody_is_who_he_is(cast, at, clock):
    for name, player in cast.players().items():
        answer = signed_in(player, at).get("/whoami")
        assert answer.json()["role"] == player.actor.role, name
        assert set(answer.json()["paths"]) == set(player.actor.paths), name
        assert answer["Cache-Control"] == "no-store"
    assert role(Client()) == "anonymous"


def test_staff_leave_after_eight_hours_however_busy(cast, at, clock):
    client = signed_in(cast.town, at)
    for _ in range(23):
        clock(timedelta(minutes=20))
        assert role(client) == "town_supervisor"
    clock(timedelta(minutes=20))
    assert role(client) == "anonymous"


def test_staff_leave_after_thirty_idle_minutes_and_workers_stay(cast, at, clock):
    staff, worker = signed_in(cast.town, at), signed_in(cast.worker, at)
    clock(timedelta(minutes=31))
    assert (role(staff), role(worker)) == ("anonymous", "worker")
    assert role(staff) == "anonymous"


@pytest.mark.parametrize("what", ["posting", "account", "password"])
def test_access_ends_at_once(cast, at, clock, what):
    client = signed_in(cast.town, at)
    admin = {"by": cast.admin.actor, "at": at}
    with scope.acting_as(cast.admin.actor):
        match what:
            case "posting":
                actions.end_posting(posting_id=cast.town.posting_id, until=at.date(), reason="", **admin)
            case "account":
                actions.deactivate_user(user_id=cast.town.user_id, reason="", **admin)
            case "password":
                actions.reset_password(user_id=cast.town.user_id, new="Another-2025", **admin)
    assert role(client) == "anonymous"


def test_a_key_counts_under_the_api_alone_and_a_session_never_there(cast, at, clock):
    with scope.acting_as(cast.admin.actor):
        key = actions.issue_key(user_id=cast.town.user_id, scopes=["appeals:read"], note="", by=cast.admin.actor, at=at)
    bearer = {"Authorization": f"Bearer {key}"}
    assert role(Client(), "/api/v1/whoami", **bearer) == "town_supervisor"
    assert role(Client(), "/whoami", **bearer) == "anonymous"
    assert role(signed_in(cast.town, at), "/api/v1/whoami") == "anonymous"
    assert role(Client(), "/api/v1/whoami", Authorization="Bearer gq_wrong") == "anonymous"
    assert role(Client(), "/api/v1/whoami", Authorization="Basic abc") == "anonymous"


def test_a_key_with_a_limit_is_held_to_it(cast, at, clock):
    with scope.acting_as(SYSTEM):
        key = actions.issue_key(
            user_id=cast.town.user_id, scopes=["appeals:read"], note="", limit_per_minute=2, by=SYSTEM, at=at
        )
    answers = [Client().get("/api/v1/whoami", headers={"Authorization": f"Bearer {key}"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) == 60
    assert "再试" in answers[2].json()["errors"][0]["message"]
    clock(timedelta(seconds=61))
    assert role(Client(), "/api/v1/whoami", Authorization=f"Bearer {key}") == "town_supervisor"


def test_a_code_holder_sees_one_appeal(db, at, clock):
    client = Client()
    session = client.session
    session[middleware.CODE_HOLDER] = 41
    session.save()
    client.cookies["sessionid"] = session.session_key
    assert client.get("/whoami").json() == {"role": "code_holder", "paths": [], "appeal": 41}


@pytest.mark.parametrize(
    ("then", "status", "kept"), [("200", 200, True), ("409", 409, True), ("503", 503, False), ("fault", 500, False)]
)
def test_a_fault_takes_everything_back_and_a_refusal_nothing(db, then, status, kept):
    answer = Client(raise_request_exception=False).get(f"/write?then={then}")
    assert answer.status_code == status
    assert Region.objects.filter(code="339999").exists() is kept


def test_the_health_of_the_process_asks_no_database():
    assert Client().get("/healthz").json()["role"] == "anonymous"


@pytest.mark.parametrize(
    ("given", "trusts_proxy", "expected"),
    [
        ({"REMOTE_ADDR": "192.0.2.1"}, False, "192.0.2.1"),
        ({"REMOTE_ADDR": "192.0.2.1:5432"}, False, "192.0.2.1"),
        ({"REMOTE_ADDR": "[2001:db8::1]:80"}, False, "2001:db8::1"),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1"}, False, "192.0.2.1"),
        ({"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 192.0.2.9"}, True, "192.0.2.9"),
        ({"REMOTE_ADDR": ""}, False, "0.0.0.0"),  # noqa: S104
    ],
)
def test_the_address_is_the_one_that_can_be_trusted(settings, given, trusts_proxy, expected):
    settings.GONGQING = type("Given", (), {"secure": True, "behind_proxy": trusts_proxy})()
    assert middleware.address_of(RequestFactory().get("/", **given)) == expected


def test_signing_in_starts_a_fresh_session(cast):
    client = Client()
    session = client.session
    session["left"] = "over"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    client.post("/desk/sign-in", {"username": "town", "password": PASSWORD})
    assert client.session.session_key != before
    assert "left" not in client.session
    assert client.cookies["sessionid"]["httponly"]
