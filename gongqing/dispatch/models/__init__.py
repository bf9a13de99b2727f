"""The tables of dispatching, cut by noun."""

from gongqing.dispatch.models.changes import ChangeState, RuleChange, RuleKind
from gongqing.dispatch.models.clocks import CalendarDay, Clock, ClockEntry, ClockPolicy
from gongqing.dispatch.models.duty import DutyCall, DutyLink, DutySetting, DutyShift, PassOn, PassOnItem
from gongqing.dispatch.models.hotline import Call, CallDirection, QualityCheck
from gongqing.dispatch.models.letters import Letter, LetterKind
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
    "Call",
    "CallBack",
    "CallDirection",
    "ChangeState",
    "Clock",
    "ClockEntry",
    "ClockPolicy",
    "DutyCall",
    "DutyLink",
    "DutySetting",
    "DutyShift",
    "Extension",
    "Handover",
    "Letter",
    "LetterKind",
    "Order",
    "OrderRole",
    "OrderStatus",
    "PassOn",
    "PassOnItem",
    "QualityCheck",
    "RoutingPolicy",
    "RuleChange",
    "RuleKind",
    "Supervision",
]
