"""Settle where an appeal lies: a person says it, or agrees with what its words seem to say."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries
from gongqing.appeals.actions.access import end_access, grant_access
from gongqing.appeals.models import AccessReason, Appeal
from gongqing.appeals.rules import permissions
from gongqing.appeals.rules.statuses import check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Organisation, Region

PLACES = frozenset({Level.COUNTY, Level.TOWN})


@transaction.atomic
def locate_appeal(*, appeal_id: int, region_code: str, by: Actor, at: datetime, reason: str = "") -> Appeal:
    """A person settles the division in which an appeal lies; its code stays.

    The new county's union sees it from now on, the former one no longer for its place alone. Who handles it follows by
    the routing rules as long as nobody has signed.

    Raises:
        NotPermitted, NotAllowed: who; ended, or there already. BadInput: on `place`, no county or town of this city.
    """
    appeal = queries.lock(appeal_id, by)
    permissions.check_can_locate(by.role)
    check_open(appeal.status)
    with scope.elevated():
        region = registry.region_of(region_code)
        if region is None or region.level not in PLACES:
            raise BadInput("place", "请选本市的区县或镇街。")
        former = appeal.region
        if former is not None and former.code == region.code:
            raise NotAllowed(f"所在地已经是{region}，不用再改。")
        _carry_sight(appeal, former, region, at=at)
        appeal.region = region
        appeal.save(update_fields=["region"])
        note = f"{former or '未填'}改为{region}"
        events.record(
            "appeal.located",
            subject=appeal,
            by=by,
            at=at,
            note=f"{note}；{reason.strip()}" if reason.strip() else note,
            region=region.code,
            former=former.code if former else "",
        )
    return appeal


def _carry_sight(appeal: Appeal, former: Region | None, region: Region, *, at: datetime) -> None:
    """The county in which it lies sees it."""
    before, now = _county_union(former), _county_union(region)
    if before == now:
        return
    if before is not None:
        end_access(appeal=appeal, why=AccessReason.TRIAGE, at=at, path=before.path)
    if now is not None:
        grant_access(appeal=appeal, why=AccessReason.TRIAGE, path=now.path, at=at)


def _county_union(region: Region | None) -> Organisation | None:
    return registry.union_of_region(region, Level.COUNTY) if region else None
