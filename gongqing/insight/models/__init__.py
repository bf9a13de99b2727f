"""The tables of what looks over everything: its own snapshots, and no other."""

from gongqing.insight.models.reports import ReportSnapshot, ReportState, WeeklyReport

__all__ = ["ReportSnapshot", "ReportState", "WeeklyReport"]
