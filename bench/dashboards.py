"""How long do the dashboards take at this many stored appeals? Prints one JSON line.

Starts the platform as `gongqing up` does on a home that `stored.py` has prepared, builds the daily sums where there are
none, and opens dashboards, figures and their API one after the other, as the busiest organisation of every role: median
and p95 in milliseconds. With `--grow` the rows that figures read (appeals, grants, clocks) are first
copied within the data base, spread over other days, up to that number; the copies have no trace and no orders, so such
a home serves for nothing else.

    python bench/dashboards.py --home var/bench/100k --requests 100
    python bench/dashboards.py --home var/bench/figures --grow 1000000
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

from bench import serving
from bench.reading import Asked, everything
from bench.stored import prepare

PAGES = {
    "area 60 days": "/desk/dashboard?view=area",
    "area year": "/desk/dashboard?view=area&period=year",
    "organisation": "/desk/dashboard?view=organisation",
    "today": "/desk/dashboard?view=mine",
    "figures": "/desk/figures",
    "figures 3 years": "/desk/figures?period=custom&from={first}&to={last}",
    "area 3 years": "/desk/dashboard?view=area&period=custom&from={first}&to={last}",
    "organisation 3 years": "/desk/dashboard?view=organisation&period=custom&from={first}&to={last}",
    "xlsx": "/desk/dashboard/export?view=area&form=xlsx",
    "csv": "/desk/dashboard/export?view=area&form=csv",
}
CALLS = {
    "api figures": "/api/v1/figures?period=month&by=category",
    "api by area": "/api/v1/figures?period=days60&by=area",
}
ROLES = {
    "town": "town_supervisor",
    "county": "county_supervisor",
    "city": "city_supervisor",
    "seat": "hotline_seat",
    "department": "department_liaison",
    "zone": "zone_worker",
    "grassroots": "grassroots_officer",
}
SUMS = ("insight_dailysum", "insight_monthsum", "insight_sightedappeal")
OPEN = "a.status NOT IN ('archived', 'merged', 'withdrawn', 'invalid', 'awaiting_evaluation', 'resolved')"
COPIED = ("appeals_access", "dispatch_clock")
# lists and boards read what is open from rows that triggers keep; copying within the data base runs none
STANDING = """
INSERT INTO dispatch_openappeal (appeal_id, received_at, next_due_at, reporter_user_id, worker_count, reopened_count,
  is_overdue, asks_extension, is_extended, status, grade, amount, category_id, handler_id, seen)
SELECT a.id, a.received_at, a.next_due_at, a.reporter_user_id, a.worker_count, a.reopened_count,
  a.is_overdue, false, false, a.status, a.grade, a.amount, a.category_id, a.handler_id, gq_seen_by(a.id)
FROM appeals_appeal a WHERE a.status NOT IN ('archived', 'merged', 'withdrawn', 'invalid') ORDER BY a.id
ON CONFLICT DO NOTHING
"""
MOMENTS = ("received_at", "entered_at", "due_at", "next_due_at", "resolved_at", "closed_at", "source_due_at")


def grow(url: str, wanted: int) -> int:
    """Copy what figures read within the data base until there are so many appeals; answers how many were added."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        stored = _one(connection, "SELECT count(*) FROM appeals_appeal")
        step = _one(connection, "SELECT max(id) FROM appeals_appeal")
        rows = {table: _one(connection, f"SELECT max(id) FROM {table}") for table in COPIED}  # noqa: S608
        added, turn = 0, 0
        while stored + added < wanted:
            turn += 1
            part = min(stored, wanted - stored - added)
            ids = f"SELECT id FROM appeals_appeal WHERE id <= {step} ORDER BY id LIMIT {part}"  # noqa: S608
            back = f"(CASE WHEN {OPEN} THEN interval '20 minutes' ELSE interval '37 days' END * {turn})"
            moved = {name: f"a.{name} - {back}" for name in MOMENTS}
            moved |= {"id": f"a.id + {step * turn}", "external_id": f"a.external_id || '-{turn}'"}
            moved["code"] = f"left(a.code, 14) || lpad((a.id + {step * turn})::text, 10, '0')"
            _copy(connection, "appeals_appeal", moved, f"a.id IN ({ids})")
            for table, last in rows.items():
                given = {"id": f"a.id + {last * turn}", "appeal_id": f"a.appeal_id + {step * turn}"}
                _copy(connection, table, given, f"a.id <= {last} AND a.appeal_id IN ({ids})")
            added += part
            print(f"{time.strftime('%H:%M:%S')} {stored + added} appeals", file=sys.stderr, flush=True)
        if added:
            connection.execute(STANDING)
            connection.execute("VACUUM ANALYZE appeals_appeal, appeals_access, dispatch_clock, dispatch_openappeal")
    return added


