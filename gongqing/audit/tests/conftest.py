"""How many journeys to the database does a step take?"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gongqing.audit.postgresql.base import DatabaseWrapper
from gongqing.audit.postgresql.journeys import Answer, Statement


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each journey."""
    found: list[int] = []
    known = DatabaseWrapper.travel

    def counting(wrapper: DatabaseWrapper, statements: Sequence[Statement], *, is_kept: bool = True) -> list[Answer]:
        found.append(1)
        return known(wrapper, statements, is_kept=is_kept)

    monkeypatch.setattr(DatabaseWrapper, "travel", counting)
    return found
