"""What is added to an appeal: words, files, the worker's judgement."""

from __future__ import annotations

from django.db import models

from gongqing.appeals.models.appeals import Appeal


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", "满意"
    BASICALLY = "basically", "基本满意"
    NOT = "not", "不满意"


class Message(models.Model):
    """Words added after the appeal was received, by the worker or by staff."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="messages")
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)
    from_worker = models.BooleanField()
    text = models.TextField()

    def __str__(self) -> str:
        return f"message {self.pk}"


class Attachment(models.Model):
    """A photo, recording or document; the file lies under its digest, images without EXIF."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=128)
    media_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)
    from_worker = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appeal", "digest"], name="attachment_once")]

    def __str__(self) -> str:
        return self.name


class Evaluation(models.Model):
    """The worker's judgement of one round of handling; `satisfaction` empty means not evaluated in time."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="evaluations")
    round = models.PositiveSmallIntegerField()
    satisfaction = models.CharField(max_length=12, choices=Satisfaction, blank=True)
    reason = models.CharField(max_length=64, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)
    recorded_by_staff = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appeal", "round"], name="evaluation_once_a_round")]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.satisfaction}"


class EvaluationLink(models.Model):
    """A one-time link by which the worker judges without signing in; digest only."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="evaluation_links")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.appeal_id}"
