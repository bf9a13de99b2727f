"""A worker's own phone changes, and a worker's account ends with the personal data behind it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.accounts import rules
from gongqing.accounts.actions import limits
from gongqing.accounts.actions.sign_in import use_code
from gongqing.accounts.models import User
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.lib import masks
from gongqing.lib.errors import BadInput, NotPermitted
from gongqing.registry import actions as registry
from gongqing.registry.models import Person
from gongqing.registry.rules import check_mobile

TAKEN = "这个手机号已经登记在另一个人名下，不能直接换。请在“要求更正”里写明情况，由工作人员核对。"


def change_own_phone(*, phone: str, code: str, by: Actor, at: datetime, address: str) -> str:
    """Put the new phone, to which the code was sent, in the place of the worker's old one.

    Returns:
        the old number in clear, to warn it; empty when there was none.

    Raises:
        NotPermitted: not a worker.
        BadInput: on `phone`, which is another person's or the same; on `code`, as when signing in.
        TooManyTries: the address tried 60 times in 10 minutes.
    """
    if by.role is not Role.WORKER or by.person_id is None:
        raise NotPermitted("只能更换本人的手机号。")
    number = check_mobile(phone)
    limits.count_attempt(door="code_try", key=address, limits=rules.CODE_TRIES_PER_ADDRESS, at=at)
    with transaction.atomic(), scope.elevated():
        refused = use_code(number, code.strip(), address=address, at=at)
    if refused is not None:
        raise refused
    return _move(number, by=by, at=at)


@transaction.atomic
def retire_worker(*, person_id: int, by: Actor, at: datetime) -> int:
    """Take the worker's account of a person out of use, without its digits; returns how many accounts there were.

    Part of `dispatch.actions.anonymise_person`.
    """
    users = list(User.objects.select_for_update().filter(person_id=person_id, is_active=True))
    for user in users:
        user.is_active, user.last_digits = False, ""
        user.save(update_fields=["is_active", "last_digits"])
        events.record("user.retired", subject=user, by=by, at=at)
    return len(users)


@transaction.atomic
def _move(number: str, *, by: Actor, at: datetime) -> str:
    person = Person.objects.select_for_update().get(pk=by.person_id or 0)
    old = person.reveal("phone")
    if old == number:
        raise BadInput("phone", "新手机号和现在的一样。")
    try:
        registry.complete_person(person_id=person.pk, phone=number, by=by, at=at)
    except BadInput as refused:
        raise BadInput("phone", TAKEN) from refused
    User.objects.filter(pk=by.user_id or 0).update(last_digits=number[-4:])
    events.record("person.moved_phone", subject=person, by=by, at=at, note=f"新手机号 {masks.mask_phone(number)}")
    return old
