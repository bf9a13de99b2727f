"""Everything a person can do to an order and its clocks. Each action locks, asks the rules, saves and records."""

from gongqing.dispatch.actions.anonymising import anonymise_person
from gongqing.dispatch.actions.assisting import ask_assistance, finish_assisting
from gongqing.dispatch.actions.calling import (
    begin_call,
    end_call,
    note_caller,
    register_from_call,
    set_hotline_kind,
    supplement_from_call,
    transfer_caller,
    urge_from_call,
)
from gongqing.dispatch.actions.calling_back import drop_call_back, plan_call_back, record_call_back
from gongqing.dispatch.actions.carrying import carry_calls
from gongqing.dispatch.actions.changing_rules import (
    approve_rule_change,
    edit_rule_change,
    edit_rule_row,
    move_rule_row,
    refuse_rule_change,
    remove_rule_row,
    start_rule_change,
    submit_rule_change,
    withdraw_rule_change,
)
from gongqing.dispatch.actions.checking_quality import draw_quality_checks, record_quality_check
from gongqing.dispatch.actions.checking_replies import remind_of_promises
from gongqing.dispatch.actions.claiming import (
    check_claim,
    check_team,
    correct_claim,
    dispute_claim,
    enter_claim,
    load_claims,
    remove_claim,
)
from gongqing.dispatch.actions.closing import end_orders
from gongqing.dispatch.actions.configuration import (
    load_clock_policy,
    load_routing_policy,
    override_calendar,
    revise_calendar,
)
from gongqing.dispatch.actions.digesting import forget_digests, send_digests
from gongqing.dispatch.actions.dispatching import dispatch_appeal, dispatch_new, dispatch_reopened, transfer_order
from gongqing.dispatch.actions.exporting import record_export
from gongqing.dispatch.actions.extending import (
    decide_extension,
    pause_order,
    request_extension,
    resume_order,
)
from gongqing.dispatch.actions.filtering import filter_stalled, pass_up
from gongqing.dispatch.actions.handing_over import alert_inspection, hand_over, record_handover
from gongqing.dispatch.actions.handling import add_note, contact_worker, report_progress, sign_order
from gongqing.dispatch.actions.interviewing import record_interview
from gongqing.dispatch.actions.lettering import draft_letter, issue_letter, open_letter, take_handover_sheet
from gongqing.dispatch.actions.merging import (
    answer_parts,
    dissolve_group,
    follow_lead,
    free_part,
    free_parts,
    merge_appeals,
    pass_words_on,
    regrade_lead,
    unmerge_appeal,
)
from gongqing.dispatch.actions.own_data import (
    ask_data_right,
    move_to_phone,
    reveal_own_data,
    settle_data_request,
    take_own_copy,
    withdraw_own_consent,
)
from gongqing.dispatch.actions.passing_on import pass_on_work, take_over_work
from gongqing.dispatch.actions.paying import (
    cancel_payment,
    pay_claim,
    spread_payment,
)
from gongqing.dispatch.actions.proving import add_vouchers, open_voucher
from gongqing.dispatch.actions.receiving import register_walk_in, reissue_query_password
from gongqing.dispatch.actions.recounting import recount_slice
from gongqing.dispatch.actions.redistributing import Redirection, redistribute_appeals
from gongqing.dispatch.actions.regrading import follow_grade
from gongqing.dispatch.actions.relocating import follow_place
from gongqing.dispatch.actions.resolving import resolve_order, review_resolution
from gongqing.dispatch.actions.returning import decide_return, return_order
from gongqing.dispatch.actions.rostering import (
    add_shift,
    copy_week,
    load_shifts,
    remove_shift,
    replace_shift,
    set_duty,
    swap_shifts,
    warn_of_roster_holes,
    write_pattern,
)
from gongqing.dispatch.actions.sending import take_once
from gongqing.dispatch.actions.settling import (
    add_outside_matter,
    change_settling_list,
    close_settling_list,
    enlist_appeal,
    enlist_matching,
    open_settling_list,
    reopen_settling_list,
)
from gongqing.dispatch.actions.striking_off import (
    claim_settlement,
    drop_entries,
    follow_handler,
    open_entry_document,
    reschedule_entry,
    return_entries,
    send_back_entry,
    strike_off_entry,
    withdraw_entry,
)
from gongqing.dispatch.actions.submitting import submit_appeal, supplement_appeal
from gongqing.dispatch.actions.supervising import (
    answer_supervision,
    complete_call_back,
    settle_supervisions,
    supervise_appeal,
    urge_appeal,
)
from gongqing.dispatch.actions.supervising_many import CaseOutcome, supervise_cases
from gongqing.dispatch.actions.sweeping import relook_clocks, sweep_clocks, sweep_unevaluated
from gongqing.dispatch.actions.taking_over import raise_appeal, take_over_appeal
from gongqing.dispatch.actions.telling import (
    News,
    announce_answer,
    announce_handler,
    announce_receipt,
    ask_evaluation,
    tell_workers,
)
from gongqing.dispatch.actions.timekeeping import end_clocks
from gongqing.dispatch.actions.waking import (
    answer_by_link,
    answer_duty_call,
    call_duty,
    end_duty_calls,
    pass_call_on,
    sweep_duty_calls,
)

