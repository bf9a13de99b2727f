"""What a person was told about personal data, agreed to, and asked for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongqing.registry.models.people import Person

WISH = "data_request.wish"


class PrivacyNotice(models.Model):
    """One version of what workers are told before they give personal data (隐私告知)."""

    version = models.PositiveSmallIntegerField(unique=True)
    text = models.TextField()
    effective_from = models.DateField()
    source = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"notice {self.version}"


class Purpose(models.TextChoices):
    HANDLING = "handling", "办理诉求"
    CONTACT = "contact", "短信和电话联系"
    STUDY = "study", "改进分类（只用文字，不用姓名电话）"


class Consent(models.Model):
    """A person's agreement to one purpose under one version of the notice, until it is withdrawn (同意)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=10, choices=Purpose)
    notice = models.ForeignKey(PrivacyNotice, on_delete=models.PROTECT)
    door = models.CharField(max_length=16)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "purpose"], condition=Q(withdrawn_at__isnull=True), name="one_consent_a_purpose"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.person_id}"


class Right(models.TextChoices):
    COPY = "copy", "取走一份"
    CORRECT = "correct", "更正"
    DELETE = "delete", "删除"
    EXPLAIN = "explain", "解释说明"


class DataRequest(models.Model):
    """What a person asked about the own data, and how it was answered (个人信息权利请求)."""

    SEALED: ClassVar[dict[str, str]] = {"wish_sealed": WISH}

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="data_requests")
    right = models.CharField(max_length=8, choices=Right)
    wish_sealed = models.BinaryField(null=True)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=64, blank=True)
    granted = models.BooleanField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["answered_at", "due_at"], name="data_request_open")]

    def __str__(self) -> str:
        return f"{self.right} of {self.person_id}"
