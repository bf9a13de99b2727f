"""Does a page of a list hold the same appeals, whether it is read from the top or from what is granted?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongqing.appeals.models import Access, Appeal
from gongqing.appeals.queries import narrowing
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.dispatch.queries import desk
from gongqing.dispatch.queries.cases import CaseFilters
from gongqing.dispatch.tests.make import BIRTHDAY, received
from gongqing.lib.paging import decode_cursor
from tests.cast import Cast

pytestmark = pytest.mark.django_db
ELSEWHERE = "330212001"


def pages(actor: Actor, at: datetime, filters: CaseFilters, *, size: int = 3) -> list[list[str]]:
    """Every page of everything the actor sees, as codes."""
    found, after = [], None
    while True:
        with scope.acting_as(actor):
            rows, cursor = desk.page_of("all", actor, filters, at, after=after, size=size)
        found.append([row.appeal.code for row in rows])
        if cursor is None:
            return found
        after = decode_cursor(cursor)


@pytest.fixture
def brought(cast: Cast, at: datetime) -> list[Appeal]:
    """Appeals of the town and of another county, some at the same moment."""
    made = []
    for number in range(11):
        moment = at + timedelta(minutes=number // 2)
        made.append(received(by=SYSTEM, at=moment, region_code="330206001" if number % 3 else ELSEWHERE))
    made.append(received(BIRTHDAY, by=SYSTEM, at=at))
    return made


@pytest.mark.parametrize("filters", [CaseFilters(), CaseFilters(grade="yellow"), CaseFilters(grade="green")])
def test_the_pages_are_the_same_both_ways(
    cast: Cast, at: datetime, brought: list[Appeal], filters: CaseFilters, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in (cast.town.actor, cast.county.actor, cast.city.actor):
        monkeypatch.setattr(narrowing, "FEW", 25_000)
        narrowed = pages(who, at, filters)
        monkeypatch.setattr(narrowing, "FEW", -1)
        assert narrowed == pages(who, at, filters)
    own = {code for page in pages(cast.town.actor, at, CaseFilters()) for code in page}
    assert own
    assert own < {appeal.code for appeal in brought}


def test_a_grant_that_has_ended_gives_nothing(cast: Cast, at: datetime, brought: list[Appeal]) -> None:
    before = [code for page in pages(cast.town.actor, at, CaseFilters()) for code in page]
    with scope.acting_as(SYSTEM):
        lost = Appeal.objects.get(code=before[0])
        Access.objects.filter(appeal=lost, path__startswith=cast.town.actor.path).update(until=at)
    assert [code for page in pages(cast.town.actor, at, CaseFilters()) for code in page] == before[1:]


def test_rows_are_read_in_the_scope_of_who_asks(cast: Cast, at: datetime, brought: list[Appeal]) -> None:
    actor = cast.town.actor
    with scope.acting_as(actor), CaptureQueriesContext(connection) as asked:
        desk.page_of("all", actor, CaseFilters(), at, after=None)
    said = [query["sql"] for query in asked]
    numbers = next(place for place, sql in enumerate(said) if "ANY(ARRAY(" in sql)
    rows = next(place for place, sql in enumerate(said) if '"appeals_appeal"."text"' in sql)
    lowered = next(place for place, sql in enumerate(said) if place > numbers and "set_config" in sql)
    assert '"appeals_appeal"."text"' not in said[numbers], "more than numbers leaves the elevated part"
    assert numbers < lowered < rows
