"""Put on record what was said when a handler was called in (约谈)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.rules.intake import tidy_text
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import Interview
from gongqing.dispatch.queries.interviews import may_record
from gongqing.dispatch.rules.interviews import check_record
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted


@transaction.atomic
def record_interview(
    *, interview_id: int, held_at: datetime | None, people: str, said: str, agreed: str, by: Actor, at: datetime
) -> Interview:
    """Write down when the talk was held, who took part, what was said and what was agreed; once.

    Raises:
        NotFound, NotPermitted: neither of the organisation that calls in nor above it. NotAllowed: on record already.
        BadInput: on the field that is missing or cannot be.
    """
    interview = Interview.objects.select_related("held_by").filter(pk=interview_id).first()
    if interview is None:
        raise NotFound("没有这次约谈，或者不在您能看的范围内。")
    if not may_record(interview, by):
        raise NotPermitted(f"约谈记录由{interview.held_by}或它的上级填写。")
    appeal = appeal_queries.lock(interview.appeal_id, by)
    interview = Interview.objects.select_for_update().get(pk=interview_id)
    if interview.recorded_at is not None:
        raise NotAllowed(f"{interview.by_name}已经填过约谈记录。")
    check_record(held_at=held_at, made_at=interview.made_at, at=at, people=people, said=said, agreed=agreed)
    interview.held_at, interview.people = held_at, people.strip()
    interview.said, interview.agreed = tidy_text(said), tidy_text(agreed)
    interview.recorded_at, interview.by_name = at, by.name
    with scope.elevated():
        interview.save(update_fields=["held_at", "people", "said", "agreed", "recorded_at", "by_name"])
        events.record("appeal.interviewed", subject=appeal, by=by, at=at, note=interview.agreed, interview=interview.pk)
    return interview
