"""Telling people in the house, and noting that they have read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.accounts import queries as accounts
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.lib.times import day_of
from gongqing.notices import queries
from gongqing.notices.models import Message, State
from gongqing.registry.rules import plain


@transaction.atomic
def notify(
    *,
    text: str,
    at: datetime,
    user_id: int | None = None,
    organisation_id: int | None = None,
    subject_kind: str = "",
    subject_id: int | None = None,
    link: str = "",
) -> Message:
    """Put a notice into the inbox of one account, or of everybody who holds a posting at one organisation.

    The same text about the same subject to the same inbox, still unread, is not told twice. What is told to an account
    is told to whoever stands in for it today as well.

    Raises:
        ValueError: neither or both of account and organisation were given.
    """
    if (user_id is None) == (organisation_id is None):
        raise ValueError("a notice goes to one account or to one organisation")
    to = {
        "user_id": user_id,
        "organisation_id": organisation_id,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
    }
    text = plain(text)
    with scope.elevated():  # whoever tells may not see the other's inbox
        deputies = accounts.deputies_of(user_id, day_of(at)) if user_id is not None else []
        for deputy in deputies:
            _put(to | {"user_id": deputy.pk}, text, link, at)
        return _put(to, text, link, at)


def _put(to: Mapping[str, Any], text: str, link: str, at: datetime) -> Message:
    told = Message.objects.filter(**to, text=text, state=State.INBOX, read_at__isnull=True).first()
    return told or Message.objects.create(**to, text=text, link=link, state=State.INBOX, created_at=at)


@transaction.atomic
def mark_read(*, by: Actor, at: datetime, message_id: int | None = None) -> int:
    """Note that the actor has read one own notice, or all; returns how many were unread."""
    unread = queries.unread_of(by)
    if message_id is not None:
        unread = unread.filter(id=message_id)
    return unread.update(read_at=at)
