"""Which rows of a hotline's sheet are surely no labour matter, and what never counts as such?

A city's 12345 hotline carries far more noise, traffic and water than wages. A row is screened out only when the model
is surer than `SURELY_NOT` that it concerns no labour, and when neither a circumstance of work nor danger nor a word of
work speaks against it. The figure is chosen in `docs/methods/import.md`.
"""

from __future__ import annotations

import re

from gongqing.language.classify import Reading
from gongqing.language.facts import Facts, Flag

SURELY_NOT = 0.95
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
    if reading.labour_related or reading.labour_confidence < SURELY_NOT:
        return ""
    if any(facts.has(flag) for flag in NEVER) or _WORDS_OF_WORK.search(words):
        return ""
    seen = f"，依据“{'、'.join(reading.words[:3])}”" if reading.words else ""
    return f"判为非劳动事项，把握 {reading.labour_confidence:.0%}{seen}"
