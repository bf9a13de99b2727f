"""Who may change the rules, in which order, and from which day may a new version hold?

One person drafts and submits, a second one decides (双人); a version that stands is never written over, only followed
by the next. A return to an earlier version is a change like any other, with that version's content.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted

OPEN_STATES = frozenset({"draft", "submitted"})
LONGEST_ANSWER = 1_000
STATE_WORDS = {
    "draft": "草稿",
    "submitted": "待批准",
    "approved": "已批准",
    "refused": "未批准",
    "withdrawn": "已撤回",
}
READERS_OF_CASES = frozenset({Role.CITY_SUPERVISOR, Role.AUDITOR})
# clocks, grades and categories are looked up by the day an appeal was entered: a version begins with a whole day
FROM_TOMORROW = frozenset({"limits", "grading", "categories"})
LONGEST_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Span:
    """A version, and the days on which it holds.

    Attributes:
        since: its first day.
        until: the first day on which it no longer holds; None while nothing follows. Not after `since`: it never holds.
    """

    version: int
    since: date
    until: date | None

    def state(self, today: date) -> str:
        """`now`, `coming`, `past`, or `never` for a version that was replaced before its first day."""
        if self.until is not None and self.until <= self.since:
            return "never"
        if self.since > today:
            return "coming"
        return "now" if self.until is None or today < self.until else "past"


def spans_of(versions: Iterable[tuple[int, date]]) -> list[Span]:
    """From when until when each version holds, newest first: on every day the highest one that has begun holds."""
    found: list[Span] = []
    until: date | None = None
    for version, since in sorted(versions, reverse=True):
        found.append(Span(version, since, until))
        until = since if until is None else min(since, until)
    return found


def earliest_day(kind: str, today: date) -> date:
    """The first day from which a version approved today may hold."""
    return today + timedelta(days=1) if kind in FROM_TOMORROW else today


def check_effective_from(kind: str, day: date, today: date) -> None:
    """Refuse a first day in the past, or one that nobody plans for.

    Raises:
        BadInput: on `effective_from`.
    """
    earliest = earliest_day(kind, today)
    if day < earliest:
        why = "当天进来的诉求已经按现行规则算过，" if kind in FROM_TOMORROW else "不能早于今天，"
        raise BadInput("effective_from", f"{why}最早从 {earliest:%Y-%m-%d} 起生效。")
    if day > today + LONGEST_AHEAD:
        raise BadInput("effective_from", "生效日期最多提前一年定。")


def is_maker(actor: Actor, made_by: int) -> bool:
    """Did this person draft the change?"""
    return actor.user_id is not None and actor.user_id == made_by


def check_can_change_rules(actor: Actor) -> None:
    """Rules are changed by the city's supervisors, each under their own name.

    Raises:
        NotPermitted.
    """
    if actor.role is not Role.CITY_SUPERVISOR or actor.user_id is None:
        raise NotPermitted("规则由市级派单督办岗位修订，您可以查看。")


def check_can_edit(actor: Actor, *, made_by: int, state: str) -> None:
    """Only the drafter writes in a draft.

    Raises:
        NotPermitted, NotAllowed.
    """
    check_can_change_rules(actor)
    if not is_maker(actor, made_by):
        raise NotPermitted("草稿由起草人修改；要换人，请先撤回再重新起草。")
    if state != "draft":
        raise NotAllowed(f"这份修订{STATE_WORDS[state]}，不能再改；要改请撤回后重新起草。")


def check_can_decide(actor: Actor, *, made_by: int, state: str) -> None:
    """A second supervisor of the city decides; never the drafter.

    Raises:
        NotPermitted, NotAllowed.
    """
    check_can_change_rules(actor)
    if is_maker(actor, made_by):
        raise NotPermitted("规则修订须由另一位市级派单督办批准，起草人不能批自己的。")
    if state != "submitted":
        raise NotAllowed(f"这份修订{STATE_WORDS[state]}，现在不能批。")


def check_can_withdraw(actor: Actor, *, made_by: int, state: str) -> None:
    """The drafter takes back what is not decided; a colleague may clear away a draft that lies about.

    Raises:
        NotPermitted, NotAllowed.
    """
    check_can_change_rules(actor)
    if state == "submitted" and not is_maker(actor, made_by):
        raise NotPermitted("已提交的修订由起草人撤回；您可以批准或不批准。")
    if state not in OPEN_STATES:
        raise NotAllowed(f"这份修订{STATE_WORDS[state]}，不能撤回；要改回去请用“退回旧版本”。")


def check_reason(reason: str) -> None:
    """Whoever decides must read why.

    Raises:
        BadInput: on `reason`.
    """
    if len(reason.strip()) < 4:
        raise BadInput("reason", "请写明为什么改、依据是什么，至少四个字。")
    if len(reason) > 1000:
        raise BadInput("reason", "理由最多 1000 字。")


def check_answer(answer: str) -> None:
    """What is said to the drafter has a limit, and nothing of it is cut in silence.

    Raises:
        BadInput: on `answer`.
    """
    if len(answer) > LONGEST_ANSWER:
        raise BadInput("answer", f"意见最多 {LONGEST_ANSWER} 字，现在 {len(answer)} 字，请删短一些。")


def check_is_based_on_newest(based_on: int, newest: int) -> None:
    """Refuse a change of a version that another one has followed meanwhile.

    Raises:
        NotAllowed.
    """
    if based_on != newest:
        raise NotAllowed(
            f"起草后规则已经出了第 {newest} 版，这份按第 {based_on} 版改的修订不能批准，请起草人重新起草。"
        )


def check_past_day(day: date, *, today: date, reason: str) -> None:
    """A day that is over is not counted otherwise afterwards, unless somebody says why.

    Raises:
        BadInput: on `past_reason`.
    """
    if day < today and len(reason.strip()) < 4:
        raise BadInput(
            "past_reason",
            f"{day:%Y-%m-%d} 已经过去，改它会让办过的日子重新算；确要补改，请写明为什么，至少四个字。",
        )
