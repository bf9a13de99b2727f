"""Sends what is queued."""

from __future__ import annotations

from procrastinate.contrib.django import app

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.jobs import RETRIES
from gongqing.lib.times import now
from gongqing.notices import actions


@app.task(name="notices.deliver", queue="messages", retry=RETRIES)
def deliver(*, message_id: int) -> None:
    """Hand one message to the gateway; the action itself sees to the next try."""
    with scope.acting_as(SYSTEM):
        actions.deliver_message(message_id=message_id, at=now())
