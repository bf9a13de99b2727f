"""Is this the same button, pressed a second time before the first answer came?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.audit.models import Event

WITHIN = timedelta(seconds=30)


def is_pressed_again(appeal_id: int, kinds: Sequence[str], *, note: str, by: Actor, at: datetime) -> bool:
    """Whether this account has just done the same to this appeal in the same words; the caller holds its lock."""
    if by.user_id is None:
        return False
    events.write_now()
    same = Event.objects.filter(subject_kind="appeal", subject_id=appeal_id, kind__in=kinds, user_id=by.user_id)
    return same.filter(note=note, at__gte=at - WITHIN).exists()
