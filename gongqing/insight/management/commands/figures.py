"""`gongqing figures rebuild | refresh | verify`: the daily sums that figures are read from."""

from __future__ import annotations

import argparse
import time

from django.core.management.base import BaseCommand

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.insight import actions
from gongqing.insight.queries import recount
from gongqing.lib.times import now


class Command(BaseCommand):
    help = (
        "指标汇总：rebuild 全部重算，refresh 补到最新（平台每分钟自己做），verify 重新数一遍并逐条说明不同。"
        "verify 退出码：0 相同，1 有不同，2 还没有汇总"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        commands.add_parser("rebuild", help="扔掉汇总，全部重算；算完之前页面仍读旧的")
        commands.add_parser("refresh", help="把上次之后有变动的诉求重新计入")
        commands.add_parser("verify", help="全部重新数一遍，和汇总逐条比较")

    def handle(self, *, command: str, **_options: object) -> None:
        started = time.monotonic()
        if command == "verify":
            self._verify(started)
            return
        work = actions.rebuild_sums if command == "rebuild" else actions.refresh_sums
        done = work(by=SYSTEM, at=now())
        self.stdout.write(f"计入诉求和需求 {done.count} 件，用时 {time.monotonic() - started:.1f} 秒。")

    def _verify(self, started: float) -> None:
        with scope.acting_as(SYSTEM):
            if not recount.is_built():
                self.stdout.write("还没有汇总，请先运行 gongqing figures rebuild。")
                raise SystemExit(2)
            found = recount.comparison()
        for line in found.differences:
            self.stdout.write(f"✗ {line}")
        if found.difference_count > len(found.differences):
            self.stdout.write(f"✗ 还有 {found.difference_count - len(found.differences)} 处没有列出。")
        self.stdout.write(
            f"核对诉求和需求 {found.appeals} 件、汇总 {found.sums} 行，用时 {time.monotonic() - started:.1f} 秒。"
        )
        if found.difference_count:
            self.stdout.write(f"和重新数的不同：{found.difference_count} 处。可运行 gongqing figures rebuild 重算。")
            raise SystemExit(1)
        self.stdout.write("和重新数的完全相同。")
