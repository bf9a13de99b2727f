"""Does PostgreSQL tell of what was done, seldom enough, and again after the connection broke?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection, transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.insight.stream.listening import CHANNEL, NAME, listen
from gongqing.lib import times

LIMIT = 20.0


@dataclass
class Thing:
    pk: int = 1


def _address() -> str:
    given = connection.settings_dict
    return f"postgresql://{given['USER']}@/{given['NAME']}?host={quote(str(given['HOST']), safe='')}"


def _happen() -> None:
    with transaction.atomic(), scope.acting_as(SYSTEM):
        events.record("demo.loaded", subject=Thing(), by=SYSTEM, at=times.now())


def _in_a_thread(work: Callable[[], None]) -> None:
    def whole() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=whole)
    thread.start()
    thread.join(LIMIT)


@pytest.mark.django_db(transaction=True)
def test_who_listens_hears_and_hears_again_after_the_connection_was_cut() -> None:
    heard: list[float] = []
    told: list[bool] = []

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        listening = asyncio.create_task(listen(_address(), lambda: heard.append(loop.time()), told=told.append))
        try:
            await _until(lambda: told == [True])
            before = len(heard)
            await loop.run_in_executor(None, _in_a_thread, _happen)
            await _until(lambda: len(heard) > before)
            await loop.run_in_executor(None, _in_a_thread, _cut)
            await _until(lambda: told == [True, False, True])
            before = len(heard)
            await asyncio.sleep(1.1)  # the next second may speak again
            await loop.run_in_executor(None, _in_a_thread, _happen)
            await _until(lambda: len(heard) > before)
        finally:
            listening.cancel()

    asyncio.run(scene())


@pytest.mark.django_db(transaction=True)
def test_much_that_happens_at_once_is_told_in_few_words() -> None:
    with psycopg.connect(_address(), autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        begun = times.now()
        for _ in range(60):
            _happen()
        took = (times.now() - begun).total_seconds()
        notices = list(ear.notifies(timeout=1.0))
    assert 1 <= len(notices) <= took + 2
    assert {notice.payload for notice in notices} == {""}


@pytest.mark.django_db(transaction=True)
def test_what_is_taken_back_is_not_told() -> None:
    with psycopg.connect(_address(), autocommit=True) as ear:
        ear.execute(f"LISTEN {CHANNEL}")
        with transaction.atomic():
            _happen()
            transaction.set_rollback(True)
        assert list(ear.notifies(timeout=0.5)) == []


def _cut() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s::text",
            [NAME],
        )
        assert cursor.fetchall() == [(True,)]


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(LIMIT):
        while not is_so():
            await asyncio.sleep(0.02)
