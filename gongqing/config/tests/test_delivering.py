"""Does the job process let listeners hear of what is recorded, and end when it is asked to?"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from django.db import DatabaseError

from gongqing.audit import delivery, events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.config import delivering
from gongqing.config.delivering import Deliverer


@dataclass
class Appeal:
    """Stands for a row of that name; the trace asks for its number alone."""

    pk: int


@pytest.fixture
def heard():
    """Set when the listener of the test has heard."""
    found = threading.Event()
    events.on("test.told")(lambda event: found.set())
    yield found
    events._queued.pop("test.told", None)


def record(at):
    with scope.acting_as(SYSTEM):
        events.record("test.told", subject=Appeal(1), by=SYSTEM, at=at)


@pytest.mark.django_db(transaction=True)
def test_it_hears_of_what_is_recorded_and_ends_when_asked(at, heard):
    deliverer = Deliverer()
    deliverer.start()
    try:
        record(at)
        assert heard.wait(30)
    finally:
        deliverer.stop(30)
    assert not deliverer.is_alive()
    assert not delivery.is_waiting()


@pytest.mark.django_db(transaction=True)
def test_it_outlives_a_database_that_is_away(at, heard, monkeypatch):
    monkeypatch.setattr(delivering, "WITHOUT_DATABASE", 0.01)
    faults = [DatabaseError("invented"), DatabaseError("invented")]
    asked = delivery.is_waiting

    def is_waiting():
        if faults:
            raise faults.pop()
        return asked()

    monkeypatch.setattr(delivery, "is_waiting", is_waiting)
    record(at)
    deliverer = Deliverer()
    deliverer.start()
    try:
        assert heard.wait(30)
    finally:
        deliverer.stop(30)
    assert faults == []


def test_without_it_the_process_does_not_stay(monkeypatch):
    ended = []
    monkeypatch.setattr(delivering.os, "kill", lambda process, number: ended.append(number))
    monkeypatch.setattr(delivery, "is_waiting", lambda: 1 / 0)
    deliverer = Deliverer()
    with pytest.raises(ZeroDivisionError):
        deliverer.run()
    assert ended == [delivering.signal.SIGTERM]
