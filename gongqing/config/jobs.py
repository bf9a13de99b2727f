"""What the installation does for itself by the clock: it looks at its own state, and backs itself up where told to."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from gongqing.audit.actor import SYSTEM
from gongqing.config import actions
from gongqing.config.queries import facts as measured
from gongqing.config.rules import points
from gongqing.lib import times

logger = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(name="config.look_at_status", queue="periodic", queueing_lock="config.look_at_status")
def look_at_status(timestamp: int) -> None:
    """Every ten minutes: write what has changed, and tell the administrators."""
    at = times.now()
    for change in actions.write_status(found=points.running_points(measured.facts(at)), by=SYSTEM, at=at):
        logger.log(logging.INFO if change.point.is_right else logging.WARNING, "运行状态 %s", change.text)
