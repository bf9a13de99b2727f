"""Load what a city sets for dispatch: limits, routes and its own working days, as versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.recounting import recount_after_override
from gongqing.dispatch.models import CalendarDay, ClockPolicy, RoutingPolicy
from gongqing.dispatch.rules.changes import check_past_day
from gongqing.dispatch.rules.first_policy import FIRST_POLICY
from gongqing.dispatch.rules.first_routes import FIRST_ROUTES
from gongqing.dispatch.rules.limits import Policy
from gongqing.dispatch.rules.routing import Routes
from gongqing.lib.times import day_of


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
    *, day: date, is_workday: bool, note: str, by: Actor, at: datetime, source: str = "", past_reason: str = ""
) -> CalendarDay:
    """Count one day differently in this city; open clocks are reckoned anew, closed ones never.

    Raises:
        BadInput: on `past_reason`, when the day is over and nobody says why it is changed.
    """
    check_past_day(day, today=day_of(at), reason=past_reason)
    with scope.elevated():
        row = _set_day(day, is_workday=is_workday, note=note, source=source)
        recount_after_override(why=f"日历调整（{note}）", by=by, at=at)
    events.record("calendar.overridden", **_day_event(day), by=by, at=at, note=_note(note, past_reason))
    return row


@transaction.atomic
def revise_calendar(
    *, days: Iterable[Mapping[str, Any]], given_back: Iterable[date], by: Actor, at: datetime, source: str = ""
) -> int:
    """Count several days differently, and others as published again.

    Part of the approval of a change, which carries it to the open clocks.

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
    for row in days:
        day = date.fromisoformat(row["day"])
        note = _note(row["note"], row.get("past_reason", ""))
        events.record("calendar.overridden", **_day_event(day), by=by, at=at, note=note)
    for day in given_back:
        events.record("calendar.given_back", **_day_event(day), by=by, at=at, note=f"{day}：恢复按国家安排")
    return len(days) + len(given_back)


def _set_day(day: date, *, is_workday: bool, note: str, source: str) -> CalendarDay:
    values: dict[str, Any] = {"is_workday": is_workday, "note": note[:100], "source": source[:200]}
    row, _ = CalendarDay.objects.update_or_create(day=day, defaults=values)
    return row


def _note(note: str, past_reason: str) -> str:
    return f"{note}（补改过去的日子：{past_reason}）" if past_reason else note


def _day_event(day: date) -> dict[str, Any]:
    return {"subject": _DayNumber(day.toordinal()), "subject_kind": "calendar"}


@dataclass(slots=True)
class _DayNumber:
    """A calendar day as the subject of an event: its ordinal is its number."""

    pk: int
