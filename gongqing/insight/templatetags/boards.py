"""How is the table of the board of deadlines drawn?

Straight, without a template: every row has a dozen cells, and through a template they were half of its page.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.template.defaultfilters import floatformat
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from gongqing.insight.rules.boards import BAR_WIDTH, BoardCell, BoardLine

register = template.Library()

LEAST_DAYS = 0.1  # what is shorter is not worth a word


@register.simple_tag
def board_cells(cells: Iterable[BoardCell]) -> SafeString:
    """`{% board_cells total %}`: a number for each column that leads to its cases."""
    return mark_safe("".join(map(_cell, cells)))  # noqa: S308  # numbers and escaped addresses


@register.simple_tag
def board_lines(lines: Iterable[BoardLine]) -> SafeString:
    """`{% board_lines lines %}`: a row of the table for each line."""
    return mark_safe("".join(map(_line, lines)))  # noqa: S308  # names are escaped


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
