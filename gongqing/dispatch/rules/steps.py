"""Which one step does this person owe an appeal now, and which others may he or she take?

The pages show the answer as one open form and a row of closed ones; the actions ask again whoever sends them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.permissions import CLASSIFIERS, HANDLERS, RECORDERS_OF_EVALUATION, SUPERVISORS
from gongqing.appeals.rules.statuses import BEING_HANDLED, CLOSED, TRANSITIONS, Status
from gongqing.audit.actor import Role
from gongqing.dispatch.rules.levels import LADDER, is_at_least, level_above
from gongqing.dispatch.rules.outcomes import reviewing_level

_T = Status
UNSIGNED = frozenset({_T.CLASSIFIED, _T.DISPATCHED, _T.RETURNED, _T.REOPENED})
WAITING_FOR_SIGNATURE = frozenset({_T.DISPATCHED, _T.REOPENED})
JUDGEABLE = frozenset({_T.RESOLVED, _T.AWAITING_EVALUATION})
ANSWERABLE = BEING_HANDLED | WAITING_FOR_SIGNATURE | {_T.PAUSED}
CHANGING_HANDS = BEING_HANDLED | WAITING_FOR_SIGNATURE
REOPENINGS = 1


@dataclass(frozen=True, slots=True)
class Situation:
    """How an appeal stands towards one person.

    Attributes:
        status, grade: of the appeal.
        order_status, order_level: of its open main order; empty when nobody has it.
        is_own: the person's organisation holds that order, or follows the matter at a department.
        can_handle: own, or stands above its holder (代办).
        is_assisting: the person's organisation has an open assisting order.
        supervisor_level: town, county or city for supervisors; else empty.
        decider_level: who decides the open extension; empty when none is asked for.
        owes_report: a phase report is due.
        is_hotline: it came by a hotline, so it is ordinary, difficult or very complex.
        has_supervision: a supervision order wants an answer.
    """

    status: Status
    grade: str
    role: Role
    order_status: str = ""
    order_level: str = ""
    is_own: bool = False
    can_handle: bool = False
    is_assisting: bool = False
    supervisor_level: str = ""
    decider_level: str = ""
    has_contacted: bool = False
    has_call_back: bool = False
    has_alerted: bool = False
    has_handover: bool = False
    owes_report: bool = False
    is_reporter: bool = False
    reopened_count: int = 0
    is_hotline: bool = False
    has_supervision: bool = False

    def stands_at(self, level: str) -> bool:
        """Is the person a supervisor of at least this level?"""
        return bool(self.supervisor_level) and is_at_least(self.supervisor_level, level)


def steps_of(here: Situation) -> tuple[str, list[str]]:
    """The step that is owed (empty for none) and the others that may be taken, in the order of the page."""
    owed = _owed(here)
    others = dict.fromkeys(step for step in _possible(here) if step != owed)
    return owed, list(others)


def _owed(here: Situation) -> str:
    if decision := _decision(here):
        return decision
    if here.is_own and here.order_status != "return_asked":
        if here.status in WAITING_FOR_SIGNATURE:
            return "sign"
        if here.status in BEING_HANDLED:
            return "contact" if not here.has_contacted else "report" if here.owes_report else "resolve"
        if here.status == _T.PAUSED:
            return "resume"
        if here.status == _T.TRACKED:
            return "report" if here.owes_report else "resolve"
    return "assisted" if here.is_assisting and here.status not in CLOSED | JUDGEABLE else ""


def _decision(here: Situation) -> str:
    """What waits for somebody who decides."""
    if here.status == _T.TRIAGE and here.role in CLASSIFIERS:
        return "classify"
    if here.status in (_T.CLASSIFIED, _T.RETURNED) and here.supervisor_level:
        return "dispatch"
    if here.order_status == "return_asked" and here.stands_at(level_above(here.order_level) or "city"):
        return "return-decision"
    if here.status == _T.IN_REVIEW and here.stands_at(reviewing_level(here.order_level)):
        return "review"
    if here.decider_level and here.stands_at(here.decider_level):
        return "extension-decision"
    return ""


def _possible(here: Situation) -> Iterator[str]:
    if decision := _decision(here):
        yield decision
    if here.status in CLOSED:
        return
    if here.can_handle and here.has_supervision and here.status not in JUDGEABLE:
        yield "answer-supervision"
    if here.can_handle and here.order_status != "return_asked":
        yield from _handling(here)
        yield from _going_up(here)
    if here.is_assisting and here.status not in JUDGEABLE:
        yield "assisted"
    if here.can_handle or here.is_assisting:
        yield "note"
        yield "message"
        yield "attach"
    if here.has_handover and here.role in HANDLERS:
        yield "handover-state"
    if here.has_call_back and (here.can_handle or here.role is Role.HOTLINE_SEAT):
        yield "call-back"
    yield from _supervising(here)
    yield from _judging(here)


def _handling(here: Situation) -> Iterator[str]:
    if here.status in WAITING_FOR_SIGNATURE:
        yield "sign"
    if here.status in BEING_HANDLED | {_T.PAUSED, _T.TRACKED}:
        yield "contact"
        yield "report"
    if here.status in ANSWERABLE | {_T.TRACKED}:
        yield "resolve"
    if here.status in ANSWERABLE and not here.decider_level:
        yield "extend"
    if here.status in (_T.PAUSED, _T.TRACKED):
        yield "resume"
    elif here.status in BEING_HANDLED:
        yield "pause"
    if here.status in BEING_HANDLED | WAITING_FOR_SIGNATURE:
        yield "return"
    if here.order_status and here.status not in JUDGEABLE | {_T.IN_REVIEW, _T.TRACKED}:
        yield "transfer"
        yield "assist"
        yield "hand-over"
    if Grade(here.grade) >= Grade.ORANGE and not here.has_alerted and here.status not in JUDGEABLE:
        yield "alert"


def _going_up(here: Situation) -> Iterator[str]:
    """The handler itself may say that it is beyond its level; who stands above raises it or takes it over."""
    if here.is_own and here.status in CHANGING_HANDS and here.order_level in LADDER[:-1]:
        yield "pass-up"


def _supervising(here: Situation) -> Iterator[str]:
    if here.status not in JUDGEABLE and here.order_status:
        if here.supervisor_level or here.is_reporter:
            yield "urge"
        if here.supervisor_level:
            yield "supervise"
    if here.supervisor_level and here.can_handle and not here.is_own and here.status in CHANGING_HANDS:
        if here.order_level != here.supervisor_level:
            yield "raise"
        yield "take-over"
    if here.supervisor_level and here.status in UNSIGNED:
        yield "dispatch"
    if here.role in CLASSIFIERS and here.status not in JUDGEABLE:
        yield "classify"
        yield "locate"
        if _T.INVALID in TRANSITIONS[here.status]:
            yield "invalidate"
    if here.is_hotline and here.role in CLASSIFIERS and here.status not in JUDGEABLE:
        yield "hotline-kind"
    if here.is_reporter and _T.WITHDRAWN in TRANSITIONS[here.status]:
        yield "withdraw"


def _judging(here: Situation) -> Iterator[str]:
    if here.status not in JUDGEABLE:
        return
    if here.is_reporter or (here.role in RECORDERS_OF_EVALUATION and not here.is_own):
        yield "evaluate"
    if here.role in SUPERVISORS | {Role.HOTLINE_SEAT} and here.reopened_count < REOPENINGS:
        yield "reopen"
