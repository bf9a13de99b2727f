"""`gongqing report`: the weekly report of the city or a county as a Word file, and the template that it follows."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.insight import actions
from gongqing.insight.documents import templates, weekly
from gongqing.insight.models import WeeklyReport
from gongqing.insight.queries import reports
from gongqing.insight.rules import reporting
from gongqing.insight.rules.weeks import week_named
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import now


class Command(BaseCommand):
    help = "动态情况报告：weekly 把一周的报告写成 Word，template 换本市的 Word 模板。退出码：0 写好，1 故障，2 输入不对"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        written = commands.add_parser(
            "weekly",
            help="写出一周的报告",
            description="已编发的，写出编发时的那份；没有编发的，写出草稿，还没有草稿就起草一份。"
            "给了快照编号，就只凭快照重新生成，数字和当时一样。退出码：0 写好，1 故障，2 输入不对。",
        )
        written.add_argument("--week", default="", metavar="周", help="哪一周，例如 2026-W47，也可以是其中一天")
        written.add_argument("--level", choices=("city", "county"), default="city", help="全市，还是一个区县市")
        written.add_argument("--county", default="", metavar="代码", help="区县市的代码或名称，例如 330206")
        written.add_argument("--snapshot", default="", metavar="编号", help="报告末尾印的快照编号")
        written.add_argument("--out", required=True, metavar="文件", help="写到哪个 .docx 文件")
        own = commands.add_parser(
            "template",
            help="看、装入或撤下本市的 Word 模板",
            description="不给文件时，说现在用的模板缺什么。装入时先检查：缺的样式用平台自带的，并逐项说明；填不进去的不装。"
            "已编发的周报不变。退出码：0 完成，1 故障，2 输入不对。",
        )
        own.add_argument("file", nargs="?", type=Path, metavar="文件", help="本市的模板（.docx）")
        own.add_argument("--drop", action="store_true", help="撤下本市的模板，用平台自带的")
        own.add_argument("--shipped", type=Path, metavar="文件", help="把平台自带的模板另存一份，从它改起")

    def handle(self, *, command: str, **options: Any) -> None:
        if command == "template":
            with scope.acting_as(SYSTEM):
                self._template(options["file"], options["shipped"], drop=options["drop"])
        else:
            self._weekly(options["week"], options["level"], options["county"], options["snapshot"], options["out"])

    def _template(self, file: Path | None, shipped: Path | None, *, drop: bool) -> None:
        try:
            if shipped is not None:
                shipped.write_bytes(templates.shipped())
                self.stdout.write(f"平台自带的模板已写入 {shipped}。")
            elif drop:
                actions.drop_report_template(by=SYSTEM, at=now())
                self.stdout.write("已撤下本市的模板，以后的周报用平台自带的。")
            elif file is not None:
                lacks = actions.load_report_template(content=file.read_bytes(), by=SYSTEM, at=now())
                self.stdout.write("\n".join(["已装入，以后的周报用这个模板。", *lacks]))
            elif templates.own_place().exists():
                lacks = templates.lacks_of(templates.own_place().read_bytes())
                self.stdout.write("\n".join(["现在用的是本市的模板。", *(lacks or ["不缺什么。"])]))
            else:
                self.stdout.write("现在用的是平台自带的模板。")
        except OSError as fault:
            raise CommandError(f"文件读写不了：{fault}", returncode=2) from fault
        except BadInput as refused:
            raise CommandError(refused.message, returncode=2) from refused
        except NotAllowed as refused:
            raise CommandError(str(refused), returncode=2) from refused

    def _weekly(self, week: str, level: str, county: str, snapshot: str, out: str) -> None:
        target = Path(out)
        if target.suffix.lower() != ".docx":
            raise CommandError(f"“{out}”应以 .docx 结尾。", returncode=2)
        if not target.parent.is_dir():
            raise CommandError(f"没有 {target.parent} 这个文件夹。", returncode=2)
        try:
            said, content = self._by_snapshot(snapshot) if snapshot else self._of_week(week, level, county)
        except BadInput as refused:
            raise CommandError(refused.message, returncode=2) from refused
        except NotFound as missing:
            raise CommandError(str(missing), returncode=2) from missing
        except NotAllowed as refused:
            raise CommandError(str(refused), returncode=1) from refused
        try:
            target.write_bytes(content)
        except OSError as fault:
            raise CommandError(f"写不进 {out}：{fault}", returncode=2) from fault
        self.stdout.write(f"{said}，已写入 {out}。")

    def _by_snapshot(self, name: str) -> tuple[str, bytes]:
        with scope.acting_as(SYSTEM):
            found = reports.snapshot_named(name)
            return f"按快照 {found.name} 重新生成", weekly.document_of(reports.paper_of_snapshot(found))

    def _of_week(self, week: str, level: str, county: str) -> tuple[str, bytes]:
        at = now()
        if not week:
            raise BadInput("week", "请用 --week 写明哪一周，例如 2026-W47。")
        if level == "county" and not county:
            raise BadInput("county", "请用 --county 写明哪个区县市，例如 330206。")
        wanted = week_named(week, at=at)
        with scope.acting_as(SYSTEM):
            union = reports.union_reporting(level, county)
        report = actions.draft_report(organisation_id=union.pk, week=wanted, by=SYSTEM, at=at)
        with scope.acting_as(SYSTEM):
            _, content = actions.open_report_file(report_id=report.pk, by=SYSTEM, at=at)
            return f"{union.name}{wanted.title}，{_standing(report)}", content


def _standing(report: WeeklyReport) -> str:
    number = ""
    if report.state == "issued":
        number = " " + reporting.number_words(report.year, report.number, report.correction)
    snapshot = f"，快照 {report.snapshot.name}" if report.snapshot else ""
    return f"{reporting.STATE_WORDS[report.state]}{number}{snapshot}"