__all__ = [
    "CaseOutcome",
    "News",
    "Redirection",
    "add_note",
    "add_outside_matter",
    "add_shift",
    "add_vouchers",
    "alert_inspection",
    "announce_answer",
    "announce_handler",
    "announce_receipt",
    "anonymise_person",
    "answer_by_link",
    "answer_duty_call",
    "answer_parts",
    "answer_supervision",
    "approve_rule_change",
    "ask_assistance",
    "ask_data_right",
    "ask_evaluation",
    "begin_call",
    "call_duty",
    "cancel_payment",
    "carry_calls",
    "change_settling_list",
    "check_claim",
    "check_team",
    "claim_settlement",
    "close_settling_list",
    "complete_call_back",
    "contact_worker",
    "copy_week",
    "correct_claim",
    "decide_extension",
    "decide_return",
    "dispatch_appeal",
    "dispatch_new",
    "dispatch_reopened",
    "dispute_claim",
    "dissolve_group",
    "draft_letter",
    "draw_quality_checks",
    "drop_call_back",
    "drop_entries",
    "edit_rule_change",
    "edit_rule_row",
    "end_call",
    "end_clocks",
    "end_duty_calls",
    "end_orders",
    "enlist_appeal",
    "enlist_matching",
    "enter_claim",
    "filter_stalled",
    "finish_assisting",
    "follow_grade",
    "follow_handler",
    "follow_lead",
    "follow_place",
    "forget_digests",
    "free_part",
    "free_parts",
    "hand_over",
    "issue_letter",
    "load_claims",
    "load_clock_policy",
    "load_routing_policy",
    "load_shifts",
    "merge_appeals",
    "move_rule_row",
    "move_to_phone",
    "note_caller",
    "open_entry_document",
    "open_letter",
    "open_settling_list",
    "open_voucher",
    "override_calendar",
    "pass_call_on",
    "pass_on_work",
    "pass_up",
    "pass_words_on",
    "pause_order",
    "pay_claim",
    "plan_call_back",
    "raise_appeal",
    "record_call_back",
    "record_export",
    "record_handover",
    "record_interview",
    "record_quality_check",
    "recount_slice",
    "redistribute_appeals",
    "refuse_rule_change",
    "register_from_call",
    "register_walk_in",
    "regrade_lead",
    "reissue_query_password",
    "relook_clocks",
    "remind_of_promises",
    "remove_claim",
    "remove_rule_row",
    "remove_shift",
    "reopen_settling_list",
    "replace_shift",
    "report_progress",
    "request_extension",
    "reschedule_entry",
    "resolve_order",
    "resume_order",
    "return_entries",
    "return_order",
    "reveal_own_data",
    "review_resolution",
    "revise_calendar",
    "send_back_entry",
    "send_digests",
    "set_duty",
    "set_hotline_kind",
    "settle_data_request",
    "settle_supervisions",
    "sign_order",
    "spread_payment",
    "start_rule_change",
    "strike_off_entry",
    "submit_appeal",
    "submit_rule_change",
    "supervise_appeal",
    "supervise_cases",
    "supplement_appeal",
    "supplement_from_call",
    "swap_shifts",
    "sweep_clocks",
    "sweep_duty_calls",
    "sweep_unevaluated",
    "take_handover_sheet",
    "take_once",
    "take_over_appeal",
    "take_over_work",
    "take_own_copy",
    "tell_workers",
    "transfer_caller",
    "transfer_order",
    "unmerge_appeal",
    "urge_appeal",
    "urge_from_call",
    "warn_of_roster_holes",
    "withdraw_entry",
    "withdraw_own_consent",
    "withdraw_rule_change",
    "write_pattern",
]
