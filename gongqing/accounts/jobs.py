"""Once a night: forget tries, codes and sessions that nobody needs any more."""

from __future__ import annotations

from procrastinate.contrib.django import app

from gongqing.accounts import actions
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib.times import now


@app.periodic(cron="17 3 * * *")
@app.task(name="accounts.forget", queue="periodic", queueing_lock="accounts.forget")
def forget(timestamp: int) -> None:
    """Delete what the limits no longer count."""
    with scope.acting_as(SYSTEM):
        actions.forget_old_attempts(at=now())
