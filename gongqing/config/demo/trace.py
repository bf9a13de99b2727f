"""The trace of the demonstration: sealed to yesterday, and verified."""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.audit.actor import SYSTEM
from gongqing.config import actions
from gongqing.config.queries import trace
from gongqing.lib.times import day_of


def show_trace(at: datetime) -> None:
    """Seal what has been shown so far, and look at all of it."""
    actions.seal_until(day=day_of(at) - timedelta(days=1), by=SYSTEM, at=at)
    actions.note_verification(report=trace.report_on(), by=SYSTEM, at=at)
