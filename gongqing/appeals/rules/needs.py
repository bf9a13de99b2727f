"""Is it an appeal (诉求) or a need (需求), and which category do words of danger belong to?"""

from __future__ import annotations

from gongqing.language.classify import TRIAGE_BELOW, Reading
from gongqing.language.facts import Facts

DISTRESS = "SC02"

# 维权类 → 诉求，服务类 → 需求：SC*、CD01、CD03、OT02、OT03 默认按需求先匹配资源
NEED_CODES = frozenset({"CD01", "CD03", "OT02", "OT03"})


def kind_of(category_code: str) -> str:
    """`need` for services that a resource can meet, else `appeal`."""
    return "need" if category_code.startswith("SC") or category_code in NEED_CODES else "appeal"


def best_code(reading: Reading, facts: Facts) -> str:
    """The category to show: words of danger without a clear cause count as distress, 3.1 decision order ①."""
    if reading.confidence < TRIAGE_BELOW and facts.has("self_harm"):
        return DISTRESS
    return reading.code
