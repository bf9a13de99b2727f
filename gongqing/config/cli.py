"""The one command line: `gongqing up`, the file commands, and Django's commands behind it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path


def _classify(arguments: list[str]) -> int:
    from gongqing.lib.errors import BadInput

    try:  # the reader's card is opened with the modules
        from gongqing.appeals.rules.shipped import shipped_grade
        from gongqing.language import command
    except BadInput as refused:
        sys.stderr.write(f"{refused.message}\n")
        return 2
    return command.classify_file(arguments, grade=shipped_grade)


def _language(arguments: list[str]) -> int:
    from gongqing.language import command

    if arguments and arguments[0] in command.READER_COMMANDS:
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


def _status(arguments: list[str]) -> int:
    from gongqing.config import standing

    return standing.main(arguments)


FILE_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "backup": _backup,
    "certificate": _certificate,
    "classify": _classify,
    "jobs": _jobs,
    "language": _language,
    "openapi": _openapi,
    "restore": _restore,
    "states": _states,
    "status": _status,
    "up": _up,
    "upgrade": _upgrade,
    "web": _web,
}
WHAT_THERE_IS = """gongqing 命令 [参数]，“gongqing 命令 --help” 说明每个命令。

  up          启动平台（网页、任务和数据库）；--demo small 装入演示
  web  jobs   分开启动网页进程、任务进程
  setup       为一个真实城市装入区划、小类和第一版规则
  demo        装入演示数据
  status      网页、数据库、任务、备份、封存、磁盘现在怎样
  checklist   检查安装是否齐全
  accounts    账号、密码、密钥
  backup  restore  upgrade     备份、恢复、升级
  audit       核对留痕有没有被改动
  retention   到期数据的处理
  keys        加密密钥
  privacy  regions  outlines   个人数据、区划、区划轮廓
  classify    给一张表的诉求分类定级，不用数据库
  language    分类模型：训练、版本、回退
  appeals     诉求的维护
  figures     统计数的重算与核对
  report      工情通动态情况报告
  certificate 自签证书
  openapi  states              写出接口与状态的文档
"""
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations"}


def main(arguments: list[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 2 bad input, 1 fault.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongqing.config.settings")
    name = arguments[0] if arguments else "help"
    if name in {"help", "-h", "--help"} and len(arguments) < 2:
        sys.stdout.write(WHAT_THERE_IS)
        return 0
    if name in FILE_COMMANDS:
        return FILE_COMMANDS[name](arguments[1:])
    if name not in {"help", "-h", "--help", "--version"} and name not in _commands():
        sys.stderr.write(f"没有“{name}”这个命令。\n\n{WHAT_THERE_IS}")
        return 2
    return _django(name, arguments)


def _commands() -> set[str]:
    """The commands of Django and of the applications, found by their files: no settings and no database are asked."""
    import django
    import procrastinate.contrib.django
    from django.core.management import find_commands

    ours, theirs = Path(__file__).parents[1], Path(django.__file__).parent
    folders = [theirs / "core/management", *ours.glob("*/management"), *theirs.glob("contrib/*/management")]
    folders += [Path(procrastinate.contrib.django.__file__).parent / "management"]
    return {name for folder in folders for name in find_commands(str(folder))}


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
