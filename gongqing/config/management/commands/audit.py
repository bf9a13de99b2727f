"""`gongqing audit verify | seal | seals`: was the trace tampered with, and is it sealed?"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from gongqing.audit.actor import SYSTEM
from gongqing.config import actions
from gongqing.config.queries import trace as queries
from gongqing.lib.codes import check_appeal_code
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.sheets import csv_of
from gongqing.lib.times import now


class Command(BaseCommand):
    help = (
        "留痕：verify 逐行校验，seal 封存到昨天，seals 列出封存值。校验退出码：0 没有发现问题，1 发现问题，2 输入不对"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        verify = commands.add_parser(
            "verify",
            help="校验留痕、查阅记录、留痕链和封存",
            description="重新计算每一行、每条链和每次封存，逐行说明哪里被改动、删除、插入或调换。"
            "退出码：0 没有发现问题，1 发现问题，2 输入不对。",
        )
        verify.add_argument("--from", dest="since", metavar="日期", help="只看这一天及以后封存的和还没有封存的")
        verify.add_argument("--appeal", default="", metavar="编号", help="只看一件诉求")
        commands.add_parser("seal", help="封存到昨天；已经封存过就什么都不做（平台每小时自己看一次）")
        seals = commands.add_parser("seals", help="列出每次封存的封存值，供外部保管")
        seals.add_argument("--csv", nargs="?", const="-", metavar="文件", help="写成 csv；不给文件名时写到屏幕")

    def handle(self, *, command: str, **options: object) -> None:
        if command == "verify":
            self._verify(str(options["since"] or ""), str(options["appeal"] or ""))
        elif command == "seal":
            self._seal()
        else:
            self._list(options["csv"])

    def _verify(self, since: str, code: str) -> None:
        try:
            day = date.fromisoformat(since) if since else None
            code = check_appeal_code(code) if code else ""
        except ValueError:
            raise CommandError(f"“{since}”不是日期，请写成 2026-01-31。", returncode=2) from None
        except BadInput as refused:
            raise CommandError(refused.message, returncode=2) from refused
        started = time.monotonic()
        try:
            report = queries.report_on(since=day, code=code)
        except NotFound as missing:
            raise CommandError(str(missing), returncode=2) from missing
        seconds = max(time.monotonic() - started, 0.001)
        for line in queries.lines_of(report.findings):
            self.stdout.write(f"✗ {line}")
        if report.fault_count > len(report.findings):
            self.stdout.write(f"✗ 还有 {report.fault_count - len(report.findings)} 处没有列出。")
        if not report.is_signed:
            self.stdout.write("注意：读不到密钥文件，封存的签名没有校验。")
        rows = report.event_count + report.look_count
        self.stdout.write(
            f"留痕 {report.event_count} 行、查阅记录 {report.look_count} 行、留痕链 {report.chain_count} 条、"
            f"封存 {report.seal_count} 次，用时 {seconds:.1f} 秒（每秒 {rows / seconds:.0f} 行）。"
        )
        if not code and day is None:
            actions.note_verification(report=report, by=SYSTEM, at=now())
        if not report.is_clean:
            self.stdout.write(f"校验没有通过：发现 {report.fault_count} 处问题。")
            raise SystemExit(1)
        self.stdout.write(f"校验通过，{_until(report.sealed_until)}。")

    def _seal(self) -> None:
        at = now()
        try:
            seal, is_new = actions.seal_until(day=at.date() - timedelta(days=1), by=SYSTEM, at=at)
        except OperationalError as busy:
            raise CommandError("正有较长的写入在进行，没有封存，请过一会儿再试。", returncode=1) from busy
        except (OSError, ValueError) as missing:
            raise CommandError(f"读不到密钥文件，没有封存：{missing}", returncode=2) from missing
        said = "已封存" if is_new else "已经封存过"
        self.stdout.write(f"{said}至 {seal.day}：留痕 {seal.event_count} 行、查阅记录 {seal.access_count} 行。")
        self.stdout.write(f"封存值 {seal.digest}")

    def _list(self, target: object) -> None:
        rows = queries.seal_rows()
        if target is None:
            for row in rows:
                self.stdout.write(f"{row[0]} {row[7]}")
            if not rows:
                self.stdout.write("还没有封存过。")
            return
        content = csv_of([list(queries.SEAL_TITLES), *rows])
        if target == "-":
            sys.stdout.write(content.decode())
            return
        try:
            Path(str(target)).write_bytes(content)
        except OSError as fault:
            raise CommandError(f"写不进 {target}：{fault}", returncode=2) from fault
        self.stdout.write(f"{len(rows)} 次封存已写入 {target}。")


def _until(day: date | None) -> str:
    return f"最近封存至 {day}" if day else "还没有封存过"
