"""Which organisations does the demonstration's city have?

Two towns in two counties are worked out with zones and sixty unions; the rest of the city has its territorial unions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from gongqing.audit.actor import SYSTEM
from gongqing.config.demo.people import Crowd
from gongqing.registry import actions as registry
from gongqing.registry import queries
from gongqing.registry.models import Enterprise, Organisation, Region

NEAR, FAR = "330203102", "330282004"  # 海曙区集士港镇, 慈溪市浒山街道
ZONES = {
    NEAR: ("桥东片区", "桥西片区", "稻穗工业园片区"),
    FAR: ("钟楼片区", "河畔片区", "小商品城片区", "骑手驿站片区"),
}
UNIONS_IN_TOWN = 30
FACTORY = "宁波海塘轴承有限公司"  # where the demonstration's worker works
LONELY_TOWN = "330225101"  # 象山县石浦镇: one union, of the outsider
PARK = "稻穗工业园"

# code, name, region, categories
DEPARTMENTS = (
    ("DS-RS", "宁波市人力资源和社会保障局", "3302", ("LE01", "LE07", "CD02")),
    ("DS-JY", "宁波市教育局", "3302", ("OT03",)),
    ("DS-JT", "宁波市交通运输局", "3302", ("OT04",)),
    ("D-330203-RS", "海曙区人力资源和社会保障局", "330203", ("LE01", "LE07", "CD02")),
    ("D-330203-JY", "海曙区教育局", "330203", ("OT03",)),
    ("D-330203-ZJ", "海曙区住房和城乡建设交通局", "330203", ("OT04",)),
    ("D-330282-RS", "慈溪市人力资源和社会保障局", "330282", ("LE01", "LE07", "CD02")),
    ("D-330282-JY", "慈溪市教育局", "330282", ("OT03",)),
    ("D-330282-ZJ", "慈溪市住房和城乡建设局", "330282", ("OT04",)),
)
INDUSTRIAL = (("CY-JT", "宁波市交通运输产业工会"), ("CY-JS", "宁波市建设建材产业工会"))
ROOMS = (
    ("TJ-330203", "海曙区“稻花”劳动关系调处工作室", "330203"),
    ("TJ-330282", "慈溪市“灯塔”劳动关系调处工作室", "330282"),
)


@dataclass(slots=True)
class Places:
    """The organisations and employers of the demonstration.

    Attributes:
        by_code: every organisation.
        zones, unions: those of the two worked-out towns, by the town's region code.
        unionised, alone: employers with and without a union, by the town's region code.
    """

    by_code: dict[str, Organisation] = field(default_factory=dict)
    zones: dict[str, list[Organisation]] = field(default_factory=dict)
    unions: dict[str, list[Organisation]] = field(default_factory=dict)
    unionised: dict[str, list[Enterprise]] = field(default_factory=dict)
    alone: dict[str, list[Enterprise]] = field(default_factory=dict)

    @property
    def factory(self) -> Enterprise:
        """Where the demonstration's worker works."""
        return self.unionised[NEAR][0]

    @property
    def factory_union(self) -> Organisation:
        return self.unions[NEAR][0]

    @property
    def factory_zone(self) -> Organisation:
        return self.zones[NEAR][0]


def build_places(crowd: Crowd, rng: Random, *, at: datetime) -> Places:
    """Found everything beyond the territorial unions, which `setup_city` has founded."""
    places = Places(by_code={one.code: one for one in Organisation.objects.all()})
    regions = {region.code: region for region in Region.objects.all()}
    city = places.by_code["3302"]
    for code, name, place, categories in DEPARTMENTS:
        _found(places, code, name, "department", at=at, region=regions[place], categories=categories)
    for code, name in INDUSTRIAL:
        _found(places, code, name, "industrial_union", at=at, parent=city, region=regions["3302"])
    for code, name, county in ROOMS:
        _found(places, code, name, "mediation_room", at=at, parent=places.by_code[county], region=regions[county])
    _found(
        places,
        "RX-12351",
        "宁波市 12351 职工热线",
        "hotline",
        at=at,
        parent=city,
        region=regions["3302"],
        phone="12351",
    )
    since = (at - timedelta(days=400)).date()
    for town in (NEAR, FAR):
        _build_town(places, regions[town], crowd, rng, since=since, at=at)
    _found_union(places, places.by_code[LONELY_TOWN], 1, _employer(regions[LONELY_TOWN], crowd, at=at), at=at)
    return places


def _build_town(places: Places, region: Region, crowd: Crowd, rng: Random, *, since: date, at: datetime) -> None:
    union = places.by_code[region.code]
    zones = [
        _found(places, f"{region.code}-P{number}", f"{region.name}{name}", "zone", at=at, parent=union, region=region)
        for number, name in enumerate(ZONES[region.code], 1)
    ]
    places.zones[region.code], places.unions[region.code] = zones, []
    places.unionised[region.code] = []
    for number in range(1, UNIONS_IN_TOWN + 1):
        is_factory = region.code == NEAR and number == 1
        employer = _employer(region, crowd, at=at, name=FACTORY if is_factory else "")
        founded = _found_union(places, union, number, employer, at=at)
        places.unions[region.code].append(founded)
        places.unionised[region.code].append(employer)
        zone = zones[(number - 1) % len(zones)]
        start = since + timedelta(days=rng.randrange(200))
        registry.link_union_to_zone(zone_id=zone.pk, union_id=founded.pk, since=start, by=SYSTEM, at=at)
    places.alone[region.code] = [_employer(region, crowd, at=at) for _ in range(12)]


def _found_union(
    places: Places, parent: Organisation, number: int, employer: Enterprise, *, at: datetime
) -> Organisation:
    short = employer.name.removeprefix("宁波").removesuffix("有限公司")
    return _found(
        places,
        f"{parent.code}-{number:03d}",
        f"{employer.name}工会委员会",
        "grassroots_union",
        at=at,
        parent=parent,
        region=parent.region,
        enterprise=employer,
        short_name=f"{short}工会",
    )


def _employer(region: Region, crowd: Crowd, *, at: datetime, name: str = "") -> Enterprise:
    invented, trade, headcount = crowd.employer()
    if name:
        trade, headcount = "轴承制造", 360
    return registry.register_enterprise(
        name=name or invented,
        uscc=crowd.credit_code(),
        region=region,
        trade=trade,
        address=f"{region.name}{PARK if region.code == NEAR else '虚构路'} {crowd.id_number()[-4:-1]} 号",
        headcount=headcount,
        by=SYSTEM,
        at=at,
    )


def _found(
    places: Places,
    code: str,
    name: str,
    kind: str,
    *,
    at: datetime,
    parent: Organisation | None = None,
    region: Region | None = None,
    enterprise: Enterprise | None = None,
    short_name: str = "",
    phone: str = "",
    categories: tuple[str, ...] = (),
) -> Organisation:
    known = queries.organisation_by_code(code)
    places.by_code[code] = known or registry.found_organisation(
        code=code,
        name=name,
        kind=kind,
        parent=parent,
        region=region,
        enterprise=enterprise,
        short_name=short_name,
        phone=phone,
        categories=categories,
        by=SYSTEM,
        at=at,
    )
    return places.by_code[code]
