"""Loading the official divisions of a city."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.registry import rules
from gongqing.registry.models import Region


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many divisions a load added, renamed or moved, and found unchanged."""

    added_count: int
    changed_count: int
    unchanged_count: int


@transaction.atomic
def load_regions(*, rows: Iterable[rules.RegionRow], by: Actor, at: datetime) -> Loaded:
    """Add and correct divisions; nothing is deleted, and a second load of the same rows changes nothing.

    Raises:
        BadInputs: a county or town has no parent, neither in the rows nor in the database; nothing is saved.
    """
    wanted = rules.parents_first(rows)
    if not wanted:
        raise BadInput("file", "文件里没有可以装入的区划。")
    known = {region.code: region for region in Region.objects.select_for_update()}
    codes = set(known) | {row.code for row in wanted}
    regions = [_region(row, codes) for row in wanted]
    if orphans := [region for region in regions if region.level != "city" and region.parent_id is None]:
        raise BadInputs(
            [BadInput("file", f"{one.code} {one.name}：文件和数据库里都没有它的上级区划。") for one in orphans[:20]]
        )
    added = [region for region in regions if region.code not in known]
    changed = [region for region in regions if region.code in known and _differs(region, known[region.code])]
    Region.objects.bulk_create(added)
    Region.objects.bulk_update(changed, ["name", "level", "parent"])
    loaded = Loaded(len(added), len(changed), len(regions) - len(added) - len(changed))
    first = regions[0]
    events.record(
        "regions.loaded",
        subject=_NoSubject(),
        subject_kind="region",
        by=by,
        at=at,
        first=first.code,
        added=loaded.added_count,
        changed=loaded.changed_count,
    )
    return loaded


class _NoSubject:
    pk = None  # a load concerns many regions, whose keys are no numbers


def _region(row: rules.RegionRow, codes: set[str]) -> Region:
    parent = next((code for code in row.parents if code in codes), None)
    return Region(code=row.code, name=row.name, level=row.level, parent_id=parent)


def _differs(new: Region, old: Region) -> bool:
    return (new.name, new.level, new.parent_id) != (old.name, old.level, old.parent_id)
