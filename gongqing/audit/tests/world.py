"""A small trace: three appeals, an account, looks, two seals, and what came after them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction

from gongqing.audit import events, scope, seals
from gongqing.audit.actor import SYSTEM, Actor, Role

BOUND_ROLE = "gongqing_app"
SECRET = b"kept outside the database"
OFFICER = Actor(role=Role.TOWN_SUPERVISOR, name="周敏", user_id=7, organisation_id=3, organisation_name="柴桥街道")
WORKER = Actor(role=Role.WORKER, name="王芳", user_id=9, person_id=4)
STEPS = ("step.first", "step.second", "step.third", "step.fourth", "step.last")


@dataclass
class Appeal:
    """Stands for a row of that name; the trace asks for its number alone."""

    pk: int


@dataclass
class User:
    """A subject without a chain."""

    pk: int


def record_some(at, *, steps=STEPS, subjects=(1, 2, 3)):
    """Every step of every appeal, an account's event and a look at each appeal."""
    with scope.acting_as(SYSTEM):
        for step, kind in enumerate(steps):
            for number in subjects:
                moment = at + timedelta(minutes=step)
                events.record(kind, subject=Appeal(number), by=OFFICER, at=moment, note=f"第{step}步", step=step)
        events.record("user.tested", subject=User(5), by=SYSTEM, at=at, username="zhoumin")
        for number in subjects:
            look(number, at)


def look(number, at, by=OFFICER):
    """Somebody opens an appeal."""
    events.record_access(
        "appeal.opened", subject_kind="appeal", subject_id=number, by=by, at=at, reason="办理", address="10.0.0.8"
    )


def build(at):
    """Two sealed days, and one that is not sealed yet."""
    for days in (0, 1):
        moment = at + timedelta(days=days)
        record_some(moment)
        seals.seal_trace(day=moment.date(), secret=SECRET, by=SYSTEM, at=moment + timedelta(hours=10))
    record_some(at + timedelta(days=2))


@contextmanager
def in_one_transaction():
    """This test's database, where `tamper` may do what the owner may; everything is taken back at the end."""
    user = connection.settings_dict["USER"]
    connection.close()
    connection.settings_dict["USER"] = "postgres"
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL ROLE {BOUND_ROLE}")
            yield
            transaction.set_rollback(True)
    finally:
        connection.close()
        connection.settings_dict["USER"] = user


def tamper(statement, *values):
    """Do as the owner of the database, whom neither rights nor policies hold."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(statement, values or None)
        cursor.execute(f"SET LOCAL ROLE {BOUND_ROLE}")
