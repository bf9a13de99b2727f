"""What does routing need to know of an appeal and of the organisations of its place?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from gongqing.appeals.models import Appeal
from gongqing.audit import writing
from gongqing.audit.journeys import asked
from gongqing.audit.reading import Asking, Prepared
from gongqing.dispatch.models import RoutingPolicy
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.rules.routing import Candidate, Matter, Routes, routes_in_force
from gongqing.lib.remembering import remembered
from gongqing.registry import queries as registry
from gongqing.registry.models import Enterprise, Level, Organisation, Region

_LOADS = "dispatch.loads"


@remembered
def routes_on(day: date) -> Routes:
    """The routing rows in force on a day."""
    versions = RoutingPolicy.objects.annotate(text=Cast("rows", TextField())).order_by("id")
    return routes_in_force([_read(text, until) for text, until in versions.values_list("text", "effective_to")], day)


# by the text, never by the row's number: a restored data base may hold another version under it
@lru_cache(maxsize=64)
def _read(text: str, until: date | None) -> Routes:
    return Routes.from_json({**json.loads(text), "effective_to": until.isoformat() if until else None})


@remembered
def organisation_of(number: int) -> Organisation:
    """One organisation."""
    found = _numbered.first(number)
    if found is None:
        raise Organisation.DoesNotExist(number)
    return found


@remembered
def active_organisation(number: int) -> Organisation | None:
    """One organisation that is in use."""
    found = _numbered.first(number)
    return found if found is not None and found.is_active else None


@Prepared
def _numbered(_: None, number: int) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk=number)


def own_union_of(appeal: Appeal) -> Organisation | None:
    """The union of the employer that the appeal names, known by the employer or by its name."""
    if appeal.employer_id is not None:
        return registry.union_of_enterprise(appeal.employer_id)
    employer = registry.employer_named(appeal.employer_name) if appeal.employer_name else None
    return registry.union_of_enterprise(employer.pk) if employer else None


def employer_asked(appeal_id: int) -> Asking[Enterprise]:
    """Who bears the name that an appeal gives for the employer, to be asked together with others."""
    return _named_by(appeal_id)


def keep_employer(appeal: Appeal) -> None:
    """Let the block around know the employer that was asked for ahead."""
    registry.keep_employer(appeal.employer_name, _named_by.all(appeal.pk))


@Prepared
def _named_by(_: None, appeal_id: int) -> QuerySet[Enterprise]:
    named = Appeal.objects.filter(pk=appeal_id).exclude(employer_name="").values("employer_name")
    return Enterprise.objects.filter(name__in=named).select_related("region")[:2]


def matter_of(appeal: Appeal, *, own_union: Organisation | None, on: date, is_member: bool | None = None) -> Matter:
    """The appeal as routing sees it; `is_member` spares a look at the membership where it is known already."""
    region, category = place_of(appeal, own_union), appeal.category
    if is_member is None:
        person = None if appeal._state.adding and appeal.person and appeal.person._state.adding else appeal.person_id
        is_member = person is not None and registry.union_of_person(person, on) is not None
    return Matter(
        grade=appeal.grade,
        category=category.code if category else "OT06",
        category_level=category.level if category else Level.ZONE,
        county=region.code[:6] if region and len(region.code) >= 6 else "",
        town=region.code if region and len(region.code) >= 9 else "",
        own_union=own_union.path if own_union else None,
        is_member=is_member,
        anonymous_to_employer=appeal.anonymous_to_employer,
        rules=frozenset(reason["rule"] for reason in appeal.grade_reasons),
        channel=appeal.channel,
        kind=appeal.kind,
    )


def place_of(appeal: Appeal, own_union: Organisation | None) -> Region | None:
    """Where it belongs: the place said, else the employer's, else the employer's union's."""
    if appeal.region is not None:
        return appeal.region
    if appeal.employer is not None and appeal.employer.region is not None:
        return appeal.employer.region
    return own_union.region if own_union else None


def candidates_for(appeal: Appeal, *, own_union: Organisation | None, on: date) -> list[Candidate]:
    """Every organisation that could handle the appeal, with its load."""
    region = place_of(appeal, own_union) or registry.city()
    found: dict[int, Organisation] = {}
    city = registry.city_union()
    own_zone = registry.zone_of_union(own_union.pk, on) if own_union else None
    for organisation in [
        city,
        own_union,
        *([own_zone] if own_zone else registry.candidates(Level.ZONE, region)),
        *(registry.candidates(Level.TOWN, region) + registry.candidates(Level.COUNTY, region) if region else []),
        *registry.candidates(Level.DEPARTMENT, region),
    ]:
        if organisation is not None and organisation.is_active:
            found[organisation.pk] = organisation
    loads = _Loads(found.values())
    return [
        Candidate(
            organisation_id=organisation.pk,
            level=organisation.level,
            path=organisation.path,
            name=str(organisation),
            load_of=loads.of,
            categories=frozenset(organisation.categories),
        )
        for organisation in found.values()
    ]


class _Loads:
    """Open orders per person of each organisation, counted for a whole level when two of it are compared.

    In a block that writes together they are counted once, and what is placed meanwhile is added.
    """

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self.levels = {organisation.pk: organisation.level for organisation in organisations}
        kept = writing.kept()
        self.known: dict[int, tuple[int, int]] = kept.setdefault(_LOADS, {}) if kept is not None else {}

    def of(self, organisation_id: int) -> float:
        if organisation_id not in self.known:
            same = [number for number, each in self.levels.items() if each == self.levels[organisation_id]]
            self.known |= _load([number for number in same if number not in self.known])
        count, staff = self.known[organisation_id]
        return count / staff


def count_as_placed(organisation_id: int) -> None:
    """Count one more open order of an organisation for the rest of a block that writes together."""
    kept = writing.kept()
    known: dict[int, tuple[int, int]] = kept.get(_LOADS, {}) if kept is not None else {}
    if organisation_id in known:
        count, staff = known[organisation_id]
        known[organisation_id] = count + 1, staff


_LOAD = """
SELECT o.id, (SELECT count(*) FROM dispatch_order d WHERE d.organisation_id = o.id AND d.status = ANY($2::text[])),
       (SELECT count(*) FROM accounts_posting p WHERE p.organisation_id = o.id AND p.until IS NULL)
FROM unnest($1::bigint[]) AS o(id)"""


def _load(ids: list[int]) -> dict[int, tuple[int, int]]:
    """Open orders and staff of each organisation."""
    (found,) = asked([(_LOAD, [ids, [str(each) for each in OPEN_ORDERS]])])
    return {number: (open_orders, staff or 1) for number, open_orders, staff in found.fetchall()}
