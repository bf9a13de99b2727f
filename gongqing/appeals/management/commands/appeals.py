"""`gongqing appeals …`: load a hotline's sheet from the command line, go on with it, take it back."""

from __future__ import annotations

import argparse
from pathlib import Path
from time import monotonic

from django.core.management.base import BaseCommand, CommandError

from gongqing.appeals.actions.sheet_loads import AppealLoad
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib.errors import BadInput, BadInputs, NotAllowed, NotFound
from gongqing.lib.times import local, now
from gongqing.registry import queries, sheets
from gongqing.registry.actions import loads
from gongqing.registry.models import Load, LoadKind, LoadState, RowState

UNDER_WAY = (LoadState.RUNNING, LoadState.UNDOING)
REFUSALS = (BadInput, BadInputs, NotAllowed, NotFound)
SHOWN = 10
TOLD_EVERY = 2.0


class Command(BaseCommand):
    help = "诉求表格：import 导入（--dry-run 只试），continue 接着导，undo 整批撤销，list 列出"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        taken = verbs.add_parser("import", help="导入热线表格（xlsx、xls、et、ods、csv）")
        taken.add_argument("file", type=Path)
        taken.add_argument("--source", required=True, help="来源，例如 12345；同一来源的编号只登记一次")
        taken.add_argument("--dry-run", action="store_true", help="只试一遍，不写入")
        channel, screening = AppealLoad.options
        taken.add_argument("--channel", default="", choices=[value for value, _ in channel.choices])
        taken.add_argument("--screening", default="", choices=[value for value, _ in screening.choices])
        resumed = verbs.add_parser("continue", help="接着导暂停或中断的一次")
        for one in (taken, resumed):
            one.add_argument("--rejects", type=Path, help="把问题行写成 csv；没有问题行时只有表头")
        undone = verbs.add_parser("undo", help="整批撤销；已经有人办理的保留")
        undone.add_argument("--reason", required=True, help="为什么撤销")
        for one in (resumed, undone):
            one.add_argument("number", type=int, help="导入的编号，见 list")
        verbs.add_parser("list", help="列出最近 30 次")

    def handle(self, *, verb: str, **options: object) -> None:
        acts = {"import": self._import, "continue": self._continue, "undo": self._undo, "list": self._list}
        try:
            acts[verb](options)
        except REFUSALS as refused:
            raise CommandError(str(refused), returncode=2) from refused

    def _import(self, options: dict[str, object]) -> None:
        file, rejects = _path(options, "file"), _writable(options.get("rejects"))
        if file is None or not file.is_file():
            raise BadInput("file", f"没有这个文件：{file}")
        with scope.acting_as(SYSTEM):
            load = loads.begin_load(
                kind=LoadKind.APPEALS,
                source=str(options["source"]),
                file_name=file.name,
                content=file.read_bytes(),
                options={name: options[name] for name in ("channel", "screening")},
                by=SYSTEM,
                at=now(),
            )
        is_dry = bool(options["dry_run"])
        try:
            with scope.acting_as(SYSTEM):
                loads.start_load(load_id=load.pk, dry_run=is_dry, in_hand=True, by=SYSTEM, at=now())
        except REFUSALS:
            _discard(load)
            raise
        load = self._run(load)
        self._tell(load, rejects, is_dry=is_dry)
        if is_dry and load.state == LoadState.CHECKED:
            _discard(load)

    def _continue(self, options: dict[str, object]) -> None:
        rejects = _writable(options.get("rejects"))
        with scope.acting_as(SYSTEM):
            load = _numbered(options)
            is_dry = bool(load.options.get("dry_run"))
            loads.start_load(load_id=load.pk, dry_run=is_dry, in_hand=True, by=SYSTEM, at=now())
        self._tell(self._run(load), rejects, is_dry=is_dry)

    def _undo(self, options: dict[str, object]) -> None:
        with scope.acting_as(SYSTEM):
            load = _numbered(options)
            loads.undo_load(load_id=load.pk, reason=str(options["reason"]), in_hand=True, by=SYSTEM, at=now())
        load = self._run(load)
        self.stdout.write(f"撤销完：{_words(load)}")
        with scope.acting_as(SYSTEM):
            for row in queries.rows_of_load(load, RowState.KEPT, most=SHOWN):
                self.stdout.write(f"第 {row.number} 行：{row.note}")

    def _list(self, _options: dict[str, object]) -> None:
        with scope.acting_as(SYSTEM):
            for load in queries.loads_of(SYSTEM, [LoadKind.APPEALS])[:30]:
                progress = f"{load.done_count}/{load.row_count} 行"
                self.stdout.write(
                    f"{load.pk}\t{local(load.made_at):%Y-%m-%d %H:%M}\t{load.source}\t{load.file_name}"
                    f"\t{load.get_state_display()}\t{progress}\t{_words(load)}"
                )

    def _run(self, load: Load) -> Load:
        """Deal with every row; Ctrl-C pauses between two chunks."""
        told = began = monotonic()
        first = load.done_count
        try:
            while True:
                with scope.acting_as(SYSTEM):
                    load = loads.advance_load(load_id=load.pk, by=SYSTEM, at=now())
                if load.state not in UNDER_WAY:
                    return load
                if monotonic() - told >= TOLD_EVERY:
                    told = monotonic()
                    speed = (load.done_count - first) / (told - began)
                    self.stderr.write(f"{load.done_count:,} / {load.row_count:,} 行，每秒 {speed:.0f} 行")
        except KeyboardInterrupt:
            with scope.acting_as(SYSTEM):
                loads.fail_load(load_id=load.pk, fault="在命令行按 Ctrl-C 停下", by=SYSTEM, at=now())
            raise CommandError(
                f"已停下，没有丢数据。接着导：gongqing appeals continue {load.pk}", returncode=1
            ) from None

    def _tell(self, load: Load, rejects: Path | None, *, is_dry: bool) -> None:
        work = loads.work_of(load.kind)
        with scope.acting_as(SYSTEM):
            bad = list(load.rows.filter(state=RowState.REJECTED).order_by("number"))
            found = [
                (row.number, [(one["column"], one["why"]) for one in row.problems], loads.content_of(row))
                for row in bad
            ]
        for number, problems, _cells in found[:SHOWN]:
            self.stderr.write("；".join(f"第 {number} 行“{column}”：{why}" for column, why in problems))
        if len(found) > SHOWN:
            self.stderr.write(
                f"……共 {len(found)} 行有问题" + ("" if rejects else "，加 --rejects 文件名 可以全部写出来")
            )
        if rejects is not None:
            _write(rejects, sheets.rejects_csv(found, work.columns))
        name = "试导完，没有写入" if is_dry else f"导入完（编号 {load.pk}）"
        self.stdout.write(f"{name}：{_words(load)}")


def _words(load: Load) -> str:
    found = [f"{state.label} {load.counts[state.value]}" for state in RowState if load.counts.get(state.value)]
    return "，".join(found) or "还没有开始"


def _numbered(options: dict[str, object]) -> Load:
    return queries.load_numbered(int(str(options["number"])), SYSTEM, [LoadKind.APPEALS])


def _discard(load: Load) -> None:
    with scope.acting_as(SYSTEM):
        loads.discard_load(load_id=load.pk, by=SYSTEM, at=now())


def _path(options: dict[str, object], name: str) -> Path | None:
    given = options.get(name)
    return given if isinstance(given, Path) else None


def _writable(given: object) -> Path | None:
    """Where the rejects go; refused before anything is read when it cannot be written."""
    if not isinstance(given, Path):
        return None
    if given.is_dir() or not given.absolute().parent.is_dir():
        raise BadInput("rejects", f"不能写到 {given}：请给一个已有文件夹里的文件名。")
    return given


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as fault:
        temporary.unlink(missing_ok=True)
        raise CommandError(f"问题行没有写成：{fault}", returncode=1) from fault
