"""How may an appeal end, and who must look at the answer?"""

from __future__ import annotations

from gongqing.dispatch.rules.levels import Level, is_at_least
from gongqing.lib.choices import Choice
from gongqing.lib.errors import BadInput


class Outcome(Choice):
    """What came of it, in the trade's words."""

    SETTLED = "settled", "协商解决"
    MEDIATED = "mediated", "调解成功"
    EXPLAINED = "explained", "解释答复"
    NEED_MET = "need_met", "需求满足"
    AID = "aid", "帮扶救助"
    ARBITRATION = "arbitration", "转仲裁"
    INSPECTION = "inspection", "转劳动监察"
    COURT = "court", "转诉讼"
    DEPARTMENT = "department", "部门办结"
    NOT_SUPPORTED = "not_supported", "不予支持并说明"
    OTHER = "other", "其他"


def check_result(*, result: str, outcome: str, people: int | None, amount: float | None) -> None:
    """Refuse an answer that says nothing or figures that cannot be.

    Raises:
        BadInput: names the field.
    """
    if len(result.strip()) < 2:
        raise BadInput("result", "请写明办成什么样，职工会看到这段话。")
    if outcome not in {each.value for each in Outcome}:
        raise BadInput(
            "outcome", "没有这种办理结果，可用：" + "、".join(f"{each.value}（{each.label}）" for each in Outcome)
        )
    if people is not None and not 0 <= people <= 1_000_000:
        raise BadInput("people", "人数应在 0 到 1000000 之间。")
    if amount is not None and not 0 <= amount < 1_000_000_000_000:
        raise BadInput("amount", "金额应不小于 0，单位是元。")


def needs_review(*, grade_reviews: bool, category: str, kind: str, level: str) -> bool:
    """Whether the level above looks at the answer before the appeal counts as resolved.

    Orange and red by their grade; a labour dispute (劳动经济类诉求) answered below the town is closed by the town.
    """
    is_dispute = category.startswith("LE") and kind == "appeal"
    return grade_reviews or (is_dispute and level != Level.DEPARTMENT and not is_at_least(level, Level.TOWN))


def reviewing_level(level: str) -> str:
    """Who reviews: the town for what is handled below it, else the level above; the city reviews its own."""
    if level in (Level.GRASSROOTS, Level.ZONE):
        return Level.TOWN
    above = {Level.TOWN: Level.COUNTY, Level.COUNTY: Level.CITY, Level.DEPARTMENT: Level.COUNTY}
    return next((reviewer for here, reviewer in above.items() if here == level), Level.CITY)
