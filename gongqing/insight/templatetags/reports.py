"""How are the charts and the cells of a report drawn on a page that is also printed? As SVG, without a script."""

from __future__ import annotations

import re

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongqing.insight.rules.report_paper import NUMERALS, Chart, Hand, Table, Text

register = template.Library()

WIDTH, LABELS, ROW, LINE_HEIGHT = 640, 150, 34, 230
_CODE = re.compile(r"GQ\d{21}[0-9A-Z]")


@register.simple_tag
def report_chart(chart: Chart) -> SafeString:
    """`{% report_chart block %}`: bars or a line, with every value written."""
    height, drawn = _lines(chart) if chart.kind == "line" else _bars(chart)
    legend = format_html_join(
        "",
        '<rect class="s{}" x="{}" y="{}" width="12" height="12"/><text x="{}" y="{}">{}</text>',
        (
            (number, LABELS + 90 * number, height - 16, LABELS + 90 * number + 18, height - 5, name)
            for number, (name, _) in enumerate(chart.series)
        ),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{said}">'
        "{drawn}{legend}</svg>",
        w=WIDTH,
        h=height,
        said=chart.words,
        drawn=drawn,
        legend=legend,
    )


@register.simple_tag
def report_cell(table: Table, line: int, column: int, words: str) -> SafeString:
    """A cell: a number leads to its cases, a code to its case, lines are kept."""
    address = table.drills.get((line, column))
    if address and words not in ("—", "未接入"):
        return format_html('<a href="{}">{}</a>', address, _in_lines(words))
    return _with_codes(words)


@register.filter
def with_codes(words: str) -> SafeString:
    """The words with every appeal's code as a link to its case."""
    return _with_codes(words)


@register.filter
def numeral(number: int) -> str:
    """`三` of 3, as the parts of a report are numbered."""
    return NUMERALS[number - 1]


@register.filter
def block_kind(block: object) -> str:
    """`text`, `table` or `chart`."""
    return type(block).__name__.lower()


@register.filter
def by_person(block: object) -> bool:
    """Whether people wrote it."""
    return isinstance(block, Text) and block.hand is Hand.PERSON


def _with_codes(words: str) -> SafeString:
    linked = _CODE.sub(
        lambda found: f'<a href="/desk/appeals/{found.group()}">{found.group()}</a>', conditional_escape(words)
    )
    return _in_lines(mark_safe(linked))  # noqa: S308  # escaped above


def _in_lines(words: str) -> SafeString:
    return mark_safe(conditional_escape(words).replace("\n", "<br>"))  # noqa: S308  # escaped here


def _bars(chart: Chart) -> tuple[int, SafeString]:
    most = max((value for _, values in chart.series for value in values), default=0) or 1
    room, thick = WIDTH - LABELS - 60, (ROW - 8) / len(chart.series)
    labels = format_html_join(
        "",
        '<text class="end" x="{}" y="{}">{}</text>',
        ((LABELS - 10, ROW * at + ROW / 2 + 5, name) for at, name in enumerate(chart.categories)),
    )
    bars = format_html_join(
        "",
        '<rect class="s{}" x="{}" y="{}" width="{}" height="{}"/><text class="small" x="{}" y="{}">{}</text>',
        (
            (
                *(number, LABELS, f"{ROW * at + 4 + thick * number:.1f}", f"{room * value / most:.1f}"),
                *(f"{thick - 1:.1f}", f"{LABELS + room * value / most + 6:.1f}"),
                *(f"{ROW * at + 4 + thick * (number + 1) - 2:.1f}", value),
            )
            for number, (_, values) in enumerate(chart.series)
            for at, value in enumerate(values)
        ),
    )
    return ROW * len(chart.categories) + 30, labels + bars


def _lines(chart: Chart) -> tuple[int, SafeString]:
    most = max((value for _, values in chart.series for value in values), default=0) or 1
    step = (WIDTH - 80) / max(len(chart.categories) - 1, 1)

    def place(at: int, value: int) -> tuple[str, str]:
        return f"{40 + step * at:.1f}", f"{LINE_HEIGHT - 72 - (LINE_HEIGHT - 102) * value / most:.1f}"

    axis = format_html_join(
        "",
        '<text class="mid" x="{}" y="{}">{}</text>',
        ((f"{40 + step * at:.1f}", LINE_HEIGHT - 32, name) for at, name in enumerate(chart.categories)),
    )
    curves = format_html_join(
        "",
        '<polyline class="l{}" points="{}"/>',
        (
            (number, " ".join(",".join(place(at, value)) for at, value in enumerate(values)))
            for number, (_, values) in enumerate(chart.series)
        ),
    )
    values = format_html_join(
        "",
        '<circle class="s{}" cx="{}" cy="{}" r="3.5"/><text class="small mid" x="{}" y="{}">{}</text>',
        (
            (number, across, down, across, f"{float(down) + (18 if chart.is_lower(number, at) else -8):.1f}", value)
            for number, (_, values) in enumerate(chart.series)
            for at, value in enumerate(values)
            for across, down in (place(at, value),)
        ),
    )
    return LINE_HEIGHT, axis + curves + values
