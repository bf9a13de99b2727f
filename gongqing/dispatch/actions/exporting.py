"""Keep the trace of a list that left the platform as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gongqing.audit import events
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import NotPermitted


@dataclass
class _List:
    """A list as the subject of an event; it has no row."""

    pk: None = None


def check_can_export(by: Actor) -> None:
    """Lists leave the platform in the hands of supervisors, hotline seats and auditors alone.

    Raises:
        NotPermitted.
    """
    if by.role not in (
        Role.TOWN_SUPERVISOR,
        Role.COUNTY_SUPERVISOR,
        Role.CITY_SUPERVISOR,
        Role.HOTLINE_SEAT,
        Role.AUDITOR,
    ):
        raise NotPermitted("导出清单由镇街及以上督办岗位、热线坐席和审计员进行。")


@transaction.atomic
def record_export(*, count: int, filters: str, by: Actor, at: datetime, address: str | None = None) -> None:
    """Write an event and a line of the access log for an export of so many rows.

    Raises:
        NotPermitted.
    """
    check_can_export(by)
    events.record("list.exported", subject=_List(), subject_kind="list", by=by, at=at, note=filters, count=count)
    events.record_access(
        "list.exported",
        subject_kind="list",
        subject_id=None,
        by=by,
        at=at,
        reason=filters[:500],
        address=address,
        count=count,
    )
