"""What happens when the disk is full, and when there is room again?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.stage import BASE, Burst, Stage, body, until

PAPER = b"%PDF-1.4\n" + os.urandom(300_000) + b"\n%%EOF\n"


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """No room is left on the disk of this folder for the block."""
    ballast = folder / "ballast"
    descriptor = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    os.write(descriptor, b"\x01" * size)
            except OSError:
                continue
        yield
    finally:
        os.close(descriptor)
        ballast.unlink(missing_ok=True)


@pytest.fixture
def small(stage: Stage, disk: tuple[Path, bool]) -> Stage:
    """The platform on a disk that can be filled."""
    if not disk[1]:
        pytest.skip("a disk of its own needs the right to mount")
    return stage


def test_a_full_disk_and_room_again(small: Stage) -> None:
    seat, town, code = small.api("hotline"), small.pages("town"), small.created()
    before = small.value("SELECT count(*) FROM appeals_attachment")
    serving = small.web_workers()
    with Burst(small, clients=2) as burst:
        burst.after(5)
        with filled(small.home):
            file = {"file": ("工资条.pdf", PAPER, "application/pdf")}
            refused = until(lambda: _refused(seat, code, file), "a refusal")
            assert refused.status_code == 503, refused.text
            assert "磁盘满了" in refused.json()["errors"][0]["message"] or "正在恢复" in refused.text
            page = town.post(f"/desk/appeals/{code}/steps/attach", files=file)
            assert page.status_code == 503
            assert "Traceback" not in page.text
            told = until(lambda: _fails(seat), "an intake that finds no room")
            assert told == 503
        assert small.web_workers() == serving, "a full disk kills no process of the web server"
        small.recovered()
        burst.after(5)
    burst.check()
    assert small.value("SELECT count(*) FROM appeals_attachment") == before
    taken = seat.post(f"{BASE}/{code}/attachments", files={"file": ("工资条.pdf", PAPER, "application/pdf")})
    assert taken.status_code == 200, taken.text
    left = [path for path in (small.home / "files").rglob("*") if path.is_file() and len(path.name) != 64]
    assert left == []


def _refused(seat, code, file):  # type: ignore[no-untyped-def]
    try:
        return seat.post(f"{BASE}/{code}/attachments", files=file)
    except OSError:
        return None


def _fails(seat) -> int:  # type: ignore[no-untyped-def]
    """The answer of an intake once the database has used up the last of its own room; 0 before."""
    status = seat.post(BASE, json=body()).status_code
    return status if status >= 500 else 0
