"""Who is on duty, who was woken, and what passes on when somebody leaves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongqing.accounts.models import Posting, User
from gongqing.appeals.models import Appeal
from gongqing.dispatch.models.orders import Order
from gongqing.registry.models import Organisation


class DutyShift(models.Model):
    """One person's hours on the duty roster of an organisation (值班); rank 1 is called first, then 2, then 3."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="duty_shifts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duty_shifts")
    rank = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="shift_forward"),
            models.CheckConstraint(condition=Q(rank__gte=1, rank__lte=9), name="shift_rank"),
            models.UniqueConstraint(fields=["organisation", "user", "starts_at"], name="shift_once"),
        ]
        indexes = [models.Index(fields=["organisation", "starts_at", "ends_at"], name="shift_hours")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.organisation_id} from {self.starts_at}"


class DutyCall(models.Model):
    """Somebody on duty was called about an appeal; unanswered, the next in line is called (值班呼叫)."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="duty_calls")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="duty_calls")
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="duty_calls")
    rank = models.PositiveSmallIntegerField()
    round = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(max_length=128)
    called_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=64, blank=True)
    passed_on_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appeal"],
                condition=Q(answered_at__isnull=True, passed_on_at__isnull=True),
                name="one_open_duty_call",
            )
        ]
        indexes = [models.Index(fields=["answered_at", "passed_on_at", "answer_by"], name="duty_call_open")]

    def __str__(self) -> str:
        return f"call {self.rank} for {self.appeal_id}"


class PassOn(models.Model):
    """The open work of somebody who leaves a posting, with the list that the successor signs (工作交接)."""

    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="passed_on")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="passed_on")
    successor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="taken_over")
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    signed_at = models.DateTimeField(null=True)
    signed_by_name = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["posting"], name="passed_on_once")]

    def __str__(self) -> str:
        return f"work of posting {self.posting_id}"


class PassOnItem(models.Model):
    """One order on a list of work that passes on, as it stood."""

    pass_on = models.ForeignKey(PassOn, on_delete=models.PROTECT, related_name="items")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pass_on", "order"], name="pass_on_item_once")]

    def __str__(self) -> str:
        return f"{self.order_id} of {self.pass_on_id}"
