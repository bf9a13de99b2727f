"""When may a matter be raised or taken over, and what can a supervisor do to several at once?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.dispatch.rules.levels import Level, level_above
from gongqing.lib.errors import BadInput, NotAllowed

STILL = frozenset({Status.PAUSED, Status.IN_REVIEW, Status.TRACKED, Status.RESOLVED, Status.AWAITING_EVALUATION})
SHORTEST_REASON = 2
MOST_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that a supervisor does to the cases that were chosen.

    Attributes:
        told: what the answer says of a case where it was done.
        note: the words that stand in the form, to be changed.
        key: the letter that presses it.
        meaning: what it does, in a sentence.
        is_placed: whether an organisation must be named.
    """

    label: str
    told: str
    note: str
    key: str
    meaning: str
    is_placed: bool = False


VERBS: Mapping[str, Verb] = {
    "urge": Verb(
        "催办",
        "已催办，办理单位收到提醒",
        "请今天内联系职工，并报告进展。",
        "u",
        "提醒办理单位抓紧，四小时内同一人只能催一次。",
    ),
    "supervise": Verb(
        "督办",
        "督办单已发出",
        "请两个工作日内办出结果，并回复怎么办、几时办完。",
        "s",
        "向办理单位发督办单，要求限期回复。",
    ),
    "raise": Verb(
        "升级",
        "已提到上一级办理",
        "下级办理超期，提级办理。",
        "e",
        "提级办理：由办理单位的上一级主办，原单位协办；办结期限接着算，不重新起算。",
    ),
    "take-over": Verb(
        "接管",
        "已由您的单位接管主办",
        "情况紧急，由本级接管办理。",
        "g",
        "由您的单位主办，原单位协办；办结期限接着算，不重新起算。",
    ),
    "transfer": Verb(
        "转办",
        "已转办",
        "由更合适的单位办理。",
        "t",
        "转给您指定的单位主办；签收和联系重新起算，办结期限接着算。",
        is_placed=True,
    ),
}


def check_reason(reason: str) -> None:
    """A change of hands says why.

    Raises:
        BadInput.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput("reason", "请写明理由，至少两个字。")


def check_can_change_hands(status: str) -> None:
    """Only what is waiting to be signed or being handled changes hands.

    Raises:
        NotAllowed: it stands still, or has its answer.
    """
    if Status(status) in STILL:
        hint = "，请先恢复计时" if Status(status) is Status.PAUSED else ""
        raise NotAllowed(f"这件诉求现在是“{STATUS_WORDS[Status(status)]}”，不能换单位办{hint}。")


def rung_above(level: str) -> Level:
    """The level that a matter is raised to.

    Raises:
        NotAllowed: the city holds it; there is nobody above.
    """
    above = level_above(level)
    if above is None:
        raise NotAllowed("这件诉求已经由市级主办，上面没有可提的一级。")
    return above
