"""The one retry and dead-letter policy of every queued listener.

A listener that fails is tried again after 5, 25, 125, … seconds, six times; then the job stays `failed` in the queue's
table, where the status page counts it and an administrator may run it again.
"""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gongqing.audit import events

RETRIES = RetryStrategy(max_attempts=6, exponential_wait=5)


@app.task(name="audit.deliver", queue="listeners", retry=RETRIES)
def deliver(*, event_id: int, kind: str, listener: str) -> None:
    """Run one listener on one event."""
    events.hear(event_id, kind, listener)
