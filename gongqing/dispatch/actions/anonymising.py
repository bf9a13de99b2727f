"""Take the personal data out of what has ended (个人信息保护法 第19条、第47条)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.accounts import actions as accounts
from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.models import Call
from gongqing.dispatch.queries.own_data import standing_of
from gongqing.dispatch.rules.retention import hindrance
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from gongqing.notices import actions as notices
from gongqing.registry import actions as registry
from gongqing.registry.models import DataRequest, Person

MAY = (Role.SYSTEM, Role.CITY_SUPERVISOR)


@transaction.atomic
def anonymise_person(*, person_id: int, reason: str, years: int | None, by: Actor, at: datetime) -> Person:
    """Take name, phone, identity number and address out of a person, and the numbers out of what was said and sent.

    What remains says what was handled, when and by whom, and can be counted. It cannot be taken back.

    Args:
        years: how long the data stays after the last thing that happened; None when the person asked for it.

    Raises:
        NotPermitted: neither the system nor the city's supervisor. NotFound.
        NotAllowed: something stands against it; the reason is said.
    """
    if by.role not in MAY:
        raise NotPermitted("去除个人信息由系统按期进行，或由市级督办岗位按本人请求进行。")
    with scope.elevated():
        person = Person.objects.select_for_update().filter(pk=person_id).first()
        if person is None:
            raise NotFound("没有这位职工。")
        if why := hindrance(standing_of(person), at=at, years=years):
            raise NotAllowed(f"现在不能去除个人信息：{why}")
        numbers = list(Appeal.objects.filter(person=person).values_list("pk", flat=True))
        requests = list(DataRequest.objects.filter(person=person).values_list("pk", flat=True))
        appeals.mask_words(person_id=person.pk, by=by, at=at)
        for kind, ids in (("appeal", numbers), ("datarequest", requests), ("person", [person.pk])):
            notices.forget_messages(subject_kind=kind, subject_ids=ids)
            registry.clear_rows_about(subject_kind=kind, subject_ids=ids)
        if person.phone_index is not None:
            Call.objects.filter(phone_index=person.phone_index).update(
                phone_sealed=None, phone_index=None, phone_mask=""
            )
        accounts.retire_worker(person_id=person.pk, by=by, at=at)
        return registry.erase_person(person_id=person.pk, reason=reason, by=by, at=at)
