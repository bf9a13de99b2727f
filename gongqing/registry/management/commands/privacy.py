"""`gongqing privacy`: show the privacy notice in force, or publish a new version from a text file."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib.errors import BadInput
from gongqing.lib.times import day_of, now
from gongqing.registry import actions, queries


class Command(BaseCommand):
    help = "隐私告知：privacy show 打印现在的版本，privacy publish 文件 --from 日期 发布新版本"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("verb", choices=["show", "publish"])
        parser.add_argument("file", nargs="?", type=Path, help="新版本的文本文件（UTF-8）")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="从哪天起，缺省今天")
        parser.add_argument("--source", default="", help="依据或出处")

    def handle(self, *, verb: str, file: Path | None, first: date | None, source: str, **_options: object) -> None:
        at = now()
        with scope.acting_as(SYSTEM):
            if verb == "publish":
                if file is None:
                    raise CommandError("请给出文本文件。")
                try:
                    text = file.read_text(encoding="utf-8")
                    notice = actions.publish_privacy_notice(
                        text=text, effective_from=first or day_of(at), source=source, by=SYSTEM, at=at
                    )
                except (OSError, UnicodeDecodeError, BadInput) as fault:
                    raise CommandError(str(fault)) from fault
                self.stdout.write(f"已发布第 {notice.version} 版，自 {notice.effective_from:%Y-%m-%d} 起。")
                return
            current = queries.notice_on(day_of(at))
        if current is None:
            raise CommandError("还没有隐私告知，请先运行 gongqing setup。")
        self.stdout.write(f"第 {current.version} 版，自 {current.effective_from:%Y-%m-%d} 起\n\n{current.text}")
