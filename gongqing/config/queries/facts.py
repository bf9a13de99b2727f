"""How does this installation stand at this moment? Measures; judges nothing (see `rules`)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from gongqing.accounts import queries as accounts
from gongqing.accounts.rules import DEMO_ACCOUNTS, demo_password
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import DailySeal, Event
from gongqing.config.certificates import read_certificate
from gongqing.config.queries import trace
from gongqing.config.rules.facts import BoundRole, Facts, KeyFile, Setup
from gongqing.config.versions import own_version
from gongqing.dispatch import queries as dispatch
from gongqing.dispatch.queries import duty
from gongqing.lib.errors import BadInput
from gongqing.lib.times import in_words, local
from gongqing.notices import queries as notices

BACKED_UP = "backup.made"
SWEEP = "dispatch.sweep_clocks"
NOTHING = timedelta(0)
# whatever else changes, these say something about somebody
HELD_ALWAYS = (
    "appeals_access",
    "appeals_appeal",
    "appeals_attachment",
    "appeals_message",
    "audit_accesslog",
    "audit_chainhead",
    "audit_event",
    "dispatch_order",
    "notices_message",
    "registry_person",
)
_SERVER = """
SELECT extract(epoch FROM clock_timestamp())::float8, (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'),
       current_setting('server_version'),
       r.rolname, r.rolsuper, r.rolbypassrls,
       EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'appeals_appeal' AND pg_has_role(c.relowner, 'USAGE'))
FROM pg_roles r WHERE r.rolname = current_user
"""
_UNHELD = """
SELECT DISTINCT c.relname FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND (p.oid IS NOT NULL OR c.relname = ANY(%s))
  AND (NOT c.relrowsecurity OR p.oid IS NULL)
ORDER BY 1
"""
_WORKERS = """
SELECT count(*) FILTER (WHERE last_heartbeat > now() - interval '45 seconds'),
       extract(epoch FROM now() - max(last_heartbeat))::float8 FROM procrastinate_workers
"""
# events that listeners wait to hear of
_DELIVERIES = """
SELECT count(*), extract(epoch FROM now() - min(queued_at))::float8 FROM audit_delivery
"""
# a job is due from when it was queued, or from the moment it was put off to
_QUEUE = """
SELECT count(*) FILTER (WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()),
       extract(epoch FROM now() - min(coalesce(j.scheduled_at, e.at))
               FILTER (WHERE j.status = 'todo' AND coalesce(j.scheduled_at, now()) <= now()))::float8,
       count(*) FILTER (WHERE j.status = 'failed'),
       coalesce(jsonb_agg(DISTINCT j.task_name) FILTER (WHERE j.status = 'failed'), '[]')
