"""What does a seat see while somebody speaks: who calls, what the words say, and what to read out?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Category
from gongqing.appeals.queries.reader import read_words
from gongqing.appeals.rules.grading import Circumstances, Grade, GradeReason, grading_of
from gongqing.appeals.rules.needs import DISTRESS, best_code, kind_of
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, STATUS_WORDS, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import Call, CallBack, CallDirection, Clock, DutyCall
from gongqing.dispatch.queries.clocks import calendar
from gongqing.dispatch.rules.hotline import CallOutcome, Missing, missing_facts, spoken_code, spoken_digits
from gongqing.dispatch.rules.hotline_scripts import Script, script_of
from gongqing.dispatch.rules.limits import ClockName
from gongqing.dispatch.rules.plain_words import reading_deadline
from gongqing.language import crisis
from gongqing.language.classify import TRIAGE_BELOW
from gongqing.language.facts import read_facts
from gongqing.lib import masks
from gongqing.lib.errors import BadInput, NotFound
from gongqing.lib.remembering import remembered
from gongqing.lib.times import day_of, in_words
from gongqing.registry import queries as registry
from gongqing.registry.models import Person, Region

SAME_EMPLOYER = timedelta(days=14)
MOST_CALLS, MOST_MATTERS = 8, 8
ADDED_TO = (OPEN - ANSWERED) | {Status.MERGED}
CONFIDENTIAL = "限制可见，只显示编号和进度"


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter of the caller's: no word of the worker; a restricted one without its category.

    Attributes:
        is_open: whether it waits for its answer, so that it can be urged and added to.
    """

    appeal: Appeal
    title: str
    status: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier call of a number, in or out, and how it ended."""

    at: datetime
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class CallerHistory:
    """What is known of a number: the person's masked name, earlier calls, matters; newest first."""

    name: str
    calls: Sequence[Earlier]
    matters: Sequence[Matter]
    person_id: int | None

    @property
    def is_known(self) -> bool:
        """Has this number called, or said anything, before?"""
        return bool(self.calls or self.matters or self.name)


@dataclass(frozen=True, slots=True)
class SeatReading:
    """What the machine reads in the words so far.

    Attributes:
        choices: the likeliest categories with their probabilities; words of danger without a clear cause put
            distress first, whatever its probability, as registering does.
        script_title: whose hints `script` holds; words of self-harm bring those of distress before any other.
        is_sure: whether the first would be taken without a person's confirmation.
        reasons: why the grade, rule by rule.
        danger: the words of danger as they were said, G11 and G12.
        same_employer: how many open matters name the same employer within fourteen days.
    """

    choices: Sequence[tuple[Category, float]]
    is_sure: bool
    words: Sequence[str]
    grade: str
    reasons: Sequence[GradeReason]
    labour_related: bool
    labour_confidence: float
    kind: str
    missing: Sequence[Missing]
    danger: Sequence[str]
    script: Script
    script_title: str
    same_employer: int

    @property
    def is_red(self) -> bool:
        """Does the matter ask for calm and speed: a red grade, or words of danger?"""
        return self.grade == Grade.RED or bool(self.danger)


@dataclass(frozen=True, slots=True)
class ReadOut:
    """What the seat says after a matter was registered."""

    appeal: Appeal
    groups: Sequence[str]
    spoken: str
    password_spoken: str
    sentences: Sequence[str]
    call_back: CallBack | None
    on_duty: str


def open_call(actor: Actor) -> Call | None:
    """The call that this seat is leading now."""
    led = Call.objects.visible_to(actor).filter(seat_user_id=actor.user_id or 0, ended_at__isnull=True)
    return led.filter(direction=CallDirection.IN).select_related("appeal").order_by("-id").first()


def call_numbered(call_id: int, actor: Actor) -> Call:
    """A call of the actor's hotline.

    Raises:
        NotFound.
    """
    found = Call.objects.visible_to(actor).select_related("appeal").filter(pk=call_id).first()
    if found is None:
        raise NotFound("没有这通电话，或者不在您能看的范围内。")
    return found


def calls_today(actor: Actor, at: datetime) -> int:
    """How many calls this seat has taken today."""
    begins = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return Call.objects.filter(
        seat_user_id=actor.user_id or 0, direction=CallDirection.IN, started_at__gte=begins
    ).count()


def history_of(call: Call, actor: Actor) -> CallerHistory:
    """What the caller's number is known for. The caller writes the look down.

    The person's own matters are shown whatever door they came through, without a word of what was said.
    """
    if not call.phone_index:
        return CallerHistory("", (), (), None)
    index = bytes(call.phone_index)
    calls = Call.objects.visible_to(actor).filter(phone_index=index).exclude(pk=call.pk)
    with scope.elevated():
        person = Person.objects.filter(phone_index=index).first()
        found = Appeal.objects.filter(person__phone_index=index).select_related("category", "handler")
        matters = [_matter(each) for each in found.order_by("-received_at")[:MOST_MATTERS]]
    name = masks.mask_name(person.name) if person else ""
    earlier = [_earlier(each) for each in calls.order_by("-started_at")[:MOST_CALLS]]
    return CallerHistory(name, earlier, matters, person.pk if person else None)


def appeal_given(code: str, history: CallerHistory) -> int:
    """The number of the caller's matter with this code.

    Raises:
        NotFound: not one of the caller's.
    """
    for each in history.matters:
        if each.appeal.code == code:
            return each.appeal.pk
    raise NotFound("没有这件诉求，或者不是这个号码的。")


