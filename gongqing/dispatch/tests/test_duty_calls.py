"""At three in the morning: who is called, who answers, and what passes on?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.appeals import actions as appeals
from gongqing.appeals.rules.suspicion import suspicion_of
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Role
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.actions.submitting import holder_of_code
from gongqing.dispatch.models import DutyCall, DutyLink
from gongqing.dispatch.queries import duty_calls
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.dispatch.tests.test_suspicion import DOUBTED as SUSPECTED
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import SHANGHAI
from gongqing.notices.models import Message

NIGHT = datetime(2025, 10, 14, 3, 12, tzinfo=SHANGHAI)
EVENING, MORNING = NIGHT.replace(day=13, hour=17, minute=30), NIGHT.replace(hour=8, minute=30)
DANGER = "厂里欠我半年工资，没有人管，我真的活不下去了，今晚就从楼上跳下去。"
TEN = timedelta(minutes=10)


def staff(username, name, role, place, at, phone=""):
    with scope.acting_as(SYSTEM):
        user = accounts.create_user(username=username, name=name, by=SYSTEM, at=at)
        since = at.date() - timedelta(9)
        accounts.appoint(user_id=user.pk, role=role, organisation_id=place.pk, since=since, by=SYSTEM, at=at)
        if phone:
            accounts.set_staff_phone(user_id=user.pk, phone=phone, by=SYSTEM, at=at)
    return user


def shift(place, user_id, rank=1, start=EVENING, end=MORNING, at=EVENING):
    with scope.acting_as(SYSTEM):
        return actions.add_shift(
            organisation_id=place.pk, user_id=user_id, rank=rank, starts_at=start, ends_at=end, by=SYSTEM, at=at
        )


@pytest.fixture
def second(cast, at):
    return staff("second-county", "周岚", Role.COUNTY_SUPERVISOR, cast.places.county, at, "13900000002")


@pytest.fixture
def roster(cast, at, second):
    """The county's first rank is the cast's, the second is 周岚; at the city the cast's alone."""
    with scope.acting_as(SYSTEM):
        accounts.set_staff_phone(user_id=cast.county.user_id, phone="13900000001", by=SYSTEM, at=at)
        accounts.set_staff_phone(user_id=cast.city.user_id, phone="13900000003", by=SYSTEM, at=at)
    shift(cast.places.county, cast.county.user_id)
    shift(cast.places.county, second.pk, rank=2)
    shift(cast.places.city, cast.city.user_id)


def red(cast, at=NIGHT, text=DANGER):
    """A matter with words of danger, which lies with the county; nobody has been called yet."""
    appeal = received(text, by=SYSTEM, at=at, person_phone="13800000001")
    with scope.acting_as(SYSTEM):
        appeal.refresh_from_db()
    assert (appeal.grade, appeal.handler_id) == ("red", cast.places.county.pk)
    return appeal


def call(appeal, at=NIGHT, **given):
    with scope.acting_as(SYSTEM):
        return actions.call_duty(appeal_id=appeal.pk, by=SYSTEM, at=at, **given)


def calls(appeal):
    with scope.acting_as(SYSTEM):
        return list(DutyCall.objects.filter(appeal=appeal).select_related("organisation", "user").order_by("id"))


def kinds(appeal):
    with scope.acting_as(SYSTEM):
        found = Event.objects.filter(subject_kind="appeal", subject_id=appeal.pk, kind__contains="duty")
        return [one.kind.removeprefix("appeal.") for one in found.order_by("id")]


def messages():
    with scope.acting_as(SYSTEM):
        return list(Message.objects.filter(template="duty").order_by("id"))


def token_of(message):
    return message.text.rpartition("/d/")[2]


def test_the_one_on_duty_is_told_at_once(cast, roster):
    appeal = red(cast)
    made = call(appeal)
    assert (made.user_id, made.rank, made.round) == (cast.county.user_id, 1, 1)
    assert (made.called_at, made.answer_by) == (NIGHT, NIGHT + TEN)
    (message,) = messages()
    assert (message.phone_mask, message.is_urgent, message.not_before) == ("139****0001", True, None)
    assert appeal.code in message.text
    assert "03:22" in message.text
    with scope.acting_as(SYSTEM):
        notice = Message.objects.get(user_id=cast.county.user_id, subject_id=appeal.pk, text__startswith="值班呼叫")
        assert notice.link == f"/desk/appeals/{appeal.code}"
        assert not DutyLink.objects.filter(digest__contains=token_of(message)).exists()
    assert kinds(appeal) == ["duty_called"]
    assert call(appeal).pk == made.pk, "nobody is called twice about the same"


def test_the_queue_calls_by_itself(cast, roster, run_jobs, monkeypatch):
    monkeypatch.setattr("gongqing.lib.times.now", lambda: NIGHT)
    appeal = red(cast)
    run_jobs()
    assert [one.user_id for one in calls(appeal)] == [cast.county.user_id]


