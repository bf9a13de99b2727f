"""The tables of dispatching, cut by noun."""

from gongqing.dispatch.models.changes import ChangeState, RuleChange, RuleKind
from gongqing.dispatch.models.clocks import CalendarDay, Clock, ClockEntry, ClockPolicy
from gongqing.dispatch.models.duty import DutyCall, DutyLink, DutySetting, DutyShift, PassOn, PassOnItem
from gongqing.dispatch.models.hotline import Call, CallDirection, QualityCheck
from gongqing.dispatch.models.ladder import Digest, FilterStep, Interview, Reminder, ReminderKind
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
from gongqing.dispatch.models.replies import ReplyCheck
from gongqing.dispatch.models.settling import EntryDocument, EntryState, ListEntry, ListKind, SettlingList
from gongqing.dispatch.models.standing import Closing, OpenAppeal, OpenGrant
from gongqing.dispatch.models.vouchers import PaymentVoucher

__all__ = [
    "CalendarDay",
    "Call",
    "CallBack",
    "CallDirection",
    "ChangeState",
    "Clock",
    "ClockEntry",
    "ClockPolicy",
    "Closing",
    "Digest",
    "DutyCall",
    "DutyLink",
    "DutySetting",
    "DutyShift",
    "EntryDocument",
    "EntryState",
    "Extension",
    "FilterStep",
    "Handover",
    "Interview",
    "Letter",
    "LetterKind",
    "ListEntry",
    "ListKind",
    "OpenAppeal",
    "OpenGrant",
    "Order",
    "OrderRole",
    "OrderStatus",
    "PassOn",
    "PassOnItem",
    "PaymentVoucher",
    "QualityCheck",
    "Reminder",
    "ReminderKind",
    "ReplyCheck",
    "RoutingPolicy",
    "RuleChange",
    "RuleKind",
    "SettlingList",
    "Supervision",
]
