"""How is a list of appeals written as an Excel file?

Every cell of text is written as text, so that no spreadsheet reads a worker's words as a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, STATUS_WORDS, Status
from gongqing.dispatch.models import ListEntry
from gongqing.dispatch.queries.claims import ClaimLine, ClaimSheet
from gongqing.dispatch.queries.passing_on import PassedWork
from gongqing.dispatch.rules.settling import is_late
from gongqing.lib import masks
from gongqing.lib.characters import upright
from gongqing.lib.sheets import PLAIN
from gongqing.lib.times import local

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = (
    ("编号", 26),
    ("标题", 44),
    ("分类", 22),
    ("等级", 6),
    ("状态", 10),
    ("渠道", 12),
    ("收到时间", 17),
    ("办结期限", 17),
    ("主办单位", 24),
    ("用人单位", 28),
    ("地点", 14),
    ("诉求人", 8),
    ("电话", 14),
    ("办结时间", 17),
    ("满意度", 10),
)
PASS_ON_COLUMNS = (
    ("序号", 6),
    ("编号", 26),
    ("事由", 44),
    ("分工", 8),
    ("当时状态", 10),
    ("办结期限", 17),
    ("现在经办", 12),
)
ENTRY_COLUMNS = (
    ("清单", 30),
    ("种类", 12),
    ("主管工会", 18),
    ("序号", 6),
    ("诉求编号", 26),
    ("事由", 44),
    ("责任单位", 24),
    ("销号期限", 12),
    ("状态", 12),
    ("帮助人数", 10),
    ("挽回金额（元）", 16),
    ("与办结登记不同的原因", 24),
    ("怎么解决的", 44),
    ("报请人", 10),
    ("报请时间", 17),
    ("核对人", 10),
    ("销号时间", 17),
    ("说明", 30),
)
SATISFACTION = {"satisfied": "满意", "basically": "基本满意", "not": "不满意"}


def workbook_of(appeals: Iterable[Appeal], *, heading: str) -> bytes:
    """The appeals as one sheet, people masked; `heading` says who took it out, when and by which filter."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    sheet = book.add_worksheet("诉求")
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, upright(heading))
    for column, (name, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, name, bold)
    row = 2
    for row, appeal in enumerate(appeals, 3):
        for column, text in enumerate(cells_of(appeal)):
            sheet.write_string(row, column, upright(text))
    sheet.freeze_panes(3, 1)
    sheet.autofilter(2, 0, row, len(COLUMNS) - 1)
    book.close()
    return kept.getvalue()


