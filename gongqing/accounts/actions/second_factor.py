"""The second factor (动态口令): turned on and off by its owner, asked for at sign-in, reset by an administrator."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime

from django.db import transaction

from gongqing.accounts import queries, rules
from gongqing.accounts.actions import limits
from gongqing.accounts.models import TOTP, User
from gongqing.audit import events, scope
from gongqing.audit.actor import ANONYMOUS, Actor
from gongqing.lib import totp
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.passwords import recovery_code, tidy_recovery_code
from gongqing.lib.times import day_of
from gongqing.registry.models import sealing
from gongqing.registry.models.sealing import index_of
from gongqing.registry.rules import plain

DOOR = "second_factor"
WRONG = "动态口令不对或已用过：请等手机上出现下一个 6 位数再输，并核对手机的时间是否准确。"


@transaction.atomic
def prepare_second_factor(*, user_id: int, by: Actor, at: datetime) -> bytes:
    """The secret to be put into an authenticator; the same one until it is confirmed.

    Raises:
        NotPermitted: somebody else's account. NotAllowed: it is on already.
    """
    user = _own(user_id, by)
    if user.totp_confirmed_at is not None:
        raise NotAllowed("动态口令已经开启。")
    if user.totp_sealed is None:
        user.totp_sealed = sealing.seal(base64.b32encode(secrets.token_bytes(totp.SECRET_BYTES)).decode(), TOTP)
        user.save(update_fields=["totp_sealed"])
    return _secret(user)


def confirm_second_factor(*, user_id: int, code: str, by: Actor, at: datetime) -> list[str]:
    """Turn the second factor on: the authenticator shows the right code.

    Returns:
        ten recovery codes, shown this once; only their digests are kept.

    Raises:
        NotPermitted: somebody else's account. NotAllowed: it is on already, or was never prepared.
        BadInput: on `code`. TooManyTries: five wrong codes in fifteen minutes.
    """
    limits.count_attempt(door=DOOR, key=str(user_id), limits=rules.FAILURES_PER_NAME, at=at)
    with transaction.atomic(), scope.elevated():  # the sign-in may not be complete yet
        user = _own(user_id, by)
        if user.totp_confirmed_at is not None or user.totp_sealed is None:
            raise NotAllowed("动态口令已经开启，或者还没有开始设置，请刷新页面再试。")
        step = totp.matching_step(_secret(user), _digits(code), at, after=None)
        if step is None:
            raise BadInput("code", WRONG)
        codes = [recovery_code(secrets.choice) for _ in range(rules.RECOVERY_CODES)]
        user.totp_confirmed_at, user.totp_step = at, step
        user.recovery_digests = [_digest(user_id, each) for each in codes]
        user.save(update_fields=["totp_confirmed_at", "totp_step", "recovery_digests"])
        limits.forget_attempts(door=DOOR, key=str(user_id))
        events.record("second_factor.turned_on", subject=user, by=by, at=at)
    return codes


def pass_second_factor(*, user_id: int, code: str, address: str, at: datetime) -> User:
    """Check the second step of a sign-in: a code of the authenticator, or a recovery code, each good for once.

    Raises:
        BadInput: on `code`. TooManyTries: five wrong codes in fifteen minutes.
        NotPermitted: the account was taken out of use meanwhile.
    """
    limits.count_attempt(door=DOOR, key=str(user_id), limits=rules.FAILURES_PER_NAME, at=at)
    with transaction.atomic(), scope.elevated():  # nobody is signed in yet
        user = User.objects.select_for_update().get(id=user_id)
        if not user.is_active:
            raise NotPermitted("这个账号已停用，请联系本单位的系统管理员。")
        passed = _use_code(user, code, at) or _use_recovery_code(user, code, address, at)
        if passed:
            limits.forget_attempts(door=DOOR, key=str(user_id))
        else:
            events.record("second_factor.failed", subject=user, by=ANONYMOUS, at=at, note=address)
    if not passed:
        raise BadInput("code", WRONG)
    return user


def remove_second_factor(*, user_id: int, password: str, code: str, by: Actor, at: datetime) -> User:
    """Turn the second factor off, with the password and a code.

    Raises:
        NotPermitted: somebody else's account. NotAllowed: it is not on, or the role may not do without.
        BadInput: on `password` or `code`. TooManyTries: five wrong tries in fifteen minutes.
    """
    limits.count_attempt(door=DOOR, key=str(user_id), limits=rules.FAILURES_PER_NAME, at=at)
    with transaction.atomic():
        user = _own(user_id, by)
        if user.totp_confirmed_at is None:
            raise NotAllowed("动态口令没有开启。")
        if not user.check_password(password):
            raise BadInput("password", "密码不对。")
        if not _use_code(user, code, at) and not _use_recovery_code(user, code, "", at):
            raise BadInput("code", WRONG)
        _clear(user)
        limits.forget_attempts(door=DOOR, key=str(user_id))
        events.record("second_factor.turned_off", subject=user, by=by, at=at)
    return user


@transaction.atomic
def reset_second_factor(*, user_id: int, reason: str, by: Actor, at: datetime) -> User:
    """Let an administrator take away the second factor of somebody who has lost the phone.

    Raises:
        NotPermitted: not an administrator, or the own account. NotAllowed: it is not on. BadInput: on `reason`.
    """
    rules.check_administers(by)
    if by.user_id == user_id:
        raise NotPermitted("自己的动态口令请在“我的账号”里关闭，或请另一位管理员重置。")
    user = User.objects.select_for_update().get(id=user_id)
    if user.totp_confirmed_at is None:
        raise NotAllowed("这个账号没有开启动态口令。")
    if len(plain(reason)) < 2:
        raise BadInput("reason", "请写明为什么重置，例如“换了手机”。")
    _clear(user)
    events.record("second_factor.reset", subject=user, by=by, at=at, note=plain(reason))
    return user


def _own(user_id: int, by: Actor) -> User:
    if by.user_id != user_id:
        raise NotPermitted("只能设置自己的动态口令。")
    return User.objects.select_for_update().get(id=user_id)


def _secret(user: User) -> bytes:
    return base64.b32decode(sealing.open_sealed(user.totp_sealed or b"", TOTP))


def _digits(code: str) -> str:
    return "".join(sign for sign in code if sign.isascii() and sign.isdigit())


def _use_code(user: User, code: str, at: datetime) -> bool:
    step = totp.matching_step(_secret(user), _digits(code), at, after=user.totp_step)
    if step is None:
        return False
    user.totp_step = step
    user.save(update_fields=["totp_step"])
    return True


def _use_recovery_code(user: User, code: str, address: str, at: datetime) -> bool:
    digest = _digest(user.pk, code)
    found = [each for each in user.recovery_digests if hmac.compare_digest(each, digest)]
    if not found:
        return False
    user.recovery_digests = [each for each in user.recovery_digests if each != digest]
    user.save(update_fields=["recovery_digests"])
    actor = queries.actor_of(user, on=day_of(at))
    left = len(user.recovery_digests)
    events.record("recovery_code.used", subject=user, by=actor, at=at, note=address, left=left)
    return True


def _clear(user: User) -> None:
    user.totp_sealed, user.totp_confirmed_at, user.totp_step, user.recovery_digests = None, None, None, []
    user.save(update_fields=["totp_sealed", "totp_confirmed_at", "totp_step", "recovery_digests"])


def _digest(user_id: int, code: str) -> str:
    return index_of("recovery_code", f"{user_id}:{tidy_recovery_code(code)}").hex()
