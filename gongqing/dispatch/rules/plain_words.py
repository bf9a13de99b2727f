"""How is an appeal told to the worker: where it stands, what was done, and why the answer comes on that day?

No word of the trade (工单, 派单, 流转, 签收, 督办) and no note meant for staff alone reaches a worker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from gongqing.appeals.rules.statuses import Status
from gongqing.dispatch.rules.clocks import Reckoning
from gongqing.dispatch.rules.day_words import days_in_words, figure, off_names
from gongqing.dispatch.rules.ledger import EntryKind
from gongqing.dispatch.rules.limits import ClockName, Unit
from gongqing.lib.choices import Choice
from gongqing.lib.times import SHANGHAI, WEEKDAYS, day_of, in_words
from gongqing.lib.workdays import Calendar, days_from

_INSTANT = timedelta(microseconds=1)
_FIRST_SENTENCE = re.compile(r"[。！？!?\n；;]")


class Phase(Choice):
    """The four headings of a worker's timeline, in order: the desk's 发现, 处置, 反馈, 评价 in plain words."""

    FOUND = "found", "您说的"
    HANDLED = "handled", "怎么办的"
    ANSWERED = "answered", "结果"
    JUDGED = "judged", "您的评价"


@dataclass(frozen=True, slots=True)
class Step:
    """One step in plain words.

    Attributes:
        mark: how the timeline draws it: `done`, `stop`, or empty.
    """

    phase: Phase
    text: str
    note: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """What an event says to this module.

    Attributes:
        kind: the event's.
        place: the organisation that acted; empty for the system and for workers.
        caller: how a worker would call the one who acted: `沈老师`.
        by_worker: whether the worker acted, or somebody who holds the code.
        is_again: whether the appeal had been opened again before.
    """

    kind: str
    data: Mapping[str, Any]
    note: str = ""
    place: str = ""
    caller: str = ""
    by_worker: bool = False
    is_again: bool = False


_FIXED: dict[str, Step] = {
    "appeal.resumed": Step(Phase.HANDLED, "接着往下办"),
    "appeal.merged": Step(Phase.HANDLED, "好几位工友说了同一件事，并在一起办"),
    "appeal.unmerged": Step(Phase.HANDLED, "您的事改为单独办"),
    "appeal.returned": Step(Phase.HANDLED, "原来的单位说不归它管，正在给您换一家"),
    "appeal.inspection_alerted": Step(Phase.HANDLED, "已经告诉劳动监察部门"),
    "appeal.supervised": Step(Phase.HANDLED, "上级工会在盯着办"),
    "appeal.raised": Step(Phase.HANDLED, "这件事提到上一级工会来办，答复您的日子不变"),
    "appeal.taken_over": Step(Phase.HANDLED, "上级工会把这件事接过去办，答复您的日子不变"),
    "appeal.called_back": Step(Phase.HANDLED, "工会给您回了电话"),
    "appeal.review_asked": Step(Phase.ANSWERED, "有结果了，上一级工会正在核对"),
    "appeal.review_refused": Step(Phase.ANSWERED, "上一级工会看了结果，要求接着办"),
    "appeal.resolved": Step(Phase.ANSWERED, "办好了", mark="done"),
    "appeal.left_unevaluated": Step(Phase.JUDGED, "15 天里没有收到您的评价"),
    "appeal.archived": Step(Phase.JUDGED, "这件事办完了", mark="done"),
    "appeal.withdrawn": Step(Phase.JUDGED, "您不办了，事情到此为止", mark="stop"),
    "appeal.invalidated": Step(Phase.JUDGED, "工会看过，没有要办的事", mark="stop"),
}
_PAUSES = {
    "waiting_for_material": "等您补材料，先停一停",
    "moved_to_legal_procedure": "转到仲裁、监察或法院去办，工会继续跟着",
    "agreed_mediation_extension": "双方同意多谈几天，先停一停",
}
_JUDGEMENTS = {"satisfied": "满意", "basically": "基本满意", "not": "不满意"}


def step_of(deed: Deed) -> Step | None:
    """The step of an event in plain words; None for what is no news to the worker."""
    fixed = _FIXED.get(deed.kind)
    return fixed or _found(deed) or _handled(deed) or _judged(deed)


def _found(deed: Deed) -> Step | None:
    if deed.kind == "appeal.received":
        return Step(Phase.FOUND, "您说了这件事" if deed.by_worker else "工会替您记下了这件事")
    if deed.kind == "appeal.classified" and deed.place:
        return Step(Phase.FOUND, f"{deed.place}看过了您说的话")
    if deed.kind == "appeal.material_added":
        text = "您补充了几句" if deed.by_worker else f"{deed.place or '工会'}给您回话"
        return Step(Phase.FOUND if deed.by_worker else Phase.HANDLED, text, deed.note)
    if deed.kind == "appeal.file_attached" and deed.by_worker:
        return Step(Phase.FOUND, "您加了照片或录音")
    return None


def _handled(deed: Deed) -> Step | None:
    target = str(deed.data.get("organisation_name") or deed.data.get("department") or "工会")
    words = {
        "appeal.dispatched": f"换{target}再办一次" if deed.is_again else f"已转给{target}办理",
        "appeal.redispatched": f"改由{target}办理",
        "appeal.transferred": f"改由{target}办理",
        "appeal.passed_up": f"这件事转到了上一级，改由{target}办理",
        "appeal.signed": f"{deed.data.get('on_behalf_of') or deed.place or '工会'}接了这件事",
        "appeal.contacted": f"{deed.caller or '工会'}联系了您",
        "appeal.contacted_again": f"{deed.caller or '工会'}又联系了您",
        "appeal.handed_over": f"请{target}一起办",
        "appeal.handover_changed": f"{target}有了回音",
        "appeal.escalated": f"过了答应的日子还没办好，{target}已经在盯着办",
        "appeal.urged": "您催了一次，已经告诉办的人" if deed.by_worker else "工会催了一次",
    }
    if deed.kind in words:
        return Step(Phase.HANDLED, words[deed.kind])
    if deed.kind == "appeal.reported":
        return Step(Phase.HANDLED, f"{deed.place or '工会'}说了办到哪一步", first_sentence(deed.note))
    if deed.kind == "appeal.need_fed_back":
        return Step(Phase.ANSWERED, "好几位职工都说过这件事，有了结果", deed.note, "done")
    if deed.kind == "appeal.paused":
        return Step(Phase.HANDLED, _PAUSES.get(str(deed.data.get("reason")), "先停一停"), deed.note, "stop")
    if deed.kind == "appeal.extension_granted":
        days = figure(float(deed.data.get("working_days") or 0))
        return Step(Phase.HANDLED, f"事情难办，答复日往后推 {days} 个工作日")
    return _recounted(deed) if deed.kind == "appeal.recounted" else None


def _recounted(deed: Deed) -> Step | None:
    """The day of the answer moved with the calendar or the rules; of the handler's other clocks nothing is told."""
    moved = next((each for each in deed.data.get("clocks", ()) if each["clock"] == ClockName.CLOSE), None)
    if moved is None:
        return None
    old, new = (in_words(datetime.fromisoformat(moved[name])).partition(" ")[0] for name in ("old", "new"))
    return Step(Phase.HANDLED, f"放假安排或办理期限有调整，答复您的日子由{old}改为{new}")


