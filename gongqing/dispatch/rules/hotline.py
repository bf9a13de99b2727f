"""What happens at a seat: how may a call end, what is still to be asked, how is a code read out, when to ring again?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.audit.actor import Actor, Role
from gongqing.language.facts import Facts
from gongqing.lib.choices import Choice
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.workdays import Calendar

TRIES = 3
BETWEEN_TRIES = timedelta(hours=2)
BETWEEN_URGENT_TRIES = timedelta(minutes=10)
SHORTEST_NOTE = 2
LONGEST_NOTE = 2_000
# why somebody is rung: these words stand in the task
AFTER_ANSWER = "办结回访"
ON_DANGER = "有自伤或伤人言语，须人工联系"
SOURCE = "seat"
HOTLINE_CHANNELS = frozenset({"hotline_12351", "hotline_12345"})
CRISIS_NUMBERS = {"12356": "心理援助热线", "110": "报警", "120": "急救"}


class CallOutcome(Choice):
    """How a call ended. The first seven are of calls that came in, the last three of calls back."""

    REGISTERED = "registered", "登记了新诉求"
    ANSWERED = "answered", "咨询已答"
    URGED = "urged", "催办旧件"
    SUPPLEMENTED = "supplemented", "补充旧件"
    NUISANCE = "nuisance", "骚扰或误拨"
    CRISIS = "crisis", "转危机热线"
    CUT_OFF = "cut_off", "中途断线"
    REACHED = "reached", "接通"
    NOT_REACHED = "not_reached", "未接通"
    REFUSED = "refused", "拒访"


INCOMING = (
    CallOutcome.REGISTERED,
    CallOutcome.ANSWERED,
    CallOutcome.URGED,
    CallOutcome.SUPPLEMENTED,
    CallOutcome.NUISANCE,
    CallOutcome.CRISIS,
    CallOutcome.CUT_OFF,
)
PLAIN_ENDINGS = (CallOutcome.ANSWERED, CallOutcome.NUISANCE, CallOutcome.CRISIS, CallOutcome.CUT_OFF)
OUTGOING = (CallOutcome.REACHED, CallOutcome.NOT_REACHED, CallOutcome.REFUSED)
NOTED = frozenset({CallOutcome.ANSWERED, CallOutcome.CRISIS})


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that the words do not hold yet, and the question that gets it."""

    name: str
    question: str


def check_is_seat(by: Actor) -> None:
    """Calls are taken by the seats of a hotline.

    Raises:
        NotPermitted.
    """
    if by.role is not Role.HOTLINE_SEAT or by.organisation_id is None:
        raise NotPermitted("接听来电由热线坐席进行。")


def check_note(note: str) -> None:
    """What a caller says of a matter that is known has a limit, and nothing of it is cut in silence.

    Raises:
        BadInput: on `note`.
    """
    if len(note) > LONGEST_NOTE:
        raise BadInput("note", f"来电人的话最多 {LONGEST_NOTE} 字，现在 {len(note)} 字，请删短一些。")


def check_rings_back(by: Actor) -> None:
    """Call-backs are for the seats and for those who handle or supervise.

    Raises:
        NotPermitted.
    """
    if by.role not in HANDLERS | {Role.HOTLINE_SEAT, Role.SYSTEM}:
        raise NotPermitted("回访由热线、办理单位或督办岗位进行。")


def check_is_own_call(by: Actor, *, seat_user_id: int) -> None:
    """A call is led by the seat that took it.

    Raises:
        NotPermitted.
    """
    if by.user_id != seat_user_id:
        raise NotPermitted("这通电话不是您接的。")


def check_is_open(ended_at: datetime | None) -> None:
    """A call that has ended is not changed.

    Raises:
        NotAllowed.
    """
    if ended_at is not None:
        raise NotAllowed("这通电话已经结束，请接听下一通。")


