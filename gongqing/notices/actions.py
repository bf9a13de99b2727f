"""Telling people, and noting that they have read it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app

from gongqing.accounts import client
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.lib import masks
from gongqing.lib.errors import BadInput
from gongqing.notices import queries
from gongqing.notices.models import PHONE, Message, State
from gongqing.registry.models import sealing
from gongqing.registry.rules import check_mobile, plain

LONGEST = 500


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

    The same text about the same subject to the same inbox, still unread, is not told twice.

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
        told = Message.objects.filter(**to, text=text, state=State.INBOX, read_at__isnull=True).first()
        return told or Message.objects.create(**to, text=text, link=link, state=State.INBOX, created_at=at)


@transaction.atomic
def send_message(
    *,
    phone: str,
    text: str,
    by: Actor,
    at: datetime,
    subject_kind: str = "",
    subject_id: int | None = None,
) -> Message:
    """Queue a short message to a phone; a job sends it once this transaction is saved, and tries again if need be.

    Raises:
        BadInput: on `phone` or `text`; a masked phone is none.
    """
    number, text = check_mobile(phone), plain(text)
    if not text or len(text) > LONGEST:
        raise BadInput("text", f"短信内容不能为空，也不能超过 {LONGEST} 字。")
    with scope.elevated():
        message = Message.objects.create(
            phone_sealed=sealing.seal(number, PHONE),
            phone_mask=masks.mask_phone(number),
            text=text,
            subject_kind=subject_kind,
            subject_id=subject_id,
            state=State.QUEUED,
            created_at=at,
        )
        events.record("message.queued", subject=message, by=by, at=at, about=[subject_kind, subject_id])
    app.configure_task("notices.deliver").defer(message_id=message.pk)
    return message


@transaction.atomic
def deliver_message(*, message_id: int, at: datetime) -> None:
    """Hand a queued message to the gateway; a message that has left already is left alone.

    Raises:
        OSError: the gateway could not take it; the message stays queued.
    """
    message = Message.objects.select_for_update().get(id=message_id)
    if message.state != State.QUEUED or message.phone_sealed is None:
        return
    client.send(sealing.open_sealed(message.phone_sealed, PHONE), message.text)
    message.state, message.sent_at = State.SENT, at
    message.save(update_fields=["state", "sent_at"])


@transaction.atomic
def mark_read(*, by: Actor, at: datetime, message_id: int | None = None) -> int:
    """Note that the actor has read one own notice, or all; returns how many were unread."""
    unread = queries.unread_of(by)
    if message_id is not None:
        unread = unread.filter(id=message_id)
    return unread.update(read_at=at)
