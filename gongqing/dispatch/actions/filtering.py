"""One level up (梯次过滤): because the handler says so, or because nothing has happened for three working days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import Event
from gongqing.dispatch import queries
from gongqing.dispatch.actions import dispatching
from gongqing.dispatch.actions.digesting import remind, reminder_of
from gongqing.dispatch.actions.handling import lock_for_handling
from gongqing.dispatch.models import Extension, FilterStep, Handover, Order, OrderRole, OrderStatus, ReminderKind
from gongqing.dispatch.models.ladder import FilterReason
from gongqing.dispatch.models.orders import HandoverState
from gongqing.dispatch.rules import filtering as rules
from gongqing.dispatch.rules.levels import LADDER, rank
from gongqing.lib.errors import NotAllowed
from gongqing.registry.models import Organisation

MOST_AT_ONCE = 500
IDLE_ORDERS = (OrderStatus.DISPATCHED, OrderStatus.SIGNED, OrderStatus.IN_PROGRESS)


@transaction.atomic
def pass_up(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """The handler says that it is beyond the own level; the level above handles it from now on.

    Raises:
        NotPermitted: not the handler. NotAllowed: where it stands, it cannot go up. BadInput: no reason.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    rules.check_can_pass_up(status=appeal.status, level=order.level, order_status=order.status)
    rules.check_reason(reason)
    with scope.elevated():
        _step_up(appeal, order, FilterReason.DECLARED, tidy_text(reason), by=by, at=at)
    return appeal


def filter_stalled(*, at: datetime) -> int:
    """Move up what has had no step for three working days, and tell the city of what it holds itself.

    Returns:
        how many were moved or told of. Running it twice moves nothing twice.
    """
    with scope.acting_as(SYSTEM):
        numbers = list(_stalled(at).values_list("appeal_id", flat=True)[:MOST_AT_ONCE])
    return sum(_filter_one(number, at=at) for number in numbers)


def _stalled(at: datetime) -> QuerySet[Order]:
    """The main orders without a step since; the longest waiting first."""
    since = rules.idle_since(queries.calendar(), at)
    steps = Event.objects.filter(
        subject_kind="appeal", subject_id=OuterRef("appeal_id"), kind__in=rules.STEPS, at__gte=since
    )
    found = Order.objects.filter(
        role=OrderRole.HANDLE,
        status__in=IDLE_ORDERS,
        level__in=[level.value for level in LADDER],
        dispatched_at__lt=since,
        appeal__status__in=rules.MOVABLE,
    )
    return found.exclude(Exists(steps)).order_by("dispatched_at", "id")


def _filter_one(appeal_id: int, *, at: datetime) -> bool:
    with transaction.atomic(), scope.acting_as(SYSTEM):
        appeal = appeal_queries.lock(appeal_id, SYSTEM)
        order = _stalled(at).filter(appeal=appeal).select_related("organisation").first()
        waits = Extension.objects.filter(order__appeal=appeal, approved__isnull=True).exists() or (
            Handover.objects.filter(appeal=appeal, state__in=[HandoverState.SENT, HandoverState.ACCEPTED]).exists()
        )
        if order is None or not rules.goes_by_itself(
            status=appeal.status, level=order.level, order_status=order.status, waits_for_others=waits
        ):
            return False
        words = f"{rules.IDLE_DAYS} 个工作日没有联系职工、没有报告、没有批准的延期"
        if rules.is_top(order.level):
            remind([reminder_of(appeal, ReminderKind.TOP, at=at, organisation_id=order.organisation_id)])
            events.record("appeal.filter_reached_top", subject=appeal, by=SYSTEM, at=at, note=f"{words}，已提醒市级")
            return True
        try:
            _step_up(appeal, order, FilterReason.STALLED, f"{words}，自动报上一级", by=SYSTEM, at=at)
        except NotAllowed:  # nobody above may have it; it stays and is tried again
            return False
    return True


def _step_up(appeal: Appeal, order: Order, why: FilterReason, reason: str, *, by: Actor, at: datetime) -> None:
    """Hand the order to the level above by the routes, and keep the step."""
    route = dispatching.route_of(appeal, at=at, at_least=rules.rung_above(order.level))
    target = Organisation.objects.filter(pk=route.organisation_id or 0).first()
    if target is None or rank(target.level) <= rank(order.level):
        raise NotAllowed("上面几级没有能接这件诉求的单位，请联系市总工会。")
    dispatching.check_may_have(appeal, target)
    former = order.organisation
    dispatching.close_order(order, OrderStatus.PASSED_ON, at=at)
    if appeal.status != Status.REOPENED:
        dispatching.set_back_to_dispatched(appeal)
    dispatching.place_order(appeal, target, route, rule="梯次", reasons=[reason], by=by, at=at)
    step = FilterStep.objects.create(
        appeal=appeal,
        from_organisation=former,
        from_level=order.level,
        organisation=target,
        level=target.level,
        why=why,
        reason=reason,
        at=at,
        by_name=by.name,
    )
    remind([reminder_of(appeal, ReminderKind.PASSED_UP, at=at, organisation_id=target.pk)])
    data: dict[str, Any] = {
        "organisation": target.pk,
        "organisation_name": str(target),
        "from_organisation": former.pk,
        "from_level": step.from_level,
        "level": step.level,
        "why": step.why,
        "grade": appeal.grade,
    }
    events.record("appeal.passed_up", subject=appeal, by=by, at=at, note=reason, **data)
