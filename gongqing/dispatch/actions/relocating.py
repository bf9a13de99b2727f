"""What a settled place changes for whoever handles the appeal."""

from __future__ import annotations

from datetime import datetime

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.dispatching import close_order, dispatch_appeal, route_of
from gongqing.dispatch.models import OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.rules.routing import is_by_rule


def follow_place(*, appeal: Appeal, by: Actor, at: datetime) -> None:
    """Dispatch anew by the rules what the rules dispatched to another place and nobody has signed yet.

    Those of the former place who were to help are let go with it. What a person dispatched, and what was signed, stays
    where it is. Part of the action that settled the place.
    """
    if appeal.status != Status.DISPATCHED:
        return
    with scope.elevated():
        order = queries.main_order(appeal.pk)
        if order is None or not is_by_rule(order.rule):
            return
        if route_of(appeal, at=at).organisation_id == order.organisation_id:
            return
        for beside in queries.orders_of(appeal.pk):
            if beside.pk != order.pk and beside.status in OPEN_ORDERS and is_by_rule(beside.rule):
                close_order(beside, OrderStatus.PASSED_ON, at=at)
    dispatch_appeal(appeal_id=appeal.pk, by=by, at=at, note=f"所在地核定为{appeal.region}，按规则改派")
