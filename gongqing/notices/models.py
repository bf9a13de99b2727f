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
    DELIVERED = "delivered", "已送达"
    FAILED = "failed", "没有发出"
    CANCELLED = "cancelled", "已取消"


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, actor: Actor) -> MessageQuerySet:
        """A person's own and those of the organisation where the posting is held; nothing for anybody else."""
        if actor.user_id is None:
            return self.none()
        mine = Q(user_id=actor.user_id)
        return self.filter(mine | Q(organisation_id=actor.organisation_id) if actor.organisation_id else mine)


class Message(models.Model):
    """One message to a user, an organisation or a phone (sealed).

    `subject_kind` and `subject_id` name what it is about; `link` is the page on this site that shows it. A short
    message waits until `not_before` (quiet hours, the next try); `gateway_id` is the gateway's own number for it.
    """

    SEALED: ClassVar[dict[str, str]] = {"phone_sealed": PHONE}

    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="messages", db_index=False)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
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
    template = models.CharField(max_length=24, blank=True)
    is_urgent = models.BooleanField(default=False)
    not_before = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_fault = models.CharField(max_length=200, blank=True)
    gateway_id = models.CharField(max_length=64, blank=True)
    delivered_at = models.DateTimeField(null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "read_at"], name="message_user"),
            models.Index(fields=["organisation", "read_at"], name="message_organisation"),
            models.Index(
                fields=["user"],
                include=["organisation"],
                name="message_unread_user",
                condition=Q(state="inbox", read_at__isnull=True, user__isnull=False),
            ),
            models.Index(
                fields=["organisation"],
                include=["user"],
                name="message_unread_place",
                condition=Q(state="inbox", read_at__isnull=True, organisation__isnull=False),
            ),
            models.Index(fields=["state", "not_before"], name="message_waiting"),
            models.Index(fields=["id"], name="message_queued", condition=Q(state="queued")),
            models.Index(fields=["gateway_id"], name="message_gateway"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(organisation__isnull=False) | Q(phone_sealed__isnull=False),
                name="message_to_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk} {self.state}"


class MessageTemplate(models.Model):
    """The words of one kind of short message, versioned; the highest version is in force (短信模板).

    `text` holds places such as `{code}`; `rules` says which each name may hold.
    """

    name = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=300)
    gateway_template = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="template_version")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
