"""Does `gongqing up` stop what it started when it is stopped before it runs?"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gongqing.config import up

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
    monkeypatch.setattr(up, "_check_weights", lambda: None)
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