FROM procrastinate_jobs j
LEFT JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = j.id AND type = 'deferred') e ON true
WHERE j.status IN ('todo', 'failed')
"""
# the queue forgets what succeeded: the newest turn that is not waiting any more has been run
_SWEPT = """
SELECT extract(epoch FROM now())::float8 - max(d.defer_timestamp)::float8 FROM procrastinate_periodic_defers d
LEFT JOIN procrastinate_jobs j ON j.id = d.job_id
WHERE d.task_name = %s AND coalesce(j.status::text, 'done') NOT IN ('todo', 'failed')
"""
_SWEEP_WAITS = """
SELECT extract(epoch FROM now() - min(e.at))::float8
FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id
WHERE j.task_name = %s AND j.status = 'todo' AND e.type = 'deferred'
"""


def facts(at: datetime) -> Facts:
    """What can be measured now; without a database only what lies on this machine."""
    here = replace(_certificate(Facts(at=at, version=own_version())), **_disk())
    try:
        with scope.acting_as(SYSTEM):
            return replace(here, **_server(at), **_queue(), **_trace(at), **_city(at))
    except DatabaseError:
        return here


def setup(*, with_passwords: bool) -> Setup:
    """How this installation was set up.

    Args:
        with_passwords: also try the demonstration's published passwords, which takes a second.
    """
    given = settings.GONGQING
    has_demo, known = False, []
    try:
        with scope.acting_as(SYSTEM):
            has_demo = Event.objects.filter(kind="demo.loaded").exists()
            known = _demo_accounts() if with_passwords else []
    except DatabaseError:
        pass  # the point of the database says so
    return Setup(
        is_debug=given.debug,
        allowed_hosts=given.allowed_hosts,
        is_secure=given.secure,
        is_behind_proxy=given.behind_proxy,
        site_url=given.site_url,
        sms_gateway=given.sms_gateway,
        has_demo_data=has_demo,
        demo_accounts=known,
        key_files=[
            _key_file(given.home / "keys" / "secret.key", is_secret=True),
            _key_file(given.home / "keys" / "keyring.json"),
            *([_key_file(given.tls_key)] if given.tls_key else []),
        ],
    )


def _server(at: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        before = datetime.now(at.tzinfo)
        cursor.execute(_SERVER)
        moment, zone, server, name, is_superuser, bypasses, owns = cursor.fetchone()
        after = datetime.now(at.tzinfo)
        cursor.execute(_UNHELD, [list(HELD_ALWAYS)])
        unheld = [row[0] for row in cursor.fetchall()]
    halfway = before.timestamp() + (after - before).total_seconds() / 2
    executor = MigrationExecutor(connection)
    return {
        "skew_seconds": moment - halfway,
        "time_zone": zone,
        "database_version": f"PostgreSQL {server.split(' ')[0]}",
        "role": BoundRole(name, is_superuser, bypasses, owns),
        "unheld_tables": unheld,
        "pending_migrations": len(executor.migration_plan(executor.loader.graph.leaf_nodes())),
    }


def _queue() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(_WORKERS)
        alive, silence = cursor.fetchone()
        cursor.execute(_QUEUE)
        waiting, waits, failed, names = cursor.fetchone()
        cursor.execute(_DELIVERIES)
        unheard, unheard_for = cursor.fetchone()
        cursor.execute(_SWEPT, [SWEEP])
        swept = cursor.fetchone()[0]
        cursor.execute(_SWEEP_WAITS, [SWEEP])
        late = cursor.fetchone()[0]
    ages = [age for age in (swept, late) if age is not None]
    return {
        "worker_count": alive,
        "worker_silence": _length(silence),
        "queue_count": waiting + unheard,
        "queue_wait": _length(max(waits or 0.0, unheard_for or 0.0)) or NOTHING,
        "failed_count": failed,
        "failed_names": json.loads(names) if isinstance(names, str) else names,
        "sweep_age": _length(max(ages)) if ages else None,
    }


def _trace(at: datetime) -> dict[str, Any]:
    made = Event.objects.filter(kind=BACKED_UP).order_by("-at").values_list("at", flat=True).first()
    sealed = DailySeal.objects.order_by("-day").values_list("day", flat=True).first()
    checked = trace.last_check()
    return {
        "backup_age": at - made if made else None,
        "sealed_until": sealed,
        "verified_at": local(checked.at) if checked else None,
        "trace_fault_count": checked.fault_count if checked else 0,
    }


def _city(at: datetime) -> dict[str, Any]:
    waiting = notices.waiting_messages(at)
    administrators = accounts.administrators(at.date())
    return {
        "is_next_year_provisional": dispatch.calendar().is_provisional(date(at.year + 1, 1, 4)),
        "message_count": waiting.count,
        "message_wait": timedelta(minutes=waiting.oldest_minutes or 0),
        "message_failed_count": waiting.failed_count,
        "administrator_count": len(administrators),
        "bare_administrators": [one.name for one in administrators if one.totp_confirmed_at is None],
        "roster_holes": _roster_holes(at),
    }


def _roster_holes(at: datetime) -> Sequence[str]:
    by_place: dict[str, list[str]] = {}
    for hole in duty.roster_holes(at):
        by_place.setdefault(str(hole.organisation), []).append(in_words(hole.starts_at))
    return [
        f"{place} {starts[0]}起" + (f"等 {len(starts)} 段" if starts[1:] else "") for place, starts in by_place.items()
    ]


def _certificate(known: Facts) -> Facts:
    path = settings.GONGQING.certificate
    if path is None:
        return known
    try:
        found = read_certificate(path)
    except BadInput as unreadable:
        return replace(known, certificate_fault=unreadable.message)
    return replace(known, certificate_until=found.until, is_trial_certificate=found.is_trial)


def _disk() -> Mapping[str, Any]:
    try:
        found = shutil.disk_usage(settings.HOME)
    except OSError:
        return {}
    return {"disk_free": found.free, "disk_total": found.total}


def _demo_accounts() -> list[str]:
    found = (accounts.user_named(name) for name in DEMO_ACCOUNTS)
    return [
        user.username
        for user in found
        if user is not None
        and user.is_active
        and user.has_usable_password()
        and user.check_password(demo_password(user.username))
    ]


def _key_file(path: Path, *, is_secret: bool = False) -> KeyFile:
    try:
        found = path.stat()
        length = len(path.read_text(encoding="utf-8").strip()) if is_secret else None
    except OSError:
        return KeyFile(path.name, None)
    return KeyFile(path.name, found.st_size, found.st_mode & 0o777, length)


def _length(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
