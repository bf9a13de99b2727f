"""What has been told to this actor?"""

from __future__ import annotations

from django.db.models import QuerySet

from gongqing.audit.actor import Actor
from gongqing.notices.models import Message, State


def messages_of(actor: Actor) -> QuerySet[Message]:
    """Notices to the actor and to the organisation of the posting, newest first."""
    return Message.objects.visible_to(actor).filter(state=State.INBOX).order_by("-id")


def unread_of(actor: Actor) -> QuerySet[Message]:
    """The notices that nobody has read yet, newest first."""
    return messages_of(actor).filter(read_at__isnull=True)
