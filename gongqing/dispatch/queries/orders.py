"""Who holds an appeal's orders?"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from gongqing.appeals.models import Appeal
from gongqing.audit import writing
from gongqing.audit.reading import Asking, Prepared, PreparedValues
from gongqing.dispatch.models import Order, OrderRole, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.lib.errors import NotAllowed

_ORDERS = "dispatch.orders"


def orders_of(appeal_id: int) -> QuerySet[Order]:
    """Every order of an appeal, oldest first."""
    return Order.objects.filter(appeal_id=appeal_id).select_related("organisation").order_by("id")


def main_order(appeal_id: int) -> Order | None:
    """The open order of the handler."""
    known = _known(appeal_id)
    if known is None:
        return _main.first(appeal_id, shape="read")
    return next((each for each in known if each.role == OrderRole.HANDLE and each.status in OPEN_ORDERS), None)


@Prepared
def _main(shape: str, appeal_id: int) -> QuerySet[Order]:
    found = Order.objects.filter(appeal_id=appeal_id, role=OrderRole.HANDLE, status__in=OPEN_ORDERS)
    found = found.select_for_update(of=("self",)) if shape == "lock" else found
    return found.select_related("organisation")


def held_order(appeal_id: int, organisation_id: int, role: str) -> Order | None:
    """The open order by which an organisation has this part in an appeal."""
    known = _known(appeal_id)
    if known is not None:
        mine = (each for each in known if each.organisation_id == organisation_id and each.role == role)
        return next((each for each in mine if each.status in OPEN_ORDERS), None)
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
    return frozenset(number for (number,) in _followers.all(appeal_id))


def asked_of_followers(appeal_id: int) -> Asking[Any]:
    """What `follower_ids` asks, to be asked together with others."""
    return _followers(appeal_id)


@PreparedValues
def _followers(_: None, appeal_id: int) -> QuerySet[Order, Any]:
    followed = Order.objects.filter(appeal_id=appeal_id, role=OrderRole.FOLLOW, status__in=OPEN_ORDERS)
    return followed.values_list("organisation_id")


def orders_read(appeal_id: int) -> list[Order]:
    """`orders_of` an appeal, as they were asked together with others where they were."""
    return _all.all(appeal_id)


def returned_organisations(appeal_id: int) -> list[int]:
    """Who has returned this appeal, in order; the length counts the returns."""
    known = _known(appeal_id)
    if known is not None:
        mine = (each for each in known if each.role == OrderRole.HANDLE)
        return [order.organisation_id for order in mine if order.status == OrderStatus.RETURNED]
    return [order.organisation_id for order in _returned.all(appeal_id)]


@Prepared
def _returned(_: None, appeal_id: int) -> QuerySet[Order]:
    returned = Order.objects.filter(appeal_id=appeal_id, role=OrderRole.HANDLE, status=OrderStatus.RETURNED)
    return returned.order_by("id").only("organisation_id")


def orders_asked(appeal_id: int) -> Asking[Order]:
    """Every order of an appeal, to be asked together with others."""
    return _all(appeal_id)


def keep_orders(appeal: Appeal) -> None:
    """Let the questions of this module be answered from what was asked ahead, for the rest of a block.

    Until `forget_orders` whoever changes orders of this appeal changes these, and adds new ones by `add_order`.
    """
    kept = writing.kept()
    if kept is not None:
        kept[_ORDERS, appeal.pk] = _all.all(appeal.pk)
        for order in kept[_ORDERS, appeal.pk]:
            order.appeal = appeal


def forget_orders(appeal: Appeal) -> None:
    """Ask the database again from now on."""
    kept = writing.kept()
    if kept is not None:
        kept.pop((_ORDERS, appeal.pk), None)


def add_order(order: Order) -> None:
    """Let the questions of this module know of a new order."""
    known = _known(order.appeal_id)
    if known is not None and order not in known:
        known.append(order)


def _known(appeal_id: int) -> list[Order] | None:
    kept = writing.kept()
    return kept.get((_ORDERS, appeal_id)) if kept is not None else None


@Prepared
def _all(_: None, appeal_id: int) -> QuerySet[Order]:
    return orders_of(appeal_id)


def lock_asked(appeal_id: int) -> Asking[Order]:
    """What `lock_main_order` will ask, to be asked together with others."""
    return _main(appeal_id, shape="lock")
