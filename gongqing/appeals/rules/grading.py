"""How urgent is an appeal, by which rules and on which words?

Grades follow rules kept as rows (`GradeRule`, `FIRST_RULES`); a city edits the rows, never this file. The grade is the
highest of the category's own and of every rule that holds, then raised by the rules that raise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gongqing.appeals.rules.grade_rows import FIRST_ROWS
from gongqing.language.facts import Evidence, Facts, Flag
from gongqing.lib.errors import BadInput, NotPermitted


class Grade(StrEnum):
    """How urgent: green < yellow < orange < red; comparisons follow urgency, not the alphabet."""

    GREEN = "green"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0 for green to 3 for red."""
        return list(Grade).index(self)

    @property
    def title_zh(self) -> str:
        """绿, 黄, 橙 or 红."""
        return "绿黄橙红"[self.rank]

    @property
    def three_colour(self) -> str:
        """绿, 黄 or 红, as 三色预警 shows it: orange and red are both 红."""
        return "绿黄红红"[self.rank]

    def raised(self) -> Grade:
        """One grade higher; red stays red."""
        return list(Grade)[min(self.rank + 1, 3)]

    def __lt__(self, other: str) -> bool:
        return self.rank < Grade(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Grade(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Grade(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Grade(other).rank


class Level(StrEnum):
    """The level of the person who grades, lowest first."""

    GRASSROOTS = "grassroots"
    ZONE = "zone"
    TOWN = "town"
    COUNTY = "county"
    CITY = "city"

    @property
    def rank(self) -> int:
        """0 for the grassroots to 4 for the city."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class GradeRule:
    """One row of the grading table.

    Args:
        id: G02 … G22.
        title_zh: what the officer reads as the reason.
        condition: what must hold, all of it; the keys are those of `CONDITIONS`, and `any` (a list of conditions).
        basis: the law, the account or 本平台方案 that it rests on.
        grade: the least grade when it holds; None for a rule that only raises.
        raise_at_most: raises by one grade, to at most this one; None for a rule that does not raise.
        restricted: the case may be seen only by the few who handle it.
        call_back: a person calls within 30 minutes.
    """

    id: str
    title_zh: str
    condition: Mapping[str, Any]
    basis: str
    grade: Grade | None = None
    raise_at_most: Grade | None = None
    restricted: bool = False
    call_back: bool = False

    def as_row(self) -> dict[str, Any]:
        """The rule as JSON can hold it; `from_row` reads it back to an equal rule."""
        return {
            "id": self.id,
            "title_zh": self.title_zh,
            "condition": dict(self.condition),
            "basis": self.basis,
            "grade": self.grade.value if self.grade else None,
            "raise_at_most": self.raise_at_most.value if self.raise_at_most else None,
            "restricted": self.restricted,
            "call_back": self.call_back,
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> GradeRule:
        """The rule of a row; BadInput names the field that is unknown or wrong."""
        _check_row(row)
        grade, highest = row.get("grade"), row.get("raise_at_most")
        return cls(
            id=str(row["id"]),
            title_zh=str(row["title_zh"]),
            condition=dict(row["condition"]),
            basis=str(row["basis"]),
            grade=Grade(grade) if grade else None,
            raise_at_most=Grade(highest) if highest else None,
            restricted=bool(row.get("restricted")),
            call_back=bool(row.get("call_back")),
        )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the platform knows beside the text.

    Args:
        category: the code of the category, such as LE01; empty while unknown.
        labour_related: False when the matter is none of workers' rights; then only rules of safety apply.
        labour_settled: a person has said so. A reader's no alone does not count in a category of `WORKERS`.
        is_need: a wish for a service (需求), not a complaint.
        submissions_count: how often this person brought this matter, this time included.
        returned_unsatisfied: it was reopened after an unsatisfied evaluation.
        aggregated_workers: people of the same employer and category within 14 days, this appeal included.
        days_to_limitation: days left to the limitation of arbitration or the declaration of an injury.
        staff_count: how many the employer employs, when known.
    """

    category: str = ""
    labour_related: bool = True
    labour_settled: bool = False
    is_need: bool = False
    submissions_count: int = 1
    returned_unsatisfied: bool = False
    aggregated_workers: int = 0
    days_to_limitation: int | None = None
    staff_count: int | None = None


@dataclass(frozen=True, slots=True)
class GradeReason:
    """One rule that holds: its id and title, the grade it asks or reached, and the words and numbers it rests on."""

    rule: str
    title_zh: str
    grade: Grade
    evidence: str
    spans: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Grading:
    """The grade with every reason, and what follows from it."""

    grade: Grade
    reasons: tuple[GradeReason, ...]
    restricted: bool
    needs_call_back: bool


WORKERS = ("LE", "CD", "DP01", "DP02", "DP03", "DP04", "DP05", "SC02")
"""Categories that are matters of workers' rights by their definition."""


def may_concern_rights(category: str, labour_related: bool, *, settled: bool) -> bool:
    """Whether a matter is graded as one of workers' rights: not by a reader's no that its own category contradicts."""
    return labour_related or (not settled and category.startswith(WORKERS))


@dataclass(frozen=True, slots=True)
class _Case:
    facts: Facts
    seen: Circumstances

    @property
    def concerns_rights(self) -> bool:
        seen = self.seen
        return may_concern_rights(seen.category, seen.labour_related, settled=seen.labour_settled)

    @property
    def workers(self) -> int | None:
        known = [count for count in (self.facts.workers, self.seen.aggregated_workers or None) if count is not None]
        return max(known, default=None)

    @property
    def limitation(self) -> int | None:
        known = [days for days in (self.facts.days_to_limitation, self.seen.days_to_limitation) if days is not None]
        return min(known, default=None)

    @property
    def layoff_share(self) -> float:
        count, staff = self.facts.layoff_count, self.seen.staff_count
        return max(self.facts.layoff_share or 0.0, count / staff if count and staff else 0.0)


def _at_least(value: float | None, least: Any) -> bool:
    return value is not None and value >= least


CONDITIONS: Mapping[str, Callable[[_Case, Any], bool]] = {
    "workers_at_least": lambda case, least: _at_least(case.workers, least),
    "workers_unknown_or_at_least": lambda case, least: case.workers is None or case.workers >= least,
    "workers_unknown_or_below": lambda case, limit: case.workers is None or case.workers < limit,
    "amount_at_least": lambda case, least: _at_least(case.facts.amount, least),
    "amount_per_person_at_least": lambda case, least: _at_least(case.facts.amount_per_person, least),
    "amount_unknown": lambda case, wanted: (case.facts.amount is None) is wanted,
    "months_owed_at_least": lambda case, least: _at_least(case.facts.months_owed, least),
    "days_owed_at_least": lambda case, least: _at_least(case.facts.days_owed, least),
    "layoff_count_at_least": lambda case, least: _at_least(case.facts.layoff_count, least),
    "layoff_share_at_least": lambda case, least: case.layoff_share >= least,
    "limitation_days_at_most": lambda case, most: case.limitation is not None and 0 <= case.limitation <= most,
    "submissions_at_least": lambda case, least: case.seen.submissions_count >= least,
    "returned_unsatisfied": lambda case, wanted: case.seen.returned_unsatisfied is wanted,
    "flag": lambda case, flag: case.facts.has(flag),
    "flags_any": lambda case, flags: any(case.facts.has(flag) for flag in flags),
    "labour_related": lambda case, wanted: case.concerns_rights is wanted,
    "is_need": lambda case, wanted: case.seen.is_need is wanted,
    "categories_not": lambda case, codes: not case.seen.category.startswith(tuple(codes)),
    "categories": lambda case, codes: case.seen.category.startswith(tuple(codes)),
}
"""What a condition may ask: key → (case, the row's value) → whether it holds."""

_FIELDS: Mapping[str, str] = {
    "workers_at_least": "workers",
    "workers_unknown_or_at_least": "workers",
    "amount_at_least": "amount",
    "amount_per_person_at_least": "amount_per_person",
    "months_owed_at_least": "months_owed",
    "days_owed_at_least": "days_owed",
    "layoff_count_at_least": "layoff_count",
    "layoff_share_at_least": "layoff_share",
    "limitation_days_at_most": "days_to_limitation",
}

_THRESHOLDS = frozenset(_FIELDS) | {"workers_unknown_or_below", "submissions_at_least"}
_SWITCHES = frozenset({"labour_related", "is_need", "returned_unsatisfied", "amount_unknown"})
_LISTS = frozenset({"flags_any", "categories", "categories_not"})


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, Mapping) or not condition:
        raise BadInput("condition", "条件不能为空，须是“条件名：取值”的形式")
    for key, value in condition.items():
        if key == "any":
            if not isinstance(value, list) or not value:
                raise BadInput("condition", "“any”后面须是条件的列表")
            for part in value:
                _check_condition(part)
        elif key not in CONDITIONS:
            raise BadInput("condition", f"没有名为“{key}”的条件")
        elif key in _THRESHOLDS and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise BadInput("condition", f"“{key}”须填数字")
        elif key in _SWITCHES and not isinstance(value, bool):
            raise BadInput("condition", f"“{key}”须填 true 或 false")
        elif key in _LISTS and not (isinstance(value, list) and value and all(isinstance(item, str) for item in value)):
            raise BadInput("condition", f"“{key}”须填文字的列表")
        else:
            _check_flags(key, value)


def _check_flags(key: str, value: Any) -> None:
    named = [value] if key == "flag" else value if key == "flags_any" else []
    for flag in named:
        if flag not in set(Flag):
            raise BadInput("condition", f"没有名为“{flag}”的情形")


def _check_row(row: Mapping[str, Any]) -> None:
    for name in ("id", "title_zh", "condition", "basis"):
        if not row.get(name):
            raise BadInput(name, "此项必填")
    for name in ("grade", "raise_at_most"):
        if row.get(name) and row[name] not in set(Grade):
            raise BadInput(name, "等级只能是 green、yellow、orange、red")
    if not row.get("grade") and not row.get("raise_at_most"):
        raise BadInput("grade", "须写明定为哪一级，或最高提到哪一级")
    _check_condition(row["condition"])


FIRST_RULES: tuple[GradeRule, ...] = tuple(GradeRule.from_row(row) for row in FIRST_ROWS)
"""The first version of the table: G02–G22. (G01 is the category's own grade; G23 makes a shared need, no grade.)"""


def rules_of(rows: Sequence[Mapping[str, Any]]) -> tuple[GradeRule, ...]:
    """The rules of a stored version; rows that are switched off (`is_off`) are left out."""
    return tuple(GradeRule.from_row(row) for row in rows if not row.get("is_off"))


def grading_of(
    facts: Facts,
    *,
    category_grade: Grade,
    circumstances: Circumstances | None = None,
    rules: Sequence[GradeRule] = FIRST_RULES,
) -> Grading:
    """The grade of an appeal: never below its category's, never lower for one rule more; every rule that holds is kept.

    A category's grade counts only for matters of workers' rights (`may_concern_rights`). Rules that raise come last,
    lower ceilings first.
    """
    case = _Case(facts, circumstances or Circumstances())
    hits = [rule for rule in rules if _holds(rule.condition, case)]
    default = category_grade if case.concerns_rights else Grade.GREEN
    asked = [(rule, rule.grade) for rule in hits if rule.grade]
    grade = max([default, *(least for _, least in asked)])
    reasons = [GradeReason("G01", "小类默认等级", default, case.seen.category or "小类默认等级")]
    reasons += [_reason(rule, least, case) for rule, least in asked]
    raising = [(rule, rule.raise_at_most) for rule in hits if rule.raise_at_most]
    for rule, ceiling in sorted(raising, key=lambda pair: pair[1].rank):
        if grade < ceiling:
            grade = grade.raised()
        reasons.append(_reason(rule, grade, case))
    return Grading(
        grade=grade,
        reasons=tuple(reasons),
        restricted=any(rule.restricted for rule in hits),
        needs_call_back=any(rule.call_back for rule in hits),
    )


def _holds(condition: Mapping[str, Any], case: _Case) -> bool:
    for key, value in condition.items():  # thousands of times for each sheet, so without generators
        if key != "any":
            if not CONDITIONS[key](case, value):
                return False
            continue
        for part in value:
            if _holds(part, case):
                break
        else:
            return False
    return True


def _reason(rule: GradeRule, grade: Grade, case: _Case) -> GradeReason:
    names = list(dict.fromkeys(_names(rule.condition, case)))
    spans = tuple(dict.fromkeys(span for name in names for span in case.facts.spans(name)))[:_SPANS_KEPT]
    quoted = "、".join(f"“{words}”" for words in dict.fromkeys(span.words for span in spans))
    known = "；".join(dict.fromkeys(filter(None, (_known(key, case) for key in _keys(rule.condition, case)))))
    return GradeReason(rule.id, rule.title_zh, grade, "；".join(filter(None, (quoted, known))) or rule.title_zh, spans)


_SPANS_KEPT = 6


def _keys(condition: Mapping[str, Any], case: _Case) -> list[str]:
    """The keys that made the condition hold: of alternatives, those of the ones that hold."""
    keys: list[str] = []
    for key, value in condition.items():
        if key == "any":
            keys += [inner for part in value if _holds(part, case) for inner in _keys(part, case)]
        else:
            keys.append(key)
    return keys


def _names(condition: Mapping[str, Any], case: _Case) -> list[str]:
    names: list[str] = []
    for key, value in condition.items():
        if key == "any":
            names += [name for part in value if _holds(part, case) for name in _names(part, case)]
        elif key == "flag":
            names.append(value)
        elif key == "flags_any":
            names += value
        elif key in _FIELDS:
            names.append(_FIELDS[key])
    return names


def _known(key: str, case: _Case) -> str:
    """What the platform knew beside the words, said for the officer."""
    seen = case.seen
    if key.startswith("workers") and seen.aggregated_workers and seen.aggregated_workers > (case.facts.workers or 0):
        return f"14日内同单位同小类共{seen.aggregated_workers}人"
    if key == "amount_at_least" and case.facts.amount is not None:
        return f"合计{case.facts.amount}元"
    if key == "submissions_at_least":
        return f"同一事项第{seen.submissions_count}次提交"
    if key == "returned_unsatisfied" and seen.returned_unsatisfied:
        return "评价不满意后再次提出"
    if key == "limitation_days_at_most":
        return f"距期限届满{case.limitation}日"
    if key == "layoff_share_at_least":
        return f"占职工{case.layoff_share:.0%}"
    return ""


def check_can_lower(current: Grade, to: Grade, level: Level, *, reason: str) -> None:
    """Refuse to lower a grade without the level for it or without a reason; raising is not asked here.

    NotPermitted: red is lowered by the county or above, orange by the town or above. BadInput("reason"): no reason.
    """
    if to >= current:
        return
    needed = {Grade.RED: Level.COUNTY, Grade.ORANGE: Level.TOWN}.get(current)
    if needed and level.rank < needed.rank:
        who = "区县（市）及以上" if needed is Level.COUNTY else "镇街及以上"
        raise NotPermitted(f"{current.title_zh}色件只能由{who}工会调低等级")
    if not reason.strip():
        raise BadInput("reason", "调低等级须写明理由")
