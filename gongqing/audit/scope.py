"""How does PostgreSQL know who acts?

The scope is set for the current transaction alone (`set_config(…, true)`), so it can never leak into the next request.
Policies read it through `gq_…()` functions; without it nothing is visible.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection, transaction

from gongqing.audit.actor import Actor, Role
from gongqing.audit.journeys import Statement, asked

_SET = """
SELECT set_config('gongqing.all', $1, true), set_config('gongqing.paths', $2, true),
       set_config('gongqing.person', $3, true), set_config('gongqing.user', $4, true),
       set_config('gongqing.appeal', $5, true)
"""
_STAMPED = f"{_SET.replace('SELECT ', 'SELECT s.rules, s.people, ', 1)} FROM gq_stamps() s"  # noqa: S608
_ALL = "SELECT set_config('gongqing.all', $1, true)"
_READ = """
SELECT current_setting('gongqing.all', true), current_setting('gongqing.paths', true),
       current_setting('gongqing.person', true), current_setting('gongqing.user', true),
       current_setting('gongqing.appeal', true)
"""


_FLAG = "gongqing_sees_all"  # what the transaction of this connection was last told, to spare asking it


def sees_all(actor: Actor) -> bool:
    """Does this actor see every row: the system, the city's supervisors and the auditor?"""
    return actor.role in (Role.SYSTEM, Role.CITY_SUPERVISOR, Role.AUDITOR)


def bind(actor: Actor) -> None:
    """Hold the current transaction to what this actor sees. Needs an open transaction."""
    _set(*_values_for(actor))


def bind_stamped(actor: Actor) -> tuple[str, str]:
    """As `bind`; answers the stamps of the rules and of the people as they stand (`audit.standing`)."""
    values = _values_for(actor)
    (cursor,) = asked([(_STAMPED, values)])
    rules, people, *_ = cursor.fetchone() or ("", "")
    setattr(connection, _FLAG, values[0] == "on")
    return rules, people


def _values_for(actor: Actor) -> tuple[str, ...]:
    return (
        "on" if sees_all(actor) else "off",
        ",".join(actor.paths),
        str(actor.person_id or ""),
        str(actor.user_id or ""),
        str(actor.appeal_id or ""),
    )


@contextmanager
def elevated() -> Iterator[None]:
    """Let an action that has checked its actor write beyond that actor's view; the view returns afterwards.

    Wrap only the writes, after the target was loaded in the actor's own scope. Nested uses cost nothing.
    """
    if getattr(connection, _FLAG, False):
        yield
        return
    _elevate("on")
    try:
        yield
    finally:
        # in a broken transaction the rollback restores the setting
        with suppress(DatabaseError):
            _elevate("off")
        setattr(connection, _FLAG, False)


def forget() -> None:
    """Behind a transaction: what it was told went with it."""
    if not connection.in_atomic_block:
        setattr(connection, _FLAG, False)


def raised() -> tuple[list[Statement], list[Statement]]:
    """What lets statements between these two see everything within a journey; nothing where they do already."""
    if getattr(connection, _FLAG, False):
        return [], []
    return [(_ALL, ["on"])], [(_ALL, ["off"])]


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """A transaction in the scope of this actor, for jobs, commands and tests; an outer scope returns afterwards."""
    if not connection.in_atomic_block:
        try:
            with transaction.atomic():
                bind(actor)
                yield
        finally:
            setattr(connection, _FLAG, False)  # the setting went with the transaction
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_READ)
            before = cursor.fetchone() or ("",) * 5
        bind(actor)
        try:
            yield
        finally:
            with suppress(DatabaseError):
                _set(*(value or "" for value in before))


def _set(*values: str) -> None:
    asked([(_SET, values)])
    setattr(connection, _FLAG, values[0] == "on")


def _elevate(value: str) -> None:
    asked([(_ALL, [value])])
    setattr(connection, _FLAG, value == "on")


@contextmanager
def bare() -> Iterator[None]:
    """No savepoints inside the caller's own: many small steps then cost a third less.

    A step that fails cannot be caught and gone on from; the caller takes its own savepoint back, and tries again
    without this block when a step may fail and be caught.
    """
    features = connection.features
    before = features.uses_savepoints
    features.uses_savepoints = False
    try:
        yield
    finally:
        features.uses_savepoints = before