def _copy(connection: psycopg.Connection[Any], table: str, given: dict[str, str], where: str) -> None:
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    )
    names = [name for (name,) in found]
    values = ", ".join(given.get(name, f"a.{name}") for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    connection.execute(f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} a WHERE {where}")  # noqa: S608


def _one(connection: psycopg.Connection[Any], text: str) -> int:
    row = connection.execute(text).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def build(options: argparse.Namespace) -> dict[str, Any]:
    """The sums of this home, built when they are missing or after growing; how long it took and how large they are."""
    server = prepare(options.home)
    from django.db import connection

    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.insight import actions
    from gongqing.insight.models import CountedAppeal, DailySum
    from gongqing.insight.queries import recount
    from gongqing.lib.times import now

    try:
        added = grow(server.owner_url, options.grow) if options.grow else 0
        start = time.perf_counter()
        if added or not recount.is_built():
            actions.rebuild_sums(by=SYSTEM, at=now())
        built = time.perf_counter() - start
        with psycopg.connect(server.owner_url, autocommit=True) as owner:
            owner.execute(
                "VACUUM ANALYZE insight_dailysum, insight_monthsum, insight_countedappeal, insight_sightedappeal"
            )
        for _ in range(3):
            start = time.perf_counter()
            actions.refresh_sums(by=SYSTEM, at=now())
            quiet = time.perf_counter() - start
        with scope.acting_as(SYSTEM), connection.cursor() as cursor:
            cursor.execute("SELECT sum(pg_total_relation_size(t::regclass)) FROM unnest(%s::text[]) t", [list(SUMS)])
            size = (cursor.fetchone() or (0,))[0]
            figures = {"appeals": CountedAppeal.objects.count(), "sums": DailySum.objects.count()}
        return {
            **figures,
            "sums_mib": round(size / 2**20),
            "build_s": round(built, 1),
            "refresh_ms": round(quiet * 1000),
        }
    finally:
        connection.close()
        server.stop()


def busiest() -> dict[str, str]:
    """Who reads: of every role the account whose organisation sees the most."""
    from django.db.models import Count

    from gongqing.accounts.models import Posting
    from gongqing.appeals.models import Access
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM

    with scope.acting_as(SYSTEM):
        granted: Counter[str] = Counter()
        live = Access.objects.filter(until__isnull=True).exclude(path="").order_by()
        for path, count in live.values_list("path").annotate(n=Count("pk")):
            for place, sign in enumerate(path):
                granted[path[: place + 1]] += count if sign == "/" else 0
        found = {}
        for name, role in ROLES.items():
            held = Posting.objects.filter(role=role, user__username__startswith="u").order_by("id")
            paths = held.values_list("user__username", "organisation__path")
            found[name] = max(paths, key=lambda row: granted[row[1]])[0]
    return found


def questions() -> list[Asked]:
    """Every page and every call for everybody."""
    from gongqing.lib.times import now

    today = now().date()
    fill = {"first": [today.replace(year=today.year - 2).isoformat()], "last": [today.isoformat()]}
    asked: list[Asked] = []
    for role, username in busiest().items():
        cookie = f"Cookie: {serving.session_cookie(username)}"
        asked += [(f"{page} {role}", cookie, path, fill) for page, path in PAGES.items()]
        key = f"Authorization: Bearer {serving.api_key(username)}"
        asked += [(f"{call} {role}", key, path, fill) for call, path in CALLS.items()]
    return asked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path("var/bench/100k"))
    parser.add_argument("--grow", type=int, default=0, help="copy what figures read up to so many appeals")
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--warm", type=int, default=5)
    parser.add_argument("--port", type=int, default=8128)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    parser.add_argument("--skip-building", action="store_true", help="the sums are there")
    options = parser.parse_args()
    built = {} if options.skip_building else build(options)
    with serving.running(options.home, options.port):
        serving.connect_django(options.home)
        figures = asyncio.run(everything(options, questions()))
    told = {**built, "requests": options.requests, "cores": os.cpu_count(), "ms": figures}
    print(json.dumps(told, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
