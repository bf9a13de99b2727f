"""Do savepoints that travel with the next statement hold what savepoints promise?"""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongqing.audit import journeys, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import ChainHead


class Undo(Exception):
    """Takes a block back."""


def head(number: int) -> ChainHead:
    return ChainHead.objects.create(subject_kind="appeal", subject_id=number, length=1, digest="d")


def found() -> list[int]:
    return sorted(ChainHead.objects.values_list("subject_id", flat=True))


def test_a_block_that_fails_takes_back_its_own_alone(system: Actor) -> None:
    @transaction.atomic
    def doubles() -> None:
        head(2)
        with transaction.atomic():
            head(3)
        head(1)

    @transaction.atomic
    def undoes() -> None:
        with transaction.atomic():
            head(5)
        raise Undo

    head(1)
    with pytest.raises(IntegrityError):
        doubles()
    assert found() == [1]
    with transaction.atomic():
        head(4)
        with pytest.raises(Undo):
            undoes()
    assert found() == [1, 4]


def test_a_block_without_a_statement_costs_none(system: Actor, made: list[int]) -> None:
    with transaction.atomic(), transaction.atomic():
        pass
    with pytest.raises(Undo), transaction.atomic(), transaction.atomic():
        raise Undo
    assert getattr(connection.connection, "gongqing_waiting", []) == []
    assert found() == []


def test_errors_of_a_journey_are_djangos(system: Actor) -> None:
    head(1)
    entry = (
        "INSERT INTO audit_chainhead (subject_kind, subject_id, length, digest) VALUES ('appeal', $1::bigint, 1, '')"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        journeys.asked([(entry, [2]), (entry, [1]), (entry, [3])])
    assert found() == [1]
    with pytest.raises(DatabaseError), transaction.atomic():
        journeys.asked([("SELECT nonsense($1)", [1])])
    rows = [cursor.fetchone()[0] for cursor in journeys.asked([("SELECT $1::int + 1", [each]) for each in (1, 2)])]
    assert rows == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_a_scope_ends_with_its_transaction() -> None:
    with scope.acting_as(SYSTEM):
        head(1)
    with transaction.atomic(), scope.elevated():
        head(2)
    with scope.acting_as(SYSTEM):
        assert found() == [1, 2]


def test_what_is_large_travels_both_ways(system: Actor) -> None:
    words = "长" * 3_000_000
    large = ("SELECT $1::text, repeat('x', $2::int)", [words, 5_000_000])
    for answer in journeys.asked([large, large, large]):
        ((first, second),) = answer.fetchall()
        assert first == words
        assert len(second) == 5_000_000


def test_an_argument_that_cannot_be_sent_leaves_the_connection_as_it_was(system: Actor) -> None:
    def fails() -> None:
        with transaction.atomic():
            head(1)
            with transaction.atomic():
                journeys.asked([("SELECT 1", ()), ("SELECT $1", [object()])])

    with pytest.raises(DatabaseError, match="cannot adapt"):
        fails()
    assert found() == []
    head(2)
    assert found() == [2]


def test_the_oldest_plans_are_given_up(system: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongqing.audit.postgresql.journeys.MOST_PLANS", 5)
    for _ in range(2):
        for number in range(12):
            assert [row.fetchone() for row in journeys.asked([(f"SELECT {number} + $1::int", [1])] * 2)] == [
                (number + 1,)
            ] * 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'gq\\_%'")
        assert cursor.fetchone()[0] <= 6
    (first, *_, last) = journeys.asked([(f"SELECT {number} + $1::int", [1]) for number in (7, 8, 9, 10, 11, 0)])
    assert (first.fetchone(), last.fetchone()) == ((8,), (1,))


def test_each_kind_of_argument_has_a_plan_of_its_own(system: Actor) -> None:
    for value in (1, 2**40, None, True, "文", b"\x00\xff", [1, 2]):
        (answer,) = journeys.asked([("SELECT $1", [value])])
        assert answer.fetchone() == (value,)
        assert answer.fetchone() is None


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_not_used_again() -> None:
    with transaction.atomic():
        (answer,) = journeys.asked([("SELECT pg_backend_pid()", ())])
        assert answer.rowcount == 1
    with pytest.raises(OperationalError), transaction.atomic():
        journeys.asked([("SELECT 1", ()), ("SELECT pg_terminate_backend(pg_backend_pid())", ()), ("SELECT 2", ())])
    connection.close_if_unusable_or_obsolete()
    with transaction.atomic():
        assert [each.fetchall() for each in journeys.asked([("SELECT 3", ())])] == [[(3,)]]


def test_a_statement_is_numbered() -> None:
    assert journeys.numbered("SELECT %s, '100%%' WHERE a LIKE %s") == "SELECT $1, '100%' WHERE a LIKE $2"


step = st.deferred(lambda: st.just("write") | st.tuples(st.sampled_from(["keep", "undo"]), st.lists(step, max_size=3)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(plan=st.lists(step, max_size=4))
def test_blocks_in_blocks(system: Actor, plan: list[object]) -> None:
    numbers = iter(range(1, 1000))

    def run(steps: list[object]) -> list[int]:
        written: list[int] = []
        for each in steps:
            if each == "write":
                written.append(head(next(numbers)).subject_id)
                continue
            word, inner = each  # type: ignore[misc]
            try:
                with transaction.atomic():
                    kept = run(inner)
                    if word == "undo":
                        raise Undo
                    written += kept
            except Undo:
                pass
        return written

    @transaction.atomic
    def whole() -> None:
        assert sorted(run(plan)) == found()
        raise Undo

    with pytest.raises(Undo):
        whole()
    assert found() == []
