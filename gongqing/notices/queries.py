"""What has been told to whom, and in which words?"""

from __future__ import annotations

from django.db.models import QuerySet

from gongqing.audit.actor import Actor
from gongqing.notices.models import Message, MessageTemplate, State
from gongqing.notices.rules.templates import template_named


def messages_of(actor: Actor) -> QuerySet[Message]:
    """Notices to the actor and to the organisation of the posting, newest first."""
    return Message.objects.visible_to(actor).filter(state=State.INBOX).order_by("-id")


def unread_of(actor: Actor) -> QuerySet[Message]:
    """The notices that nobody has read yet, newest first."""
    return messages_of(actor).filter(read_at__isnull=True)


def text_in_force(name: str) -> str:
    """The words of a template as they are now: the newest version, or the shipped first one before any is loaded.

    Raises:
        BadInput: on `template`, there is none of this name.
    """
    shipped = template_named(name).first
    newest = MessageTemplate.objects.filter(name=name).order_by("-version").values_list("text", flat=True).first()
    return newest or shipped
