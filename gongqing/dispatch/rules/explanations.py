"""How is a deadline explained, line by line and day by day? (期限是怎么算出来的)

Everything comes from one reckoning, so the table, the ruler and the deadline cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from gongqing.dispatch.rules.clocks import IN_DAYS, ClockState, Pause, Reckoning, reckon
from gongqing.dispatch.rules.day_words import (
    basis_of_days,
    days_in_words,
    figure,
    numbers_in_words,
    off_names,
    off_reason,
)
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.limits import Limit, Unit
from gongqing.lib.choices import Choice
from gongqing.lib.times import WEEKDAYS, day_of, in_words, local
from gongqing.lib.workdays import Calendar, days_from, end_of_day, start_of_day

LONGEST_RULER = 60
TO_THE_PRESENT = 15  # of them, of a deadline that is long past
_NOTHING = timedelta(0)
_INSTANT = timedelta(microseconds=1)
_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: 时点, 计不计, 说明, 依据; the last line is the sum."""

    when: str
    counted: str
    note: str
    basis: str
    is_sum: bool = False

    @property
    def text(self) -> str:
        """The line as one sentence, for the API."""
        return f"{self.when} {self.counted}：{self.note}" + (f"（{self.basis}）" if self.basis else "")


class DayKind(Choice):
    """How a day of the ruler is drawn."""

    GONE = "gone", "已计"
    LEFT = "left", "未计"
    OFF = "off", "不计"
    PAUSE = "pause", "暂停"
    OVER = "over", "逾期"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the ruler.

    Attributes:
        label: `9/29`, and `30` within the same month.
        share: 0 to 1, how much of the day's counted time is gone.
        caption: `今天`, `到期`, `暂停`, `调休`, or why a run of days is not counted, on its first day.
        span: over how many days that caption reaches.
    """

    day: date
    label: str
    kind: DayKind
    share: float
    caption: str = ""
    span: int = 1
    is_today: bool = False
    is_due: bool = False


def explanation(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime) -> list[Line]:
    """The lines that lead from the start to the deadline, in order, the sum last.

    Raises:
        ValueError: when the ledger has no start.
    """
    found = reckon(limit, entries, calendar, at)
    lines = [_start_line(found, calendar)]
    if found.limit.unit is Unit.WORKDAYS:
        lines += _workday_lines(found, calendar)
    elif found.limit.unit is Unit.WORKING_HOURS:
        lines += _hour_lines(found, calendar)
    else:
        lines.append(_natural_line(found))
        lines += [line for event in _turns(found) for line in _event_lines(event, found)]
    return [*lines, _sum_line(found, at)]


def explanation_text(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime) -> list[str]:
    """The same lines as sentences."""
    return [line.text for line in explanation(limit, entries, calendar, at)]


def day_ruler(limit: Limit, entries: Sequence[Entry], calendar: Calendar, at: datetime) -> list[Day]:
    """The days from the first counted one to the deadline, and on to the present when it is past.

    Sixty at most: of more than that the first ones, the deadline and the last ones, with days left out between.

    Raises:
        ValueError: when the ledger has no start.
    """
    return ruler_of(reckon(limit, entries, calendar, at), calendar, at)


def ruler_of(found: Reckoning, calendar: Calendar, at: datetime) -> list[Day]:
    """`day_ruler` of a round that was reckoned for this moment."""
    now = local(found.ended.at) if found.ended else local(at)
    due_day = day_of(found.due_at - _INSTANT)
    first = _first_day(found)
    last = max(due_day, now.date()) if now > found.due_at else due_day
    stood = _pause_days(found, calendar)

    def ruled(begin: date, end: date) -> list[Day]:
        days = [_ruled_day(day, found, calendar, now, stood, due_day) for day in days_from(begin, end)]
        return _with_off_captions(days, calendar)

    if (last - first).days < LONGEST_RULER:
        return ruled(first, last)
    head = first + timedelta(days=LONGEST_RULER - TO_THE_PRESENT - 1)
    tail = last - timedelta(days=TO_THE_PRESENT - 1)
    return [*ruled(first, head), *(ruled(due_day, due_day) if head < due_day < tail else ()), *ruled(tail, last)]


def _start_line(found: Reckoning, calendar: Calendar) -> Line:
    start = local(found.start.at)
    day = start.date()
    notes = {
        Unit.WORKDAYS: "次日起算，起算日不计",
        Unit.NATURAL_DAYS: "次日起算，按自然日，节假日也计",
        Unit.WORKING_HOURS: "收到即起算，只计工作时间",
        Unit.NATURAL_MINUTES: "收到即起算，按自然时间，夜间和节假日也计",
        Unit.NATURAL_HOURS: "收到即起算，按自然时间，夜间和节假日也计",
    }
    note = notes[found.limit.unit]
    reason = calendar.reason(day)
    if found.limit.unit in (Unit.WORKDAYS, Unit.WORKING_HOURS) and reason != "工作日":
        counts = "算工作日" if calendar.is_workday(day) else "不算工作日"
        weekday = WEEKDAYS[day.weekday()]
        named = f"是{weekday}" if reason == weekday else f"是{weekday}，{reason}"
        note += f"。{day.month}月{day.day}日{named}，{counts}"
    return Line(in_words(start), "收到，起算", note, found.limit.basis or found.limit.words)


def _workday_lines(found: Reckoning, calendar: Calendar) -> Iterator[Line]:
    """Days in runs of one kind, with the turns of the ledger between them."""
    stood = _pause_days(found, calendar)
    last = day_of(found.due_at - _INSTANT)
    first = _first_day(found)
    turns = _turns(found)
    for event in (each for each in turns if day_of(each.at) < first):
        yield from _event_lines(event, found)
    turns = [each for each in turns if day_of(each.at) >= first]
    number = 0
    run: list[date] = []
    for day in days_from(first, last):
        if run and _kind_of(day, calendar, stood) != _kind_of(run[0], calendar, stood):
            number, line = _run_line(run, number, found, calendar, stood)
            run = []
            yield from line
        run.append(day)
        today = [event for event in turns if day_of(event.at) == day]
        if today:
            number, line = _run_line(run, number, found, calendar, stood)
            run = []
            yield from line
            for event in today:
                yield from _event_lines(event, found)
    yield from _run_line(run, number, found, calendar, stood)[1]
    for event in turns:
        if day_of(event.at) > last:
            yield from _event_lines(event, found)


def _kind_of(day: date, calendar: Calendar, stood: frozenset[date]) -> str:
    if day in stood:
        return "pause"
    if not calendar.is_workday(day):
        return "off"
    reason = calendar.reason(day)
    return "work" if reason == "工作日" else reason


def _run_line(
    run: Sequence[date], number: int, found: Reckoning, calendar: Calendar, stood: frozenset[date]
) -> tuple[int, list[Line]]:
    """The line of a run of days of one kind, and how many working days are counted after it."""
    if not run or run[0] in stood:
        return number, []
    if not calendar.is_workday(run[0]):
        return number, [Line(days_in_words(run), "不计", off_reason(run, calendar), basis_of_days(run, calendar))]
    numbers = range(number + 1, number + len(run) + 1)
    note = f"第 {numbers_in_words(numbers)} 个工作日"
    reason = calendar.reason(run[0])
    if reason != "工作日":
        note = f"{WEEKDAYS[run[0].weekday()]}，{reason}。{note}"
    paused_at = [pause.start for pause in found.pauses if pause.net and pause.start.date() == run[-1]]
    if paused_at:
        note += f"（{paused_at[-1]:%H:%M} 后暂停）"
    return number + len(run), [Line(days_in_words(run), f"计 {len(run)} 天", note, basis_of_days(run, calendar))]


def _hour_lines(found: Reckoning, calendar: Calendar) -> Iterator[Line]:
    turns = _turns(found)
    days = list(days_from(found.begins_at.date(), day_of(found.due_at)))
    for works, group in groupby(days, key=calendar.is_workday):
        run = list(group)
        if not works:
            yield Line(days_in_words(run), "不计", off_reason(run, calendar), basis_of_days(run, calendar))
            continue
        for day in run:
            start, end = max(found.begins_at, start_of_day(day)), min(found.due_at, end_of_day(day))
            hours = (calendar.working_time_between(start, end) - _stood(found, calendar, start, end)) / timedelta(
                hours=1
            )
            spans = "、".join(f"{opens:%H:%M}—{closes:%H:%M}" for opens, closes in calendar.hours.spans)
            if hours > 0:
                yield Line(days_in_words([day]), f"计 {figure(hours)} 工时", f"工作时间 {spans}", calendar.basis(day))
            for event in [each for each in turns if day_of(each.at) == day]:
                yield from _event_lines(event, found)
    for event in turns:
        if event.kind is EntryKind.RECOUNT and (
            day_of(event.at) > days[-1] or not calendar.is_workday(day_of(event.at))
        ):
            yield from _event_lines(event, found)


def _natural_line(found: Reckoning) -> Line:
    paused = "，扣除暂停" if found.paused else ""
    when = f"{in_words(found.begins_at)} 起"
    return Line(
        when, f"计 {figure(found.total / found.unit_length)} {found.limit.unit.label}", f"自然时间{paused}", "自然时间"
    )


def _turns(found: Reckoning) -> list[Entry]:
    """The turns of the ledger in order; a pause that ran out resumes by itself, whatever was written later."""
    late = [pause.resumed for pause in found.pauses if pause.resumed and pause.ran_out]
    turns = [event for event in found.events[1:] if event not in late]
    for pause in found.pauses:
        if pause.entry.limit is not None and pause.ran_out:
            reason = f"暂停已满 {pause.entry.limit.words}，自动恢复"
            turns.append(Entry(EntryKind.RESUME, pause.end, reason=reason, source=pause.entry.source))
    return sorted(turns, key=lambda event: event.at)


def _first_day(found: Reckoning) -> date:
    """The day after the start for limits in days, else the day of the start."""
    start = day_of(found.start.at)
    return start + timedelta(days=1) if found.limit.unit in IN_DAYS else start


def _event_lines(event: Entry, found: Reckoning) -> Iterator[Line]:
    when, source = in_words(event.at), event.source
    if event.kind is EntryKind.PAUSE:
        counts = any(pause.entry is event and pause.counts for pause in found.pauses)
        yield Line(when, "暂停", event.reason if counts else f"{event.reason}。已过期限，不影响到期日", source)
    elif event.kind is EntryKind.RESUME:
        pause = next(
            (each for each in found.pauses if each.end == local(event.at) and not each.is_open and each.counts), None
        )
        yield Line(when, "恢复", "。".join(filter(None, [event.reason, _net_words(pause, found)])), source or "同上")
    elif event.kind is EntryKind.EXTEND and event.limit is not None:
        yield Line(
            when, "延期", f"批准延期 {event.limit.words}" + (f"：{event.reason}" if event.reason else ""), source
        )
    elif event.kind is EntryKind.RELIMIT and event.limit is not None:
        yield Line(
            when, "改时限", f"时限改为 {event.limit.words}" + (f"：{event.reason}" if event.reason else ""), source
        )
    elif event.kind is EntryKind.RECOUNT:
        yield Line(when, event.kind.label, event.reason, source)
    elif event.kind in (EntryKind.STOP, EntryKind.CANCEL):
        yield Line(when, event.kind.label, event.reason or "不再计时", source)


def _sum_line(found: Reckoning, at: datetime) -> Line:
    unit, share = found.limit.unit.label, round(found.left_share * 100)
    whole = found.total / found.unit_length
    left = found.left_share * whole
    notes = {
        ClockState.MET: "按时完成",
        ClockState.STOPPED: "不再计时，不提醒",
        ClockState.PAUSED: "暂停中，恢复后到期日相应顺延",
    }
    state = found.state(at)
    if state is ClockState.OVERDUE:
        note = "已超时完成" if found.ended else "已超时，红牌"
    elif state in notes:
        note = notes[state]
    else:
        note = f"已计 {figure(whole - left)} {unit}，剩 {figure(left)} {unit}，占 {share}%（计入时间）"
        note += "。" + (found.warning_level(at).label or "剩一半时提示，剩两成时黄牌")
    return Line(in_words(found.due_at, weekday=True), "到期", note, f"合计 {figure(whole)} {unit}", is_sum=True)


def _net_words(pause: Pause | None, found: Reckoning) -> str:
    """How much a pause took out, and by how many days it moved the deadline."""
    if pause is None or not pause.net:
        return "暂停期间没有计入时间，到期日不变"
    if found.limit.unit not in (Unit.WORKDAYS, Unit.NATURAL_DAYS):
        return f"净停 {figure(pause.net / found.unit_length)} {found.limit.unit.label}，到期顺延"
    before = sum((each.net for each in found.pauses[: found.pauses.index(pause)]), _NOTHING)
    moved = _whole((before + pause.net) / found.unit_length) - _whole(before / found.unit_length)
    net = pause.net / found.unit_length
    words = f"净停 {figure(net)} {found.limit.unit.label}"
    if abs(net - round(net)) > _HAIR:
        words += "，累计不足一天的按一天"
    return f"{words}，到期日顺延 {moved} 天"


def _pause_days(found: Reckoning, calendar: Calendar) -> frozenset[date]:
    """The working days that the pauses took out whole: as many as the deadline moved for them.

    A day is taken when the paused time fills another working day. What is left over takes the last working day
    touched by a pause, or the day on which a clock that had nothing left to count runs out.
    """
    if found.limit.unit is not Unit.WORKDAYS or not any(pause.counts for pause in found.pauses):
        return frozenset()
    last = day_of(found.due_at - _INSTANT)
    days = [day for day in days_from(found.begins_at.date(), last) if calendar.is_workday(day)]
    paused = {day: _stood(found, calendar, start_of_day(day), end_of_day(day)) / found.unit_length for day in days}
    wanted = len(days) - _whole(found.total / found.unit_length)
    taken: list[date] = []
    total = 0.0
    for day in days:
        total += paused[day]
        if math.floor(total + _HAIR) > len(taken):
            taken.append(day)
    rest = [day for day in days if day not in taken]
    rest.sort(key=lambda day: (paused[day] > _HAIR, day))
    while len(taken) < wanted and rest:
        taken.append(rest.pop())
    return frozenset(taken)


def _stood(found: Reckoning, calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The working time between two moments in which the clock stood still."""
    spans = ((max(pause.start, start), min(pause.end, end)) for pause in found.pauses if pause.counts)
    return sum((calendar.working_time_between(first, last) for first, last in spans), _NOTHING)


