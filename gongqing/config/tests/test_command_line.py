"""Does the command line answer in Chinese, and start nothing that it was not asked to start?"""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import pytest

from gongqing.config import cli, obstacles, standing, up


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GONGQING_HOME", str(tmp_path))
    monkeypatch.setenv("GONGQING_DEMO", "none")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path


def test_an_unknown_command_is_told_with_those_that_there_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["nosuch"]) == 2
    told = capsys.readouterr().err
    assert "没有“nosuch”这个命令" in told
    assert "  checklist " in told
    assert list(home.iterdir()) == []  # no keys, no database


def test_every_command_of_the_list_is_known() -> None:
    known = cli._commands() | set(cli.FILE_COMMANDS)
    lines = [line.split("  ") for line in cli.WHAT_THERE_IS.splitlines() if line.startswith("  ")]
    named = {word for line in lines for word in " ".join(line).split() if word.isascii() and word.isalpha()}
    assert named - known == {"small"}  # of `--demo small`
    assert {"migrate", "accounts", "checklist", "procrastinate"} <= known


def test_status_of_what_does_not_run_starts_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert standing.main(["--port", str(port)]) == 1
    told = capsys.readouterr().out
    assert f"✗ 网页：本机 {port} 端口没有回答" in told
    assert "✗ 数据库：没有运行" in told
    assert not (home / "pg").exists()


def test_a_home_that_cannot_be_written_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("GONGQING_HOME", str(home / "file/home"))
    assert up.main([]) == 1
    assert "不能写" in capsys.readouterr().err


def test_a_data_folder_of_another_version_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "pg").mkdir()
    (home / "pg/PG_VERSION").write_text("9\n")
    monkeypatch.setattr(up, "_check_weights", lambda: None)
    monkeypatch.setattr(up, "wait_for_ports", lambda _: None)
    monkeypatch.setattr(up, "prepare_web", lambda *_: None)
    assert up.main([]) == 1
    told = capsys.readouterr().err
    assert "数据目录是 PostgreSQL 9 的" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("FATAL:  could not write lock file: No space left on device", "磁盘满了"),
        ('FATAL:  could not open file "x": Permission denied', "所有者"),
        ("FATAL: something else", "原因见"),
    ],
)
def test_the_log_of_the_server_is_read_for_the_cause(tmp_path: Path, said: str, words: str) -> None:
    (tmp_path / "log").write_text(said)
    told = obstacles.why_not_started(tmp_path, AssertionError())
    assert words in told
    assert "FATAL" not in told


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    assert "磁盘满了" in obstacles.why_not_started(tmp_path, OSError(errno.ENOSPC, ""))
    assert "磁盘满了" in obstacles.home_refused(tmp_path, OSError(errno.ENOSPC, ""))


def test_a_database_elsewhere_that_does_not_answer_is_told_without_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("DATABASE_URL", f"postgresql://app:geheim@127.0.0.1:{port}/gongqing")
    monkeypatch.setenv("DATABASE_OWNER_URL", f"postgresql://owner:geheim@127.0.0.1:{port}/gongqing")
    monkeypatch.setattr(up, "_check_weights", lambda: None)
    monkeypatch.setattr(up, "wait_for_ports", lambda _: None)
    monkeypatch.setattr(up, "prepare_web", lambda *_: None)
    assert up.main([]) == 1
    told = capsys.readouterr().err
    assert f"127.0.0.1:{port}/gongqing（账号 owner）连不上（那台机器的这个端口上没有数据库在运行）" in told
    assert "geheim" not in told
