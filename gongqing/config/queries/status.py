"""Which colour has each point of this installation had, since when, and who was told?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import QuerySet

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import Event
from gongqing.config.queries import facts as measured
from gongqing.config.rules import points
from gongqing.config.rules.alarms import check_can_read_status
from gongqing.config.rules.points import Colour, Point
from gongqing.notices import queries as notices
from gongqing.notices.models import Message

CHANGED, SUBJECT = "status.changed", "installation"
REMEMBERED = timedelta(days=366)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A point with the moment from which on it has had its colour; None while no change was ever written."""

    point: Point
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of a point from the trace."""

    colour: Colour
    since: datetime


def lamps(actor: Actor, at: datetime) -> list[Lamp]:
    """Every running point, the gravest first.

    Raises:
        NotPermitted: the actor does not answer for the installation.
    """
    check_can_read_status(actor)
    found = points.by_gravity(points.running_points(measured.facts(at)))
    known = remembered(at)
    return [Lamp(point, _since(point, known.get(point.key))) for point in found]


def remembered(at: datetime) -> Mapping[str, Remembered]:
    """Key → the colour that was written last, and when; nothing without a database."""
    try:
        with scope.acting_as(SYSTEM):
            rows = _changes(at - REMEMBERED).order_by("id").values_list("at", "data")
            return {data["point"]: Remembered(Colour(data["colour"]), moment) for moment, data in rows}
    except DatabaseError:
        return {}


def told_today(at: datetime) -> Mapping[str, int]:
    """Key → how many of its changes were told to the administrators in the last day."""
    with scope.acting_as(SYSTEM):
        rows = _changes(at - DAY).values_list("data", flat=True)
        return Counter(data["point"] for data in rows if data.get("told"))


def notices_of(actor: Actor) -> list[Message]:
    """The actor's own unread notices about the installation, newest first."""
    return list(notices.unread_of(actor).filter(subject_kind=SUBJECT)[:20])


def _changes(after: datetime) -> QuerySet[Event]:
    return Event.objects.filter(kind=CHANGED, at__gt=after)


def _since(point: Point, known: Remembered | None) -> datetime | None:
    return known.since if known is not None and known.colour is point.colour else None