def _judged(deed: Deed) -> Step | None:
    if deed.kind == "appeal.evaluated":
        said = _JUDGEMENTS.get(str(deed.data.get("satisfaction")), "")
        return Step(Phase.JUDGED, f"您说{said}" if deed.by_worker else f"您在电话里说{said}", deed.note)
    if deed.kind == "appeal.reopened" and deed.place:
        return Step(Phase.JUDGED, "工会决定再办一次")
    return None


def first_sentence(text: str) -> str:
    """What a report says first; the rest is for staff."""
    return next((part.strip() for part in _FIRST_SENTENCE.split(text) if part.strip()), "")


def standing_words(status: str, handler: str) -> str:
    """Where an appeal stands, in one sentence without a full stop; `handler` may be empty."""
    who = handler or "工会"
    return {
        Status.TRIAGE: "工会的人正在看，看完告诉您谁来办",
        Status.CLASSIFIED: "正在定谁来办",
        Status.DISPATCHED: f"已转给{who}办理",
        Status.SIGNED: f"{who}在办",
        Status.IN_PROGRESS: f"{who}在办",
        Status.PAUSED: f"{who}在办，现在先停一停",
        Status.RETURNED: "正在换一家单位来办",
        Status.IN_REVIEW: "有结果了，上一级工会正在核对",
        Status.RESOLVED: "办好了，等您说一句满意不满意",
        Status.AWAITING_EVALUATION: "办好了，等您说一句满意不满意",
        Status.ARCHIVED: "办完了",
        Status.REOPENED: f"换{who}再办一次",
        Status.MERGED: "和同一件事并在一起办",
        Status.WITHDRAWN: "您不办了",
        Status.INVALID: "没有要办的事，不再往下办",
        Status.TRACKED: "转到仲裁、监察或法院去办，工会继续跟着",
    }[Status(status)]


