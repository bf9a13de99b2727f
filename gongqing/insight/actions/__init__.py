"""The only writes of what looks over everything: its own snapshots and reports."""

from gongqing.insight.actions.reporting import (
    ask_for_figures,
    correct_report,
    draft_report,
    edit_report,
    issue_report,
    open_report_file,
    send_report_back,
    sign_report,
    start_report,
    take_figures,
)

__all__ = [
    "ask_for_figures",
    "correct_report",
    "draft_report",
    "edit_report",
    "issue_report",
    "open_report_file",
    "send_report_back",
    "sign_report",
    "start_report",
    "take_figures",
]
