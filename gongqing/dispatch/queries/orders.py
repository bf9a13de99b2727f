"""Who holds an appeal's orders?"""

from __future__ import annotations

from django.db.models import QuerySet

from gongqing.audit.reading import Prepared
from gongqing.dispatch.models import Order, OrderRole, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.lib.errors import NotAllowed


def orders_of(appeal_id: int) -> QuerySet[Order]:
    """Every order of an appeal, oldest first."""
    return Order.objects.filter(appeal_id=appeal_id).select_related("organisation").order_by("id")


def main_order(appeal_id: int) -> Order | None:
    """The open order of the handler."""
    return _main.first(appeal_id, shape="read")


@Prepared
def _main(shape: str, appeal_id: int) -> QuerySet[Order]:
    found = Order.objects.filter(appeal_id=appeal_id, role=OrderRole.HANDLE, status__in=OPEN_ORDERS)
    found = found.select_for_update(of=("self",)) if shape == "lock" else found
    return found.select_related("organisation")


def held_order(appeal_id: int, organisation_id: int, role: str) -> Order | None:
    """The open order by which an organisation has this part in an appeal."""
    held = Order.objects.filter(appeal_id=appeal_id, organisation_id=organisation_id, role=role)
    return held.filter(status__in=OPEN_ORDERS).first()


def lock_main_order(appeal_id: int) -> Order:
    """The open order of the handler, locked. The caller has locked the appeal first.

    Raises:
        NotAllowed: nobody has it now.
    """
    order = _main.first(appeal_id, shape="lock")
    if order is None:
        raise NotAllowed("这件诉求现在没有主办单位，请先派单。")
    return order


def follower_ids(appeal_id: int) -> frozenset[int]:
    """The unions that follow a matter at a department."""
    followed = Order.objects.filter(appeal_id=appeal_id, role=OrderRole.FOLLOW, status__in=OPEN_ORDERS)
    return frozenset(followed.values_list("organisation_id", flat=True))


def returned_organisations(appeal_id: int) -> list[int]:
    """Who has returned this appeal, in order; the length counts the returns."""
    returned = Order.objects.filter(appeal_id=appeal_id, role=OrderRole.HANDLE, status=OrderStatus.RETURNED)
    return list(returned.order_by("id").values_list("organisation_id", flat=True))
