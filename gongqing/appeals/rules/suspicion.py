"""When does an appeal wait for a person because its words may mean danger?

Less sure than a threat, a suspicion never changes a grade: a person looks within the half hour that holds for red, and
says by settling the category, or the grade with it, what it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from gongqing.language.facts import Facts, Flag

RULE, TITLE = "G24", "疑似有危险，请先看"
LOOK_WITHIN = timedelta(minutes=30)
_SPANS_KEPT = 6


def suspicion_in(facts: Facts, *, grade: str, needs_call_back: bool) -> dict[str, Any] | None:
    """The reason to look first, as it is kept among the reasons of the grade; None where nothing is suspected.

    Nor where the matter is red or is called about anyway.
    """
    spans = facts.spans(Flag.SUSPECTED)[:_SPANS_KEPT]
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
