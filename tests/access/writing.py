"""Write the table of who may open what, to be read before it is committed.

Not collected with the tests: `.venv/bin/pytest tests/access/writing.py` writes `matrix.csv` anew.
"""

from __future__ import annotations

import pytest
from django.db import transaction

from tests.access.routes import doors, write_table
from tests.access.test_access_matrix import asked
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_write_the_table(cast: Cast) -> None:
    rows = {}
    for door in doors():
        with transaction.atomic():  # every door is asked in a world of its own
            rows[door] = asked(door, cast)
            transaction.set_rollback(True)
    write_table(rows)
    assert len(rows) == len(doors())
