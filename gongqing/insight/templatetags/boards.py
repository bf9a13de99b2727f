"""How are the table of the board of deadlines and the cases around it drawn?

Straight, without a template: every row has a dozen cells, and through templates they were half of its page.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.template.defaultfilters import floatformat
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from gongqing.insight.queries.boards import DrillCase, DrillStep
from gongqing.insight.queries.worst import WorstCase
from gongqing.insight.rules.boards import BAR_WIDTH, BoardCell, BoardLine
from gongqing.insight.rules.urgency import Urgency
from gongqing.ui.rulers import drawn
from gongqing.ui.templatetags.ui import duration, grade_badge, moment, moment_24, percent

register = template.Library()

LEAST_DAYS = 0.1  # what is shorter is not worth a word
MOST_STEPS = 4


@register.simple_tag
def board_cells(cells: Iterable[BoardCell]) -> SafeString:
    """`{% board_cells total %}`: a number for each column that leads to its cases."""
    return mark_safe("".join(map(_cell, cells)))  # noqa: S308  # numbers and escaped addresses


@register.simple_tag
def board_lines(lines: Iterable[BoardLine]) -> SafeString:
    """`{% board_lines lines %}`: a row of the table for each line."""
    return mark_safe("".join(map(_line, lines)))  # noqa: S308  # names are escaped


@register.simple_tag
def worst_cases(cases: Iterable[WorstCase], may_act: object) -> SafeString:
    """`{% worst_cases worst verbs %}`: an entry for each of the cases that press the most, ticked where one may act."""
    return mark_safe("".join(_worst(each, is_ticked=bool(may_act)) for each in cases))  # noqa: S308  # escaped


@register.simple_tag
def drill_cases(cases: Iterable[tuple[DrillCase, Urgency | None]], may_act: object) -> SafeString:
    """`{% drill_cases cases verbs %}`: a card for each case behind a number, to be ticked where one may act."""
    return mark_safe("".join(_drilled(*each, may_act=bool(may_act)) for each in cases))  # noqa: S308  # escaped


def _worst(each: WorstCase, *, is_ticked: bool) -> str:
    case = each.case
    return (
        f"<li data-row>{_tick(case, ' checked') if is_ticked else ''}<div>\n"
        f'<div class="row spread">{grade_badge(case.item.appeal.grade)}'
        f'<span class="small{" late" if case.is_late else ""}">急 {each.urgency.points} 分</span></div>\n'
        f"{_heading(case)}\n{_reasons(each.urgency)}</div></li>"
    )


def _drilled(case: DrillCase, urgency: Urgency | None, *, may_act: bool) -> str:
    item, tick = case.item, _tick(case) if may_act else ""
    steps = "".join(map(_step, case.steps[:MOST_STEPS])) or '<p class="small muted">还没有催办、督办或升级。</p>'
    return (
        f'<article class="drill-case" data-row><div class="row spread">'
        f'<span class="row">{tick}{grade_badge(item.appeal.grade)}</span>'
        f'<span class="small{" late" if case.is_late else ""}">{_clock(case)}</span></div>\n'
        f"{_heading(case)}\n{_reasons(urgency) if urgency else ''}\n"
        f"{f'<div>{drawn(item.days)}</div>' if item.days else ''}\n{steps}\n</article>\n"
    )


def _tick(case: DrillCase, checked: str = "") -> str:
    title: str = conditional_escape(case.item.appeal.title)
    code = case.item.appeal.code
    return f'<input type="checkbox" form="act" name="case" value="{code}"{checked} aria-label="勾选：{title}">'


def _heading(case: DrillCase) -> str:
    """What it is about, where it stands, with whom, and by when."""
    appeal = case.item.appeal
    until = f"，{moment_24(case.due_at)}到期" if case.due_at else ""
    handler: str = conditional_escape(str(appeal.handler or "未派"))
    return (
        f'<a href="/desk/appeals/{appeal.code}" data-item><b>{conditional_escape(appeal.title)}</b></a>\n'
        f'<p class="small muted">{case.item.status}，主办 {handler}{until}</p>'
    )


def _clock(case: DrillCase) -> str:
    item = case.item
    if case.is_late:
        late_by = f" {duration(item.late_by)}" if item.late_by else ""
        return f"{item.clock}逾期{late_by}{f'，{item.remark}' if item.remark else ''}"
    if item.left_share is not None and item.clock:
        return f"{item.clock}，剩 {percent(item.left_share, 0)}"
    return item.remark or item.status


def _reasons(urgency: Urgency) -> str:
    said = (f'<span class="nowrap">{conditional_escape(str(reason))}</span>' for reason in urgency.reasons)
    return f'<p class="small">{" · ".join(said)}</p>'


def _step(step: DrillStep) -> str:
    by_itself = "（自动）" if step.automatic else ""
    whom = f"，{conditional_escape(step.organisation)}" if step.organisation else ""
    words = f"：{conditional_escape(step.note)}" if step.note else ""
    return f'<p class="small">{moment(step.at)}　{step.kind}{by_itself}{whom}{words}</p>'


def _line(line: BoardLine) -> str:
    name: str = conditional_escape(line.name)
    if line.down:
        name = f'<a href="{conditional_escape(line.down)}">{name}</a>'
    selected = ' aria-selected="true"' if line.is_selected else ""
    return (
        f'<tr{selected}><th scope="row">{name}{_days("late", "最长逾期", line.late_days)}'
        f"{_days('muted', '最长未签', line.unsigned_days)}</th>{''.join(map(_cell, line.cells))}"
        f'<td><svg class="stack" width="{BAR_WIDTH}" height="14" viewBox="0 0 {BAR_WIDTH} 14" aria-hidden="true">'
        f"{_bar(line)}</svg></td></tr>\n"
    )


def _days(style: str, words: str, days: float | None) -> str:
    if not days or days < LEAST_DAYS:
        return ""
    return f'<br><span class="small {style} nowrap">{words} {floatformat(days, 1)} 个工作日</span>'


def _bar(line: BoardLine) -> str:
    return "".join(
        f'<rect class="{piece.style}" x="{piece.x:.1f}" y="0.5" width="{piece.width:.1f}" height="13"/>'
        for piece in line.bar
    )


def _cell(cell: BoardCell) -> str:
    if not cell.count:
        return '<td class="n"><span class="zero">0</span></td>'
    late, chosen = " late" if cell.is_late else "", " on" if cell.is_chosen else ""
    current = ' aria-current="true"' if cell.is_chosen else ""
    url = conditional_escape(cell.url)
    return f'<td class="n"><a href="{url}" class="drill{late}{chosen}"{current}>{cell.count}</a></td>'
