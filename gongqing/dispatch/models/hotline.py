"""Calls of the hotline and the samples of them that are checked."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongqing.appeals.models import Appeal
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.registry.models import Organisation

CALLER = "call.phone"


class CallDirection(models.TextChoices):
    IN = "in", "来电"
    OUT = "out", "去电"


class CallQuerySet(models.QuerySet["Call"]):
    def visible_to(self, actor: Actor) -> CallQuerySet:
        """The calls of one's own hotline."""
        if sees_all(actor):
            return self
        if actor.user_id is None:
            return self.none()
        mine = Q(seat_user_id=actor.user_id)
        for path in actor.paths:
            mine |= Q(path__gte=path, path__lt=path[:-1] + "0")
        return self.filter(mine)


class Call(models.Model):
    """One telephone call at a seat (通话); the caller's number is sealed and found by its keyed index.

    `crisis_number` is the number that the caller was put through to or given (110, 120, 12356), at `transferred_at`.
    """

    SEALED: ClassVar[dict[str, str]] = {"phone_sealed": CALLER}

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="calls")
    path = models.CharField(max_length=200, db_collation="C")
    seat_user_id = models.BigIntegerField()
    seat_name = models.CharField(max_length=64)
    direction = models.CharField(max_length=3, choices=CallDirection, default=CallDirection.IN)
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True)
    phone_mask = models.CharField(max_length=20, blank=True)
    appeal = models.ForeignKey(Appeal, null=True, on_delete=models.PROTECT, related_name="calls")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, blank=True)
    note = models.TextField(blank=True)
    crisis_number = models.CharField(max_length=16, blank=True)
    transferred_at = models.DateTimeField(null=True)

    objects = CallQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-started_at"], name="call_recent"),
            models.Index(fields=["phone_index", "-started_at"], name="call_of_phone"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"


class QualityCheck(models.Model):
    """One closed matter of the hotline drawn for checking, and what the checker found (质检)."""

    appeal = models.OneToOneField(Appeal, on_delete=models.PROTECT, related_name="quality_check")
    call = models.ForeignKey(Call, null=True, on_delete=models.PROTECT, related_name="quality_checks")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="quality_checks")
    seat_user_id = models.BigIntegerField(null=True)
    seat_name = models.CharField(max_length=64, blank=True)
    drawn_for = models.DateField()
    drawn_at = models.DateTimeField()
    why = models.CharField(max_length=64)
    checked_at = models.DateTimeField(null=True)
    checked_by_name = models.CharField(max_length=64, blank=True)
    points = models.JSONField(default=dict)
    score = models.PositiveSmallIntegerField(null=True)
    passed = models.BooleanField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score__isnull=True) | Q(score__lte=100), name="check_score_range")
        ]
        indexes = [models.Index(fields=["organisation", "drawn_for"], name="check_drawn")]

    def __str__(self) -> str:
        return f"check of {self.appeal_id}"
