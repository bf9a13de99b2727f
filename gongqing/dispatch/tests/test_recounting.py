"""Does a changed calendar or changed limits move open deadlines, lose no pause, and say so everywhere?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions, jobs, queries
from gongqing.dispatch.models import CalendarDay, Clock, ClockEntry, RuleChange
from gongqing.dispatch.queries.clocks import clocks_of
from gongqing.dispatch.queries.recounting import moved_rows, open_clocks_preview
from gongqing.dispatch.rules import recounting as rules
from gongqing.dispatch.rules.explanations import explanation_text
from gongqing.dispatch.rules.plain_words import Deed, step_of
from gongqing.dispatch.tests.make import WAGES, fresh, received
from gongqing.dispatch.tests.test_rule_changes import approve, colleague, put, start, submit
from gongqing.dispatch.tests.test_rule_changes import pair as pair
from gongqing.lib.errors import BadInput, BadInputs
from gongqing.lib.times import SHANGHAI
from gongqing.notices.models import Message

TYPHOON = {"day": "2025-10-15", "is_workday": False, "note": "台风停工", "source": "甬政发〔2025〕9号"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def taken_in(cast, at):
    appeal = received(WAGES, by=cast.worker.actor, at=at, employer=cast.places.factory.name)
    return fresh(appeal)


def clock_of(appeal, name="close"):
    with scope.acting_as(SYSTEM):
        return Clock.objects.get(appeal=appeal, name=name, ended_at__isnull=True)


def calendar_change(pair, at, row=TYPHOON):
    change = start(pair, at, "calendar")
    with scope.acting_as(pair.maker):
        actions.edit_rule_row(change_id=change.pk, key="new", row=row, by=pair.maker, at=at)
    return submit(pair, change, at)


def shorter(pair, at, *, applies_to_open, day=date(2025, 10, 14)):
    """Everything but red must be closed in four working days: a cap that no category is under."""
    change = start(pair, at, "limits")
    for grade in ("green", "yellow", "orange"):
        cap = {"amount": 4, "unit": "workdays", "basis": "市总新规，4 个工作日"}
        put(pair, change, f"grade:{grade}", at, close_cap=cap)
    with scope.acting_as(pair.maker):
        actions.edit_rule_change(change_id=change.pk, applies_to_open=applies_to_open, by=pair.maker, at=at)
    return submit(pair, change, at, day=day)


def test_a_day_off_moves_the_open_deadlines_at_once_and_says_so(pair, cast, at):
    appeal = taken_in(cast, at)
    before = clock_of(appeal)
    change = approve(pair, calendar_change(pair, at), at)
    after = clock_of(appeal)
    assert after.due_at == before.due_at + timedelta(days=1)
    mirrored = fresh(appeal)
    assert mirrored.due_at == after.due_at
    with scope.acting_as(SYSTEM):
        line = ClockEntry.objects.filter(clock=after).order_by("id").last()
        event = Event.objects.get(kind="appeal.recounted", subject_id=appeal.pk)
        view = next(each for each in clocks_of(appeal.pk, at) if each.clock.name == "close")
        text = "\n".join(explanation_text(view.limit, view.entries, queries.calendar(), at))
    assert (line.kind, line.by_name) == ("recount", pair.second.name)
    assert f"日历修订第 {change.pk} 号" in line.reason
    assert f"规则修订第 {change.pk} 号" in line.source
    moved = {each["clock"]: (each["old"], each["new"]) for each in event.data["clocks"]}
    assert (
        moved["close"] == (before.due_at.isoformat(), after.due_at.isoformat())
        or moved["close"][0] != moved["close"][1]
    )
    assert f"日历修订第 {change.pk} 号" in text
    assert "台风停工" in text
    assert "甬政发〔2025〕9号" in text
    assert change.recount["state"] == "done"
    assert change.recount["gain"] >= 1
    assert change.recount["lose"] == 0


def test_after_another_calendar_every_open_clock_is_looked_at_again(pair, cast, at):
    """A day off behind a deadline moves no deadline, and one before it may move a warning alone."""
    appeal = taken_in(cast, at)
    actions.sweep_clocks(at=at)
    before = clock_of(appeal)
    assert before.next_look_at is not None
    late = {**TYPHOON, "day": "2026-06-10"}
    approve(pair, calendar_change(pair, at, late), at)
    after = clock_of(appeal)
    assert (after.due_at, after.next_look_at) == (before.due_at, None)
    actions.sweep_clocks(at=at)
    assert clock_of(appeal).next_look_at == before.next_look_at


def test_a_working_saturday_takes_time_and_each_organisation_is_told_once(pair, cast, at):
    appeals = [taken_in(cast, at + timedelta(minutes=number)) for number in range(3)]
    before = [clock_of(appeal).due_at for appeal in appeals]
    saturday = {"day": "2025-10-18", "is_workday": True, "note": "补班", "source": ""}
    change = approve(pair, calendar_change(pair, at + timedelta(hours=1), saturday), at + timedelta(hours=1))
    for appeal, was in zip(appeals, before, strict=True):
        assert clock_of(appeal).due_at < was
    assert change.recount["lose"] >= 3
    handlers = {fresh(appeal).handler_id for appeal in appeals}
    with scope.acting_as(SYSTEM):
        told = list(Message.objects.filter(text__contains="个期限提前").values_list("organisation_id", flat=True))
    assert sorted(told) == sorted(handlers)


def test_a_pause_is_never_lost(pair, cast, at):
    appeal = taken_in(cast, at)
    holder = next(
        player.actor
        for player in cast.players().values()
        if player.actor.organisation_id == appeal.handler_id
        and player.actor.role.value.endswith(("supervisor", "officer", "worker"))
    )
    with scope.acting_as(holder):
        actions.sign_order(appeal_id=appeal.pk, by=holder, at=at)
        actions.contact_worker(appeal_id=appeal.pk, note="电话联系，等材料", by=holder, at=at)
        actions.pause_order(appeal_id=appeal.pk, reason="waiting_for_material", note="等职工补工资条", by=holder, at=at)
        later = at + timedelta(days=2)
        actions.resume_order(appeal_id=appeal.pk, note="材料到了", by=holder, at=later)
    before = clock_of(appeal)
    day_off = {"day": "2025-10-20", "is_workday": False, "note": "台风停工", "source": ""}
    approve(pair, calendar_change(pair, later, day_off), later)
    after = clock_of(appeal)
    with scope.acting_as(SYSTEM):
        kinds = list(ClockEntry.objects.filter(clock=after).order_by("id").values_list("kind", flat=True))
        view = next(each for each in clocks_of(appeal.pk, later) if each.clock.name == "close")
    assert kinds == ["start", "pause", "resume", "recount"]
    assert (before.due_at, after.due_at) == (moment("2025-10-25T00:00"), moment("2025-10-28T00:00"))
    assert view.reckoning.paused > timedelta(0)
    change = shorter(pair, later, applies_to_open=True, day=date(2025, 10, 16))
    change = approve(pair, change, later)
    assert change.recount == {"state": "waiting", "from": "2025-10-16"}
    night = moment("2025-10-16T00:01")
    paused = view.reckoning.paused
    while True:
        with scope.acting_as(SYSTEM):
            if not actions.recount_slice(at=night):
                break
    with scope.acting_as(SYSTEM):
        view = next(each for each in clocks_of(appeal.pk, night) if each.clock.name == "close")
    assert view.reckoning.limit.amount == 4
    assert view.reckoning.paused == paused
    assert view.clock.due_at < after.due_at


def test_what_is_paused_is_counted_when_it_resumes(pair, cast, at):
    appeal = taken_in(cast, at)
    holder = next(p.actor for p in cast.players().values() if p.actor.organisation_id == appeal.handler_id)
    with scope.acting_as(holder):
        actions.sign_order(appeal_id=appeal.pk, by=holder, at=at)
        actions.pause_order(appeal_id=appeal.pk, reason="waiting_for_material", note="等职工补工资条", by=holder, at=at)
    before = clock_of(appeal)
    later = at + timedelta(days=1)
    day_off = {"day": "2025-10-20", "is_workday": False, "note": "台风停工", "source": ""}
    change = calendar_change(pair, later, day_off)
    assert change.preview["open"]["paused"] >= 1
    approve(pair, change, later)
    assert clock_of(appeal).due_at == before.due_at
    with scope.acting_as(SYSTEM):
        assert not ClockEntry.objects.filter(clock=before, kind="recount").exists()
    with scope.acting_as(holder):
        actions.resume_order(appeal_id=appeal.pk, note="材料到了", by=holder, at=later + timedelta(hours=1))
    with scope.acting_as(SYSTEM):
        view = next(each for each in clocks_of(appeal.pk, later) if each.clock.name == "close")
        text = "".join(explanation_text(view.limit, view.entries, queries.calendar(), later + timedelta(hours=2)))
    assert "台风停工" in text


def test_limits_reach_open_matters_only_when_they_shall_and_on_their_day(pair, cast, at):
    appeal = taken_in(cast, at)
    before = clock_of(appeal)
    approve(pair, shorter(pair, at, applies_to_open=False), at)
    night = moment("2025-10-14T00:01")
    with scope.acting_as(SYSTEM):
        assert actions.recount_slice(at=night) is False
    assert clock_of(appeal).due_at == before.due_at
    assert queries.policy_on(date(2025, 10, 13)).version == 1


def test_limits_for_open_matters_wait_for_their_day_and_hold_for_later_turns(pair, cast, at):
    appeal = taken_in(cast, at)
    before = clock_of(appeal)
    change = approve(pair, shorter(pair, at, applies_to_open=True), at)
    with scope.acting_as(SYSTEM):
        assert actions.recount_slice(at=at) is False
    assert clock_of(appeal).due_at == before.due_at
    with scope.acting_as(SYSTEM):
        assert queries.policy_on(date(2025, 10, 13)).version == 1
        night = moment("2025-10-14T00:01")
        while actions.recount_slice(at=night):
            pass
        change = RuleChange.objects.get(pk=change.pk)
        line = ClockEntry.objects.filter(clock_id=before.pk).order_by("id").last()
        assert queries.policy_on(date(2025, 10, 13)).version == change.version
    assert change.recount["state"] == "done"
    after = clock_of(appeal)
    assert after.due_at == moment("2025-10-18T00:00")  # four working days after Monday, at 24:00 of Friday
    assert (line.kind, line.amount, line.unit) == ("relimit", 4, "workdays")
    assert f"期限修订第 {change.pk} 号" in line.reason
    assert fresh(appeal).due_at == after.due_at


def test_a_newer_version_overtakes_one_that_waits(pair, cast, at):
    appeal = taken_in(cast, at)
    before = clock_of(appeal).due_at
    change = approve(pair, shorter(pair, at, applies_to_open=True, day=date(2025, 10, 20)), at)
    later = start(pair, at, "limits")
    put(pair, later, "other", at, extensions_at_most=2)
    approve(pair, submit(pair, later, at, day=date(2025, 10, 15)), at)
    with scope.acting_as(SYSTEM):
        while actions.recount_slice(at=moment("2025-10-20T00:01")):
            pass
        assert RuleChange.objects.get(pk=change.pk).recount["state"] == "overtaken"
    assert clock_of(appeal).due_at == before


def test_many_clocks_are_left_to_the_job_which_goes_on_where_it_was_cut_short(pair, cast, at, monkeypatch):
    appeals = [taken_in(cast, at + timedelta(minutes=number)) for number in range(4)]
    before = [clock_of(appeal).due_at for appeal in appeals]
    monkeypatch.setattr(rules, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(rules, "SLICE", 3)
    change = approve(pair, calendar_change(pair, at + timedelta(hours=1)), at + timedelta(hours=1))
    assert change.recount["state"] == "running"
    assert [clock_of(appeal).due_at for appeal in appeals] == before
    with scope.acting_as(SYSTEM):
        assert actions.recount_slice(at=at + timedelta(hours=1, minutes=1)) is True
        assert RuleChange.objects.get(pk=change.pk).recount["last"] == appeals[2].pk
    assert [clock_of(appeal).due_at == was for appeal, was in zip(appeals, before, strict=True)] == [False] * 3 + [True]
    monkeypatch.setattr(jobs.times, "now", lambda: at + timedelta(hours=1, minutes=2))
    jobs.recount_clocks(0)
    with scope.acting_as(SYSTEM):
        change = RuleChange.objects.get(pk=change.pk)
        recounted = Event.objects.filter(kind="appeal.recounted").count()
        lines = ClockEntry.objects.filter(kind="recount", clock__name="close").count()
    assert change.recount["state"] == "done"
    assert (recounted, lines) == (4, 4)
    assert all(clock_of(appeal).due_at > was for appeal, was in zip(appeals, before, strict=True))


def test_what_the_preview_counts_is_what_the_approval_does(pair, cast, at):
    for number in range(3):
        taken_in(cast, at + timedelta(minutes=number))
    later = at + timedelta(hours=1)
    change = calendar_change(pair, later)
    seen = change.preview["open"]
    assert seen["lose"] == 0
    assert len(seen["gaining"]) == min(10, seen["moved"])
    assert sum(row["gain"] for row in seen["by_organisation"]) == seen["gain"]
    assert sum(row["gain"] for row in seen["by_grade"]) == seen["gain"]
    with scope.acting_as(cast.city.actor):
        rows = moved_rows(change, cast.city.actor, later)
    assert len(rows) == 1 + seen["moved"]
    change = approve(pair, change, later)
    assert {name: change.recount[name] for name in ("moved", "gain", "lose", "newly_late", "saved")} == {
        name: seen[name] for name in ("moved", "gain", "lose", "newly_late", "saved")
    }
    with scope.acting_as(cast.city.actor):
        assert open_clocks_preview(change, actor=cast.city.actor, at=later)["moved"] == 0


def test_a_shorter_limit_makes_late_and_a_day_off_saves(pair, cast, at):
    appeal = taken_in(cast, at)
    due = clock_of(appeal).due_at
    late = due + timedelta(hours=9)
    with scope.acting_as(SYSTEM):
        actions.sweep_clocks(at=late)
    assert clock_of(appeal).state == "overdue"
    gone = (due - timedelta(days=1)).date()
    row = {"day": gone.isoformat(), "is_workday": False, "note": "台风停工", "source": ""}
    with pytest.raises(BadInputs, match="已经过去"):
        calendar_change(pair, late, row)
    with scope.acting_as(pair.maker):
        change = RuleChange.objects.get(kind="calendar", state="draft")
        actions.withdraw_rule_change(change_id=change.pk, by=pair.maker, at=late)
    change = calendar_change(pair, late, row | {"past_reason": "台风当天市里通知停工，事后补记"})
    assert change.preview["open"]["saved"] >= 1
    approve(pair, change, late)
    after = clock_of(appeal)
    assert (after.state, after.due_at > late) == ("running", True)
    with scope.acting_as(SYSTEM):
        late_clocks = Clock.objects.filter(appeal=appeal, state="overdue", ended_at__isnull=True)
        assert fresh(appeal).is_overdue == late_clocks.exists()


def test_a_past_day_needs_a_reason_of_its_own(cast, at):
    with scope.acting_as(SYSTEM):
        with pytest.raises(BadInput) as refused:
            actions.override_calendar(day=date(2025, 10, 10), is_workday=False, note="停工", by=SYSTEM, at=at)
        assert refused.value.field == "past_reason"
        assert CalendarDay.objects.count() == 0
        actions.override_calendar(
            day=date(2025, 10, 10), is_workday=False, note="停工", past_reason="市里补发的通知", by=SYSTEM, at=at
        )
        assert CalendarDay.objects.count() == 1
        assert "补改过去的日子" in Event.objects.get(kind="calendar.overridden").note


def test_a_closed_clock_is_never_touched(pair, cast, at):
    appeal = taken_in(cast, at)
    holder = next(p.actor for p in cast.players().values() if p.actor.organisation_id == appeal.handler_id)
    with scope.acting_as(holder):
        actions.sign_order(appeal_id=appeal.pk, by=holder, at=at)
    with scope.acting_as(SYSTEM):
        signed = Clock.objects.get(appeal=appeal, name="sign")
    approve(pair, calendar_change(pair, at, TYPHOON | {"day": at.date().isoformat()}), at)
    with scope.acting_as(SYSTEM):
        now = Clock.objects.get(pk=signed.pk)
        assert (now.due_at, now.state) == (signed.due_at, signed.state)
        assert not ClockEntry.objects.filter(clock=now, kind="recount").exists()
    assert colleague


def test_the_worker_reads_the_new_day_and_nothing_of_the_other_clocks() -> None:
    close = {"clock": "close", "old": "2025-10-25T00:00:00+08:00", "new": "2025-10-28T00:00:00+08:00"}
    told = step_of(Deed("appeal.recounted", {"clocks": [{**close, "clock": "sign"}, close]}))
    assert told is not None
    assert told.text == "放假安排或办理期限有调整，答复您的日子由10月24日改为10月27日"
    assert step_of(Deed("appeal.recounted", {"clocks": [{**close, "clock": "sign"}]})) is None
