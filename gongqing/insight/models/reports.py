"""The weekly report (工情通动态情况报告) and the snapshots that its figures come from."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.registry.models import Organisation


def _below(actor: Actor) -> Q:
    """Rows of organisations under one of the actor's paths; nothing for those who have none."""
    mine = Q(pk__in=[])
    for path in actor.paths:
        mine |= Q(organisation__path__gte=path, organisation__path__lt=path[:-1] + "0")
    return mine


def _above(actor: Actor) -> Q:
    """Rows of the organisations that the actor stands under, and of the actor's own."""
    over = {path[: place + 1] for path in actor.paths for place, sign in enumerate(path) if sign == "/" and place}
    return Q(organisation__path__in=sorted(over))


class ReportState(models.TextChoices):
    DRAFT = "draft", "草稿"
    SIGNED = "signed", "已签发"
    ISSUED = "issued", "已编发"


class ReportSnapshot(models.Model):
    """All figures of one report as they were read in one view of the database (数据快照); never changed.

    `name` is printed on the report; `digest` is SM3 over the canonical form of `figures`.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="report_snapshots")
    first_on = models.DateField()
    name = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64)
    figures = models.JSONField()
    taken_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["organisation", "first_on"], name="report_snapshot_week")]

    def __str__(self) -> str:
        return self.name


class WeeklyReportQuerySet(models.QuerySet["WeeklyReport"]):
    def visible_to(self, actor: Actor) -> WeeklyReportQuerySet:
        """One's own and those of the unions below; of the unions above, what is issued."""
        if sees_all(actor):
            return self
        return self.filter(_below(actor) | (Q(state=ReportState.ISSUED) & _above(actor)))


class WeeklyReport(models.Model):
    """The report of one week for the city or a county (工情通动态情况报告), from draft to issue.

    `first_on` is the week's Monday. `number` (期号) runs without gaps in each organisation and year; a correction bears
    the number that it corrects. `correction` is 0 for the first issue and counts the corrections of it. `words` is what
    people wrote, by section; `editor_ids` are those who did. Once issued nothing of it changes, and the Word file as it
    left lies in the store under `file_key`, sealed. `figures_asked_at`: figures are being taken for it.
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="weekly_reports")
    first_on = models.DateField()
    state = models.CharField(max_length=6, choices=ReportState, default=ReportState.DRAFT)
    snapshot = models.ForeignKey(ReportSnapshot, null=True, on_delete=models.PROTECT, related_name="reports")
    figures_asked_at = models.DateTimeField(null=True)
    correction = models.PositiveSmallIntegerField(default=0)
    corrects = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="corrections")
    correction_reason = models.CharField(max_length=300, blank=True)
    addressees = models.CharField(max_length=300)
    copies = models.CharField(max_length=300, blank=True)
    words = models.JSONField(default=dict)
    editor_ids = models.JSONField(default=list)
    edited_by_user_id = models.BigIntegerField(null=True)
    edited_by_name = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=64)
    changed_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by_user_id = models.BigIntegerField(null=True)
    signed_by_name = models.CharField(max_length=64, blank=True)
    year = models.PositiveSmallIntegerField(null=True)
    number = models.PositiveIntegerField(null=True)
    issued_at = models.DateTimeField(null=True)
    issued_by_name = models.CharField(max_length=64, blank=True)
    file_key = models.CharField(max_length=64, blank=True)
    file_digest = models.CharField(max_length=64, blank=True)

    objects = WeeklyReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "first_on", "correction"], name="report_once_a_week"),
            models.UniqueConstraint(fields=["organisation", "year", "number", "correction"], name="report_number_once"),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(snapshot__isnull=False, signed_at__isnull=False, signed_by_user_id__isnull=False),
                name="report_signed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(edited_by_user_id__isnull=True)
                | Q(signed_by_user_id__isnull=True)
                | ~Q(signed_by_user_id=F("edited_by_user_id")),
                name="report_needs_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="issued")
                | (Q(number__isnull=False, year__isnull=False, issued_at__isnull=False) & ~Q(file_key="")),
                name="report_issued_with_number",
            ),
            models.CheckConstraint(
                condition=Q(correction=0, corrects__isnull=True) | Q(correction__gt=0, corrects__isnull=False),
                name="report_correction_of_one",
            ),
        ]
        indexes = [models.Index(fields=["-first_on", "organisation"], name="report_recent")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.first_on}"
