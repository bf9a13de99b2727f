"""Tell the worker by short message: who has the matter and by when, and that there is an answer to judge."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import ANSWERED, CLOSED, Status
from gongqing.audit import events, scope
from gongqing.audit import queries as audit
from gongqing.audit.actor import Actor
from gongqing.lib.times import WEEKDAYS, day_of
from gongqing.notices import actions as notices

TOLD = "appeal.worker_told"


@transaction.atomic
def announce_handler(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Tell the worker once a round who has the matter and by when; True when a message was queued.

    Nobody is told of a matter that has been answered or has ended meanwhile.
    """
    appeal = _locked(appeal_id)
    if appeal.handler is None or appeal.due_at is None or appeal.status in ANSWERED | CLOSED:
        return False
    day = day_of(appeal.due_at - timedelta(seconds=1))
    again = "重新" if appeal.reopened_count else ""
    text = (
        f"您说的事已{again}转给{appeal.handler}办理，最晚{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）答复您。"
    )
    return _tell(appeal, "handler", f"{text}编号{appeal.code}", by=by, at=at)


@transaction.atomic
def ask_evaluation(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Invite the worker to judge an answer, once a round; True when it was done now.

    With a phone the one-time link goes out by short message; without one the page of the appeal asks.
    """
    appeal = _locked(appeal_id)
    if appeal.status != Status.RESOLVED:
        return False
    appeal, token = appeals.invite_evaluation(appeal_id=appeal_id, by=by, at=at)
    link = f"{settings.GONGQING.site_url}/e/{token}"
    _tell(appeal, "evaluation", f"您说的事办好了，请点开看结果，说一句满意不满意（15天内）：{link}", by=by, at=at)
    return True


def _locked(appeal_id: int) -> Appeal:
    return Appeal.objects.select_for_update(of=("self",)).select_related("handler", "person").get(pk=appeal_id)


def _tell(appeal: Appeal, about: str, text: str, *, by: Actor, at: datetime) -> bool:
    """Queue a message to the worker's phone, unless the trace says that this was told in this round."""
    round_number = appeal.reopened_count + 1
    told = audit.events_of("appeal", appeal.pk).filter(kind=TOLD, data__about=about, data__round=round_number)
    if told.exists() or appeal.person is None:
        return False
    with scope.elevated():
        phone = appeal.person.reveal("phone")
        if not phone:
            return False
        notices.send_message(phone=phone, text=text, by=by, at=at, subject_kind="appeal", subject_id=appeal.pk)
        events.record(TOLD, subject=appeal, by=by, at=at, about=about, round=round_number)
    return True
