"""`gongqing setup [FILE…]`: prepare the database of a city for its first appeal."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.config import setup_city
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.times import now
from gongqing.registry import rules


class Command(BaseCommand):
    help = "准备一座城市：区划、32 小类、分级、期限、派单规则，以及市、区县、镇街总工会；重复运行只补缺"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="已经准备过就什么都不做（启动时用）")
        parser.add_argument("files", nargs="*", type=Path, help="区划文件；不给时用自带的宁波区划")

    def handle(self, *, files: list[Path], if_empty: bool, **_options: object) -> None:
        city = settings.GONGQING.city_code
        if if_empty and setup_city.is_prepared():
            with scope.acting_as(SYSTEM):
                setup_city.add_shipped_outlines(by=SYSTEM, at=now())
            return
        self.stdout.write("正在装入区划、分类和规则，建各级总工会，约半分钟……")
        self.stdout.flush()
        try:
            if files:
                text = "\n".join(file.read_text(encoding="utf-8-sig").strip() for file in files)
                rows = rules.region_rows(text, within=rules.short_region_code(city))
            else:
                rows = setup_city.shipped_regions(city)
            with scope.acting_as(SYSTEM):
                done = setup_city.prepare_city(rows=rows, by=SYSTEM, at=now())
        except BadInputs as refused:
            lines = [error.message for error in refused.errors]
            raise CommandError("\n".join(["没有装入，请改正以下各行：", *lines]), returncode=2) from refused
        except (BadInput, OSError, UnicodeDecodeError) as refused:
            raise CommandError(f"没有装入：{refused}", returncode=2) from refused
        self.stdout.write(
            f"新增区划 {done.region_count} 个、小类 {done.category_count} 个、总工会 {done.union_count} 家。"
        )
