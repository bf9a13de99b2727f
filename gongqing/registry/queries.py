"""Which regions, organisations, zones and employers are there?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypedDict

from django.conf import settings
from django.db.models import Q, QuerySet

from gongqing.audit.actor import Actor
from gongqing.lib import masks
from gongqing.lib.errors import NotFound
from gongqing.lib.remembering import remembered
from gongqing.registry import rules
from gongqing.registry.foreseen import employers_foreseen, people_foreseen
from gongqing.registry.models import (
    ColumnMapping,
    Consent,
    DataRequest,
    Enterprise,
    Level,
    Load,
    LoadRow,
    LoadState,
    Member,
    Organisation,
    OrganisationKind,
    Person,
    PrivacyNotice,
    Purpose,
    Region,
    ZoneLink,
)
from gongqing.registry.models.people import ID_NUMBER, PHONE, index_of


class TownChoice(TypedDict):
    code: str
    name: str


class CountyChoice(TypedDict):
    code: str
    name: str
    towns: list[TownChoice]


@remembered
def city() -> Region | None:
    """The region of this installation's city; None before the regions are loaded."""
    return Region.objects.filter(code=rules.short_region_code(settings.GONGQING.city_code)).first()


@remembered
def region_of(code: str) -> Region | None:
    """The division with this code, written with 4, 6, 9 or 12 digits; None when there is none."""
    return (
        Region.objects.filter(code=rules.short_region_code(rules.plain(code))).select_related("parent__parent").first()
    )


def region_tree() -> list[CountyChoice]:
    """Counties with their towns, by code, for the picker; one query."""
    regions = Region.objects.filter(level__in=[Level.COUNTY, Level.TOWN]).order_by("code")
    counties: dict[str, CountyChoice] = {}
    for region in regions:
        if region.level == Level.COUNTY:
            counties[region.code] = {"code": region.code, "name": region.name, "towns": []}
        elif region.parent_id in counties:
            counties[region.parent_id]["towns"].append({"code": region.code, "name": region.name})
    return list(counties.values())


def organisation_by_code(code: str) -> Organisation | None:
    """The organisation with this code."""
    return Organisation.objects.filter(code=rules.plain(code)).first()


def organisation_numbered(organisation_id: int) -> Organisation | None:
    """The organisation with this id."""
    return Organisation.objects.filter(id=organisation_id).select_related("parent", "region", "enterprise").first()


def children_of(organisation_id: int) -> list[Organisation]:
    """What hangs directly under an organisation, in use first, by code."""
    return list(Organisation.objects.filter(parent_id=organisation_id).order_by("-is_active", "code"))


