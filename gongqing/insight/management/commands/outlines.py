"""`gongqing outlines FILE`: take the outlines of the counties from a GeoJSON file (docs/operations/cockpit.md)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.insight.actions.outlines import load_outlines
from gongqing.insight.queries.cockpit import counties, outlined_counties
from gongqing.insight.rules.outlines import outlines_in
from gongqing.lib import times
from gongqing.lib.errors import BadInput


class Command(BaseCommand):
    help = "装入各区县市的地图轮廓（GeoJSON，WGS-84，要素带 adcode）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="GeoJSON 文件；里面有全国的也行，只取本市")
        parser.add_argument("--source", default="", help="来源，显示在地图下面；默认用文件名")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        with scope.acting_as(SYSTEM):
            wanted = counties()
            try:
                found = outlines_in(file.read_text(encoding="utf-8"), [county.code for county in wanted])
            except (OSError, UnicodeDecodeError) as fault:
                raise CommandError(f"文件读不出来：{fault}", returncode=2) from None
            except BadInput as refused:
                raise CommandError(refused.message, returncode=2) from None
            source = options["source"] or file.name
            count = load_outlines(outlines=found, source=source, by=SYSTEM, at=times.now())
            drawn = outlined_counties()
        absent = [county for county in wanted if county.code not in found]
        kept = "、".join(county.name for county in absent if county.code in drawn)
        bare = "、".join(county.name for county in absent if county.code not in drawn)
        self.stdout.write(
            f"装入 {count} 个区县市的轮廓。"
            + (f"文件里没有{kept}，仍用原来的轮廓。" if kept else "")
            + (f"没有轮廓：{bare}，在图下列出。" if bare else "")
        )
