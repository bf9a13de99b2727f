"""Group cases (群体案): which appeals were merged into which, and what each worker is owed."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from gongqing.appeals.models.appeals import Appeal
from gongqing.registry.models import Enterprise, Person


class GroupMember(models.Model):
    """One appeal as a part of a lead case, from when until when (并入件).

    `before` keeps how the part stood, as numbers and states without personal data, so that it can return to it:
    `status`, `handler`, `level`, `orders`, `clocks`, `grants`, `due` and, in `demand` and `unit`, the closing limit
    that the part asks of the lead.
    """

    lead = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="members")
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="memberships")
    merged_at = models.DateTimeField()
    merged_by_name = models.CharField(max_length=64)
    reason = models.TextField()
    before = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)
    ended_by_name = models.CharField(max_length=64, blank=True)
    ended_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal"], condition=Q(ended_at__isnull=True), name="part_of_one_case"),
            models.CheckConstraint(condition=~Q(appeal=F("lead")), name="part_is_not_its_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} in {self.lead_id}"


class Distinction(models.Model):
    """Somebody found that two appeals are different matters (不是同一件); they are never suggested again."""

    one = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="distinction_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="distinction_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} is not {self.other_id}"


class Team(models.Model):
    """A team (班组) of one employer in a case, with its leader; an empty name stands for those without one."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="teams")
    employer_name = models.CharField(max_length=128)
    employer = models.ForeignKey(Enterprise, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=64, blank=True)
    leader = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["appeal", "employer_name", "name"], name="team_once")]

    def __str__(self) -> str:
        return self.name or "未分班组"


class Claim(models.Model):
    """What one worker is owed by one employer for one period (欠薪明细).

    `appeal` is the case under which it counts, `part` the merged appeal whose worker it belongs to and with which it
    leaves. `agreed` is what was found together with the team's leader, `recovered` the sum of the payments that stand.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="claims")
    part = models.ForeignKey(Appeal, null=True, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="claims")
    started_on = models.DateField()
    ended_on = models.DateField()
    payable = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    paid = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    owed = models.DecimalField(max_digits=12, decimal_places=2)
    basis = models.TextField(blank=True)
    is_disputed = models.BooleanField(default=False)
    dispute_note = models.TextField(blank=True)
    agreed = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by_name = models.CharField(max_length=64, blank=True)
    checked_with = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    recovered = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    entered_at = models.DateTimeField()
    entered_by_name = models.CharField(max_length=64)
    removed_at = models.DateTimeField(null=True)
    removed_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "person", "started_on", "ended_on"],
                condition=Q(removed_at__isnull=True),
                name="claim_once",
            ),
            models.CheckConstraint(condition=Q(owed__gte=0), name="claim_owed_not_negative"),
            models.CheckConstraint(condition=Q(recovered__gte=0), name="claim_recovered_not_negative"),
            models.CheckConstraint(condition=Q(ended_on__gte=F("started_on")), name="claim_period_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.owed}"


class ClaimCorrection(models.Model):
    """One thing that was changed in a claim, from what to what and why (更正)."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="corrections")
    field = models.CharField(max_length=16)
    before = models.CharField(max_length=128, blank=True)
    after = models.CharField(max_length=128, blank=True)
    reason = models.TextField()
    with_leader = models.BooleanField(default=False)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.field} of {self.claim_id}"


class Payment(models.Model):
    """Money that came back on one claim, with its voucher (追回); a wrong one is cancelled, never removed.

    `batch` is shared by what one action spread over several claims.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="payments")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    paid_on = models.DateField()
    voucher = models.CharField(max_length=200)
    over_reason = models.CharField(max_length=200, blank=True)
    batch = models.CharField(max_length=32)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by_name = models.CharField(max_length=64, blank=True)
    cancelled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive")]

    def __str__(self) -> str:
        return f"{self.amount} on {self.claim_id}"
