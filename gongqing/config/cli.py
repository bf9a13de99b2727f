"""The one command line: `gongqing up`, the file commands, and Django's commands behind it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path


def _classify(arguments: list[str]) -> int:
    from gongqing.appeals.rules.shipped import shipped_grade
    from gongqing.language import command

    return command.classify_file(arguments, grade=shipped_grade)


READER_COMMANDS = {"train", "versions", "run", "rollback"}  # of `gongqing language`: they need the database


def _language(arguments: list[str]) -> int:
    from gongqing.language import command

    if arguments and arguments[0] in READER_COMMANDS:
        return _django("reader", ["reader", *arguments])

    return command.main(arguments)


def _states(arguments: list[str]) -> int:
    from gongqing.config import states

    return states.main(arguments)


def _up(arguments: list[str]) -> int:
    from gongqing.config import up

    return up.main(arguments)


def _web(arguments: list[str]) -> int:
    from gongqing.config import up

    return up.web(arguments)


def _jobs(arguments: list[str]) -> int:
    from gongqing.config import up

    return up.jobs(arguments)


def _backup(arguments: list[str]) -> int:
    from gongqing.config import backup

    return backup.backup(arguments)


def _restore(arguments: list[str]) -> int:
    from gongqing.config import backup

    return backup.restore(arguments)


def _upgrade(arguments: list[str]) -> int:
    from gongqing.config import upgrade

    return upgrade.main(arguments)


def _certificate(arguments: list[str]) -> int:
    from gongqing.config import certificates

    return certificates.main(arguments)


def _openapi(arguments: list[str]) -> int:
    """Write the OpenAPI file; needs no database."""
    import json

    import django

    os.environ.setdefault("DATABASE_URL", "postgresql:///none")
    django.setup()
    from gongqing.config.api import api

    text = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str) + "\n"
    Path(arguments[0] if arguments else "docs/openapi.json").write_text(text, encoding="utf-8")
    return 0


FILE_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "backup": _backup,
    "certificate": _certificate,
    "classify": _classify,
    "jobs": _jobs,
    "language": _language,
    "openapi": _openapi,
    "restore": _restore,
    "states": _states,
    "up": _up,
    "upgrade": _upgrade,
    "web": _web,
}
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations"}


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 2 bad input, 1 fault.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongqing.config.settings")
    name = arguments[0] if arguments else "help"
    if name in FILE_COMMANDS:
        return FILE_COMMANDS[name](arguments[1:])
    return _django(name, arguments)


def _django(name: str, arguments: list[str]) -> int:
    from django.core.management import ManagementUtility

    from gongqing.config.embedded import ensure_database, grant

    home = Path(os.environ.get("GONGQING_HOME", "var")).resolve()
    os.environ.setdefault("GONGQING_POOL", "0")
    server = ensure_database(home, os.environ)
    if name in OWNER_COMMANDS:
        os.environ["GONGQING_AS_OWNER"] = "1"
    try:
        ManagementUtility(["gongqing", *arguments]).execute()
        if name == "migrate":
            grant(os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_URL"])
    except SystemExit as end:
        return int(end.code or 0) if not isinstance(end.code, str) else 1
    finally:
        if server is not None:
            server.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
