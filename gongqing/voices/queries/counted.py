"""How many shared needs are there, where and when? The one count that reports, walls, dashboards and partners read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import Q

from gongqing.audit.actor import Actor
from gongqing.lib.workdays import end_of_day, start_of_day
from gongqing.registry.models import Organisation, Region
from gongqing.voices.models import SharedNeed, SharedNeedQuerySet
from gongqing.voices.rules.hearing import LEAST_SHOWN
from gongqing.voices.rules.track import NOT_COUNTED, SETTLED, NeedState


class Counted(StrEnum):
    """What is counted of shared needs; `COUNTED_WORDS` says it."""

    FOLLOWED = "followed"
    FOUND = "found"
    FINISHED = "finished"
    OPEN = "open"


COUNTED_WORDS: Mapping[str, str] = {
    Counted.FOLLOWED: "期间内跟踪",
    Counted.FOUND: "期间内听出",
    Counted.FINISHED: "期间内办成",
    Counted.OPEN: "目前没有办完",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which shared needs are asked for.

    Attributes:
        first, last: both days belong to it; what is open now does not look at them.
        area: a division and all below it, or a union and all below it; None for everything in view.
    """

    what: Counted
    first: date | None = None
    last: date | None = None
    area: Region | Organisation | None = None


def needs_counted(actor: Actor, asked: Asked) -> SharedNeedQuerySet:
    """The shared needs behind a count, in the actor's view; never one of so few people that they could be named.

    What was dismissed, or put into another one, is none. Followed is what was heard by the last day and had not come
    to its end before the first.
    """
    found = SharedNeed.objects.visible_to(actor).filter(person_count__gte=LEAST_SHOWN)
    found = found.exclude(state__in=NOT_COUNTED)
    if isinstance(asked.area, Region):
        found = found.filter(organisation__region__code__startswith=asked.area.code)
    elif asked.area is not None:
        path = asked.area.path
        found = found.filter(organisation__path__gte=path, organisation__path__lt=path[:-1] + "0")
    if asked.what is Counted.OPEN:
        return found.exclude(state__in=SETTLED)
    if asked.what is Counted.FINISHED:
        found = found.filter(state__in=[NeedState.DONE, NeedState.FED_BACK])
        return found.filter(*_between("done_on", asked.first, asked.last))
    if asked.last is not None:
        found = found.filter(found_at__lt=end_of_day(asked.last))
    if asked.first is None:
        return found
    since = start_of_day(asked.first)
    if asked.what is Counted.FOUND:
        return found.filter(found_at__gte=since)
    return found.exclude(state=NeedState.FED_BACK, last_at__lt=since, done_on__lt=asked.first)


def _between(field: str, first: date | None, last: date | None) -> list[Q]:
    parts = []
    if first is not None:
        parts.append(Q(**{f"{field}__gte": first}))
    if last is not None:
        parts.append(Q(**{f"{field}__lte": last}))
    return parts
