"""Back up under load, restore elsewhere: is everything there that was answered before, and does it run?"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg

from gongqing.config.archive import verify
from tests.database import ROOT
from tests.faults import invariants
from tests.faults.stage import BASE, Burst, Stage
from tests.running import platform

PAPER = b"%PDF-1.4\nwages\n%%EOF\n"


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line on a home, as an operator uses it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GONGQING_", "DATABASE_"))}
    return subprocess.run(
        [sys.executable, "-m", "gongqing.config.cli", *arguments],
        env={**kept, "GONGQING_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_city_moves_while_it_works(stage: Stage, disk: tuple[Path, bool]) -> None:
    elsewhere = disk[0] / "elsewhere"
    code = stage.created()
    taken = stage.api("hotline").post(
        f"{BASE}/{code}/attachments", files={"file": ("工资条.pdf", PAPER, "application/pdf")}
    )
    assert taken.status_code == 200, taken.text
    folder, keys_folder = disk[0] / "backups", disk[0] / "keys"
    with Burst(stage, clients=2) as burst:
        burst.after(10)
        before = dict(burst.kept)
        done = run(stage.home, "backup", str(folder), "--keys-to", str(keys_folder))
        assert done.returncode == 0, done.stderr
        burst.after(3)
    burst.check()
    (file,), (keys,) = folder.glob("*.tar"), keys_folder.glob("*.keys.tar")
    assert not any("key" in name for name in verify(file).members)

    without = run(elsewhere, "restore", str(file))
    assert without.returncode == 2
    assert "密钥" in without.stderr
    assert not (elsewhere / "pg").exists()
    assert not (elsewhere / "keys").exists()

    back = run(elsewhere, "restore", str(folder), "--keys", str(keys))
    assert back.returncode == 0, back.stderr
    with platform(elsewhere, demo="none") as restored:
        socket = (elsewhere / "pg" / "postmaster.pid").read_text().splitlines()[4]
        owner_url = f"postgresql://postgres@/gongqing?host={socket}"
        invariants.check(owner_url, files=elsewhere / "files")
        with psycopg.connect(owner_url) as connection:
            found = dict(connection.execute("SELECT external_id, code FROM appeals_appeal").fetchall())
        assert {number: found.get(number) for number in before} == before
        seen = httpx.get(
            f"{restored.address}{BASE}/{code}",
            headers={"Authorization": f"Bearer {stage.people['hotline']['key']}"},
            timeout=60,
        )
        assert seen.status_code == 200
        assert seen.json()["person"]["phone"] == "139****5678"
        (kept,) = seen.json()["attachments"]
        assert kept["size"] == len(PAPER)
        verified = run(elsewhere, "audit", "verify")
        assert verified.returncode == 0, verified.stdout + verified.stderr
