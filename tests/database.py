"""Which database do the tests run on?

Loaded by pytest before Django's settings (`-p tests.database`). One private embedded PostgreSQL under `var/test` serves
every session in this checkout; it starts with the first test that needs a database and stops with the last session.

1. A template database is migrated by the owner, once for each state of the migrations.
2. Every session and every xdist worker clones it, and connects as the bound role, which row-level security holds.
3. A transactional test gets a clone of its own, so nothing ever has to be emptied.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("GONGQING_TEST_HOME") or ROOT / "var" / "test").resolve()
HASTE = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")
KEPT_TEMPLATES = 3

_held: list[IO[str]] = []
_chosen = "bare"
_connected = False


def prepare_environment() -> None:
    """Point Django's settings at the tests' own home; no server is started yet."""
    (HOME / "static").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        GONGQING_HOME=str(HOME),
        GONGQING_POOL="0",
        GONGQING_DEMO="none",
        GONGQING_SMS_GATEWAY="file",
        GONGQING_QUIET_HOURS="none",  # tests run at night too
        DJANGO_SETTINGS_MODULE="gongqing.config.settings",
        DATABASE_URL="postgresql://gongqing_app@/not_started",
        DATABASE_OWNER_URL="postgresql://postgres@/not_started",
    )
    os.environ.pop("GONGQING_AS_OWNER", None)
    os.environ.setdefault("GONGQING_TEST_SESSION", f"test_{os.getpid()}")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Runs around pytest-django's own hook, which reads the settings."""
    prepare_environment()
    if not _is_worker():
        _held.append(_locked(HOME / "sessions.lock", fcntl.LOCK_SH))
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last session in this checkout stops the server."""
    if _is_worker() or not _held:
        return
    running = (HOME / "pg" / "postmaster.pid").exists()
    if running:
        drop_databases(os.environ["GONGQING_TEST_SESSION"] + "_")
    _held.pop().close()
    try:
        last = _locked(HOME / "sessions.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    with last:
        if running:
            server = _server()
            server.started_here = True
            server.stop()


def _is_worker() -> bool:
    return "PYTEST_XDIST_WORKER" in os.environ


def _locked(path: Path, kind: int) -> IO[str]:
    file = path.open("w", encoding="utf-8")
    try:
        fcntl.flock(file, kind)
    except BlockingIOError:
        file.close()
        raise
    return file


def _server() -> Any:
    from gongqing.config.embedded import EmbeddedServer

    return EmbeddedServer(HOME / "pg", database="postgres")


@contextmanager
def _owner() -> Iterator[psycopg.Connection[Any]]:
    host = (HOME / "socket").read_text(encoding="utf-8")
    with psycopg.connect(f"postgresql://postgres@/postgres?host={host}", autocommit=True) as connection:
        yield connection


def start_server() -> str:
    """Start the tests' server, or find it running.

    Returns:
        The name of a database migrated to the present state, to be cloned.
    """
    with _locked(HOME / "start.lock", fcntl.LOCK_EX):
        server = _server()
        host = psycopg.conninfo.conninfo_to_dict(server.owner_url)["host"]
        (HOME / "socket").write_text(str(host), encoding="utf-8")
        with _owner() as connection:
            for name in HASTE:
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
            connection.execute("SELECT pg_reload_conf()")
            _drop_abandoned(connection)
            template = f"template_{_state_of_migrations()}"
            if template not in _databases(connection, "template_"):
                _drop_old_templates(connection)
                _migrate(connection, template)
    return template


def _state_of_migrations() -> str:
    digest = hashlib.sha256(f"{version('django')} {version('procrastinate')}".encode())
    files = [*ROOT.glob("gongqing/*/migrations/*.py"), ROOT / "gongqing/config/embedded.py"]
    for path in sorted(files):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _migrate(connection: psycopg.Connection[Any], template: str) -> None:
    building = f"building_{template}"
    _drop(connection, building)
    connection.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(sql.Identifier(building))
    )
    environment = {**os.environ, "DATABASE_URL": url(building), "DATABASE_OWNER_URL": url(building, "postgres")}
    command = [sys.executable, "-m", "gongqing.config.cli", "migrate", "--verbosity", "0"]
    migrated = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if migrated.returncode:
        raise RuntimeError(f"the test database could not be migrated:\n{migrated.stdout}{migrated.stderr}")
    connection.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(template))
    )


def _databases(connection: psycopg.Connection[Any], prefix: str) -> list[str]:
    rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [prefix])
    return [name for (name,) in rows]


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_old_templates(connection: psycopg.Connection[Any]) -> None:
    for name in _databases(connection, "template_")[:-KEPT_TEMPLATES]:
        if name.startswith("template_") and name not in ("template0", "template1"):
            _drop(connection, name)


def _drop_abandoned(connection: psycopg.Connection[Any]) -> None:
    for name in _databases(connection, "test_"):
        process = name.split("_")[1]
        if process.isdigit() and not Path("/proc", process).exists():
            _drop(connection, name)


def drop_databases(prefix: str) -> None:
    """Drop every database of this session."""
    with _owner() as connection:
        for name in _databases(connection, prefix):
            _drop(connection, name)


def drop_database(name: str) -> None:
    """Drop one database, whoever is connected to it."""
    with _owner() as connection:
        _drop(connection, name)


def clone(source: str, name: str) -> str:
    """Make a database that equals another one; whoever is connected to the source is cut off.

    Returns:
        The name of the new database.
    """
    from gongqing.config.embedded import NO_TEMPORARY_TABLES

    with _locked(HOME / "clone.lock", fcntl.LOCK_EX), _owner() as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [source])
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        )
        connection.execute(sql.SQL(NO_TEMPORARY_TABLES).format(database=sql.Identifier(name)))  # no part of a template
    return name


def name_of(part: str) -> str:
    """The name of a database of this session and this worker."""
    return "_".join([os.environ["GONGQING_TEST_SESSION"], os.environ.get("PYTEST_XDIST_WORKER", "alone"), part])


def url(database: str, user: str = "gongqing_app") -> str:
    """How the bound role, or another user, connects to this database."""
    return f"postgresql://{user}@/{database}?host={(HOME / 'socket').read_text(encoding='utf-8')}"


def connect_to(database: str) -> None:
    """Let Django, and every process started from here, use this database from now on."""
    from django.db import connection

    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = url(database), url(database, "postgres")
    connection.close()
    host = urlsplit(url(database)).query.removeprefix("host=")
    connection.settings_dict.update(NAME=database, HOST=host)


def choose(part: str) -> None:
    """Say which of this worker's databases the next test uses; takes effect at once when the server runs."""
    global _chosen
    before, _chosen = _chosen, part
    if _connected and before != part:
        connect_to(name_of(part))


def connect_to_chosen() -> None:
    """Let the first test that needs a database use the one that was chosen for it."""
    global _connected
    _connected = True
    connect_to(name_of(_chosen))


def clone_for_transactional_tests() -> None:
    """Give every transactional test a clone of the database it would have had, instead of emptying tables after it."""
    from django.db import connection
    from django.test import TransactionTestCase

    def set_up(cls: type[TransactionTestCase]) -> None:
        cls.cloned_from = str(connection.settings_dict["NAME"])  # type: ignore[attr-defined]
        connection.close()
        name = name_of("transactional")
        drop_database(name)
        connect_to(clone(cls.cloned_from, name))  # type: ignore[attr-defined]

    def tear_down(self: TransactionTestCase) -> None:
        connect_to(self.cloned_from)  # type: ignore[attr-defined]
        drop_database(name_of("transactional"))

    TransactionTestCase._fixture_setup = classmethod(set_up)  # type: ignore[method-assign, assignment]
    TransactionTestCase._fixture_teardown = tear_down  # type: ignore[method-assign]
