"""Does `gongqing up` stop what it started when it is stopped before it runs?"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gongqing.config import serving, up

STOPS = (signal.SIGTERM, signal.SIGINT)


class Server:
    """An embedded server that counts how often it was stopped."""

    def __init__(self) -> None:
        self.started_here, self.stopped = True, 0

    def stop(self) -> None:
        self.stopped += 1


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """What `up` starts here; the handlers of signals are put back afterwards."""
    before = {number: signal.getsignal(number) for number in STOPS}
    monkeypatch.setattr(up, "prepare_home", lambda: tmp_path)
    monkeypatch.setattr(up, "prepare_web", lambda *_: None)
    monkeypatch.setattr(up, "wait_for_ports", lambda _: None)
    monkeypatch.setattr(up, "_check_weights", lambda: None)
    monkeypatch.setattr(up, "not_reached", lambda _: "")
    monkeypatch.setenv("GONGQING_DEMO", "none")
    yield Server()
    for number, handler in before.items():
        signal.signal(number, handler)


def started_by(monkeypatch: pytest.MonkeyPatch, server: Server, *numbers: int) -> None:
    def ensure(*_: object) -> Server:
        for number in numbers:
            os.kill(os.getpid(), number)
        return server

    monkeypatch.setattr(up, "ensure_database", ensure)


def ran(monkeypatch: pytest.MonkeyPatch, then: Callable[..., Any]) -> None:
    run = SimpleNamespace(run=lambda *given, **named: then(*given, **named))
    monkeypatch.setattr(up, "subprocess", run)


@pytest.mark.parametrize("number", STOPS)
def test_a_database_that_is_being_made_is_finished_and_stopped(
    server: Server, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    started_by(monkeypatch, server, number)
    ran(monkeypatch, lambda *_, **__: pytest.fail("it went on"))
    with pytest.raises(SystemExit) as ended:
        up.main([])
    assert (ended.value.code, server.stopped) == (0, 1)


def test_while_it_migrates_the_database_is_stopped_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    started_by(monkeypatch, server)

    def killed(*_: object, **__: object) -> subprocess.CompletedProcess[bytes]:
        os.kill(os.getpid(), signal.SIGTERM)
        pytest.fail("it went on")

    ran(monkeypatch, killed)
    with pytest.raises(SystemExit) as ended:
        up.main([])
    assert (ended.value.code, server.stopped) == (0, 1)


@pytest.mark.parametrize(
    ("is_own", "is_new", "steps"),
    [
        (True, True, ["正在建数据库，第一次约 10 秒……", "正在建表，第一次约一分钟……"]),
        (True, False, ["正在启动数据库……", "正在核对数据库的表，刚升级过会久一些……"]),
        (False, True, ["正在核对数据库的表，刚升级过会久一些……"]),
    ],
)
def test_each_step_is_told_before_it_is_done(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    is_own: bool,
    is_new: bool,
    steps: list[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", "" if is_own else "postgresql:///somewhere")
    if not is_new:
        (tmp_path / "pg").mkdir()
    told: list[str] = []

    def migrated(*_: object, **__: object) -> SimpleNamespace:
        told.extend(capsys.readouterr().out.splitlines())
        return SimpleNamespace(returncode=1)

    started_by(monkeypatch, server)
    ran(monkeypatch, migrated)
    monkeypatch.setattr(up, "_held", lambda _: None)
    assert up.main([]) == 1
    assert told == steps


def options(port: int) -> argparse.Namespace:
    return argparse.Namespace(host="127.0.0.1", port=port, live_port=0, http_redirect=None)


def test_a_port_that_stays_taken_is_named_and_nothing_of_the_other_is_touched(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(serving, "STOP_SECONDS", 0.3)
    monkeypatch.setattr(up, "_check_weights", lambda: None)
    monkeypatch.setattr(up, "prepare_web", lambda *_: pytest.fail("the other one's folder of counts would go"))
    monkeypatch.setenv("GONGQING_HOME", str(tmp_path))
    monkeypatch.setenv("GONGQING_DEMO", "none")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert up.main(["--port", str(port), "--live-port", "0"]) == 2
    assert f"端口 {port} 已经有程序在用" in capsys.readouterr().err


def test_the_parts_of_a_killed_forerunner_get_a_moment_to_end() -> None:
    other = socket.create_server(("127.0.0.1", 0))
    threading.Timer(0.5, other.close).start()
    serving.wait_for_ports(options(other.getsockname()[1]))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serving.wait_for_ports(options(port))


def test_jobs_stand_behind_the_pages() -> None:
    told = "import os; from pathlib import Path; from gongqing.config.serving import stand_back; stand_back(); "
    told += "group = Path('/proc/self/autogroup'); print(os.nice(0), group.read_text() if group.exists() else '')"
    said = subprocess.run(
        [sys.executable, "-c", told], start_new_session=True, capture_output=True, text=True, check=True
    ).stdout
    niceness, _, group = said.strip().partition(" ")
    assert niceness == str(serving.BEHIND)
    assert not group or group.endswith(f" nice {serving.BEHIND}")
