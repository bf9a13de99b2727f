"""What is wrong with the content of a rule change: which row, which field, and what to do?

Every row goes through the parser that later reads it in earnest; what a parser lets pass but nobody could mean is
refused here. A fault's field is `row.field`, so that a page can put it beside its place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gongqing.appeals.rules.grading import Grade, GradeRule
from gongqing.dispatch.rules.changes import check_past_day
from gongqing.dispatch.rules.clocks import IN_DAYS
from gongqing.dispatch.rules.levels import LADDER, Level
from gongqing.dispatch.rules.limits import ClockName, Limit, PauseReason, Policy
from gongqing.dispatch.rules.routing import CONDITIONS, ROLES, Routes
from gongqing.dispatch.rules.rule_contents import Content, rows_of
from gongqing.lib.errors import BadInput, BadInputs

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,15}")
MOST_ROWS = 100
ALWAYS_ON = {"G11": "自伤自杀", "G12": "伤人", "G17": "打击报复"}
ALWAYS_RED = frozenset({"G11", "G12"})
LEGAL_DAYS, LEGAL_EXTENSION = 60, 30  # 信访工作条例 第34条
YES_NO = (True, False)
_TEN_YEARS = 10


@dataclass(frozen=True, slots=True)
class Known:
    """What rows may speak of in this city.

    Attributes:
        organisations: level by id, of the active ones.
        rules: ids of the grading rules in force.
        first: the content in force, against which fixed parts are held.
    """

    kinds: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    counties: frozenset[str] = frozenset()
    towns: frozenset[str] = frozenset()
    organisations: Mapping[int, str] = field(default_factory=dict)
    rules: frozenset[str] = frozenset()
    first: Mapping[str, Any] = field(default_factory=dict)


def check_content(kind: str, content: Mapping[str, Any], known: Known, *, on: date) -> None:
    """Refuse content that the rules could not read or that nobody could mean, with every fault named.

    Raises:
        BadInputs: each on `row.field`.
    """
    if faults := faults_of(kind, content, known, on=on):
        raise BadInputs(faults)


def faults_of(kind: str, content: Mapping[str, Any], known: Known, *, on: date) -> list[BadInput]:
    """Everything that is wrong, in the order of the rows."""
    keys = [key for key, _ in rows_of(kind, content)]
    found = [
        BadInput(f"{key}.id", f"{named(key)}：出现了 {count} 次，每一行要有自己的编号。")
        for key, count in Counter(keys).items()
        if count > 1
    ]
    if len(keys) > MOST_ROWS:
        found.append(BadInput("rows", f"最多 {MOST_ROWS} 行。"))
    judged = {
        "routing": _routing,
        "limits": _limits,
        "grading": _grading,
        "categories": _categories,
        "calendar": _calendar,
    }[kind]
    found += [BadInput(f"{key}.{name}", f"{named(key)}：{words}") for key, name, words in judged(content, known, on)]
    return found


def named(key: str) -> str:
    """What a row is called in a fault: a row of the limits by its name, any other by its key."""
    part, _, rest = key.partition(":")
    if part == "grade" and rest in set(Grade):
        return f"{Grade(rest).title_zh}级"
    if part == "pause":
        return f"暂停，{PauseReason.label_of(rest)}"
    if part == "special":
        clock, _, meant = rest.partition(":")
        return f"{ClockName.label_of(clock)}更短（{meant}）"
    return {"hotline": "热线件", "other": "其他"}.get(part, key)


Fault = tuple[str, str, str]


def _routing(content: Mapping[str, Any], known: Known, on: date) -> Iterator[Fault]:
    if not content.get("rows"):
        yield "派单规则", "rows", "至少要有一条规则。"
    for key, row in rows_of("routing", content):
        if not ID.fullmatch(key):
            yield key or "（无编号）", "id", "编号用字母、数字和短横，最多 16 个，例如 R-31。"
        if not str(row.get("note", "")).strip():
            yield key, "note", "说明不能空，派单时会作为理由显示。"
        elif len(row["note"]) > 200:
            yield key, "note", "说明最多 200 字。"
        yield from ((key, name, words) for name, words in _condition_faults(row.get("when", {}), known))
        yield from ((key, name, words) for name, words in _effect_faults(row, known))
        try:
            Routes.from_json({"version": 1, "effective_from": on.isoformat(), "rows": [row]})
        except (ValueError, KeyError, TypeError):
            if not any(True for _ in _effect_faults(row, known)):
                yield key, "when", "这一条读不出来，请删掉重写。"


def _condition_faults(when: Any, known: Known) -> Iterator[tuple[str, str]]:
    if not isinstance(when, Mapping):
        yield "when", "条件须是“字段：取值”的形式。"
        return
    allowed: Mapping[str, frozenset[Any]] = {
        "grade": frozenset(each.value for each in Grade),
        "category": known.categories,
        "category_level": frozenset(ROLES),
        "county": known.counties,
        "town": known.towns,
        "kind": known.kinds,
        "channel": known.channels,
        "against": frozenset({"employer", "own_union"}),
    }
    for name, values in when.items():
        if name not in CONDITIONS:
            yield "when", f"没有“{name}”这个条件。"
        elif not isinstance(values, list | tuple) or not values:
            yield name, "条件里至少选一个值；不看这一项就整项去掉。"
        else:
            fitting = allowed.get(name, frozenset(YES_NO))
            for value in values:
                if value not in fitting or (isinstance(value, bool) != (name not in allowed)):
                    yield name, f"没有“{value}”这个取值。"


def _effect_faults(row: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    effects = ("level", "at_least", "supervising", "assisting", "following", "organisation_id")
    if not any(row.get(name) for name in effects):
        yield "level", "这一条什么也不做：请写明主办、抬高、督办、协办或跟踪的层级。"
    levels = {level.value for level in Level}
    for name, words in (("level", "主办"), ("following", "跟踪")):
        if row.get(name) and row[name] not in levels:
            yield name, f"{words}没有“{row[name]}”这个层级。"
    for name, words in (("at_least", "至少由"), ("supervising", "督办")):
        if row.get(name) and row[name] not in LADDER:
            yield name, f"{words}只能填基层、片区、镇街、区县市或市，横向部门不在这个梯次里。"
    for level in row.get("assisting") or ():
        if level not in levels:
            yield "assisting", f"协办没有“{level}”这个层级。"
    if row.get("role") and row["role"] not in ROLES.values():
        yield "role", f"没有“{row['role']}”这个岗位。"
    place = row.get("organisation_id")
    if place is None:
        return
    if place not in known.organisations:
        yield "organisation_id", "指定的单位不存在或已停用。"
    elif known.organisations[place] != row.get("level"):
        yield "organisation_id", "指定的单位要和“主办层级”是同一级。"


def _limits(content: Mapping[str, Any], known: Known, on: date) -> Iterator[Fault]:
    rows = dict(rows_of("limits", content))
    missing = {f"grade:{each.value}" for each in Grade} - set(rows)
    missing |= {f"pause:{each.value}" for each in PauseReason} - set(rows)
    for key in sorted(missing):
        yield key, "grade", "缺这一行。"
    for key, row in rows.items():
        judged: Callable[[Mapping[str, Any], Known], Iterator[tuple[str, str]]] = {
            "grade": _grade_limit_faults,
            "special": _special_faults,
            "pause": _pause_faults,
            "hotline": lambda row, known: _limit_faults(row.get("close"), "close", "办结"),
            "other": _other_faults,
        }[key.partition(":")[0]]
        yield from ((key, name, words) for name, words in judged(row, known))
    try:
        Policy.from_json({**content, "version": 1, "effective_from": on.isoformat(), "effective_to": None})
    except (ValueError, KeyError, TypeError):
        if not missing:
            yield "期限", "rows", "有一行读不出来，请核对每个时限的数和单位。"


def _limit_faults(given: Any, name: str, words: str) -> Iterator[tuple[str, str]]:
    try:
        limit = Limit.from_json(given)
    except (ValueError, KeyError, TypeError):
        yield name, f"{words}要填数和单位，数不能小于 0。"
        return
    if limit.amount <= 0:
        yield name, f"{words}要大于 0。"
    elif limit.unit in IN_DAYS and limit.amount != int(limit.amount):
        yield name, f"{words}按天算的只能填整数。"
    elif limit.amount > (365 if limit.unit in IN_DAYS else 10_000):
        yield name, f"{words}太长，请核对。"


def _grade_limit_faults(row: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    asked = (("sign", "签收"), ("contact", "首次联系"))
    optional = (("report", "首次报告"), ("report_every", "以后每次报告"), ("close_cap", "办结上限"))
    for name, words in asked:
        yield from _limit_faults(row.get(name), name, words)
    for name, words in (*optional, ("extension_cap", "延期上限")):
        if row.get(name) is not None:
            yield from _limit_faults(row[name], name, words)
    if (row.get("report") is None) != (row.get("report_every") is None):
        yield "report_every", "首次报告和以后每次报告要么都填，要么都不填。"
    for name, words in (("extension_by", "延期由谁批"), ("supervised_by", "督办")):
        if row.get(name) not in LADDER:
            yield name, f"{words}要选一个层级。"


def _special_faults(row: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    if row.get("clock") not in {each.value for each in ClockName}:
        yield "clock", "要选一个时钟。"
    yield from _limit_faults(row.get("limit"), "limit", "时限")
    if not row.get("rules") and not row.get("channels"):
        yield "rules", "要选定级规则或渠道，说明这个时限给哪些诉求。"
    for rule in row.get("rules") or ():
        if rule not in known.rules:
            yield "rules", f"没有“{rule}”这条定级规则。"
    for channel in row.get("channels") or ():
        if channel not in known.channels:
            yield "channels", f"没有“{channel}”这个渠道。"


def _pause_faults(row: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    if row.get("longest") is not None:
        yield from _limit_faults(row["longest"], "longest", "最长")
    if not str(row.get("basis", "")).strip():
        yield "basis", "要写依据。"


def _other_faults(row: Mapping[str, Any], known: Known) -> Iterator[tuple[str, str]]:
    yield from _limit_faults(row.get("return_within"), "return_within", "退回期限")
    bounds = (
        ("ceiling_days", "上限", 1, LEGAL_DAYS, "信访工作条例第34条"),
        ("ceiling_extension_days", "延期后再加", 0, LEGAL_EXTENSION, "信访工作条例第34条"),
        ("extensions_at_most", "延期次数", 0, _TEN_YEARS, ""),
    )
    for name, words, least, most, law in bounds:
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            yield name, f"{words}要填 {least} 到 {most} 的整数{f'（{law}）' if law else ''}。"


def _grading(content: Mapping[str, Any], known: Known, on: date) -> Iterator[Fault]:
    first = {row["id"]: row for row in known.first.get("rules", [])}
    rows = dict(rows_of("grading", content))
    for key in sorted(set(first) - set(rows)):
        yield key, "id", "定级规则不能删，不用的请停用。"
    for key, row in rows.items():
        try:
            rule = GradeRule.from_row(row)
        except BadInput as refused:
            yield key, refused.field, refused.message
            continue
        if key not in first:
            yield key, "id", "不能新增定级规则：识别情形要改程序。"
        elif skeleton(rule.condition) != skeleton(first[key]["condition"]):
            yield key, "condition", "只能改数值，识别哪些情形由程序规定。"
        yield from ((key, "condition", words) for words in _number_faults(rule.condition))
        if key in ALWAYS_ON and row.get("is_off"):
            yield key, "is_off", f"涉及{ALWAYS_ON[key]}的规则不能停用。"
        if key in ALWAYS_RED and rule.grade is not Grade.RED:
            yield key, "grade", f"涉及{ALWAYS_ON[key]}的一律定红级。"
        for flag in ("restricted", "call_back"):
            if key in first and bool(row.get(flag)) != bool(first[key].get(flag)):
                yield key, flag, "限制可见和人工联系由程序规定，不能改。"
        if len(rule.title_zh) > 60:
            yield key, "title_zh", "情形最多 60 字。"


def skeleton(condition: Any) -> Any:
    """A condition with its thresholds blotted out: what a city may not change."""
    if isinstance(condition, Mapping):
        return {name: skeleton(value) for name, value in condition.items()}
    if isinstance(condition, list | tuple):
        return [skeleton(value) for value in condition]
    return 0 if is_threshold(condition) else condition


def is_threshold(value: Any) -> bool:
    """Is it a number that a city may set?"""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number_faults(condition: Any) -> Iterator[str]:
    for name, value in condition.items() if isinstance(condition, Mapping) else ():
        if name == "any":
            for each in value:
                yield from _number_faults(each)
        elif name.endswith("share_at_least"):
            if not 0 < value <= 1:
                yield "占比要在 0 到 100% 之间。"
        elif is_threshold(value) and not 0 < value <= 1_000_000_000:
            yield "数值要大于 0。"


def _categories(content: Mapping[str, Any], known: Known, on: date) -> Iterator[Fault]:
    rows = dict(rows_of("categories", content))
    for code in sorted(set(rows) ^ known.categories):
        yield code, "code", "分类编码是固定的，不能增删。"
    for key, row in rows.items():
        for name, words, most in (("name", "名称", 32), ("definition", "说的是什么", 1000), ("boundary", "界线", 1000)):
            text = str(row.get(name, "")).strip()
            if (not text and name != "boundary") or len(text) > most:
                yield (
                    key,
                    name,
                    f"{words}不能空，最多 {most} 字。" if name != "boundary" else f"{words}最多 {most} 字。",
                )
        if row.get("level") not in ROLES:
            yield key, "level", "首办层级要从列表里选。"
        if row.get("grade") not in {each.value for each in Grade}:
            yield key, "grade", "默认等级要从绿、黄、橙、红里选。"
        days = row.get("limit_working_days")
        if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LEGAL_DAYS:
            yield key, "limit_working_days", f"办结时限要填 1 到 {LEGAL_DAYS} 个工作日。"


def _calendar(content: Content | Mapping[str, Any], known: Known, on: date) -> Iterator[Fault]:
    before = {str(row["day"]): row for row in content.get("base", [])}
    for key, row in rows_of("calendar", content):
        try:
            day = date.fromisoformat(key)
        except ValueError:
            yield key, "day", "日期要写成 2025-10-20 的样子。"
            continue
        if abs(day.year - on.year) > _TEN_YEARS:
            yield key, "day", "日期太远，请核对年份。"
        if not isinstance(row.get("is_workday"), bool):
            yield key, "is_workday", "要选算不算工作日。"
        if not 2 <= len(str(row.get("note", "")).strip()) <= 100:
            yield key, "note", "要写说明，最多 100 字，例如台风停工。"
        if len(str(row.get("source", ""))) > 200:
            yield key, "source", "来源最多 200 字。"
        if day < on and row != before.get(key):
            try:
                check_past_day(day, today=on, reason=str(row.get("past_reason", "")))
            except BadInput as fault:
                yield key, fault.field, fault.message
    kept = {key for key, _ in rows_of("calendar", content)}
    for key in before:
        if key not in kept and date.fromisoformat(key) < on:
            yield key, "day", "已经过去，不能恢复；要补改，请把这一天改成国家安排的算法，并写明为什么。"
