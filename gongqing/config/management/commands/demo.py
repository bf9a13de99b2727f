"""`gongqing demo small`: load the demonstration's city, once."""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand, CommandError

from gongqing.config.demo.loading import load_demo
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.times import now


class Command(BaseCommand):
    help = "装入演示数据：一座虚构的小宁波，近 60 天 300 件诉求；已装过则不变"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("size", choices=["small"])

    def handle(self, **_options: object) -> None:
        try:
            is_new = load_demo(at=now(), say=self._say)
        except (BadInput, BadInputs) as refused:
            raise CommandError(f"演示数据没有装入：{refused}", returncode=2) from refused
        self.stdout.write("演示数据已装好。" if is_new else "演示数据早已装好，没有改动。")

    def _say(self, line: str) -> None:
        """At once: somebody waits."""
        self.stdout.write(line)
        self.stdout.flush()
