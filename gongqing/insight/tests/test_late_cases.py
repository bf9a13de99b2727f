"""Does the report say of a late case what the board of deadlines says?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.models import Clock
from gongqing.dispatch.queries import calendar
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.insight.documents.weekly import BESIDE, WIDTH
from gongqing.insight.queries import report_cases
from gongqing.insight.rules.report_composing import _late_table
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_day_that_has_not_begun_is_no_day_late(cast: Cast, at: datetime) -> None:
    received(WAGES, by=cast.worker.actor, at=at, region_code="330206001")
    with scope.acting_as(SYSTEM):
        due = min(Clock.objects.filter(ended_at__isnull=True).values_list("due_at", flat=True))
        days = calendar()
        day = days.hours.length
        for worked, said in ((timedelta(minutes=1), 0), (day - timedelta(minutes=1), 0), (day, 1), (3.5 * day, 3)):
            (case,) = report_cases.late(None, days.add_working_time(due, worked))["cases"]
            assert case["days"] == said


def test_the_widest_code_stays_on_one_line_of_the_paper() -> None:
    """Ten-point Times: a digit is 0.5 of its size, G and Q 0.722, the widest check letter (W) 0.944."""
    case = {"code": "GQ330203202610030000001W", "place": "", "category": "", "handler": "", "due": "2025-10-10"}
    table = _late_table({"late": {"count": 1, "cases": [case | {"days": 1}]}})
    needed = 10 * (2 * 0.722 + 21 * 0.5 + 0.944) * 25.4 / 72
    assert WIDTH * table.widths[0] / sum(table.widths) - BESIDE > needed
