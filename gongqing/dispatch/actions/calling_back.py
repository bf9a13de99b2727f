"""Ring the worker back: plan it when a hotline matter is answered, note each try, take down the judgement."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import AccessReason, Appeal, Satisfaction
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.supervising import supervising_organisation, tell
from gongqing.dispatch.models import Call, CallBack, CallDirection
from gongqing.dispatch.models.hotline import CALLER
from gongqing.dispatch.queries.call_backs import hotline_of, tries_of
from gongqing.dispatch.queries.hanging import Hanging, hangs
from gongqing.dispatch.rules import hotline as rules
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.hotline import CallOutcome
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.registry.models import Organisation, sealing
from gongqing.registry.models.people import PHONE

JUDGEABLE = (Status.RESOLVED, Status.AWAITING_EVALUATION)


def plan_call_back(*, appeal: Appeal, by: Actor, at: datetime) -> CallBack | None:
    """Let the hotline ring the worker on the next working day after an answer (次日回访).

    Nothing is planned for a matter that no hotline took in, that left no phone, or that is to be rung about already.
    Part of what follows the answer.
    """
    with scope.elevated():
        hotline = hotline_of(appeal)
        has_phone = appeal.person is not None and bool(appeal.person.phone_mask)
        if hotline is None or not has_phone:
            return None
        if hangs(appeal.pk, Hanging.CALL_BACK):
            writing.write_now()  # the answer may just have done it
            if CallBack.objects.filter(appeal=appeal, done_at__isnull=True).exists():
                return None
        appeals.grant_access(appeal=appeal, why=AccessReason.INTAKE, path=hotline.path, at=at)
        task = CallBack.objects.create(
            appeal=appeal,
            organisation=hotline,
            reason=rules.AFTER_ANSWER,
            made_at=at,
            due_at=rules.call_back_due(at, queries.calendar()),
        )
        events.record("appeal.call_back_planned", subject=appeal, by=by, at=at, note=f"{hotline}次日回访")
    return task


def drop_call_back(*, appeal: Appeal, by: Actor, at: datetime, reason: str) -> None:
    """Nobody need ring about an answer that was judged meanwhile. Part of what follows the judgement."""
    with scope.elevated():
        CallBack.objects.filter(appeal=appeal, reason=rules.AFTER_ANSWER, done_at__isnull=True).update(
            done_at=at, done_by_name=by.name, result=reason
        )


@transaction.atomic
def record_call_back(
    *, call_back_id: int, outcome: str, by: Actor, at: datetime, note: str = "", satisfaction: str = ""
) -> CallBack:
    """Somebody has rung the worker: reached, not reached or not willing to speak; each try leaves a call.

    Not reached, the task comes again after two working hours (on words of danger after ten minutes), and ends with the
    third try; on words of danger it stays, and the supervising organisation is told. What a worker says of an answer
    is taken down as the judgement.

    Raises:
        NotPermitted, NotFound, NotAllowed: rung about already. BadInput: on `outcome`, `note` or `satisfaction`.
    """
    task = CallBack.objects.select_related("organisation").filter(pk=call_back_id).first()
    if task is None:
        raise NotFound("没有这项回访，或者不在您能看的范围内。")
    appeal = appeal_queries.lock(task.appeal_id, by)
    _check_may_ring(task, by)
    note = tidy_text(note)
    _check_told(outcome, note, satisfaction, appeal)
    with scope.elevated():
        task = CallBack.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=call_back_id)
        if task.done_at is not None:
            raise NotAllowed("这项回访已经完成。")
        _keep_try(task, appeal, outcome, note, by=by, at=at)
        is_urgent = task.reason == rules.ON_DANGER
        if outcome == CallOutcome.NOT_REACHED:
            _try_again(task, appeal, is_urgent=is_urgent, by=by, at=at)
            return task
        words = note if outcome == CallOutcome.REACHED else f"职工不愿接受回访{f'：{note}' if note else ''}"
        _complete(task, words, by=by, at=at)
        events.record("appeal.called_back", subject=appeal, by=by, at=at, note=words, outcome=outcome)
    if satisfaction and outcome == CallOutcome.REACHED:
        appeals.evaluate_appeal(appeal_id=appeal.pk, satisfaction=satisfaction, text=note, by=by, at=at)
    return task


def _check_may_ring(task: CallBack, by: Actor) -> None:
    rules.check_rings_back(by)
    if by.organisation_id != task.organisation_id and not permissions.stands_above(by, task.organisation.path):
        raise NotPermitted("这项回访由承担回访的单位进行。")


def _check_told(outcome: str, note: str, satisfaction: str, appeal: Appeal) -> None:
    if outcome not in rules.OUTGOING:
        raise BadInput("outcome", "请选接通、未接通或拒访。")
    if outcome == CallOutcome.REACHED and len(note) < rules.SHORTEST_NOTE:
        raise BadInput("note", "请写明职工怎么说。")
    if not satisfaction:
        return
    if satisfaction not in Satisfaction.values:
        raise BadInput("satisfaction", "评价请选满意、基本满意或不满意。")
    if outcome == CallOutcome.REACHED and appeal.status not in JUDGEABLE:
        raise BadInput("satisfaction", "这件还没有答复职工，或已经评价过，不能记评价。")


def _keep_try(task: CallBack, appeal: Appeal, outcome: str, note: str, *, by: Actor, at: datetime) -> None:
    place = Organisation.objects.get(pk=by.organisation_id) if by.organisation_id else task.organisation
    call = Call(
        organisation=place,
        path=place.path,
        seat_user_id=by.user_id or 0,
        seat_name=by.name,
        direction=CallDirection.OUT,
        appeal=appeal,
        started_at=at,
        ended_at=at,
        outcome=outcome,
        note=note,
    )
    person = appeal.person
    if person is not None and person.phone_sealed:
        number = sealing.open_sealed(person.phone_sealed, PHONE)
        call.phone_sealed, call.phone_index = sealing.seal(number, CALLER), person.phone_index
        call.phone_mask = person.phone_mask
    call.save()


def _try_again(task: CallBack, appeal: Appeal, *, is_urgent: bool, by: Actor, at: datetime) -> None:
    tries = tries_of(task)
    events.record("appeal.call_back_tried", subject=appeal, by=by, at=at, note=f"第 {len(tries)} 次未接通")
    if rules.is_given_up(tries, is_urgent=is_urgent):
        times = "、".join(f"{each:%m-%d %H:%M}" for each in tries)
        _complete(task, f"{len(tries)} 次未接通（{times}），结束回访", by=by, at=at)
        events.record("appeal.called_back", subject=appeal, by=by, at=at, note=task.result, outcome="not_reached")
        return
    task.due_at = rules.next_try(at, queries.calendar(), is_urgent=is_urgent)
    task.save(update_fields=["due_at"])
    watcher = supervising_organisation(appeal, at=at) if len(tries) >= rules.TRIES else None
    if watcher is not None:
        tell(appeal, watcher, f"有危险言语，{len(tries)} 次没有打通电话：{appeal.title}", at=at)


def _complete(task: CallBack, result: str, *, by: Actor, at: datetime) -> None:
    task.done_at, task.done_by_name, task.result = at, by.name, result
    task.save(update_fields=["done_at", "done_by_name", "result"])
