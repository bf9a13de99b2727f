"""Accounts, passwords and postings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from gongqing.accounts import queries, rules
from gongqing.accounts.actions import limits
from gongqing.accounts.actions.deputies import end_deputies_of
from gongqing.accounts.models import PHONE, FirstPassword, Posting, User
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.masks import mask_phone
from gongqing.lib.times import day_of
from gongqing.registry.models import Organisation, Person, sealing
from gongqing.registry.rules import check_mobile, plain

WEAK = {
    "password_too_short": "密码至少 10 位。",
    "password_too_common": "密码太常见，请换一个。",
    "password_entirely_numeric": "密码不能全是数字。",
}


@transaction.atomic
def create_user(
    *,
    username: str,
    name: str,
    by: Actor,
    at: datetime,
    password: str = "",
    last_digits: str = "",
    person: Person | None = None,
) -> User:
    """Open an account; without a password nobody can sign in by one until an administrator sets it.

    Args:
        last_digits: last four of the phone, for the watermark.
        person: the worker behind the account; staff accounts have none.

    Raises:
        BadInput: on `username`, `name` or `password`.
        NotPermitted: not an administrator.
    """
    rules.check_administers(by)
    user = User(username=rules.check_username(username), name=_name(name), person=person, created_at=at)
    user.last_digits = "".join(sign for sign in last_digits if sign.isdigit())[-4:]
    put_password(user, password, "password") if password else user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise BadInput("username", "这个用户名已被使用，请换一个。") from error
    events.record("user.created", subject=user, by=by, at=at, username=user.username)
    return user


def change_password(*, user_id: int, old: str, new: str, by: Actor, at: datetime) -> User:
    """Let somebody change the own password; other sessions of the account end.

    Raises:
        BadInput: on `old` or `new`.
        NotPermitted: somebody else's account.
        TooManyTries: the old password was wrong five times in 15 minutes.
    """
    if by.user_id != user_id:
        raise NotPermitted("只能修改自己的密码。")
    limits.count_attempt(door="old_password", key=str(user_id), limits=rules.FAILURES_PER_NAME, at=at)
    with transaction.atomic():
        user = User.objects.select_for_update().get(id=user_id)
        if not user.check_password(old):
            raise BadInput("old", "原密码不对。")
        if old == new:
            raise BadInput("new", "新密码不能与原密码相同。")
        put_password(user, new, "new")
        user.save(update_fields=["password"])
        limits.forget_attempts(door="old_password", key=str(user_id))
        events.record("user.password_changed", subject=user, by=by, at=at)
    return user


@transaction.atomic
def reset_password(*, user_id: int, new: str, by: Actor, at: datetime) -> User:
    """Let an administrator set a password; every session of the account ends.

    What an administrator sets for somebody else is replaced at the next sign-in.
    """
    rules.check_administers(by)
    user = User.objects.select_for_update().get(id=user_id)
    put_password(user, new, "new")
    user.failed_count, user.locked_until = 0, None
    user.must_change_password = by.role is Role.ADMINISTRATOR and by.user_id != user.pk
    user.save(update_fields=["password", "must_change_password", "failed_count", "locked_until"])
    with scope.elevated():
        FirstPassword.objects.filter(user=user).delete()
    events.record("user.password_reset", subject=user, by=by, at=at)
    return user


@transaction.atomic
def set_staff_phone(*, user_id: int, phone: str, by: Actor, at: datetime) -> User:
    """Keep the phone of a staff account, sealed; an empty one takes it away. Duty calls go there.

    Raises:
        NotPermitted: neither the own account nor an administrator.
        BadInput: on `phone`; a masked one is none.
        NotAllowed: a worker's account, whose phone is the person's.
    """
    if by.user_id != user_id:
        rules.check_administers(by)
    number = check_mobile(phone) if phone.strip() else ""
    user = User.objects.select_for_update().get(id=user_id)
    if user.person_id is not None and not user.postings.exists():
        raise NotAllowed("这是职工的账号，手机号由职工本人在“我的”里更换。")
    user.phone_sealed = sealing.seal(number, PHONE) if number else None
    user.phone_mask = mask_phone(number)
    user.last_digits = number[-4:] or user.last_digits
    user.save(update_fields=["phone_sealed", "phone_mask", "last_digits"])
    events.record("user.phone_changed", subject=user, by=by, at=at, removed=not number)
    return user


@transaction.atomic
def unlock_user(*, user_id: int, by: Actor, at: datetime) -> User:
    """Let a locked account try again at once."""
    rules.check_administers(by)
    user = User.objects.select_for_update().get(id=user_id)
    user.failed_count, user.locked_until = 0, None
    user.save(update_fields=["failed_count", "locked_until"])
    limits.forget_attempts(door="old_password", key=str(user_id))
    events.record("user.unlocked", subject=user, by=by, at=at)
    return user


@transaction.atomic
def deactivate_user(*, user_id: int, reason: str, by: Actor, at: datetime) -> User:
    """Take an account out of use; its sessions and keys stop working at once.

    Raises:
        NotAllowed: it is the administrator's own, or out of use already.
    """
    rules.check_administers(by)
    user = User.objects.select_for_update().get(id=user_id)
    if user.pk == by.user_id:
        raise NotAllowed("不能停用自己的账号。")
    if not user.is_active:
        raise NotAllowed("这个账号已经停用。")
    user.is_active = False
    user.save(update_fields=["is_active"])
    events.record("user.deactivated", subject=user, by=by, at=at, note=plain(reason))
    return user


@transaction.atomic
def reactivate_user(*, user_id: int, by: Actor, at: datetime) -> User:
    """Put an account into use again."""
    rules.check_administers(by)
    user = User.objects.select_for_update().get(id=user_id)
    if user.is_active:
        raise NotAllowed("这个账号正在使用，不需要恢复。")
    user.is_active = True
    user.save(update_fields=["is_active"])
    events.record("user.reactivated", subject=user, by=by, at=at)
    return user


@transaction.atomic
def appoint(
    *,
    user_id: int,
    role: Role,
    since: date,
    by: Actor,
    at: datetime,
    organisation_id: int | None = None,
    until: date | None = None,
) -> Posting:
    """Give somebody a posting; the same running posting again is returned unchanged.

    Args:
        until: the first day on which it is no longer held; None for an open end.

    Raises:
        BadInput: the role is not held at such an organisation, or the end is before the start.
        NotAllowed: the account or the organisation is out of use.
    """
    rules.check_administers(by)
    user = User.objects.select_for_update().get(id=user_id)
    place = Organisation.objects.get(id=organisation_id) if organisation_id else None
    rules.check_place(role, place.kind if place else None)
    if not user.is_active or (place is not None and not place.is_active):
        raise NotAllowed("账号或组织已停用，不能任命。")
    if until is not None and until <= since:
        raise BadInput("until", "结束日期应晚于开始日期。")
    running = Posting.objects.filter(user=user, organisation=place, role=role, until__isnull=True).first()
    if running is not None:
        return running
    posting = Posting.objects.create(user=user, organisation=place, role=role, since=since, until=until)
    events.record("user.appointed", subject=posting, by=by, at=at, user=user.pk, role=role.value)
    return posting


@transaction.atomic
def end_posting(
    *, posting_id: int, until: date, reason: str, by: Actor, at: datetime, successor_id: int | None = None
) -> Posting:
    """End a posting; `until` is the first day on which it is no longer held, today at the earliest meaning at once.

    Whoever stands in for it ends with it.

    Args:
        successor_id: who takes over the open work; the event hands the name on.

    Raises:
        BadInput: on `successor`, who does not work there, or is the one who leaves.
        NotAllowed: it has ended, or begins after that day.
    """
    rules.check_administers(by)
    posting = Posting.objects.select_for_update().get(id=posting_id)
    if posting.until is not None and posting.until <= until:
        raise NotAllowed("这项任职已经结束。")
    if until < posting.since:
        raise NotAllowed("结束日期不能早于任职开始日期。")
    if successor_id is not None and successor_id not in {one.pk for one in queries.successors_of(posting, day_of(at))}:
        raise BadInput("successor", "接手人应是同一单位在任的其他人。")
    posting.until = until
    posting.save(update_fields=["until"])
    end_deputies_of(posting_id=posting.pk, by=by, at=at)
    told: dict[str, Any] = {"user": posting.user_id, **({"successor": successor_id} if successor_id else {})}
    events.record("posting.ended", subject=posting, by=by, at=at, note=plain(reason), **told)
    return posting


def _name(text: str) -> str:
    name = plain(text)
    if not 1 <= len(name) <= 64:
        raise BadInput("name", "请填写姓名，不超过 64 字。")
    return name


def put_password(user: User, password: str, field: str) -> None:
    """Give the account this password, unsaved; part of another action.

    Raises:
        BadInput: on `field`, what is weak about it.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        faults = [WEAK.get(str(one.code), str(one.message)) for one in error.error_list]
        raise BadInput(field, "".join(faults)) from error
    user.set_password(password)
