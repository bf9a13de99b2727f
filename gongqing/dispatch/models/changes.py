"""Changes of the rules on their way: drafted, submitted, decided by a second person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class RuleKind(models.TextChoices):
    ROUTING = "routing", "派单规则"
    LIMITS = "limits", "期限"
    GRADING = "grading", "分级规则"
    CATEGORIES = "categories", "分类"
    CALENDAR = "calendar", "日历"


class ChangeState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待批准"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"


class RuleChange(models.Model):
    """A new version of one kind of rules (规则修订); `version` is given when a second person approves it.

    `content` is the whole of the new rules as the kind stores them; `preview` keeps the figures that the decision was
    taken on. `rolls_back_to` names the earlier version whose content comes back. `applies_to_open`: limits that
    hold for the open matters too; `recount` says how far the open clocks have been reckoned anew.
    """

    kind = models.CharField(max_length=10, choices=RuleKind)
    state = models.CharField(max_length=10, choices=ChangeState, default=ChangeState.DRAFT)
    based_on = models.PositiveSmallIntegerField()
    content = models.JSONField()
    effective_from = models.DateField()
    reason = models.TextField(blank=True)
    preview = models.JSONField(default=dict)
    rolls_back_to = models.PositiveSmallIntegerField(null=True)
    version = models.PositiveSmallIntegerField(null=True)
    made_by_user_id = models.BigIntegerField()
    made_by_name = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    decided_by_user_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    applies_to_open = models.BooleanField(default=False)
    recount = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(state__in=["draft", "submitted"]), name="one_open_change_a_kind"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(decided_by_user_id__isnull=False) & ~Q(decided_by_user_id=models.F("made_by_user_id"))),
                name="change_needs_a_second_person",
            ),
        ]
        indexes = [models.Index(fields=["kind", "-made_at"], name="change_recent")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.based_on}"
