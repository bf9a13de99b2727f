"""Carry a change of the calendar or the limits to the open clocks: at once, or slice by slice (重算).

1. What changed is in force, and the change says that its recount has begun.
2. Appeal by appeal, in the order of their numbers, every open clock is reckoned anew; one whose deadline moves gets a
   line in its ledger that names the change, its appeal an event, and the lists the new deadline.
3. After the last appeal each organisation that lost time is told once. After another calendar the next sweep looks at
   every open clock: its warnings may fall on other days while its deadline stays.

The change remembers the last appeal, so a slice that was cut short is done again, and none twice.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.appeals.models import Appeal
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.dispatch.actions.sweeping import relook_clocks
from gongqing.dispatch.actions.timekeeping import Measures, append, mirror
from gongqing.dispatch.models import ChangeState, Clock, ClockPolicy, RuleChange, RuleKind
from gongqing.dispatch.queries import recounting as queries
from gongqing.dispatch.queries import rule_changes
from gongqing.dispatch.queries.clocks import calendar_now
from gongqing.dispatch.queries.recounting import Yardstick
from gongqing.dispatch.rules import recounting as rules
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.times import day_of, in_words
from gongqing.notices import actions as notices

WAITING, RUNNING, DONE, OVERTAKEN = "waiting", "running", "done", "overtaken"
COUNTS = ("looked", "moved", "lose", "gain", "newly_late", "saved")


def plan_recount(change: RuleChange, *, by: Actor, at: datetime) -> None:
    """Begin with the open clocks when the change holds, else note that they wait for its first day.

    Part of the approval, which saves the change and records. Few clocks are done at once, many are left to the job.
    """
    if not queries.reaches_open_clocks(change):
        return
    change.recount = {"state": WAITING, "from": change.effective_from.isoformat()}
    if change.kind == RuleKind.CALENDAR:
        _begin(change, by=by, at=at)
        if change.recount["total"] <= rules.MOST_AT_ONCE:
            while _recount_some(change, by=by, at=at):
                pass


@transaction.atomic
def recount_slice(*, at: datetime) -> bool:
    """Reckon the next open clocks of the oldest change that is not carried through; False when nothing is left.

    A change that another process is at is left to it.
    """
    waiting = RuleChange.objects.select_for_update(skip_locked=True).filter(
        state=ChangeState.APPROVED, recount__state__in=[WAITING, RUNNING]
    )
    today = day_of(at)
    for change in waiting.order_by("id"):
        if change.recount["state"] == WAITING:
            if change.effective_from > today:
                continue
            _begin(change, by=SYSTEM, at=at)
        if change.recount["state"] == RUNNING:
            _recount_some(change, by=SYSTEM, at=at)
        change.save(update_fields=["recount"])
        return True
    return False


def recount_after_override(*, why: str, by: Actor, at: datetime) -> int:
    """Reckon every open clock by the calendar of now, after single days were set; returns how many moved.

    Part of the action that set them.
    """
    tally = _tally()
    last: int | None = 0
    while last is not None:
        last = _reckoned(Yardstick(calendar_now()), last, tally, why=why, source="本市日历调整", by=by, at=at)
    relook_clocks()
    _tell_losers(tally, why, link="/desk/", at=at)
    return int(tally["moved"])


def _begin(change: RuleChange, *, by: Actor, at: datetime) -> None:
    tally = {**change.recount, **_tally(), "begun_at": at.isoformat(), "state": RUNNING, "last": 0}
    if change.kind == RuleKind.LIMITS:
        if rule_changes.version_on(change.kind, day_of(at)) != change.version:
            change.recount = {**tally, "state": OVERTAKEN, "total": 0, "finished_at": at.isoformat()}
            return
        ClockPolicy.objects.filter(version=change.version).update(reaches_back_at=at)
    with scope.elevated():
        tally["total"] = Clock.objects.filter(ended_at__isnull=True).count()
    change.recount = tally
    events.record("clocks.recount_begun", subject=change, by=by, at=at, note=_why(change), clocks=tally["total"])


def _recount_some(change: RuleChange, *, by: Actor, at: datetime) -> bool:
    """One slice; False after the last one, when those who lost time have been told."""
    tally = change.recount
    yardstick = Yardstick(calendar_now(), relimits=change.kind == RuleKind.LIMITS)
    last = _reckoned(yardstick, tally["last"], tally, why=_why(change), source=_source(change), by=by, at=at)
    if last is not None:
        tally["last"] = last
        return True
    tally |= {"state": DONE, "finished_at": at.isoformat()}
    if change.kind == RuleKind.CALENDAR:
        relook_clocks()
    _tell_losers(tally, _why(change), link=f"/desk/rules/changes/{change.pk}", at=at)
    counts = {name: tally[name] for name in COUNTS}
    events.record("clocks.recounted", subject=change, by=by, at=at, note=_words(tally), **counts)
    return False


def _reckoned(
    yardstick: Yardstick, after: int, tally: dict[str, Any], *, why: str, source: str, by: Actor, at: datetime
) -> int | None:
    """Reckon the next appeals after this number and count into the tally; the last number, None when none was left."""
    with scope.elevated():
        held = Clock.objects.filter(ended_at__isnull=True, appeal_id__gt=after).order_by("appeal_id")
        numbers = list(held.values_list("appeal_id", flat=True).distinct()[: rules.SLICE])
        if not numbers:
            return None
        locked = Appeal.objects.select_for_update(of=("self",)).select_related("category").order_by("id")
        appeals = {appeal.pk: appeal for appeal in locked.filter(pk__in=numbers)}
        moved: dict[int, list[dict[str, str]]] = {}
        for clock in queries.open_clocks().filter(appeal_id__in=numbers).order_by("appeal_id", "id"):
            clock.appeal = appeals[clock.appeal_id]
            tally["looked"] += 1
            if line := _recount(clock, yardstick, tally, why=why, source=source, by=by, at=at):
                moved.setdefault(clock.appeal_id, []).append(line)
        with events.gathered():
            for number, lines in moved.items():
                mirror(appeals[number])
                note = f"{why}：" + "；".join(f"{line['name']}由 {line['was']} 改为 {line['is']}" for line in lines)
                kept = [{name: line[name] for name in ("clock", "old", "new")} for line in lines]
                events.record("appeal.recounted", subject=appeals[number], by=by, at=at, note=note[:500], clocks=kept)
    return int(numbers[-1])


def _recount(
    clock: Clock, yardstick: Yardstick, tally: dict[str, Any], *, why: str, source: str, by: Actor, at: datetime
) -> dict[str, str] | None:
    """Write what becomes of one clock; what moved, in words, or None."""
    shift = yardstick.shift_of(clock, at, why=why)
    if not shift.is_news:
        return None
    measures = Measures(yardstick.calendar, yardstick.policy_of(clock.appeal))
    append(clock, rules.lines_of(shift, at, why=why, source=source), by=by, at=at, measures=measures)
    if not shift.effect:
        return None
    tally["moved"] += 1
    tally[shift.effect] += 1
    if shift.verdict:
        tally[shift.verdict] += 1
    if shift.effect == "lose":
        lost = tally["lost"].setdefault(str(clock.order.organisation_id), {"clocks": 0, "late": 0})
        lost["clocks"] += 1
        lost["late"] += shift.verdict == "newly_late"
    return {
        "clock": clock.name,
        "name": ClockName.label_of(clock.name),
        "was": in_words(shift.before),
        "is": in_words(shift.after),
        "old": shift.before.isoformat(),
        "new": shift.after.isoformat(),
    }


def _tally() -> dict[str, Any]:
    return {**dict.fromkeys(COUNTS, 0), "lost": {}}


def _tell_losers(tally: dict[str, Any], why: str, *, link: str, at: datetime) -> None:
    """One digest for each organisation that has less time now."""
    for number, lost in tally["lost"].items():
        late = f"，其中 {lost['late']} 个现在已经超期" if lost["late"] else ""
        notices.notify(
            text=f"{why}：您单位在办诉求有 {lost['clocks']} 个期限提前{late}，请看收件箱里新的日子。",
            at=at,
            organisation_id=int(number),
            link=link if link == "/desk/" else "/desk/?view=mine",
        )


def _words(tally: dict[str, Any]) -> str:
    return (
        f"算过 {tally['looked']} 个在办期限，推后 {tally['gain']} 个，提前 {tally['lose']} 个，"
        f"变超期 {tally['newly_late']} 个，免于超期 {tally['saved']} 个"
    )


def _why(change: RuleChange) -> str:
    return f"{RuleKind(change.kind).label}修订第 {change.pk} 号"


def _source(change: RuleChange) -> str:
    return f"规则修订第 {change.pk} 号，{change.decided_by_name}批准"[:200]
