"""Does a page of a list hold the same appeals, whether it is read from the top or from what is granted?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongqing.appeals.models import Access, Appeal
from gongqing.appeals.queries import narrowing
from gongqing.appeals.rules.statuses import OPEN
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.dispatch.models.standing import OpenAppealQuerySet
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
    """Appeals of the town and of another county, some at the same moment, half of them taken in by the hotline."""
    made = []
    for number in range(11):
        moment = at + timedelta(minutes=number * 7 % 11 // 2)  # numbers do not follow the order of receipt
        by = cast.hotline.actor if number % 2 else SYSTEM
        made.append(received(by=by, at=moment, region_code="330206001" if number % 3 else ELSEWHERE))
    made.append(received(BIRTHDAY, by=SYSTEM, at=at))
    return made


@pytest.mark.parametrize("filters", [CaseFilters(), CaseFilters(grade="yellow"), CaseFilters(grade="green")])
def test_the_pages_are_the_same_on_every_way(
    cast: Cast, at: datetime, brought: list[Appeal], filters: CaseFilters, monkeypatch: pytest.MonkeyPatch
) -> None:
    for who in (cast.town.actor, cast.county.actor, cast.hotline.actor, cast.outsider.actor, cast.city.actor):
        with monkeypatch.context() as from_the_top:
            from_the_top.setattr(narrowing, "FEW", -1)
            from_the_top.setattr(narrowing, "MOST_PATHS", -1)
            walked = pages(who, at, filters)
        for steps in (narrowing.STEPS, (1, 2, 400), (4, 8, 16), (5,), (1, 1)):
            monkeypatch.setattr(narrowing, "STEPS", steps)
            assert pages(who, at, filters) == walked, (who.name, steps)
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
    is_raised, rows_read = False, 0
    for said in (query["sql"] for query in asked):
        if "'gongqing.all'" in said:
            is_raised = "'on'" in said
        elif '"appeals_appeal"."title"' in said:
            assert not is_raised, "more than numbers leaves the elevated part"
            rows_read += 1
        elif "gq_paths_held" in said:
            assert is_raised
    assert rows_read == 1


def test_what_lies_below_the_appeals_of_others_is_not_walked_to(
    cast: Cast, at: datetime, brought: list[Appeal]
) -> None:
    actor = cast.hotline.actor
    with scope.acting_as(actor):
        desk.page_of("done", actor, CaseFilters(), at, after=None)  # how to get there is remembered
        with CaptureQueriesContext(connection) as asked:
            desk.page_of("done", actor, CaseFilters(), at, after=None)
    said = [query["sql"] for query in asked if "appeals_a" in query["sql"]]
    assert all("gq_paths_held" in sql or '"id" = ANY' in sql for sql in said), "a page is read from what is granted"
    assert len(said) == 2


def one_by_one(actor: Actor, at: datetime) -> dict[str, int]:
    """How many lie in each list, each counted by itself in the actor's own scope."""
    found = Appeal.objects.visible_to(actor).filter(status__in=[*OPEN])
    wanted = [name for name in desk.views_of(actor) if name in desk.LIVE_VIEWS]
    return {name: found.filter(desk.view_filter(name, actor, at)).count() for name in wanted}


def test_lists_counted_at_once_are_those_counted_one_by_one(cast: Cast, at: datetime, brought: list[Appeal]) -> None:
    later = at + timedelta(days=40)  # some are late by then
    filled = set()
    for name in ("city", "county", "town", "hotline", "outsider", "zone_chief"):
        actor = cast.players()[name].actor
        with scope.acting_as(actor):
            told = one_by_one(actor, later)
            assert desk.counts(actor, later) == told, name
            for view, count in told.items():
                bands, total = desk.inbox(view, actor, CaseFilters(), later)
                assert total == sum(len(band.items) for band in bands) == count, (name, view)
        filled |= {each for each, count in told.items() if count}
    assert {"mine", "overdue"} <= filled


def test_lists_are_counted_in_one_statement(cast: Cast, at: datetime, brought: list[Appeal]) -> None:
    for actor in (cast.town.actor, cast.county.actor, cast.hotline.actor):
        with scope.acting_as(actor), CaptureQueriesContext(connection) as asked:
            desk.counts(actor, at)
        assert len([query for query in asked if "FROM" in query["sql"]]) == 1


def test_what_row_scope_hides_is_not_counted(
    cast: Cast, at: datetime, brought: list[Appeal], monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = cast.town.actor
    with scope.acting_as(actor):
        known, (_, listed) = desk.counts(actor, at), desk.inbox("mine", actor, CaseFilters(), at)
        monkeypatch.setattr(OpenAppealQuerySet, "visible_to", lambda found, actor: found.all())
        assert known["mine"] == listed > 0
        assert desk.counts(actor, at) == known
        assert desk.inbox("mine", actor, CaseFilters(), at)[1] == listed
    with scope.acting_as(cast.outsider.actor):
        assert not any(desk.counts(actor, at).values()), "counted by whose turn it is, not by what is asked"
        assert desk.inbox("mine", actor, CaseFilters(), at) == ([], 0)


@pytest.mark.parametrize("name", ["city", "county", "town"])
def test_an_inbox_under_filters_is_what_they_leave_of_it(
    cast: Cast, at: datetime, brought: list[Appeal], name: str
) -> None:
    actor = cast.players()[name].actor
    with scope.acting_as(actor):
        found = Appeal.objects.visible_to(actor).filter(desk.view_filter("overdue", actor, at + timedelta(days=40)))
        for filters, part in (
            (CaseFilters(grade="green"), found.filter(grade="green")),
            (CaseFilters(status="dispatched,signed"), found.filter(status__in=["dispatched", "signed"])),
            (CaseFilters(region="330206"), found.filter(region__code__startswith="330206")),
            (CaseFilters(q="工资"), found.filter(text__contains="工资")),
        ):
            bands, total = desk.inbox("overdue", actor, filters, at + timedelta(days=40))
            shown = {item.appeal.pk for band in bands for item in band.items}
            assert (shown, total) == (set(part.values_list("pk", flat=True)), part.count()), filters
        assert found.count() > 0


def test_who_stands_nowhere_has_empty_lists(cast: Cast, at: datetime, brought: list[Appeal]) -> None:
    nowhere = replace(cast.town.actor, organisation_id=None, path="", paths=())
    with scope.acting_as(nowhere):
        assert not any(desk.counts(nowhere, at).values())
