"""What does the content of a rule change say, row by row in words, and what is different from before?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from gongqing.appeals.models import Channel, HotlineKind
from gongqing.appeals.rules.grading import Grade
from gongqing.dispatch.queries.rulebook import LEVEL_WORDS, condition_words, consequence_words, thresholds
from gongqing.dispatch.rules.limits import ClockName, Limit, PauseReason
from gongqing.dispatch.rules.routing import Routes
from gongqing.dispatch.rules.rule_contents import changed_days, rows_of
from gongqing.lib.times import WEEKDAYS

NONE = "无"
GRADE_WORDS = {grade.value: f"{grade.title_zh}级" for grade in Grade}


@dataclass(frozen=True, slots=True)
class Names:
    """How codes are called: categories and regions by code, organisations by id."""

    categories: Mapping[str, str]
    regions: Mapping[str, str]
    organisations: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class RowWords:
    """One row in words: its key, what it is called, and its fields by their labels."""

    key: str
    title: str
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that a change alters; a whole row that comes has no `old`, one that goes no `new`."""

    title: str
    field: str
    old: str
    new: str


def in_words(kind: str, content: Mapping[str, Any], names: Names) -> list[RowWords]:
    """Every row of the content, in its order."""
    spoken = {
        "routing": _routing,
        "limits": _limits,
        "grading": _grading,
        "categories": _category,
        "calendar": _day,
    }[kind]
    return [RowWords(key, *spoken(key, row, names)) for key, row in rows_of(kind, content)]


