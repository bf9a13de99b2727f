"""How is a line of a list of the desk drawn?

Straight, without a template: a list has up to a hundred of them, and through a template they were half of its page.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from gongqing.dispatch.queries.desk import ListItem
from gongqing.lib import times
from gongqing.ui.rulers import drawn
from gongqing.ui.templatetags.ui import day_words, duration, grade_badge, near_moment, percent

register = template.Library()

_SUSPECTED = '<span class="tag near">疑似有危险，请先看</span>'
_SWAP = 'hx-target="#split" hx-select="#split" hx-swap="outerHTML" hx-push-url="true"'


@register.simple_tag
def listed_lines(items: Iterable[ListItem], query: str, chosen_code: str = "") -> SafeString:
    """`{% listed_lines band.items query chosen_code %}`: a link for each appeal that opens it beside the list.

    Args:
        query: what the address of the list holds.
        chosen_code: the appeal that stands open.
    """
    today, address = times.now().date(), f"?{conditional_escape(query)}&amp;case="
    lines = (_line(item, address, today, item.appeal.code == chosen_code) for item in items)
    return mark_safe("".join(lines))  # noqa: S308  # escaped where people wrote it


def _line(item: ListItem, address: str, today: date, is_chosen: bool) -> str:
    appeal = item.appeal
    unread = " unread" if appeal.status == "dispatched" else ""
    current = ' aria-current="true"' if is_chosen else ""
    link = f"{address}{appeal.code}"
    door = conditional_escape(f"{appeal.get_channel_display()} · {item.place}")
    return (
        f'<a class="item{unread}" href="{link}"{current} hx-get="{link}" {_SWAP}>\n'
        f'<span class="what">{conditional_escape(appeal.title)}</span>'
        f'<span class="clock">{_clock(item, today)}</span>\n'
        f'<span class="meta">{grade_badge(appeal.grade)}<span class="nowrap">{item.status}</span>'
        f'{_tags(item, today)}<span>{door}</span></span><span class="rule">{_rule(item)}</span>\n</a>\n'
    )


def _clock(item: ListItem, today: date) -> str:
    """What is next and by when; when it was received where nothing is."""
    if item.due_at is None:
        return f"{near_moment(item.appeal.received_at, today)} 收到"
    if item.remark and not item.is_late:
        return f"{near_moment(item.due_at, today)} {item.remark}"
    if item.is_late:
        return f'{item.clock} <b class="late">逾期 {duration(item.late_by)}</b>'
    near = ' class="near"' if item.is_near else ""
    return f"{item.clock} <b{near}>{near_moment(item.due_at, today)}</b>"


def _tags(item: ListItem, today: date) -> str:
    appeal, tags = item.appeal, ""
    asked = appeal.source_due_at
    if asked and appeal.due_at and asked < appeal.due_at and not appeal.resolved_at:
        tags = f'<span class="tag near">来源要求 {day_words(asked, today)}前</span>'
    if item.is_suspected:
        tags += _SUSPECTED
    if item.reply_warnings:
        tags += f'<span class="tag near">答复有 {item.reply_warnings} 处提醒</span>'
    return tags


def _rule(item: ListItem) -> str:
    """The days of the closing limit; in words where it has none."""
    if item.days:
        return drawn(item.days)
    if item.remark and (item.is_late or not item.due_at):
        return f'<span class="tag dash">{item.remark}</span>'
    if item.clock and item.left_share is not None:
        return f'<span class="tag">剩 {percent(item.left_share, 0)}</span>'
    return ""
