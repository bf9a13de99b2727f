"""What does a row of a hotline's sheet cost the worker, the reader beside it and PostgreSQL, in processor time?

Loads an invented sheet in this process into a data base of its own, through the actions that the job worker calls, and
prints one JSON line: milliseconds a row for each process, rows a second, what became of the rows, and with `--profile`
where this process spent its time. Processor time compares two versions on a machine that is shared; seconds do not.

    python bench/import_cost.py --rows 4000 --home var/bench/import
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import resource
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--bad", type=int, default=15)
    parser.add_argument("--labour", type=float, default=0.3, help="share of rows about labour")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    from bench.stored import prepare

    server = prepare(options.home)
    try:
        print(json.dumps(measure(options), ensure_ascii=False))
    finally:
        from django.db import connection

        connection.close()
        server.stop()
    return 0


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Found the city where it is missing, and load a sheet of numbers that nobody has loaded."""
    from bench.sweep import backend_process, seconds_of
    from gongqing.appeals.tests import sheets
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.lib import times
    from gongqing.registry.actions import loads
    from gongqing.registry.models import Load

    at = times.now()
    with scope.acting_as(SYSTEM):
        _found_city(at)
        seed = options.seed * 1_000 + Load.objects.count()
        rows = sheets.lines(options.rows, at=at, seed=seed, bad=options.bad, labour=options.labour)
        content = sheets.workbook(rows)
        load = loads.begin_load(
            kind="appeals", source="bench", file_name="bench.xlsx", content=content, by=SYSTEM, at=at,
            options={"screening": "on"},
        )  # fmt: skip
        load = loads.start_load(load_id=load.pk, by=SYSTEM, at=at, in_hand=True)
    backend = backend_process()
    profile = cProfile.Profile(time.process_time) if options.profile else None
    start, used, served = time.perf_counter(), time.process_time(), seconds_of(backend)
    reader = resource.getrusage(resource.RUSAGE_CHILDREN)
    if profile:
        profile.enable()
    while load.state == "running":
        with scope.acting_as(SYSTEM):
            load = loads.advance_load(load_id=load.pk, by=SYSTEM, at=at)
    if profile:
        profile.disable()
        stats = pstats.Stats(profile)
        stats.sort_stats("cumulative").print_stats(110)
        stats.sort_stats("tottime").print_stats(60)
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    beside = after.ru_utime + after.ru_stime - reader.ru_utime - reader.ru_stime
    spent = {"worker": time.process_time() - used, "reader": beside, "postgres": seconds_of(backend) - served}
    each = {f"{name}_ms_a_row": round(value / options.rows * 1000, 3) for name, value in spent.items()}
    return {
        "rows": options.rows,
        "a_second": round(options.rows / seconds, 1),
        **each,
        "all_ms_a_row": round(sum(spent.values()) / options.rows * 1000, 3),
        "counts": {name: count for name, count in load.counts.items() if count},
        "load": round(os.getloadavg()[0], 1),
    }


def _found_city(at: datetime) -> None:
    from django.conf import settings

    from gongqing.audit.actor import SYSTEM
    from gongqing.config import setup_city
    from gongqing.registry.models import Organisation

    if not Organisation.objects.exists():
        rows = setup_city.shipped_regions(settings.GONGQING.city_code)
        setup_city.prepare_city(rows=rows, by=SYSTEM, at=at - timedelta(days=400))


if __name__ == "__main__":
    raise SystemExit(main())
