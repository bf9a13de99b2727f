"""What was found about an answer before it went out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongqing.appeals.models import Appeal
from gongqing.audit.actor import Actor
from gongqing.language.replies import Kind
from gongqing.registry.models import Organisation


class ReplyCheckQuerySet(models.QuerySet["ReplyCheck"]):
    def visible_to(self, actor: Actor) -> ReplyCheckQuerySet:
        """The checks of answers to matters that one sees; none on the worker's side."""
        if not (actor.is_staff or actor.is_system):
            return self.none()
        return self.filter(appeal__in=Appeal.objects.visible_to(actor))


class ReplyCheck(models.Model):
    """What was read in one answer as its handler sent it (答复检查). It never held the answer back.

    `findings` holds kind, hint, spans in the answer and points of the appeal, the gravest first; `warning_count` of
    them leave the worker without an answer or harm somebody. An answer that a review sent back and that was given
    again has a check of its own; the latest counts.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="reply_checks")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, db_index=False)
    at = models.DateTimeField()
    relevance = models.FloatField()
    completeness = models.FloatField()
    plainness = models.FloatField()
    is_empty = models.BooleanField(default=False)
    warning_count = models.PositiveSmallIntegerField(default=0)
    findings = models.JSONField(default=list)
    promised_on = models.DateField(null=True)
    promise = models.CharField(max_length=200, blank=True)
    reminded_at = models.DateTimeField(null=True)

    objects = ReplyCheckQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(relevance__gte=0, relevance__lte=1, completeness__gte=0, completeness__lte=1)
                & Q(plainness__gte=0, plainness__lte=1),
                name="reply_check_shares",
            ),
            models.CheckConstraint(
                condition=Q(reminded_at__isnull=True) | Q(promised_on__isnull=False),
                name="reply_check_reminds_of_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="reply_check_at"),
            models.Index(
                fields=["promised_on"],
                condition=Q(promised_on__isnull=False, reminded_at__isnull=True),
                name="reply_check_promised",
            ),
        ]

    def __str__(self) -> str:
        return f"check of the answer to {self.appeal_id}"

    @property
    def warned_of(self) -> list[str]:
        """What its warnings are about, each once, the gravest first."""
        kinds = dict.fromkeys(each["kind"] for each in self.findings if each["is_warning"])
        return [Kind.label_of(kind) for kind in kinds]
