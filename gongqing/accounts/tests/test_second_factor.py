"""Does the second factor open once a code, and nothing before it?"""

from __future__ import annotations

import base64
import dataclasses
from datetime import timedelta

import pytest
from django.test import Client

from gongqing.accounts import actions
from gongqing.accounts.models import TOTP, User
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.lib import times, totp
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted, TooManyTries
from gongqing.notices.models import Message
from gongqing.registry.models import sealing
from tests.cast import PASSWORD

HERE = "203.0.113.7"


def secret_of(player) -> bytes:
    user = User.objects.get(pk=player.user_id)
    return base64.b32decode(sealing.open_sealed(user.totp_sealed, TOTP))


def code_at(player, at, steps=0) -> str:
    return totp.code_of(secret_of(player), totp.step_at(at) + steps)


def turned_on(player, at) -> list[str]:
    with scope.acting_as(player.actor):
        actions.prepare_second_factor(user_id=player.user_id, by=player.actor, at=at)
        return actions.confirm_second_factor(user_id=player.user_id, code=code_at(player, at), by=player.actor, at=at)


def passed(player, code, at) -> User:
    return actions.pass_second_factor(user_id=player.user_id, code=code, address=HERE, at=at)


def test_a_step_opens_once_within_the_skew(cast, at):
    town = cast.town
    codes = turned_on(town, at)
    assert len(set(codes)) == 10
    with pytest.raises(BadInput):
        passed(town, code_at(town, at), at)  # the code that turned it on
    later = at + timedelta(minutes=2)
    assert passed(town, code_at(town, later, -1), later).pk == town.user_id
    with pytest.raises(BadInput):
        passed(town, code_at(town, later, -1), later)
    assert passed(town, f" {code_at(town, later)[:3]} {code_at(town, later)[3:]} ", later)
    with pytest.raises(BadInput):
        passed(town, code_at(town, later, 2), later)
    with pytest.raises(BadInput):
        passed(town, "", later)
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="second_factor.failed", subject_id=town.user_id).count() == 4


def test_tries_are_limited(cast, at):
    turned_on(cast.town, at)
    later = at + timedelta(minutes=2)
    for _ in range(5):
        with pytest.raises(BadInput):
            passed(cast.town, "000000x", later)
    with pytest.raises(TooManyTries):
        passed(cast.town, code_at(cast.town, later), later)
    assert passed(cast.town, code_at(cast.town, later + timedelta(minutes=16)), later + timedelta(minutes=16))


def test_a_recovery_code_opens_once_and_is_told(cast, at):
    codes = turned_on(cast.town, at)
    assert passed(cast.town, codes[3].upper().replace("-", " "), at)
    with pytest.raises(BadInput):
        passed(cast.town, codes[3], at)
    assert passed(cast.town, codes[4], at)
    with scope.acting_as(SYSTEM):
        assert Message.objects.filter(user_id=cast.town.user_id, text__contains="还剩 9 个").count() == 1
        assert codes[0] not in str(User.objects.get(pk=cast.town.user_id).recovery_digests)


def test_it_is_turned_off_with_password_and_code(cast, at):
    town, later = cast.town, at + timedelta(minutes=2)
    turned_on(town, at)

    def off(password, code, by=town.actor):
        actions.remove_second_factor(user_id=town.user_id, password=password, code=code, by=by, at=later)

    with pytest.raises(NotPermitted):
        off(PASSWORD, code_at(town, later), by=cast.city.actor)
    with pytest.raises(BadInput, match="密码不对"):
        off("wrong", code_at(town, later))
    with pytest.raises(BadInput) as refused:
        off(PASSWORD, "123")
    assert refused.value.field == "code"
    off(PASSWORD, code_at(town, later))
    user = User.objects.get(pk=town.user_id)
    assert (user.totp_sealed, user.totp_confirmed_at, user.recovery_digests) == (None, None, [])
    with pytest.raises(NotAllowed):
        off(PASSWORD, "123456")


def test_an_administrator_resets_with_a_reason(cast, at):
    turned_on(cast.town, at)

    def reset(by, reason="换了手机", who=cast.town):
        actions.reset_second_factor(user_id=who.user_id, reason=reason, by=by, at=at)

    with pytest.raises(NotPermitted):
        reset(cast.city.actor)
    with pytest.raises(NotPermitted):
        reset(cast.admin.actor, who=cast.admin)
    with pytest.raises(BadInput):
        reset(cast.admin.actor, reason=" ")
    reset(cast.admin.actor)
    assert User.objects.get(pk=cast.town.user_id).totp_confirmed_at is None
    with pytest.raises(NotAllowed):
        reset(cast.admin.actor)
    with scope.acting_as(SYSTEM):
        assert Event.objects.get(kind="second_factor.reset").note == "换了手机"


