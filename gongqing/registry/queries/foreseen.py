"""Who and which employers a block of many rows deals with, looked up once for all of them.

Kept with the block (`audit.writing.together`); what is entered inside it is added, since it cannot be read back yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from gongqing.audit import writing
from gongqing.audit.reading import Asking, Prepared
from gongqing.registry import rules
from gongqing.registry.models import Enterprise, Member, Organisation, Person
from gongqing.registry.models.people import PHONE, index_of

_PEOPLE, _EMPLOYERS = "registry.people", "registry.employers"


@dataclass(slots=True)
class People:
    """The people that a block deals with.

    Attributes:
        by_phone: by the index of the phone; None for a phone that nobody has registered.
        union_of: by the person's number; None for one who belongs to no union.
    """

    by_phone: dict[bytes, Person | None] = field(default_factory=dict)
    union_of: dict[int, Organisation | None] = field(default_factory=dict)


def people_foreseen() -> People | None:
    """The people whom the block around has looked up; None when it has not."""
    kept = writing.kept()
    return kept.get(_PEOPLE) if kept is not None else None


def employers_foreseen() -> dict[str, Enterprise | None]:
    """The employers that the block around knows by name; a fresh, empty one outside of a block."""
    kept = writing.kept()
    return kept.setdefault(_EMPLOYERS, {}) if kept is not None else {}


def foresee_people(phones: Iterable[str], *, on: date) -> None:
    """Look up the people with these phones, and their unions on a day; three statements."""
    people = People({index_of(PHONE, phone): None for phone in phones if phone})
    for person in Person.objects.filter(phone_index__in=list(people.by_phone)):
        people.by_phone[bytes(person.phone_index or b"")] = person
        people.union_of[person.pk] = None
    current = Member.objects.filter(Q(until__isnull=True) | Q(until__gt=on), person__in=people.union_of, since__lte=on)
    for member in current.select_related("union"):
        people.union_of[member.person_id] = member.union
    _block()[_PEOPLE] = people


def one_person_asked(index: bytes, on: date) -> tuple[Asking[Person], Asking[Member]]:
    """Who has the phone with this index, and the union on a day, to be asked ahead with others."""
    return with_phone(index), _membership_of_phone(index, on)


def keep_one_person(index: bytes, on: date) -> Person | None:
    """Let the block around know the person that was asked ahead, and the union."""
    person, member = with_phone.first(index), _membership_of_phone.first(index, on)
    people = People({index: person})
    if person is not None:
        people.union_of[person.pk] = member.union if member else None
    _block()[_PEOPLE] = people
    return person


@Prepared
def with_phone(_: None, index: bytes) -> QuerySet[Person]:
    """Who has the phone with this index."""
    return Person.objects.filter(phone_index=index).order_by("pk")[:1]


@Prepared
def _membership_of_phone(_: None, index: bytes, on: date) -> QuerySet[Member]:
    current = Member.objects.filter(Q(until__isnull=True) | Q(until__gt=on), person__phone_index=index, since__lte=on)
    return current.select_related("union").order_by("pk")[:1]


def foresee_employers(names: Iterable[str]) -> None:
    """Look up the employers with these names; one statement."""
    bearers: dict[str, list[Enterprise]] = {rules.plain(name): [] for name in names}
    for employer in Enterprise.objects.filter(name__in=bearers).select_related("region"):
        bearers[employer.name].append(employer)
    _block()[_EMPLOYERS] = {name: found[0] if len(found) == 1 else None for name, found in bearers.items()}


def _block() -> dict[str, object]:
    kept = writing.kept()
    if kept is None:
        raise RuntimeError("nothing is foreseen outside of a block")
    return kept
