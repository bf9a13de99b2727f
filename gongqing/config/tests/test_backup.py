"""Does a backup hold everything, is damage found, and does an upgrade go back to where it came from?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from gongqing.config import archive, dumping
from gongqing.config.archive import ArchiveFault, Manifest, Member, Writer
from gongqing.config.rules import upgrades
from gongqing.lib.crypto import new_keyring
from tests import database

Run = Callable[..., subprocess.CompletedProcess[str]]


def _manifest(writer: Writer, proof: str = "") -> Manifest:
    return Manifest("2026-11-22T02:30:00+08:00", "1", "330200", "18", {}, 0, proof, writer.members)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A small archive of two files."""
    (tmp_path / "files/ab").mkdir(parents=True)
    (tmp_path / "files/ab/one").write_bytes(b"1" * 5000)
    (tmp_path / "dump").write_bytes(b"rows")
    writer = Writer(tmp_path / "b.tar")
    writer.add(archive.DUMP, tmp_path / "dump")
    assert writer.add_folder(tmp_path / "files") == 1
    writer.close(_manifest(writer))
    return tmp_path / "b.tar"


def test_what_was_written_is_read_back(written, tmp_path):
    manifest = archive.verify(written)
    assert set(manifest.members) == {"database.dump", "files/ab/one"}
    # SM3 and SHA-256 of 5000 ones, by another program
    assert manifest.members["files/ab/one"].size == 5000
    assert archive.extract(written, tmp_path / "out", prefix="files/") == 1
    assert (tmp_path / "out/files/ab/one").read_bytes() == b"1" * 5000
    assert written.stat().st_mode & 0o077 == 0


