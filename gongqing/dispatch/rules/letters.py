"""How is an official letter numbered, who issues it, and what may it say of a worker who is shielded?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gongqing.appeals.rules.statuses import ANSWERED, Status, check_open
from gongqing.audit.actor import Actor, Role
from gongqing.lib import masks
from gongqing.lib.characters import upright
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of, local

LONGEST_ADDRESSEE = 64
LONGEST_REMARK = 500
HOTLINE = "12351"
ISSUING = frozenset({"city_union", "county_union", "town_union", "industrial_union", "federation", "grassroots_union"})
_ENDINGS = re.compile(r"(?:[市县区镇乡]?总工会|街道总工会|工会联合会|联合工会|工会委员会|工会)$")
_NUMBERS = re.compile(r"(?<!\d)(?:1\d{10}|\d{17}[\dXx])(?!\d)")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_WEEKDAYS = "一二三四五六日"


class LetterName(StrEnum):
    """The letters that are made of an appeal."""

    ACCEPTANCE = "acceptance"
    ASSIGNMENT = "assignment"
    ANSWER = "answer"
    HANDOVER = "handover"


SIGNS = {LetterName.ACCEPTANCE: "受", LetterName.ASSIGNMENT: "交", LetterName.ANSWER: "复", LetterName.HANDOVER: "转"}
TO_THE_WORKER = frozenset({LetterName.ACCEPTANCE, LetterName.ANSWER})


@dataclass(frozen=True, slots=True)
class LetterWords:
    """What a letter says, every value as it is to be read.

    Attributes:
        reference: its number; in a draft with a blank in its place.
        name, phone: of the worker; empty where the letter must not name him or her.
        text: the worker's words, line by line.
        due, sign_by, contact_by, return_by: deadlines in words; empty for those that do not run.
        above: who reviews an answer (复查).
        is_dispute: whether arbitration is open to the worker.
        remark: what the issuer adds.
        copies: who gets a copy (抄送).
    """

    reference: str
    issuer: str
    addressee: str
    signed_on: date
    kind: str
    code: str
    title: str
    received_on: date
    channel: str
    category: str
    grade: str
    employer: str
    place: str
    name: str
    phone: str
    text: Sequence[str]
    is_shielded: bool
    handler: str
    handler_phone: str
    due: str
    sign_by: str
    contact_by: str
    return_by: str
    above: str
    query_url: str
    is_dispute: bool
    contact: str
    contact_phone: str
    result: Sequence[str] = ()
    outcome: str = ""
    recovered: str = ""
    request: str = ""
    outside_number: str = ""
    remark: str = ""
    copies: str = ""


def mark_of(name: str, given: str = "") -> str:
    """What an organisation's numbers begin with (机关代字): the mark it was given, else `北仑工` of 北仑区总工会."""
    if given:
        return given
    stem = _ENDINGS.sub("", name.strip()) or name.strip()
    return f"{stem[:12]}工"


def reference_of(mark: str, letter: LetterName, year: int, number: int | None) -> str:
    """`甬工诉受〔2026〕12号`; without a number, the blank of a draft."""
    return f"{mark}诉{SIGNS[letter]}〔{year}〕{number or '　'}号"


def day_words(day: date) -> str:
    """`2026年11月22日`, as letters are dated."""
    return f"{day.year}年{day.month}月{day.day}日"


def deadline_words(due_at: datetime | None) -> str:
    """`2026年11月22日（星期日）`, with the hour where it is not the end of a day; empty for none."""
    if due_at is None:
        return ""
    here = local(due_at)
    is_midnight = (here.hour, here.minute, here.second) == (0, 0, 0)
    day = day_of(due_at - timedelta(seconds=1)) if is_midnight else here.date()
    clock = "" if is_midnight else f"{here.hour}时{here.minute:02d}分"
    return f"{day_words(day)}（星期{_WEEKDAYS[day.weekday()]}）{clock}"


def money_words(amount: float) -> str:
    """`30240.50元`; fen only when there are any."""
    return f"{amount:.2f}".removesuffix(".00") + "元"


def without_names(text: str, name: str) -> str:
    """Somebody's words without the name, telephone and identity numbers that they hold."""
    hidden = _NUMBERS.sub(lambda found: masks.mask_phone(found.group()) if len(found.group()) == 11 else "****", text)
    return hidden.replace(name, "该职工") if len(name) >= 2 else hidden


def printable(text: str) -> str:
    """The text without characters that no document can hold and those that turn the words around them."""
    return _UNPRINTABLE.sub("", upright(text).replace("\r\n", "\n").replace("\r", "\n"))


def lines_of(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in printable(text).split("\n") if line.strip()]


def check_may_issue(by: Actor, letter: LetterName, *, can_handle: bool, stands_above: bool) -> None:
    """Letters leave in the name of a union: by the handler, or by a supervisor above it; an assignment by the latter.

    Raises:
        NotPermitted.
    """
    if by.role in (Role.DEPARTMENT_LIAISON, Role.SYSTEM):
        raise NotPermitted("公文以工会名义出具，请用本部门自己的公文系统。")
    if not can_handle:
        raise NotPermitted("公文由办理单位或其上级出具。")
    if letter is LetterName.ASSIGNMENT and not stands_above:
        raise NotPermitted("交办单由办理单位的上级派单督办岗位出具。")


def check_can_issue(letter: LetterName, status: str, *, is_own: bool, has_handover: bool) -> None:
    """Each letter has its time.

    Args:
        is_own: whether the issuer itself handles the matter.
        has_handover: whether it was handed to a department.

    Raises:
        NotAllowed.
    """
    check_open(status)
    here = Status(status)
    if letter is LetterName.ANSWER:
        if here not in ANSWERED:
            raise NotAllowed("还没有办结，答复审定以后才能出答复函。")
        return
    if here in ANSWERED or here is Status.IN_REVIEW:
        raise NotAllowed("已经提交办结，不用再出这种公文。")
    if letter is LetterName.ASSIGNMENT and is_own:
        raise NotAllowed("这件由您的单位直接办理，不用交办。")
    if letter is LetterName.HANDOVER and not has_handover:
        raise NotAllowed("还没有转给部门，转部门以后才能出转办函。")


def check_addressee(text: str) -> str:
    """To whom a letter goes, on one line.

    Raises:
        BadInput: nobody, or too long.
    """
    name = " ".join(printable(text).split()).rstrip(":：")
    if not name or len(name) > LONGEST_ADDRESSEE:
        raise BadInput("addressee", f"请写明主送谁，不超过 {LONGEST_ADDRESSEE} 字。")
    return name


def check_remark(text: str) -> str:
    """What the issuer adds; may be empty.

    Raises:
        BadInput: too long.
    """
    words = " ".join(printable(text).split())
    if len(words) > LONGEST_REMARK:
        raise BadInput("remark", f"补充的话不超过 {LONGEST_REMARK} 字。")
    return words
