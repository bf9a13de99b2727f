"""How does a shared need go on, to which end, and who may take it there?

proposed 待研判 → taken up 已采纳 → answered 已答复 → done 已办成 → fed back 已反馈. What was heard wrongly is
dismissed; what is the same as another need is merged into it, and can be taken apart again. An answer may be skipped
where the matter is simply done.
"""

from __future__ import annotations

from enum import StrEnum

from gongqing.appeals.rules.permissions import HANDLERS, SUPERVISORS
from gongqing.audit.actor import Actor, Role
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted


class NeedState(StrEnum):
    """Where a shared need stands; `STATE_WORDS` has the trade's words."""

    PROPOSED = "proposed"
    TAKEN_UP = "taken_up"
    ANSWERED = "answered"
    DONE = "done"
    FED_BACK = "fed_back"
    DISMISSED = "dismissed"
    MERGED = "merged"


STATE_WORDS: dict[NeedState, str] = {
    NeedState.PROPOSED: "待研判",
    NeedState.TAKEN_UP: "已采纳",
    NeedState.ANSWERED: "已答复",
    NeedState.DONE: "已办成",
    NeedState.FED_BACK: "已反馈",
    NeedState.DISMISSED: "不成立",
    NeedState.MERGED: "已并入",
}
TRACK = (NeedState.PROPOSED, NeedState.TAKEN_UP, NeedState.ANSWERED, NeedState.DONE, NeedState.FED_BACK)
FOLLOWS: dict[NeedState, frozenset[NeedState]] = {
    NeedState.PROPOSED: frozenset({NeedState.TAKEN_UP, NeedState.DISMISSED}),
    NeedState.TAKEN_UP: frozenset({NeedState.ANSWERED, NeedState.DONE, NeedState.DISMISSED}),
    NeedState.ANSWERED: frozenset({NeedState.ANSWERED, NeedState.DONE}),
    NeedState.DONE: frozenset({NeedState.FED_BACK}),
    NeedState.FED_BACK: frozenset(),
    NeedState.DISMISSED: frozenset(),
    NeedState.MERGED: frozenset(),
}
GROWS = frozenset({NeedState.PROPOSED, NeedState.TAKEN_UP, NeedState.ANSWERED, NeedState.DONE})
"""States in which new voices join by themselves."""
SETTLED = frozenset({NeedState.FED_BACK, NeedState.DISMISSED, NeedState.MERGED})
"""States in which nothing is owed any more."""
NOT_COUNTED = frozenset({NeedState.DISMISSED, NeedState.MERGED})
"""States of what is no shared need of its own."""
READERS = HANDLERS | {Role.AUDITOR}
LONGEST = 500


def check_can_move(state: str, *, to: NeedState) -> None:
    """Refuse a step that does not follow.

    Raises:
        NotAllowed.
    """
    if state == to:
        raise NotAllowed(f"这项共性需求已经是“{STATE_WORDS[to]}”，不用再做一次。")
    if to not in FOLLOWS[NeedState(state)]:
        raise NotAllowed(f"这项共性需求现在是“{STATE_WORDS[NeedState(state)]}”，不能改为“{STATE_WORDS[to]}”。")


def check_grows(state: str) -> None:
    """Refuse to change what a need is made of when it has come to its end.

    Raises:
        NotAllowed.
    """
    if NeedState(state) not in GROWS:
        raise NotAllowed(f"这项共性需求现在是“{STATE_WORDS[NeedState(state)]}”，里面的件不能再动。")


def can_keep(actor: Actor, path: str) -> bool:
    """Is it a supervisor of the union that the need belongs to, or of one above?"""
    if actor.role in (Role.CITY_SUPERVISOR, Role.SYSTEM):
        return True
    return actor.role in SUPERVISORS and bool(actor.path) and path.startswith(actor.path)


def check_can_keep(actor: Actor, path: str) -> None:
    """Shared needs are taken on by the supervisors of the union that they belong to, and of those above.

    Raises:
        NotPermitted.
    """
    if not can_keep(actor, path):
        raise NotPermitted("共性需求由所属工会和上级工会的派单督办岗位研判办理。")


def check_can_read(actor: Actor) -> None:
    """Shared needs are for those who handle and supervise, and for auditors.

    Raises:
        NotPermitted.
    """
    if actor.role not in READERS:
        raise NotPermitted("共性需求由经办和督办岗位查看。")


def check_words(words: str, *, field: str, asked: str, least: int = 4) -> str:
    """What somebody wrote, tidied by the caller.

    Raises:
        BadInput: on the field, when it says nothing or too much.
    """
    if len(words) < least:
        raise BadInput(field, asked)
    if len(words) > LONGEST:
        raise BadInput(field, f"最多写 {LONGEST} 个字，现在是 {len(words)} 个。")
    return words
