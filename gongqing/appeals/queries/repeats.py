"""Has this person said the same before?"""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.language.vectors import vector_of, wording_likeness

WITHIN = timedelta(days=30)
NEARLY_THE_SAME = 0.6
"""Wordings this near are the same words, with a few changed."""
SHORTEST = 8
MOST = 20


def said_before(text: str, *, person_id: int | None, at: datetime, appeal_id: int | None = None) -> Appeal | None:
    """The newest matter of this person within thirty days that was said in nearly the same words; None for none.

    The caller knows that it is this person, or that it is somebody who holds this one appeal.

    Args:
        person_id: whose matters are looked through; None for none but `appeal_id`.
        appeal_id: one more that is looked at.
    """
    if len(text.strip()) < SHORTEST:
        return None
    own = vector_of("", text)
    with scope.elevated():
        found = Appeal.objects.exclude(status__in=[Status.INVALID, Status.WITHDRAWN]).select_related("handler")
        found = found.filter(person_id=person_id) if person_id is not None else found.filter(pk=appeal_id or 0)
        recent = found.filter(received_at__gte=at - WITHIN, received_at__lte=at).order_by("-received_at")
        for earlier in recent[:MOST]:
            if wording_likeness(own, vector_of("", earlier.text)) >= NEARLY_THE_SAME:
                return earlier
    return None
