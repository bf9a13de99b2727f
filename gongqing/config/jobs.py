"""What the installation does for itself by the clock: it looks at its own state, and backs itself up where told to."""

from __future__ import annotations

import logging
import subprocess

from django.conf import settings
from procrastinate.contrib.django import app

from gongqing.audit.actor import SYSTEM
from gongqing.config import actions
from gongqing.config.queries import facts as measured
from gongqing.config.rules import points
from gongqing.config.serving import self_command
from gongqing.lib import times

logger = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(name="config.look_at_status", queue="periodic", queueing_lock="config.look_at_status")
def look_at_status(timestamp: int) -> None:
    """Every ten minutes: write what has changed, and tell the administrators."""
    at = times.now()
    for change in actions.write_status(found=points.running_points(measured.facts(at)), by=SYSTEM, at=at):
        logger.log(logging.INFO if change.point.is_right else logging.WARNING, "运行状态 %s", change.text)


@app.periodic(cron="30 2 * * *")
@app.task(name="config.back_up_nightly", queue="periodic", queueing_lock="config.back_up_nightly")
def back_up_nightly(timestamp: int) -> None:
    """Every night, where `GONGQING_BACKUP_TO` names a folder; a fault leaves the job failed, for the status page.

    Raises:
        CalledProcessError: the backup was not made.
    """
    given = settings.GONGQING
    if given.backup_to is not None:
        to = ["--to", str(given.backup_to), "--keep", str(given.backup_keep)]
        subprocess.run([*self_command(), "backup", *to], check=True)
