"""How long does the sweep take over so many open clocks, when little changes and when everything does?

Builds a data base of its own: one appeal through the real actions, its rows copied under other numbers with their times
spread over five days, their next looks over the week to come. Prints one JSON line: `quiet_s` is a run in which nothing
is due, `minute_s` one in which a few clocks are, `first_s` one in which every copy is looked at for the first time and
climbs, `all_s` one that reckons every clock anew (after a change of the calendar), `changed_s` one after two months,
when every clock is long overdue. `…_cpu` is the processor time of this process, `…_pg` that of its PostgreSQL backend.

    python bench/sweep.py --clocks 100000 --home var/bench/sweep
"""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

SAID = "厂里三个月没发工资了，欠我两千块，请工会帮我讨回来。"
SPREAD = "(i %% 7200) * interval '1 minute'"  # five days
MOMENTS = {
    "appeals_appeal": ("received_at", "entered_at"),
    "appeals_access": ("since",),
    "dispatch_order": ("dispatched_at",),
    "dispatch_clock": ("started_at", "due_at"),
    "dispatch_clockentry": ("at",),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clocks", type=int, default=100_000)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--no-change", action="store_true", help="leave out the runs that look at every clock")
    parser.add_argument("--change", action="store_true", help="also let every clock become overdue at once")
    options = parser.parse_args()
    from bench.stored import prepare

    server = prepare(options.home)
    try:
        figures = measure(options, server.owner_url)
    finally:
        from django.db import connection

        connection.close()
        server.stop()
    print(json.dumps(figures))
    return 0


def measure(options: argparse.Namespace, owner_url: str) -> dict[str, Any]:
    """Build what is missing and sweep."""
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.dispatch import actions
    from gongqing.dispatch.models import Clock
    from gongqing.lib import times

    at = times.now().replace(hour=9, minute=0, second=0, microsecond=0)
    built = time.perf_counter()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        copy_clocks(connection, first_appeal(at - timedelta(days=5)), options.clocks)
        connection.execute(
            "UPDATE dispatch_clock SET next_look_at = %s + random() * interval '7 days' WHERE ended_at IS NULL",
            (at + timedelta(minutes=1),),
        )
        connection.execute("VACUUM ANALYZE")
    built = time.perf_counter() - built
    with scope.acting_as(SYSTEM):
        clocks = Clock.objects.filter(ended_at__isnull=True).count()
    runs = {"quiet": at, "minute": at + timedelta(minutes=10)}
    if not options.no_change:
        runs |= {"first": at + timedelta(minutes=11), "all": at + timedelta(minutes=12)}
    if options.change:
        runs["changed"] = at + timedelta(days=60)
    figures: dict[str, Any] = {"clocks": clocks, "built_s": round(built, 1), "cores": os.cpu_count()}
    backend = backend_process()
    for name, moment in runs.items():
        if name in ("first", "all"):
            with scope.acting_as(SYSTEM):
                actions.relook_clocks()
        start, used, served = time.perf_counter(), time.process_time(), seconds_of(backend)
        figures[name] = actions.sweep_clocks(at=moment)
        figures[f"{name}_s"] = round(time.perf_counter() - start, 2)
        figures[f"{name}_cpu"] = round(time.process_time() - used, 2)
        figures[f"{name}_pg"] = round(seconds_of(backend) - served, 2)
    figures["load"] = round(os.getloadavg()[0], 1)
    return figures


def backend_process() -> int:
    """The process that serves the connection of Django."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def seconds_of(process: int) -> float:
    """The processor time that another process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_appeal(at: datetime) -> int:
    """The one that is copied, taken in by the real actions in a city that has its rules and its unions."""
    from django.conf import settings

    from gongqing.appeals import actions as appeals
    from gongqing.appeals.models import Appeal
    from gongqing.appeals.rules.intake import Intake
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.config import setup_city

    with scope.acting_as(SYSTEM):
        held = Appeal.objects.filter(external_id="sweep").first()
        if held is not None:
            return held.pk
        rows = setup_city.shipped_regions(settings.GONGQING.city_code)
        setup_city.prepare_city(rows=rows, by=SYSTEM, at=at - timedelta(days=400))
        intake = Intake(source="bench", external_id="sweep", channel="app", text=SAID, region_code="330206001")
        return appeals.receive_appeal(intake, by=SYSTEM, at=at).appeal.pk


def copy_clocks(connection: psycopg.Connection[Any], appeal_id: int, wanted: int) -> None:
    """So many open clocks in all, with the appeals, grants, orders and ledgers that they hang on."""
    here = _one(connection, "SELECT count(*) FROM dispatch_clock WHERE ended_at IS NULL")
    each = _one(connection, "SELECT count(*) FROM dispatch_clock WHERE ended_at IS NULL AND appeal_id = %s", appeal_id)
    count = -(-(wanted - here) // each)
    if count <= 0:
        return
    base = _one(connection, "SELECT max(id) FROM appeals_appeal")
    changed = {"code": f"'GQSWEEP' || lpad(({base} + i)::text, 13, '0')", "external_id": f"'sweep-' || ({base} + i)"}
    offsets = {"appeals_appeal": _copy(connection, "appeals_appeal", f"id = {appeal_id}", count, changed)}
    orders = _copy(connection, "dispatch_order", f"appeal_id = {appeal_id}", count, _linked(offsets, "appeals_appeal"))
    _copy(connection, "appeals_access", f"appeal_id = {appeal_id}", count, _linked(offsets, "appeals_appeal"))
    links = {**_linked(offsets, "appeals_appeal"), "order_id": f"t.order_id + {orders} * i", "next_look_at": "NULL"}
    clocks = _copy(connection, "dispatch_clock", f"appeal_id = {appeal_id}", count, links)
    which = f"clock_id IN (SELECT id FROM dispatch_clock WHERE appeal_id = {appeal_id})"  # noqa: S608
    _copy(connection, "dispatch_clockentry", which, count, {"clock_id": f"t.clock_id + {clocks} * i"})


def _linked(offsets: dict[str, int], table: str) -> dict[str, str]:
    return {"appeal_id": f"t.appeal_id + {offsets[table]} * i"}


def _copy(connection: psycopg.Connection[Any], table: str, which: str, count: int, changed: dict[str, str]) -> int:
    """Copies of the rows of a table, the i-th of each at its number plus a step times i; answers the step.

    The step is larger than every number in use, so that copies of different rows never meet.
    """
    step = _one(connection, f"SELECT coalesce(max(id), 0) FROM {table}") + 1  # noqa: S608
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'",
            (table,),
        )
    ]
    written = {"id": f"t.id + {step} * i", **{name: f"t.{name} + {SPREAD}" for name in MOMENTS[table]}, **changed}
    values = ", ".join(written.get(name, f't."{name}"') for name in columns).replace("%%", "%")
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(
        f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE SELECT {values} "  # noqa: S608
        f"FROM {table} t, generate_series(1, {count}) i WHERE {which}".encode()
    )
    connection.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))".encode()  # noqa: S608
    )
    return int(step)


def _one(connection: psycopg.Connection[Any], statement: str, *given: Any) -> Any:
    row = connection.execute(statement.encode(), given or None).fetchone()
    return row[0] if row else None


if __name__ == "__main__":
    raise SystemExit(main())
