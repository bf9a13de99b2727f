"""Urge, supervise, answer a supervision order, ring back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import OPEN, Status, check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import Event
from gongqing.audit.reading import Change
from gongqing.dispatch import queries
from gongqing.dispatch.actions.handling import lock_for_handling
from gongqing.dispatch.models import CallBack, Supervision
from gongqing.dispatch.models.orders import SupervisionKind
from gongqing.dispatch.queries.hanging import Hanging, hangs
from gongqing.dispatch.queries.ladder import open_supervisions, supervising_level_of, supervisor_of
from gongqing.dispatch.queries.repeats import is_pressed_again
from gongqing.dispatch.rules import ladder, permissions
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of
from gongqing.lib.workdays import start_of_day
from gongqing.notices import actions as notices
from gongqing.registry.models import Organisation

URGE_AGAIN_AFTER = timedelta(hours=4)
PART_WORKERS = "并入件的职工"  # nobody's name stands in another's case
URGEABLE = frozenset(OPEN) - {Status.RESOLVED, Status.AWAITING_EVALUATION}


@transaction.atomic
def urge_appeal(*, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """The worker, the door or a supervisor asks to hurry (催办); the handler is told.

    For a part of a group case its lead is urged, once a day however many ask; the part alone says who did.

    Raises:
        NotPermitted, NotAllowed: answered already, or urged by the same one within four hours.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    is_party = appeal_queries.is_party(appeal, by) or by.role is Role.CODE_HOLDER
    if not (is_party or appeal_queries.is_reporter(appeal, by) or by.role in permissions.LEVEL_OF_SUPERVISOR):
        raise NotPermitted("催办由职工本人、登记人或督办岗位提出。")
    if appeal.status == Status.MERGED:
        return _urge_with_lead(appeal, note, is_theirs=by.role not in permissions.LEVEL_OF_SUPERVISOR, by=by, at=at)
    if appeal.status not in URGEABLE:
        raise NotAllowed("这件诉求已经答复，不用催了。")
    with scope.elevated():
        recent = Supervision.objects.filter(
            appeal=appeal, kind=SupervisionKind.URGE, by_name=by.name, at__gt=at - URGE_AGAIN_AFTER
        )
        if recent.exists():
            raise NotAllowed("刚催过，已经转告办理单位；四小时后还没动静可以再催。")
        Supervision.objects.create(
            appeal=appeal, kind=SupervisionKind.URGE, organisation=appeal.handler, at=at, by_name=by.name, note=note
        )
        events.record("appeal.urged", subject=appeal, by=by, at=at, note=note)
        _tell_handler(appeal, f"催办：{appeal.title}", at=at)
    return appeal


