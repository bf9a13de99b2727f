"""Urge, supervise, escalate, ring back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import AccessReason, Appeal
from gongqing.appeals.rules.statuses import OPEN, Status, check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch import queries
from gongqing.dispatch.models import CallBack, Supervision
from gongqing.dispatch.models.orders import SupervisionKind
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.levels import Level
from gongqing.dispatch.rules.routing import watching_level
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation

URGE_AGAIN_AFTER = timedelta(hours=4)
URGEABLE = frozenset(OPEN) - {Status.RESOLVED, Status.AWAITING_EVALUATION}


@transaction.atomic
def urge_appeal(*, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """The worker, the door or a supervisor asks to hurry (催办); the handler is told.

    Raises:
        NotPermitted, NotAllowed: answered already, or urged by the same one within four hours.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    is_party = appeal_queries.is_party(appeal, by) or by.role is Role.CODE_HOLDER
    if not (is_party or appeal_queries.is_reporter(appeal, by) or by.role in permissions.LEVEL_OF_SUPERVISOR):
        raise NotPermitted("催办由职工本人、登记人或督办岗位提出。")
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
    with scope.elevated():
        Supervision.objects.create(
            appeal=appeal,
            kind=SupervisionKind.SUPERVISE,
            level=level,
            organisation_id=by.organisation_id,
            at=at,
            by_name=by.name,
            note=note,
        )
        events.record("appeal.supervised", subject=appeal, by=by, at=at, note=note, level=level)
        _tell_handler(appeal, f"督办：{appeal.title}", at=at)
    return appeal


def escalate_appeal(*, appeal: Appeal, clock_name: str, by: Actor, at: datetime) -> None:
    """One step up for a missed deadline: the level that the grade names gets sight and a supervision order.

    Part of the sweep, which has locked the appeal.
    """
    order = queries.main_order(appeal.pk)
    level = _supervising_level(appeal, order.level if order else Level.TOWN)
    organisation = _supervisor_of(appeal, level)
    Supervision.objects.create(
        appeal=appeal,
        kind=SupervisionKind.ESCALATE,
        level=level,
        organisation=organisation,
        at=at,
        by_name=by.name,
        note="超过时限，自动督办",
        automatic=True,
    )
    if organisation is not None:
        appeals.grant_access(appeal=appeal, why=AccessReason.SUPERVISE, path=organisation.path, at=at)
        tell(appeal, organisation, f"超时自动督办：{appeal.title}", at=at)
    data: dict[str, Any] = {
        "clock": clock_name,
        "level": level,
        "organisation_name": str(organisation) if organisation else "",
    }
    events.record("appeal.escalated", subject=appeal, by=by, at=at, note="超过时限，自动升级督办", **data)


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


def _tell_handler(appeal: Appeal, text: str, *, at: datetime) -> None:
    if appeal.handler is not None:
        tell(appeal, appeal.handler, text, at=at)


def supervising_organisation(appeal: Appeal) -> Organisation | None:
    """Who watches an appeal of this grade at its present handler."""
    order = queries.main_order(appeal.pk)
    return _supervisor_of(appeal, _supervising_level(appeal, order.level if order else Level.TOWN))


def _supervising_level(appeal: Appeal, handler_level: str) -> str:
    row = queries.policy_on(day_of(appeal.entered_at)).of_grade(appeal.grade)
    return watching_level(handler_level, row.supervised_by)


def _supervisor_of(appeal: Appeal, level: str) -> Organisation | None:
    """The organisation of a level above the handler, found along the handler's path or by the place."""
    if level == Level.CITY:
        return registry.city_union()
    if appeal.handler is not None:
        above = [
            each
            for each in Organisation.objects.filter(level=level, is_active=True)
            if appeal.handler.path.startswith(each.path)
        ]
        if above:
            return above[0]
    region = appeal.region
    return registry.union_of_region(region, level) if region else registry.city_union()
