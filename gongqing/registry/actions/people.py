"""Registering people, keeping their personal data sealed, showing it for a reason; membership."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import IntegrityError, transaction

from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.lib import masks
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry import queries, rules
from gongqing.registry.models import Enterprise, Member, Organisation, Person, Region
from gongqing.registry.queries.foreseen import people_foreseen

MayReveal = Callable[[Actor, int], bool]
REVEALABLE = {"phone": "手机号", "id_number": "身份证号", "address": "住址"}
UNIONS = frozenset({"grassroots_union", "federation"})


def find_or_register_person(
    *,
    by: Actor,
    at: datetime,
    name: str = "",
    phone: str = "",
    id_number: str = "",
    address: str = "",
    line: str = "",
    region: Region | None = None,
    employer: Enterprise | None = None,
) -> Person:
    """The person with this phone number, entered when unknown.

    A known person's blanks are filled, nothing is overwritten. A masked phone counts as none and is never saved;
    without a phone a new person is entered each time. Two at once give one person. A land line is kept for calling
    back and finds nobody: many share one.

    Raises:
        BadInput: phone or identity number cannot be one, or the name is too long.
    """
    name, address = "" if masks.is_masked(name) else rules.plain(name), rules.plain(address)
    if len(name) > 64:
        raise BadInput("name", "姓名不超过 64 字。")
    phone = rules.check_phone(phone) if phone.strip() and not masks.is_masked(phone) else ""
    id_number = rules.check_id_number(id_number) if id_number.strip() and not masks.is_masked(id_number) else ""
    line = rules.check_phone(line) if line and not phone else ""
    # whoever takes an appeal in may name a person that he or she may not look up
    with transaction.atomic(savepoint=not writing.is_together()), scope.elevated():
        known = queries.person_by_phone(phone)
        if known is not None:
            return _fill_blanks(known, name=name, address=address, region=region, employer=employer)
        person = Person(name=name, region=region, employer=employer, created_at=at)
        person.seal(phone=phone, id_number=id_number, address=address)
        if line:
            person.seal_line(line)
        if writing.is_together():  # whoever comes at the same moment fails at the end of the block, and tries again
            writing.insert(person)
            foreseen = people_foreseen()
            if foreseen is not None and person.phone_index:
                foreseen.by_phone[bytes(person.phone_index)] = person
            events.record("person.registered", subject=person, by=by, at=at)
            return person
        try:
            with transaction.atomic():
                person.save()
        except IntegrityError as error:
            known = queries.person_by_phone(phone)
            if known is None:
                raise BadInput("id_number", "这个身份证号已登记在另一个手机号下，请核对。") from error
            return known
        events.record("person.registered", subject=person, by=by, at=at)
    return person


@transaction.atomic
def complete_person(
    *, person_id: int, by: Actor, at: datetime, name: str = "", phone: str = "", id_number: str = "", address: str = ""
) -> Person:
    """Correct a person's data; empty and masked values change nothing.

    Raises:
        BadInput: a value cannot be one, or belongs to somebody else.
        NotPermitted: the actor does not see this person.
    """
    person = _locked(person_id)
    name = rules.plain(name)
    given = {"phone": phone, "id_number": id_number, "address": rules.plain(address)}
    new = {field: value for field, value in given.items() if value.strip() and not masks.is_masked(value)}
    if "phone" in new:
        new["phone"] = rules.check_phone(phone)
    if "id_number" in new:
        new["id_number"] = rules.check_id_number(id_number)
    person.seal(**new)
    if name and not masks.is_masked(name):
        person.name = name[:64]
        new["name"] = name
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise BadInput("phone" if phone else "id_number", "这个手机号或身份证号已登记在别人名下，请核对。") from error
    events.record("person.completed", subject=person, by=by, at=at, fields=sorted(new))
    return person


@transaction.atomic
def reveal_person(
    *,
    person_id: int,
    field: str,
    reason: str,
    by: Actor,
    at: datetime,
    may: MayReveal,
    address: str | None = None,
) -> str:
    """One sealed value in clear, after the look has been written down.

    Args:
        field: `phone`, `id_number` or `address`.
        may: whether this actor may see this person, as the caller knows (through an appeal that the actor handles).
        address: where the request came from.

    Raises:
        NotPermitted: `may` says no.
        BadInput: the reason is shorter than four characters, or the field is unknown.
    """
    if field not in REVEALABLE:
        raise BadInput("field", "只能查看手机号、身份证号和住址。")
    reason = rules.check_reason(reason)
    person = Person.objects.filter(id=person_id).first()
    if person is None or not may(by, person_id):
        raise NotPermitted("您不经办这位职工的事项，不能查看其个人信息。")
    events.record_access(
        f"person.{field}_revealed",
        subject_kind="person",
        subject_id=person.pk,
        by=by,
        at=at,
        reason=reason,
        address=address,
    )
    return person.reveal(field)


@transaction.atomic
def admit_member(*, person_id: int, union_id: int, since: date, by: Actor, at: datetime) -> Member:
    """Make a person a member of a grassroots union; the same union again returns the running membership.

    Raises:
        NotAllowed: the person is a member elsewhere, or the organisation takes no members.
    """
    person = _locked(person_id)
    union = Organisation.objects.get(id=union_id)
    if union.kind not in UNIONS or not union.is_active:
        raise NotAllowed("只有在用的基层工会和联合会可以发展会员。")
    running = Member.objects.filter(person=person, until__isnull=True).select_related("union").first()
    if running is not None and running.union_id == union.pk:
        return running
    if running is not None:
        raise NotAllowed(f"这位职工的会籍在{running.union.name}，请先办理转出。")
    member = Member.objects.create(person=person, union=union, since=since)
    events.record("member.admitted", subject=member, by=by, at=at, person=person.pk, union=union.pk)
    return member


@transaction.atomic
def end_membership(*, person_id: int, until: date, reason: str, by: Actor, at: datetime) -> Member:
    """End the running membership; `until` is the first day without it.

    Raises:
        NotAllowed: there is none, or it begins after that day.
    """
    member = Member.objects.select_for_update().filter(person_id=person_id, until__isnull=True).first()
    if member is None:
        raise NotAllowed("这位职工目前没有会籍。")
    if until < member.since:
        raise NotAllowed("会籍结束日期不能早于入会日期。")
    member.until = until
    member.save(update_fields=["until"])
    events.record(
        "member.left", subject=member, by=by, at=at, note=rules.plain(reason), person=person_id, union=member.union_id
    )
    return member


def _locked(person_id: int) -> Person:
    person = Person.objects.select_for_update().filter(id=person_id).first()
    if person is None:
        raise NotPermitted("没有这位职工，或者您不经办其事项。")
    return person


def _fill_blanks(
    person: Person, *, name: str, address: str, region: Region | None, employer: Enterprise | None
) -> Person:
    changed = []
    if name and not person.name:
        person.name = name
        changed.append("name")
    if address and person.address_sealed is None:
        person.seal(address=address)
        changed.append("address_sealed")
    if region and person.region_id is None:
        person.region = region
        changed.append("region")
    if employer and person.employer_id is None:
        person.employer = employer
        changed.append("employer")
    if changed:
        writing.save(person, changed)
    return person
