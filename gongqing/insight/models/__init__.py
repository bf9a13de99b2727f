"""The tables of what looks over everything: its own snapshots, and no other."""

from gongqing.insight.models.outlines import Outline
from gongqing.insight.models.reports import ReportSnapshot, ReportState, WeeklyReport
from gongqing.insight.models.rollups import CountedAppeal, DailySum, MonthSum, SightedAppeal, SightPath, SumsMark

__all__ = [
    "CountedAppeal",
    "DailySum",
    "MonthSum",
    "Outline",
    "ReportSnapshot",
    "ReportState",
    "SightPath",
    "SightedAppeal",
    "SumsMark",
    "WeeklyReport",
]
