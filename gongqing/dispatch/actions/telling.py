"""Tell the worker by short message: taken in, who has it and by when, who will ring, that there is an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals.actions.answering import EVALUATION_DAYS
from gongqing.appeals.models import Appeal, Channel
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import ANSWERED, CLOSED, Status
from gongqing.audit import events, writing
from gongqing.audit import queries as audit
from gongqing.audit.actor import Actor
from gongqing.audit.scope import elevated
from gongqing.dispatch.models import CallBack
from gongqing.dispatch.rules.slips import DECLINED
from gongqing.lib.codes import is_mobile
from gongqing.lib.times import WEEKDAYS, day_of
from gongqing.notices import actions as notices
from gongqing.registry.models import LoadRow

TOLD = "appeal.worker_told"
OLD_ROW = timedelta(days=3)  # a row of a file older than this was answered for elsewhere, or has been told
NEWS = timedelta(days=1)  # what came in longer ago is no news to its worker


class News(StrEnum):
    """What a worker is told, each once a round."""

    RECEIPT = "receipt"
    HANDLER = "handler"
    ANSWER = "answer"
    EVALUATION = "evaluation"


@dataclass(slots=True)
class _Telling:
    """What is said to workers in one go.

    Attributes:
        said: for each appeal what was told in which round, or that nothing is to be told.
        old_rows: the appeals that came in a file, days after the worker spoke.
        drafts: the messages, with their appeals and what they are about.
    """

    by: Actor
    at: datetime
    said: dict[int, set[tuple[str, int]]]
    silent: set[int]
    old_rows: set[int]
    drafts: list[tuple[Appeal, str, notices.Draft]] = field(default_factory=list)


@transaction.atomic
def tell_workers(*, news: Sequence[tuple[int, News]], by: Actor, at: datetime) -> list[bool]:
    """Tell the workers of several appeals, as `announce_receipt`, `announce_handler`, `announce_answer` and
    `ask_evaluation` tell one, with few questions to the database; answers for each whether it was done now.
    """
    found = {appeal.pk: appeal for appeal in _locked({appeal_id for appeal_id, _ in news})}
    told = audit.events_among("appeal", found, kinds=[TOLD, DECLINED])
    said: dict[int, set[tuple[str, int]]] = {number: set() for number in found}
    for event in told:
        if event.kind == TOLD and event.subject_id is not None:
            said[event.subject_id].add((event.data["about"], event.data["round"]))
    silent = {event.subject_id for event in told if event.kind == DECLINED and event.subject_id is not None}
    handed = {appeal_id for appeal_id, about in news if about is News.HANDLER}
    with elevated():
        old_rows = _old_rows([found[number] for number in handed])
    telling = _Telling(by, at, said, silent, old_rows)
    with elevated(), writing.together("workers.told"), events.written_together():
        done = [_TELLERS[about](telling, found[appeal_id]) for appeal_id, about in news]
        if telling.drafts:
            notices.send_messages(drafts=[draft for _, _, draft in telling.drafts], by=by, at=at)
        for appeal, about, _ in telling.drafts:
            events.record(TOLD, subject=appeal, by=by, at=at, about=about, round=appeal.reopened_count + 1)
    return done


def announce_receipt(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Tell the worker that the matter was taken in, its code and where to look; True when a message was queued.

    The query password is never sent. Rows of a file, old matters and those that have an answer are not announced.
    """
    return tell_workers(news=[(appeal_id, News.RECEIPT)], by=by, at=at)[0]


