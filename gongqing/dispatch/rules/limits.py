"""How much time does each step have, who may grant more, and what may stop the clock?

A policy is one version of these rows (期限口径), in force from a day on; a city edits the rows, never the code. The
first version is `first_policy.FIRST_POLICY`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from gongqing.dispatch.rules.levels import Level, is_at_least
from gongqing.lib.choices import Choice
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of
from gongqing.lib.workdays import end_of_day


class Unit(Choice):
    """What a limit is counted in."""

    WORKDAYS = "workdays", "个工作日"
    WORKING_HOURS = "working_hours", "工时"
    NATURAL_MINUTES = "natural_minutes", "分钟"
    NATURAL_HOURS = "natural_hours", "小时"
    NATURAL_DAYS = "natural_days", "天"


_UNITS = {each.value: each for each in Unit}


class ClockName(Choice):
    """The four clocks of an appeal."""

    SIGN = "sign", "签收"
    CONTACT = "contact", "首次联系"
    REPORT = "report", "阶段报告"
    CLOSE = "close", "办结"


class PauseReason(Choice):
    """The only three reasons that stop a clock (domain 3.2)."""

    WAITING_FOR_MATERIAL = "waiting_for_material", "待职工补充材料"
    MOVED_TO_LEGAL_PROCEDURE = "moved_to_legal_procedure", "转仲裁、监察或诉讼"
    AGREED_MEDIATION_EXTENSION = "agreed_mediation_extension", "双方同意延长调解"


@dataclass(frozen=True, slots=True)
class Limit:
    """So much time, and why.

    Attributes:
        amount: how many units; not negative.
        unit: what is counted.
        basis: where it comes from, in Chinese.
    """

    amount: float
    unit: Unit
    basis: str = ""

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("a limit is not negative")

    @property
    def words(self) -> str:
        """`7 个工作日`, `30 分钟`."""
        return f"{self.amount:g} {self.unit.label}"

    def to_json(self) -> dict[str, Any]:
        return {"amount": self.amount, "unit": self.unit.value, "basis": self.basis}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Limit:
        """The limit of a stored row.

        Raises:
            ValueError: when the unit is not known or the amount is negative.
        """
        unit = _UNITS.get(row["unit"])
        if unit is None:
            raise ValueError(f"unknown unit: {row['unit']}")
        return cls(row["amount"], unit, row.get("basis", ""))


@dataclass(frozen=True, slots=True)
class GradeRow:
    """The limits of one grade.

    Attributes:
        grade: green, yellow, orange or red.
        report: until the first phase report; None when the grade asks for none.
        report_every: from each report to the next.
        close_cap: the closing limit is the category's, and never more than this; its unit wins.
        extension_by: the level that grants more time (a higher one may too).
        extension_cap: the most that may be granted; None: as much as the original limit.
        supervised_by: the level that watches.
        copied_to: who gets a copy, in Chinese.
        review: whether the closing is reviewed before the appeal counts as resolved.
    """

    grade: str
    sign: Limit
    contact: Limit
    report: Limit | None
    report_every: Limit | None
    close_cap: Limit | None
    extension_by: str
    extension_cap: Limit | None
    supervised_by: str
    copied_to: tuple[str, ...] = ()
    review: bool = False


@dataclass(frozen=True, slots=True)
class SpecialRow:
    """A limit for appeals that hit a grading rule or came by a channel; the shorter one counts."""

    clock: str
    limit: Limit
    rules: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PauseRow:
    """A reason that stops the clock, and for how long at most; None: until it is lifted or the agreed day."""

    reason: str
    longest: Limit | None
    basis: str


@dataclass(frozen=True, slots=True)
class HotlineRow:
    """The closing limit of one kind of hotline matter (一般、难点、特别复杂), in working days."""

    kind: str
    close: Limit


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of all limits; `effective_to` is the first day it no longer holds."""

    version: int
    effective_from: date
    grades: tuple[GradeRow, ...]
    specials: tuple[SpecialRow, ...] = ()
    pauses: tuple[PauseRow, ...] = ()
    return_within: Limit = field(default_factory=lambda: Limit(1, Unit.WORKDAYS))
    ceiling_days: int = 60
    ceiling_extension_days: int = 30
    extensions_at_most: int = 1
    effective_to: date | None = None
    hotline: tuple[HotlineRow, ...] = ()

    def of_grade(self, grade: str) -> GradeRow:
        """The row of a grade.

        Raises:
            ValueError: when the policy has none.
        """
        for row in self.grades:
            if row.grade == grade:
                return row
        raise ValueError(f"no limits for grade {grade!r}")

    def of_hotline(self, kind: str) -> HotlineRow | None:
        """The row of a kind of hotline matter; None when the policy has none for it."""
        return next((row for row in self.hotline if row.kind == kind), None)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, from which `from_json` makes an equal policy."""
        row = asdict(self)
        row["effective_from"] = self.effective_from.isoformat()
        row["effective_to"] = self.effective_to and self.effective_to.isoformat()
        return row

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Policy:
        """The policy of a stored row.

        Raises:
            ValueError, KeyError: when the row is not a policy.
        """
        until = row.get("effective_to")
        return cls(
            version=row["version"],
            effective_from=date.fromisoformat(row["effective_from"]),
            effective_to=date.fromisoformat(until) if until else None,
            grades=tuple(GradeRow(**_with_limits(each)) for each in row["grades"]),
            specials=tuple(SpecialRow(**_with_limits(each)) for each in row["specials"]),
            pauses=tuple(PauseRow(**_with_limits(each)) for each in row["pauses"]),
            return_within=Limit.from_json(row["return_within"]),
            ceiling_days=row["ceiling_days"],
            ceiling_extension_days=row["ceiling_extension_days"],
            extensions_at_most=row["extensions_at_most"],
            # versions before the hotline's own limits have no such rows
            hotline=tuple(HotlineRow(**_with_limits(each)) for each in row.get("hotline", ())),
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one appeal."""

    sign: Limit
    contact: Limit
    report: Limit | None
    report_every: Limit | None
    close: Limit

    def of(self, clock: str) -> Limit | None:
        """The limit of a clock; None when the appeal has no such clock."""
        return {"sign": self.sign, "contact": self.contact, "report": self.report, "close": self.close}[clock]


