"""How many journeys to the database does a step take?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gongqing.audit import journeys


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each journey."""
    found: list[int] = []
    known = journeys.journey

    @contextmanager
    def counting() -> Iterator[None]:
        found.append(1)
        with known():
            yield

    monkeypatch.setattr(journeys, "journey", counting)
    return found
