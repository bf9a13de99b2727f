"""Does a second process read as this one does, and does nothing go wrong when it breaks?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from gongqing.language import beside
from gongqing.language.beside import Beside, Said, read

TEXTS: list[Said] = [
    (f"厂里{months}个月没发工资了，欠我{months}千块，请工会帮我讨回来。", "讨薪", None) for months in range(2, 42)
]
LEAVES_AT_ONCE = """
import os
from gongqing.language.beside import Beside
reader = Beside()
reader.begin([("三个月没发工资", "", None)] * 200, None)
print(reader.pid, flush=True)
os._exit(0)
"""


@pytest.fixture
def reader() -> Iterator[Beside]:
    found = Beside()
    yield found
    found.end()


def until(holds: Callable[[], bool]) -> None:
    for _ in range(600):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def have_answered(reader: Beside) -> bool:
    errand = reader._errand
    return errand is not None and errand.done.is_set() and not errand.is_broken


def test_it_reads_as_this_process_does(reader: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    reader.begin(TEXTS, None)
    assert reader.pid is not None
    until(lambda: have_answered(reader))
    expected = {one: read(one, None) for one in TEXTS}
    monkeypatch.setattr(beside, "read", lambda *_: pytest.fail("it was read here"))
    assert reader.read(TEXTS, None) == expected


def test_what_it_has_not_read_is_read_here(reader: Beside) -> None:
    others = [(f"{text}急。", title, on) for text, title, on in TEXTS]
    reader.begin(TEXTS, None)
    assert reader.read(others[:3] + TEXTS, None) == {one: read(one, None) for one in others[:3] + TEXTS}
    assert reader.read([], None) == {}


def test_a_process_that_is_killed_loses_nothing(reader: Beside) -> None:
    seen = set()
    for turn in range(beside.BREAKS + 2):
        said = [(f"{text}{turn}", title, on) for text, title, on in TEXTS]
        reader.begin(said, None)
        if reader.pid is not None:
            seen.add(reader.pid)
            os.kill(reader.pid, signal.SIGKILL)
        assert reader.read(said, None) == {one: read(one, None) for one in said}
        until(lambda: reader._errand is None or reader._errand.done.is_set())
    assert len(seen) == beside.BREAKS  # and is not started for ever
    reader.end()
    reader.begin(TEXTS, None)
    assert reader.pid is not None


def test_a_process_that_hangs_is_not_waited_for(reader: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "SECONDS", 0.0)
    reader.begin(TEXTS, None)
    hanging = reader.pid
    assert hanging is not None
    os.kill(hanging, signal.SIGSTOP)
    assert len(reader.read(TEXTS, None)) == len(TEXTS)
    reader.begin(TEXTS, None)
    assert not is_alive(hanging)


def test_it_ends_with_its_work_and_with_its_parent(reader: Beside) -> None:
    reader.begin(TEXTS, None)
    ended = reader.pid
    assert ended is not None
    reader.end()
    assert reader.pid is None
    assert not is_alive(ended)
    told = subprocess.run([sys.executable, "-c", LEAVES_AT_ONCE], capture_output=True, text=True, check=True)
    orphan = int(told.stdout)
    until(lambda: not is_alive(orphan))
