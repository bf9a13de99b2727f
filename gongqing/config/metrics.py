"""What does Prometheus read? Figures of the installation, never of a person.

Requests are counted in each process; the web server runs several, so `gongqing up` and `gongqing web` name a folder
(`PROMETHEUS_MULTIPROC_DIR`) where the processes keep their counts and whichever is asked adds them up. The gauges come
from the database and the machine when they are asked for.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Count
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import OPEN
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.config.queries import facts as measured
from gongqing.config.rules import points
from gongqing.config.rules.facts import Facts
from gongqing.config.rules.points import Colour

SEVERITY = {Colour.GREEN: 0, Colour.GREY: 1, Colour.AMBER: 2, Colour.RED: 3}
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter(
    "gongqing_requests", "Requests answered, by method, route and status.", ["method", "route", "status"], registry=None
)
SECONDS = Histogram("gongqing_request_seconds", "Time to answer.", ["method"], buckets=BUCKETS, registry=None)


class CountingMiddleware:
    """Counts every request under its route, so that no code, name or search ever becomes a label."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        method = request.method if request.method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD") else "other"
        REQUESTS.labels(method, f"/{match.route}" if match else "none", str(response.status_code)).inc()
        SECONDS.labels(method).observe(time.perf_counter() - started)
        return response


class Gauges(Collector):
    """The installation as it stands when it is asked."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def collect(self) -> Iterator[Metric]:
        """Every gauge that can be measured; what cannot is left out, so that its absence can alarm."""
        facts = measured.facts(self._at)
        colours = GaugeMetricFamily("gongqing_point", "0 right, 1 unknown, 2 doubtful, 3 wrong.", labels=["point"])
        for point in points.running_points(facts):
            colours.add_metric([point.key], SEVERITY[point.colour])
        yield colours
        for name, words, value in _single(facts):
            if value is not None:
                yield GaugeMetricFamily(f"gongqing_{name}", words, value=value)
        yield from _appeals()


def exposition(at: datetime) -> bytes:
    """The text format of Prometheus."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        for counted in (REQUESTS, SECONDS):
            registry.register(counted)
    registry.register(Gauges(at))
    return generate_latest(registry)


def _single(facts: Facts) -> Iterator[tuple[str, str, float | None]]:
    until = facts.certificate_until
    yield "database_up", "1 while the database answers.", float(facts.skew_seconds is not None)
    yield "clock_skew_seconds", "The database's clock minus this machine's.", facts.skew_seconds
    yield "workers", "Job workers that showed a sign of life.", _if_known(facts, facts.worker_count)
    yield (
        "jobs_due",
        "Jobs that are due, and events that listeners wait to hear of.",
        _if_known(facts, facts.queue_count),
    )
    yield "jobs_oldest_seconds", "How long the oldest of these has been waiting.", _seconds(facts.queue_wait)
    yield "jobs_failed", "Jobs that used up their tries.", facts.failed_count
    yield "sweep_age_seconds", "Since the clocks were looked at.", _seconds(facts.sweep_age)
    yield "messages_waiting", "Short messages that wait.", facts.message_count
    yield "messages_oldest_seconds", "How long the oldest that could leave has waited.", _seconds(facts.message_wait)
    yield "backup_age_seconds", "Since the last verified backup.", _seconds(facts.backup_age)
    yield "trace_faults", "Rows of the trace that were wrong at the last check.", _faults(facts)
    yield "trace_sealed_days", "Days since the day of the newest seal.", _days(facts)
    yield "disk_free_bytes", "Room left where the data lies.", facts.disk_free
    yield "disk_total_bytes", "Size of the disk where the data lies.", facts.disk_total
    yield "certificate_days", "Days until the certificate expires.", (until - facts.at).days if until else None


def _appeals() -> Iterator[Metric]:
    shown = GaugeMetricFamily("gongqing_appeals_open", "Appeals not closed yet.", labels=["status", "grade"])
    try:
        with scope.acting_as(SYSTEM):
            rows = Appeal.objects.filter(status__in=[*OPEN]).order_by().values_list("status", "grade")
            for status, grade, count in rows.annotate(n=Count("pk")):
                shown.add_metric([status, grade or "none"], count)
            late = Appeal.objects.filter(status__in=[*OPEN], is_overdue=True).count()
    except DatabaseError:
        return
    yield shown
    yield GaugeMetricFamily("gongqing_appeals_overdue", "Open appeals past a deadline.", value=late)


def _if_known(facts: Facts, value: float) -> float | None:
    return value if facts.skew_seconds is not None else None


def _faults(facts: Facts) -> float | None:
    return None if facts.verified_at is None else facts.trace_fault_count


def _days(facts: Facts) -> float | None:
    return None if facts.sealed_until is None else (facts.at.date() - facts.sealed_until).days


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
