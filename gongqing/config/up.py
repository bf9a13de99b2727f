"""`gongqing up`: everything in the foreground, until Ctrl-C.

Database, migrations, web server, job worker and, on a first start, demo data. A web server or worker that dies is
started again; Ctrl-C or SIGTERM stops all of it in order.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from gongqing.config.embedded import ensure_database

STOP_SECONDS = 15
RESTART_SECONDS = 2


class Supervisor:
    """Keeps the long-running parts alive until asked to stop."""

    def __init__(self, parts: dict[str, list[str]]) -> None:
        self._commands = parts
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = threading.Event()

    def ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        """A signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Start every part, and start again what dies, until asked to stop."""
        for name in self._commands:
            self._start(name)
        while not self._stopping.wait(RESTART_SECONDS):
            for name, part in list(self._running.items()):
                if part.poll() is not None:
                    print(f"{name} 退出（{part.returncode}），重新启动", file=sys.stderr, flush=True)
                    self._start(name)
        self._stop()

    def _start(self, name: str) -> None:
        # own session: Ctrl-C reaches the supervisor alone, which stops the parts in order
        self._running[name] = subprocess.Popen(self._commands[name], start_new_session=True)

    def _stop(self) -> None:
        for part in self._running.values():
            if part.poll() is None:
                part.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for part in self._running.values():
            try:
                part.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(part.pid, signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """Run the platform in the foreground.

    Returns:
        0 after a clean stop, 1 when the database could not be prepared.
    """
    options = _parser().parse_args(arguments)
    home = Path(os.environ.get("GONGQING_HOME", "var")).resolve()
    (home / "static").mkdir(parents=True, exist_ok=True)
    os.environ["GONGQING_HOME"], os.environ["GONGQING_DEMO"] = str(home), options.demo
    os.environ.setdefault("GONGQING_SITE_URL", f"http://{options.host}:{options.port}")
    server = ensure_database(home, os.environ)
    try:
        migrated = subprocess.run([*_self(), "migrate", "--verbosity", "0"], env=_unpooled(), check=False)
        if migrated.returncode:
            print("数据库升级没有成功，平台没有启动。", file=sys.stderr)
            return 1
        if options.demo == "none":
            # a city without shipped divisions says here what to run; everything else works meanwhile
            subprocess.run([*_self(), "setup", "--if-empty"], env=_unpooled(), check=False)
        supervisor = Supervisor(_parts(options))
        signal.signal(signal.SIGINT, supervisor.ask_to_stop)
        signal.signal(signal.SIGTERM, supervisor.ask_to_stop)
        print(f"工情正在启动：http://{options.host}:{options.port}/ （按 Ctrl-C 停止）", flush=True)
        if options.demo != "none":
            threading.Thread(target=_load_demo, args=(options.demo,), daemon=True).start()
        supervisor.run()
    finally:
        if server is not None:
            server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gongqing up", description="启动平台")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--demo", choices=["small", "none"], default="none")
    parser.add_argument("--workers", type=int, default=max(2, os.cpu_count() or 2))
    return parser


def _self() -> list[str]:
    return [sys.executable, "-m", "gongqing.config.cli"]


def _unpooled() -> dict[str, str]:
    return {**os.environ, "GONGQING_POOL": "0"}


def _parts(options: argparse.Namespace) -> dict[str, list[str]]:
    web = [
        *(str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "gongqing.config.wsgi:application"),
        *("--host", options.host, "--port", str(options.port), "--workers", str(options.workers)),
        *("--blocking-threads", "4", "--no-ws", "--log-level", "warning", "--workers-kill-timeout", "10"),
        "--respawn-failed-workers",
    ]
    jobs = [*_self(), "procrastinate", "worker", "--concurrency", "2", "--delete-jobs", "successful"]
    return {"网页服务": web, "任务进程": jobs}


def _load_demo(size: str) -> None:
    loaded = subprocess.run([*_self(), "demo", size], env=_unpooled(), check=False)
    if loaded.returncode:
        print("演示数据没有装好，见上面的说明。", file=sys.stderr, flush=True)
