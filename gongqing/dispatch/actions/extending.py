"""More time, and time that does not count: extensions and pauses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import BEING_HANDLED, Status, check_can_move
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.handling import lock_for_handling
from gongqing.dispatch.actions.timekeeping import append, mirror
from gongqing.dispatch.models import Clock, Extension, OrderStatus
from gongqing.dispatch.rules import ledger, permissions
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import (
    ClockName,
    Limit,
    Policy,
    check_can_ask_extension,
    check_can_grant_extension,
    pause_row,
)
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of


@transaction.atomic
def request_extension(*, appeal_id: int, working_days: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """Ask for more time to close (延期); the level that the grade names decides.

    Raises:
        NotPermitted, NotAllowed: had one already, or one is being decided. BadInput: too much, or no reason.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    if appeal.status not in BEING_HANDLED | {Status.PAUSED, Status.DISPATCHED, Status.REOPENED}:
        raise NotAllowed("现在不能申请延期。")
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写明为什么需要更多时间。")
    with scope.elevated():
        policy, clock = _policy(appeal), _closing(appeal)
        asked = Extension.objects.filter(order__appeal=appeal)
        if asked.filter(approved__isnull=True).exists():
            raise NotAllowed("已经有一份延期申请等待审批。")
        check_can_ask_extension(
            policy,
            grade=appeal.grade,
            original=Limit.from_json(clock.limit),
            granted=asked.filter(approved=True).count(),
            amount=working_days,
        )
        extension = Extension.objects.create(
            order=order,
            working_days=working_days,
            reason=reason,
            asked_at=at,
            asked_by_name=by.name,
            decider_level=policy.of_grade(appeal.grade).extension_by,
        )
        data: dict[str, Any] = {
            "extension": extension.pk,
            "working_days": working_days,
            "level": extension.decider_level,
        }
        events.record("appeal.extension_asked", subject=appeal, by=by, at=at, note=reason, **data)
    return appeal


@transaction.atomic
def decide_extension(*, appeal_id: int, approve: bool, answer: str, by: Actor, at: datetime) -> Appeal:
    """Grant or refuse the extension that is asked for.

    Raises:
        NotPermitted: the grade asks for a higher level. NotAllowed: none is asked for. BadInput: no reason given.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    permissions.check_can_dispatch(by)
    with scope.elevated():
        extension = Extension.objects.select_for_update().filter(order__appeal=appeal, approved__isnull=True).first()
        if extension is None:
            raise NotAllowed("没有等待审批的延期申请。")
        check_can_grant_extension(_policy(appeal), grade=appeal.grade, level=permissions.LEVEL_OF_SUPERVISOR[by.role])
        if not approve and len(answer.strip()) < 2:
            raise BadInput("note", "不同意延期，请写明理由。")
        extension.approved, extension.answer = approve, answer
        extension.decided_at, extension.decided_by_name = at, by.name
        extension.save()
        if approve:
            clock = _closing(appeal)
            unit = Limit.from_json(clock.limit).unit
            entry = Entry(
                EntryKind.EXTEND, at, extension.working_days, unit, extension.reason[:200], f"{by.name}批准延期"[:200]
            )
            append(clock, [entry], by=by, at=at)
            mirror(appeal)
        kind = "appeal.extension_granted" if approve else "appeal.extension_refused"
        events.record(kind, subject=appeal, by=by, at=at, note=answer, working_days=extension.working_days)
    return appeal


@transaction.atomic
def pause_order(*, appeal_id: int, reason: str, note: str, by: Actor, at: datetime) -> Appeal:
    """Stop the clocks for one of the three allowed reasons; a legal procedure makes the appeal `tracked`.

    Raises:
        NotPermitted, NotAllowed, BadInput: another reason.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    row = pause_row(_policy(appeal), reason)
    to = Status.TRACKED if reason == "moved_to_legal_procedure" else Status.PAUSED
    check_can_move(appeal.status, to=to)
    if len(note.strip()) < 2:
        raise BadInput("note", "请写明暂停的情况，例如等职工补哪份材料。")
    with scope.elevated():
        amount, unit = (row.longest.amount, row.longest.unit) if row.longest else (None, None)
        for clock in _open_clocks(appeal, (ClockName.REPORT, ClockName.CLOSE)):
            append(clock, [Entry(EntryKind.PAUSE, at, amount, unit, note[:200], row.basis)], by=by, at=at)
        order.status = OrderStatus.PAUSED
        order.save(update_fields=["status"])
        if to is Status.TRACKED:
            appeals.track_appeal(appeal=appeal, reason=note, by=by, at=at)
        else:
            appeals.place_appeal(appeal, status=to)
        mirror(appeal)
        events.record("appeal.paused", subject=appeal, by=by, at=at, note=note, reason=reason, basis=row.basis)
    return appeal


@transaction.atomic
def resume_order(*, appeal_id: int, by: Actor, at: datetime, note: str = "") -> Appeal:
    """Let the clocks run on; the net pause is added to the deadline.

    Raises:
        NotPermitted, NotAllowed.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    if appeal.status not in (Status.PAUSED, Status.TRACKED):
        raise NotAllowed("这件诉求没有暂停，不用恢复。")
    with scope.elevated():
        for clock in _open_clocks(appeal, (ClockName.REPORT, ClockName.CLOSE)):
            if ledger.has_open_pause(queries.entries_of(clock)):
                append(clock, [Entry(EntryKind.RESUME, at, reason=note[:200] or "恢复计时")], by=by, at=at)
        order.status = OrderStatus.IN_PROGRESS
        order.save(update_fields=["status"])
        appeals.place_appeal(appeal, status=Status.IN_PROGRESS)
        mirror(appeal)
        events.record("appeal.resumed", subject=appeal, by=by, at=at, note=note)
    return appeal


def _policy(appeal: Appeal) -> Policy:
    return queries.policy_on(day_of(appeal.entered_at))


def _open_clocks(appeal: Appeal, names: tuple[str, ...]) -> list[Clock]:
    clocks = Clock.objects.filter(appeal=appeal, name__in=names).order_by("id")
    return [clock for clock in clocks if ledger.is_open(queries.entries_of(clock))]


def _closing(appeal: Appeal) -> Clock:
    clock = queries.clock_of(appeal.pk, ClockName.CLOSE)
    if clock is None or not ledger.is_open(queries.entries_of(clock)):
        raise NotAllowed("办结时钟没有在走，不用延期。")
    return clock
