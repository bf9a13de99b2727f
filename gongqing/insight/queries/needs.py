"""What does the catalogue of indicators count of shared needs, and where are they listed?"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from gongqing.audit.actor import Actor
from gongqing.insight.queries import catalogue
from gongqing.insight.rules.periods import Period
from gongqing.registry.models import Organisation, Region
from gongqing.voices.queries.counted import Asked, Counted, needs_counted
from gongqing.voices.rules.track import READERS

_COUNTED: Mapping[str, Counted] = {
    "shared_needs": Counted.FOLLOWED,
    "shared_needs_found": Counted.FOUND,
    "shared_needs_finished": Counted.FINISHED,
    "shared_needs_open": Counted.OPEN,
}


def connect_needs() -> None:
    """From now on `voices` counts its indicators."""
    catalogue.connect("voices", _count, _address)


def _count(actor: Actor, key: str, period: Period, area: Region | Organisation | None) -> int:
    return needs_counted(actor, Asked(_COUNTED[key], period.first, period.last, area)).count()


def _address(actor: Actor, key: str, period: Period, area: Region | Organisation | None) -> str:
    """The list of those that were counted; nothing for who does not read shared needs."""
    if actor.role not in READERS:
        return ""
    given = {"counted": _COUNTED[key].value}
    if _COUNTED[key] is not Counted.OPEN:
        given |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    if area is not None:
        given["area"] = area.code if isinstance(area, Region) else f"o{area.pk}"
    return f"/desk/needs?{urlencode(given)}"