def announce_handler(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Tell the worker once a round who has the matter and by when; True when a message was queued.

    In a second round the worker is also told who will ring. Nobody is told of a matter that has been answered or has
    ended meanwhile, nor, in the first round, of one that a file brought in days later.
    """
    return tell_workers(news=[(appeal_id, News.HANDLER)], by=by, at=at)[0]


def announce_answer(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Tell the worker of a matter that goes on outside the union that there is a word to read."""
    return tell_workers(news=[(appeal_id, News.ANSWER)], by=by, at=at)[0]


def ask_evaluation(*, appeal_id: int, by: Actor, at: datetime) -> bool:
    """Invite the worker to judge an answer, once a round; True when it was done now.

    With a phone the one-time link goes out by short message; without one the page of the appeal asks.
    """
    return tell_workers(news=[(appeal_id, News.EVALUATION)], by=by, at=at)[0]


def _receipt(telling: _Telling, appeal: Appeal) -> bool:
    is_old = telling.at - appeal.received_at > NEWS
    if appeal.channel == Channel.IMPORT or appeal.status in ANSWERED | CLOSED or is_old:
        return False
    values = {"code": appeal.code, "link": f"{settings.GONGQING.site_url}/lookup"}
    return _tell(telling, appeal, News.RECEIPT, "received", values)


def _handler(telling: _Telling, appeal: Appeal) -> bool:
    if appeal.handler is None or appeal.due_at is None or appeal.status in ANSWERED | CLOSED:
        return False
    if appeal.reopened_count == 0 and appeal.pk in telling.old_rows:
        return False
    values = {"code": appeal.code, "handler": str(appeal.handler), "due": _day(appeal.due_at)}
    template = "transferred_again" if appeal.reopened_count else "transferred"
    told = _tell(telling, appeal, News.HANDLER, template, values)
    if told and appeal.reopened_count:
        _announce_call(telling, appeal)
    return told


def _answer(telling: _Telling, appeal: Appeal) -> bool:
    if appeal.status != Status.TRACKED or appeal.handler is None:
        return False
    link = f"{settings.GONGQING.site_url}/a/{appeal.code}"
    values = {"code": appeal.code, "handler": str(appeal.handler), "link": link}
    return _tell(telling, appeal, News.ANSWER, "answered", values)


def _evaluation(telling: _Telling, appeal: Appeal) -> bool:
    if appeal.status != Status.RESOLVED:
        return False
    token = appeals.invite_worker(appeal=appeal, by=telling.by, at=telling.at)
    link = f"{settings.GONGQING.site_url}/e/{token}"
    values = {"code": appeal.code, "link": link, "days": str(EVALUATION_DAYS)}
    _tell(telling, appeal, News.EVALUATION, "evaluate", values)
    return True


_TELLERS: Mapping[News, Callable[[_Telling, Appeal], bool]] = {
    News.RECEIPT: _receipt,
    News.HANDLER: _handler,
    News.ANSWER: _answer,
    News.EVALUATION: _evaluation,
}


def _locked(numbers: set[int]) -> list[Appeal]:
    found = Appeal.objects.select_for_update(of=("self",)).select_related("handler", "person")
    return list(found.filter(pk__in=numbers).order_by("pk"))


def _old_rows(handed: Sequence[Appeal]) -> set[int]:
    """Those that came in a file, days after the worker spoke."""
    late = [appeal for appeal in handed if appeal.entered_at - appeal.received_at > OLD_ROW]
    if not late:
        return set()
    rows = LoadRow.objects.filter(
        source__in={appeal.source for appeal in late}, external_id__in=[appeal.external_id for appeal in late]
    )
    numbers = rows.filter(subject_kind="appeal", subject_id__in=[appeal.pk for appeal in late])
    return {number for number in numbers.values_list("subject_id", flat=True) if number is not None}


def _announce_call(telling: _Telling, appeal: Appeal) -> None:
    call = CallBack.objects.filter(appeal=appeal, done_at__isnull=True).select_related("organisation").first()
    if call is not None and call.due_at > telling.at:
        values = {"code": appeal.code, "handler": str(call.organisation), "due": _day(call.due_at)}
        _tell(telling, appeal, "call_back", "call_back", values)


def _tell(telling: _Telling, appeal: Appeal, about: str, template: str, values: Mapping[str, str]) -> bool:
    """A message to the worker's phone, unless the trace says that this was told in this round."""
    told = (str(about), appeal.reopened_count + 1)
    if told in telling.said[appeal.pk] or appeal.person is None or appeal.pk in telling.silent:
        return False
    phone = appeal.person.reveal("phone")
    if not is_mobile(phone):
        return False
    is_urgent = appeal.grade == Grade.RED
    telling.drafts.append(
        (appeal, str(about), notices.Draft(phone, template, values, "appeal", appeal.pk, urgent=is_urgent))
    )
    telling.said[appeal.pk].add(told)
    return True


def _day(deadline: datetime) -> str:
    day = day_of(deadline - timedelta(seconds=1))
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
