"""Does everybody who waits to hear of something hear of it, whatever happens to the others and to the process?"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from django.db import DatabaseError, connection
from procrastinate.contrib.django.models import ProcrastinateJob

from gongqing.audit import delivery, events, queries, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Delivery, Event

KINDS = ("test.told", "test.done")


@dataclass
class Appeal:
    """Stands for a row of that name; the trace asks for its number alone."""

    pk: int


@pytest.fixture(autouse=True)
def _own_listeners():
    yield
    for kind in KINDS:
        events._queued.pop(kind, None)


def record(number, at, kind="test.told"):
    return events.record(kind, subject=Appeal(number), by=SYSTEM, at=at)


def record_alone(number, at):
    with scope.acting_as(SYSTEM):
        return record(number, at).pk


def waiting():
    return list(Delivery.objects.order_by("id").values_list("event_id", flat=True))


def jobs():
    found = ProcrastinateJob.objects.filter(task_name="audit.deliver").order_by("id")
    return [(one.args["event_id"], one.args["listener"].rpartition(".")[2]) for one in found]


def test_who_waits_is_written_with_the_event_and_hears_of_it_once(system, at):
    found = []

    @events.on("test.told")
    def hears(event):
        found.append((event.pk, event.kind, event.at, event.data))

    event = events.record("test.told", subject=Appeal(1), by=SYSTEM, at=at, amount=[1, "二"])
    assert waiting() == [event.pk]
    assert delivery.deliver_batch() == 1
    assert found == [(event.pk, "test.told", at, {"amount": [1, "二"]})]
    assert waiting() == []
    assert delivery.deliver_batch() == 0


def test_what_nobody_waits_for_leaves_nothing(system, at):
    record(1, at)
    assert not delivery.is_waiting()


def test_one_that_fails_is_taken_back_alone_and_becomes_a_job(system, at):
    found = []

    @events.on("test.told")
    def fails(event):
        record(event.subject_id, at, "test.done")
        raise ValueError("invented")

    @events.on("test.told")
    def works(event):
        found.append(event.subject_id)

    first, second = record(1, at), record(2, at)
    assert delivery.deliver_batch() == 2
    assert found == [1, 2]
    assert jobs() == [(first.pk, "fails"), (second.pk, "fails")]
    assert not Event.objects.filter(kind="test.done").exists()
    assert waiting() == []


def test_what_listeners_record_is_written_together_and_heard_of_next(system, at):
    found = []

    @events.on("test.told")
    def goes_on(event):
        record(event.subject_id, at, "test.done")

    @events.on("test.done")
    def hears(event):
        found.append(event.subject_id)

    for number in range(5):
        record(number, at)
    assert delivery.deliver_batch() == 5
    assert found == []
    assert delivery.deliver_batch() == 5
    assert found == [0, 1, 2, 3, 4]
    assert [one.kind for one in queries.events_of("appeal", 3)] == ["test.told", "test.done"]


def test_a_group_is_called_once_and_each_alone_when_that_fails(system, at):
    calls = []

    @events.on_groups("test.told")
    def hears(found):
        calls.append([event.subject_id for event in found])
        if 2 in calls[-1]:
            raise ValueError("invented")

    recorded = [record(number, at) for number in (1, 3)]
    delivery.deliver_batch()
    assert calls == [[1, 3]]
    calls.clear()
    recorded = [record(number, at) for number in (1, 2, 3)]
    delivery.deliver_batch()
    assert calls == [[1, 2, 3], [1], [2], [3]]
    assert jobs() == [(recorded[1].pk, "hears")]


def test_what_takes_long_is_a_job_of_its_own(system, at):
    found = []

    @events.on("test.told", takes_long=True)
    def takes_long(event):
        found.append(event.subject_id)

    event = record(4, at)
    delivery.deliver_batch()
    assert found == []
    assert jobs() == [(event.pk, "takes_long")]
    delivery.hear(event.pk, events.heard_by(event)[0])
    assert found == [4]


def test_a_listener_that_was_dropped_from_the_code_is_forgotten(system, at):
    event = record(1, at)
    Delivery.objects.create(event_id=event.pk, listeners=["gongqing.gone.listener"])
    assert delivery.deliver_batch() == 1
    assert (waiting(), jobs()) == ([], [])


def test_what_breaks_the_end_of_a_batch_becomes_a_job_and_the_others_go_on(system, at, monkeypatch):
    found = []

    @events.on("test.told")
    def records(event):
        found.append(event.subject_id)
        record(event.subject_id, at, "test.done")

    written = events.chain.write

    def write(recorded, **given):
        if any(one.subject_id == 2 and one.kind == "test.done" for one in recorded):
            raise DatabaseError("invented")
        written(recorded, **given)

    told = [record(number, at) for number in (1, 2, 3)]
    monkeypatch.setattr(events.chain, "write", write)
    assert delivery.deliver_batch() == 3
    assert jobs() == [(told[1].pk, "records")]
    assert sorted(Event.objects.filter(kind="test.done").values_list("subject_id", flat=True)) == [1, 3]
    assert waiting() == []


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_in_the_middle_loses_nothing(at):
    heard, is_dying = [], [True]

    @events.on("test.told")
    def hears(event):
        heard.append(event.subject_id)
        with scope.acting_as(SYSTEM):
            record(event.subject_id, at, "test.done")
        if event.subject_id == 2 and is_dying:
            raise Killed

    numbers = [record_alone(number, at) for number in (1, 2, 3)]
    with pytest.raises(Killed):
        delivery.deliver_batch()
    assert waiting() == numbers
    is_dying.clear()
    assert delivery.deliver_batch() == 3
    assert heard == [1, 2, 1, 2, 3]
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="test.done").count() == 3


@pytest.mark.django_db(transaction=True)
def test_several_side_by_side_share_the_work(at):
    heard = []

    @events.on("test.told")
    def hears(event):
        heard.append(event.pk)
        time.sleep(0.002)

    numbers = [record_alone(number, at) for number in range(40)]

    def work(_):
        try:
            while delivery.deliver_batch(3):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(heard) == numbers
    assert waiting() == []


@pytest.mark.django_db(transaction=True)
def test_whoever_holds_a_row_for_long_is_not_waited_for(at):
    @events.on("test.told")
    def records(event):
        record(event.subject_id, at, "test.done")

    told = [record_alone(number, at) for number in (1, 2)]
    held, over = threading.Event(), threading.Event()

    def hold():
        try:
            with scope.acting_as(SYSTEM):
                record(1, at, "test.done")
                held.set()
                over.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        assert held.wait(30)
        try:
            assert delivery.deliver_batch() == 2
        finally:
            over.set()
    assert jobs() == [(told[0], "records")]
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="test.done", subject_id=2).exists()
