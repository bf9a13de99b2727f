"""Who may see an appeal: one row, read by queries and by row-level security."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class AccessReason(models.TextChoices):
    PARTY = "party", "本人"
    REPORTER = "reporter", "登记人"
    HANDLER = "handler", "主办"
    ASSIST = "assist", "协办"
    SUPERVISE = "supervise", "督办"
    FOLLOW = "follow", "跟踪"
    TRIAGE = "triage", "分类派单"
    INTAKE = "intake", "归集"
    GROUP = "group", "并案"


class Access(models.Model):
    """A grant: this organisation (and what stands above it), person or account sees this appeal (授权).

    Written only by `appeals.actions.grant_access` and `end_access`.
    """

    appeal = models.ForeignKey("appeals.Appeal", on_delete=models.PROTECT, related_name="grants")
    path = models.CharField(max_length=200, blank=True, db_collation="C")
    person_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    why = models.CharField(max_length=12, choices=AccessReason)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(path="") | Q(person_id__isnull=False) | Q(user_id__isnull=False), name="access_to_somebody"
            ),
            models.UniqueConstraint(
                fields=["appeal", "path", "person_id", "user_id", "why"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="access_once",
            ),
        ]
        indexes = [
            models.Index(fields=["path", "appeal"], name="access_live", condition=Q(until__isnull=True)),
            models.Index(fields=["person_id", "appeal"], name="access_person", condition=Q(person_id__isnull=False)),
            models.Index(fields=["user_id", "appeal"], name="access_user_grant", condition=Q(user_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.why}"
