"""What was done to a thing, and who looked at it?"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from gongqing.audit import events
from gongqing.audit.models import Event


def events_of(subject_kind: str, subject_id: int) -> QuerySet[Event]:
    """Everything done to one thing, oldest first. The caller has checked that the thing is visible.

    What a block still holds back to write it together is written first.
    """
    events.write_now()
    return Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")


def events_among(subject_kind: str, subject_ids: Collection[int], *, kinds: Collection[str]) -> list[Event]:
    """What was done of these kinds to several things, oldest first; as `events_of`."""
    events.write_now()
    found = Event.objects.filter(subject_kind=subject_kind, subject_id__in=[*subject_ids], kind__in=[*kinds])
    return list(found.order_by("id"))
