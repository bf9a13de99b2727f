"""How urgent is a case, and for which reasons? Every point can be read aloud (docs/methods/supervision_board.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

GRADES = {"red": (40, "红级"), "orange": (25, "橙级"), "yellow": (10, "黄级")}
LATE, LATE_SHARE = 10, 20  # for being late at all, and for a delay as long as the limit itself
DUE_TODAY = 8
LEGAL = ((0, 25), (5, 20), (10, 10))  # natural days left until the legal ceiling → points
WORKERS = ((30, 20), (10, 12), (3, 5))
YUAN = ((500_000, 15), (100_000, 10), (30_000, 5))
SUPERVISED, MOST_SUPERVISED = 10, 2
RETURNED, MOST_RETURNED = 5, 2
REOPENED = 10


@dataclass(frozen=True, slots=True)
class Pressing:
    """What is known of a case in hand.

    Attributes:
        late_by: working time past the worst deadline; natural time where the limit itself is natural. None: not late.
        late_share: that delay over the length of its limit, 0 when not late.
        clock: the trade's word for that deadline: 签收, 首次联系, 阶段报告, 办结.
        workday: the length of a working day, for words. None: the delay is natural time.
        legal_days_left: natural days until the law's longest term is over; None when none holds.
        unanswered: supervision orders without an answer.
        returns: how often a handler has returned it.
    """

    grade: str
    late_by: timedelta | None = None
    late_share: float = 0.0
    clock: str = ""
    workday: timedelta | None = timedelta(hours=8)
    is_due_today: bool = False
    legal_days_left: int | None = None
    worker_count: int = 0
    amount: float = 0.0
    unanswered: int = 0
    returns: int = 0
    reopened_count: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Points and the words for them; `number`: `workers` or `amount` where they rest on what was read in the text."""

    words: str
    points: int
    number: str = ""

    def __str__(self) -> str:
        return f"{self.words} +{self.points}"


@dataclass(frozen=True, slots=True)
class Urgency:
    """The sum of its reasons, the heaviest first."""

    points: int
    reasons: Sequence[Reason]


def urgency_of(case: Pressing) -> Urgency:
    """Why and how much a case presses. The points are the sum of the reasons, nothing else."""
    reasons = sorted(_reasons(case), key=lambda each: -each.points)
    return Urgency(sum(each.points for each in reasons), reasons)


def marked(found: Urgency, *, unsure: Collection[str]) -> Urgency:
    """The same with its unsure numbers said to be so. The points stay: a case presses by what it may be about."""
    return Urgency(found.points, [_unsure(each) if each.number in unsure else each for each in found.reasons])


def _unsure(reason: Reason) -> Reason:
    return replace(reason, words=f"{reason.words.replace('涉及 ', '涉及约 ')}（待核）")


def delay_words(late_by: timedelta, workday: timedelta | None) -> str:
    """`2 个工作日`, `3 小时`, `40 分钟`: the largest unit that is full, with a half where it matters.

    Natural time, which has no `workday`, is said in days: `2 天`.
    """
    days = late_by / (workday or timedelta(days=1))
    if days >= 1:
        return f"{_short(days)} {'天' if workday is None else '个工作日'}"
    hours = late_by / timedelta(hours=1)
    return f"{_short(hours)} 小时" if hours >= 1 else f"{max(1, int(hours * 60))} 分钟"


def _reasons(case: Pressing) -> Iterator[Reason]:
    if case.grade in GRADES:
        points, words = GRADES[case.grade]
        yield Reason(words, points)
    if case.late_by is not None:
        words = (
            f"{case.clock}逾期 {delay_words(case.late_by, case.workday)}" if case.late_by else f"{case.clock}刚过期限"
        )
        yield Reason(words, LATE + round(LATE_SHARE * min(1.0, case.late_share)))
    elif case.is_due_today:
        yield Reason("今天到期", DUE_TODAY)
    if case.legal_days_left is not None:
        points = next((points for days, points in LEGAL if case.legal_days_left <= days), 0)
        if points:
            left = case.legal_days_left
            yield Reason(f"离法定最长期限 {left} 天" if left > 0 else "已到法定最长期限", points)
    if points := _step(case.worker_count, WORKERS):
        yield Reason(f"涉及 {case.worker_count} 人", points, "workers")
    if points := _step(case.amount, YUAN):
        yield Reason(f"涉及 {_yuan(case.amount)}", points, "amount")
    if case.unanswered:
        points = SUPERVISED * min(case.unanswered, MOST_SUPERVISED)
        yield Reason("督办没有回复" if case.unanswered == 1 else f"{case.unanswered} 次督办没有回复", points)
    if case.returns:
        yield Reason(f"退回过 {case.returns} 次", RETURNED * min(case.returns, MOST_RETURNED))
    if case.reopened_count:
        yield Reason("不满意重办", REOPENED)


def _step(value: float, steps: Sequence[tuple[float, int]]) -> int:
    return next((points for least, points in steps if value >= least), 0)


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 10 or number == int(number) else f"{number:.1f}".removesuffix(".0")


def _yuan(amount: float) -> str:
    return f"{f'{amount / 10_000:.1f}'.removesuffix('.0')} 万元" if amount >= 10_000 else f"{amount:.0f} 元"