def why_that_day(reckoning: Reckoning, calendar: Calendar) -> list[str]:
    """Short sentences that lead from the start to the deadline; holidays and make-up days are named."""
    limit = reckoning.limit
    amount = figure(reckoning.total / reckoning.unit_length)
    if limit.unit is Unit.WORKDAYS:
        return [f"要 {amount} 个工作日，从说的第二天算起", *_days_apart(reckoning, calendar), *_turns(reckoning)]
    words = {
        Unit.WORKING_HOURS: f"要 {amount} 个小时，只算上班时间",
        Unit.NATURAL_MINUTES: f"要 {amount} 分钟，夜里和节假日也算",
        Unit.NATURAL_HOURS: f"要 {amount} 个小时，夜里和节假日也算",
        Unit.NATURAL_DAYS: f"要 {amount} 天，从第二天算起，节假日也算",
    }
    return [words[limit.unit], *_turns(reckoning)]


def _days_apart(reckoning: Reckoning, calendar: Calendar) -> Iterator[str]:
    first, last = day_of(reckoning.start.at) + timedelta(days=1), day_of(reckoning.due_at - _INSTANT)
    has_weekend = False
    for works, group in groupby(days_from(first, last), key=calendar.is_workday):
        days = list(group)
        if works:
            for day in days:
                if day.weekday() >= 5:
                    yield f"{_day_words(day)}调休上班，要算"
        elif any(calendar.reason(day).endswith("放假") for day in days):
            yield f"{days_in_words(days)}{off_names(days, calendar)}，不算"
        else:
            has_weekend = True
    if has_weekend:
        yield "周末不算"


def _turns(reckoning: Reckoning) -> Iterator[str]:
    for event in reckoning.events:
        if event.kind is EntryKind.EXTEND and event.limit is not None:
            yield f"难办，上级同意多办 {event.limit.words}"
    for pause in reckoning.pauses:
        if pause.counts and pause.is_open:
            yield f"{_day_words(day_of(pause.start))}起停着，等恢复以后答复日顺着往后推"
        elif pause.counts and pause.net:
            yield f"{_day_words(day_of(pause.start))}到{_day_words(day_of(pause.end))}停过，答复日顺着往后推"


def _day_words(day: date) -> str:
    return f"{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"


def reading_deadline(entered_at: datetime, calendar: Calendar) -> datetime:
    """By when a person has read what the machine could not place: the end of the next working day's working time."""
    day = calendar.next_workday(day_of(entered_at))
    return datetime.combine(day, calendar.hours.spans[-1][1], SHANGHAI)
