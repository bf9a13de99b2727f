"""Hanging the cockpit on a wall, and taking it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.insight.rules import cockpit as rules


@transaction.atomic
def hang_screen(*, address: str, by: Actor, at: datetime) -> None:
    """Keep in the trace that this session became a screen on a wall; the door makes it one.

    Raises:
        NotPermitted: the cockpit is not for this person.
    """
    rules.check_can_watch(by)
    events.record("screen.hung", subject=_Account(by.user_id), subject_kind="user", by=by, at=at, note=address)


@transaction.atomic
def take_screen_down(*, address: str, by: Actor, at: datetime) -> None:
    """Keep in the trace that a screen was taken down; the door ends its session.

    Raises:
        NotPermitted: the cockpit is not for this person.
    """
    rules.check_can_watch(by)
    events.record("screen.taken_down", subject=_Account(by.user_id), subject_kind="user", by=by, at=at, note=address)


@dataclass(slots=True)
class _Account:
    pk: int | None
