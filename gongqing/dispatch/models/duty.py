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


class DutySetting(models.Model):
    """What is set for the duty of one organisation; without a row the rules' own values hold (值班设置).

    `answer_minutes` is how long a call to this organisation waits before the next in line is called.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="duty_setting")
    needs_roster = models.BooleanField()
    answer_minutes = models.PositiveSmallIntegerField()
    changed_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(answer_minutes__gte=3, answer_minutes__lte=60), name="answer_minutes")
        ]

    def __str__(self) -> str:
        return f"duty of {self.organisation_id}"


class DutyCall(models.Model):
    """Somebody on duty was called about an appeal; unanswered, the next in line is called (值班呼叫).

    `user` is empty when a whole desk was called. `note` says why a call passed on or was stopped.
    """

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
    note = models.CharField(max_length=128, blank=True)

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


class DutyLink(models.Model):
    """The one-time link in the short message of a call, for one person; digest only (应答链接)."""

    call = models.ForeignKey(DutyCall, on_delete=models.PROTECT, related_name="links")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link of {self.call_id}"


class PassOn(models.Model):
    """The open work of somebody who leaves a posting, with the list that the successor signs (工作交接).

    `shifts` are the hours of duty that were still to come, `[[start, end, rank], …]` in ISO form.
    """

    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="passed_on")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="passed_on")
    successor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="taken_over")
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    shifts = models.JSONField(default=list)
    signed_at = models.DateTimeField(null=True)
    signed_by_name = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["organisation", "signed_at"], name="passed_on_at")]

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
