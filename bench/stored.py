"""A city with so many stored appeals, to measure on. Prints one JSON line.

Founds the city, leads some hundred appeals through the real actions to every kind of ending, and copies their rows by
COPY under other numbers, names, words and days: nine years' growth of a real data base in minutes. The same seed gives
the same city. Running it again with a larger number adds what is missing.

    python bench/stored.py --stored 100000 --home var/bench/100k
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg

YEARS = 3
CHUNK = 1000
CITY = "330200"
WITHOUT_NUMBER = ("appeals_searchtext", "appeals_carefulreading", "audit_chainhead", "voices_textvector")
HASTE = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
INDEXES = """
SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
WHERE t.relname = ANY(%s) AND NOT i.indisprimary AND NOT EXISTS (
  SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY c.relname
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=100_000)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lives", type=int, default=400, help="appeals led through the real actions")
    parser.add_argument("--unions", type=int, default=2_000, help="grassroots unions")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()
    server = prepare(options.home)
    try:
        figures = load(options, server.owner_url)
    finally:
        from django.db import connection

        connection.close()
        server.stop()
    print(json.dumps(figures, ensure_ascii=False))
    return 0


def prepare(home: Path) -> Any:
    """The embedded server of this home, migrated; Django set up on its bound role."""
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        GONGQING_HOME=str(home.resolve()),
        GONGQING_POOL="0",
        GONGQING_SMS_GATEWAY="file",
        GONGQING_QUIET_HOURS="none",
        DJANGO_SETTINGS_MODULE="gongqing.config.settings",
    )
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(name, None)
    from gongqing.config.embedded import ensure_database

    server = ensure_database(home.resolve(), {})
    assert server is not None  # noqa: S101
    subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "gongqing.config.cli", "migrate", "--verbosity", "0"], check=True
    )
    import django

    django.setup()
    return server


def load(options: argparse.Namespace, owner_url: str) -> dict[str, Any]:
    """Found what is missing and copy up to the number that is wanted."""
    start = time.perf_counter()
    found(options)
    lived = time.perf_counter()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET TIME ZONE 'Asia/Shanghai'")
        missing = options.stored - _one(connection, "SELECT count(*) FROM appeals_appeal")
        rows = copy_appeals(connection, owner_url, max(0, missing), options)
        copied = time.perf_counter()
        connection.execute("VACUUM ANALYZE")
        stored = _one(connection, "SELECT count(*) FROM appeals_appeal")
        size = _one(connection, "SELECT pg_database_size(current_database())")
    return {
        "stored": stored,
        "copied": max(0, missing),
        "rows": rows,
        "lives_s": round(lived - start, 1),
        "copy_s": round(copied - lived, 1),
        "analyze_s": round(time.perf_counter() - copied, 1),
        "appeals_per_s": round(max(0, missing) / max(copied - lived, 0.001)),
        "gib": round(size / 2**30, 2),
    }


def found(options: argparse.Namespace) -> None:
    """The city and the lives, unless they are there."""
    from django.db import connection

    from bench import city, lives
    from gongqing.appeals import actions as appeals
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM
    from gongqing.dispatch import actions as dispatch
    from gongqing.lib import times
    from gongqing.registry.models import Organisation
    from gongqing.voices import actions as voices

    rng = Random(options.seed)
    now = times.now()
    connection.features.uses_savepoints = False
    with scope.acting_as(SYSTEM):
        if not Organisation.objects.filter(kind="grassroots_union").exists():
            began = now - timedelta(days=400 * YEARS)
            city.build_city(city_code=CITY, union_count=options.unions, rng=rng, at=began)
    say("city founded")
    path = options.home / "lives.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    with scope.acting_as(SYSTEM):
        here = city.known_city(now)
    for number, ending in enumerate(_endings(options.lives) if not kept else (), 1):
        at = _moment(rng, now, is_open=ending in lives.OPEN_SHARES)
        life = lives.Life(here, Random(options.seed * 7919 + number), number, ending, at=at)
        with scope.acting_as(SYSTEM):
            life.live()
        kept[str(life.appeal.pk)] = {
            "tail": life.tail,
            "name": life.name,
            "brand": life.employer[2:6],
            "ending": ending,
        }
    with scope.acting_as(SYSTEM):
        dispatch.sweep_clocks(at=now)
        lives.run_listeners()
        voices.read_texts(most=options.lives)
    appeals.read_carefully(most=options.lives, by=SYSTEM, at=now)
    path.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    say("lives led")


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