def test_sm3_is_the_published_one(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")  # GB/T 32905-2016, example 1
    assert archive.digest_of(tmp_path / "abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_changed_byte_is_found(written):
    content = bytearray(written.read_bytes())
    content[content.index(b"1" * 100) + 50] ^= 1
    written.write_bytes(content)
    with pytest.raises(ArchiveFault, match="files/ab/one"):
        archive.verify(written)


def test_a_cut_file_and_a_strange_file_are_refused(written, tmp_path):
    whole = written.read_bytes()
    written.write_bytes(whole[: len(whole) // 5])
    for path in (written, tmp_path / "dump", tmp_path / "missing.tar"):
        with pytest.raises(ArchiveFault):
            archive.verify(path)


def test_no_member_leaves_the_folder(tmp_path):
    (tmp_path / "evil").write_bytes(b"x")
    writer = Writer(tmp_path / "b.tar")
    writer.add("files/../../evil", tmp_path / "evil")
    writer.close(_manifest(writer))
    with pytest.raises(ArchiveFault, match="越出目录"):
        archive.extract(tmp_path / "b.tar", tmp_path / "out", prefix="files/")


def test_only_the_ring_that_sealed_it_fits():
    ring = new_keyring()
    manifest = Manifest("", "", "", "", {}, 0, archive.proof_of(ring), {})
    assert archive.fits(ring, manifest)
    assert archive.fits(ring.with_new_key(), manifest)
    assert not archive.fits(new_keyring(), manifest)


def test_the_format_of_another_version_is_named(tmp_path):
    with tarfile.open(tmp_path / "b.tar", "w") as tar:
        (tmp_path / "manifest.json").write_text(json.dumps({"format": 9}))
        tar.add(tmp_path / "manifest.json", "manifest.json")
    with pytest.raises(ArchiveFault, match="格式 9"):
        archive.read_manifest(tmp_path / "b.tar")


def test_lost_rows_are_named_and_passing_ones_are_not():
    before = {"appeals_appeal": 3, "registry_person": 2, "django_session": 9, "procrastinate_jobs": 4, "gone": 1}
    assert upgrades.losses(before, {"appeals_appeal": 3, "registry_person": 1}) == [
        "registry_person（2 → 1）",
        "gone（1 → 0）",
    ]
    assert upgrades.steps_since(5, 5) == 0
    assert upgrades.steps_since(5, 9) == 4


def test_sums_may_be_emptied_by_an_upgrade_but_not_in_part_and_nothing_with_them():
    before = {"insight_sumsmark": 1, "insight_dailysum": 6656, "insight_countedappeal": 326, "insight_livecount": 5}
    emptied = dict.fromkeys(before, 0) | {"insight_livecount": 5}
    assert upgrades.losses(before, emptied) == []
    assert upgrades.losses(before, emptied | {"insight_livecount": 4}) == ["insight_livecount（5 → 4）"]
    assert upgrades.losses(before, emptied | {"insight_dailysum": 6000}) == ["insight_dailysum（6656 → 6000）"]
    assert upgrades.losses(before, before | {"insight_dailysum": 0}) == ["insight_dailysum（6656 → 0）"]


def test_members_compare_by_every_digest():
    assert Member(1, "a", "b") != Member(1, "a", "c")


@pytest.fixture
def empty(django_db_setup: str, django_db_blocker: object) -> Iterator[str]:
    """An empty database beside the test's own."""
    name = database.name_of("restored")
    database.drop_database(name)
    with database._owner() as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'").format(sql.Identifier(name))
        )
    yield name
    database.drop_database(name)


@pytest.fixture
def live(_standing_cast: object) -> Iterator[str]:
    """A copy of the database with the cast in it."""
    name = database.name_of("live")
    database.drop_database(name)
    yield database.clone(database.name_of("cast"), name)
    database.drop_database(name)


@pytest.fixture
def run() -> Run:
    """Run the command line on a database with a home, as an operator does."""

    def command(name: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith(("GONGQING_", "DATABASE_"))},
            "GONGQING_HOME": str(home),
            "DATABASE_URL": database.url(name),
            "DATABASE_OWNER_URL": database.url(name, "postgres"),
        }
        return subprocess.run(
            [sys.executable, "-m", "gongqing.config.cli", *arguments],
            env=environment, cwd=database.ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return command


def _home(path: Path) -> Path:
    (path / "keys").mkdir(parents=True)
    for name in ("keyring.json", "secret.key"):
        (path / "keys" / name).write_bytes((database.HOME / "keys" / name).read_bytes())
    (path / "files/ab").mkdir(parents=True)
    (path / "files/ab/paper").write_bytes(b"%PDF-1.4")
    return path


def _counts(name: str) -> dict[str, int]:
    with dumping.connected(database.url(name, "postgres")) as connection:
        return dict(dumping.contents(connection).counts)


def test_a_city_moves_to_an_empty_machine(live, empty, run, tmp_path):
    home, other = _home(tmp_path / "home"), tmp_path / "other"
    before = _counts(live)
    done = run(live, home, "backup", "--to", str(tmp_path / "b"), "--keys-to", str(tmp_path / "k"))
    assert done.returncode == 0, done.stderr
    (file,), (keys,) = (tmp_path / "b").glob("*.tar"), (tmp_path / "k").glob("*.keys.tar")
    assert before["accounts_user"] > 10
    assert archive.verify(file).counts == before
    assert _counts(live)["audit_event"] == before["audit_event"] + 1  # backup.made

    without = run(empty, other, "restore", str(file))
    assert without.returncode == 2
    assert "--keys" in without.stderr
    back = run(empty, other, "restore", str(file), "--keys", str(keys))
    assert back.returncode == 0, back.stderr
    assert {**_counts(empty), "audit_event": 0} == {**before, "audit_event": 0}
    assert (other / "files/ab/paper").read_bytes() == b"%PDF-1.4"
    with psycopg.connect(database.url(empty)) as bound:
        assert bound.execute("SELECT count(*) FROM audit_event").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bound.execute("DELETE FROM audit_event")
    with psycopg.connect(database.url(empty)) as bound, pytest.raises(psycopg.errors.InsufficientPrivilege):
        bound.execute("CREATE TEMPORARY TABLE appeals_access (LIKE public.appeals_access)")

    again = run(empty, other, "restore", str(file), "--keys", str(keys))
    assert again.returncode == 2
    assert "不覆盖" in again.stderr


def test_an_upgrade_backs_up_first_and_goes_back(live, run, tmp_path):
    home = _home(tmp_path / "home")
    done = run(live, home, "upgrade")
    assert done.returncode == 0, done.stderr
    assert "核对无误" in done.stdout
    before = _counts(live)
    with psycopg.connect(database.url(live, "postgres")) as owner:
        owner.execute("CREATE TABLE accounts_left_over (id bigint)")
        for _ in range(2):
            owner.execute(
                "INSERT INTO audit_event (at, role, name, organisation_name, kind, subject_kind, note, data, salt,"
                " aside_digest, previous_digest, digest)"
                " VALUES (now(), 'system', '', '', 'appeal.noted', 'appeal', '', '{}', '', '', '', '')"
            )
    asked = run(live, home, "upgrade", "--back")
    assert asked.returncode == 2
    assert "--discard" in asked.stderr
    back = run(live, home, "upgrade", "--back", "--discard")
    assert back.returncode == 0, back.stderr
    after = _counts(live)
    assert "accounts_left_over" not in after
    assert after["accounts_user"] == before["accounts_user"]
    with psycopg.connect(database.url(live)) as bound:
        bound.execute("SELECT 1 FROM appeals_appeal")
        refused = run(live, home, "upgrade")
        assert refused.returncode == 2
        assert "请先停止平台" in refused.stderr


def test_without_a_backup_nothing_is_upgraded(live, run, tmp_path):
    home = _home(tmp_path / "home")
    (home / "keys/keyring.json").unlink()
    done = run(live, home, "upgrade")
    assert done.returncode == 2
    assert "没有升级" in done.stderr
    assert not (home / "last-upgrade.json").exists()
