"""Take a step of the case page once for each sending of its form (two tabs, a double click, a retry)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries as appeals
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor


@transaction.atomic
def take_once(step: Callable[..., object], *, appeal_id: int, sending: str, by: Actor, at: datetime) -> bool:
    """Take the step unless the same sending was kept before; without a sending it is always taken.

    Args:
        step: called with `by` and `at`.
        sending: names one form with what was written in it, the same whenever it is sent again.

    Returns:
        whether the step was taken now.

    Raises:
        NotFound, and whatever the step raises.
    """
    if not sending:
        step(by=by, at=at)
        return True
    appeals.lock(appeal_id, by)
    with scope.elevated():
        if events.was_sent(sending, subject_kind="appeal", subject_id=appeal_id):
            return False
    with events.sent_as(sending):
        step(by=by, at=at)
    return True
