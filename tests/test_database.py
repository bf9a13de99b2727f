"""Do the tests run where they should: as the bound role, each on a clean database?"""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from gongqing.registry.models import Region


def test_tests_run_as_the_bound_role(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("gongqing_app", False, False)


def test_the_past_cannot_be_rewritten(db: None) -> None:
    with connection.cursor() as cursor:
        for statement in ("DELETE FROM audit_event", "UPDATE audit_accesslog SET reason = ''"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                cursor.execute(statement)


def test_no_temporary_table_can_stand_before_what_the_owners_functions_read(db: None) -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute("CREATE TEMPORARY TABLE appeals_access (LIKE public.appeals_access)")


@pytest.mark.parametrize("turn", [1, 2])
@pytest.mark.django_db(transaction=True)
def test_a_transactional_test_leaves_nothing_behind(turn: int) -> None:
    assert not Region.objects.filter(code="330299").exists()
    Region.objects.create(code="330299", name="临时区", level="county")
