"""The only writes of what looks over everything: its own sums, outlines, screens and reports."""

from gongqing.insight.actions.outlines import load_outlines
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
from gongqing.insight.actions.rollups import rebuild_sums, refresh_sums
from gongqing.insight.actions.screens import hang_screen, take_screen_down
from gongqing.insight.actions.templates import drop_report_template, load_report_template

__all__ = [
    "ask_for_figures",
    "correct_report",
    "draft_report",
    "drop_report_template",
    "edit_report",
    "hang_screen",
    "issue_report",
    "load_outlines",
    "load_report_template",
    "open_report_file",
    "rebuild_sums",
    "refresh_sums",
    "send_report_back",
    "sign_report",
    "start_report",
    "take_figures",
    "take_screen_down",
]
