"""Write the table of who may open what, to be read before it is committed.

Not collected with the tests: `.venv/bin/pytest tests/access/writing.py` writes `matrix.csv` anew.
"""

from __future__ import annotations

import pytest

from tests.access.routes import doors, write_table
from tests.access.test_access_matrix import asked
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_write_the_table(cast: Cast) -> None:
    rows = {door: asked(door, cast) for door in doors()}
    write_table(rows)
    assert len(rows) == len(doors())
