"""Load what a city sets for dispatch: limits, routes and its own working days, as versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.timekeeping import mirror, settle
from gongqing.dispatch.models import CalendarDay, Clock, ClockPolicy, RoutingPolicy
from gongqing.dispatch.rules.first_policy import FIRST_POLICY
from gongqing.dispatch.rules.first_routes import FIRST_ROUTES
from gongqing.dispatch.rules.limits import Policy
from gongqing.dispatch.rules.routing import Routes


@transaction.atomic
def load_clock_policy(*, by: Actor, at: datetime, policy: Policy = FIRST_POLICY, source: str = "") -> ClockPolicy:
    """Put a version of the limits in force; the same version again changes nothing."""
    known = ClockPolicy.objects.filter(version=policy.version).first()
    if known is not None:
        return known
    row = ClockPolicy.objects.create(
        version=policy.version,
        rows=policy.to_json(),
        effective_from=policy.effective_from,
        effective_to=policy.effective_to,
        source=source,
    )
    events.record("clock_policy.loaded", subject=row, by=by, at=at, version=row.version)
    return row


@transaction.atomic
def load_routing_policy(*, by: Actor, at: datetime, routes: Routes = FIRST_ROUTES, source: str = "") -> RoutingPolicy:
    """Put a version of the routing rows in force; the same version again changes nothing."""
    known = RoutingPolicy.objects.filter(version=routes.version).first()
    if known is not None:
        return known
    row = RoutingPolicy.objects.create(
        version=routes.version,
        rows=routes.to_json(),
        effective_from=routes.effective_from,
        effective_to=routes.effective_to,
        source=source,
    )
    events.record("routing_policy.loaded", subject=row, by=by, at=at, version=row.version)
    return row


@transaction.atomic
def override_calendar(
    *, day: date, is_workday: bool, note: str, by: Actor, at: datetime, source: str = ""
) -> CalendarDay:
    """Count one day differently in this city; open clocks are reckoned anew, closed ones never."""
    values: dict[str, Any] = {"is_workday": is_workday, "note": note[:100], "source": source[:200]}
    with scope.elevated():
        row, _ = CalendarDay.objects.update_or_create(day=day, defaults=values)
        for clock in Clock.objects.filter(ended_at__isnull=True).select_related("appeal"):
            settle(clock, queries.entries_of(clock), at=at)
            mirror(clock.appeal)
    events.record(
        "calendar.overridden", subject=_DayNumber(day.toordinal()), subject_kind="calendar", by=by, at=at, note=note
    )
    return row


@dataclass(slots=True)
class _DayNumber:
    """A calendar day as the subject of an event: its ordinal is its number."""

    pk: int
