"""What rules are in force today, in words that an officer reads?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Category, Channel, HotlineKind, Kind
from gongqing.appeals.rules.grading import Grade, rules_of
from gongqing.dispatch.models import CalendarDay
from gongqing.dispatch.queries.clocks import calendar, policy_on
from gongqing.dispatch.queries.routing import routes_on
from gongqing.dispatch.rules.levels import Level
from gongqing.dispatch.rules.limits import ClockName, PauseReason
from gongqing.dispatch.rules.routing import RoutingRow

GRADE_WORDS = {grade.value: grade.title_zh for grade in Grade}
_CLASSES = "LE DP SC CD OT"
LEVEL_WORDS: Mapping[str, str] = {**dict(Level.choices()), Level.CITY: "市总工会", Level.COUNTY: "区县市总工会"}


def limits_in_force(on: date) -> dict[str, Any]:
    """The clock policy of a day, row by row, with pauses, special limits and the overridden days from this year on."""
    policy = policy_on(on)
    return {
        "policy": policy,
        "grades": [
            {
                "grade": row.grade,
                "row": row,
                "extension_by": LEVEL_WORDS.get(row.extension_by, row.extension_by),
                "supervised_by": LEVEL_WORDS.get(row.supervised_by, row.supervised_by),
            }
            for row in policy.grades
        ],
        "specials": [
            {
                "clock": ClockName.label_of(row.clock),
                "limit": row.limit,
                "when": "、".join(
                    [*(f"定级规则 {each}" for each in row.rules), *(_channel(each) for each in row.channels)]
                ),
            }
            for row in policy.specials
        ],
        "hotline": [(HotlineKind(row.kind).label, row) for row in policy.hotline],
        "pauses": [(PauseReason.label_of(row.reason), row) for row in policy.pauses],
        "days": list(CalendarDay.objects.filter(day__gte=date(on.year, 1, 1)).order_by("day")),
        "years": [(year, calendar().is_provisional(date(year, 12, 31))) for year in (on.year, on.year + 1)],
    }


def routes_in_words(on: date) -> dict[str, Any]:
    """The routing rows of a day, each as a condition and what follows from it."""
    routes = routes_on(on)
    known = {category.code: category.name for category in appeals.categories(on)}
    rows = [
        {"id": row.id, "note": row.note, "when": condition_words(row, known), "then": consequence_words(row)}
        for row in routes.rows
    ]
    return {"routes": routes, "rows": rows}


def categories_by_class(on: date) -> list[tuple[str, list[tuple[Category, str]]]]:
    """The categories of a day under their classes, each with its first handler in words."""
    in_order = sorted(appeals.categories(on), key=lambda category: (_CLASSES.find(category.code[:2]), category.code))
    found = groupby(in_order, key=lambda category: category.class_name)
    return [
        (name, [(category, LEVEL_WORDS.get(category.level, category.level)) for category in group])
        for name, group in found
    ]


def grading_in_force(on: date) -> dict[str, Any]:
    """The grading rules of a day with what each does and its source."""
    policy = appeals.grade_policy(on)
    rules = rules_of(policy.rules)
    return {"grade_policy": policy, "grade_rules": [(rule, thresholds(rule.condition)) for rule in rules]}


def thresholds(condition: Mapping[str, Any]) -> str:
    """The numbers of a grading rule in words, alternatives joined by 或; empty when it asks for none."""
    parts = []
    for name, value in condition.items():
        if name == "any":
            parts.append("或".join(dict.fromkeys(words for each in value if (words := thresholds(each)))))
        elif name in _THRESHOLDS:
            parts.append(_THRESHOLDS[name].format(value))
        elif name == "layoff_share_at_least":
            parts.append(f"裁员占比不低于 {value:.0%}")
    return "，".join(part for part in parts if part)


_THRESHOLDS: Mapping[str, str] = {
    "workers_at_least": "不少于 {:,} 人",
    "workers_unknown_or_at_least": "人数不明或不少于 {:,} 人",
    "workers_unknown_or_below": "人数不明或少于 {:,} 人",
    "amount_at_least": "金额不低于 {:,} 元",
    "amount_per_person_at_least": "人均不低于 {:,} 元",
    "months_owed_at_least": "拖欠不少于 {:,} 个月",
    "days_owed_at_least": "拖欠不少于 {:,} 天",
    "layoff_count_at_least": "裁员不少于 {:,} 人",
    "limitation_days_at_most": "离届满不超过 {:,} 天",
    "submissions_at_least": "提出不少于 {:,} 次",
}


def condition_words(row: RoutingRow, categories: Mapping[str, str], regions: Mapping[str, str] | None = None) -> str:
    """When a routing row speaks; codes in words as far as `categories` and `regions` know them."""
    parts = []
    for name, values in row.when.items():
        words = "、".join(_value(name, value, categories, regions or {}) for value in values)
        parts.append(words if name in _SAID else f"{_NAMES.get(name, name)}是{words}")
    return "，且".join(parts) or "所有诉求"


_NAMES = {
    "kind": "类型",
    "category": "分类",
    "category_level": "分类规定的首办层级",
    "grade": "等级",
    "channel": "渠道",
    "county": "区县",
    "town": "镇街",
    "against": "投诉对象",
}
_SAID: Mapping[str, tuple[str, str]] = {
    "has_own_union": ("职工是本单位工会会员", "职工未入会或单位没有工会"),
    "is_shielded": ("对单位匿名或须保密", "不须保密"),
    "is_member": ("职工是会员", "职工不是会员"),
    "anonymous_to_employer": ("对单位匿名", "不匿名"),
}


def _value(name: str, value: str | bool, categories: Mapping[str, str], regions: Mapping[str, str]) -> str:
    if name in _SAID:
        return _SAID[name][0 if value else 1]
    text = str(value)
    known: Mapping[str, Mapping[str, str]] = {
        "category": {code: f"{code} {words}" for code, words in categories.items()},
        "grade": GRADE_WORDS,
        "category_level": LEVEL_WORDS,
        "kind": dict(Kind.choices),
        "channel": dict(Channel.choices),
        "county": regions,
        "town": regions,
        "against": {"employer": "用人单位", "own_union": "本单位工会"},
    }
    return known.get(name, {}).get(text, text)


def consequence_words(row: RoutingRow) -> str:
    """What follows when a routing row matches."""
    parts = []
    if row.level:
        parts.append(f"由{LEVEL_WORDS[row.level]}主办")
    if row.at_least:
        parts.append(f"至少由{LEVEL_WORDS[row.at_least]}主办")
    if row.assisting:
        parts.append("、".join(LEVEL_WORDS[each] for each in row.assisting) + "协办")
    if row.following:
        parts.append(f"{LEVEL_WORDS[row.following]}跟踪")
    if row.supervising:
        parts.append(f"{LEVEL_WORDS[row.supervising]}督办")
    return "，".join(parts)


def _channel(value: str) -> str:
    return f"渠道为{dict(Channel.choices).get(value, value)}"


def _rule(value: str) -> str:
    return f"符合定级规则 {value}"
