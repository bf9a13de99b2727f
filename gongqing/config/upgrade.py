"""`gongqing upgrade`: from the tables of the last version to those of this one, and back again.

1. Nobody else may be connected: the platform is stopped.
2. Everything is backed up and verified; without that nothing is touched.
3. The tables are migrated.
4. The result is checked: no row lost, no step left, row-level security in force.

`gongqing upgrade --back` puts the backup of step 2 in the place of what is there.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from gongqing.config import archive, backup, dumping
from gongqing.config.archive import ArchiveFault
from gongqing.config.dumping import Contents
from gongqing.config.embedded import ensure_database
from gongqing.config.rules import upgrades
from gongqing.config.rules.points import Colour
from gongqing.config.serving import prepare_home, self_command
from gongqing.config.versions import own_version

KEPT = 3


def main(arguments: list[str]) -> int:
    """Upgrade the database, or go back.

    Returns:
        0 done, 1 when something failed on the way, 2 when it was refused before anything was touched.
    """
    parser = argparse.ArgumentParser(prog="gongqing upgrade", description="升级数据库：先备份，再升级，再检查")
    parser.add_argument("--to", type=Path, help="备份放在哪个目录；默认 GONGQING_HOME/backups")
    parser.add_argument("--back", action="store_true", help="退回升级前的备份")
    parser.add_argument("--discard", action="store_true", help="和 --back 一起用：升级后新办的事也不要了")
    options = parser.parse_args(arguments)
    home = prepare_home()
    server = ensure_database(home, os.environ)
    try:
        if others := _others():
            return _refused(f"还有 {others} 个连接在用数据库，请先停止平台（网页服务和任务进程），再运行一次。")
        if options.back:
            return _go_back(home, discard=options.discard)
        return _upgrade(home, options.to or home / "backups")
    except backup.FAULTS as fault:
        print(f"没有成功：{fault}", file=sys.stderr)
        return 1
    finally:
        if server is not None:
            server.stop()


def _upgrade(home: Path, folder: Path) -> int:
    made = None
    if _contents().counts:
        print("正在备份，数据多时要几分钟……", flush=True)
        try:
            made = backup.make_backup(home, folder, keys_to=folder, name=backup.BEFORE_UPGRADE)
        except backup.FAULTS as fault:
            return _refused(f"备份没有成功，所以没有升级，数据库没有动：{fault}")
        print(f"已备份并核对：{made.path}（{made.size / 1024**2:.1f} MB，{made.seconds:.1f} 秒）", flush=True)
        _record(home).write_text(json.dumps({"file": str(made.path.resolve())}), encoding="utf-8")
        _prune(folder)
        if others := _others():
            return _refused(f"备份的时候又有 {others} 个连接连上了，数据库没有动；请先停止平台，再运行一次。")
    print("正在升级数据库的表，数据多时要几分钟，请不要关掉……", flush=True)
    migrated = subprocess.run([*self_command(), "migrate", "--verbosity", "1"], env=_unpooled(), check=False)
    if migrated.returncode:
        return _failed("升级没有做完。", can_go_back=made is not None)
    if made is not None and (lost := upgrades.losses(made.manifest.counts, _contents().counts)):
        return _failed(f"升级后这些表少了行：{'、'.join(lost)}。", can_go_back=True)
    if wrong := _wrong_points():
        return _failed(f"升级后检查没有通过：{'；'.join(wrong)}", can_go_back=made is not None)
    if made is not None:
        backup.note_backup(made)
    print(f"已升级到 {own_version()}，行数、数据范围和版本都核对无误。现在可以启动平台。")
    return 0


def _go_back(home: Path, *, discard: bool) -> int:
    record = _record(home)
    if not record.exists():
        return _refused("没有记下升级前的备份；要用别的备份，请在空的 GONGQING_HOME 里运行 gongqing restore。")
    file = Path(json.loads(record.read_text(encoding="utf-8"))["file"])
    try:
        manifest = archive.verify(file)
    except (ArchiveFault, OSError) as fault:
        return _refused(f"升级前的备份不能用，数据库没有动：{fault}")
    steps = upgrades.steps_since(manifest.last_event_id, _contents().last_event_id)
    if steps > 1 and not discard:  # the backup itself leaves one line
        return _refused(f"升级后又办了 {steps} 步，退回会丢掉它们。确定不要了，请加 --discard。")
    with dumping.put_aside(os.environ["DATABASE_OWNER_URL"]):
        backup.put_back(file, manifest, home, keep_existing=True)
    print(f"已退回 {archive.made_at(manifest):%Y-%m-%d %H:%M} 的备份，逐表核对无误。")
    print(f"请装回平台 {manifest.version}，再启动。升级后上传的附件仍留在 files 里，没有删。")
    return 0


def _others() -> int:
    with dumping.connected(os.environ["DATABASE_OWNER_URL"]) as connection:
        return dumping.others_connected(connection)


def _contents() -> Contents:
    with dumping.connected(os.environ["DATABASE_OWNER_URL"]) as connection:
        return dumping.contents(connection)


def _wrong_points() -> list[str]:
    backup.ready_django()
    from gongqing.config.queries import facts
    from gongqing.config.rules import points
    from gongqing.lib.times import now

    found = facts.facts(now())
    asked = [points.database(found), points.migrations(found), points.row_scope(found)]
    return [f"{point.name}：{point.said}{point.advice}" for point in asked if point.colour is Colour.RED]


def _record(home: Path) -> Path:
    return home / "last-upgrade.json"


def _prune(folder: Path) -> None:
    standing = [path for path in folder.glob(f"{backup.BEFORE_UPGRADE}-*.tar") if ".keys" not in path.suffixes]
    for path in sorted(standing)[:-KEPT]:
        path.unlink()
        path.with_name(f"{path.stem}.keys.tar").unlink(missing_ok=True)


def _refused(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


def _failed(message: str, *, can_go_back: bool) -> int:
    print(message, file=sys.stderr)
    if can_go_back:
        print("要回到升级前，请运行 gongqing upgrade --back，再装回原来的版本。", file=sys.stderr)
    return 1


def _unpooled() -> dict[str, str]:
    return {**os.environ, "GONGQING_POOL": "0"}