@transaction.atomic
def supervise_appeal(*, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """A supervision order (督办单) by a supervisor above the handler; the city may supervise any case.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    check_open(appeal.status)
    level = permissions.LEVEL_OF_SUPERVISOR.get(by.role)
    if level is None:
        raise NotPermitted("督办由镇街及以上派单督办岗位进行。")
    if len(note.strip()) < 2:
        raise BadInput("note", "请写明督办要求。")
    if appeal.handler_id == by.organisation_id:
        raise NotAllowed("这件由本单位自己办理，不用给自己发督办单。")
    with scope.elevated():
        if is_pressed_again(appeal.pk, ["appeal.supervised"], note=note, by=by, at=at):
            return appeal
        Supervision.objects.create(
            appeal=appeal,
            kind=SupervisionKind.SUPERVISE,
            level=level,
            organisation_id=by.organisation_id,
            at=at,
            by_name=by.name,
            note=note,
            due_at=ladder.answer_due(appeal.grade, at, queries.calendar()),
        )
        events.record("appeal.supervised", subject=appeal, by=by, at=at, note=note, level=level)
        _tell_handler(appeal, f"督办：{appeal.title}", at=at)
    return appeal


@transaction.atomic
def answer_supervision(*, appeal_id: int, answer: str, by: Actor, at: datetime) -> Appeal:
    """The handler answers what it was ordered (回复督办): what was done and when it will be finished; all open orders.

    Raises:
        NotPermitted: not the handler. NotAllowed: no order waits for an answer. BadInput: nothing said.
    """
    appeal, _ = lock_for_handling(appeal_id, by)
    if len(answer.strip()) < 4:
        raise BadInput("answer", "请写明为什么晚了、现在办到哪一步、几时办完。")
    with scope.elevated():
        waiting = open_supervisions(appeal.pk)
        if not waiting:
            raise NotAllowed("没有等待回复的督办单。")
        words = tidy_text(answer)
        Supervision.objects.filter(pk__in=[one.pk for one in waiting]).update(
            answered_at=at, answered_by_name=by.name, answer=words
        )
        for organisation in {one.organisation for one in waiting if one.organisation is not None}:
            if organisation.pk != by.organisation_id:
                tell(appeal, organisation, f"督办已回复：{appeal.title}", at=at)
        events.record(
            "appeal.supervision_answered", subject=appeal, by=by, at=at, note=words, orders=[one.pk for one in waiting]
        )
    return appeal


def settle_supervisions(*, appeal: Appeal, at: datetime) -> None:
    """End the orders of an organisation that handles the matter itself by now, and of those below it.

    Nobody answers to oneself, nor to whom one supervises.

    Part of the action that moved it, which records.
    """
    if appeal.handler_id is not None and hangs(appeal.pk, Hanging.SUPERVISION) and appeal.handler is not None:
        with scope.elevated():
            _settle.run(at, appeal.pk, appeal.handler.path, f"{appeal.handler.path[:-1]}0")


@Change
def _settle(
    _: None, at: datetime, appeal_id: int, low: str, high: str
) -> tuple[QuerySet[Supervision], Mapping[str, Any]]:
    below = Organisation.objects.filter(path__gte=low, path__lt=high).values("pk")
    ended = Supervision.objects.filter(
        appeal_id=appeal_id, organisation_id__in=below, due_at__isnull=False, answered_at__isnull=True
    )
    return ended, {"answered_at": at, "answered_by_name": "系统", "answer": "已转由督办单位或其上级办理，不用再回复"}


@transaction.atomic
def complete_call_back(*, appeal_id: int, result: str, by: Actor, at: datetime) -> Appeal:
    """Somebody has rung the worker (回访) and says what came of it.

    Raises:
        NotPermitted, NotAllowed: nothing to ring about. BadInput: nothing said.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    if not by.is_staff or by.role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.ZONE_HELPER):
        raise NotPermitted("回访由办理单位、热线或督办岗位进行。")
    if len(result.strip()) < 2:
        raise BadInput("result", "请写明回访的情况。")
    with scope.elevated():
        done = CallBack.objects.filter(appeal=appeal, done_at__isnull=True).update(
            done_at=at, done_by_name=by.name, result=result
        )
        if not done:
            raise NotAllowed("没有等待回访的任务。")
        events.record("appeal.called_back", subject=appeal, by=by, at=at, note=result)
    return appeal


def tell(appeal: Appeal, organisation: Organisation, text: str, *, at: datetime) -> None:
    """A notice in the inbox of an organisation's staff, leading to the case page."""
    notices.notify(
        text=text[:500],
        at=at,
        organisation_id=organisation.pk,
        subject_kind="appeal",
        subject_id=appeal.pk,
        link=f"/desk/appeals/{appeal.code}",
    )


def _urge_with_lead(part: Appeal, note: str, *, is_theirs: bool, by: Actor, at: datetime) -> Appeal:
    """Ask for a part; what its worker said stays on it."""
    if not is_theirs:
        raise NotAllowed("这件已并入群体案，请在主件上催办。")
    with scope.elevated():
        lead = Appeal.objects.select_for_update(of=("self",)).select_related("handler").get(parts=part)
        asked = Event.objects.filter(subject_kind="appeal", subject_id=part.pk, kind="appeal.urged")
        if asked.filter(at__gt=at - URGE_AGAIN_AFTER).exists():
            raise NotAllowed("刚催过，已经转告办理单位；四小时后还没动静可以再催。")
        events.record("appeal.urged", subject=part, by=by, at=at, note=note)
        counted = Supervision.objects.filter(appeal=lead, kind=SupervisionKind.URGE, by_name=PART_WORKERS)
        if not counted.filter(at__gte=start_of_day(day_of(at))).exists():
            Supervision.objects.create(
                appeal=lead, kind=SupervisionKind.URGE, organisation=lead.handler, at=at, by_name=PART_WORKERS
            )
            events.record("appeal.part_urged", subject=lead, by=SYSTEM, at=at, part=part.pk)
            _tell_handler(lead, f"催办（{PART_WORKERS}）：{lead.title}", at=at)
    return part


def _tell_handler(appeal: Appeal, text: str, *, at: datetime) -> None:
    if appeal.handler is not None:
        tell(appeal, appeal.handler, text, at=at)


def supervising_organisation(appeal: Appeal, *, at: datetime) -> Organisation | None:
    """Who watches an appeal of this grade at its present handler."""
    return supervisor_of(appeal, supervising_level_of(appeal), day_of(at))