def test_green_wakes_nobody_and_what_turns_red_does(cast, roster, run_jobs, monkeypatch):
    monkeypatch.setattr("gongqing.lib.times.now", lambda: NIGHT)
    appeal = received(WAGES, by=SYSTEM, at=NIGHT)
    run_jobs()
    assert calls(appeal) == []
    with scope.acting_as(SYSTEM):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.county.pk, by=SYSTEM, at=NIGHT)
        actions.sign_order(appeal_id=appeal.pk, by=SYSTEM, at=NIGHT)
        appeals.classify_appeal(appeal_id=appeal.pk, code="", grade="red", reason="来电称有人堵门", by=SYSTEM, at=NIGHT)
    run_jobs()
    assert [one.user_id for one in calls(appeal)] == [cast.county.user_id]


def test_an_unanswered_call_passes_on_rank_by_rank_and_level_by_level(cast, roster, second):
    appeal = red(cast)
    call(appeal)
    assert actions.sweep_duty_calls(at=NIGHT + TEN - timedelta(seconds=1)) == 0
    for step in range(1, 4):
        assert actions.sweep_duty_calls(at=NIGHT + TEN * step) == 1
    made = calls(appeal)
    assert [(one.organisation_id, one.user_id, one.rank) for one in made] == [
        (cast.places.county.pk, cast.county.user_id, 1),
        (cast.places.county.pk, second.pk, 2),
        (cast.places.city.pk, cast.city.user_id, 1),
        (cast.places.city.pk, None, 9),
    ]
    assert [one.passed_on_at is None for one in made] == [False, False, False, True]
    assert kinds(appeal) == ["duty_called", *["duty_passed_on", "duty_called"] * 3]
    assert [one.phone_mask for one in messages()] == ["139****0001", "139****0002", "139****0003", "139****0003"]


def test_when_nobody_is_left_the_last_call_stays_open_and_is_said_once(cast, roster):
    appeal = red(cast)
    call(appeal)
    for step in range(1, 20):
        actions.sweep_duty_calls(at=NIGHT + TEN * step)
    made = calls(appeal)
    assert len(made) == 3 + 6
    assert (made[-1].passed_on_at, made[-1].answered_at, made[-1].note) == (None, None, "全部呼叫都没有人应答")
    assert kinds(appeal).count("duty_unanswered") == 1
    with scope.acting_as(cast.city.actor):
        actions.answer_duty_call(call_id=made[-1].pk, by=cast.city.actor, at=NIGHT + TEN * 30)
    assert kinds(appeal)[-1] == "duty_answered"


def test_a_hole_goes_up_at_once_and_says_why(cast, roster):
    appeal = received(DANGER, by=SYSTEM, at=NIGHT)
    with scope.acting_as(SYSTEM):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.town.pk, by=SYSTEM, at=NIGHT)
    made = call(appeal)
    assert made.user_id == cast.county.user_id
    assert "新碶街道总工会此刻没有人值班" in made.reason
    assert kinds(appeal) == ["duty_hole", "duty_called"]


def test_in_working_hours_the_desk_is_called(cast, roster, second):
    noon = NIGHT.replace(hour=9)
    made = call(red(cast, noon), noon)
    assert (made.organisation_id, made.user_id, made.rank) == (cast.places.county.pk, None, 0)
    assert {one.phone_mask for one in messages()} == {"139****0001", "139****0002"}


def test_whoever_was_called_or_stands_above_answers(cast, roster, second):
    appeal = red(cast)
    made = call(appeal)
    by = account_queries.actor_of(second, on=NIGHT.date())
    with scope.acting_as(by):
        actions.answer_duty_call(call_id=made.pk, by=by, at=NIGHT + timedelta(minutes=4))
        with pytest.raises(NotAllowed) as refused:
            actions.answer_duty_call(call_id=made.pk, by=by, at=NIGHT + TEN)
    assert "周岚已经应答" in str(refused.value)
    (answered,) = calls(appeal)
    assert (answered.answered_by_name, answered.answered_at) == ("周岚", NIGHT + timedelta(minutes=4))
    assert actions.sweep_duty_calls(at=NIGHT + TEN) == 0


@pytest.mark.parametrize(
    ("who", "error"),
    [("outsider", NotFound), ("worker", NotPermitted), ("auditor", NotPermitted), ("admin", NotFound)],
)
def test_others_do_not_answer(cast, roster, who, error):
    appeal = red(cast)
    made = call(appeal)
    actor = cast.players()[who].actor
    with scope.acting_as(actor), pytest.raises(error):
        actions.answer_duty_call(call_id=made.pk, by=actor, at=NIGHT)


