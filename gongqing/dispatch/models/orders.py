"""Orders and what hangs on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongqing.appeals.models import Appeal
from gongqing.registry.models import Level, Organisation


class OrderRole(models.TextChoices):
    HANDLE = "handle", "主办"
    ASSIST = "assist", "协办"
    SUPERVISE = "supervise", "督办"
    FOLLOW = "follow", "跟踪"


class OrderStatus(models.TextChoices):
    DISPATCHED = "dispatched", "待签收"
    SIGNED = "signed", "已签收"
    IN_PROGRESS = "in_progress", "办理中"
    PAUSED = "paused", "暂停"
    IN_REVIEW = "in_review", "待审核"
    RETURN_ASKED = "return_asked", "申请退回"
    DONE = "done", "办完"
    RETURNED = "returned", "已退回"
    PASSED_ON = "passed_on", "已转交"
    CANCELLED = "cancelled", "已取消"
    MERGED = "merged", "已并案"


OPEN_ORDERS = ("dispatched", "signed", "in_progress", "paused", "in_review", "return_asked")


class Order(models.Model):
    """One organisation's part in an appeal (工单): the main handler's, or an assisting one."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="orders")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="orders", db_index=False)
    role = models.CharField(max_length=10, choices=OrderRole)
    status = models.CharField(max_length=14, choices=OrderStatus, default=OrderStatus.DISPATCHED)
    level = models.CharField(max_length=10, choices=Level)
    round = models.PositiveSmallIntegerField(default=1)
    assignee_user_id = models.BigIntegerField(null=True)
    assignee_name = models.CharField(max_length=64, blank=True)
    rule = models.CharField(max_length=16, blank=True)
    reasons = models.JSONField(default=list)
    dispatched_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    contacted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appeal"], condition=Q(role="handle", status__in=OPEN_ORDERS), name="one_open_main_order"
            ),
            models.UniqueConstraint(
                fields=["appeal", "organisation", "role"],
                condition=Q(status__in=OPEN_ORDERS),
                name="order_once_per_organisation",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "status"], name="order_organisation"),
            models.Index(fields=["level", "appeal"], condition=Q(status="in_review"), name="order_in_review"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.role} {self.organisation_id}"


class Extension(models.Model):
    """A request for more time and its decision (延期)."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="extensions")
    working_days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=64)
    decider_level = models.CharField(max_length=10, choices=Level)
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=64, blank=True)
    approved = models.BooleanField(null=True)
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(approved__isnull=True), name="one_open_extension")
        ]

    def __str__(self) -> str:
        return f"extension of {self.order_id}"


class HandoverState(models.TextChoices):
    SENT = "sent", "已转出"
    ACCEPTED = "accepted", "已受理"
    ANSWERED = "answered", "已答复"
    REFUSED = "refused", "不予受理"


class Handover(models.Model):
    """A matter handed to a government department: one record, whatever the way (横向流转)."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="handovers")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="handovers")
    partner = models.CharField(max_length=32, default="account")
    outside_number = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=HandoverState, default=HandoverState.SENT)
    is_alert = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    sent_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    answer = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.appeal_id} to {self.department_id}"


class SupervisionKind(models.TextChoices):
    URGE = "urge", "催办"
    SUPERVISE = "supervise", "督办"
    ESCALATE = "escalate", "升级"
    NOTICE = "notice", "通报"


class Supervision(models.Model):
    """An urging, a supervision order, an escalation or a line of the weekly notice (催办、督办、升级、通报).

    `clocks` are those that the ladder raised it for. `due_at` is by when the handler answers; none wants no answer.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="supervisions")
    kind = models.CharField(max_length=10, choices=SupervisionKind)
    level = models.CharField(max_length=10, blank=True)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    by_name = models.CharField(max_length=64)
    note = models.TextField(blank=True)
    automatic = models.BooleanField(default=False)
    clocks = models.JSONField(default=list)
    copied_to = models.CharField(max_length=100, blank=True)
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=64, blank=True)
    answer = models.TextField(blank=True)
    late_told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(due_at__isnull=False, answered_at__isnull=True),
                name="supervision_unanswered",
            ),
            models.Index(fields=["at"], condition=Q(kind="notice"), name="supervision_notice"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.appeal_id}"


class CallBack(models.Model):
    """Somebody must ring the worker: after a dissatisfied evaluation, or at once on words of danger (回访)."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="call_backs")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    reason = models.CharField(max_length=128)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=64, blank=True)
    result = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal"], condition=Q(done_at__isnull=True), name="one_open_call_back")
        ]

    def __str__(self) -> str:
        return f"call back {self.appeal_id}"


class RoutingPolicy(models.Model):
    """One version of the routing rows that `rules.routing` reads (派单规则)."""

    version = models.PositiveSmallIntegerField(unique=True)
    rows = models.JSONField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"routing {self.version}"
