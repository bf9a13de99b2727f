"""Tell the worker by short message: taken in, who has it and by when, who will ring, that there is an answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals.actions.answering import EVALUATION_DAYS
from gongqing.appeals.models import Appeal, Channel
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import ANSWERED, CLOSED, Status
from gongqing.audit import events, scope
from gongqing.audit import queries as audit
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import CallBack
from gongqing.dispatch.rules.slips import DECLINED
from gongqing.lib.codes import is_mobile
from gongqing.lib.times import WEEKDAYS, day_of
from gongqing.notices import actions as notices
from gongqing.registry.models import LoadRow

TOLD = "appeal.worker_told"
OLD_ROW = timedelta(days=3)  # a row of a file older than this was answered for elsewhere, or has been told
NEWS = timedelta(days=1)  # what came in longer ago is no news to its worker


@transaction.atomic
def announce_receipt(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Tell the worker that the matter was taken in, its code and where to look; True when a message was queued.

    The query password is never sent. Rows of a file, old matters and those that have an answer are not announced.
    """
    appeal = _locked(appeal_id)
    if appeal.channel == Channel.IMPORT or appeal.status in ANSWERED | CLOSED or at - appeal.received_at > NEWS:
        return False
    values = {"code": appeal.code, "link": f"{settings.GONGQING.site_url}/lookup"}
    return _tell(appeal, "receipt", "received", values, by=by, at=at)


@transaction.atomic
def announce_handler(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Tell the worker once a round who has the matter and by when; True when a message was queued.

    In a second round the worker is also told who will ring. Nobody is told of a matter that has been answered or has
    ended meanwhile, nor, in the first round, of one that a file brought in days later.
    """
    appeal = _locked(appeal_id)
    if appeal.handler is None or appeal.due_at is None or appeal.status in ANSWERED | CLOSED:
        return False
    if appeal.reopened_count == 0 and _is_old_row(appeal):
        return False
    values = {"code": appeal.code, "handler": str(appeal.handler), "due": _day(appeal.due_at)}
    template = "transferred_again" if appeal.reopened_count else "transferred"
    told = _tell(appeal, "handler", template, values, by=by, at=at)
    if told and appeal.reopened_count:
        _announce_call(appeal, by=by, at=at)
    return told


@transaction.atomic
def announce_answer(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Tell the worker of a matter that goes on outside the union that there is a word to read."""
    appeal = _locked(appeal_id)
    if appeal.status != Status.TRACKED or appeal.handler is None:
        return False
    link = f"{settings.GONGQING.site_url}/a/{appeal.code}"
    values = {"code": appeal.code, "handler": str(appeal.handler), "link": link}
    return _tell(appeal, "answer", "answered", values, by=by, at=at)


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
    values = {"code": appeal.code, "link": link, "days": str(EVALUATION_DAYS)}
    _tell(appeal, "evaluation", "evaluate", values, by=by, at=at)
    return True


def _locked(appeal_id: int) -> Appeal:
    return Appeal.objects.select_for_update(of=("self",)).select_related("handler", "person").get(pk=appeal_id)


def _is_old_row(appeal: Appeal) -> bool:
    """Whether it came in a file, days after the worker spoke."""
    if appeal.entered_at - appeal.received_at <= OLD_ROW:
        return False
    rows = LoadRow.objects.filter(source=appeal.source, external_id=appeal.external_id)
    return rows.filter(subject_kind="appeal", subject_id=appeal.pk).exists()


def _announce_call(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    call = CallBack.objects.filter(appeal=appeal, done_at__isnull=True).select_related("organisation").first()
    if call is not None and call.due_at > at:
        values = {"code": appeal.code, "handler": str(call.organisation), "due": _day(call.due_at)}
        _tell(appeal, "call_back", "call_back", values, by=by, at=at)


def _tell(appeal: Appeal, about: str, template: str, values: Mapping[str, str], *, by: Actor, at: datetime) -> bool:
    """Queue a message to the worker's phone, unless the trace says that this was told in this round."""
    round_number = appeal.reopened_count + 1
    told = audit.events_of("appeal", appeal.pk).filter(kind=TOLD, data__about=about, data__round=round_number)
    if told.exists() or appeal.person is None or audit.events_of("appeal", appeal.pk).filter(kind=DECLINED).exists():
        return False
    with scope.elevated():
        phone = appeal.person.reveal("phone")
        if not is_mobile(phone):
            return False
        notices.send_message(
            phone=phone,
            template=template,
            values=values,
            by=by,
            at=at,
            subject_kind="appeal",
            subject_id=appeal.pk,
            urgent=appeal.grade == Grade.RED,
        )
        events.record(TOLD, subject=appeal, by=by, at=at, about=about, round=round_number)
    return True


def _day(deadline: datetime) -> str:
    day = day_of(deadline - timedelta(seconds=1))
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
