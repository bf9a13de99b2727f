"""Can the right people sign in, and does every wrong try cost, count and leave a trace?"""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from gongqing.accounts import actions, client
from gongqing.accounts.actions import limits
from gongqing.accounts.models import Attempt, OneTimeCode, User
from gongqing.audit.models import Event
from gongqing.lib.errors import BadInput, NotPermitted, TooManyTries
from gongqing.registry.models import Person
from tests.cast import PASSWORD

HERE = "192.0.2.7"
PHONE = "13900000888"
MINUTE = timedelta(minutes=1)


def enter(at, username="town", password=PASSWORD, address=HERE):
    return actions.sign_in_staff(username=username, password=password, address=address, at=at)


def fail(at, times=1, **given):
    for _ in range(times):
        with pytest.raises(BadInput) as refused:
            enter(at, password="wrong", **given)
    return str(refused.value)


def kinds(kind):
    return Event.objects.filter(kind=kind).count()


def test_a_right_password_opens_and_is_an_event(cast, system, at):
    user = enter(at)
    assert (user.pk, user.last_login) == (cast.town.user_id, at)
    event = Event.objects.filter(kind="user.signed_in").latest("id")
    assert (event.user_id, event.role, event.note) == (user.pk, "town_supervisor", HERE)


def test_five_failures_lock_for_fifteen_minutes_even_with_the_right_password(cast, system, at):
    fail(at, times=5)
    assert (kinds("user.sign_in_failed"), kinds("user.locked")) == (5, 1)
    with pytest.raises(TooManyTries) as refused:
        enter(at + 14 * MINUTE)
    assert 0 < refused.value.retry_after <= 61
    assert enter(at + 15 * MINUTE).failed_count == 0


def test_a_success_forgets_earlier_failures_and_an_administrator_unlocks(cast, system, at):
    fail(at, times=4)
    enter(at)
    fail(at, times=5)
    actions.unlock_user(user_id=cast.town.user_id, by=cast.admin.actor, at=at)
    assert enter(at).pk == cast.town.user_id


def test_an_unknown_name_answers_and_locks_like_a_known_one(cast, system, at):
    assert fail(at, times=5, username="nobody") == fail(at, username="town")
    with pytest.raises(TooManyTries):
        enter(at, username="nobody", password="wrong")
    assert Event.objects.filter(kind="user.sign_in_failed", subject_id=None).count() == 5
    assert not Attempt.objects.filter(key__contains="nobody").exists()


def test_an_address_that_keeps_failing_waits(cast, system, at):
    for name in ("a1", "b2", "c3", "d4", "e5", "f6"):
        fail(at, times=5, username=name)
    with pytest.raises(TooManyTries):
        enter(at)
    assert enter(at, address="192.0.2.8")


def test_without_a_posting_nobody_enters(cast, system, at):
    actions.end_posting(posting_id=cast.town.posting_id, until=at.date(), reason="调离", by=cast.admin.actor, at=at)
    with pytest.raises(NotPermitted, match="岗位"):
        enter(at)
    actions.deactivate_user(user_id=cast.zone.user_id, reason="离职", by=cast.admin.actor, at=at)
    fail(at, username="zone")


def code_for(at, phone=PHONE, address=HERE):
    return actions.send_code(phone=phone, address=address, at=at)


def enter_worker(at, code, phone=PHONE):
    return actions.sign_in_worker(phone=phone, code=code, address=HERE, at=at)


def test_the_first_code_makes_the_worker_and_the_next_finds_the_same(system, at):
    first = enter_worker(at, code_for(at))
    assert not first.has_usable_password()
    assert PHONE not in json.dumps(list(User.objects.values()), default=str)
    later = at + 2 * MINUTE
    assert enter_worker(later, code_for(later, "+86 139 0000 0888"), "139-0000-0888") == first
    assert Person.objects.count() == 1


def test_a_code_works_once_for_five_minutes_and_five_tries(system, at):
    code = code_for(at)
    assert len(code) == 6
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    with pytest.raises(BadInput):
        enter_worker(at + 5 * MINUTE, code)
    for _ in range(4):
        with pytest.raises(BadInput):
            enter_worker(at, wrong)
    assert OneTimeCode.objects.get().tries == 4
    enter_worker(at, code)
    with pytest.raises(BadInput):
        enter_worker(at, code)
    again = code_for(at + 2 * MINUTE)
    for _ in range(5):
        with pytest.raises(BadInput):
            enter_worker(at + 2 * MINUTE, wrong if wrong != again else code)
    with pytest.raises(BadInput):
        enter_worker(at + 2 * MINUTE, again)


def test_codes_are_limited_by_phone_and_by_address(system, at):
    code_for(at)
    with pytest.raises(TooManyTries) as refused:
        code_for(at + timedelta(seconds=30))
    assert refused.value.retry_after == 30
    for minute in range(1, 10):
        code_for(at + 2 * minute * MINUTE)
    with pytest.raises(TooManyTries):
        code_for(at + timedelta(hours=5))
    for serial in range(10):
        code_for(at + timedelta(days=2), f"1390000{serial:04d}")
    with pytest.raises(TooManyTries):
        code_for(at + timedelta(days=2), "13900009999")


def test_the_code_leaves_by_the_gateway_and_is_kept_as_a_digest(system, at):
    before = client.outbox().read_text(encoding="utf-8").count("\n") if client.outbox().exists() else 0
    code = code_for(at)
    last = json.loads(client.outbox().read_text(encoding="utf-8").splitlines()[-1])
    assert (last["phone"], code in last["text"]) == (PHONE, True)
    assert client.outbox().read_text(encoding="utf-8").count("\n") == before + 1
    assert code not in OneTimeCode.objects.get().digest


@pytest.mark.parametrize("phone", ["", "12345678901", "138****0417", "057487654321"])
def test_only_mobile_numbers_get_codes(system, at, phone):
    with pytest.raises(BadInput) as refused:
        code_for(at, phone)
    assert refused.value.field == "phone"


def test_old_tries_are_forgotten_at_night(system, at):
    limits.add_attempt(door="lookup", key=HERE, at=at)
    code_for(at)
    assert actions.forget_old_attempts(at=at + timedelta(hours=47)) == 0
    assert actions.forget_old_attempts(at=at + timedelta(hours=49)) == 4


def test_argon2_keeps_the_passwords_of_a_real_city():
    from gongqing.config import settings

    assert "Argon2" in settings.PASSWORD_HASHERS[-2]
