"""The tables of dispatching, cut by noun."""

from gongqing.dispatch.models.clocks import CalendarDay, Clock, ClockEntry, ClockPolicy
from gongqing.dispatch.models.orders import (
    CallBack,
    Extension,
    Handover,
    Order,
    OrderRole,
    OrderStatus,
    RoutingPolicy,
    Supervision,
)

__all__ = [
    "CalendarDay",
    "CallBack",
    "Clock",
    "ClockEntry",
    "ClockPolicy",
    "Extension",
    "Handover",
    "Order",
    "OrderRole",
    "OrderStatus",
    "RoutingPolicy",
    "Supervision",
]
