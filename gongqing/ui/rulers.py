"""How is a deadline drawn as its days?

A day is solid when counted and gone, outlined when counted and still to come, a dash when not counted, hatched when
paused, red past the deadline, green when met; today has a stroke underneath.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Protocol

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

KINDS = ("gone", "left", "off", "pause", "over", "met")
_CHARACTER_WIDTH = 11.0
_ROUND = ' rx="1"'


class RulerDay(Protocol):
    """One day of a ruler, as the caller's package computes it."""

    @property
    def day(self) -> date: ...
    @property
    def kind(self) -> str: ...
    @property
    def share(self) -> float | None:
        """How much of the day is gone, 0–1; None for a whole day."""

    @property
    def caption(self) -> str: ...
    @property
    def is_today(self) -> bool: ...
    @property
    def is_due(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Scale:
    pitch: float
    width: float
    top: float
    height: float
    underline: float
    total: float


_BIG = _Scale(pitch=28, width=22, top=18, height=26, underline=47, total=68)
_SMALL = _Scale(pitch=8, width=6, top=0, height=13, underline=16, total=18)
_WIDEST_SMALL = 192.0
_MOST_DAYS = 45
_FIRST, _LAST, _NEAR = 14, 14, 3


def drawn(days: Sequence[RulerDay], *, big: bool = False, label: str = "") -> SafeString:
    """The ruler as SVG; `big` adds dates above and captions below. Nothing for no days.

    Equal captions of neighbouring days are written once, under the middle of their days; captions that would touch
    move to a second line. A small ruler of more than 24 days gets narrower days instead of a wider picture. Of more
    than forty-five days the first and the last are drawn and those around the deadline and today; one dash stands for
    what is left out between two days, here or by the caller.
    """
    if not days:
        return mark_safe("")
    label, days = label or _spoken(days), _shortened(days)
    scale = _BIG if big else _narrowed(len(days))
    width = scale.pitch * (len(days) - 1) + scale.width
    labels, lines = _captions(days, scale, width) if big else ([], 1)
    total = scale.total + 16 * (lines - 1)
    body = [*(_heads(days, scale) if big else ()), *labels]
    for index, day in enumerate(days):
        body.extend(_day_shapes(day, index * scale.pitch, scale))
    svg = format_html(
        '<svg class="days" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" aria-label="{label}">{body}</svg>',
        w=_number(width),
        h=_number(total),
        label=label,
        body=mark_safe("".join(body)),  # noqa: S308  # numbers, our own classes, and captions that are escaped
    )
    if not big:
        return svg
    return format_html('<div class="ruler" role="group" aria-label="日格">{}</div>', svg)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Days that are not drawn, in the place of one."""

    day: date
    caption: str
    kind: str = "off"
    share: float | None = None
    is_today: bool = False
    is_due: bool = False


def _shortened(days: Sequence[RulerDay]) -> Sequence[RulerDay]:
    shown: list[RulerDay] = []
    for day in _kept(days):
        gap = (day.day - shown[-1].day).days - 1 if shown else 0
        if gap > 0:
            shown.append(_LeftOut(day.day - timedelta(days=gap), f"略 {gap} 天"))
        shown.append(day)
    return shown


def _kept(days: Sequence[RulerDay]) -> Sequence[RulerDay]:
    if len(days) <= _MOST_DAYS:
        return days
    kept = {*range(_FIRST), *range(len(days) - _LAST, len(days))}
    for mark in (place for place, day in enumerate(days) if day.is_due or day.is_today):
        kept.update(range(max(0, mark - _NEAR), min(len(days), mark + _NEAR + 1)))
    kept.update(place for place in range(len(days)) if {place - 1, place + 1} <= kept)
    return [days[place] for place in sorted(kept)]


def _narrowed(count: int) -> _Scale:
    if count * _SMALL.pitch <= _WIDEST_SMALL:
        return _SMALL
    pitch = _WIDEST_SMALL / count
    return _Scale(pitch=pitch, width=pitch * 0.75, top=0, height=13, underline=16, total=18)


def _day_shapes(day: RulerDay, x: float, scale: _Scale) -> Iterator[str]:
    kind = day.kind if day.kind in KINDS else "left"
    share = day.share if day.share is not None else (0.0 if kind == "left" else 1.0)
    share = min(max(share, 0.0), 1.0)
    if kind == "off":
        yield _rect("off", x, scale.top + scale.height / 2 - 1, scale.width, 2)
    elif kind == "pause":
        yield _rect("pause", x + 0.5, scale.top + 0.5, scale.width - 1, scale.height - 1, rounded=True)
    elif kind in ("gone", "over", "met") and share == 1.0:
        yield _rect(kind, x, scale.top, scale.width, scale.height, rounded=True)
    else:
        yield _rect("left", x + 0.5, scale.top + 0.5, scale.width - 1, scale.height - 1, rounded=True)
        if share > 0:
            fill = "gone" if kind == "left" else kind
            yield _rect(fill, x, scale.top, scale.width * share, scale.height, rounded=True)
    if day.is_today:
        yield _rect("today", x, scale.underline, scale.width, 2)


def _heads(days: Sequence[RulerDay], scale: _Scale) -> Iterator[str]:
    for index, day in enumerate(days):
        month_begins = index == 0 or day.day.month != days[index - 1].day.month
        text = f"{day.day.month}/{day.day.day}" if month_begins else str(day.day.day)
        text = "…" if isinstance(day, _LeftOut) else text
        css = "due" if day.is_due else ("" if day.kind == "off" else "cap")
        yield _text(css, index * scale.pitch + scale.width / 2, 11, text)


def _captions(days: Sequence[RulerDay], scale: _Scale, width: float) -> tuple[list[str], int]:
    """The words under the days, and on how many lines they stand."""
    shapes: list[str] = []
    ends = [-scale.pitch, -scale.pitch]
    lines = 1
    for caption, run in groupby(enumerate(days), key=lambda pair: _caption(pair[1])):
        if not caption:
            continue
        members = list(run)
        first, last = members[0][0], members[-1][0]
        half = max(len(caption) * _CHARACTER_WIDTH / 2, 1)
        middle = (first + last) * scale.pitch / 2 + scale.width / 2
        middle = max(half, min(middle, width - half)) if width > 2 * half else width / 2
        line = 0 if middle - half >= ends[0] + 3 else 1
        ends[line] = middle + half
        lines = max(lines, line + 1)
        css = "due" if any(day.is_due for _, day in members) else "cap"
        if all(day.kind == "off" for _, day in members):
            css = ""
        shapes.append(_text(css, middle, 62 + 16 * line, caption))
    return shapes, lines


def _caption(day: RulerDay) -> str:
    if day.caption:
        return day.caption
    if day.is_due:
        return "到期"
    return "今天" if day.is_today else ""


def _spoken(days: Sequence[RulerDay]) -> str:
    first, last = days[0].day, days[-1].day
    counted = sum(1 for day in days if day.kind in ("gone", "left", "met"))
    due = next((day.day for day in days if day.is_due), None)
    late = (last - due).days if due and any(day.kind == "over" for day in days) else 0
    words = f"{first.month}月{first.day}日到{last.month}月{last.day}日，计 {counted} 天"
    if due:
        words += f"，{due.month}月{due.day}日到期"
    if late:
        words += f"，已过期 {late} 天"
    return words


def _rect(css: str, x: float, y: float, width: float, height: float, *, rounded: bool = False) -> str:
    return (
        f'<rect class="{css}" x="{_number(x)}" y="{_number(y)}" width="{_number(max(width, 0.5))}"'
        f' height="{_number(height)}"{_ROUND if rounded else ""}/>'
    )


def _text(css: str, x: float, y: float, text: str) -> str:
    return f'<text class="{css}" x="{_number(x)}" y="{_number(y)}">{conditional_escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