def password_given(name="town", next_page="/desk/organisations") -> tuple[Client, object]:
    client = Client()
    given = {"username": name, "password": PASSWORD, "next": next_page}
    return client, client.post("/desk/sign-in", given)


def test_nothing_opens_before_the_second_step(cast, at):
    turned_on(cast.town, times.now() - timedelta(minutes=5))
    client, answer = password_given(next_page="/desk/account")
    assert answer["Location"] == "/desk/sign-in/code"
    for path in ("/desk/", "/desk/account", "/desk/posting", "/desk/staff", "/me/account", "/desk/sign-in/password"):
        assert client.get(path).status_code == 302, path
    assert client.get("/desk/account")["Location"].startswith("/desk/sign-in?next")
    assert client.get("/api/v1/appeals").status_code == 401
    with scope.acting_as(SYSTEM):
        assert not Event.objects.filter(kind="user.signed_in", subject_id=cast.town.user_id).exists()
    assert client.post("/desk/sign-in/code", {"code": "12345x"}).status_code == 422
    assert client.get("/desk/account").status_code == 302
    answer = client.post("/desk/sign-in/code", {"code": code_at(cast.town, times.now())})
    assert answer["Location"] == "/desk/account"
    assert client.get("/desk/account").status_code == 200
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="user.signed_in", subject_id=cast.town.user_id).count() == 1


def test_the_wait_ends_after_ten_minutes_and_when_the_password_changes(cast, at, monkeypatch):
    turned_on(cast.town, times.now() - timedelta(minutes=5))
    client, _ = password_given()
    assert client.get("/desk/sign-in/code").status_code == 200
    with scope.acting_as(SYSTEM):
        actions.reset_password(user_id=cast.town.user_id, new="Another-2025", by=SYSTEM, at=at)
    assert client.get("/desk/sign-in/code")["Location"] == "/desk/sign-in"
    assert Client().get("/desk/sign-in/code")["Location"] == "/desk/sign-in"
    client = Client()
    client.post("/desk/sign-in", {"username": "town", "password": "Another-2025"})
    now = times.now()
    monkeypatch.setattr(times, "now", lambda: now + timedelta(minutes=11))
    assert client.get("/desk/sign-in/code")["Location"] == "/desk/sign-in"


def test_a_role_may_be_made_to_use_it(cast, settings):
    settings.GONGQING = dataclasses.replace(settings.GONGQING, require_totp=frozenset({"town_supervisor"}))
    client, answer = password_given(next_page="/desk/account")
    assert answer["Location"] == "/desk/sign-in/enrol"
    assert client.get("/desk/account").status_code == 302
    page = client.get("/desk/sign-in/enrol").content.decode()
    assert 'class="segno"' in page
    assert totp.words_of(secret_of(cast.town)) in page
    assert client.post("/desk/sign-in/enrol", {"code": "000"}).status_code == 422
    page = client.post("/desk/sign-in/enrol", {"code": code_at(cast.town, times.now())}).content.decode()
    assert page.count("<li><code>") == 10
    assert client.get("/desk/account").status_code == 200
    assert password_given("county")[1]["Location"] == "/desk/organisations"


def test_the_own_page_turns_it_on_and_off(browser_of, cast):
    town = browser_of("town")
    page = town.get("/desk/account/second-factor").content.decode()
    assert totp.words_of(secret_of(cast.town)) in page
    assert "style=" not in page.partition("<main")[2]
    assert town.post("/desk/account/second-factor", {"code": "1"}).status_code == 422
    answer = town.post("/desk/account/second-factor", {"code": code_at(cast.town, times.now())})
    assert answer.content.decode().count("<li><code>") == 10
    assert "no-store" in answer["Cache-Control"]
    page = town.get("/desk/account/second-factor").content.decode()
    assert "已开启" in page
    assert "segno" not in page
    off = {"password": "wrong", "code": code_at(cast.town, times.now(), 1)}
    assert town.post("/desk/account/second-factor/off", off).status_code == 422
    assert town.post("/desk/account/second-factor/off", {**off, "password": PASSWORD}).status_code == 302
    assert browser_of("worker").get("/desk/account/second-factor").status_code == 403


def test_codes_are_those_of_the_standard():
    secret = b"12345678901234567890"  # RFC 6238, appendix B
    assert [totp.code_of(secret, seconds // 30) for seconds in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]
    address = totp.address_of(secret, account="zhang", issuer="工情")
    assert address.startswith("otpauth://totp/%E5%B7%A5%E6%83%85%3Azhang?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
