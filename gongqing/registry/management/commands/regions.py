"""`gongqing regions load FILE…`: put a city's official divisions into the database."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.times import now
from gongqing.registry import actions, rules

SHIPPED = Path(__file__).parents[2] / "data" / "regions_ningbo.csv"


class Command(BaseCommand):
    help = "装入行政区划：regions load [文件…] [--within 3302]；不给文件时装入自带的宁波区划"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("verb", choices=["load"])
        parser.add_argument("files", nargs="*", type=Path, default=[SHIPPED])
        parser.add_argument("--within", default="", help="只装入以此开头的代码，如 3302")

    def handle(self, *, files: list[Path], within: str, **_options: object) -> None:
        try:
            text = "\n".join(file.read_text(encoding="utf-8-sig").strip() for file in files)
            with scope.acting_as(SYSTEM):
                rows = rules.region_rows(text, within=within)
                loaded = actions.load_regions(rows=rows, by=SYSTEM, at=now())
        except BadInputs as refused:
            lines = [error.message for error in refused.errors]
            raise CommandError("\n".join(["区划没有装入，请改正以下各行：", *lines]), returncode=2) from refused
        except (BadInput, OSError, UnicodeDecodeError) as refused:
            raise CommandError(f"区划没有装入：{refused}", returncode=2) from refused
        self.stdout.write(
            f"新增 {loaded.added_count} 个，更新 {loaded.changed_count} 个，未变 {loaded.unchanged_count} 个。"
        )