def _endings(count: int) -> list[str]:
    from bench.lives import CLOSED_SHARES, OPEN_SHARES

    open_count = count // 4
    drawn = [name for name in OPEN_SHARES for _ in range(max(2, round(OPEN_SHARES[name] / 0.03 * open_count)))]
    for name, share in CLOSED_SHARES.items():
        drawn += [name] * max(3, round(share * (count - open_count)))
    return drawn


def _moment(rng: Random, now: datetime, *, is_open: bool) -> datetime:
    """In working time of a working day: the last days for what is in hand, else some weeks ago."""
    from gongqing.dispatch import queries
    from gongqing.lib.times import local

    days = rng.uniform(0.5, 6) if is_open else rng.uniform(45, 80)
    at = local(now - timedelta(days=days)).replace(hour=9, minute=0, second=0, microsecond=0)
    return queries.calendar().add_working_time(at, timedelta(hours=rng.uniform(0.5, 6))) if not is_open else at


def copy_appeals(connection: psycopg.Connection[Any], owner_url: str, count: int, options: argparse.Namespace) -> int:
    """Copy so many appeals; returns the rows written."""
    if not count:
        return 0
    from django.db import connection as django_connection

    from bench.copies import Copier, Weaver
    from bench.rows import captured

    kept = json.loads((options.home / "lives.json").read_text(encoding="utf-8"))
    patterns = [Weaver(captured(connection, int(number)), **said).woven() for number, said in kept.items()]
    tables = sorted({block.table for pattern in patterns for block in pattern.blocks})
    first = {table: _next_number(connection, table) for table in tables}
    plan = list(_planned(connection, patterns, count, options))
    django_connection.close()
    dropped = connection.execute(INDEXES, [tables]).fetchall() if count >= 20_000 else []
    for name, _ in dropped:
        connection.execute(f'DROP INDEX "{name}"')  # type: ignore[arg-type]
    _hurry(connection, HASTE if dropped else {})
    jobs, written, running = [], 0, dict(first)
    for begin in range(0, len(plan), CHUNK):
        part = plan[begin : begin + CHUNK]
        jobs.append((part, dict(running)))
        for each in part:
            for block in patterns[each.pattern].blocks:
                running[block.table] += block.count
                written += block.count
    _Part.copier, _Part.url = Copier(patterns, seed=options.seed), owner_url
    _Part.columns = {block.table: block.columns for pattern in patterns for block in pattern.blocks}
    _Part.started, _Part.total = time.perf_counter(), len(jobs)
    if options.processes > 1 and len(jobs) > 1:
        with multiprocessing.get_context("fork").Pool(options.processes) as pool:
            for number, _ in enumerate(pool.imap(_Part.write, jobs), 1):
                _Part.say(number)
    else:
        for job in jobs:
            _Part.write(job)
    for _, definition in dropped:
        connection.execute(definition)
    for table, number in running.items():
        sequence = (
            _one(connection, f"SELECT pg_get_serial_sequence('{table}', 'id')") if table not in WITHOUT_NUMBER else None
        )
        if sequence:
            connection.execute(f"SELECT setval('{sequence}', {number})")  # type: ignore[arg-type]
    _set_serials(connection)
    _hurry(connection, {})
    return written


def _hurry(connection: psycopg.Connection[Any], settings: dict[str, str]) -> None:
    """Let the server write with less care while what is lost could be copied again; afterwards as before."""
    for name in HASTE:
        wanted = f"SET {name} = '{settings[name]}'" if name in settings else f"RESET {name}"
        connection.execute(f"ALTER SYSTEM {wanted}")  # type: ignore[arg-type]
    connection.execute("SELECT pg_reload_conf()")
    connection.execute("CHECKPOINT")


