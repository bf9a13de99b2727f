"""Does an appeal go up one level when it should, never down, never beyond the city, and never with a fresh deadline?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.models import Clock, ClockEntry, FilterStep, Order
from gongqing.dispatch.queries.ladder import open_supervisions
from gongqing.dispatch.queries.worker import case_of_worker
from gongqing.dispatch.rules import clocks, filtering, ledger
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.levels import LADDER, Level, rank
from gongqing.dispatch.rules.limits import ClockName, Limit, Unit
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, WAGES, fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import SHANGHAI
from gongqing.lib.workdays import Calendar
from gongqing.notices.models import Message
from tests.cast import Cast

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WHY = "本级谈了两次，老板不肯出面，请上级出面"
# Monday 13 October 14:20 is `at`; three whole working days are over at 24:00 on Thursday the 16th
BEFORE, AFTER = datetime(2025, 10, 16, 23, 59, tzinfo=SHANGHAI), datetime(2025, 10, 17, 8, 41, tzinfo=SHANGHAI)


def steps(appeal) -> list[tuple[str, str, str]]:
    with scope.acting_as(SYSTEM):
        return list(FilterStep.objects.filter(appeal=appeal).values_list("from_level", "level", "why"))


def need(cast: Cast, at):
    """A need that lies with the zone."""
    return received(BIRTHDAY, by=cast.worker.actor, at=at)


def test_a_handler_declares_it_beyond_the_own_level(cast: Cast, at):
    appeal, zone = need(cast, at), cast.zone.actor
    with scope.acting_as(zone):
        actions.sign_order(appeal_id=appeal.pk, by=zone, at=at + MINUTE)
        moved = actions.pass_up(appeal_id=appeal.pk, reason=WHY, by=zone, at=at + DAY)
    assert (moved.handler, moved.status) == (cast.places.town, "dispatched")
    assert steps(appeal) == [("zone", "town", "declared")]
    actions.send_digests(at=at + DAY)
    with scope.acting_as(SYSTEM):
        assert Message.objects.filter(organisation=cast.places.town, text__startswith="报上来的").exists()
        names = set(Clock.objects.filter(appeal=appeal, ended_at__isnull=True).values_list("name", flat=True))
        assert {"sign", "contact", "close"} <= names
        sign = Clock.objects.get(appeal=appeal, name="sign")
        assert sign.started_at == at + DAY
        assert Order.objects.filter(appeal=appeal, role="handle").count() == 2
    with scope.acting_as(cast.worker.actor):
        case = case_of_worker(appeal.code, cast.worker.actor, at + DAY)
        told = [each.step.text for chapter in case.chapters for each in chapter.steps]
    assert "这件事转到了上一级，改由新碶街道总工会办理" in told


def test_step_by_step_to_the_city_and_no_further(cast: Cast, at):
    appeal = need(cast, at)
    with scope.acting_as(SYSTEM):
        before = Clock.objects.get(appeal=appeal, name="close")
        lines = list(ClockEntry.objects.filter(clock=before).values_list("kind", "at"))
    for number, who in enumerate((cast.zone, cast.town, cast.county), 1):
        with scope.acting_as(who.actor):
            actions.pass_up(appeal_id=appeal.pk, reason=WHY, by=who.actor, at=at + number * MINUTE)
    city = cast.city.actor
    with scope.acting_as(city), pytest.raises(NotAllowed, match="最高一级"):
        actions.pass_up(appeal_id=appeal.pk, reason=WHY, by=city, at=at + DAY)
    assert [step[1] for step in steps(appeal)] == ["town", "county", "city"]
    with scope.acting_as(SYSTEM):
        after = Clock.objects.get(appeal=appeal, name="close")
        assert (after.pk, after.started_at, after.due_at) == (before.pk, before.started_at, before.due_at)
        assert list(ClockEntry.objects.filter(clock=after).values_list("kind", "at")) == lines


@pytest.mark.parametrize(
    ("who", "refused"), [("town", None), ("grassroots", NotFound), ("mediator", NotFound), ("county", None)]
)
def test_the_handler_or_one_above_may(cast: Cast, at, who, refused):
    appeal = received(WAGES, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    actor = cast.players()[who].actor
    with scope.acting_as(actor):
        if refused:
            with pytest.raises(refused):
                actions.pass_up(appeal_id=appeal.pk, reason=WHY, by=actor, at=at + MINUTE)
            return
        moved = actions.pass_up(appeal_id=appeal.pk, reason=WHY, by=actor, at=at + MINUTE)
    assert moved.handler_level == "county"


def test_a_reason_is_needed(cast: Cast, at):
    appeal, zone = need(cast, at), cast.zone.actor
    with scope.acting_as(zone), pytest.raises(BadInput) as refused:
        actions.pass_up(appeal_id=appeal.pk, reason=" 难 ", by=zone, at=at)
    assert refused.value.field == "reason"


@pytest.mark.parametrize(
    ("status", "level", "order_status", "words"),
    [
        ("paused", "zone", "paused", "先恢复"),
        ("tracked", "zone", "paused", "外部"),
        ("in_review", "town", "in_review", "送审"),
        ("resolved", "town", "in_progress", "没有在办"),
        ("archived", "town", "done", "没有在办"),
        ("signed", "town", "return_asked", "裁定"),
        ("signed", "department", "signed", "部门"),
        ("signed", "city", "signed", "最高一级"),
    ],
)
def test_where_it_cannot_go_up(status, level, order_status, words):
    with pytest.raises(NotAllowed, match=words):
        filtering.check_can_pass_up(status=status, level=level, order_status=order_status)


def nothing(cast, appeal, at):
    pass


def sign(cast, appeal, at):
    _by(cast.zone.actor, actions.sign_order, appeal, at=at)


def contact(cast, appeal, at):
    sign(cast, appeal, at)
    _by(cast.zone.actor, actions.contact_worker, appeal, at=at + DAY, note="电话联系，约周五")


def note(cast, appeal, at):
    sign(cast, appeal, at)
    _by(cast.zone.actor, actions.add_note, appeal, at=at + 2 * DAY, note="在等场地")


def report(cast, appeal, at):
    sign(cast, appeal, at)
    _by(cast.zone.actor, actions.report_progress, appeal, at=at + 2 * DAY, note="场地已定，等日子")


def extend(cast, appeal, at):
    sign(cast, appeal, at)
    _by(cast.zone.actor, actions.request_extension, appeal, at=at + MINUTE, working_days=2, reason="等场地空出来")
    _by(cast.town.actor, actions.decide_extension, appeal, at=at + 2 * DAY, approve=True, answer="")


def ask_extension(cast, appeal, at):
    sign(cast, appeal, at)
    _by(cast.zone.actor, actions.request_extension, appeal, at=at + MINUTE, working_days=2, reason="等场地空出来")


def pause(cast, appeal, at):
    sign(cast, appeal, at)
    given = {"reason": "waiting_for_material", "note": "等职工报名单"}
    _by(cast.zone.actor, actions.pause_order, appeal, at=at + MINUTE, **given)


def hand_over(cast, appeal, at):
    sign(cast, appeal, at)
    given = {"department_id": cast.places.department.pk, "reason": "请协调场地"}
    _by(cast.town.actor, actions.hand_over, appeal, at=at + MINUTE, **given)


def resolve(cast, appeal, at):
    _by(cast.zone.actor, actions.resolve_order, appeal, at=at + MINUTE, result="周五在驿站办集体生日会")


def _by(actor, action, appeal, **given):
    with scope.acting_as(actor):
        action(appeal_id=appeal.pk, by=actor, **given)


@pytest.mark.parametrize(
    ("arranged", "moved"),
    [
        (nothing, True),
        (sign, True),
        (note, True),  # a note that only staff reads is no step
        (contact, False),
        (report, False),
        (extend, False),
        (ask_extension, False),
        (pause, False),
        (hand_over, False),
        (resolve, False),
    ],
)
def test_three_working_days_without_a_step(cast: Cast, at, arranged, moved):
    appeal = need(cast, at)
    arranged(cast, appeal, at)
    assert actions.filter_stalled(at=BEFORE) == 0
    handler = fresh(appeal).handler
    assert actions.filter_stalled(at=AFTER) == int(moved)
    now = fresh(appeal)
    assert (now.handler == cast.places.town) is moved
    assert steps(appeal) == ([("zone", "town", "stalled")] if moved else [])
    if not moved:
        assert now.handler == handler
    assert actions.filter_stalled(at=AFTER + MINUTE) == 0


def test_left_alone_it_climbs_a_level_every_three_days_and_the_city_is_told(cast: Cast, at):
    appeal, moment = need(cast, at), at
    due = fresh(appeal).due_at
    for _ in range(16):
        moment += 2 * DAY
        actions.filter_stalled(at=moment)
    assert [step[1] for step in steps(appeal)] == ["town", "county", "city"]
    assert fresh(appeal).due_at == due
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(subject_id=appeal.pk, kind="appeal.filter_reached_top").count() >= 2
    actions.send_digests(at=moment)
    with scope.acting_as(SYSTEM):
        assert Message.objects.filter(organisation=cast.places.city, text__contains="没有进展").exists()


def test_nobody_owes_an_answer_to_oneself(cast: Cast, at):
    appeal = need(cast, at)
    actions.sweep_clocks(at=AFTER)
    with scope.acting_as(SYSTEM):
        order = open_supervisions(appeal.pk)[0]
        assert order.organisation == cast.places.town
    assert actions.filter_stalled(at=AFTER) == 1
    with scope.acting_as(SYSTEM):
        assert open_supervisions(appeal.pk) == []
        order.refresh_from_db()
    assert (order.answered_by_name, order.answered_at) == ("系统", AFTER)


def test_a_red_matter_of_the_county_goes_to_the_city(cast: Cast, at):
    appeal = received(FLED, by=cast.worker.actor, at=at)
    assert fresh(appeal).handler_level == "county"
    assert actions.filter_stalled(at=AFTER) == 1
    assert steps(appeal) == [("county", "city", "stalled")]


LIMITS = {
    ClockName.SIGN: Limit(1, Unit.WORKDAYS),
    ClockName.CONTACT: Limit(2, Unit.WORKDAYS),
    ClockName.CLOSE: Limit(7, Unit.WORKDAYS),
}
STEP = st.tuples(st.sampled_from(["up", "sign", "contact", "wait"]), st.integers(1, 3000))


@settings(max_examples=200, deadline=None)
@given(turns=st.lists(STEP, max_size=12))
def test_no_sequence_of_steps_gives_the_closing_clock_a_minute(turns):
    """The closing clock's start and used time are those of a matter that nobody ever moved."""
    at = datetime(2025, 9, 25, 10, tzinfo=SHANGHAI)
    calendar = Calendar()
    ledgers = {name: [Entry(EntryKind.START, at)] for name in LIMITS}
    untouched = [Entry(EntryKind.START, at)]
    level: Level | None = Level.GRASSROOTS
    heights = [rank(Level.GRASSROOTS)]
    for turn, minutes in turns:
        at += timedelta(minutes=minutes)
        if turn == "up" and level is not None and not filtering.is_top(level):
            level = filtering.rung_above(level)
            heights.append(rank(level))
            for name, lines in ledgers.items():
                lines += ledger.reassigned_entries(name, lines, at=at, reason="报上一级")
        elif turn in ("sign", "contact") and ledger.is_open(ledgers[ClockName(turn)]):
            ledgers[ClockName(turn)].append(Entry(EntryKind.STOP, at))
        now = clocks.reckon(LIMITS[ClockName.CLOSE], ledgers[ClockName.CLOSE], calendar, at)
        plain = clocks.reckon(LIMITS[ClockName.CLOSE], untouched, calendar, at)
        assert (now.start, now.elapsed, now.due_at) == (plain.start, plain.elapsed, plain.due_at)
        assert now.left_share == plain.left_share
    assert heights == sorted(set(heights))
    assert len(heights) <= len(LADDER)
