"""How long does a city's load of organisations take? Prints one JSON line.

Prepares an empty city in a directory of its own, makes a sheet of invented unions (towns' federations, zones and
grassroots unions with their employers, in no order), and loads it twice through the engine, as the job does.

    python bench/load_organisations.py --count 33000
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HEADER = ("组织编码", "名称", "类型", "上级编码", "单位统一社会信用代码", "单位名称", "职工人数", "所属片区")


@contextmanager
def prepared_city() -> Iterator[None]:
    """A fresh installation with the shipped city, Django set up on its bound role."""
    with tempfile.TemporaryDirectory(prefix="gq") as home:
        os.environ.update(GONGQING_HOME=home, GONGQING_POOL="0", DJANGO_SETTINGS_MODULE="gongqing.config.settings")
        for command in ("migrate", "setup"):
            subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "gongqing.config.cli", command],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        from gongqing.config.embedded import ensure_database

        server = ensure_database(Path(home), {})
        try:
            import django

            django.setup()
            yield
        finally:
            from django.db import connection

            connection.close()
            if server is not None:
                server.stop()


def rows(count: int, towns: list[str], seed: int) -> list[tuple[str, ...]]:
    """So many organisations: 1 zone and 4 federations for each 100, the rest grassroots unions; shuffled."""
    from gongqing.lib.codes import uscc_check_char

    rng = random.Random(seed)
    zones = [(f"PQ{number:05d}", rng.choice(towns)) for number in range(max(1, count // 100))]
    made = [(code, f"第{place}片区", "片区", town, "", "", "", "") for place, (code, town) in enumerate(zones)]
    federations = []
    for place in range(max(1, count * 4 // 100)):
        zone, town = rng.choice(zones)
        federations.append((f"XSJ{place:05d}", zone))
        made.append((f"XSJ{place:05d}", f"第{place}联合工会", "小三级", town, "", "", "", zone))
    for place in range(count - len(made)):
        above, zone = rng.choice(federations)
        body = f"91330206MA{place:07d}"
        name = f"虚构企业{place}有限公司"
        made.append(
            (
                *(f"JC{place:06d}", f"{name}工会", "基层工会", above),
                *(body + uscc_check_char(body), name, str(rng.randrange(5, 900)), zone),
            )
        )
    rng.shuffle(made)
    return made


def book(lines: list[tuple[str, ...]], header: tuple[str, ...] = HEADER) -> bytes:
    """The rows as an xlsx file."""
    import xlsxwriter

    kept = io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False}) as made:
        sheet = made.add_worksheet()
        for number, line in enumerate((header, *lines)):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell)
    return kept.getvalue()


def run(kind: str, content: bytes, *, dry_run: bool = False, undo: bool = False) -> dict[str, Any]:
    """Load a file in chunks, each in a transaction of its own; seconds and counts."""
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.lib.times import now
    from gongqing.registry.actions import loads
    from gongqing.registry.models import LoadState

    def advanced(load: Any) -> Any:
        while load.state in (LoadState.RUNNING, LoadState.UNDOING):
            with scope.acting_as(SYSTEM):
                load = loads.advance_load(load_id=load.pk, by=SYSTEM, at=now())
        return load

    figures: dict[str, Any] = {}
    start = time.perf_counter()
    with scope.acting_as(SYSTEM):
        load = loads.begin_load(kind=kind, source="bench", file_name="bench.xlsx", content=content, by=SYSTEM, at=now())
    figures["read_s"] = round(time.perf_counter() - start, 1)
    if dry_run:
        start = time.perf_counter()
        with scope.acting_as(SYSTEM):
            load = loads.start_load(load_id=load.pk, by=SYSTEM, at=now(), dry_run=True, in_hand=True)
        load = advanced(load)
        figures["dry_run_s"] = round(time.perf_counter() - start, 1)
    start = time.perf_counter()
    with scope.acting_as(SYSTEM):
        load = loads.start_load(load_id=load.pk, by=SYSTEM, at=now(), in_hand=True)
    load = advanced(load)
    figures["load_s"] = round(time.perf_counter() - start, 1)
    figures["counts"] = {state: count for state, count in load.counts.items() if count}
    if undo:
        start = time.perf_counter()
        with scope.acting_as(SYSTEM):
            load = loads.undo_load(load_id=load.pk, by=SYSTEM, at=now(), reason="bench", in_hand=True)
        load = advanced(load)
        figures["undo_s"] = round(time.perf_counter() - start, 1)
        figures["undone"] = {state: count for state, count in load.counts.items() if count}
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=33_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--undo", action="store_true")
    options = parser.parse_args()
    with prepared_city():
        from gongqing.registry.models import Organisation

        towns = list(Organisation.objects.filter(kind="town_union").values_list("code", flat=True))
        content = book(rows(options.count, towns, options.seed))
        first = run("organisations", content, dry_run=True, undo=options.undo)
        figures = {"rows": options.count, "first": first, "again": run("organisations", content)}
    print(json.dumps(figures, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
