"""What does every test stand on: the database, the moment, the system actor and the standing cast?"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from gongqing.lib.times import SHANGHAI
from tests import database

if TYPE_CHECKING:
    from django.test import Client

    from gongqing.audit.actor import Actor
    from tests.cast import Cast

AT = datetime(2025, 10, 13, 14, 20, tzinfo=SHANGHAI)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test that names the cast runs on the database that has it, any other on an empty one; no scope is inherited."""
    from gongqing.audit import scope

    scope.forget()
    database.choose("cast" if "cast" in getattr(item, "fixturenames", ()) else "bare")


# how fast a busy machine is decides nothing
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> str:
    """Replaces pytest-django's: clone the migrated template, connect as the bound role; answers the template."""
    from django.conf import settings

    # two processes that keep the same content would take it from each other
    settings.FILES_ROOT = settings.FILES_ROOT / os.environ.get("PYTEST_XDIST_WORKER", "alone")
    # Argon2 is slow on purpose; the tests that are about it name it
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    template = database.start_server()
    with django_db_blocker.unblock():
        database.clone(template, database.name_of("bare"))
        database.connect_to_chosen()
    database.clone_for_transactional_tests()
    return template


@pytest.fixture(scope="session")
def _standing_cast(django_db_setup: str, django_db_blocker: Any) -> Cast:
    from django.db import connection

    from tests import cast

    with django_db_blocker.unblock():
        database.connect_to(database.clone(django_db_setup, database.name_of("cast")))
        built = cast.build(AT)
        connection.close()
    return built


@pytest.fixture
def cast(_standing_cast: Cast, db: None) -> Cast:
    """One person in every role in a small city; each test gets its own copy."""
    return copy.deepcopy(_standing_cast)


@pytest.fixture
def browser_of(cast: Cast) -> Callable[[str], Client]:
    """Django's test client, signed in as somebody of the cast: `browser_of("town")`; "" is nobody."""
    from tests.doors import signed_in

    return lambda name: signed_in(cast.players()[name] if name else None)


@pytest.fixture
def api_of(cast: Cast) -> Callable[[str], Client]:
    """Django's test client with a full API key of somebody of the cast: `api_of("town")`; "" is nobody."""
    from tests.doors import with_key

    return lambda name: with_key(cast.players()[name] if name else None)


@pytest.fixture
def at() -> datetime:
    """A Monday, in working time."""
    return AT


@pytest.fixture
def system(db: None) -> Iterator[Actor]:
    """The system actor; the whole test runs in its scope and sees every row."""
    from gongqing.audit import scope
    from gongqing.audit.actor import SYSTEM

    with scope.acting_as(SYSTEM):
        yield SYSTEM


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Run listeners and queued jobs in this transaction, and what they queue, until none is left; let messages leave.

    Answers of how many events listeners heard, and how many jobs ran.
    """
    from django.db import connection
    from procrastinate.contrib.django import app

    from gongqing.audit.delivery import deliver_batch
    from gongqing.notices.jobs import deliver_due

    def next_job() -> tuple[str, dict[str, Any]] | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE id ="
                " (SELECT min(id) FROM procrastinate_jobs WHERE status = 'todo') RETURNING task_name, args"
            )
            return cursor.fetchone()

    def run() -> int:
        count = 0
        while (heard := deliver_batch()) or (job := next_job()) is not None:
            count += heard
            if heard:
                continue
            name, arguments = job
            # Django hands jsonb over as text
            app.tasks[name].func(**(json.loads(arguments) if isinstance(arguments, str) else arguments))
            count += 1
        deliver_due.func(timestamp=0)  # which a running platform does every ten seconds
        return count

    return run


@pytest.fixture(autouse=True)
def _own_outbox(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has an outbox of its own: sessions side by side must not read each other's messages."""
    from gongqing.accounts import client

    monkeypatch.setattr(client, "outbox", lambda: tmp_path / "outbox" / "sms.jsonl")
