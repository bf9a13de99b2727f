"""Who is known, who belongs to which union, and what did they agree to?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from gongqing.audit.reading import Asking, Prepared
from gongqing.lib import masks
from gongqing.registry.models import (
    Consent,
    DataRequest,
    Member,
    Organisation,
    Person,
    PrivacyNotice,
    Purpose,
)
from gongqing.registry.models.people import ID_NUMBER, PHONE, index_of
from gongqing.registry.queries.foreseen import people_foreseen, with_phone


def union_of_person(person_id: int, on: date) -> Organisation | None:
    """The union that the person is a member of on this day."""
    foreseen = people_foreseen()
    if foreseen is not None and person_id in foreseen.union_of:
        return foreseen.union_of[person_id]
    member = _membership.first(person_id, on)
    return member.union if member else None


@Prepared
def _membership(_: None, person_id: int, on: date) -> QuerySet[Member]:
    current = Member.objects.filter(Q(until__isnull=True) | Q(until__gt=on), person_id=person_id, since__lte=on)
    return current.select_related("union").order_by("pk")[:1]


def membership_asked(person_id: int, on: date) -> Asking[Member]:
    """What `union_of_person` will ask, to be asked together with others."""
    return _membership(person_id, on)


def members_among(people: Iterable[int], on: date) -> set[int]:
    """Those of these people who belong to a union on this day; one query."""
    current = Member.objects.filter(Q(until__isnull=True) | Q(until__gt=on), person_id__in=list(people), since__lte=on)
    return set(current.values_list("person_id", flat=True))


def person_by_phone(phone: str) -> Person | None:
    """The person with exactly this phone number, found without reading any."""
    if not phone or masks.is_masked(phone):
        return None
    index = index_of(PHONE, phone)
    foreseen = people_foreseen()
    if foreseen is not None and index in foreseen.by_phone:
        return foreseen.by_phone[index]
    return with_phone.first(index)


def person_by_id_number(number: str) -> Person | None:
    """The person with exactly this identity number, found without reading any."""
    if not number or masks.is_masked(number):
        return None
    return Person.objects.filter(id_number_index=index_of(ID_NUMBER, number)).first()


def refusing(phones: Iterable[str]) -> set[str]:
    """Those of these phones whose person has withdrawn the consent to be contacted, as `may_contact` says of one."""
    by_index = {index_of(PHONE, phone): phone for phone in phones}
    if not by_index:
        return set()
    asked = Consent.objects.filter(person__phone_index__in=list(by_index), purpose=Purpose.CONTACT)
    answers = asked.values_list("person__phone_index", "withdrawn_at")
    found = [(by_index[bytes(index)], withdrawn) for index, withdrawn in answers if index is not None]
    return {phone for phone, _ in found} - {phone for phone, withdrawn in found if withdrawn is None}


def may_contact(phone: str) -> bool:
    """Whether the person of this phone may be sent short messages: false once the consent to it was withdrawn.

    A phone that nobody has registered, a colleague's say, has withdrawn nothing.
    """
    asked = Consent.objects.filter(person__phone_index=index_of(PHONE, phone), purpose=Purpose.CONTACT)
    answers = asked.values_list("withdrawn_at", flat=True)
    return not answers or None in answers


def notice_on(day: date) -> PrivacyNotice | None:
    """The newest privacy notice in force on a day; None before one is loaded."""
    return PrivacyNotice.objects.filter(effective_from__lte=day).order_by("-version").first()


def notice_numbered(version: int) -> PrivacyNotice | None:
    """One version of the privacy notice."""
    return PrivacyNotice.objects.filter(version=version).first()


def notice_versions(*, besides: int) -> list[PrivacyNotice]:
    """Every other version of the privacy notice, newest first."""
    return list(PrivacyNotice.objects.exclude(version=besides).order_by("-version"))


def consents_of(person_id: int) -> list[Consent]:
    """Everything that a person has agreed to or withdrawn, oldest first."""
    return list(Consent.objects.filter(person_id=person_id).select_related("notice").order_by("id"))


def data_requests_of(person_id: int) -> list[DataRequest]:
    """What a person has asked about the own data, newest first."""
    return list(DataRequest.objects.filter(person_id=person_id).order_by("-id"))


def memberships_of(person_id: int) -> list[Member]:
    """A person's memberships, the newest first."""
    return list(Member.objects.filter(person_id=person_id).select_related("union").order_by("-since"))
