"""`gongqing keys rotate`: a new key for personal data, and every sealed value under it."""

from __future__ import annotations

import argparse

from django.core.management.base import BaseCommand

from gongqing.audit.actor import SYSTEM
from gongqing.lib.times import now
from gongqing.registry import actions
from gongqing.registry.models import sealing


class Command(BaseCommand):
    help = "个人信息密钥：keys show 列出密钥编号，keys rotate 换用新密钥并重新加密全部个人信息"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("verb", choices=["show", "rotate"])

    def handle(self, *, verb: str, **_options: object) -> None:
        if verb == "rotate":
            count = actions.rotate_personal_keys(by=SYSTEM, at=now())
            self.stdout.write(f"已换用新密钥，重新加密 {count} 项。旧密钥仍留在密钥文件里，请同时备份密钥文件。")
        ring = sealing.ring()
        self.stdout.write(f"当前密钥 {ring.current}；可读密钥 {'、'.join(sorted(ring.keys))}")
