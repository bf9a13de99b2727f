"""Which appeals were not heard again for words of danger yet?"""

from __future__ import annotations

from datetime import datetime, timedelta

from gongqing.appeals.models import Appeal, ListeningMark

LATE_WRITERS = timedelta(minutes=3)
"""An appeal may be written so much later than one with a higher number; until then it is heard more than once."""


def listening_mark() -> ListeningMark | None:
    """How far the listening has come; None where it has not begun."""
    return ListeningMark.objects.first()


def newest_appeal() -> int:
    """The highest number of an appeal; 0 without any. In the system's scope."""
    return Appeal.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def unheard(after: int, *, most: int) -> list[Appeal]:
    """The next appeals after a number, in order, in the system's scope; their words, where they stand and why."""
    found = Appeal.objects.filter(pk__gt=after).order_by("pk")
    return list(found.only("pk", "text", "status", "grade", "grade_reasons", "needs_call_back", "entered_at")[:most])


def heard_up_to(heard: list[Appeal], after: int, at: datetime) -> int:
    """To which number nothing can be written behind the listener any more."""
    old = [appeal.pk for appeal in heard if appeal.entered_at <= at - LATE_WRITERS]
    return max(old, default=after)
