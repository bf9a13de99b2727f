"""Who works in the demonstration's city, and who are its workers?

The standing accounts of `accounts.rules.DEMO_ACCOUNTS` sign in with the passwords that the demonstration's sign-in
page shows. Everybody else has an account without a password.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.accounts.rules import DEMO_ACCOUNTS, DEMO_PHONE, demo_password
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.config.demo.people import Crowd
from gongqing.config.demo.places import FAR, LONELY_TOWN, NEAR, Places
from gongqing.lib.times import day_of
from gongqing.registry import actions as registry
from gongqing.registry.models import Organisation, Person

MEMBERS_OF_UNION = 3
# towns beyond the two, each with a supervisor of its own, where some appeals come from
OTHER_TOWNS = (
    *("330203009", "330205005", "330206002", "330206009", "330211003", "330212010", "330212110"),
    *("330213002", "330225001", "330226001", "330226111", "330281004", "330281103", "330282123"),
)


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker: the person and, where there is one, the account.

    Attributes:
        phone: in clear; the database holds it sealed.
        town: region code of the employer's town.
    """

    person: Person
    name: str
    phone: str
    employer: str
    town: str
    actor: Actor


@dataclass(slots=True)
class Cast:
    """Everybody, by where they work.

    Attributes:
        at_place: actors by the id of the organisation that they hold their posting at.
        workers: members of the unions; the demonstration's worker is the first.
    """

    at_place: dict[int, list[Actor]] = field(default_factory=lambda: defaultdict(list))
    workers: list[Worker] = field(default_factory=list)
    named: dict[str, Actor] = field(default_factory=dict)


def build_cast(places: Places, crowd: Crowd, *, at: datetime) -> Cast:
    """Open the accounts, appoint the staff and admit the members."""
    cast = Cast()
    names = _invented_names(crowd)
    for username, role, place in [*_standing(places), *_colleagues(places)]:
        _appoint(cast, username, next(names), role, place, crowd, at=at)
    for zone in (*places.zones[NEAR], *places.zones[FAR]):  # the town's officer is the zone's chief as well
        if zone.parent is not None:
            chief = cast.at_place[zone.parent.pk][-1]
            _second_posting(cast, chief, Role.ZONE_CHIEF, zone, at=at)
    _admit_members(cast, places, crowd, at=at)
    return cast


def _standing(places: Places) -> Iterator[tuple[str, Role, Organisation | None]]:
    yield "hotline", Role.HOTLINE_SEAT, places.by_code["RX-12351"]
    yield "grassroots", Role.GRASSROOTS_OFFICER, places.factory_union
    yield "zone", Role.ZONE_WORKER, places.factory_zone
    yield "town", Role.TOWN_SUPERVISOR, places.by_code[NEAR]
    yield "county", Role.COUNTY_SUPERVISOR, places.by_code[NEAR[:6]]
    yield "city", Role.CITY_SUPERVISOR, places.by_code["3302"]
    yield "department", Role.DEPARTMENT_LIAISON, places.by_code["D-330203-RS"]
    yield "mediator", Role.MEDIATOR, places.by_code["TJ-330203"]
    yield "auditor", Role.AUDITOR, None
    yield "admin", Role.ADMINISTRATOR, None
    yield "outsider", Role.GRASSROOTS_OFFICER, places.by_code[f"{LONELY_TOWN}-001"]


def _colleagues(places: Places) -> Iterator[tuple[str, Role, Organisation]]:
    for number in (2, 3):
        yield f"hotline-{number}", Role.HOTLINE_SEAT, places.by_code["RX-12351"]
        yield f"city-{number}", Role.CITY_SUPERVISOR, places.by_code["3302"]
    for code, one in sorted(places.by_code.items()):
        if one.kind in ("county_union", "industrial_union"):
            yield f"county-{code}".lower(), Role.COUNTY_SUPERVISOR, one
        elif one.kind == "department" and code != "D-330203-RS":
            yield f"department-{code}".lower(), Role.DEPARTMENT_LIAISON, one
        elif one.kind == "zone":
            if one.pk != places.factory_zone.pk:
                yield f"zone-{code}".lower(), Role.ZONE_WORKER, one
            yield f"helper-{code}".lower(), Role.ZONE_HELPER, one
    for number, town in enumerate((NEAR, NEAR, FAR, FAR, *OTHER_TOWNS), 1):
        yield f"town-{number}", Role.TOWN_SUPERVISOR, places.by_code[town]
    yield "mediator-330282", Role.MEDIATOR, places.by_code["TJ-330282"]
    for town in (NEAR, FAR):
        for union in places.unions[town]:
            if union.pk != places.factory_union.pk:
                yield f"union-{union.code}", Role.GRASSROOTS_OFFICER, union


def _appoint(
    cast: Cast, username: str, name: str, role: Role, place: Organisation | None, crowd: Crowd, *, at: datetime
) -> None:
    user = accounts.create_user(
        username=username,
        name=name,
        password=demo_password(username) if username in DEMO_ACCOUNTS else "",
        last_digits=crowd.phone(),
        by=SYSTEM,
        at=at,
    )
    since = (at - timedelta(days=200)).date()
    accounts.appoint(
        user_id=user.pk, role=role, organisation_id=place.pk if place else None, since=since, by=SYSTEM, at=at
    )
    actor = account_queries.actor_of(user, on=day_of(at))
    cast.named[username] = actor
    if place is not None:
        cast.at_place[place.pk].append(actor)


def _second_posting(cast: Cast, holder: Actor, role: Role, place: Organisation, *, at: datetime) -> None:
    if holder.user_id is None:
        return
    since = (at - timedelta(days=150)).date()
    posting = accounts.appoint(
        user_id=holder.user_id, role=role, organisation_id=place.pk, since=since, by=SYSTEM, at=at
    )
    cast.at_place[place.pk].append(account_queries.actor_of(posting.user, posting, on=day_of(at)))


def _admit_members(cast: Cast, places: Places, crowd: Crowd, *, at: datetime) -> None:
    names = _invented_names(crowd)
    for town in (NEAR, FAR):
        for union, employer in zip(places.unions[town], places.unionised[town], strict=True):
            for number in range(MEMBERS_OF_UNION):
                is_first = union.pk == places.factory_union.pk and number == 0
                phone = DEMO_PHONE if is_first else crowd.phone()
                name = next(names)
                person = registry.find_or_register_person(
                    name=name,
                    phone=phone,
                    id_number=crowd.id_number(),
                    region=union.region,
                    employer=employer,
                    by=SYSTEM,
                    at=at,
                )
                since = (at - timedelta(days=120 + 37 * number)).date()
                registry.admit_member(person_id=person.pk, union_id=union.pk, since=since, by=SYSTEM, at=at)
                actor = _worker_actor(person, phone, at=at, username="worker" if is_first else "", wanted=number == 0)
                cast.workers.append(Worker(person, name, phone, employer.name, town, actor))
                if is_first:
                    cast.named["worker"] = actor


def _worker_actor(person: Person, phone: str, *, at: datetime, username: str, wanted: bool) -> Actor:
    if not wanted:
        return Actor(role=Role.WORKER, name=account_queries.WORKER_NAME, person_id=person.pk)
    user = accounts.create_user(
        username=username or f"worker-{person.pk}", name="职工", last_digits=phone, person=person, by=SYSTEM, at=at
    )
    return account_queries.worker_of(user)


def _invented_names(crowd: Crowd) -> Iterator[str]:
    seen: set[str] = set()
    while True:
        name = crowd.name()
        if name not in seen:
            seen.add(name)
            yield name
