"""Load what a city sets for dispatch: limits, routes and its own working days, as versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    with scope.elevated():
        row = _set_day(day, is_workday=is_workday, note=note, source=source)
        _reckon_open_clocks(at)
    events.record("calendar.overridden", **_day_event(day), by=by, at=at, note=note)
    return row


@transaction.atomic
def revise_calendar(
    *, days: Iterable[Mapping[str, Any]], given_back: Iterable[date], by: Actor, at: datetime, source: str = ""
) -> int:
    """Count several days differently, and others as published again; open clocks are reckoned anew once.

    Returns:
        how many days were touched.
    """
    days, given_back = list(days), list(given_back)
    with scope.elevated():
        for row in days:
            _set_day(
                date.fromisoformat(row["day"]),
                is_workday=row["is_workday"],
                note=row["note"],
                source=row.get("source") or source,
            )
        CalendarDay.objects.filter(day__in=given_back).delete()
        _reckon_open_clocks(at)
    for row in days:
        day = date.fromisoformat(row["day"])
        events.record("calendar.overridden", **_day_event(day), by=by, at=at, note=row["note"])
    for day in given_back:
        events.record("calendar.given_back", **_day_event(day), by=by, at=at, note=f"{day}：恢复按国家安排")
    return len(days) + len(given_back)


def _set_day(day: date, *, is_workday: bool, note: str, source: str) -> CalendarDay:
    values: dict[str, Any] = {"is_workday": is_workday, "note": note[:100], "source": source[:200]}
    row, _ = CalendarDay.objects.update_or_create(day=day, defaults=values)
    return row


def _reckon_open_clocks(at: datetime) -> None:
    """Let every open clock run by the calendar of now."""
    for clock in Clock.objects.filter(ended_at__isnull=True).select_related("appeal"):
        settle(clock, queries.entries_of(clock), at=at)
        mirror(clock.appeal)


def _day_event(day: date) -> dict[str, Any]:
    return {"subject": _DayNumber(day.toordinal()), "subject_kind": "calendar"}


@dataclass(slots=True)
class _DayNumber:
    """A calendar day as the subject of an event: its ordinal is its number."""

    pk: int
