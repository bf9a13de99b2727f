"""`gongqing backup`, `gongqing restore`: everything that cannot be made again, written, verified, and put back.

A backup is one dump of the database and the files beside it at that time; the keys go into a file of their own.
Restoring fills an empty installation and refuses to write over anything.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from gongqing.config import archive, dumping
from gongqing.config.archive import ArchiveFault, Manifest
from gongqing.config.dumping import DumpFault
from gongqing.config.embedded import ensure_database, grant
from gongqing.config.serving import prepare_home
from gongqing.config.versions import own_version
from gongqing.lib.crypto import Keyring
from gongqing.lib.times import now

USUAL, BEFORE_UPGRADE = "gongqing", "before-upgrade"
FAULTS = (ArchiveFault, DumpFault, OSError, psycopg.Error)


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written and verified."""

    path: Path
    keys: Path | None
    manifest: Manifest
    digest: str
    seconds: float

    @property
    def size(self) -> int:
        """Bytes of the archive."""
        return self.path.stat().st_size


def backup(arguments: list[str]) -> int:
    """Write and verify a backup.

    Returns:
        0 done, 1 when it could not be written or verified.
    """
    parser = argparse.ArgumentParser(prog="gongqing backup", description="备份数据库、附件和密钥，写完后核对")
    parser.add_argument("folder", nargs="?", type=Path, help="放在哪个目录；默认 GONGQING_HOME/backups")
    parser.add_argument("--to", type=Path, help="同上")
    parser.add_argument("--keys-to", type=Path, help="密钥放在哪个目录；默认同 --to")
    parser.add_argument("--without-keys", action="store_true", help="不备份密钥（另有保管时）")
    parser.add_argument("--keep", type=int, help="只留最新的几个备份")
    options = parser.parse_args(arguments)
    home = prepare_home()
    folder = options.folder or options.to or home / "backups"
    server = ensure_database(home, os.environ)
    try:
        made = make_backup(home, folder, keys_to=None if options.without_keys else options.keys_to or folder)
        note_backup(made)
        removed = prune(folder, options.keep) if options.keep else []
    except FAULTS as fault:
        print(f"备份没有成功：{fault}", file=sys.stderr)
        return 1
    finally:
        if server is not None:
            server.stop()
    size, rows = f"{made.size / 1024**2:.1f} MB", sum(made.manifest.counts.values())
    print(f"已备份并核对：{made.path}（{size}，{rows} 行，{made.seconds:.1f} 秒）")
    print(f"SM3 {made.digest}")
    if made.keys is not None:
        print(f"密钥：{made.keys}")
        if made.keys.parent == made.path.parent:
            print(
                "注意：密钥和备份放在一起，拿到两个文件的人就能读到全部个人信息。请把密钥移到别处保管。",
                file=sys.stderr,
            )
    for path in removed:
        print(f"已删除旧备份 {path.name}")
    return 0


def restore(arguments: list[str]) -> int:
    """Fill an empty installation from a backup.

    Returns:
        0 done, 1 when it could not be read back, 2 when something stands in the way.
    """
    parser = argparse.ArgumentParser(
        prog="gongqing restore", description="把备份恢复到一个空的 GONGQING_HOME 和空的数据库"
    )
    parser.add_argument("file", type=Path, help="备份文件，或放备份的目录（用其中最新的一个）")
    parser.add_argument("--keys", type=Path, help="密钥文件（….keys.tar）；GONGQING_HOME/keys 里已有时不用")
    options = parser.parse_args(arguments)
    home = prepare_home()
    try:
        options.file = _newest(options.file) if options.file.is_dir() else options.file
        manifest = archive.verify(options.file)
        _check_empty_folders(home)
        keys = _keys_for(home, options.keys, manifest)
    except (ArchiveFault, OSError) as refused:
        print(f"没有恢复：{refused}", file=sys.stderr)
        return 2
    server = ensure_database(home, os.environ)
    try:
        with dumping.connected(os.environ["DATABASE_OWNER_URL"]) as connection:
            if dumping.tables(connection):
                print("没有恢复：数据库不是空的。恢复只往空的数据库里写，不覆盖。", file=sys.stderr)
                return 2
        _write_keys(home, keys)
        put_back(options.file, manifest, home)
        found = note_restore(options.file.name)
    except FAULTS as fault:
        print(f"恢复没有成功：{fault}", file=sys.stderr)
        return 1
    finally:
        if server is not None:
            server.stop()
    print(
        f"已恢复 {archive.made_at(manifest):%Y-%m-%d %H:%M} 的备份：{sum(manifest.counts.values())} 行，逐表核对无误。"
    )
    print(found)
    print("接着运行 gongqing up；平台比备份新时它会升级数据库。")
    return 0