def differences(kind: str, before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> list[Difference]:
    """What the new content says otherwise than the old, row by row."""
    if kind == "calendar":
        return _day_differences(after, names)
    old = {row.key: row for row in in_words(kind, before, names)}
    new = {row.key: row for row in in_words(kind, after, names)}
    found: list[Difference] = []
    for key, row in new.items():
        if key not in old:
            found.append(Difference(row.title, "新增", "", _whole(row)))
            continue
        was = old[key].parts
        labels = [*row.parts, *(label for label in was if label not in row.parts)]
        found += [
            Difference(row.title, label, was.get(label, NONE), row.parts.get(label, NONE))
            for label in labels
            if was.get(label, NONE) != row.parts.get(label, NONE)
        ]
    found += [Difference(row.title, "删除", _whole(row), "") for key, row in old.items() if key not in new]
    stay_before, stay_now = [key for key in old if key in new], [key for key in new if key in old]
    if kind == "routing" and stay_before != stay_now:
        found.append(Difference("顺序", "从上到下", "、".join(stay_before), "、".join(stay_now)))
    return found


def _day_differences(content: Mapping[str, Any], names: Names) -> list[Difference]:
    before = {row["day"]: row for row in content.get("base", [])}
    put, given_back = changed_days(content)
    found = []
    for row in put:
        title, parts = _day(row["day"], row, names)
        was = (
            "；".join(_day(row["day"], before[row["day"]], names)[1].values()) if row["day"] in before else "按国家安排"
        )
        found.append(Difference(title, "怎么算", was, "；".join(word for word in parts.values() if word != NONE)))
    for day in given_back:
        title, parts = _day(day, before[day], names)
        found.append(Difference(title, "怎么算", "；".join(parts.values()), "按国家安排"))
    return found


def _whole(row: RowWords) -> str:
    return "；".join(f"{label}：{words}" for label, words in row.parts.items() if words != NONE)


Spoken = tuple[str, Mapping[str, str]]


def _routing(key: str, row: Mapping[str, Any], names: Names) -> Spoken:
    read = Routes.from_json({"version": 1, "effective_from": "2020-01-01", "rows": [row]}).rows[0]
    place = row.get("organisation_id")
    return key, {
        "什么情形": condition_words(read, names.categories, names.regions),
        "怎么派": consequence_words(read) or NONE,
        "指定单位": names.organisations.get(place, f"编号 {place}") if place is not None else NONE,
        "说明": read.note,
    }


def _limits(key: str, row: Mapping[str, Any], names: Names) -> Spoken:
    part, _, rest = key.partition(":")
    if part == "grade":
        return GRADE_WORDS.get(rest, rest), dict(_grade_parts(row))
    if part == "hotline":
        kind = dict(HotlineKind.choices).get(rest, rest)
        return f"热线{kind}件", {"办结": _limit(row["close"]), "依据": row["close"].get("basis") or NONE}
    if part == "pause":
        longest = _limit(row["longest"]) if row.get("longest") else "到约定日或恢复为止"
        return f"暂停：{PauseReason.label_of(rest)}", {"最长": longest, "依据": row["basis"]}
    if part == "special":
        channels = dict(Channel.choices)
        meant = [f"定级规则 {rule}" for rule in row.get("rules", ())]
        meant += [f"渠道为{channels.get(channel, channel)}" for channel in row.get("channels", ())]
        parts = {"时限": _limit(row["limit"]), "依据": row["limit"].get("basis") or NONE}
        return f"{ClockName.label_of(row['clock'])}更短：{'、'.join(meant)}", parts
    return "其他", {
        "退回": f"派单后 {_limit(row['return_within'])}内",
        "延期": f"最多 {row['extensions_at_most']} 次",
        "上限": f"{row['ceiling_days']} 天",
        "延期后再加": f"{row['ceiling_extension_days']} 天",
    }


def _grade_parts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "签收", _limit(row["sign"])
    yield "首次联系", _limit(row["contact"])
    if row.get("report") and row.get("report_every"):
        yield "阶段报告", f"首报 {_limit(row['report'])}，以后每 {_limit(row['report_every'])}"
    else:
        yield "阶段报告", "不要求"
    yield "办结", f"按分类，最多 {_limit(row['close_cap'])}" if row.get("close_cap") else "按分类"
    yield "延期由谁批", LEVEL_WORDS.get(row["extension_by"], row["extension_by"])
    yield "延期最多", _limit(row["extension_cap"]) if row.get("extension_cap") else "不超过原时限"
    yield "督办", LEVEL_WORDS.get(row["supervised_by"], row["supervised_by"])
    yield "抄送", "、".join(row.get("copied_to", ())) or NONE
    yield "办结审核", "上一级审核" if row.get("review") else "不用"


def _limit(given: Mapping[str, Any]) -> str:
    return Limit.from_json(given).words


def _grading(key: str, row: Mapping[str, Any], names: Names) -> Spoken:
    grade, most = row.get("grade"), row.get("raise_at_most")
    then = f"定为{GRADE_WORDS.get(str(grade), '')}" if grade else f"升一级，最高{GRADE_WORDS.get(str(most), '')}"
    return f"{key} {row['title_zh']}", {
        "情形": row["title_zh"],
        "数值": thresholds(row["condition"]) or NONE,
        "结果": then,
        "状态": "停用" if row.get("is_off") else "启用",
        "依据": row["basis"],
    }


def _category(key: str, row: Mapping[str, Any], names: Names) -> Spoken:
    return f"{key} {row['name']}", {
        "名称": row["name"],
        "说的是什么": row["definition"],
        "和相近小类的界线": row.get("boundary") or NONE,
        "首办": LEVEL_WORDS.get(row["level"], row["level"]),
        "默认等级": GRADE_WORDS.get(row["grade"], row["grade"]),
        "办结时限": f"{row['limit_working_days']} 个工作日",
    }


def _day(key: str, row: Mapping[str, Any], names: Names) -> Spoken:
    day = date.fromisoformat(key)
    title = f"{day.year}年{day.month}月{day.day}日（{WEEKDAYS[day.weekday()]}）"
    return title, {
        "怎么算": "算工作日" if row["is_workday"] else "不算工作日",
        "说明": row["note"],
        "来源": row.get("source") or NONE,
    }


def titles(rows: Sequence[RowWords]) -> Mapping[str, str]:
    """What the row of each key is called."""
    return {row.key: row.title for row in rows}
