"""Is this process alive, and is the installation ready to work?"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.language.shipped import check_weights
from gongqing.lib.errors import BadInput

HEARTBEAT_SECONDS = 45


def healthz(request: HttpRequest) -> JsonResponse:
    """This process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when tables, demo data and the reader's weights are there and a job worker lives; else 503."""
    try:
        with transaction.atomic():
            scope.bind(SYSTEM)
            state: dict[str, Any] = {"migrated": _migrated(), "demo": _demo_loaded(), "jobs": _worker_lives()}
            state["reader"] = _reads()
    except DatabaseError:
        state = {"database": False}
    is_ready = all(state.values())
    response = JsonResponse({"status": "ready" if is_ready else "starting", **state}, status=200 if is_ready else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # not being ready yet is no error to report
    return response


def _migrated() -> bool:
    return True if _migrated_once.cache_info().currsize else _check_migrations()


def _check_migrations() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    return _migrated_once()


@lru_cache(maxsize=1)
def _migrated_once() -> bool:
    """Remembers that the tables were found up to date; they do not go back while a process runs."""
    return True


def _demo_loaded() -> bool:
    return settings.GONGQING.demo == "none" or Event.objects.filter(kind="demo.loaded").exists()


def _reads() -> bool:
    try:
        check_weights()
    except BadInput:
        return False
    return True


def _worker_lives() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM procrastinate_workers"
            " WHERE last_heartbeat > now() - make_interval(secs => %s))",
            [HEARTBEAT_SECONDS],
        )
        return bool(cursor.fetchone()[0])
