"""Does the sweep set going what each rung asks for, once, and leave alone what stands still?"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain, repeat

import pytest

from gongqing.appeals import actions as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions, queries
from gongqing.dispatch.actions import sweeping
from gongqing.dispatch.models import Clock, Interview, Supervision
from gongqing.dispatch.queries.ladder import appeals_to_look_at, notices_of, open_supervisions
from gongqing.dispatch.rules.ladder import moment_after
from gongqing.dispatch.tests.copies import copies_of
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.notices.models import Message
from tests.cast import Cast

MINUTE = timedelta(minutes=1)
ARREARS = "厂里三个月没发工资了，欠我两千块，请工会帮我讨回来。"  # yellow: the town handles, the county watches


def signed(cast: Cast, at: datetime, *, who: str = "worker"):
    """A matter at the town that is being handled: only the closing clock of those that escalate is open."""
    by = cast.players()[who].actor
    appeal = received(ARREARS, by=by, at=at, employer=cast.places.workshop.name)
    town = cast.town.actor
    with scope.acting_as(town):
        actions.sign_order(appeal_id=appeal.pk, by=town, at=at)
        actions.contact_worker(appeal_id=appeal.pk, note="电话联系，约明天谈", by=town, at=at)
    return fresh(appeal)


def raised(appeal, kind: str) -> list[Supervision]:
    with scope.acting_as(SYSTEM):
        return list(Supervision.objects.filter(appeal=appeal, kind=kind, automatic=True).order_by("id"))


def count_of(appeal, kind: str) -> int:
    with scope.acting_as(SYSTEM):
        return Event.objects.filter(subject_kind="appeal", subject_id=appeal.pk, kind=kind).count()


def closing(appeal) -> Clock:
    with scope.acting_as(SYSTEM):
        return Clock.objects.get(appeal=appeal, name="close")


def test_every_rung_once_from_the_red_card_to_the_talk(cast: Cast, at):
    appeal = signed(cast, at)
    late = appeal.due_at + MINUTE
    days = queries.calendar()
    assert actions.sweep_clocks(at=late) == 1
    order = raised(appeal, "escalate")[0]
    assert (order.level, order.organisation, order.clocks) == ("county", cast.places.county, ["close"])
    assert order.due_at > late
    assert actions.sweep_clocks(at=late + MINUTE) == 0
    assert not raised(appeal, "notice")

    second = moment_after(appeal.due_at, 2, days) + MINUTE
    assert actions.sweep_clocks(at=second) == 1
    assert [line.clocks for line in raised(appeal, "notice")] == [["close"]]
    assert actions.sweep_clocks(at=second + MINUTE) == 0

    fifth = moment_after(appeal.due_at, 5, days) + MINUTE
    assert actions.sweep_clocks(at=fifth) == 1
    with scope.acting_as(SYSTEM):
        talk = Interview.objects.get(appeal=appeal)
    assert (talk.organisation, talk.held_by) == (cast.places.town, cast.places.county)
    assert talk.due_at > fifth
    for days_on in (1, 10, 100):
        actions.sweep_clocks(at=fifth + timedelta(days=days_on))
    assert (len(raised(appeal, "escalate")), len(raised(appeal, "notice"))) == (1, 1)
    assert (count_of(appeal, "appeal.clock_overdue"), count_of(appeal, "appeal.interview_called")) == (1, 1)
    assert closing(appeal).warned == "interview"


@pytest.mark.parametrize(
    ("text", "fields", "level"),
    [
        (BIRTHDAY, {}, "town"),  # green at the zone: never below the level above the handler
        (FLED, {}, "city"),
    ],
)
def test_the_grade_names_the_level(cast: Cast, at, text, fields, level):
    appeal = received(text, by=cast.worker.actor, at=at, **fields)
    actions.sweep_clocks(at=at + timedelta(days=60))
    order = raised(appeal, "escalate")[0]
    assert (order.level, order.organisation.level) == (level, level)


def test_clocks_that_pass_together_make_one_order(cast: Cast, at):
    appeal = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    actions.sweep_clocks(at=fresh(appeal).due_at + timedelta(days=1))
    orders = raised(appeal, "escalate")
    assert len(orders) == 1
    assert {"sign", "close"} <= set(orders[0].clocks)
    assert count_of(appeal, "appeal.escalated") == 1


def test_a_later_clock_joins_an_order_that_wants_an_answer_and_makes_its_own_after_one(cast: Cast, at):
    appeal = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    with scope.acting_as(SYSTEM):
        sign = Clock.objects.get(appeal=appeal, name="sign").due_at
    actions.sweep_clocks(at=sign + MINUTE)
    assert [order.clocks for order in raised(appeal, "escalate")] == [["sign"]]
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=appeal.pk, by=cast.town.actor, at=sign + 2 * MINUTE)
    actions.sweep_clocks(at=fresh(appeal).due_at + MINUTE)
    joined = raised(appeal, "escalate")
    assert len(joined) == 1
    assert joined[0].clocks[-1] == "close"

    other = received(ARREARS, by=cast.stranger.actor, at=at, employer=cast.places.workshop.name)
    actions.sweep_clocks(at=sign + MINUTE)
    town = cast.town.actor
    with scope.acting_as(town):
        actions.sign_order(appeal_id=other.pk, by=town, at=sign + 2 * MINUTE)
        actions.answer_supervision(appeal_id=other.pk, answer="当天请假，已补签收", by=town, at=sign + 3 * MINUTE)
    actions.sweep_clocks(at=fresh(other).due_at + MINUTE)
    assert len(raised(other, "escalate")) == 2


def test_more_time_lets_a_clock_climb_anew(cast: Cast, at):
    appeal = signed(cast, at)
    due = appeal.due_at
    actions.sweep_clocks(at=due + MINUTE)
    town, county = cast.town.actor, cast.county.actor
    with scope.acting_as(town):
        actions.request_extension(
            appeal_id=appeal.pk, working_days=4, reason="等社保中心查询", by=town, at=due + 2 * MINUTE
        )
    with scope.acting_as(county):
        actions.decide_extension(appeal_id=appeal.pk, approve=True, answer="", by=county, at=due + 3 * MINUTE)
    clock = closing(appeal)
    assert (clock.warned in ("", "half"), clock.escalated_at) == (True, None)
    assert due < clock.next_look_at <= clock.due_at + MINUTE
    with scope.acting_as(town):
        actions.answer_supervision(
            appeal_id=appeal.pk, answer="等社保中心查询，下周三办完", by=town, at=due + 4 * MINUTE
        )
    actions.sweep_clocks(at=clock.due_at + MINUTE)
    assert len(raised(appeal, "escalate")) == 2


def test_what_stands_still_never_climbs(cast: Cast, at):
    paused, withdrawn = signed(cast, at), signed(cast, at)
    town, worker = cast.town.actor, cast.worker.actor
    with scope.acting_as(town):
        actions.pause_order(
            appeal_id=paused.pk, reason="moved_to_legal_procedure", note="已申请仲裁，立案", by=town, at=at + MINUTE
        )
    with scope.acting_as(worker):
        appeals.withdraw_appeal(appeal_id=withdrawn.pk, reason="单位已付清", by=worker, at=at + MINUTE)
    for days in range(0, 60, 3):
        actions.sweep_clocks(at=paused.due_at + timedelta(days=days))
    for appeal in (paused, withdrawn):
        assert not raised(appeal, "escalate")
        assert not raised(appeal, "notice")


def test_the_sweep_reads_only_what_is_due(cast: Cast, at, django_assert_max_num_queries):
    appeal = signed(cast, at)
    with scope.acting_as(SYSTEM):
        assert appeals_to_look_at(at + MINUTE) == []
        clock = closing(appeal)
        assert appeals_to_look_at(clock.next_look_at) == [appeal.pk]
    with django_assert_max_num_queries(25):
        assert actions.sweep_clocks(at=at + MINUTE) == 0
    assert actions.relook_clocks() >= 1
    with scope.acting_as(SYSTEM):
        assert appeals_to_look_at(at + MINUTE) == [appeal.pk]
    assert actions.sweep_clocks(at=at + 2 * MINUTE) == 0
    assert closing(appeal).next_look_at == clock.next_look_at


def test_a_clock_nobody_has_reckoned_yet_is_looked_at(cast: Cast, at):
    appeal = signed(cast, at)
    with scope.acting_as(SYSTEM):
        Clock.objects.filter(appeal=appeal).update(next_look_at=None)
    assert actions.sweep_clocks(at=appeal.due_at + MINUTE) == 1


def test_one_that_cannot_be_reckoned_holds_nobody_up(cast: Cast, at):
    broken, whole = signed(cast, at), signed(cast, at, who="stranger")
    with scope.acting_as(SYSTEM):
        Clock.objects.filter(appeal=broken, name="close").update(limit={"amount": 1, "unit": "fortnights"})
    late = max(broken.due_at, whole.due_at) + MINUTE
    assert actions.sweep_clocks(at=late) == 1
    assert len(raised(whole, "escalate")) == 1
    assert closing(broken).next_look_at == late + sweeping.TRY_AGAIN_AFTER


def test_slices_add_up_and_a_spent_budget_leaves_the_rest(cast: Cast, at, monkeypatch):
    appeal = signed(cast, at)
    copies_of(appeal, 9)
    late = appeal.due_at + MINUTE
    monkeypatch.setattr(sweeping, "SLICE", 4)
    ticks = chain([0.0, 1.0, 1.0], repeat(30.0))
    monkeypatch.setattr(sweeping, "monotonic", lambda: next(ticks))
    assert actions.sweep_clocks(at=late, budget=timedelta(seconds=20)) == 4
    monkeypatch.undo()
    assert actions.sweep_clocks(at=late) == 6
    assert actions.sweep_clocks(at=late) == 0


def test_the_handler_answers_and_whoever_waits_in_vain_is_told_once(cast: Cast, at):
    appeal = signed(cast, at)
    late = appeal.due_at + MINUTE
    town = cast.town.actor
    with scope.acting_as(town), pytest.raises(NotAllowed, match="没有等待回复"):
        actions.answer_supervision(appeal_id=appeal.pk, answer="已经在办了", by=town, at=at)
    actions.sweep_clocks(at=late)
    with scope.acting_as(SYSTEM):
        due = open_supervisions(appeal.pk)[0].due_at
    actions.sweep_clocks(at=due + MINUTE)
    actions.sweep_clocks(at=due + timedelta(hours=2))
    with scope.acting_as(SYSTEM):
        told = Message.objects.filter(organisation=cast.places.county, text__contains="没有按时回复")
        assert told.count() == 1
    with scope.acting_as(cast.county.actor), pytest.raises(NotFound):
        actions.answer_supervision(appeal_id=0, answer="已经在办了", by=cast.county.actor, at=due)
    with scope.acting_as(cast.mediator.actor), pytest.raises((NotPermitted, NotFound)):
        actions.answer_supervision(appeal_id=appeal.pk, answer="已经在办了", by=cast.mediator.actor, at=due)
    with scope.acting_as(town):
        with pytest.raises(BadInput) as refused:
            actions.answer_supervision(appeal_id=appeal.pk, answer="好", by=town, at=due)
        assert refused.value.field == "answer"
        actions.answer_supervision(appeal_id=appeal.pk, answer="老板出差，明天到厂里谈", by=town, at=due + 3 * MINUTE)
    with scope.acting_as(SYSTEM):
        assert open_supervisions(appeal.pk) == []
        order = Supervision.objects.get(appeal=appeal, kind="escalate")
    assert (order.answered_by_name, order.answer) == (town.name, "老板出差，明天到厂里谈")


def test_the_weekly_notice_lists_the_lines_of_the_week_in_ones_own_area(cast: Cast, at):
    appeal = signed(cast, at)
    actions.sweep_clocks(at=appeal.due_at + MINUTE)
    noticed = moment_after(appeal.due_at, 2, queries.calendar()) + MINUTE
    actions.sweep_clocks(at=noticed)
    monday = noticed.date() - timedelta(days=noticed.weekday())
    for who, seen in ((cast.city, 1), (cast.county, 1), (cast.outsider, 0)):
        with scope.acting_as(who.actor):
            assert notices_of(monday, who.actor).count() == seen
            assert notices_of(monday - timedelta(days=7), who.actor).count() == 0


@pytest.fixture
def talk(cast: Cast, at) -> Interview:
    appeal = signed(cast, at)
    actions.sweep_clocks(at=appeal.due_at + MINUTE)
    actions.sweep_clocks(at=moment_after(appeal.due_at, 5, queries.calendar()) + MINUTE)
    with scope.acting_as(SYSTEM):
        return Interview.objects.get(appeal=appeal)


def interviewed_count(talk: Interview) -> int:
    with scope.acting_as(SYSTEM):
        return Event.objects.filter(subject_id=talk.appeal_id, kind="appeal.interviewed").count()


GIVEN = {
    "people": "新碶街道总工会主席、区总工会权益部",
    "said": "人手不够，老板失联",
    "agreed": "三日内联系劳动监察一起上门",
}


def test_a_talk_is_put_on_record_once_by_whoever_called_it(cast: Cast, talk: Interview):
    held = talk.made_at + timedelta(hours=30)
    now = held + timedelta(hours=1)
    county = cast.county.actor
    with scope.acting_as(cast.town.actor), pytest.raises(NotPermitted):
        actions.record_interview(interview_id=talk.pk, held_at=held, **GIVEN, by=cast.town.actor, at=now)
    with scope.acting_as(cast.outsider.actor), pytest.raises(NotFound):
        actions.record_interview(interview_id=talk.pk, held_at=held, **GIVEN, by=cast.outsider.actor, at=now)
    with scope.acting_as(county):
        done = actions.record_interview(interview_id=talk.pk, held_at=held, **GIVEN, by=county, at=now)
        with pytest.raises(NotAllowed, match="已经填过"):
            actions.record_interview(interview_id=talk.pk, held_at=held, **GIVEN, by=county, at=now)
    assert (done.by_name, done.agreed, done.held_at) == (county.name, GIVEN["agreed"], held)
    assert interviewed_count(talk) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("people", " "), ("said", "好"), ("agreed", ""), ("held_at", None), ("held_at", -1), ("held_at", 99)],
)
def test_a_record_that_says_too_little_is_refused_by_field(cast: Cast, talk: Interview, field, value):
    held: datetime | None = talk.made_at + timedelta(hours=1)
    given = dict(GIVEN)
    if field == "held_at":
        held = None if value is None else talk.made_at + timedelta(hours=value)
    else:
        given[field] = value
    with scope.acting_as(cast.county.actor), pytest.raises(BadInput) as refused:
        actions.record_interview(
            interview_id=talk.pk, held_at=held, **given, by=cast.county.actor, at=talk.made_at + timedelta(hours=2)
        )
    assert refused.value.field == field
