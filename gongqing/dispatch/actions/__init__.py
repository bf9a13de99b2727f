"""Everything a person can do to an order and its clocks. Each action locks, asks the rules, saves and records."""

from gongqing.dispatch.actions.assisting import ask_assistance, finish_assisting
from gongqing.dispatch.actions.closing import end_orders
from gongqing.dispatch.actions.configuration import (
    load_clock_policy,
    load_routing_policy,
    override_calendar,
)
from gongqing.dispatch.actions.dispatching import dispatch_appeal, dispatch_reopened, transfer_order
from gongqing.dispatch.actions.exporting import record_export
from gongqing.dispatch.actions.extending import (
    decide_extension,
    pause_order,
    request_extension,
    resume_order,
)
from gongqing.dispatch.actions.handing_over import alert_inspection, hand_over, record_handover
from gongqing.dispatch.actions.handling import add_note, contact_worker, report_progress, sign_order
from gongqing.dispatch.actions.regrading import follow_grade
from gongqing.dispatch.actions.resolving import resolve_order, review_resolution
from gongqing.dispatch.actions.returning import decide_return, return_order
from gongqing.dispatch.actions.submitting import submit_appeal, supplement_appeal
from gongqing.dispatch.actions.supervising import complete_call_back, escalate_appeal, supervise_appeal, urge_appeal
from gongqing.dispatch.actions.sweeping import sweep_clocks, sweep_unevaluated
from gongqing.dispatch.actions.telling import (
    announce_answer,
    announce_handler,
    announce_receipt,
    ask_evaluation,
)
from gongqing.dispatch.actions.timekeeping import end_clocks

__all__ = [
    "add_note",
    "alert_inspection",
    "announce_answer",
    "announce_handler",
    "announce_receipt",
    "ask_assistance",
    "ask_evaluation",
    "complete_call_back",
    "contact_worker",
    "decide_extension",
    "decide_return",
    "dispatch_appeal",
    "dispatch_reopened",
    "end_clocks",
    "end_orders",
    "escalate_appeal",
    "finish_assisting",
    "follow_grade",
    "hand_over",
    "load_clock_policy",
    "load_routing_policy",
    "override_calendar",
    "pause_order",
    "record_export",
    "record_handover",
    "report_progress",
    "request_extension",
    "resolve_order",
    "resume_order",
    "return_order",
    "review_resolution",
    "sign_order",
    "submit_appeal",
    "supervise_appeal",
    "supplement_appeal",
    "sweep_clocks",
    "sweep_unevaluated",
    "transfer_order",
    "urge_appeal",
]
