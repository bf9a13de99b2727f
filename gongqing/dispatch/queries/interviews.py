"""Which talks are to be held, and which are on record?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from gongqing.appeals.models import Appeal
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.models import Interview
from gongqing.dispatch.rules import permissions
from gongqing.lib.errors import NotFound, NotPermitted

READERS = frozenset({*permissions.LEVEL_OF_SUPERVISOR, Role.ZONE_CHIEF, Role.AUDITOR}) - {Role.SYSTEM}
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Talk:
    """One talk as the list shows it."""

    row: Interview
    is_late: bool
    late_by: timedelta
    may_record: bool

    @property
    def is_open(self) -> bool:
        return self.row.recorded_at is None


def may_record(interview: Interview, actor: Actor) -> bool:
    """Whoever supervises at the organisation that calls in, or above it."""
    if actor.role not in (*permissions.LEVEL_OF_SUPERVISOR, Role.ZONE_CHIEF):
        return False
    return actor.organisation_id == interview.held_by_id or permissions.stands_above(actor, interview.held_by.path)


def interviews(actor: Actor) -> QuerySet[Interview]:
    """The talks about appeals in the actor's view, open ones first by the day they are due, then the latest held.

    Raises:
        NotPermitted: no supervisor and no auditor.
    """
    if actor.role not in READERS:
        raise NotPermitted("约谈由督办岗位查看和填写。")
    found = Interview.objects.filter(appeal__in=Appeal.objects.visible_to(actor))
    found = found.select_related("appeal__category", "organisation", "held_by")
    return found.order_by(F("recorded_at").desc(nulls_first=True), "due_at", "-id")


def talks(actor: Actor, at: datetime) -> Sequence[Talk]:
    """What the page lists; at most a hundred.

    Raises:
        NotPermitted.
    """
    return [_talk(row, actor, at) for row in interviews(actor)[:LONGEST]]


def talk_numbered(interview_id: int, actor: Actor, at: datetime) -> Talk:
    """One talk.

    Raises:
        NotPermitted, NotFound.
    """
    row = interviews(actor).filter(pk=interview_id).first()
    if row is None:
        raise NotFound("没有这次约谈，或者不在您能看的范围内。")
    return _talk(row, actor, at)


def _talk(row: Interview, actor: Actor, at: datetime) -> Talk:
    return Talk(
        row=row,
        is_late=row.recorded_at is None and row.due_at < at,
        late_by=at - row.due_at,
        may_record=row.recorded_at is None and may_record(row, actor),
    )
