"""The one retry and dead-letter policy of every listener that is not at once.

A listener that fails (`audit.delivery`) is tried again after 5, 25, 125, … seconds, six times; then the job stays
`failed` in the queue's table, where the status page counts it and an administrator may run it again. What a worker was
at when it died is taken up again by the next one within two minutes.
"""

from __future__ import annotations

from django.db import IntegrityError, connection, transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from gongqing.audit import delivery

_LEFT = """
SELECT job.id FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND (%s OR worker.id IS NULL OR worker.last_heartbeat < now() - interval '60 seconds')
FOR UPDATE OF job SKIP LOCKED
"""

FIRST_WAIT = 5  # seconds
RETRIES = RetryStrategy(max_attempts=6, exponential_wait=FIRST_WAIT)


@app.task(name="audit.deliver_all", queue="listeners", retry=RETRIES)
def deliver_all(*, calls: list[tuple[int, str, list[str]]]) -> None:
    """What a version before `audit.delivery` queued: numbers and kinds of events, with the names of the listeners."""
    for event_id, kind, names in calls:
        for name in names:
            deliver.defer(event_id=event_id, kind=kind, listener=name)


@app.task(name="audit.deliver", queue="listeners", retry=RETRIES)
def deliver(*, event_id: int, kind: str, listener: str) -> None:
    """Run one listener on one event."""
    delivery.hear(event_id, listener)


@app.periodic(cron="* * * * *")
@app.task(name="audit.revive_jobs", queue="periodic", queueing_lock="audit.revive_jobs")
def revive_jobs(timestamp: int) -> None:
    """Every minute: queue again what a worker was at when it died; a job may run twice by design."""
    requeue_left_jobs()


def requeue_left_jobs(*, nobody_is_at_work: bool = False) -> None:
    """Queue again what workers that are gone were at.

    Args:
        nobody_is_at_work: whoever was at something is gone, however lately it was heard of: a restored data base.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LEFT, [nobody_is_at_work])
        for (job_id,) in cursor.fetchall():
            try:
                with transaction.atomic():
                    cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job_id])
            except IntegrityError:  # its next turn is queued already
                cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', true)", [job_id])
