"""Take the personal data out of what has ended (个人信息保护法 第19条、第47条)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from gongqing.accounts import actions as accounts
from gongqing.accounts.models import User
from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.forgetting import without_person
from gongqing.audit import erasure, events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.actions.unnaming import FREE_WORDS, unname_in_cases
from gongqing.dispatch.models import Call, Letter, ReplyCheck
from gongqing.dispatch.queries.own_data import standing_of
from gongqing.dispatch.rules.retention import hindrance
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from gongqing.notices import actions as notices
from gongqing.registry import actions as registry
from gongqing.registry.models import DataRequest, Person, sealed_files

MAY = (Role.SYSTEM, Role.CITY_SUPERVISOR)


@transaction.atomic
def anonymise_person(*, person_id: int, reason: str, years: int | None, by: Actor, at: datetime) -> Person:
    """Take name, phone, identity number and address out of a person, and out of what was said, sent, noted and traced.

    In a group case also out of what others said and noted there, and out of its wage sheet. The person's own files go
    from the disk; when the years are over, letters and what officers put in go too. What remains says what was
    handled, when and by whom, can be counted and verified. It cannot be taken back.

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
        users = list(User.objects.filter(person_id=person.pk).values_list("pk", flat=True))
        names, marks = [person.name], _marks(person)
        appeals.mask_words(person_id=person.pk, by=by, at=at)
        _mask_free_words(numbers, names)
        beside, read = unname_in_cases(person=person, own=numbers, drops_vouchers=years is not None, by=by, at=at)
        appeals.drop_files(person_id=person.pk, also_of_staff=years is not None, by=by, at=at)
        if years is not None:
            _drop_letters(numbers, by=by, at=at)
        for kind, ids in (("appeal", numbers), ("datarequest", requests), ("person", [person.pk])):
            notices.forget_messages(subject_kind=kind, subject_ids=ids)
            registry.clear_rows_about(subject_kind=kind, subject_ids=ids)
        if person.phone_index is not None:
            Call.objects.filter(phone_index=person.phone_index).update(
                phone_sealed=None, phone_index=None, phone_mask=""
            )
        accounts.retire_worker(person_id=person.pk, by=by, at=at)
        erased = registry.erase_person(person_id=person.pk, reason=reason, by=by, at=at)
        erasure.erase_words(
            subjects={"appeal": numbers, "datarequest": requests, "person": [person.pk]},
            user_ids=users,
            is_personal=partial(_is_personal, marks),
            beside={"appeal": beside},
            names_them=lambda words: read(words) != words,
            by=by,
            at=at,
        )
        return erased


def _marks(person: Person) -> list[str]:
    """What would tell who it was."""
    known = [person.name, *(person.reveal(field) for field in ("phone", "id_number", "address"))]
    return [mark for mark in known if len(mark) >= 2]


def _is_personal(marks: Collection[str], words: str) -> bool:
    return any(mark in words for mark in marks) or without_person(words, ()) != words


def _mask_free_words(numbers: Sequence[int], names: Sequence[str]) -> None:
    for model, way, fields in FREE_WORDS:
        for row in model._default_manager.filter(**{f"{way}__in": numbers}):
            appeals.mask_fields(row, fields, names)
    ReplyCheck.objects.filter(appeal__in=numbers).update(findings=[], promise="")


def _drop_letters(numbers: Sequence[int], *, by: Actor, at: datetime) -> None:
    for letter in Letter.objects.select_related("appeal").filter(appeal__in=numbers).exclude(file_key=""):
        transaction.on_commit(partial(sealed_files.drop_sealed, letter.file_key))
        letter.addressee, letter.file_key = letter.shown_addressee, ""
        letter.save(update_fields=["addressee", "file_key"])
        events.record("letter.dropped", subject=letter.appeal, by=by, at=at, letter=letter.pk)
