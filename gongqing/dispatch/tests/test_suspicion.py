"""Words that may mean danger: who looks, by when, and what becomes of the appeal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gongqing.appeals import actions as appeals
from gongqing.appeals.rules.suspicion import RULE, TITLE, suspicion_in, suspicion_of
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch.actions.waking import pass_call_on
from gongqing.dispatch.models import DutyCall
from gongqing.dispatch.queries import desk
from gongqing.dispatch.queries.cases import CaseFilters
from gongqing.dispatch.tests.make import UNCLEAR, WAGES, fresh, received
from gongqing.language.classify import classify
from gongqing.language.facts import read_facts
from gongqing.language.facts.spans import evidence_at
from gongqing.lib import times

DOUBTED = "厂里拖欠我三个月工资共八千元，多次去要都没有结果。我老了做不动，不想拖累儿女，后山的井我去看过了。"


@pytest.fixture
def doubted(db, cast):
    facts = read_facts(DOUBTED)
    assert facts.has("suspected_danger")
    assert not facts.has("self_harm")
    return received(DOUBTED, by=SYSTEM, at=times.now(), person_phone="13800000001")


def test_a_suspicion_waits_for_a_person_within_half_an_hour_and_changes_no_grade(doubted):
    appeal = fresh(doubted)
    assert appeal.status == "triage"
    assert appeal.grade != "red"
    assert not appeal.needs_call_back
    assert appeal.next_due_at == appeal.entered_at + timedelta(minutes=30)
    reason = suspicion_of(appeal.grade_reasons)
    assert (reason["rule"], reason["title"]) == (RULE, TITLE)
    start, end = reason["spans"][0]
    assert appeal.text[start:end] in reason["evidence"]
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="appeal.suspected", subject_id=appeal.pk).count() == 1
    calm = fresh(received(WAGES, by=SYSTEM, at=times.now()))
    assert suspicion_of(calm.grade_reasons) is None
    assert calm.next_due_at != calm.entered_at + timedelta(minutes=30)


def test_it_stands_at_the_head_of_triage_with_its_tag(doubted, cast, browser_of):
    earlier = received(UNCLEAR, by=SYSTEM, at=times.now() - timedelta(hours=5))
    with scope.acting_as(cast.city.actor):
        (band,), total = desk.inbox("triage", cast.city.actor, CaseFilters(), times.now())
    assert total == 2
    assert [item.appeal.pk for item in band.items] == [doubted.pk, earlier.pk]
    assert [item.is_suspected for item in band.items] == [True, False]
    browser = browser_of("city")
    assert browser.get("/desk/?view=triage").content.decode().count(TITLE) == 1
    page = browser.get(f"/desk/appeals/{doubted.code}").content.decode()
    assert "疑似有危险，请先看。" in page
    assert "请先看原话" in page
    assert TITLE not in browser.get(f"/desk/appeals/{earlier.code}").content.decode()


def test_after_half_an_hour_it_is_late(doubted, cast):
    with scope.acting_as(cast.city.actor):
        (band,), _ = desk.inbox("triage", cast.city.actor, CaseFilters(), times.now() + timedelta(minutes=31))
    assert band.late


def test_a_person_who_settles_has_looked(doubted, cast):
    with scope.acting_as(SYSTEM):
        appeals.classify_appeal(appeal_id=doubted.pk, code="LE01", by=cast.county.actor, at=times.now())
    appeal = fresh(doubted)
    assert appeal.status == "dispatched"
    assert suspicion_of(appeal.grade_reasons) is None
    assert appeal.next_due_at != appeal.entered_at + timedelta(minutes=30)


def test_a_person_may_say_that_it_is_red(doubted, cast):
    with scope.acting_as(SYSTEM):
        appeals.classify_appeal(
            appeal_id=doubted.pk, code="SC02", grade="red", reason="本人说不想活", by=cast.county.actor, at=times.now()
        )
    assert fresh(doubted).grade == "red"


def test_whoever_is_on_duty_is_called_until_somebody_settles_it(doubted, cast, run_jobs):
    run_jobs()
    with scope.acting_as(SYSTEM):
        made = DutyCall.objects.get(appeal=doubted)
        appeals.classify_appeal(appeal_id=doubted.pk, code="LE01", by=cast.county.actor, at=times.now())
        assert pass_call_on(call_id=made.pk, by=SYSTEM, at=times.now() + timedelta(hours=1)) is None
        assert DutyCall.objects.filter(appeal=doubted).count() == 1


def test_what_is_red_or_called_about_anyway_is_not_suspected_besides():
    facts = read_facts(DOUBTED)
    assert suspicion_in(facts, grade="yellow", needs_call_back=False) is not None
    assert suspicion_in(facts, grade="red", needs_call_back=False) is None
    assert suspicion_in(facts, grade="yellow", needs_call_back=True) is None
    assert suspicion_in(read_facts(WAGES), grade="yellow", needs_call_back=False) is None


def test_a_careful_reading_neither_settles_it_nor_takes_the_suspicion_away(doubted):
    reading = replace(classify(DOUBTED), confidence=0.99, careful=True, version="later")
    with scope.acting_as(SYSTEM):
        appeals.keep_careful_reading(appeal_id=doubted.pk, reading=reading, by=SYSTEM, at=times.now())
    appeal = fresh(doubted)
    assert appeal.status == "triage"
    assert appeal.category_confidence == 0.99
    assert suspicion_of(appeal.grade_reasons) is not None
    assert appeal.next_due_at is not None


def test_one_suspected_after_it_was_dispatched_keeps_its_clocks_and_duty_is_called(cast, run_jobs, browser_of):
    appeal = received(WAGES, by=SYSTEM, at=times.now())
    run_jobs()
    before = fresh(appeal)
    assert before.status == "dispatched"
    words = evidence_at(appeal.text, 0, 6)
    with scope.acting_as(SYSTEM):
        assert not DutyCall.objects.filter(appeal=appeal).exists()
        appeals.suspect_danger(appeal_id=appeal.pk, spans=[words], by=SYSTEM, at=times.now())
    run_jobs()
    after = fresh(appeal)
    assert (after.grade, after.status, after.next_due_at) == (before.grade, before.status, before.next_due_at)
    assert suspicion_of(after.grade_reasons)["evidence"] == f"“{words.words}”"
    with scope.acting_as(SYSTEM):
        call = DutyCall.objects.get(appeal=appeal)
        assert call.answered_at is None
    page = browser_of("city").get("/desk/?view=all").content.decode()
    assert page.count(TITLE) == 1
    with scope.acting_as(SYSTEM):
        assert appeals.suspect_danger(appeal_id=appeal.pk, spans=[words], by=SYSTEM, at=times.now()) is None
        assert Event.objects.filter(kind="appeal.suspected", subject_id=appeal.pk).count() == 1
        appeals.classify_appeal(appeal_id=appeal.pk, code="LE01", by=cast.county.actor, at=times.now())
    run_jobs()
    assert suspicion_of(fresh(appeal).grade_reasons) is None
    with scope.acting_as(SYSTEM):
        assert pass_call_on(call_id=call.pk, by=SYSTEM, at=times.now() + timedelta(hours=1)) is None
        assert DutyCall.objects.filter(appeal=appeal).count() == 1