def make_backup(home: Path, folder: Path, *, keys_to: Path | None, name: str = USUAL) -> Made:
    """Write a backup into a folder under a name with the moment in it, and read it all back.

    Raises:
        ArchiveFault, DumpFault, OSError: it could not be written, or is not what was written; nothing half done stays.
    """
    started = time.monotonic()
    at = now()
    ring = _ring((home / "keys" / "keyring.json").read_bytes() if (home / "keys" / "keyring.json").exists() else b"")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}-{at:%Y%m%d-%H%M%S}.tar"
    keys = keys_to / f"{path.stem}.keys.tar" if keys_to is not None else None
    unfinished = path.with_suffix(".unfinished")
    written = [unfinished]
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".dump-") as scratch:
            dumped = Path(scratch) / archive.DUMP
            found = dumping.dump(os.environ["DATABASE_OWNER_URL"], dumped)
            writer = archive.Writer(unfinished)
            writer.add(archive.DUMP, dumped)
        # after the dump: a file that the dump names was there before it
        for each in archive.FOLDERS:
            writer.add_folder(home / each)
        writer.close(
            Manifest(
                made_at=at.isoformat(),
                version=own_version(),
                city_code=os.environ.get("GONGQING_CITY_CODE", "330200"),
                server=found.server,
                counts=found.counts,
                last_event_id=found.last_event_id,
                proof=archive.proof_of(ring),
                members=writer.members,
            )
        )
        manifest = archive.verify(unfinished)
        if keys is not None:
            keys.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            archive.write_keys(home, keys)
            written.append(keys)
        unfinished.rename(path)
    except BaseException:
        for half in written:
            half.unlink(missing_ok=True)
        raise
    return Made(path, keys, manifest, archive.digest_of(path), time.monotonic() - started)


def put_back(file: Path, manifest: Manifest, home: Path, *, keep_existing: bool = False) -> None:
    """Fill the empty database and the folders, and compare every table's rows with what the backup says.

    Raises:
        ArchiveFault, DumpFault: the database is empty again.
    """
    owner, bound = os.environ["DATABASE_OWNER_URL"], os.environ["DATABASE_URL"]
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as scratch:
        archive.extract(file, Path(scratch), prefix=archive.DUMP)
        dumping.restore(owner, Path(scratch) / archive.DUMP)
    with dumping.connected(owner) as connection:
        found = dumping.contents(connection).counts
    if different := [name for name in manifest.counts if found.get(name) != manifest.counts[name]]:
        raise ArchiveFault(f"恢复后行数不对：{'、'.join(different[:5])}。")
    grant(owner, bound)
    for each in archive.FOLDERS:
        archive.extract(file, home, prefix=f"{each}/", keep_existing=keep_existing)


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete all but the newest backups of a folder, their keys beside them too; answers the archives that went."""
    standing = _standing(folder)
    old = standing[:-keep] if keep > 0 else []
    for path in old:
        path.unlink()
        path.with_name(f"{path.stem}.keys.tar").unlink(missing_ok=True)
    return old


def _standing(folder: Path) -> list[Path]:
    """The backups of a folder, the oldest first."""
    return sorted(path for path in folder.glob(f"{USUAL}-*.tar") if not path.name.endswith(".keys.tar"))


def _newest(folder: Path) -> Path:
    found = _standing(folder)
    if not found:
        raise ArchiveFault(f"{folder} 里没有备份。")
    return found[-1]


def note_backup(made: Made) -> None:
    """Let the status page know."""
    ready_django()
    from gongqing.audit.actor import SYSTEM
    from gongqing.config import actions

    actions.note_backup(
        name=made.path.name,
        size=made.size,
        digest=made.digest,
        by=SYSTEM,
        at=archive.made_at(made.manifest),
    )


def note_restore(name: str) -> str:
    """Verify the trace that was put back, and write into it that everything was; answers what was found, in words.

    What workers were at when the backup was made is queued again. A backup of an older version is left as it is: its
    tables are not ours yet.
    """
    ready_django()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from gongqing.audit.actor import SYSTEM
    from gongqing.audit.jobs import requeue_left_jobs
    from gongqing.config import actions
    from gongqing.config.queries import trace

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "备份的版本比平台旧，留痕还没有校验；升级以后请运行 gongqing audit verify。"
    requeue_left_jobs(nobody_is_at_work=True)
    report = trace.report_on()
    actions.note_restore(name=name, by=SYSTEM, at=now())
    if report.is_clean:
        return f"留痕校验通过：{report.event_count} 行留痕、{report.look_count} 行查阅记录。"
    return f"留痕校验发现 {report.fault_count} 处问题，请运行 gongqing audit verify 看是哪些行。"


def ready_django() -> None:
    """Make the models usable, once the database is named in the environment."""
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongqing.config.settings")
    os.environ.setdefault("GONGQING_POOL", "0")
    if not apps.ready:
        django.setup()


def _check_empty_folders(home: Path) -> None:
    for name in archive.FOLDERS:
        if any((home / name).rglob("*")):
            raise ArchiveFault(f"{home / name} 不是空的。恢复只往空的 GONGQING_HOME 里写，不覆盖。")


def _keys_for(home: Path, given: Path | None, manifest: Manifest) -> dict[str, bytes]:
    """The keys to write; none when the home already has those that fit."""
    standing = home / "keys" / "keyring.json"
    if given is not None:
        keys = archive.read_keys(given)
        if not archive.fits(_ring(keys["keyring.json"]), manifest):
            raise ArchiveFault(f"{given} 里的密钥打不开这个备份，请找同一时间的密钥文件。")
        if standing.exists() and standing.read_bytes() != keys["keyring.json"]:
            raise ArchiveFault(f"{standing} 已有另一套密钥，没有覆盖。")
        return keys
    if not standing.exists():
        raise ArchiveFault("要用 --keys 给出密钥文件：没有密钥，备份里的个人信息再也读不出来。")
    if not archive.fits(_ring(standing.read_bytes()), manifest):
        raise ArchiveFault(f"{standing} 里的密钥打不开这个备份。")
    return {}


def _write_keys(home: Path, keys: dict[str, bytes]) -> None:
    (home / "keys").mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in keys.items():
        path = home / "keys" / name
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)


def _ring(content: bytes) -> Keyring:
    try:
        return Keyring.from_json(content.decode())
    except ValueError as error:
        raise ArchiveFault("密钥文件 keyring.json 不存在或读不懂。") from error
