"""In which city is the platform measured? Ningbo's divisions with zones, departments, a hotline and invented unions.

Everything is made through the actions; every organisation has somebody on post, nobody has a password.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from bench import words
from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.config import setup_city
from gongqing.lib.codes import uscc_check_char
from gongqing.registry import actions as registry
from gongqing.registry.models import Enterprise, Organisation, Region

LABOUR = ("LE01", "LE07", "CD02")
ROLE_OF_KIND = {
    "city_union": (Role.CITY_SUPERVISOR,) * 3,
    "county_union": (Role.COUNTY_SUPERVISOR,) * 2,
    "town_union": (Role.TOWN_SUPERVISOR,) * 2,
    "zone": (Role.ZONE_CHIEF, Role.ZONE_WORKER),
    "grassroots_union": (Role.GRASSROOTS_OFFICER,),
    "department": (Role.DEPARTMENT_LIAISON,),
    "hotline": (Role.HOTLINE_SEAT,) * 5,
}


@dataclass(slots=True)
class City:
    """The measured city.

    Attributes:
        towns: codes of the regions of towns.
        unions: grassroots unions with their employers, by the town's code.
        staff: who acts at an organisation, by its id.
    """

    towns: list[str] = field(default_factory=list)
    unions: dict[str, list[tuple[Organisation, Enterprise]]] = field(default_factory=lambda: defaultdict(list))
    staff: dict[int, list[Actor]] = field(default_factory=lambda: defaultdict(list))
    organisations: dict[int, Organisation] = field(default_factory=dict)

    def above(self, organisation: Organisation, level: str, *, besides: int | None = None) -> Actor:
        """Somebody at this level above an organisation, or at the city; not this account."""
        for one in self.organisations.values():
            if one.level == level and organisation.path.startswith(one.path):
                return next(each for each in self.staff[one.pk] if each.user_id != besides)
        return next(each for each in self.city_staff if each.user_id != besides)

    @property
    def city_staff(self) -> list[Actor]:
        return next(self.staff[one.pk] for one in self.organisations.values() if one.kind == "city_union")

    @property
    def seats(self) -> list[Actor]:
        return next(self.staff[one.pk] for one in self.organisations.values() if one.kind == "hotline")


def build_city(*, city_code: str, union_count: int, rng: Random, at: datetime) -> None:
    """Found what `known_city` reads; the divisions and the rules first."""
    setup_city.prepare_city(rows=setup_city.shipped_regions(city_code), by=SYSTEM, at=at)
    unions = {one.code: one for one in Organisation.objects.all()}
    regions = {one.code: one for one in Region.objects.all()}
    towns = sorted(code for code in regions if len(code) == 9)
    city, since = unions[city_code[:4]], at.date()

    def found(code: str, name: str, kind: str, region: Region, **given: object) -> Organisation:
        return registry.found_organisation(
            code=code,
            name=name,
            kind=kind,
            region=region,
            by=SYSTEM,
            at=at,
            **given,  # type: ignore[arg-type]
        )

    found("RX-12351", "宁波市 12351 职工热线", "hotline", regions[city_code[:4]], parent=city)
    for code in sorted(code for code in regions if len(code) == 6):
        county = regions[code]
        found(f"D-{code}-RS", f"{county.name}人力资源和社会保障局", "department", county, categories=LABOUR)
        found(f"D-{code}-JT", f"{county.name}住房和城乡建设交通局", "department", county)
    zones = {
        code: found(f"{code}-P", f"{regions[code].name}片区", "zone", regions[code], parent=unions[code])
        for code in towns
    }
    for number in range(union_count):
        town = towns[number % len(towns)] if number < len(towns) else rng.choice(towns)
        body = f"91990000MA{number:07d}"
        name = f"宁波{words.brand(rng)}制造有限公司"
        employer = registry.register_enterprise(
            name=name,
            uscc=body + uscc_check_char(body),
            region=regions[town],
            headcount=rng.randrange(20, 900),
            by=SYSTEM,
            at=at,
        )
        union = found(
            f"{town}-{number:05d}",
            f"{name}工会",
            "grassroots_union",
            regions[town],
            parent=unions[town],
            enterprise=employer,
        )
        registry.link_union_to_zone(zone_id=zones[town].pk, union_id=union.pk, since=since, by=SYSTEM, at=at)
    for one in Organisation.objects.order_by("id"):
        for number, role in enumerate(ROLE_OF_KIND.get(one.kind, ())):
            user = accounts.create_user(
                username=f"u{one.pk}-{number}", name=words.person_name(rng), last_digits="0417", by=SYSTEM, at=at
            )
            accounts.appoint(user_id=user.pk, role=role, organisation_id=one.pk, since=since, by=SYSTEM, at=at)


def known_city(at: datetime) -> City:
    """The city as it stands in the data base."""
    from gongqing.accounts.models import Posting

    city = City()
    city.organisations = {one.pk: one for one in Organisation.objects.select_related("region").order_by("id")}
    for union in Organisation.objects.filter(kind="grassroots_union").select_related("enterprise", "region"):
        if union.enterprise is not None and union.region is not None:
            city.unions[union.region.code].append((union, union.enterprise))
    city.towns = sorted(city.unions)
    on = (at + timedelta(days=1)).date()
    for posting in Posting.objects.filter(user__username__startswith="u").select_related("user", "organisation"):
        if posting.organisation_id is not None:
            actor = account_queries.actor_of(posting.user, posting, on=on)
            city.staff[posting.organisation_id].append(actor)
    return city
