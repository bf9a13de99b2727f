"""Is what lies just below a suspicion heard with the encoder, once, and left alone where somebody is at it?"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import psycopg
import pytest
from django.db import connection

from gongqing.appeals import actions, jobs
from gongqing.appeals.models import Appeal, ListeningMark
from gongqing.appeals.queries.listening import LATE_WRITERS, have_written, moment
from gongqing.appeals.rules.intake import Intake
from gongqing.appeals.rules.suspicion import RULE, suspicion_of
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.language import apart, danger_meaning
from gongqing.language.danger_meaning import near_pieces
from gongqing.language.encoder import WIDTH
from gongqing.language.facts import read_facts

NEAR = "单位的事情一直没人给个说法，想请你们来看看。这日子过到头了，家里都安排好了。"
FAR = "想问问社保转移要带哪些材料，几天能办好。"
SOON = timedelta(minutes=1)
LATER = timedelta(minutes=5)


def told(at, text, *, number="a") -> Appeal:
    intake = Intake(source="试", external_id=f"l-{number}", channel="visit", text=text, region_code="330206001")
    with scope.acting_as(SYSTEM):
        return actions.receive_appeal(intake, by=SYSTEM, at=at).appeal


def now_of(appeal: Appeal) -> Appeal:
    with scope.acting_as(SYSTEM):
        return Appeal.objects.get(pk=appeal.pk)


def suspicions(appeal: Appeal) -> list[Event]:
    with scope.acting_as(SYSTEM):
        return list(Event.objects.filter(kind="appeal.suspected", subject_id=appeal.pk))


@pytest.fixture
def near(monkeypatch):
    """A text whose n-grams lie between the lowest margin and a suspicion."""
    model = danger_meaning._opened()
    margins = [piece.margin for piece in near_pieces(NEAR)]
    assert margins
    assert all(model.lowest <= margin < 0 for margin in margins)
    return NEAR


@pytest.fixture
def asked(monkeypatch):
    """The encoder answers what the model of its numbers takes for danger; which texts it was asked."""
    texts: list[str] = []
    weights = danger_meaning._opened().weights

    def answer(messages, **_):
        texts.extend(text for text, _ in messages)
        found = np.zeros((len(messages), WIDTH), np.float32)
        found[:, : len(weights)] = 50 * weights / float(weights @ weights)
        return found

    monkeypatch.setattr("gongqing.appeals.actions.listening.meanings_of", answer)
    return texts


def begun(at) -> None:
    assert actions.listen_again(most=100, by=SYSTEM, at=at - SOON) == 0


def test_the_first_run_hears_nothing_older(cast, at, near, asked):
    old = told(at, near)
    begun(at + LATER)
    assert actions.listen_again(most=100, by=SYSTEM, at=at + LATER) == 0
    assert asked == []
    assert suspicions(old) == []


def test_a_near_text_in_triage_is_looked_at_first_and_keeps_its_grade(cast, at, near, asked):
    begun(at)
    appeal, calm = told(at, near), told(at, FAR, number="b")
    before = now_of(appeal)
    assert suspicion_of(before.grade_reasons) is None
    assert actions.listen_again(most=100, by=SYSTEM, at=at + SOON) == 1
    after = now_of(appeal)
    reason = suspicion_of(after.grade_reasons)
    assert reason["rule"] == RULE
    start, end = reason["spans"][0]
    assert after.text[start:end] in reason["evidence"]
    assert (after.grade, after.status, after.restricted) == (before.grade, before.status, before.restricted)
    if after.status == "triage":
        assert after.next_due_at == at + SOON + timedelta(minutes=30)
    (event,) = suspicions(appeal)
    assert (event.role, event.at) == ("system", at + SOON)
    assert suspicions(calm) == []
    assert FAR not in asked


def test_each_is_asked_of_the_encoder_once(cast, at, near, asked):
    begun(at)
    appeal, settled = told(at, near), told(at, near, number="b")
    with scope.acting_as(SYSTEM):
        actions.classify_appeal(appeal_id=settled.pk, code="LE01", by=cast.city.actor, at=at)
    for minutes in range(1, 6):
        actions.listen_again(most=100, by=SYSTEM, at=at + timedelta(minutes=minutes))
    assert len(asked) == 2
    assert len(suspicions(appeal)) == 1
    with scope.acting_as(SYSTEM):
        assert ListeningMark.objects.get().upto_appeal_id == settled.pk


def test_while_somebody_writes_for_long_what_is_old_alone_is_heard(cast, at, near, asked, monkeypatch):
    begun(at)
    appeal = told(at, near)
    monkeypatch.setattr("gongqing.appeals.actions.listening.have_written", lambda since: False)
    assert actions.listen_again(most=100, by=SYSTEM, at=at + SOON) == 0
    assert asked == []
    with scope.acting_as(SYSTEM):
        assert ListeningMark.objects.get().upto_appeal_id < appeal.pk
    assert [actions.listen_again(most=100, by=SYSTEM, at=at + LATE_WRITERS) for _ in range(2)] == [1, 0]
    assert len(asked) == 1


def test_who_is_in_the_middle_of_writing_is_waited_for(cast, monkeypatch):
    monkeypatch.setattr("gongqing.appeals.queries.listening.WAITS_FOR", 0)
    assert have_written(moment())
    settings = connection.get_connection_params()
    settings = {name: settings[name] for name in ("dbname", "user", "host", "port", "password") if name in settings}
    with psycopg.connect(**settings) as other:
        other.execute("SELECT 1")
        assert not have_written(moment())
        other.rollback()
        assert have_written(moment())
        before = moment()
        other.execute("SELECT 1")
        assert have_written(before), "who began later draws higher numbers"


def test_what_is_closed_or_in_somebody_s_hands_is_left_alone(cast, at, near, asked):
    begun(at)
    gone, settled, red, touched = (told(at, near, number=number) for number in "abcd")
    with scope.acting_as(SYSTEM):
        actions.invalidate_appeal(appeal_id=gone.pk, by=cast.city.actor, at=at + SOON, reason="测试件")
        actions.classify_appeal(appeal_id=settled.pk, code="LE01", by=cast.city.actor, at=at + SOON)
        Appeal.objects.filter(pk=red.pk).update(grade="red")
        events.record("appeal.noted", subject=touched, by=cast.city.actor, at=at + SOON)
    assert actions.listen_again(most=100, by=SYSTEM, at=at + SOON) == 0
    assert len(asked) == 2  # of the one that a person settled and of the one that a person did something with
    for appeal in (gone, settled, red, touched):
        assert suspicions(appeal) == []


def test_who_settled_while_the_encoder_read_is_not_asked_to_look_again(cast, at, near):
    begun(at)
    appeal = told(at, near)
    with scope.acting_as(SYSTEM):
        actions.classify_appeal(appeal_id=appeal.pk, code="LE01", by=cast.city.actor, at=at + SOON)
        spans = [piece.evidence for piece in near_pieces(near)]
        assert actions.suspect_danger(appeal_id=appeal.pk, spans=spans, by=SYSTEM, at=at + SOON) is None


def test_without_an_answer_of_the_encoder_the_place_stays(cast, at, near, monkeypatch):
    begun(at)
    told(at, near)

    def broken(messages, **_):
        raise apart.Broken("x")

    monkeypatch.setattr("gongqing.appeals.actions.listening.meanings_of", broken)
    with scope.acting_as(SYSTEM):
        before = ListeningMark.objects.get().upto_appeal_id
    with pytest.raises(apart.Broken):
        actions.listen_again(most=100, by=SYSTEM, at=at + LATER)
    with scope.acting_as(SYSTEM):
        assert ListeningMark.objects.get().upto_appeal_id == before


def test_each_run_takes_so_many_and_goes_on_from_there(cast, at, near, asked):
    begun(at)
    made = [told(at, near, number=str(number)) for number in range(3)]
    assert [actions.listen_again(most=2, by=SYSTEM, at=at + LATER) for _ in range(3)] == [2, 1, 0]
    assert all(len(suspicions(appeal)) == 1 for appeal in made)


def test_the_job_asks_only_where_the_city_reads_carefully(cast, monkeypatch):
    calls: list[int] = []
    monkeypatch.setattr(actions, "listen_again", lambda **given: calls.append(given["most"]))
    jobs.listen_again(timestamp=0)
    assert calls in ([], [jobs.HEARD_AT_ONCE])


def test_what_is_suspected_already_is_not_asked():
    text = "厂里拖欠我三个月工资。我老了做不动，不想拖累儿女，后山的井我去看过了。"
    assert read_facts(text).has("suspected_danger")
    assert near_pieces(text) == []


def test_hidden_characters_move_no_span():
    text = NEAR.replace("日子", "日\u200b子")
    assert all(text[p.evidence.start : p.evidence.end] == p.evidence.words for p in near_pieces(text))
