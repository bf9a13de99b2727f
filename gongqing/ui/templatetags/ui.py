"""How are icons, grades, rulers, moments, numbers and fields written on a page?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from gongqing.lib import times
from gongqing.ui import icons, qr, rulers

register = template.Library()

NOTHING = "—"  # also for a name the template does not know: Django hands over an empty string
Number = int | float | Decimal
_GRADES = {"green": (1, "绿"), "yellow": (2, "黄"), "orange": (3, "橙"), "red": (4, "红")}
_CHOICE_INPUTS = (forms.RadioSelect, forms.CheckboxSelectMultiple)
_BARE_INPUTS = (forms.CheckboxInput, forms.FileInput, *_CHOICE_INPUTS)


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """`{% icon "phone" %}`: an inline icon from `icons`, sized by its text, silent to screen readers."""
    return icons.drawn(name, extra_class)


@register.simple_tag
def grade_badge(grade: str | None) -> SafeString:
    """`{% grade_badge grade %}` for green, yellow, orange or red: the colour, its word and one to four strokes.

    Anything else (no grade yet) is written as a dashed tag.
    """
    if str(grade) not in _GRADES:
        return mark_safe('<span class="tag dash">未定级</span>')
    return _badge(*_GRADES[str(grade)])


@cache
def _badge(level: int, word: str) -> SafeString:
    strokes = format_html_join(
        "",
        '<rect x="{}" y="{}" width="2.4" height="{}"{}/>',
        (
            (f"{3.4 * index:.1f}", 9 - 3 * index, 3 + 3 * index, mark_safe("" if index < level else ' class="off"'))  # noqa: S308
            for index in range(4)
        ),
    )
    return format_html(
        '<span class="grade g{}"><svg viewBox="0 0 13 12" aria-hidden="true">{}</svg>{}</span>', level, strokes, word
    )


@register.simple_tag
def day_ruler(days: Sequence[rulers.RulerDay] | None, big: bool = False, label: str = "") -> SafeString:
    """`{% day_ruler days %}` for a list, `{% day_ruler days big=True label="…" %}` for a page. See `rulers`."""
    return rulers.drawn(days or [], big=big, label=label)


@register.simple_tag(name="qr")
def qr_code(text: str, label: str) -> SafeString:
    """`{% qr address label="扫码查看进度" %}`: an address as a QR code, black on white."""
    return qr.drawn(text, label)


@register.simple_tag
def share_bar(share: float | None, width: int = 120, part: float | None = None) -> SafeString:
    """A bar filled to `share` (0–1); `part` is how much of that filling is shown lighter, as a share of the whole."""
    if share is None:
        return mark_safe("")
    full = min(max(float(share), 0.0), 1.0) * width
    lighter = min(max(float(part or 0), 0.0) * width, full)
    return format_html(
        '<svg class="meter" width="{w}" height="5" viewBox="0 0 {w} 5" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="t" width="{w}" height="5"/><rect class="v" width="{full}" height="5"/>'
        '<rect class="b" x="{x}" width="{lighter}" height="5"/></svg>',
        w=width,
        full=f"{full:.1f}",
        x=f"{full - lighter:.1f}",
        lighter=f"{lighter:.1f}",
    )


@register.simple_tag
def options(entries: Iterable[object]) -> SafeString:
    """`{% options names %}` inside a datalist: what may be typed, or pairs of a hint and what may be typed."""
    pairs = (each if isinstance(each, tuple) else ("", each) for each in entries)
    drawn = (
        f'<option value="{conditional_escape(str(typed))}">{conditional_escape(hint)}</option>' for hint, typed in pairs
    )
    return mark_safe("".join(drawn))  # noqa: S308  # both parts are escaped


@register.simple_tag
def choices(entries: Iterable[tuple[str, str]], chosen: str = "") -> SafeString:
    """`{% choices pairs chosen %}` inside a select: pairs of a value and its words, the chosen one selected."""
    drawn = (
        f'<option value="{conditional_escape(value)}"{" selected" if value == chosen else ""}>'
        f"{conditional_escape(words)}</option>"
        for value, words in entries
    )
    return mark_safe("".join(drawn))  # noqa: S308  # both parts are escaped


@register.inclusion_tag("ui/parts/bound_field.html", name="field")
def bound_field(field: BoundField, **attributes: Any) -> dict[str, Any]:
    """`{% field form.text rows=6 placeholder="…" %}`: label, control, hint and error, tied together for screen readers.

    A keyword becomes an attribute of the control, underscores turned into hyphens. What is pasted into a text area is
    never cut by the browser, which says nothing of it: the form refuses what is too long and keeps every word. A file
    does not come back with a refused form: the field says so, until the draft on this device has put it back.
    """
    control = field.field.widget
    if isinstance(control, forms.Textarea):
        control.attrs.pop("maxlength", None)
    given = {name.replace("_", "-"): value for name, value in attributes.items()}
    if not isinstance(control, _BARE_INPUTS):
        given["class"] = f"input {given.get('class', control.attrs.get('class', ''))}".strip()
    described = []
    if field.help_text:
        described.append(f"{field.auto_id}_helptext")
    if field.errors:
        described.append(f"{field.auto_id}_error")
        given["aria-invalid"] = "true"
    if described:
        given["aria-describedby"] = " ".join(described)
    group = isinstance(control, _CHOICE_INPUTS)
    return {
        "field": field,
        "widget": field.as_widget(attrs=given),
        "errors": [_named(field, str(error)) for error in field.errors],
        "group": group,
        "lost": isinstance(control, forms.FileInput) and bool(field.form.files.get(field.html_name)),
        "check": isinstance(control, forms.CheckboxInput),
        "optional": not field.field.required and "data-one-of" not in field.field.widget.attrs,
    }


def _named(field: BoundField, error: str) -> str:
    """What is missing by its own name, where the form has no words of its own for it."""
    if error != forms.Field.default_error_messages["required"]:
        return error
    control = field.field.widget
    if isinstance(control, forms.FileInput):
        return f"请附上{field.label}。"
    return f"请{'选' if isinstance(control, (forms.Select, *_CHOICE_INPUTS)) else '填'}{field.label}。"


@register.filter
def moment(value: datetime | None, today: date | None = None) -> str:
    """`10月14日 09:30` on Shanghai's clock; another year than that of `today` is written: `2024年10月14日 09:30`."""
    if not isinstance(value, datetime):
        return NOTHING
    here = times.local(value)
    return f"{_year(here.date(), today)}{here.month}月{here.day}日 {here:%H:%M}"


