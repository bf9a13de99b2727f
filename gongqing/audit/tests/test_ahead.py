"""Is a chain still one unbroken chain where its head was locked ahead, in the journey that locked its subject?"""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from gongqing.audit import chain, events, scope, writing
from gongqing.audit.journeys import asked
from gongqing.audit.tests.test_chain import SEAT, Appeal, check_chain, rows

FIRST = ("appeal", 1)


@pytest.fixture(autouse=True)
def used_once():
    """One event is usual, as in a process that has just begun."""
    known = dict(chain._usual)
    chain._usual.clear()
    yield
    chain._usual.clear()
    chain._usual.update(known)


def ask_ahead():
    with scope.elevated():
        chain.keep_ahead(FIRST, asked(chain.asked_ahead(FIRST)))


def record(at, kind, appeal=1):
    events.record(kind, subject=Appeal(appeal), by=SEAT, at=at)


def taken_back(*steps):
    """Do this in a savepoint, and take the savepoint back."""
    with transaction.atomic():
        for step in steps:
            step()
        transaction.set_rollback(True)


def test_what_was_asked_ahead_is_not_asked_again(system, at):
    record(at, "test.first")
    with transaction.atomic(), writing.together("test"), events.written_together():
        ask_ahead()
        with CaptureQueriesContext(connection) as seen:
            record(at, "test.second")
            events.write_now()
    assert not [each["sql"] for each in seen if "FOR NO KEY UPDATE" in each["sql"] or "nextval" in each["sql"]]
    assert [event.kind for event in rows()] == ["test.first", "test.second"]
    check_chain(rows())


def test_more_events_than_usual_ask_anew_and_become_usual(system, at):
    record(at, "test.first")
    for _ in range(2):
        with transaction.atomic(), writing.together("test"), events.written_together():
            ask_ahead()
            for kind in ("test.second", "test.third"):
                record(at, kind)
    assert chain._usual == {"test": 2}
    assert len(rows()) == 5
    check_chain(rows())


def test_it_serves_once(system, at):
    record(at, "test.first")
    with transaction.atomic(), writing.together("test"), events.written_together():
        ask_ahead()
        record(at, "test.second")
        events.write_now()
        record(at, "test.third")
    assert len(rows()) == 3
    check_chain(rows())


def test_a_savepoint_that_is_taken_back_takes_it_along(system, at):
    record(at, "test.first")
    with transaction.atomic(), writing.together("test"), events.written_together():
        taken_back(ask_ahead)
        assert chain._ahead_of([FIRST], 1) is None
        record(at, "test.second")
    check_chain(rows())


def test_what_was_written_ahead_in_a_savepoint_taken_back_leaves_the_chain_as_it_was(system, at):
    record(at, "test.first")
    with transaction.atomic(), writing.together("test"), events.written_together():
        ask_ahead()
        taken_back(lambda: record(at, "test.lost"), events.write_now)
        record(at, "test.second")
    assert [event.kind for event in rows()] == ["test.first", "test.second"]
    check_chain(rows())


def test_with_another_subject_both_are_asked_in_order(system, at):
    record(at, "test.first")
    record(at, "test.first", appeal=2)
    with transaction.atomic(), writing.together("test"), events.written_together():
        ask_ahead()
        record(at, "test.second")
        record(at, "test.second", appeal=2)
    check_chain(rows())
    check_chain(rows(2))


def test_a_subject_without_a_head_is_asked_for_as_ever(system, at):
    with transaction.atomic(), writing.together("test"), events.written_together():
        ask_ahead()
        record(at, "test.first")
    check_chain(rows())


def test_nothing_is_asked_outside_a_block(system, at):
    assert chain.asked_ahead(FIRST) == []
    chain.keep_ahead(FIRST, [])
