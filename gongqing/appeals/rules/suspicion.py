"""When does an appeal wait for a person because its words may mean danger?

Less sure than a threat, a suspicion never changes a grade: a person looks within the half hour that holds for red, and
says by settling the category, or the grade with it, what it is. What the encoder makes suspect after the appeal went
out is looked at by whoever signs it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from gongqing.appeals.rules.statuses import Status
from gongqing.language.facts import Evidence, Facts, Flag

RULE, TITLE = "G24", "疑似有危险，请先看"
LOOK_WITHIN = timedelta(minutes=30)
HEARD_AGAIN = frozenset({Status.TRIAGE, Status.CLASSIFIED, Status.DISPATCHED})
"""Where an appeal may still be suspected after it came in: nobody has begun to handle it."""
_SPANS_KEPT = 6


def suspicion_in(facts: Facts, *, grade: str, needs_call_back: bool) -> dict[str, Any] | None:
    """The reason to look first, as it is kept among the reasons of the grade; None where nothing is suspected.

    Nor where the matter is red or is called about anyway.
    """
    return suspicion_at(facts.spans(Flag.SUSPECTED), grade=grade, needs_call_back=needs_call_back)


def suspicion_at(spans: Sequence[Evidence], *, grade: str, needs_call_back: bool) -> dict[str, Any] | None:
    """The reason to look first at these words; None without words, or where `suspicion_in` gives none."""
    spans = spans[:_SPANS_KEPT]
    if not spans or grade == "red" or needs_call_back:
        return None
    return {
        "rule": RULE,
        "title": TITLE,
        "grade": grade,
        "evidence": "、".join(f"“{words}”" for words in dict.fromkeys(span.words for span in spans)),
        "spans": [[span.start, span.end] for span in spans],
    }


def suspicion_of(reasons: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The reason to look first that stands among the reasons of a grade; a person who settles takes it away."""
    return next((reason for reason in reasons if reason["rule"] == RULE), None)
