"""`gongqing checklist [--production]`: may this installation be opened?"""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand

from gongqing.config.queries import facts as measured
from gongqing.config.rules import checklist
from gongqing.lib.times import now


class Command(BaseCommand):
    help = "检查清单：一行一项，✓ 可以，✗ 不行并写明怎么办；有 ✗ 时退出码为 2"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--production", action="store_true", help="按正式开放的要求检查")

    def handle(self, *, production: bool, **_options: object) -> None:
        setup = measured.setup(with_passwords=production)
        found = checklist.checklist(measured.facts(now()), setup, is_production=production)
        failed = checklist.failures(found, is_production=production)
        for point in found:
            advice = f" → {point.advice}" if point in failed and point.advice else ""
            self.stdout.write(f"{'✗' if point in failed else '✓'} {point.name}：{point.said}{advice}")
        if failed:
            self.stderr.write(f"{len(failed)} 项不行，改好后再运行一次。")
            raise SystemExit(2)
        self.stdout.write(f"{len(found)} 项都可以。")
