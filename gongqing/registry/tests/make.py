"""A small invented city, made through the real actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from gongqing.audit.actor import SYSTEM
from gongqing.lib.codes import uscc_check_char
from gongqing.registry import actions, rules
from gongqing.registry.models import Enterprise, Organisation, Region

SHIPPED = Path(actions.__file__).parents[1] / "data" / "regions_ningbo.csv"
_serial = count(1)


@dataclass(frozen=True)
class Tree:
    """City, county, two towns, two zones in the first, one union in each town."""

    city: Organisation
    county: Organisation
    town: Organisation
    other_town: Organisation
    zone: Organisation
    other_zone: Organisation
    union: Organisation
    other_union: Organisation
    department: Organisation
    hotline: Organisation
    room: Organisation


def regions(at: datetime) -> None:
    """All of Ningbo."""
    actions.load_regions(rows=rules.region_rows(SHIPPED.read_text(encoding="utf-8")), by=SYSTEM, at=at)


def organisation(at: datetime, kind: str, parent: Organisation | None = None, **fields: object) -> Organisation:
    """An organisation with an invented code and name."""
    serial = next(_serial)
    given = {"code": f"T{serial:04d}", "name": f"第{serial}组织", **fields}
    return actions.found_organisation(kind=kind, parent=parent, by=SYSTEM, at=at, **given)


def enterprise(at: datetime, name: str = "甬江精密（虚构）有限公司", **fields: object) -> Enterprise:
    """An employer with an invented, well-formed 统一社会信用代码."""
    body = f"91330206MA2{next(_serial):06d}"
    return actions.register_enterprise(name=name, uscc=body + uscc_check_char(body), by=SYSTEM, at=at, **fields)


def tree(at: datetime) -> Tree:
    """The organisations that most tests need."""
    regions(at)
    towns = list(Region.objects.filter(parent_id="330206").order_by("code")[:2])
    city = organisation(at, "city_union", region=Region.objects.get(code="3302"))
    county = organisation(at, "county_union", city, region=Region.objects.get(code="330206"))
    town, other_town = (organisation(at, "town_union", county, region=region) for region in towns)
    zone, other_zone = (organisation(at, "zone", town, region=towns[0]) for _ in range(2))
    union, other_union = (organisation(at, "grassroots_union", above) for above in (town, other_town))
    return Tree(
        city=city,
        county=county,
        town=town,
        other_town=other_town,
        zone=zone,
        other_zone=other_zone,
        union=union,
        other_union=other_union,
        department=organisation(at, "department"),
        hotline=organisation(at, "hotline", city),
        room=organisation(at, "mediation_room", county),
    )
