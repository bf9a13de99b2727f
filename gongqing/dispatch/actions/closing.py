"""End every order and clock of an appeal that has ended without an answer."""

from __future__ import annotations

from datetime import datetime

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.timekeeping import end_clocks
from gongqing.dispatch.models import CallBack, Order, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.rules.limits import ClockName


def end_orders(*, appeal: Appeal, by: Actor, at: datetime, reason: str) -> None:
    """Cancel what is open; those who had it keep their sight of it. Part of the action that ends the appeal."""
    with scope.elevated():
        end_clocks(appeal, names=list(ClockName), by=by, at=at, reason=reason, met=False)
        Order.objects.filter(appeal=appeal, status__in=OPEN_ORDERS).update(status=OrderStatus.CANCELLED, closed_at=at)
        CallBack.objects.filter(appeal=appeal, done_at__isnull=True).update(
            done_at=at, done_by_name=by.name, result=reason
        )
