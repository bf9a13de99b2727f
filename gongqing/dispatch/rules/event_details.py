"""What does an event of an appeal say beside its name: given to whom, settled as what, judged how, told of what?"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gongqing.appeals.rules.grading import Grade
from gongqing.dispatch.rules.outcomes import Outcome

Data = Mapping[str, Any]

JUDGED: Mapping[str, str] = {"satisfied": "满意", "basically": "基本满意", "not": "不满意"}
TOLD: Mapping[str, str] = {
    "receipt": "收到了",
    "handler": "谁来办、最晚哪天答复",
    "answer": "有了答复",
    "evaluation": "办好了，请评价",
    "call_back": "谁会打电话回访",
}
GRADES: Mapping[str, str] = {each.value: f"{each.title_zh}级" for each in Grade}
_TO = frozenset(
    {
        "appeal.dispatched",
        "appeal.redispatched",
        "appeal.transferred",
        "appeal.passed_up",
        "appeal.taken_over",
        "appeal.assistance_asked",
    }
)
_TO_DEPARTMENT = frozenset({"appeal.handed_over", "appeal.handover_changed", "appeal.inspection_alerted"})
_DAYS = frozenset({"appeal.extension_asked", "appeal.extension_granted"})
_READ = frozenset({"appeal.read", "appeal.classified", "appeal.reclassified"})
_ANSWERED = frozenset({"appeal.review_asked", "appeal.resolved"})


def detail_of(kind: str, data: Data, categories: Mapping[str, str]) -> str:
    """What the desk writes behind the name of an event; empty when the name says it all.

    Args:
        data: of the event.
        categories: the name of each category by its code.
    """
    if kind in _READ:
        return _reading(data, categories)
    if kind in _ANSWERED:
        return _answer(data)
    if kind in _TO:
        return str(data.get("organisation_name", ""))
    if kind in _TO_DEPARTMENT:
        return str(data.get("department", ""))
    if kind in _DAYS and data.get("working_days"):
        return f"{data['working_days']} 个工作日"
    if kind == "appeal.worker_told":
        return TOLD.get(str(data.get("about", "")), "")
    if kind == "appeal.evaluated":
        return JUDGED.get(str(data.get("satisfaction", "")), "")
    return ""


def _reading(data: Data, categories: Mapping[str, str]) -> str:
    code = str(data.get("category", ""))
    sure = f"把握 {data['confidence']:.0%}" if "confidence" in data else ""
    return _joined(categories.get(code, code), GRADES.get(str(data.get("grade", "")), ""), sure)


def _answer(data: Data) -> str:
    outcome, people, amount = str(data.get("outcome", "")), data.get("people"), data.get("amount")
    return _joined(
        Outcome.label_of(outcome) if outcome else "",
        f"受益 {people} 人" if people else "",
        f"挽回 {Decimal(str(amount)):,} 元" if amount else "",
    )


def _joined(*parts: str) -> str:
    return "，".join(part for part in parts if part)