class _Part:
    """What a process that copies needs; inherited by the fork."""

    copier: Any
    url: str
    columns: dict[str, tuple[str, ...]]
    started: float
    total: int

    @classmethod
    def write(cls, job: tuple[list[Any], dict[str, int]]) -> None:
        """One chunk in one transaction."""
        made = cls.copier.write(*job)
        with psycopg.connect(cls.url) as connection:
            connection.execute("SET session_replication_role = replica")  # the copies are as whole as what they copy
            connection.execute("SET synchronous_commit = off")
            connection.execute("SET TIME ZONE 'Asia/Shanghai'")
            for table, lines in made.items():
                columns = ", ".join(f'"{name}"' for name in cls.columns[table])
                with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copying:  # type: ignore[arg-type]
                    copying.write("".join(lines))

    @classmethod
    def say(cls, number: int) -> None:
        if number % 20 == 0:
            seconds = time.perf_counter() - cls.started
            print(f"{number}/{cls.total} · {number * CHUNK / seconds:.0f}/s", file=sys.stderr, flush=True)


def _planned(
    connection: psycopg.Connection[Any], patterns: list[Any], count: int, options: argparse.Namespace
) -> Iterator[Any]:
    """Which copies, in the order of the days on which they were received."""
    from bench.copies import MINUTES, Copy
    from bench.lives import CLOSED_SHARES, OPEN_SHARES

    rng = Random(options.seed * 31 + count)
    today = datetime.now().astimezone().date()
    shares = CLOSED_SHARES | OPEN_SHARES
    of_ending: dict[str, list[int]] = {}
    for place, pattern in enumerate(patterns):
        of_ending.setdefault(pattern.ending, []).append(place)
    total = sum(shares[ending] for ending in of_ending)
    drawn: list[tuple[int, float, int, int]] = []
    for ending, places in of_ending.items():
        for _ in range(round(count * shares[ending] / total)):
            place = rng.choice(places)
            pattern, weeks = patterns[place], 0
            if ending in CLOSED_SHARES:
                most = (today - pattern.last).days // 7 - 1
                weeks = rng.randint(-((365 * YEARS - (today - pattern.day).days) // 7), max(most, 0))
            drawn.append(((pattern.day - today).days + weeks * 7, rng.random(), place, weeks * 7))
    drawn.sort()
    while len(drawn) < count:
        drawn.append(drawn[-1])
    serials: dict[Any, int] = {}
    numbers = connection.execute(
        "SELECT substr(code, 9, 8), max(substr(code, 17, 7)::int) FROM appeals_appeal GROUP BY 1"
    )
    known = dict(numbers.fetchall())
    taken = _one(connection, "SELECT count(*) FROM appeals_appeal")
    for number, (_, _, place, days) in enumerate(drawn[:count], taken + 1):
        day = patterns[place].day + timedelta(days=days)
        serials[day] = serials.get(day, known.get(f"{day:%Y%m%d}", 0)) + 1
        yield Copy(place, days, rng.randrange(MINUTES), serials[day], number)


def _next_number(connection: psycopg.Connection[Any], table: str) -> int:
    return 0 if table in WITHOUT_NUMBER else _one(connection, f"SELECT coalesce(max(id), 0) + 1 FROM {table}")  # noqa: S608


def _set_serials(connection: psycopg.Connection[Any]) -> None:
    """The next appeal of every day gets a serial that nobody has."""
    connection.execute("SELECT setval('appeals_serial', greatest(last_value, 5000000)) FROM appeals_serial")
    connection.execute(
        "INSERT INTO appeals_serialday (day, origin) SELECT to_date(substr(code, 9, 8), 'YYYYMMDD'),"
        " (SELECT last_value FROM appeals_serial) - max(substr(code, 17, 7)::int) FROM appeals_appeal GROUP BY 1"
        " ON CONFLICT (day) DO UPDATE SET origin = EXCLUDED.origin"
    )


def _one(connection: psycopg.Connection[Any], statement: str) -> Any:
    row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


if __name__ == "__main__":
    raise SystemExit(main())