def test_a_late_answer_counts_for_the_open_call(cast, roster, second):
    appeal = red(cast)
    call(appeal)
    actions.sweep_duty_calls(at=NIGHT + TEN)
    late = token_of(messages()[0])
    answered = actions.answer_by_link(token=late, at=NIGHT + TEN * 1.2)
    assert (answered.rank, answered.answered_by_name) == (2, "演员county")
    with pytest.raises(NotAllowed):
        actions.answer_by_link(token=token_of(messages()[1]), at=NIGHT + TEN * 1.3)
    with pytest.raises(NotFound):
        actions.answer_by_link(token="no-such-token", at=NIGHT)


def test_a_link_ends_with_the_posting(cast, roster):
    call(red(cast))
    with scope.acting_as(SYSTEM):
        accounts.end_posting(posting_id=cast.county.posting_id, until=NIGHT.date(), reason="调离", by=SYSTEM, at=NIGHT)
    with pytest.raises(NotFound):
        actions.answer_by_link(token=token_of(messages()[0]), at=NIGHT)


def test_who_has_left_is_passed_over(cast, roster, second):
    with scope.acting_as(SYSTEM):
        accounts.deactivate_user(user_id=cast.county.user_id, reason="离职", by=SYSTEM, at=NIGHT)
    assert call(red(cast)).user_id == second.pk


def test_the_deputy_is_called_too_and_the_trace_names_both(cast, roster, second):
    with scope.acting_as(SYSTEM):
        accounts.name_deputy(
            posting_id=cast.county.posting_id,
            user_id=second.pk,
            since=NIGHT.date(),
            last_day=NIGHT.date(),
            reason="出差",
            by=SYSTEM,
            at=NIGHT,
        )
    appeal = red(cast)
    call(appeal)
    to_deputy = next(one for one in messages() if one.phone_mask == "139****0002")
    with scope.acting_as(SYSTEM):
        told = Message.objects.filter(user_id=second.pk, subject_id=appeal.pk, text__startswith="值班呼叫")
        assert told.count() == 1
    answered = actions.answer_by_link(token=token_of(to_deputy), at=NIGHT)
    assert answered.answered_by_name == "周岚（代演员county）"


def test_signing_is_an_answer(cast, roster):
    appeal = red(cast)
    call(appeal)
    with scope.acting_as(cast.county.actor):
        actions.sign_order(appeal_id=appeal.pk, by=cast.county.actor, at=NIGHT + timedelta(minutes=2))
    (answered,) = calls(appeal)
    assert (answered.answered_by_name, answered.answered_at) == (
        "演员county",
        NIGHT + timedelta(minutes=2),
    )


@pytest.mark.parametrize("end", ["withdraw", "invalidate", "lower"])
def test_what_has_ended_calls_nobody(cast, roster, end):
    appeal = red(cast, text="我们班组二十多人三个月没发工资，老板跑路了，大家准备集体去讨薪，请工会救救我们。")
    call(appeal)
    with scope.acting_as(SYSTEM):
        if end == "withdraw":
            appeals.withdraw_appeal(appeal_id=appeal.pk, reason="老板付了", by=holder_of_code(appeal.pk), at=NIGHT)
        elif end == "invalidate":
            appeals.invalidate_appeal(appeal_id=appeal.pk, reason="测试", by=SYSTEM, at=NIGHT)
        else:
            appeals.classify_appeal(
                appeal_id=appeal.pk, code="", grade="yellow", reason="核实不是", by=cast.city.actor, at=NIGHT
            )
            call(appeal)
    (stopped,) = calls(appeal)
    assert stopped.passed_on_at == NIGHT
    assert actions.sweep_duty_calls(at=NIGHT + TEN) == 0
    assert kinds(appeal) == ["duty_called", "duty_stopped"]


def test_a_transfer_calls_the_new_place(cast, roster):
    appeal = red(cast)
    call(appeal)
    shift(cast.places.town, cast.town.user_id)
    later = NIGHT + timedelta(minutes=3)
    with scope.acting_as(SYSTEM):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.town.pk, by=SYSTEM, at=later)
    made = call(appeal, later)
    assert (made.user_id, made.round) == (cast.town.user_id, 2)
    assert [one.note for one in calls(appeal)] == ["已转到别的单位", ""]


def test_what_the_queue_lost_is_called_by_the_sweep(cast, roster):
    appeal = red(cast)
    assert actions.sweep_duty_calls(at=NIGHT + timedelta(minutes=1)) == 0
    assert actions.sweep_duty_calls(at=NIGHT + timedelta(minutes=3)) == 1
    assert [one.user_id for one in calls(appeal)] == [cast.county.user_id]