@register.filter
def moment_24(value: datetime | None, today: date | None = None) -> str:
    """A deadline with its weekday: midnight is 24:00 of the day before, `10月14日（周二）24:00`."""
    if not isinstance(value, datetime):
        return NOTHING
    return f"{_year(_deadline_day(value), today)}{times.in_words(value, weekday=True)}".replace("） ", "）")


@register.filter
def near_moment(value: datetime | None, today: date | None = None) -> str:
    """`今天 15:42`, `明天 24:00`, `昨天 09:30`, else as `moment`; midnight is 24:00 of the day before."""
    if not isinstance(value, datetime):
        return NOTHING
    day = _deadline_day(value)
    clock = times.in_words(value).split(" ")[-1]
    word = {0: "今天", 1: "明天", -1: "昨天"}.get((day - (today or times.now().date())).days)
    return f"{word or _year(day, today) + f'{day.month}月{day.day}日'} {clock}"


@register.filter
def day_words(value: date | datetime | None, today: date | None = None) -> str:
    """`10月14日（周二）`; a moment gives the day that it closes, so a deadline at midnight is the day before."""
    if not isinstance(value, date):
        return NOTHING
    day = _deadline_day(value) if isinstance(value, datetime) else value
    return f"{_year(day, today)}{day.month}月{day.day}日（{times.WEEKDAYS[day.weekday()]}）"


@register.filter
def iso(value: datetime | None) -> str:
    """`2025-10-14T09:30:00+08:00`, for `<time datetime>`."""
    return "" if not isinstance(value, datetime) else times.local(value).isoformat(timespec="seconds")


@register.filter
def duration(value: timedelta | None) -> str:
    """`3 小时 16 分`, `2 天 5 小时`, `不到 1 分钟`: a length of time in at most two units; its sign is left out."""
    if not isinstance(value, timedelta):
        return NOTHING
    minutes = int(abs(value).total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天" + (f" {hours} 小时" if hours else "")
    if hours:
        return f"{hours} 小时" + (f" {minutes} 分" if minutes else "")
    return f"{minutes} 分钟" if minutes else "不到 1 分钟"


@register.filter
def count(value: Number | None) -> str:
    """`12,486`: a number with its thousands apart; a dash for none."""
    return NOTHING if not isinstance(value, (int, float, Decimal)) else f"{value:,}"


@register.filter
def money(value: Number | None) -> str:
    """`126,000 元`; fen only when there are any: `30,240.50 元`."""
    if not isinstance(value, (int, float, Decimal)):
        return NOTHING
    amount = Decimal(str(value)).quantize(Decimal("0.01"))
    whole = amount == amount.to_integral_value()
    return f"{amount:,.0f} 元" if whole else f"{amount:,.2f} 元"


@register.filter
def percent(share: Number | None, digits: int = 1) -> str:
    """`97.0%` of a share between 0 and 1; a dash when there is nothing to divide."""
    return NOTHING if not isinstance(share, (int, float, Decimal)) else f"{float(share) * 100:.{digits}f}%"


@register.filter
def share_of(numerator: Number, denominator: Number) -> str:
    """`97.0`: hundredths of the denominator, without the sign; a dash over zero."""
    return f"{float(numerator) / float(denominator) * 100:.1f}" if denominator else NOTHING


@register.filter
def spaced_code(code: str | None, size: int = 8) -> str:
    """`GQ330206 20250928 0000041Z`: a code in groups, eight characters each or as many as said."""
    text = str(code or "")
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


@register.filter
def late_class(value: datetime | None, now: datetime) -> str:
    """`late` once the moment has passed, for a class attribute."""
    return "late" if isinstance(value, datetime) and value < now else ""


def _deadline_day(value: datetime) -> date:
    return times.day_of(value - timedelta(seconds=1))


def _year(day: date, today: date | None) -> str:
    return "" if day.year == (today or times.now().date()).year else f"{day.year}年"
