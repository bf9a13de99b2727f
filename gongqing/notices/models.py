"""What was told to whom, and whether it was read or has left."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongqing.accounts.models import User
from gongqing.audit.actor import Actor
from gongqing.registry.models import Organisation

PHONE = "message.phone"


class State(models.TextChoices):
    INBOX = "inbox", "站内"
    QUEUED = "queued", "待发送"
    SENT = "sent", "已发送"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, actor: Actor) -> MessageQuerySet:
        """A person's own and those of the organisation where the posting is held; nothing for anybody else."""
        if actor.user_id is None:
            return self.none()
        mine = Q(user_id=actor.user_id)
        return self.filter(mine | Q(organisation_id=actor.organisation_id) if actor.organisation_id else mine)


class Message(models.Model):
    """One message to a user, an organisation or a phone (sealed).

    `subject_kind` and `subject_id` name what it is about; `link` is the page on this site that shows it.
    """

    SEALED: ClassVar[dict[str, str]] = {"phone_sealed": PHONE}

    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="messages")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="messages")
    phone_sealed = models.BinaryField(null=True)
    phone_mask = models.CharField(max_length=20, blank=True)
    text = models.TextField()
    subject_kind = models.CharField(max_length=32, blank=True)
    subject_id = models.BigIntegerField(null=True)
    link = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "read_at"], name="message_user"),
            models.Index(fields=["organisation", "read_at"], name="message_organisation"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(organisation__isnull=False) | Q(phone_sealed__isnull=False),
                name="message_to_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk} {self.state}"