def test_the_sweep_finds_what_passed_to_another_place(cast, roster):
    appeal = red(cast)
    call(appeal)
    shift(cast.places.town, cast.town.user_id)
    later = NIGHT + timedelta(minutes=30)
    for moment in (NIGHT + TEN, NIGHT + 2 * TEN):
        actions.sweep_duty_calls(at=moment)
    known = len(calls(appeal))
    with scope.acting_as(SYSTEM):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.town.pk, by=SYSTEM, at=later)
    actions.sweep_duty_calls(at=later + timedelta(minutes=3))
    assert [one.user_id for one in calls(appeal)[known:]] == [cast.town.user_id]
    assert actions.sweep_duty_calls(at=later + timedelta(minutes=4)) == 0


def test_the_sweep_finds_what_turned_red_in_somebody_s_hands(cast, roster):
    appeal = received(WAGES, by=SYSTEM, at=NIGHT)
    later = NIGHT + timedelta(hours=2)
    with scope.acting_as(SYSTEM):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.county.pk, by=SYSTEM, at=NIGHT)
        actions.sign_order(appeal_id=appeal.pk, by=SYSTEM, at=NIGHT)
        appeals.classify_appeal(appeal_id=appeal.pk, code="", grade="red", reason="来电称有人堵门", by=SYSTEM, at=later)
    assert actions.sweep_duty_calls(at=later + timedelta(minutes=1)) == 0
    assert actions.sweep_duty_calls(at=later + timedelta(minutes=3)) == 1
    assert [one.user_id for one in calls(appeal)] == [cast.county.user_id]
    with scope.acting_as(SYSTEM):
        actions.end_duty_calls(appeal_id=appeal.pk, by=SYSTEM, at=later + timedelta(minutes=4), taken=True)
    assert actions.sweep_duty_calls(at=later + timedelta(minutes=5)) == 0


def test_the_sweep_finds_what_is_suspected(cast, roster):
    appeal = received(SUSPECTED, by=SYSTEM, at=NIGHT)
    with scope.acting_as(SYSTEM):
        appeal.refresh_from_db()
    assert suspicion_of(appeal.grade_reasons)
    assert actions.sweep_duty_calls(at=NIGHT + timedelta(minutes=3)) == 1
    assert len(calls(appeal)) == 1


def test_the_sweep_wakes_nobody_about_what_was_taken_or_is_green(cast, roster):
    taken = red(cast)
    received(WAGES, by=SYSTEM, at=NIGHT)
    with scope.acting_as(SYSTEM):
        actions.sign_order(appeal_id=taken.pk, by=SYSTEM, at=NIGHT)
    assert actions.sweep_duty_calls(at=NIGHT + timedelta(minutes=3)) == 0
    assert calls(taken) == []


def test_without_anybody_the_trace_says_so_once(cast):
    appeal = red(cast)
    with scope.acting_as(SYSTEM):
        for player in (cast.city, cast.county):
            accounts.deactivate_user(user_id=player.user_id, reason="离职", by=SYSTEM, at=NIGHT)
    assert call(appeal) is None
    assert call(appeal) is None
    assert kinds(appeal) == ["duty_unanswered"]


def test_the_settings_of_the_place_or_the_city_say_how_long_a_call_waits(cast, roster):
    with scope.acting_as(SYSTEM):
        actions.set_duty(organisation_id=cast.places.city.pk, needs_roster=True, answer_minutes=15, by=SYSTEM, at=NIGHT)
    assert call(red(cast)).answer_by == NIGHT + timedelta(minutes=15)
    with scope.acting_as(SYSTEM):
        actions.set_duty(
            organisation_id=cast.places.county.pk, needs_roster=True, answer_minutes=5, by=SYSTEM, at=NIGHT
        )
    assert call(red(cast)).answer_by == NIGHT + timedelta(minutes=5)


def test_figures_count_what_was_asked(cast, roster, second):
    first = red(cast)
    call(first)
    actions.sweep_duty_calls(at=NIGHT + TEN)
    actions.answer_by_link(token=token_of(messages()[1]), at=NIGHT + timedelta(minutes=14))
    stopped = red(cast)
    call(stopped)
    with scope.acting_as(SYSTEM):
        appeals.invalidate_appeal(appeal_id=stopped.pk, reason="重复", by=SYSTEM, at=NIGHT)
    with scope.acting_as(cast.county.actor):
        found = duty_calls.figures(cast.county.actor, NIGHT + timedelta(hours=1))
        assert (found.count, found.matters, found.asked, found.in_time) == (3, 2, 2, 1)
        assert found.median_minutes == 14
        assert duty_calls.figures(cast.county.actor, NIGHT + timedelta(days=40)).count == 0
    with scope.acting_as(cast.outsider.actor):
        assert duty_calls.figures(cast.outsider.actor, NIGHT + timedelta(hours=1)).count == 0
