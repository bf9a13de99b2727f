"""What the ladder leaves behind: reminders and their digests, interviews, and the steps up of an appeal."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.registry.models import Level, Organisation


class DigestQuerySet(models.QuerySet["Digest"]):
    def visible_to(self, actor: Actor) -> DigestQuerySet:
        """A person's own and those of the organisation where the posting is held; the system's are all."""
        if scope.sees_all(actor) and actor.is_system:
            return self.all()
        mine = Q(user_id=actor.user_id or 0)
        return self.filter(mine | Q(organisation_id=actor.organisation_id) if actor.organisation_id else mine)


class Digest(models.Model):
    """Several reminders told as one notice to one account or one organisation (提醒汇总)."""

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    user_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    count = models.PositiveIntegerField()

    objects = DigestQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "at"], name="digest_organisation"),
            models.Index(fields=["user_id", "at"], name="digest_user", condition=Q(user_id__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(user_id__isnull=False) | Q(organisation__isnull=False), name="digest_to_somebody"
            )
        ]

    def __str__(self) -> str:
        return f"digest {self.pk}"


class ReminderKind(models.TextChoices):
    HALF = "half", "时限过半"
    FIFTH = "fifth", "黄牌，只剩两成时间"
    OVERDUE = "overdue", "红牌，已超时"
    SUPERVISE = "supervise", "自动督办"
    UNANSWERED = "unanswered", "督办单没有按时回复"
    NOTICE = "notice", "超时通报"
    INTERVIEW = "interview", "待约谈"
    PASSED_UP = "passed_up", "报上来的"
    TOP = "top", "三个工作日没有进展"


class Reminder(models.Model):
    """One thing to be told about an appeal, waiting for the next digest of its inbox (提醒)."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="reminders")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    user_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=10, choices=ReminderKind)
    clock = models.CharField(max_length=8, blank=True)
    made_at = models.DateTimeField()
    not_before = models.DateTimeField()
    digest = models.ForeignKey(Digest, null=True, on_delete=models.CASCADE, related_name="reminders")

    class Meta:
        indexes = [
            models.Index(fields=["not_before"], condition=Q(digest__isnull=True), name="reminder_waiting"),
            models.Index(fields=["digest"], condition=Q(digest__isnull=False), name="reminder_told"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.appeal_id}"


class Interview(models.Model):
    """A talk with a handler that let a deadline pass by five working days (约谈), to be filled in when it was held.

    `organisation` is the handler that is spoken to, `held_by` who calls it in.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="interviews")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="interviews")
    held_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="interviews_held")
    why = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    held_at = models.DateTimeField(null=True)
    people = models.CharField(max_length=200, blank=True)
    said = models.TextField(blank=True)
    agreed = models.TextField(blank=True)
    recorded_at = models.DateTimeField(null=True)
    by_name = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal"], condition=Q(recorded_at__isnull=True), name="one_open_interview")
        ]
        indexes = [models.Index(fields=["held_by", "recorded_at"], name="interview_held_by")]

    def __str__(self) -> str:
        return f"interview about {self.appeal_id}"


class FilterReason(models.TextChoices):
    DECLARED = "declared", "超出本级能力"
    STALLED = "stalled", "三个工作日没有进展"


class FilterStep(models.Model):
    """One step of an appeal up the levels (梯次过滤): from whom to whom, and why."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="filter_steps")
    from_organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    from_level = models.CharField(max_length=10, choices=Level)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=10, choices=Level)
    why = models.CharField(max_length=10, choices=FilterReason)
    reason = models.TextField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.from_level} to {self.level}"