def policy_in_force(policies: Iterable[Policy], day: date) -> Policy:
    """The policy that holds on a day: of those in force, the highest version.

    Raises:
        ValueError: when none holds.
    """
    held = [
        each for each in policies if each.effective_from <= day and (not each.effective_to or day < each.effective_to)
    ]
    if not held:
        raise ValueError(f"no policy in force on {day}")
    return max(held, key=lambda each: each.version)


def limits_for(
    policy: Policy,
    *,
    grade: str,
    category_days: int,
    category: str = "",
    rules: Collection[str] = (),
    channel: str = "",
    hotline_kind: str = "",
) -> Limits:
    """The limits of one appeal.

    Args:
        grade: green, yellow, orange or red.
        category_days: the closing limit of the category, in working days.
        category: its code, for the explanation.
        rules: the grading rules that were hit; G11 and G12 shorten the first contact to 30 minutes.
        channel: where it came from; a talk (职工说事) must be answered in 5 working days, closed or not.
        hotline_kind: the kind of a hotline matter; its limit stands in for the category's, under the grade's cap.
    """
    row = policy.of_grade(grade)
    hotline = policy.of_hotline(hotline_kind) if hotline_kind else None
    named = f"{category} 类别时限" if category else "类别时限"
    days = hotline.close.amount if hotline else category_days
    closing = _closing(row, days, hotline.close.basis if hotline else named)
    made = Limits(row.sign, row.contact, row.report, row.report_every, closing)
    for special in policy.specials:
        known = made.of(special.clock)
        is_meant = channel in special.channels or not set(rules).isdisjoint(special.rules)
        if is_meant and (known is None or roughly(special.limit) < roughly(known)):
            made = replace(made, **{special.clock: special.limit})
    return made


