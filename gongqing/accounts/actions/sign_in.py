"""Signing in: staff by password, workers by a code sent to their phone.

A refused try is written down before it is refused: the inner transaction commits, then the error is raised.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from gongqing.accounts import client, queries, rules
from gongqing.accounts.actions import limits
from gongqing.accounts.models import FirstPassword, OneTimeCode, User
from gongqing.audit import events, scope
from gongqing.audit.actor import ANONYMOUS, Actor
from gongqing.lib import times
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted, TooManyTries
from gongqing.registry import actions as registry
from gongqing.registry import rules as registry_rules
from gongqing.registry.models.people import PHONE
from gongqing.registry.models.sealing import index_of

WRONG = "用户名或密码不对。连续输错 5 次将锁定 15 分钟。"
WRONG_CODE = "验证码不对或已过期，请核对后再试，或重新获取。"

_Outcome = User | BadInput | NotPermitted | TooManyTries


class _Unknown:
    pk = None  # no account bears the name that was typed


def sign_in_staff(*, username: str, password: str, address: str, at: datetime) -> User:
    """The account that this name and password open; the caller starts the session.

    Where `queries.steps_before_entering` names steps, the account is not signed in yet: the caller asks for them and
    then calls `finish_sign_in`.

    An unknown name costs the same time and gives the same answers as a wrong password. Five failures lock the name for
    15 minutes.

    Raises:
        BadInput: on `password`, for any wrong combination.
        TooManyTries: the name is locked, or the address failed 30 times in 10 minutes.
        NotPermitted: the account holds no current posting, or its first password has run out.
    """
    with transaction.atomic(), scope.elevated():  # nobody is signed in yet
        outcome = _try_password(registry_rules.plain(username)[:64], password, address, at)
    if isinstance(outcome, User):
        return outcome
    raise outcome


def send_code(*, phone: str, address: str, at: datetime) -> str:
    """Send a six-digit code to a phone; the same answer whether or not the phone is known.

    Returns:
        the code, for a demonstration's page alone.

    Raises:
        BadInput: on `phone`.
        TooManyTries: once a minute and ten times a day for a phone; ten a minute and 200 a day for an address.
        NotAllowed: the gateway cannot send it now; a code is never sent later.
    """
    number = registry_rules.check_mobile(phone)
    limits.count_attempt(door="code_address", key=address, limits=rules.CODES_PER_ADDRESS, at=at)
    limits.count_attempt(door="code_phone", key=number, limits=rules.CODES_PER_PHONE, at=at)
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic(), scope.elevated():
        sent = OneTimeCode.objects.create(
            phone_index=index_of(PHONE, number),
            digest=_code_digest(number, code),
            sent_at=at,
            expires_at=at + rules.CODE_LASTS,
        )
        events.record("code.sent", subject=sent, subject_kind="code", by=ANONYMOUS, at=at, note=address)
    try:
        client.send(number, f"【工情】您的验证码是 {code}，5 分钟内有效。工会不会向您索要验证码，请勿告诉他人。")
    except (OSError, ValueError, client.Refused) as fault:
        events.record("code.not_sent", subject=sent, subject_kind="code", by=ANONYMOUS, at=at, note=str(fault)[:200])
        raise NotAllowed("验证码短信暂时发不出去，请过几分钟再试。急事请打 12351。") from fault
    return code


def sign_in_worker(*, phone: str, code: str, address: str, at: datetime) -> User:
    """The worker's account of this phone, made at the first success together with the person.

    Raises:
        BadInput: on `phone`, or on `code` when it is wrong, used, older than 5 minutes or tried 5 times.
        TooManyTries: the address tried 60 times in 10 minutes.
        NotPermitted: the account was deactivated.
    """
    number = registry_rules.check_mobile(phone)
    limits.count_attempt(door="code_try", key=address, limits=rules.CODE_TRIES_PER_ADDRESS, at=at)
    with transaction.atomic(), scope.elevated():  # nobody is signed in yet
        outcome = _try_code(number, code.strip(), address, at)
    if isinstance(outcome, User):
        return outcome
    raise outcome


@transaction.atomic
def finish_sign_in(*, user_id: int, address: str, at: datetime) -> User:
    """Let an account in that has passed every step; the caller starts the session.

    Raises:
        NotPermitted: the account was taken out of use, or lost its posting, meanwhile.
    """
    with scope.elevated():  # nobody is signed in yet
        user = User.objects.select_for_update().get(id=user_id)
        actor = queries.actor_of(user, on=times.day_of(at))
        if actor is ANONYMOUS:
            raise NotPermitted("您的账号目前没有在任的岗位，请联系本单位的系统管理员。")
        return _enter(user, actor, address, at)


@transaction.atomic
def note_sign_out(*, user_id: int, by: Actor, at: datetime) -> None:
    """Write down that somebody signed out."""
    events.record("user.signed_out", subject=User.objects.get(id=user_id), by=by, at=at)


def _try_password(username: str, password: str, address: str, at: datetime) -> _Outcome:
    if wait := limits.wait_at(door="sign_in_address", key=address, limits=rules.FAILURES_PER_ADDRESS, at=at):
        return TooManyTries(wait)
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        return _refuse_unknown(username, password, address, at)
    if user.locked_until is not None and user.locked_until > at:
        return TooManyTries(int((user.locked_until - at).total_seconds()) + 1)
    if not user.check_password(password) or not user.is_active:
        _count_failure(user, address, at)
        return BadInput("password", WRONG)
    actor = queries.actor_of(user, on=times.day_of(at))
    if actor is ANONYMOUS:
        events.record("user.sign_in_failed", subject=user, by=ANONYMOUS, at=at, note=address, why="no posting")
        return NotPermitted("您的账号目前没有在任的岗位，请联系本单位的系统管理员。")
    if user.must_change_password and _has_run_out(user, at):
        events.record("user.sign_in_failed", subject=user, by=ANONYMOUS, at=at, note=address, why="first password")
        return NotPermitted("初始密码已过期（14 天内有效），请联系本单位的系统管理员重新生成。")
    if queries.steps_before_entering(user, on=times.day_of(at)):
        events.record("user.password_accepted", subject=user, by=ANONYMOUS, at=at, note=address)
        return user
    return _enter(user, actor, address, at)


def _has_run_out(user: User, at: datetime) -> bool:
    made = FirstPassword.objects.filter(user=user).values_list("made_at", flat=True).first()
    return made is not None and made + rules.FIRST_PASSWORD_LASTS <= at


def _refuse_unknown(username: str, password: str, address: str, at: datetime) -> _Outcome:
    if wait := limits.wait_at(door="sign_in_name", key=username, limits=rules.FAILURES_PER_NAME, at=at):
        return TooManyTries(wait)
    make_password(password)  # costs what checking one costs
    limits.add_attempt(door="sign_in_name", key=username, at=at)
    limits.add_attempt(door="sign_in_address", key=address, at=at)
    events.record("user.sign_in_failed", subject=_Unknown(), subject_kind="user", by=ANONYMOUS, at=at, note=address)
    return BadInput("password", WRONG)


def _count_failure(user: User, address: str, at: datetime) -> None:
    limits.add_attempt(door="sign_in_address", key=address, at=at)
    user.failed_count += 1
    locks = user.failed_count >= rules.FAILURES_BEFORE_LOCK
    if locks:
        user.failed_count, user.locked_until = 0, at + rules.LOCK
    user.save(update_fields=["failed_count", "locked_until"])
    events.record("user.sign_in_failed", subject=user, by=ANONYMOUS, at=at, note=address)
    if locks:
        events.record("user.locked", subject=user, by=ANONYMOUS, at=at, note=address)


def use_code(number: str, code: str, *, address: str, at: datetime) -> BadInput | None:
    """Use up the code that was sent to a phone; a refusal is returned, so that the try stays written down."""
    sent = (
        OneTimeCode.objects.select_for_update()
        .filter(phone_index=index_of(PHONE, number), used_at__isnull=True)
        .order_by("-id")
        .first()
    )
    if sent is None or sent.expires_at <= at or sent.tries >= rules.CODE_TRIES:
        return BadInput("code", WRONG_CODE)
    if not hmac.compare_digest(sent.digest, _code_digest(number, code)):
        sent.tries += 1
        sent.save(update_fields=["tries"])
        events.record("code.refused", subject=sent, subject_kind="code", by=ANONYMOUS, at=at, note=address)
        return BadInput("code", WRONG_CODE)
    sent.used_at = at
    sent.save(update_fields=["used_at"])
    return None


def _try_code(number: str, code: str, address: str, at: datetime) -> _Outcome:
    refused = use_code(number, code, address=address, at=at)
    if refused is not None:
        return refused
    user = _worker(number, at)
    if not user.is_active:
        return NotPermitted("这个账号已停用，请联系工会。")
    return _enter(user, queries.worker_of(user), address, at)


def _worker(number: str, at: datetime) -> User:
    person = registry.find_or_register_person(phone=number, by=ANONYMOUS, at=at)
    user = User.objects.select_for_update().filter(person=person).first()
    if user is not None:
        return user
    user = User(username=f"worker-{person.pk}", name="职工", last_digits=number[-4:], person=person, created_at=at)
    user.set_unusable_password()
    user.save()
    events.record("user.created", subject=user, by=queries.worker_of(user), at=at)
    return user


def _enter(user: User, actor: Actor, address: str, at: datetime) -> User:
    user.failed_count, user.locked_until, user.last_login = 0, None, at
    user.save(update_fields=["failed_count", "locked_until", "last_login"])
    events.record("user.signed_in", subject=user, by=actor, at=at, note=address)
    return user


def _code_digest(number: str, code: str) -> str:
    return index_of("one_time_code", f"{number}:{code}").hex()
