"""How is the whole platform started for a test or a picture, as a user starts it?"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from gongqing.config.serving import LIVE_STEP

READY_SECONDS = 600
STOP_SECONDS = 40


@dataclass(frozen=True)
class Platform:
    """A running platform.

    Attributes:
        address: `http://127.0.0.1:PORT`, without a slash at the end.
        home: its GONGQING_HOME; `up.log` there holds what it printed.
        pid: of the process that keeps all others alive.
    """

    address: str
    home: Path
    pid: int


@contextmanager
def platform(
    home: Path, *, demo: str, environment: Mapping[str, str] | None = None, port: int | None = None
) -> Iterator[Platform]:
    """`gongqing up` on a free port, or on this one, ready to be used; stopped as Ctrl-C stops it.

    Args:
        environment: settings besides; with `DATABASE_URL` no embedded server is started.

    Raises:
        RuntimeError: it did not become ready in time, or died; with the end of its log.
    """
    home.mkdir(parents=True, exist_ok=True)
    port = port or _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GONGQING_", "DATABASE_"))}
    command = [sys.executable, "-m", "gongqing.config.cli", "up", "--port", str(port), "--demo", demo]
    with (home / "up.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env={**kept, **(environment or {}), "GONGQING_HOME": str(home)},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        running = Platform(f"http://127.0.0.1:{port}", home, process.pid)
        try:
            _wait(running, process)
            yield running
        finally:
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGCONT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(running: Platform, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urlopen(f"{running.address}/readyz", timeout=5):  # noqa: S310  # our own address
                return
        except (HTTPError, URLError, OSError):
            time.sleep(0.5)
    end = (running.home / "up.log").read_text(encoding="utf-8", errors="replace")[-4000:]
    raise RuntimeError(f"the platform is not ready (exit code {process.poll()}):\n{end}")


def _free_port() -> int:
    """A free port, with the port of the live stream free too."""
    while True:
        with socket.socket() as probe, socket.socket() as neighbour:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            with suppress(OSError, OverflowError):
                neighbour.bind(("127.0.0.1", port + LIVE_STEP))
                return port
