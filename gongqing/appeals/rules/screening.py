"""Which rows of a hotline's sheet are surely no labour matter, and what never counts as such?

A city's 12345 hotline carries far more parking, buses and property management than wages. A row is screened out only
when all agree: the category is housing, traffic or nothing nameable; the model is at least `SURELY_NOT` sure that it
concerns no labour; and neither a circumstance of work nor danger nor a word of work stands in it. The figure is chosen
in `docs/methods/import.md`. Hardship, mutual aid, childcare and legal advice are a union's matter and always come in.
"""

from __future__ import annotations

import re

from gongqing.language.classify import Reading
from gongqing.language.facts import Facts, Flag

SURELY_NOT = 0.9
NOT_OURS = frozenset({"OT04", "OT06"})
NEVER = frozenset(
    {
        Flag.SELF_HARM,
        Flag.HARM_OTHERS,
        Flag.ARREARS,
        Flag.FLED,
        Flag.LAYOFF,
        Flag.DEATH,
        Flag.SERIOUS_INJURY,
        Flag.MANY_INJURED,
        Flag.POISONING,
        Flag.RISKY_WORK,
        Flag.CHILD_LABOUR,
        Flag.FORCED_LABOUR,
        Flag.WITHHELD_DOCUMENTS,
        Flag.CONFINED,
        Flag.SEXUAL_HARASSMENT,
        Flag.RETALIATION,
    }
)
_WORDS_OF_WORK = re.compile(
    r"工资|薪水|欠薪|讨薪|工会|劳动合同|劳动仲裁|工伤|加班|辞退|解雇|开除|裁员|社保|工钱|民工|打工|上班时|试用期|离职|骑手|职工"
)


def screened_out_by(reading: Reading, facts: Facts, words: str) -> str:
    """Why a row is no labour matter, in a sentence for the page; empty when it may be one."""
    if reading.code not in NOT_OURS or reading.labour_related or reading.labour_confidence < SURELY_NOT:
        return ""
    if any(facts.has(flag) for flag in NEVER) or _WORDS_OF_WORK.search(words):
        return ""
    seen = f"，依据“{'、'.join(reading.words[:3])}”" if reading.words else ""
    return f"判为非劳动事项，把握 {reading.labour_confidence:.0%}{seen}"
