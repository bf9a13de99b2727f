"""Who stands on the stage of the tests?

A small invented city with one person in every role, made through the real actions. Two counties: everything happens in
the first; the outsider and the stranger belong to the second and must see nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.appeals import actions as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.dispatch import actions as dispatch
from gongqing.lib.codes import uscc_check_char
from gongqing.registry import actions as registry
from gongqing.registry import rules as registry_rules
from gongqing.registry.models import Enterprise, Organisation, Region

PASSWORD = "Yongjiang-2025"
REGIONS = """code,name,areaCode,provinceCode,cityCode
3302,宁波市,,33,
330206,北仑区,,33,3302
330212,鄞州区,,33,3302
330206001,新碶街道,330206,33,3302
330206002,小港街道,330206,33,3302
330212001,下应街道,330212,33,3302
"""


@dataclass(frozen=True)
class Player:
    """A person with an account.

    Attributes:
        posting_id: the posting that the actor acts in; None for workers.
        phone: the worker's phone in clear; empty for staff.
    """

    username: str
    user_id: int
    posting_id: int | None
    actor: Actor
    phone: str = ""


@dataclass(frozen=True)
class Places:
    """The organisations and employers of the small city.

    The zone lies in `town` and holds `union` (of the employer `factory`) and `second_union`. `workshop` is an employer
    in `town` that has no union. `neighbour_town` lies in the same county as `town`, `other_town` in `other_county`.
    """

    city: Organisation
    county: Organisation
    other_county: Organisation
    town: Organisation
    neighbour_town: Organisation
    other_town: Organisation
    zone: Organisation
    union: Organisation
    second_union: Organisation
    department: Organisation
    hotline: Organisation
    room: Organisation
    factory: Enterprise
    workshop: Enterprise


@dataclass(frozen=True)
class Cast:
    """One person in every role. `worker` is a member of `places.union`; `stranger` a worker of nobody's."""

    places: Places
    worker: Player
    stranger: Player
    hotline: Player
    grassroots: Player
    zone: Player
    zone_chief: Player
    zone_instructor: Player
    zone_helper: Player
    town: Player
    county: Player
    city: Player
    department: Player
    mediator: Player
    auditor: Player
    admin: Player
    outsider: Player

    def players(self) -> dict[str, Player]:
        """Everybody by name, in the order above."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "places"}


def build(at: datetime) -> Cast:
    """Found the city and appoint everybody; needs a database at the present state of the migrations."""
    with scope.acting_as(SYSTEM):
        appeals.load_categories(by=SYSTEM, at=at)
        appeals.load_grade_policy(by=SYSTEM, at=at)
        dispatch.load_clock_policy(by=SYSTEM, at=at)
        dispatch.load_routing_policy(by=SYSTEM, at=at)
        places = _places(at)
        workers = {"worker": ("13800000001", places.factory), "stranger": ("13800000002", None)}
        people = {name: _worker(name, phone, employer, at) for name, (phone, employer) in workers.items()}
        person = people["worker"].actor.person_id
        assert person is not None
        registry.admit_member(
            person_id=person, union_id=places.union.pk, since=(at - timedelta(days=900)).date(), by=SYSTEM, at=at
        )
        staff = {name: _staff(name, role, place, at) for name, (role, place) in _postings(places).items()}
    return Cast(places=places, **people, **staff)


def _policies(at: datetime) -> None:
    appeals.load_categories(by=SYSTEM, at=at)
    appeals.load_grade_policy(by=SYSTEM, at=at)
    dispatch.load_clock_policy(by=SYSTEM, at=at)
    dispatch.load_routing_policy(by=SYSTEM, at=at)


def _postings(places: Places) -> dict[str, tuple[Role, Organisation | None]]:
    return {
        "hotline": (Role.HOTLINE_SEAT, places.hotline),
        "grassroots": (Role.GRASSROOTS_OFFICER, places.union),
        "zone": (Role.ZONE_WORKER, places.zone),
        "zone_chief": (Role.ZONE_CHIEF, places.zone),
        "zone_instructor": (Role.ZONE_INSTRUCTOR, places.zone),
        "zone_helper": (Role.ZONE_HELPER, places.zone),
        "town": (Role.TOWN_SUPERVISOR, places.town),
        "county": (Role.COUNTY_SUPERVISOR, places.county),
        "city": (Role.CITY_SUPERVISOR, places.city),
        "department": (Role.DEPARTMENT_LIAISON, places.department),
        "mediator": (Role.MEDIATOR, places.room),
        "auditor": (Role.AUDITOR, None),
        "admin": (Role.ADMINISTRATOR, None),
        "outsider": (Role.TOWN_SUPERVISOR, places.other_town),
    }


def _places(at: datetime) -> Places:
    registry.load_regions(rows=registry_rules.region_rows(REGIONS), by=SYSTEM, at=at)
    region = {one.code: one for one in Region.objects.all()}

    def found(code: str, name: str, kind: str, **given: object) -> Organisation:
        return registry.found_organisation(code=code, name=name, kind=kind, by=SYSTEM, at=at, **given)  # type: ignore[arg-type]

    def employer(serial: int, name: str, headcount: int) -> Enterprise:
        body = f"91330206MA9{serial:06d}"
        return registry.register_enterprise(
            name=name,
            uscc=body + uscc_check_char(body),
            region=region["330206001"],
            headcount=headcount,
            by=SYSTEM,
            at=at,
        )

    factory = employer(1, "海塘精密铸造（虚构）有限公司", 320)
    workshop = employer(2, "小满五金加工（虚构）厂", 12)
    city = found("C", "宁波市总工会", "city_union", region=region["3302"])
    county = found("C1", "北仑区总工会", "county_union", parent=city, region=region["330206"])
    other_county = found("C2", "鄞州区总工会", "county_union", parent=city, region=region["330212"])
    town = found("T1", "新碶街道总工会", "town_union", parent=county, region=region["330206001"])
    places = Places(
        city=city,
        county=county,
        other_county=other_county,
        town=town,
        neighbour_town=found("T2", "小港街道总工会", "town_union", parent=county, region=region["330206002"]),
        other_town=found("T3", "下应街道总工会", "town_union", parent=other_county, region=region["330212001"]),
        zone=found("Z1", "新碶街道第一片区", "zone", parent=town, region=region["330206001"]),
        union=found(
            "U1", "海塘精密铸造工会", "grassroots_union", parent=town, enterprise=factory, region=region["330206001"]
        ),
        second_union=found("U2", "新碶街道楼宇联合工会", "federation", parent=town, region=region["330206001"]),
        department=found("D1", "北仑区人力资源和社会保障局", "department", region=region["330206"]),
        hotline=found("H1", "12351 职工热线", "hotline", parent=city, region=region["3302"]),
        room=found("M1", "北仑区劳动争议调处工作室", "mediation_room", parent=county, region=region["330206"]),
        factory=factory,
        workshop=workshop,
    )
    since = (at - timedelta(days=300)).date()
    for union in (places.union, places.second_union):
        registry.link_union_to_zone(zone_id=places.zone.pk, union_id=union.pk, since=since, by=SYSTEM, at=at)
    return places


def _worker(name: str, phone: str, employer: Enterprise | None, at: datetime) -> Player:
    person = registry.find_or_register_person(name="虚构职工", phone=phone, employer=employer, by=SYSTEM, at=at)
    user = accounts.create_user(username=name, name="职工", last_digits=phone, person=person, by=SYSTEM, at=at)
    return Player(name, user.pk, None, account_queries.worker_of(user), phone)


def _staff(name: str, role: Role, place: Organisation | None, at: datetime) -> Player:
    user = accounts.create_user(
        username=name, name=f"演员{name}", password=PASSWORD, last_digits="0417", by=SYSTEM, at=at
    )
    posting = accounts.appoint(
        user_id=user.pk,
        role=role,
        organisation_id=place.pk if place else None,
        since=(at - timedelta(days=300)).date(),
        by=SYSTEM,
        at=at,
    )
    return Player(name, user.pk, posting.pk, account_queries.actor_of(user, posting, on=at.date()))
