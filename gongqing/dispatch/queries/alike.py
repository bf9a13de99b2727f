"""Which cases are like the one on the page, how did they end, and which shared need is it a part of?

What is alike is found above; here it is put into the words of the desk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gongqing.appeals.models import Appeal, Satisfaction
from gongqing.appeals.rules.statuses import STATUS_WORDS, Status
from gongqing.audit.actor import Actor
from gongqing.dispatch.rules.outcomes import Outcome
from gongqing.dispatch.rules.plain_words import first_sentence
from gongqing.ui import slots


@dataclass(frozen=True, slots=True)
class AlikeCase:
    """A case that is like the one on the page, and how it ended.

    Attributes:
        days: from its receipt to its answer; None while it has none.
        words: whether it was said in like words; else it means the like.
        result: the first sentence of the answer.
        judgement: what the worker said of it; empty for nothing.
    """

    appeal: Appeal
    status: str
    outcome: str
    days: int | None
    words: bool
    result: str
    judgement: str


def alike_cases(appeal: Appeal, actor: Actor) -> list[AlikeCase]:
    """The cases in the actor's view that are most like this one, the most alike first."""
    return [_case(one) for found in slots.filled("case.alike", appeal, actor) for one in found]


def needs_of_case(appeal: Appeal, actor: Actor) -> list[Any]:
    """The shared need that the case is a part of, with its `id`, `title`, `state` and `people`; at most one."""
    return slots.filled("case.needs", appeal, actor)


def _case(found: Any) -> AlikeCase:
    appeal: Appeal = found.appeal
    resolved = appeal.resolved_at
    return AlikeCase(
        appeal=appeal,
        status=STATUS_WORDS[Status(appeal.status)],
        outcome=Outcome.label_of(appeal.outcome) if appeal.outcome else "",
        days=(resolved - appeal.received_at).days if resolved else None,
        words=found.words,
        result=first_sentence(appeal.result),
        judgement=dict(Satisfaction.choices).get(appeal.satisfaction, ""),
    )
