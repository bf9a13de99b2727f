"""What insight does by the clock."""

from __future__ import annotations

import logging

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.insight import actions
from gongqing.insight.queries import recount, reports
from gongqing.insight.rules.weeks import last_whole_week
from gongqing.lib import times

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="insight.refresh_sums", queue="periodic", queueing_lock="insight.refresh_sums", lock="insight.sums")
def refresh_sums(timestamp: int) -> None:
    """Every minute: what moved since the last run is counted anew; the first run counts everything."""
    actions.refresh_sums(by=SYSTEM, at=times.now())


@app.periodic(cron="25 4 * * *")
@app.task(name="insight.verify_sums", queue="periodic", queueing_lock="insight.verify_sums", lock="insight.sums")
def verify_sums(timestamp: int) -> None:
    """Before morning: the sums are compared with a recount, and built anew where they differ."""
    with scope.acting_as(SYSTEM):
        found = recount.comparison() if recount.is_built() else None
    if found is not None and found.difference_count:
        logger.error("sums of figures differ from a recount: %s", "; ".join(found.differences[:5]))
        actions.rebuild_sums(by=SYSTEM, at=times.now())


@events.on("organisation.moved", takes_long=True)
def build_anew(event: Event) -> None:
    """An organisation that moved takes the sight of its appeals along, under another path."""
    actions.rebuild_sums(by=SYSTEM, at=times.now())


@app.periodic(cron="0 6 * * 1")
@app.task(
    name="insight.draft_weekly_reports",
    queue="periodic",
    queueing_lock="insight.draft_weekly_reports",
    retry=RetryStrategy(max_attempts=5, wait=120),
)
def draft_weekly_reports(timestamp: int) -> None:
    """Every Monday at six: the report of the week that is over, for the city and every county, as a draft."""
    at = times.now()
    with scope.acting_as(SYSTEM):
        unions = reports.reporting_unions()
    for union in unions:
        actions.draft_report(organisation_id=union.pk, week=last_whole_week(at), by=SYSTEM, at=at)


@events.on("report.started", "report.correction_started", "report.figures_asked", at_once=True)
def queue_figures(event: Event) -> None:
    """Figures are read by a job of their own, in one view of the database."""
    if event.subject_id is not None:
        take_report_figures.defer(report_id=event.subject_id)


@app.task(name="insight.take_report_figures", queue="listeners", retry=RetryStrategy(max_attempts=5, wait=10))
def take_report_figures(report_id: int) -> None:
    """Read the figures of a draft that waits for them; one that was given them meanwhile is left."""
    with scope.acting_as(SYSTEM):
        waits = reports.waits_for_figures(report_id)
    if waits:
        actions.take_figures(report_id=report_id, by=SYSTEM, at=times.now())