def check_ending(outcome: str, *, note: str, has_appeal: bool, has_number: bool) -> None:
    """Refuse an ending that leaves open what became of the caller.

    Args:
        has_appeal: whether the call has brought a new appeal, an urging or an addition.
        has_number: whether a crisis number was given.

    Raises:
        BadInput: on `outcome` or `note`.
    """
    if outcome not in INCOMING:
        raise BadInput("outcome", "请选这通电话的结果。")
    if has_appeal and outcome in PLAIN_ENDINGS and outcome != CallOutcome.CRISIS:
        raise BadInput("outcome", "这通电话已经登记了事项，结果不能再选“" + CallOutcome.label_of(outcome) + "”。")
    if not has_appeal and outcome in (CallOutcome.REGISTERED, CallOutcome.URGED, CallOutcome.SUPPLEMENTED):
        raise BadInput("outcome", "这通电话还没有登记、催办或补充哪一件。")
    if outcome == CallOutcome.CRISIS and not has_number:
        raise BadInput("outcome", "请先按 F8 记下转接或告知了哪个危机电话。")
    if outcome in NOTED and not has_appeal and len(note.strip()) < SHORTEST_NOTE:
        raise BadInput("note", "请写一句来电人问了什么、怎么答的。")


def check_crisis_number(number: str) -> None:
    """Only the three numbers of help are given.

    Raises:
        BadInput: on `number`.
    """
    if number not in CRISIS_NUMBERS:
        raise BadInput("number", "请选 12356、110 或 120。")


def missing_facts(facts: Facts, *, category: str, employer: str, place: str) -> list[Missing]:
    """What is still to be asked: who, where, since when, how many people, how much, as far as the matter needs it.

    Args:
        category: the suggested code; a need (服务类) is not asked for months and money.
        employer, place: what the form holds beside the words.
    """
    found = []
    is_dispute = category.startswith("LE")
    if is_dispute and not employer.strip() and not facts.employer:
        found.append(Missing("单位", "单位全称叫什么？"))
    if not place.strip():
        found.append(Missing("地点", "在哪个区县、哪个镇街？"))
    if is_dispute and facts.workers is None:
        found.append(Missing("人数", "就您一个人，还是还有别的工友？大概多少人？"))
    if category == "LE01" and facts.months_owed is None and facts.days_owed is None:
        found.append(Missing("时间", "从哪个月起没发，欠了多久？"))
    if category in ("LE01", "LE02", "LE03", "LE06", "LE11") and facts.amount is None:
        found.append(Missing("金额", "一共大概多少钱？"))
    return found


def spoken_code(code: str) -> str:
    """A code as it is read out on the phone: groups of digits in Chinese, 1 as 幺, letters apart.

    `GQ3302062025101300000413` → `G Q，三三零二零六，二零二五，幺零幺三，零零零零，零四幺，校验位 三`.
    """
    groups = [code[2:8], code[8:12], code[12:16], code[16:20], code[20:-1]]
    spoken = ["".join(_SPOKEN.get(sign, sign) for sign in group) for group in groups if group]
    return "，".join(["G Q", *spoken, f"校验位 {_SPOKEN.get(code[-1], code[-1])}"])


def spoken_digits(digits: str) -> str:
    """A query password as it is read out: `四幺七，零二九`."""
    words = [_SPOKEN.get(sign, sign) for sign in digits]
    return "，".join("".join(words[start : start + 3]) for start in range(0, len(words), 3))


_SPOKEN = dict(zip("0123456789", "零幺二三四五六七八九", strict=True))


def next_try(at: datetime, calendar: Calendar, *, is_urgent: bool) -> datetime:
    """When to ring again somebody who did not answer: after two working hours; on words of danger after ten minutes."""
    return at + BETWEEN_URGENT_TRIES if is_urgent else calendar.add_working_time(at, BETWEEN_TRIES)


def call_back_due(at: datetime, calendar: Calendar) -> datetime:
    """By when a worker whose matter was answered is rung: 24:00 of the next working day (次日回访)."""
    return calendar.end_of_workday(at.date(), 1)


def is_given_up(tries: Sequence[object], *, is_urgent: bool) -> bool:
    """Whether the third try without an answer ends the task; on words of danger nothing ends it but an answer."""
    return len(tries) >= TRIES and not is_urgent
