"""`gongqing status`: does the platform run, and what waits? Starts nothing, changes nothing, names nobody.

Exit 0 when pages, database and job worker are there and nothing is red; else 1. Whether an installation may be opened
to a city asks `gongqing checklist`.
"""

from __future__ import annotations

import argparse
import http.client
import os
import ssl
import sys
from pathlib import Path

ASKED = ("database", "migrations", "worker", "queue", "failed_jobs", "messages", "backup", "trace", "disk")
WAIT_SECONDS = 5
LOCAL = "127.0.0.1"


def main(arguments: list[str]) -> int:
    """Print one line a point.

    Returns:
        0 when it runs and nothing is red, else 1.
    """
    parser = argparse.ArgumentParser(
        prog="gongqing status", description="平台现在怎样：一行一项，都好退出码为 0，否则为 1"
    )
    parser.add_argument("--port", type=int, default=8000, help="网页在本机的端口，默认 8000")
    options = parser.parse_args(arguments)
    is_right = _say_pages(options.port)
    home = Path(os.environ.get("GONGQING_HOME", "var")).resolve()
    if not os.environ.get("DATABASE_URL") and not _is_database_running(home):
        _say(False, "数据库", f"没有运行（{home / 'pg'}）；gongqing up 会启动它。")
        return 1
    return 0 if _say_points(home) and is_right else 1


def _say(is_right: bool, name: str, said: str) -> None:
    sys.stdout.write(f"{'✓' if is_right else '✗'} {name}：{said}\n")


def _say_pages(port: int) -> bool:
    host = os.environ.get("GONGQING_ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    try:
        if os.environ.get("GONGQING_TLS_KEY"):
            unchecked = ssl._create_unverified_context()  # noqa: S323  # our own process, over the loopback
            asked: http.client.HTTPConnection = http.client.HTTPSConnection(
                LOCAL, port, timeout=WAIT_SECONDS, context=unchecked
            )
        else:
            asked = http.client.HTTPConnection(LOCAL, port, timeout=WAIT_SECONDS)
        asked.request("GET", "/healthz", headers={"Host": host} if host and host != "*" else {})
        status = asked.getresponse().status
    except (OSError, http.client.HTTPException):
        _say(False, "网页", f"本机 {port} 端口没有回答；端口不是这个时加 --port。")
        return False
    said = "有回答。" if status == 200 else f"有回答，但状态是 {status}；400 是域名不在 GONGQING_ALLOWED_HOSTS 里。"
    _say(status == 200, "网页", f"本机 {port} 端口{said}")
    return status == 200


def _is_database_running(home: Path) -> bool:
    from gongqing.config.embedded import is_running

    return is_running(home / "pg")


def _say_points(home: Path) -> bool:
    import django

    from gongqing.config.embedded import ensure_database

    os.environ.setdefault("GONGQING_POOL", "0")
    ensure_database(home, os.environ)
    django.setup()
    from gongqing.config.queries import facts as measured
    from gongqing.config.rules.points import Colour, running_points
    from gongqing.lib.times import now

    found = [point for point in running_points(measured.facts(now())) if point.key in ASKED]
    for point in found:
        advice = f" → {point.advice}" if point.advice and point.colour is not Colour.GREEN else ""
        _say(point.colour is not Colour.RED, point.name, f"{point.said}{advice}")
    return all(point.colour is not Colour.RED for point in found)
