"""What the installation does for itself by the clock: it looks at its state, guards the trace, and backs itself up."""

from __future__ import annotations

import logging
import subprocess
from datetime import timedelta

from django.conf import settings
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gongqing.audit.actor import SYSTEM
from gongqing.config import actions
from gongqing.config.queries import facts as measured
from gongqing.config.queries import trace
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


@app.periodic(cron="6 * * * *")
@app.task(
    name="config.seal_trace",
    queue="periodic",
    queueing_lock="config.seal_trace",
    retry=RetryStrategy(max_attempts=10, wait=60),
)
def seal_trace(timestamp: int) -> None:
    """Every hour: seal the trace to the end of yesterday, unless that is done; what was missed is under the same seal.

    Raises:
        OperationalError: a long writer is at it; tried again after a minute.
    """
    at = times.now()
    seal, is_new = actions.seal_until(day=times.day_of(at) - timedelta(days=1), by=SYSTEM, at=at)
    if is_new:
        logger.info("留痕封存至 %s，封存值 %s", seal.day, seal.digest)


@app.periodic(cron="20 3 * * 0")
@app.task(name="config.verify_trace", queue="periodic", queueing_lock="config.verify_trace")
def verify_trace(timestamp: int) -> None:
    """Every Sunday: compute the whole trace again; what is found is written, shown and told with the state."""
    report = trace.report_on()
    for line in trace.lines_of(report.findings[:20]):
        logger.error("留痕校验 %s", line)
    actions.note_verification(report=report, by=SYSTEM, at=times.now())
