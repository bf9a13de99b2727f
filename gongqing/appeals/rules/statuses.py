"""Where can an appeal stand, and where may it go from there?"""

from __future__ import annotations

from enum import StrEnum

from gongqing.lib.errors import NotAllowed


class Status(StrEnum):
    """The stops of an appeal; `STATUS_WORDS` has the trade's words."""

    TRIAGE = "triage"
    CLASSIFIED = "classified"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    IN_PROGRESS = "in_progress"
    PAUSED = "paused"
    RETURNED = "returned"
    IN_REVIEW = "in_review"
    RESOLVED = "resolved"
    AWAITING_EVALUATION = "awaiting_evaluation"
    ARCHIVED = "archived"
    REOPENED = "reopened"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    INVALID = "invalid"
    TRACKED = "tracked"


STATUS_WORDS: dict[Status, str] = {
    Status.TRIAGE: "待分类",
    Status.CLASSIFIED: "待派单",
    Status.DISPATCHED: "待签收",
    Status.SIGNED: "已签收",
    Status.IN_PROGRESS: "办理中",
    Status.PAUSED: "暂停",
    Status.RETURNED: "已退回",
    Status.IN_REVIEW: "待审核",
    Status.RESOLVED: "已办结",
    Status.AWAITING_EVALUATION: "待评价",
    Status.ARCHIVED: "已归档",
    Status.REOPENED: "退回重办",
    Status.MERGED: "已合并",
    Status.WITHDRAWN: "已撤回",
    Status.INVALID: "无效",
    Status.TRACKED: "转外部跟踪",
}

_T = Status
_ENDABLE = frozenset({_T.WITHDRAWN, _T.MERGED, _T.INVALID})
_HANDLED = frozenset({_T.IN_REVIEW, _T.RESOLVED, _T.TRACKED, _T.PAUSED, _T.RETURNED, _T.DISPATCHED})
# from where an appeal may be merged into another, and to where it returns when it is taken out again
_JOINABLE = frozenset(
    {
        *(_T.TRIAGE, _T.CLASSIFIED, _T.DISPATCHED, _T.SIGNED, _T.IN_PROGRESS),
        *(_T.PAUSED, _T.RETURNED, _T.REOPENED, _T.TRACKED),
    }
)

TRANSITIONS: dict[Status, frozenset[Status]] = {
    _T.TRIAGE: frozenset({_T.CLASSIFIED}) | _ENDABLE,
    _T.CLASSIFIED: frozenset({_T.DISPATCHED, _T.TRIAGE}) | _ENDABLE,
    _T.DISPATCHED: frozenset({_T.SIGNED, _T.RETURNED, _T.DISPATCHED, _T.CLASSIFIED}) | _ENDABLE,
    _T.SIGNED: frozenset({_T.IN_PROGRESS}) | _HANDLED | _ENDABLE,
    _T.IN_PROGRESS: _HANDLED | _ENDABLE,
    _T.PAUSED: frozenset({_T.IN_PROGRESS, _T.DISPATCHED, _T.TRACKED}) | _ENDABLE,
    _T.RETURNED: frozenset({_T.DISPATCHED, _T.REOPENED, _T.CLASSIFIED}) | _ENDABLE,
    _T.IN_REVIEW: frozenset({_T.RESOLVED, _T.IN_PROGRESS, _T.WITHDRAWN, _T.INVALID}),
    _T.RESOLVED: frozenset({_T.AWAITING_EVALUATION, _T.ARCHIVED, _T.REOPENED}),
    _T.AWAITING_EVALUATION: frozenset({_T.ARCHIVED, _T.REOPENED}),
    _T.REOPENED: frozenset({_T.REOPENED, _T.SIGNED, _T.RETURNED}) | _ENDABLE,
    _T.TRACKED: frozenset({_T.IN_PROGRESS, _T.IN_REVIEW, _T.RESOLVED}) | _ENDABLE,
    _T.ARCHIVED: frozenset(),
    _T.MERGED: _JOINABLE | {_T.RESOLVED, _T.WITHDRAWN},
    _T.WITHDRAWN: frozenset(),
    _T.INVALID: frozenset(),
}

OPEN = frozenset(status for status in Status if status not in {_T.ARCHIVED, _T.MERGED, _T.WITHDRAWN, _T.INVALID})
CLOSED = frozenset(Status) - OPEN
BEING_HANDLED = frozenset({_T.SIGNED, _T.IN_PROGRESS})
JOINABLE = _JOINABLE
ANSWERED = frozenset({_T.RESOLVED, _T.AWAITING_EVALUATION, _T.ARCHIVED})


# a step that was taken before, in the user's words, and where an appeal stands that has it behind it
_AFTER_SIGNING = frozenset({_T.SIGNED, _T.IN_PROGRESS, _T.PAUSED, _T.IN_REVIEW, _T.TRACKED}) | ANSWERED
_TAKEN: dict[Status, tuple[str, frozenset[Status]]] = {
    _T.TRIAGE: ("已经在等分类了", frozenset({_T.TRIAGE})),
    _T.CLASSIFIED: ("已经确认过分类了", frozenset({_T.CLASSIFIED})),
    _T.SIGNED: ("已经签收过了", _AFTER_SIGNING),
    _T.IN_PROGRESS: ("已经在办了", frozenset({_T.IN_PROGRESS})),
    _T.PAUSED: ("已经暂停了", frozenset({_T.PAUSED})),
    _T.TRACKED: ("已经转外部跟踪了", frozenset({_T.TRACKED})),
    _T.RETURNED: ("已经退回了", frozenset({_T.RETURNED})),
    _T.IN_REVIEW: ("已经送审了", frozenset({_T.IN_REVIEW})),
    _T.RESOLVED: ("已经办结过了", ANSWERED),
    _T.AWAITING_EVALUATION: ("已经请职工评价了", frozenset({_T.AWAITING_EVALUATION})),
    _T.REOPENED: ("已经退回重办了", frozenset({_T.REOPENED})),
    _T.ARCHIVED: ("已经归档了", frozenset({_T.ARCHIVED})),
    _T.WITHDRAWN: ("已经撤回了", frozenset({_T.WITHDRAWN})),
    _T.INVALID: ("已经判为无效了", frozenset({_T.INVALID})),
    _T.MERGED: ("已经合并了", frozenset({_T.MERGED})),
}


def check_can_move(status: str, *, to: Status) -> None:
    """Refuse a step the table does not have.

    Raises:
        NotAllowed: with the present state in the user's words.
    """
    here = Status(status)
    if to in TRANSITIONS[here]:
        return
    taken, behind = _TAKEN.get(to, ("", frozenset()))
    if here in behind:
        raise NotAllowed(f"这件诉求{taken}，现在是“{STATUS_WORDS[here]}”。")
    raise NotAllowed(f"这件诉求现在是“{STATUS_WORDS[here]}”，不能变为“{STATUS_WORDS[to]}”。")


def check_open(status: str) -> None:
    """Refuse anything on an appeal that has ended.

    Raises:
        NotAllowed: archived, merged, withdrawn or invalid.
    """
    if Status(status) not in OPEN:
        raise NotAllowed(f"这件诉求“{STATUS_WORDS[Status(status)]}”，不能再办理。")


def check_takes_words(status: str) -> None:
    """Refuse words and files for an appeal that has ended; a merged one goes on within its lead case.

    Raises:
        NotAllowed: archived, withdrawn or invalid.
    """
    if status != Status.MERGED:
        check_open(status)
