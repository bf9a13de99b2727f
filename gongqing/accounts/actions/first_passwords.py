"""First passwords (初始密码): made by a load or an administrator, handed over once, replaced at the first sign-in."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from gongqing.accounts import queries, rules
from gongqing.accounts.actions import limits
from gongqing.accounts.actions.users import put_password
from gongqing.accounts.models import FIRST_PASSWORD, FirstPassword, User
from gongqing.accounts.sheets import Slip
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.passwords import slip_password
from gongqing.lib.times import day_of
from gongqing.registry.models import Load, sealing

SUBJECT = "first_password"


def make_first_password(user: User, *, load: Load | None, by: Actor, at: datetime) -> FirstPassword:
    """Give an account a new password by chance, sealed until it is handed over; part of another action.

    The account must be saved already; every session of it ends.
    """
    password = slip_password(secrets.choice)
    user.set_password(password)
    user.must_change_password = True
    user.failed_count, user.locked_until = 0, None
    user.save(update_fields=["password", "must_change_password", "failed_count", "locked_until"])
    with scope.elevated():
        made, _ = FirstPassword.objects.update_or_create(
            user=user,
            defaults={
                "load": load,
                "password_sealed": sealing.seal(password, FIRST_PASSWORD),
                "made_at": at,
                "taken_at": None,
                "taken_by_name": "",
            },
        )
        events.record("first_password.made", subject=made, subject_kind=SUBJECT, by=by, at=at, user=user.pk)
    return made


@transaction.atomic
def reissue_first_password(*, user_id: int, by: Actor, at: datetime) -> FirstPassword:
    """Make a new first password for somebody who has lost the own one, or let the first one run out.

    Raises:
        NotPermitted: not an administrator.
        NotAllowed: the account is out of use, is the own one, or belongs to a worker.
    """
    rules.check_administers(by)
    user = User.objects.select_for_update().get(id=user_id)
    if not user.is_active:
        raise NotAllowed("账号已停用，请先恢复使用。")
    if user.pk == by.user_id:
        raise NotAllowed("自己的密码请在“我的账号”里修改。")
    if user.person_id is not None:
        raise NotAllowed("职工用手机号登录，没有密码。")
    return make_first_password(user, load=None, by=by, at=at)


@transaction.atomic
def take_first_passwords(
    *,
    by: Actor,
    at: datetime,
    address: str,
    load_id: int | None = None,
    organisation_id: int | None = None,
    user_id: int | None = None,
) -> list[Slip]:
    """Take the first passwords that wait: of a load, of an organisation and what is below it, or of one account.

    They are wiped at once.

    Whoever takes them is written down, for each person.

    Raises:
        NotPermitted: not an administrator.
        NotAllowed: none is waiting there.
    """
    rules.check_administers(by)
    with scope.elevated():
        waiting = queries.first_passwords_waiting(at, load_id=load_id, organisation_id=organisation_id, user_id=user_id)
        rows = list(waiting.select_for_update(of=("self",)).order_by("user__name", "user__username"))
        if not rows:
            raise NotAllowed("没有可以领取的初始密码：已经领过，或者过期了。过期的请在账号页面重新生成。")
        places = queries.places_of([row.user_id for row in rows], day_of(at))
        slips = [_slip(row, places.get(row.user_id, "")) for row in rows]
        for row in rows:
            row.password_sealed, row.taken_at, row.taken_by_name = None, at, by.name[:64]
            row.save(update_fields=["password_sealed", "taken_at", "taken_by_name"])
            events.record("first_password.taken", subject=row, subject_kind=SUBJECT, by=by, at=at, user=row.user_id)
        events.record_access(
            "first_passwords.taken",
            subject_kind="load" if load_id else "organisation" if organisation_id else "user",
            subject_id=load_id or organisation_id or user_id,
            by=by,
            at=at,
            address=address,
            count=len(slips),
        )
    return slips


def replace_first_password(*, user_id: int, new: str, address: str, at: datetime) -> User:
    """Let somebody who came in with a first password choose the own one.

    Raises:
        BadInput: on `new`, which is weak or the first password itself.
        NotAllowed: the account has chosen already.
        TooManyTries: thirty times from one address in ten minutes.
    """
    limits.count_attempt(door="first_password", key=address, limits=rules.FAILURES_PER_ADDRESS, at=at)
    with transaction.atomic(), scope.elevated():  # the sign-in is not complete yet
        user = User.objects.select_for_update().get(id=user_id)
        if not user.must_change_password:
            raise NotAllowed("这个账号的密码已经改过，请用新密码登录。")
        if user.check_password(new):
            raise BadInput("new", "新密码不能与初始密码相同。")
        put_password(user, new, "new")
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        forget_first_password(user)
        actor = queries.actor_of(user, on=day_of(at))
        events.record("user.password_changed", subject=user, by=actor, at=at, first=True)
    return user


def forget_first_password(user: User) -> None:
    """The account has another password now: nothing is left to hand over; part of another action."""
    with scope.elevated():
        FirstPassword.objects.filter(user=user).delete()


@transaction.atomic
def wipe_expired_first_passwords(*, at: datetime) -> int:
    """Wipe those that nobody fetched in time; returns how many."""
    with scope.elevated():
        old = FirstPassword.objects.filter(made_at__lte=at - rules.FIRST_PASSWORD_LASTS, password_sealed__isnull=False)
        return old.update(password_sealed=None)


def _slip(row: FirstPassword, place: str) -> Slip:
    return Slip(
        name=row.user.name,
        username=row.user.username,
        password=sealing.open_sealed(row.password_sealed or b"", FIRST_PASSWORD),
        place=place,
        expires_at=row.made_at + rules.FIRST_PASSWORD_LASTS,
    )
