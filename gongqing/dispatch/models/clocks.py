"""Clocks as an append-only ledger, the limits they run by, and the days that a city has overridden."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from gongqing.appeals.models import Appeal
from gongqing.dispatch.models.orders import Order


class ClockPolicy(models.Model):
    """One version of the limits by grade that `rules.limits` reads (期限口径).

    `reaches_back_at`: from when on it holds for what was entered before its first day, too.
    """

    version = models.PositiveSmallIntegerField(unique=True)
    rows = models.JSONField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True)
    source = models.CharField(max_length=200, blank=True)
    reaches_back_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"limits {self.version}"


class CalendarDay(models.Model):
    """A day that this city counts differently from the published calendar; it wins."""

    day = models.DateField(primary_key=True)
    is_workday = models.BooleanField()
    note = models.CharField(max_length=100)
    source = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return str(self.day)


class Clock(models.Model):
    """One time limit of an order: sign, contact, report or close; `due_at` and `state` follow from `entries`.

    `warned` is the highest rung of the ladder that this opening of the clock has climbed. `next_look_at` is when the
    sweep must look again, for nothing changes by itself before; an open clock without it is looked at next.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="clocks")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="clocks")
    name = models.CharField(max_length=8)
    limit = models.JSONField()
    source = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, default="running")
    warned = models.CharField(max_length=10, blank=True)
    ended_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["appeal", "name"],
                condition=Q(ended_at__isnull=True),
                name="one_open_clock_of_a_name",
            )
        ]
        indexes = [
            models.Index(fields=["next_look_at"], condition=Q(ended_at__isnull=True), name="clock_next_look"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.order_id}"


class ClockEntry(models.Model):
    """One line of a clock's ledger; never changed, never removed."""

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=8)
    at = models.DateTimeField()
    amount = models.FloatField(null=True)
    unit = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=200)
    source = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.clock_id}"
