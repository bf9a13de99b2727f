"""Which open clocks gain or lose time by a change of the calendar or the limits, and by how much? (重算)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.grading import Grade
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import Clock, RuleChange, RuleKind
from gongqing.dispatch.queries.clocks import calendar_now, entries_from, policy_now
from gongqing.dispatch.rules import recounting as rules
from gongqing.dispatch.rules.clocks import ClockState
from gongqing.dispatch.rules.limits import ClockName, Limit, Limits, Policy, limits_for
from gongqing.dispatch.rules.recounting import Running, Shift
from gongqing.dispatch.rules.rule_contents import changed_days
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar

MOST_LOOKED = 20_000
TOGETHER = 500
EFFECTS = {"lose": "提前", "gain": "推后", "": "不变"}
VERDICTS = {"newly_late": "变超期", "saved": "免于超期", "": ""}


@dataclass(frozen=True, slots=True)
class Moved:
    """One open clock and what becomes of it."""

    clock: Clock
    shift: Shift


class Yardstick:
    """What open clocks are counted by after a change: one calendar, and the limits of each day of entry, read once.

    Args:
        limits: of a change that does not hold yet, for all that is open.
        relimits: whether clocks get the limits anew that hold for their appeal now.
    """

    def __init__(self, calendar: Calendar, *, limits: Policy | None = None, relimits: bool = False) -> None:
        self.calendar, self.limits, self.relimits = calendar, limits, relimits or limits is not None
        self._policies: dict[date, Policy] = {}

    def policy_of(self, appeal: Appeal) -> Policy:
        """The limits that hold for an appeal after the change."""
        if self.limits is not None:
            return self.limits
        day = day_of(appeal.entered_at)
        if day not in self._policies:
            self._policies[day] = policy_now(day)
        return self._policies[day]

    def shift_of(self, clock: Clock, at: datetime, *, why: str = "") -> Shift:
        """What becomes of one open clock, whose appeal and lines were read with it."""
        appeal = clock.appeal
        policy = self.policy_of(appeal)
        running = Running(
            name=clock.name,
            limit=Limit.from_json(clock.limit),
            entries=entries_from(clock.entries.all()),
            due_at=clock.due_at,
            is_overdue=clock.state == ClockState.OVERDUE or (clock.state == ClockState.RUNNING and clock.due_at < at),
            received_at=appeal.received_at,
            is_reopened=appeal.reopened_count > 0,
        )
        limits = _limits(appeal, policy) if self.relimits else None
        return rules.shift_of(running, self.calendar, policy, at, limits=limits, why=why)


def _limits(appeal: Appeal, policy: Policy) -> Limits | None:
    category = appeal.category
    if category is None:
        return None
    return limits_for(
        policy,
        grade=appeal.grade,
        category_days=category.limit_working_days,
        category=category.code,
        rules=[reason["rule"] for reason in appeal.grade_reasons],
        channel=appeal.channel,
        hotline_kind=appeal.hotline_kind,
    )


def open_clocks() -> QuerySet[Clock]:
    """The clocks that run or are paused, with what a reckoning reads."""
    found = Clock.objects.filter(ended_at__isnull=True).select_related("appeal__category", "order__organisation")
    return found.prefetch_related("entries")


def calendar_under(content: Mapping[str, Any]) -> Calendar:
    """The calendar of now as a change of it would make it."""
    now = calendar_now()
    put, given_back = changed_days(content)
    overrides = {day: works for day, works in now.overrides.items() if day.isoformat() not in given_back}
    overrides |= {date.fromisoformat(row["day"]): row["is_workday"] for row in put}
    return replace(now, overrides=overrides)


def reaches_open_clocks(change: RuleChange) -> bool:
    """Does the change move deadlines of what is open: every change of the calendar, and limits that shall?"""
    return change.kind == RuleKind.CALENDAR or (change.kind == RuleKind.LIMITS and change.applies_to_open)


def yardstick_of(change: RuleChange) -> Yardstick:
    """What open clocks would be counted by if the change held now."""
    if change.kind == RuleKind.CALENDAR:
        return Yardstick(calendar_under(change.content))
    content = {**change.content, "version": 0, "effective_from": "2020-01-01", "effective_to": None}
    return Yardstick(calendar_now(), limits=Policy.from_json(content))


def moved_clocks(change: RuleChange, actor: Actor, at: datetime) -> Iterator[Moved]:
    """Every open clock in view that the change would move, oldest first."""
    for moved in _looked(change, actor, at):
        if moved.shift.effect:
            yield moved


def open_clocks_preview(change: RuleChange, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """Who gains and who loses by a change, counted by organisation and grade, as JSON that the change can keep."""
    count = open_clocks().filter(appeal__in=Appeal.objects.visible_to(actor)).count()
    looked, paused = 0, 0
    moved = []
    for one in _looked(change, actor, at):
        looked += 1
        paused += one.shift.is_paused and not one.shift.effect
        if one.shift.effect:
            moved.append(one)
    losing = sorted((one for one in moved if one.shift.effect == "lose"), key=_change)
    gaining = sorted((one for one in moved if one.shift.effect == "gain"), key=_change, reverse=True)
    return {
        "open": count,
        "looked": looked,
        "paused": paused,
        "moved": len(moved),
        **_tally(moved),
        "by_organisation": _table(moved, lambda one: str(one.clock.order.organisation)),
        "by_grade": _table(moved, lambda one: one.clock.appeal.grade, order=[grade.value for grade in Grade]),
        "losing": [_line(one) for one in losing[: rules.MOST_SHOWN]],
        "gaining": [_line(one) for one in gaining[: rules.MOST_SHOWN]],
    }


def moved_rows(change: RuleChange, actor: Actor, at: datetime) -> list[list[str]]:
    """The moved clocks as rows of a table, the heading first."""
    rows = [["编号", "时限", "责任单位", "等级", "原到期", "新到期", "变化", "会怎样"]]
    for one in moved_clocks(change, actor, at):
        clock, shift = one.clock, one.shift
        rows.append(
            [
                clock.appeal.code,
                ClockName.label_of(clock.name),
                str(clock.order.organisation),
                Grade(clock.appeal.grade).title_zh,
                f"{shift.before.astimezone(at.tzinfo):%Y-%m-%d %H:%M}",
                f"{shift.after.astimezone(at.tzinfo):%Y-%m-%d %H:%M}",
                EFFECTS[shift.effect],
                VERDICTS[shift.verdict],
            ]
        )
    return rows


def _looked(change: RuleChange, actor: Actor, at: datetime) -> Iterator[Moved]:
    yardstick = yardstick_of(change)
    seen = open_clocks().filter(appeal__in=Appeal.objects.visible_to(actor)).order_by("id")[:MOST_LOOKED]
    for clock in seen.iterator(chunk_size=TOGETHER):
        yield Moved(clock, yardstick.shift_of(clock, at))


def _tally(moved: list[Moved]) -> dict[str, int]:
    effects = [one.shift.effect for one in moved]
    verdicts = [one.shift.verdict for one in moved]
    return {
        "lose": effects.count("lose"),
        "gain": effects.count("gain"),
        "newly_late": verdicts.count("newly_late"),
        "saved": verdicts.count("saved"),
    }


def _table(moved: list[Moved], key: Any, *, order: list[str] | None = None) -> list[dict[str, Any]]:
    groups: dict[str, list[Moved]] = {}
    for one in moved:
        groups.setdefault(key(one), []).append(one)
    names = order or sorted(groups, key=lambda name: -len(groups[name]))
    return [{"name": name, **_tally(groups[name])} for name in names if name in groups]


def _change(one: Moved) -> Any:
    return one.shift.after - one.shift.before


def _line(one: Moved) -> dict[str, Any]:
    clock, shift = one.clock, one.shift
    return {
        "code": clock.appeal.code,
        "clock": ClockName.label_of(clock.name),
        "organisation": str(clock.order.organisation),
        "grade": clock.appeal.grade,
        "from": shift.before.isoformat(),
        "to": shift.after.isoformat(),
        "verdict": shift.verdict,
    }