def _ruled_day(
    day: date, found: Reckoning, calendar: Calendar, now: datetime, stood: frozenset[date], due_day: date
) -> Day:
    working = found.limit.unit in (Unit.WORKDAYS, Unit.WORKING_HOURS)
    label = f"{day.month}/{day.day}" if day.day == 1 or day == _first_day(found) else str(day.day)
    is_today, is_due = day == now.date(), day == due_day
    caption = "到期" if is_due else "今天" if is_today else ""
    if working and not calendar.is_workday(day):
        return Day(day, label, DayKind.OFF, 0.0, caption, is_today=is_today, is_due=is_due)
    share = _share_of(day, working, calendar, now) if is_today else 1.0 if day < now.date() else 0.0
    if day > due_day:
        return Day(day, label, DayKind.OVER, share, caption, is_today=is_today)
    if day in stood or (
        not working
        and any(
            each.counts and each.start <= start_of_day(day) and end_of_day(day) <= each.end for each in found.pauses
        )
    ):
        return Day(day, label, DayKind.PAUSE, share, caption or "暂停", is_today=is_today, is_due=is_due)
    if not caption and working and day.weekday() >= 5:
        caption = "调休"
    kind = DayKind.GONE if share >= 1 else DayKind.LEFT
    return Day(day, label, kind, share, caption, is_today=is_today, is_due=is_due)


def _share_of(day: date, working: bool, calendar: Calendar, now: datetime) -> float:
    """How much of the counted time of this day is gone at a moment within it."""
    start, end = start_of_day(day), end_of_day(day)
    if working:
        return calendar.working_time_between(start, now) / calendar.working_time_between(start, end)
    return (now - start) / (end - start)


def _with_off_captions(days: Sequence[Day], calendar: Calendar) -> list[Day]:
    """The first of several days off in a row says why none of them counts."""
    made: list[Day] = []
    for off, group in groupby(days, key=lambda each: each.kind is DayKind.OFF):
        run = list(group)
        if off and len(run) > 2 and not run[0].caption:
            first = run[0]
            caption = f"{off_names([each.day for each in run], calendar)}，不计"
            run[0] = Day(
                first.day, first.label, first.kind, first.share, caption, len(run), first.is_today, first.is_due
            )
        made += run
    return made


def _whole(amount: float) -> int:
    return math.ceil(amount - _HAIR)