def roughly(limit: Limit) -> timedelta:
    """A limit as natural time, good only for telling which of two is shorter."""
    return (
        limit.amount
        * {
            Unit.NATURAL_MINUTES: timedelta(minutes=1),
            Unit.NATURAL_HOURS: timedelta(hours=1),
            Unit.WORKING_HOURS: timedelta(hours=1),
            Unit.NATURAL_DAYS: timedelta(days=1),
            Unit.WORKDAYS: timedelta(days=1),
        }[limit.unit]
    )


def pause_row(policy: Policy, reason: str) -> PauseRow:
    """What a reason for pausing allows.

    Raises:
        BadInput: on `reason`, when it is none of the three.
    """
    for row in policy.pauses:
        if row.reason == reason:
            return row
    allowed = "、".join(PauseReason.label_of(row.reason) for row in policy.pauses)
    raise BadInput("reason", f"只有这几种情况可以暂停计时：{allowed}。")


def extension_cap(policy: Policy, *, grade: str, original: Limit) -> Limit:
    """The most time that may be granted, in the unit of the closing clock."""
    cap = policy.of_grade(grade).extension_cap
    if cap is None or cap.amount >= original.amount:
        return Limit(original.amount, original.unit, "延期不超过原时限")
    return Limit(cap.amount, original.unit, cap.basis)


def check_can_ask_extension(policy: Policy, *, grade: str, original: Limit, granted: int, amount: float) -> None:
    """Refuse a request for more time that no one could grant.

    Args:
        granted: how many extensions the appeal has had.
        amount: how much is asked, in the unit of the closing clock.

    Raises:
        NotAllowed: when the appeal has had its extension.
        BadInput: on `amount`, when more is asked than may be granted.
    """
    if granted >= policy.extensions_at_most:
        raise NotAllowed(f"每件诉求最多延期 {policy.extensions_at_most} 次，这件已经延过。")
    most = extension_cap(policy, grade=grade, original=original)
    if not 0 < amount <= most.amount:
        raise BadInput("amount", f"这件最多可延 {most.words}，请填 1 到 {most.amount:g}。")


def check_can_grant_extension(policy: Policy, *, grade: str, level: str) -> None:
    """Refuse a decision by a level below the one the grade asks for.

    Raises:
        NotPermitted: when the level is too low.
    """
    least = policy.of_grade(grade).extension_by
    if not is_at_least(level, least):
        raise NotPermitted(f"这一级诉求的延期由{Level.label_of(least)}以上批准。")


def legal_ceiling(policy: Policy, received_at: datetime, *, is_extended: bool = False) -> datetime:
    """The moment no platform limit may pass: 60 natural days after receipt, 90 when extended (信访工作条例 第34条)."""
    days = policy.ceiling_days + (policy.ceiling_extension_days if is_extended else 0)
    return end_of_day(day_of(received_at) + timedelta(days=days))


def ceiling_of(
    policy: Policy, clock: str, *, received_at: datetime, is_extended: bool, is_reopened: bool
) -> datetime | None:
    """The legal ceiling that holds for a clock: the closing clock's in the first round; None for every other."""
    if clock != ClockName.CLOSE or is_reopened:
        return None
    return legal_ceiling(policy, received_at, is_extended=is_extended)


def _closing(row: GradeRow, days: float, named: str) -> Limit:
    if row.close_cap is None:
        return Limit(days, Unit.WORKDAYS, f"{days:g} 个工作日：{named}")
    amount, unit = min(days, row.close_cap.amount), row.close_cap.unit
    return Limit(amount, unit, f"{amount:g} {unit.label}：{named}与{row.close_cap.basis}取较短")


def _with_limits(row: Mapping[str, Any]) -> dict[str, Any]:
    """A stored row with its limits as values and its lists as tuples."""
    made: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            made[name] = Limit.from_json(value)
        else:
            made[name] = tuple(value) if isinstance(value, list | tuple) else value
    return made
