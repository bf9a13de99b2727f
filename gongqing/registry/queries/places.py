"""Which regions, organisations, zones and employers are there?"""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from django.conf import settings
from django.db.models import Q, QuerySet

from gongqing.audit.reading import Asking, Prepared
from gongqing.lib.errors import BadInput
from gongqing.lib.remembering import remembered
from gongqing.registry import rules
from gongqing.registry.models import (
    Enterprise,
    Level,
    Organisation,
    OrganisationKind,
    Region,
    ZoneLink,
)
from gongqing.registry.queries.foreseen import employers_foreseen

LONGEST_NUMBER = 18


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
    return _region_with.first(rules.short_region_code(rules.plain(code)))


@Prepared
def _region_with(_: None, code: str) -> QuerySet[Region]:
    return Region.objects.filter(code=code).select_related("parent__parent")


def area_named(text: str) -> Region | Organisation | None:
    """The area that an address names: the code of a region, or `o` with the number of an organisation; empty: none.

    Raises:
        BadInput: on `area`.
    """
    if not text:
        return None
    number = text[1:]
    known: Region | Organisation | None
    if text.startswith("o") and number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER:
        known = organisation_numbered(int(number))
    else:
        known = Region.objects.filter(code=text[:12]).first() if text.isascii() and text.isdigit() else None
    if known is None:
        raise BadInput("area", "没有这个地区或单位，地区请填 6 位或 9 位区划代码。")
    return known


@remembered
def divisions() -> tuple[tuple[str, str], ...]:
    """Code and name of every county and town of the city."""
    found = Region.objects.filter(level__in=[Level.COUNTY, Level.TOWN]).order_by("code").values_list("code", "name")
    return tuple(found)


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
    return _with_code.first(rules.plain(code))


@Prepared
def _with_code(_: None, code: str) -> QuerySet[Organisation]:
    return Organisation.objects.filter(code=code)


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


@remembered
def names_under(path: str, most: int) -> tuple[str, ...]:
    """The short names of the first so many of `organisations_under` this path."""
    return tuple(str(each) for each in organisations_under(path).only("name", "short_name")[:most])


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
    return _active_at.first(str(kind), code) if kind else None


@Prepared
def _active_at(_: None, kind: str, region: str) -> QuerySet[Organisation]:
    return Organisation.objects.filter(kind=kind, region_id=region, is_active=True).order_by("id")[:1]


@remembered
def candidates(level: str, region: Region | None) -> list[Organisation]:
    """The active organisations of a level that could handle a matter of this region, by code.

    At city, county and town: the territorial union. Zones and grassroots unions: those placed in the region itself.
    Departments: those of the region's county, of its city, or without a region.
    """
    if level in rules.TERRITORIAL:
        union = union_of_region(region, level) if region else None
        return [union] if union else []
    if level == Level.DEPARTMENT:
        places = (region.code[:4], region.code[:6]) if region else ("", "")
        return _of_level.all(level, *places, shape="anywhere")
    return _of_level.all(level, region.code) if region else []


@Prepared
def _of_level(shape: str | None, level: str, *regions: str) -> QuerySet[Organisation]:
    placed = Q(region_id__in=regions) if shape is None else Q(region__isnull=True) | Q(region_id__in=regions)
    return Organisation.objects.filter(placed, level=level, is_active=True).order_by("code")


@remembered
def city_union() -> Organisation | None:
    """The city's federation of trade unions."""
    return Organisation.objects.filter(kind=OrganisationKind.CITY_UNION, is_active=True).first()


@remembered
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
        found = _bearing.all(wanted)
        known[wanted] = found[0] if len(found) == 1 else None
    return known[wanted]


def keep_employer(name: str, bearers: list[Enterprise]) -> None:
    """Let the block around know who bears exactly this name, from the first two that were found."""
    if name and rules.plain(name) == name:
        employers_foreseen()[name] = bearers[0] if len(bearers) == 1 else None


def employer_asked(name: str) -> Asking[Enterprise]:
    """What `employer_named` will ask, to be asked together with others."""
    return _bearing(rules.plain(name))


@Prepared
def _bearing(_: None, name: str) -> QuerySet[Enterprise]:
    return Enterprise.objects.filter(name=name).select_related("region")[:2]


def _links_on(on: date) -> QuerySet[ZoneLink]:
    return ZoneLink.objects.filter(Q(until__isnull=True) | Q(until__gt=on), since__lte=on)