def organisation_named(name: str) -> Organisation | None:
    """The one active organisation with this full or short name; None when none or several bear it."""
    given = rules.plain(name)
    found = list(Organisation.objects.filter(Q(name=given) | Q(short_name=given), is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def organisations_under(path: str) -> QuerySet[Organisation]:
    """The active organisations at this path and below it, in the order of the tree."""
    return Organisation.objects.under(path).filter(is_active=True).order_by("path")


def organisations_like(fragment: str, *, limit: int = 20) -> list[Organisation]:
    """Active organisations whose name, short name or code holds the fragment; the first by code without one."""
    found = Organisation.objects.filter(is_active=True).select_related("region", "parent").order_by("code")
    text = rules.plain(fragment)
    if text:
        found = found.filter(Q(name__contains=text) | Q(short_name__contains=text) | Q(code__startswith=text))
    return list(found[:limit])


@remembered
def union_of_region(region: Region, level: str) -> Organisation | None:
    """The territorial union (市、区县、镇街总工会) that answers for this region at this level.

    None when the region lies above the level, or no such union has been founded.
    """
    code = {Level.CITY.value: region.code[:4], Level.COUNTY.value: region.code[:6]}.get(level, region.code)
    kind = rules.TERRITORIAL.get(level)
    return Organisation.objects.filter(kind=kind, region_id=code, is_active=True).first() if kind else None


@remembered
def candidates(level: str, region: Region | None) -> list[Organisation]:
    """The active organisations of a level that could handle a matter of this region, by code.

    At city, county and town: the territorial union. Zones and grassroots unions: those placed in the region itself.
    Departments: those of the region's county, of its city, or without a region.
    """
    found = Organisation.objects.filter(level=level, is_active=True).order_by("code")
    if level in rules.TERRITORIAL:
        union = union_of_region(region, level) if region else None
        return [union] if union else []
    if level == Level.DEPARTMENT:
        places = [region.code[:4], region.code[:6]] if region else []
        return list(found.filter(Q(region__isnull=True) | Q(region_id__in=places)))
    return list(found.filter(region=region)) if region else []


@remembered
def city_union() -> Organisation | None:
    """The city's federation of trade unions."""
    return Organisation.objects.filter(kind=OrganisationKind.CITY_UNION, is_active=True).first()


def zone_of_union(union_id: int, on: date) -> Organisation | None:
    """The zone that holds the union on this day."""
    link = _links_on(on).filter(union_id=union_id).select_related("zone").first()
    return link.zone if link else None


def zone_of_region(region: Region) -> Organisation | None:
    """The first active zone placed in this region, by code."""
    zones = Organisation.objects.filter(kind=OrganisationKind.ZONE, region=region, is_active=True)
    return zones.order_by("code").first()


def unions_of_zone(zone_id: int, on: date) -> QuerySet[Organisation]:
    """The unions that the zone holds on this day, by code."""
    return Organisation.objects.filter(id__in=_links_on(on).filter(zone_id=zone_id).values("union_id")).order_by("code")


@remembered
def union_of_enterprise(enterprise_id: int) -> Organisation | None:
    """The active grassroots union of an employer."""
    return Organisation.objects.filter(
        enterprise_id=enterprise_id, kind=OrganisationKind.GRASSROOTS_UNION, is_active=True
    ).first()


def union_of_person(person_id: int, on: date) -> Organisation | None:
    """The union that the person is a member of on this day."""
    foreseen = people_foreseen()
    if foreseen is not None and person_id in foreseen.union_of:
        return foreseen.union_of[person_id]
    current = Member.objects.filter(Q(until__isnull=True) | Q(until__gt=on), person_id=person_id, since__lte=on)
    member = current.select_related("union").first()
    return member.union if member else None


def members_among(people: Iterable[int], on: date) -> set[int]:
    """Those of these people who belong to a union on this day; one query."""
    current = Member.objects.filter(Q(until__isnull=True) | Q(until__gt=on), person_id__in=list(people), since__lte=on)
    return set(current.values_list("person_id", flat=True))


def employers_like(fragment: str, *, limit: int = 10) -> list[Enterprise]:
    """Employers whose name holds the fragment of two or more characters, shortest names first."""
    text = rules.plain(fragment)
    if len(text) < 2:
        return []
    found = Enterprise.objects.filter(name__contains=text).select_related("region")[: limit * 5]
    return sorted(found, key=lambda employer: (len(employer.name), employer.name))[:limit]


def employer_named(name: str) -> Enterprise | None:
    """The one employer with exactly this name; None when none or several bear it.

    Within a block that writes together the same name is looked up once.
    """
    known, wanted = employers_foreseen(), rules.plain(name)
    if wanted not in known:
        found = list(Enterprise.objects.filter(name=wanted).select_related("region")[:2])
        known[wanted] = found[0] if len(found) == 1 else None
    return known[wanted]


def person_by_phone(phone: str) -> Person | None:
    """The person with exactly this phone number, found without reading any."""
    if not phone or masks.is_masked(phone):
        return None
    index = index_of(PHONE, phone)
    foreseen = people_foreseen()
    if foreseen is not None and index in foreseen.by_phone:
        return foreseen.by_phone[index]
    return Person.objects.filter(phone_index=index).first()


def person_by_id_number(number: str) -> Person | None:
    """The person with exactly this identity number, found without reading any."""
    if not number or masks.is_masked(number):
        return None
    return Person.objects.filter(id_number_index=index_of(ID_NUMBER, number)).first()


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


def _links_on(on: date) -> QuerySet[ZoneLink]:
    return ZoneLink.objects.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on)


def loads_of(actor: Actor, kinds: Sequence[str]) -> QuerySet[Load]:
    """The loads of these kinds that the actor sees, newest first."""
    return Load.objects.visible_to(actor).filter(kind__in=kinds).order_by("-made_at", "-pk")


def load_numbered(load_id: int, actor: Actor, kinds: Sequence[str]) -> Load:
    """One load that the actor sees.

    Raises:
        NotFound: not there, of another kind, or somebody else's.
    """
    found = loads_of(actor, kinds).filter(pk=load_id).first()
    if found is None:
        raise NotFound("没有这次导入，或者不是您的。")
    return found


def rows_of_load(load: Load, state: str = "", *, after: int = 0, most: int = 50) -> list[LoadRow]:
    """The rows of a load in this state, or in any, in the order of the sheet."""
    found = load.rows.filter(number__gt=after).order_by("number")
    return list((found.filter(state=state) if state else found)[:most])


def sources_of(kind: str) -> list[str]:
    """The sources whose columns are remembered, by name."""
    return list(ColumnMapping.objects.filter(kind=kind).order_by("source").values_list("source", flat=True))


def same_file(load: Load, actor: Actor) -> Load | None:
    """An earlier load of the very same file that was not taken back; None when there is none."""
    earlier = Load.objects.visible_to(actor).filter(kind=load.kind, file_digest=load.file_digest, pk__lt=load.pk)
    begun = earlier.exclude(state__in=[LoadState.CHECKED, LoadState.UNDONE]).exclude(options__dry_run=True)
    return begun.order_by("-pk").first()
