"""Who holds an appeal's orders?"""

from __future__ import annotations

from django.db.models import QuerySet

from gongqing.audit.reading import Asking, Prepared
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
    return _held.first(appeal_id, organisation_id, str(role))


@Prepared
def _held(_: None, appeal_id: int, organisation_id: int, role: str) -> QuerySet[Order]:
    held = Order.objects.filter(appeal_id=appeal_id, organisation_id=organisation_id, role=role)
    return held.filter(status__in=OPEN_ORDERS).order_by("pk")[:1]


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
    return [order.organisation_id for order in _returned.all(appeal_id)]


@Prepared
def _returned(_: None, appeal_id: int) -> QuerySet[Order]:
    returned = Order.objects.filter(appeal_id=appeal_id, role=OrderRole.HANDLE, status=OrderStatus.RETURNED)
    return returned.order_by("id").only("organisation_id")


def asked_of_orders(appeal_id: int) -> list[Asking[Order]]:
    """What `main_order` and `returned_organisations` will ask, to be asked together with others."""
    return [_main(appeal_id, shape="read"), _returned(appeal_id)]
