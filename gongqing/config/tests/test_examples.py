"""Do the examples for operators name what there is?"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from gongqing.config import metrics
from gongqing.config.cli import FILE_COMMANDS
from gongqing.lib.times import now

ROOT = Path(__file__).resolve().parents[3]
SETTING = re.compile(r"\b(?:GONGQING|DATABASE)_[A-Z_]+[A-Z]\b")
# set by `gongqing up` for the processes that it starts
INNER = {"GONGQING_AS_OWNER", "GONGQING_DEMO", "GONGQING_LIVE_PORT", "GONGQING_WEB_PORT"}


def test_every_setting_is_written_down() -> None:
    read = set(SETTING.findall((ROOT / "gongqing/config/environment.py").read_text(encoding="utf-8"))) - INNER
    pages = (ROOT / "docs/operations").glob("*.md")
    told = {name for page in pages for name in SETTING.findall(page.read_text(encoding="utf-8"))}
    assert read - told == set()


def test_every_setting_of_the_example_is_read() -> None:
    known = set(SETTING.findall((ROOT / "gongqing/config/environment.py").read_text(encoding="utf-8")))
    example = set(SETTING.findall((ROOT / "deploy/systemd/gongqing.env").read_text(encoding="utf-8")))
    assert example - known == set()


@pytest.mark.parametrize("unit", sorted(path.name for path in (ROOT / "deploy/systemd").glob("*.service")))
def test_every_unit_starts_what_there_is_and_stays_shut_in(unit: str) -> None:
    text = (ROOT / "deploy/systemd" / unit).read_text(encoding="utf-8")
    command = re.search(r"^ExecStart=\S+/gongqing (\w+)", text, re.MULTILINE)
    assert command is not None
    assert command[1] in FILE_COMMANDS
    for line in ("User=gongqing", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert f"\n{line}\n" in text
    manual = re.search(r"^Documentation=.*/share/(\S+)$", text, re.MULTILINE)
    assert manual is not None
    assert (ROOT / manual[1]).exists()


@pytest.mark.django_db
def test_every_alarm_asks_for_a_figure_that_there_is(cast) -> None:
    asked = set(re.findall(r"gongqing_[a-z_]+", (ROOT / "deploy/prometheus/alerts.yml").read_text(encoding="utf-8")))
    metrics.REQUESTS.labels("GET", "/", "200").inc(0)
    metrics.SECONDS.labels("GET").observe(0.01)
    shown = set(re.findall(r"^(gongqing_[a-z_]+)", metrics.exposition(now()).decode(), re.MULTILINE))
    # not measured here: no backup was made, no certificate is named, and no stream runs
    unmeasured = {"backup_age_seconds", "certificate_days", "sweep_age_seconds", "live_listening"}
    assert asked - shown == {f"gongqing_{name}" for name in unmeasured}


def test_the_command_reads_settings_as_systemd_does(tmp_path: Path) -> None:
    address = "postgresql://app:a$b;c@/gongqing?host=10.0.1.10,10.0.1.11&target_session_attrs=read-write"
    settings = tmp_path / "gongqing.env"
    settings.write_text(f"# 说明\n\nDATABASE_URL={address}\nGONGQING_MAP_SOURCE='市 图'\n", encoding="utf-8")
    program = tmp_path / "current/bin/gongqing"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s|%s|%s" "$DATABASE_URL" "$GONGQING_MAP_SOURCE" "$1"\n', encoding="utf-8")
    program.chmod(0o700)
    shell = (ROOT / "deploy/install.sh").read_text(encoding="utf-8")
    written = re.search(
        r"^    cat > /usr/local/bin/gongqing (<<WRAPPER\n.*?^WRAPPER\n)", shell, re.MULTILINE | re.DOTALL
    )
    assert written is not None
    wrapper = subprocess.run(
        ["bash", "-c", f"user=$(id -un) prefix={tmp_path}\ncat {written[1]}"], capture_output=True, check=True
    ).stdout.decode()
    (tmp_path / "wrapper").write_text(wrapper.replace("/etc/gongqing/gongqing.env", str(settings)), encoding="utf-8")
    shown = subprocess.run(["sh", str(tmp_path / "wrapper"), "status"], capture_output=True, check=True).stdout.decode()
    assert shown == f"{address}|市 图|status"
