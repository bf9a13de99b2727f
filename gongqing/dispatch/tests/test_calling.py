"""Does a seat lead a call from the first ring to the last word, and does every call leave its trace?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.actions.calling import Told
from gongqing.dispatch.models import Call, Clock
from gongqing.dispatch.queries import hotline as queries
from gongqing.dispatch.tests.make import FLED, UNCLEAR, WAGES, fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted

CALLER = "13912340001"


@pytest.fixture
def seat(cast):
    """The seat, in whose scope the test runs."""
    with scope.acting_as(cast.hotline.actor):
        yield cast.hotline.actor


def begun(seat, at, phone=CALLER):
    return actions.begin_call(phone=phone, by=seat, at=at)


def told(text=WAGES, **more):
    return Told(text=text, **{"region_code": "330206001", **more})


def row(call):
    with scope.acting_as(SYSTEM):
        return Call.objects.get(pk=call.pk)


def test_a_seat_leads_one_call_at_a_time(seat, at):
    call = begun(seat, at)
    assert begun(seat, at + timedelta(seconds=2), "13912340002").pk == call.pk
    assert call.phone_mask == "139****0001"
    assert CALLER.encode() not in bytes(call.phone_sealed)
    actions.end_call(call_id=call.pk, outcome="nuisance", by=seat, at=at + timedelta(minutes=1))
    assert begun(seat, at + timedelta(minutes=2)).pk != call.pk


@pytest.mark.parametrize("name", ["town", "city", "auditor", "zone_helper"])
def test_only_seats_take_calls(cast, at, name):
    with pytest.raises(NotPermitted):
        actions.begin_call(phone="", by=cast.players()[name].actor, at=at)


def test_a_call_brings_one_appeal_however_often_it_is_sent(seat, at):
    call = begun(seat, at)
    first = actions.register_from_call(call_id=call.pk, told=told(), by=seat, at=at)
    again = actions.register_from_call(call_id=call.pk, told=told("另外的话"), by=seat, at=at)
    assert first.is_new
    assert first.query_password
    assert (again.appeal.pk, again.is_new, again.query_password) == (first.appeal.pk, False, None)
    appeal = fresh(first.appeal)
    assert (appeal.source, appeal.external_id) == ("seat", f"call-{call.pk}")
    assert appeal.hotline_kind == "ordinary"
    assert row(call).appeal_id == appeal.pk
    with scope.acting_as(SYSTEM):
        assert Appeal.objects.get(pk=appeal.pk).person.phone_mask == "139****0001"


@pytest.mark.parametrize(("shown", "given"), [("0574-88230451", ""), ("", "0574 88230451"), (CALLER, "057488230451")])
def test_a_land_line_is_kept_to_ring_back_and_finds_nobody(seat, at, shown, given):
    call = begun(seat, at, shown)
    appeal = actions.register_from_call(call_id=call.pk, told=told(phone=given), by=seat, at=at).appeal
    with scope.acting_as(SYSTEM):
        person = Appeal.objects.get(pk=appeal.pk).person
        assert person.phone_mask == "057****0451"
        assert person.reveal("phone") == "057488230451"
        assert person.phone_index is None


def test_a_number_that_is_none_is_refused_where_it_was_written(seat, at):
    call = begun(seat, at)
    with pytest.raises(BadInput) as refused:
        actions.register_from_call(call_id=call.pk, told=told(phone="12345"), by=seat, at=at)
    assert refused.value.field == "phone"
    assert row(call).appeal_id is None


def test_the_kind_of_a_hotline_matter_sets_its_limit_and_may_be_changed_for_a_reason(seat, at):
    call = begun(seat, at)
    words = told("我的年休假单位一直不让休，也不给钱，请工会帮我问一问。", category="LE04")
    appeal = actions.register_from_call(call_id=call.pk, told=words, by=seat, at=at).appeal

    def closing():
        with scope.acting_as(SYSTEM):
            clock = Clock.objects.get(appeal=appeal, name="close")
            return clock, clock.due_at

    _, before = closing()
    with pytest.raises(BadInput, match="为什么"):
        actions.set_hotline_kind(appeal_id=appeal.pk, kind="very_complex", reason=" ", by=seat, at=at)
    actions.set_hotline_kind(appeal_id=appeal.pk, kind="very_complex", reason="牵涉三家单位", by=seat, at=at)
    clock, after = closing()
    with scope.acting_as(SYSTEM):
        assert [each.kind for each in clock.entries.all()] == ["start", "relimit"]
        assert "特别复杂" in clock.entries.last().source
        assert Event.objects.filter(kind="appeal.hotline_kind_set", subject_id=appeal.pk).count() == 1
    assert (after - before).days >= 14
    assert fresh(appeal).due_at == after
    with pytest.raises(NotAllowed, match="已经是"):
        actions.set_hotline_kind(appeal_id=appeal.pk, kind="very_complex", reason="再定一次", by=seat, at=at)


def test_only_matters_of_a_hotline_have_such_a_kind(cast, at):
    appeal = received(by=cast.worker.actor, at=at)
    with scope.acting_as(cast.county.actor), pytest.raises(NotAllowed, match="热线"):
        actions.set_hotline_kind(appeal_id=appeal.pk, kind="difficult", reason="很难", by=cast.county.actor, at=at)


def test_the_choice_of_the_seat_settles_what_the_machine_leaves_open(seat, at):
    call = begun(seat, at)
    appeal = actions.register_from_call(call_id=call.pk, told=told(UNCLEAR, category="dp02"), by=seat, at=at).appeal
    assert (appeal.category.code, fresh(appeal).handler is not None) == ("DP02", True)


def test_the_caller_urges_and_adds_to_an_own_matter_that_the_seat_does_not_see(cast, seat, at):
    appeal = received(by=cast.worker.actor, at=at - timedelta(days=1), person_phone=cast.worker.phone)
    call = begun(seat, at, cast.worker.phone)
    assert not Appeal.objects.visible_to(seat).filter(pk=appeal.pk).exists()
    history = queries.history_of(call, seat)
    assert [each.appeal.code for each in history.matters] == [appeal.code]
    assert WAGES[:6] not in history.matters[0].title
    actions.urge_from_call(call_id=call.pk, appeal_id=appeal.pk, note="", by=seat, at=at)
    with pytest.raises(NotAllowed, match="刚催过"):
        actions.urge_from_call(call_id=call.pk, appeal_id=appeal.pk, note="", by=seat, at=at)
    actions.supplement_from_call(call_id=call.pk, appeal_id=appeal.pk, text="又拖了半个月", by=seat, at=at)
    with scope.acting_as(SYSTEM):
        event = Event.objects.get(kind="appeal.urged", subject_id=appeal.pk)
        assert (event.user_id, event.name) == (seat.user_id, "职工来电（12351 职工热线）")
        assert appeal.messages.get().from_worker
    assert row(call).outcome == "supplemented"


def test_nobody_else_s_matter_is_touched_by_a_call(cast, seat, at):
    appeal = received(by=cast.worker.actor, at=at, person_phone=cast.worker.phone)
    call = begun(seat, at)
    for act in (actions.urge_from_call, actions.supplement_from_call):
        with pytest.raises(NotFound):
            act(call_id=call.pk, appeal_id=appeal.pk, by=seat, at=at, **_words(act))


def _words(act):
    return {"note": "催"} if act is actions.urge_from_call else {"text": "补"}


def test_a_number_of_help_stands_on_the_call_and_on_the_matter(seat, at):
    call = begun(seat, at)
    with pytest.raises(BadInput):
        actions.transfer_caller(call_id=call.pk, number="114", by=seat, at=at)
    actions.transfer_caller(call_id=call.pk, number="12356", by=seat, at=at + timedelta(seconds=30))
    appeal = actions.register_from_call(call_id=call.pk, told=told(FLED), by=seat, at=at).appeal
    assert row(call).crisis_number == "12356"
    with scope.acting_as(SYSTEM):
        assert "12356" in Event.objects.get(kind="appeal.caller_transferred", subject_id=appeal.pk).note


@pytest.mark.parametrize(
    ("outcome", "note", "field"),
    [
        ("answered", "", "note"),
        ("registered", "", "outcome"),
        ("crisis", "劝了", "outcome"),
        ("reached", "", "outcome"),
    ],
)
def test_a_call_does_not_end_without_saying_what_became_of_it(seat, at, outcome, note, field):
    call = begun(seat, at)
    with pytest.raises(BadInput) as refused:
        actions.end_call(call_id=call.pk, outcome=outcome, note=note, by=seat, at=at)
    assert refused.value.field == field
    assert row(call).ended_at is None


def test_what_has_ended_is_not_changed(seat, at):
    call = begun(seat, at)
    actions.end_call(call_id=call.pk, outcome="answered", note="问年休假几天，已答", by=seat, at=at)
    assert actions.end_call(call_id=call.pk, outcome="nuisance", by=seat, at=at).outcome == "answered"
    with pytest.raises(NotAllowed, match="已经结束"):
        actions.register_from_call(call_id=call.pk, told=told(), by=seat, at=at)


def test_the_words_say_what_is_still_to_be_asked(cast, system, at):
    reading = queries.reading_of("老板拖欠我们工资不发", employer="", place="", at=at)
    assert {each.name for each in reading.missing} == {"单位", "地点", "人数", "时间", "金额"}
    full = queries.reading_of(
        "厂里三个月没发工资了，我一个人被欠了八千块", employer=cast.places.factory.name, place="新碶街道", at=at
    )
    assert full.missing == []
    assert full.choices[0][0].code == "LE01"
    assert "工资" in "".join(full.script.ask)


def test_words_of_danger_show_while_they_are_typed(cast, system, at):
    reading = queries.reading_of("工资再不发我就从楼上跳楼，不想活了", employer="", place="", at=at)
    assert reading.is_red
    assert "跳楼" in reading.danger
    assert reading.script_title == "心理健康与疏导"
    assert not queries.reading_of("想问问年休假有几天", employer="", place="", at=at).is_red


def test_words_of_danger_alone_are_read_as_they_are_registered(seat, system, at):
    said = "我真的不想活了，想从楼上跳楼。"
    reading = queries.reading_of(said, employer="", place="", at=at)
    call = actions.begin_call(phone="", by=seat, at=at)
    registered = actions.register_from_call(call_id=call.pk, told=Told(text=said), by=seat, at=at).appeal
    assert reading.choices[0][0] == registered.category
    assert reading.kind == registered.kind
    assert "不先挂电话" in "".join(reading.script.avoid)


def test_a_town_is_found_by_name_part_or_code(cast, system):
    assert queries.town_given("新碶").code == "330206001"
    assert queries.town_given("北仑区 小港街道").code == "330206002"
    assert queries.town_given("330212001").code == "330212001"
    assert queries.town_given(" ") is None
    for unclear in ("街道", "没有这地方", "999"):
        with pytest.raises(BadInput):
            queries.town_given(unclear)