def row_workbook(name: str, row: Sequence[tuple[str, str]]) -> bytes:
    """A sheet of one row under its column names."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    sheet = book.add_worksheet(name)
    bold, wrapped = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    for column, (heading, value) in enumerate(row):
        sheet.set_column(column, column, min(60, max(12, 2 * len(heading), len(value))))
        sheet.write_string(0, column, heading, bold)
        sheet.write_string(1, column, upright(value), wrapped)
    sheet.freeze_panes(1, 1)
    book.close()
    return kept.getvalue()


def pass_on_workbook(work: PassedWork) -> bytes:
    """The list of work that passes on (交接清单), with places for three signatures."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    sheet = book.add_worksheet("交接清单")
    bold, boxed = book.add_format({"bold": True, "border": 1}), book.add_format({"border": 1, "text_wrap": True})
    found = work.pass_on
    to = f"由{found.successor.name}接手" if found.successor else "交回单位"
    heading = f"{found.organisation.name} {found.posting.user.name}（{work.role}）{_moment(found.made_at)} 离岗，{to}"
    sheet.write_string(0, 0, upright(heading))
    row = 2
    for column, (name, width) in enumerate(PASS_ON_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(row, column, name, bold)
    for index, item in enumerate(work.items, 1):
        row += 1
        cells = (str(index), item.code, item.title, item.part, item.status, _deadline(item.due_at), item.now_with)
        for column, text in enumerate(cells):
            sheet.write_string(row, column, upright(text), boxed)
    notes = [f"值班：{shift}" for shift in work.shifts]
    notes += [f"另有 {work.hidden_count} 件不在本人可见范围，未列出。"] if work.hidden_count else []
    signing = [f"{who}：　　　　　年　月　日" for who in ("移交人", "接收人", "监交人")]
    for note in [*notes, "", *signing]:
        row += 1
        sheet.write_string(row, 0, upright(note))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    book.close()
    return kept.getvalue()


def cells_of(appeal: Appeal) -> list[str]:
    """A row of the list, under `COLUMNS`."""
    person = appeal.person
    return [
        appeal.code,
        appeal.title,
        str(appeal.category or ""),
        Grade(appeal.grade).title_zh,
        STATUS_WORDS[Status(appeal.status)],
        appeal.get_channel_display(),
        _moment(appeal.received_at),
        _deadline(appeal.due_at),
        str(appeal.handler or ""),
        appeal.employer_name,
        str(appeal.region or ""),
        masks.mask_name(person.name) if person else "",
        person.phone_mask if person else "",
        "" if Status(appeal.status) in OPEN - ANSWERED else _moment(appeal.resolved_at),
        SATISFACTION.get(appeal.satisfaction, ""),
    ]


def _moment(value: datetime | None) -> str:
    return f"{local(value):%Y-%m-%d %H:%M}" if value else ""


def _deadline(value: datetime | None) -> str:
    """As the pages write it: what ends at midnight is due at 24:00 of the day before."""
    if value is None or local(value).time() != time():
        return _moment(value)
    return f"{local(value) - timedelta(days=1):%Y-%m-%d} 24:00"


ROSTER_WIDTHS = (12, 18, 18, 18, 6)


def roster_workbook(rows: Iterable[Sequence[str]], *, columns: Sequence[str], heading: str) -> bytes:
    """A roster as one sheet whose rows a later import takes again."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    sheet = book.add_worksheet("值班表")
    bold = book.add_format({"bold": True, "bottom": 1})
    sheet.write_string(0, 0, upright(heading))
    for column, (name, width) in enumerate(zip(columns, ROSTER_WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, name, bold)
    for line, row in enumerate(rows, 3):
        for column, text in enumerate(row):
            sheet.write_string(line, column, upright(text))
    sheet.freeze_panes(3, 0)
    book.close()
    return kept.getvalue()


def entries_workbook(entries: Iterable[ListEntry], today: date, *, heading: str) -> bytes:
    """Matters on lists to settle as one sheet; people and yuan as numbers, so that a column can be summed."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    sheet = book.add_worksheet("清单销号")
    bold, money = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0.00"})
    sheet.write_string(0, 0, upright(heading))
    numbers = [index for index, (name, _) in enumerate(ENTRY_COLUMNS) if name in ("帮助人数", "挽回金额（元）")]
    for column, (name, width) in enumerate(ENTRY_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, name, bold)
    row = 2
    for row, entry in enumerate(entries, 3):
        for column, text in enumerate(_entry_cells(entry, today)):
            sheet.write_string(row, column, upright(text))
        for column, figure, form in zip(
            numbers, (entry.helped_count, entry.recovered_amount), (None, money), strict=True
        ):
            if figure is not None:
                sheet.write_number(row, column, float(figure), form)
    sheet.freeze_panes(3, 0)
    sheet.autofilter(2, 0, row, len(ENTRY_COLUMNS) - 1)
    book.close()
    return kept.getvalue()


def _entry_cells(entry: ListEntry, today: date) -> list[str]:
    state = entry.get_state_display() + ("（逾期）" if is_late(entry.state, entry.due_on, today) else "")
    return [
        entry.list.title,
        entry.list.get_kind_display(),
        str(entry.list.organisation),
        str(entry.number),
        entry.appeal.code if entry.appeal else "",
        entry.title,
        str(entry.organisation),
        entry.due_on.isoformat(),
        state,
        "",
        "",
        entry.figures_reason,
        entry.evidence,
        entry.claimed_by_name,
        _moment(entry.claimed_at),
        entry.struck_off_by_name,
        _moment(entry.struck_off_at),
        entry.remark,
    ]


CLAIM_COLUMNS = (
    ("姓名", 10),
    ("手机", 14),
    ("单位", 28),
    ("班组", 14),
    ("班组长", 10),
    ("工作期间", 22),
    ("应发（元）", 14),
    ("已发（元）", 14),
    ("欠款（元）", 14),
    ("核对数（元）", 14),
    ("核对", 10),
    ("追回（元）", 14),
    ("还欠（元）", 14),
    ("依据", 30),
    ("追回凭证", 12),
)


def claims_workbook(sheet: ClaimSheet, *, heading: str) -> bytes:
    """The sheet of a case: a row for each claim, and the totals by employer and team."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, PLAIN)
    bold, yuan = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "#,##0.00"})
    page = book.add_worksheet("欠薪明细")
    page.write_string(0, 0, upright(heading))
    for column, (name, width) in enumerate(CLAIM_COLUMNS):
        page.set_column(column, column, width)
        page.write_string(2, column, name, bold)
    row = 2
    for block in sheet.teams:
        for line in block.lines:
            row += 1
            _write_claim(page, row, block.leader, line, yuan)
    page.freeze_panes(3, 1)
    totals = book.add_worksheet("合计")
    names = ("单位", "班组", "人数", "笔数", "欠款（元）", "已核对（元）", "追回（元）", "还欠（元）")
    for column, name in enumerate(names):
        totals.set_column(column, column, 28 if column == 0 else 14)
        totals.write_string(0, column, name, bold)
    rows = [
        *((each.name, str(team.team), team.sum) for each in sheet.employers for team in each.teams),
        *((each.name, "小计", each.sum) for each in sheet.employers),
        ("合计", "", sheet.total),
    ]
    for place, (employer, team, found) in enumerate(rows, 1):
        totals.write_string(place, 0, upright(employer))
        totals.write_string(place, 1, upright(team))
        totals.write_number(place, 2, found.people)
        totals.write_number(place, 3, found.rows)
        for column, amount in enumerate((found.owed, found.checked, found.recovered, found.outstanding), 4):
            totals.write_number(place, column, float(amount), yuan)
    book.close()
    return kept.getvalue()


def _write_claim(page: Worksheet, row: int, leader: str, line: ClaimLine, yuan: Format) -> None:
    claim = line.claim
    words = {
        0: line.name,
        1: line.phone,
        2: claim.team.employer_name,
        3: claim.team.name,
        4: leader,
        5: f"{claim.started_on:%Y-%m-%d} 至 {claim.ended_on:%Y-%m-%d}",
        10: line.state,
        13: claim.basis,
        14: line.proof,
    }
    for column, text in words.items():
        page.write_string(row, column, upright(text))
    amounts = {
        6: claim.payable,
        7: claim.paid,
        8: claim.owed,
        9: claim.agreed,
        11: claim.recovered,
        12: line.outstanding,
    }
    for column, amount in amounts.items():
        if amount is not None:
            page.write_number(row, column, float(amount), yuan)
