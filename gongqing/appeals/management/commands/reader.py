"""`gongqing language train | versions | run | rollback`: teach the reader, see its versions, change between them."""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand, CommandError

from gongqing.appeals import actions
from gongqing.appeals.models import ReaderVersion, VersionState
from gongqing.appeals.queries import reader
from gongqing.appeals.rules.readers import SHIPPED
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.language.classify import VERSION
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import now

NOT_PROMOTED = 1


class Command(BaseCommand):
    help = "分类模型：train 用更正训练一版，versions 列出版本，run 启用一个版本，rollback 退回上一个版本"

    _is_promoted = False

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.prog = "gongqing language"  # what was typed; the subcommands take their name from it
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser(
            "train",
            help="用职工同意使用的更正训练一版，比现在的好才启用",
            description="退出码：0 训练完并启用，1 训练完但没有启用（写明原因），2 不能训练。",
        )
        commands.add_parser("versions", help="列出版本、比较结果和现在用的是哪一个")
        running = commands.add_parser("run", help="启用一个以前的版本；shipped 是随附模型")
        running.add_argument("version", metavar="版本")
        running.add_argument("--reason", required=True, help="为什么换，会留痕")
        back = commands.add_parser("rollback", help="退回上一个版本，或给出的版本；shipped 是随附模型")
        back.add_argument("version", nargs="?", default="", metavar="版本")
        back.add_argument("--reason", default="命令行退回", help="为什么退回，会留痕")

    def handle(self, *, command: str, **options: object) -> None:
        try:
            with scope.acting_as(SYSTEM):
                if command == "train":
                    self._train()
                elif command == "versions":
                    self._list()
                else:
                    self._change(str(options["version"]), str(options["reason"]))
        except (NotAllowed, NotFound) as refused:
            raise CommandError(str(refused), returncode=2) from refused
        except BadInput as refused:
            raise CommandError(refused.message, returncode=2) from refused
        if command == "train" and not self._is_promoted:
            raise SystemExit(NOT_PROMOTED)

    def _train(self) -> None:
        version = actions.train_reader(by=SYSTEM, at=now())
        self._is_promoted = version.state == VersionState.RUNNING
        self.stdout.write(
            f"版本 {version.name}，用了 {version.correction_count} 条更正，随附模型 {version.fitted_on}。"
        )
        for line in _figures(version.comparison):
            self.stdout.write(line)
        self.stdout.write(f"已启用 {version.name}。" if self._is_promoted else version.reason)

    def _list(self) -> None:
        running = reader.running_version()
        in_force = reader.adjustment_in_force()
        for version in ReaderVersion.objects.order_by("-id"):
            mark = "▶" if version.state == VersionState.RUNNING else " "
            before, after = version.comparison["before"], version.comparison["after"]
            self.stdout.write(
                f"{mark} {version.name}  {version.made_at:%Y-%m-%d %H:%M}  更正 {version.correction_count}  "
                f"判对 {before['right']:.1%} → {after['right']:.1%}（{after['count']} 条）  "
                f"{version.get_state_display()}  {version.reason}"
            )
        self.stdout.write(f"{' ' if running else '▶'} {VERSION}  随附模型（shipped）")
        if running and in_force is None:
            self.stdout.write(
                f"✗ {running.name} 不能用：{reader.fault_in(running.name, running.digest)}。现在由随附模型判读。"
            )

    def _change(self, version: str, reason: str) -> None:
        if version:
            changed = actions.run_reader(version=version, reason=reason, by=SYSTEM, at=now())
        else:
            changed = actions.roll_back_reader(reason=reason, by=SYSTEM, at=now())
        self.stdout.write(f"现在用的是 {changed.name}。" if changed else f"现在用的是随附模型 {VERSION}（{SHIPPED}）。")


def _figures(comparison: dict[str, object]) -> list[str]:
    from gongqing.language.lessons import Figures

    before, after = (Figures(**comparison[name]) for name in ("before", "after"))  # type: ignore[arg-type]
    lines = [f"在 {after.count} 条两边都没有见过的更正上比较（原来 → 新版）："]
    if after.count:
        lines += [
            f"  第一类判对     {before.right:.1%} → {after.right:.1%}"
            f"（只有新版判对 {comparison['gained']} 条，只有原来判对 {comparison['lost']} 条，"
            f"碰巧的概率 {comparison['chance']:.1%}）",
            f"  第一或第二类对 {before.right_or_second:.1%} → {after.right_or_second:.1%}",
            f"  前三类里有     {before.top3:.1%} → {after.top3:.1%}",
            f"  校准误差       {before.calibration:.3f} → {after.calibration:.3f}",
        ]
    if after.labour_count:
        lines.append(
            f"  涉劳动关系判对 {before.labour_right:.1%} → {after.labour_right:.1%}（{after.labour_count} 条）"
        )
    return [*lines, f"  随附例句判对   {before.shipped_right:.1%} → {after.shipped_right:.1%}"]
