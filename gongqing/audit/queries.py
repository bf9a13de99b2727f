"""What was done to a thing, and who looked at it?"""

from __future__ import annotations

from django.db.models import QuerySet

from gongqing.audit import events
from gongqing.audit.models import AccessLog, Event


def events_of(subject_kind: str, subject_id: int) -> QuerySet[Event]:
    """Everything done to one thing, oldest first. The caller has checked that the thing is visible.

    What a block still holds back to write it together is written first.
    """
    events.write_now()
    return Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")


def looks_at(subject_kind: str, subject_id: int) -> QuerySet[AccessLog]:
    """Every look at one thing, newest first."""
    return AccessLog.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id")
