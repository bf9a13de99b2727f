"""Send an order back (退单): the first time at once, the second time by decision of the dispatcher above."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import BEING_HANDLED, Status
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.dispatching import close_order
from gongqing.dispatch.actions.handling import lock_for_handling
from gongqing.dispatch.actions.timekeeping import end_clocks
from gongqing.dispatch.models import Order, OrderStatus
from gongqing.dispatch.rules import clocks, permissions
from gongqing.dispatch.rules.levels import Level, level_above
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of, in_words


@transaction.atomic
def return_order(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """The handler says that it is not its matter, and whose it is, within the time the policy gives.

    The first return takes effect and the dispatcher gives it to another; a second one waits for the decision of the
    dispatcher above, so that no appeal is played back and forth.

    Raises:
        NotPermitted, NotAllowed: too late, or already asked. BadInput: no reason.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    if appeal.status not in BEING_HANDLED | {Status.DISPATCHED, Status.REOPENED}:
        raise NotAllowed("现在不能退回。")
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写明为什么不归您办、应该归谁。")
    with scope.elevated():
        policy = queries.policy_on(day_of(appeal.entered_at))
        until = clocks.end_of(policy.return_within, order.dispatched_at, queries.calendar())
        if at > until:
            raise NotAllowed(f"退回的时限是 {in_words(until)}，已经过了；请继续办理或申请转交。")
        if order.status == OrderStatus.RETURN_ASKED:
            raise NotAllowed("退回申请正在等上级裁定。")
        if _was_refused(order):
            raise NotAllowed("上级已裁定由您的单位办理，不能再退。")
        if queries.returned_organisations(appeal.pk):
            order.status, order.note = OrderStatus.RETURN_ASKED, reason
            order.save(update_fields=["status", "note"])
            events.record("appeal.return_asked", subject=appeal, by=by, at=at, note=reason, order=order.pk)
        else:
            _take_back(appeal, order, reason=reason, by=by, at=at)
    return appeal


@transaction.atomic
def decide_return(*, appeal_id: int, accept: bool, answer: str, by: Actor, at: datetime) -> Appeal:
    """The dispatcher above decides a second return; refused, the handler keeps it and returns no more.

    Raises:
        NotPermitted, NotAllowed, BadInput: refused without a reason.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    with scope.elevated():
        held = queries.main_order(appeal.pk)
        level = (level_above(held.level) or Level.CITY) if held else Level.TOWN
        permissions.check_is_above(by, level=level, what="第二次退回由派单上级裁定")
        order = queries.lock_main_order(appeal.pk)
        if order.status != OrderStatus.RETURN_ASKED:
            raise NotAllowed("没有等待裁定的退回申请。")
        if accept:
            _take_back(appeal, order, reason=answer or order.note, by=by, at=at)
        else:
            if len(answer.strip()) < 2:
                raise BadInput("note", "不同意退回，请写明理由。")
            order.status = OrderStatus.SIGNED if order.signed_at else OrderStatus.DISPATCHED
            order.reasons = [*order.reasons, REFUSED]
            order.save(update_fields=["status", "reasons"])
            events.record("appeal.return_refused", subject=appeal, by=by, at=at, note=answer, order=order.pk)
    return appeal


REFUSED = "上级裁定由本单位办理"


def _was_refused(order: Order) -> bool:
    return REFUSED in order.reasons


def _take_back(appeal: Appeal, order: Order, *, reason: str, by: Actor, at: datetime) -> None:
    close_order(order, OrderStatus.RETURNED, at=at)
    appeals.place_appeal(appeal, status=Status.RETURNED, handler=None, handler_level="")
    names = [ClockName.SIGN, ClockName.CONTACT]
    end_clocks(appeal, names=names, by=by, at=at, reason="退回，等待改派", met=False)
    events.record(
        "appeal.returned", subject=appeal, by=by, at=at, note=reason, organisation_name=str(order.organisation)
    )
