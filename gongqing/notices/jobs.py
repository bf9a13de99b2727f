"""Sends what is queued."""

from __future__ import annotations

from procrastinate.contrib.django import app

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.jobs import RETRIES
from gongqing.lib.times import now
from gongqing.notices import actions, queries


@app.task(name="notices.deliver", queue="messages", retry=RETRIES)
def deliver(*, message_id: int) -> None:
    """Hand one message to the gateway; the action itself sees to the next try."""
    with scope.acting_as(SYSTEM):
        actions.deliver_message(message_id=message_id, at=now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="notices.deliver_overdue", queue="messages", queueing_lock="notices.deliver_overdue")
def deliver_overdue(timestamp: int) -> None:
    """Every five minutes: messages whose own job was lost, one transaction each."""
    with scope.acting_as(SYSTEM):
        waiting = queries.overdue_ids(now())
    for message_id in waiting:
        deliver.func(message_id=message_id)
