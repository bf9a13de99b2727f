"""Where does the embedded server keep its socket when it may not look everywhere?"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from gongqing.config import embedded


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of this account among the runtime folders; temporary files lie beside it."""
    folder = tmp_path / "user" / str(os.getuid())
    folder.mkdir(parents=True)
    monkeypatch.setattr(embedded, "RUNTIME_DIRS", tmp_path / "user")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return folder


def test_the_folder_that_a_service_was_given_is_taken_unasked(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/gongqing")
    monkeypatch.setattr(embedded, "RUNTIME_DIRS", None)  # ProtectHome= shuts it: even to look would fail
    assert embedded._runtime_dir() == Path("/run/gongqing")


def test_the_account_s_own_folder_is_taken_when_there_is_one(mine: Path) -> None:
    assert embedded._runtime_dir() == mine


def test_a_folder_that_may_not_be_written_is_left_alone(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may always, and tests may run as root
    assert embedded._runtime_dir().parent == mine.parents[1]