def reading_of(text: str, *, employer: str, place: str, at: datetime) -> SeatReading | None:
    """What the words say so far; None while there are too few."""
    if len(text.strip()) < 2:
        return None
    on = day_of(at)
    reading, facts = read_words(text), read_facts(text, said_on=on)
    known = {category.code: category for category in appeals.categories(on)}
    best = best_code(reading, facts)
    code = best if best in known else next(iter(known))
    hints = DISTRESS if facts.has("self_harm") and DISTRESS in known else code
    rules = appeals.grade_rules(on)
    kind = kind_of(code)
    seen = Circumstances(category=code, labour_related=reading.labour_related, is_need=kind == "need")
    grading = grading_of(facts, category_grade=Grade(known[code].grade), circumstances=seen, rules=rules)
    count, _ = appeals.similar_open_count(employer or facts.employer or "", since=at - SAME_EMPLOYER)
    return SeatReading(
        choices=[
            (known[code], dict(reading.top).get(code, 0.0)),
            *((known[one], share) for one, share in reading.top if one in known and one != code),
        ],
        is_sure=reading.confidence >= TRIAGE_BELOW and not reading.needs_person,
        words=reading.words,
        grade=grading.grade,
        reasons=[reason for reason in grading.reasons if reason.rule != "G01"],
        labour_related=reading.labour_related,
        labour_confidence=reading.labour_confidence,
        kind=kind,
        missing=missing_facts(facts, category=code, employer=employer, place=place),
        danger=[hit.words for hit in crisis.read_crisis(text)],
        script=script_of(hints),
        script_title=known[hints].name,
        same_employer=count,
    )


def read_out(appeal_id: int, *, password: str) -> ReadOut:
    """What is read to the caller: code and password in groups, who has it, and by when."""
    with scope.elevated():
        appeal = Appeal.objects.select_related("category", "handler").get(pk=appeal_id)
        due = {clock.name: clock.due_at for clock in Clock.objects.filter(appeal=appeal, ended_at__isnull=True)}
        task = CallBack.objects.filter(appeal=appeal, done_at__isnull=True).select_related("organisation").first()
        called = DutyCall.objects.filter(appeal=appeal).select_related("user").order_by("-id").first()
    code = appeal.code
    return ReadOut(
        appeal=appeal,
        groups=[code[:2], code[2:8], code[8:12], code[12:16], code[16:20], code[20:-1], code[-1]],
        spoken=spoken_code(code),
        password_spoken=spoken_digits(password),
        sentences=_sentences(appeal, due),
        call_back=task,
        on_duty=called.user.name if called and called.user else "",
    )


@remembered
def towns() -> tuple[tuple[str, str], ...]:
    """Every town as it is chosen: by its code, or by name with its county."""
    return tuple(
        (town["code"], f"{county['name']} {town['name']}")
        for county in registry.region_tree()
        for town in county["towns"]
    )


def town_given(text: str) -> Region | None:
    """The town or county that was typed: a code, a name, or a part of one that fits a single place; None for nothing.

    Raises:
        BadInput: on `place`, when none or several fit.
    """
    wanted = "".join(text.split())
    if not wanted:
        return None
    if wanted.isascii() and wanted.isdigit():
        if found := registry.region_of(wanted):
            return found
        raise BadInput("place", "没有这个区划代码，请输入镇街名称。")
    tree = registry.region_tree()
    names = {f"{county['name']}{town['name']}": town["code"] for county in tree for town in county["towns"]}
    names |= {county["name"]: county["code"] for county in tree}
    fits = [name for name in names if name == wanted] or [name for name in names if wanted in name]
    if len(fits) != 1:
        said = f"有 {len(fits)} 处：{'、'.join(fits[:4])}，请写全。" if fits else "没有这个镇街，请从列表里选。"
        raise BadInput("place", said)
    return registry.region_of(names[fits[0]])


def place_words(text: str) -> dict[str, Any]:
    """What the typed place was understood as, or why it was not."""
    try:
        region = town_given(text)
    except BadInput as refused:
        return {"place": "", "place_error": refused.message}
    return {"place": str(region) if region else "", "place_error": ""}


def _earlier(call: Call) -> Earlier:
    words = CallOutcome.label_of(call.outcome) if call.outcome else "没有记下结果"
    is_out = call.direction == CallDirection.OUT
    return Earlier(call.started_at, f"回访，{words}" if is_out else words, call.note)


def _matter(appeal: Appeal) -> Matter:
    title = CONFIDENTIAL if appeal.restricted else appeal.category.name if appeal.category else "待分类"
    return Matter(appeal, title, STATUS_WORDS[Status(appeal.status)], appeal.status in ADDED_TO)


def _sentences(appeal: Appeal, due: dict[str, datetime]) -> list[str]:
    """The next step and by when, as it is said on the phone."""
    contact, close = due.get(ClockName.CONTACT), due.get(ClockName.CLOSE)
    if appeal.handler is None:
        by_when = _by_when(reading_deadline(appeal.entered_at, calendar()))
        return [f"您反映的事已经记下。最晚 {by_when} 前我们弄清该谁办并转过去，会告诉您办理单位。"]
    said = [f"您反映的事已经转给{appeal.handler}办理。"]
    if appeal.needs_call_back:
        said.append("三十分钟内会有人打您的电话，请保持手机畅通，身边最好有人陪着。")
    elif contact is not None:
        said.append(f"最晚 {_by_when(contact)} 前会有人和您联系，请留意来电。")
    if close is not None:
        said.append(f"最晚 {_by_when(close)} 前给您答复；办不完会提前跟您说明。")
    return said


def _by_when(moment: datetime) -> str:
    return in_words(moment, weekday=True).replace("） ", "）")
