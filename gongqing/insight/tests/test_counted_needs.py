"""Do the catalogue, the report, the wall and the dashboard count the same shared needs, and lead to them?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.insight.queries import cockpit, report_work
from gongqing.insight.queries.catalogue import Figures, measure
from gongqing.insight.rules.periods import Period
from gongqing.insight.rules.weeks import week_of
from gongqing.lib.times import day_of
from gongqing.registry.models import Organisation, Region
from gongqing.voices.models import SharedNeed
from tests.cast import Cast

KEYS = ("shared_needs", "shared_needs_found", "shared_needs_finished", "shared_needs_open")


def need(
    organisation: Organisation, at: datetime, *, state: str = "proposed", people: int = 7, **more: Any
) -> SharedNeed:
    given = dict.fromkeys(("usual", "high", "chance", "employer_count"), 1)
    given |= dict.fromkeys(("found_at", "first_at", "last_at", "heard_at"), at)
    ended = {"result": "办成", "done_on": day_of(at)} if state in ("done", "fed_back") else {}
    with scope.acting_as(SYSTEM):
        return SharedNeed.objects.create(
            organisation=organisation,
            title=f"{organisation}的共性需求",
            state=state,
            suggested_route="department",
            route="department",
            feedback="谢谢",
            voice_count=people,
            week_count=people,
            person_count=people,
            **{**given, **ended, **more},
        )


@pytest.fixture
def needs(cast: Cast, at: datetime) -> list[SharedNeed]:
    """Five in the first county, of which one is dismissed and one of two people, and one elsewhere."""
    town, last_year = cast.places.town, at - timedelta(days=300)
    outside = Organisation.objects.get(path=cast.outsider.actor.path)
    return [
        need(town, at),
        need(cast.places.county, at - timedelta(days=20), state="done"),
        need(town, last_year, state="fed_back"),
        need(town, at, state="dismissed"),
        need(town, at, people=2),
        need(outside, at),
    ]


def counted(cast: Cast, name: str, at: datetime, **more: Any) -> Figures:
    actor, day = cast.players()[name].actor, day_of(at)
    with scope.acting_as(actor):
        return measure(actor, KEYS, period=Period("custom", day - timedelta(days=6), day), at=at, **more)


def test_each_counts_what_is_in_view(cast: Cast, at: datetime, needs: list[SharedNeed]) -> None:
    found = {name: [counted(cast, name, at)[key].value for key in KEYS] for name in ("city", "county", "outsider")}
    assert found == {"city": [3, 2, 0, 3], "county": [2, 1, 0, 2], "outsider": [1, 1, 0, 1]}
    past = Period("custom", day_of(at) - timedelta(days=30), day_of(at) - timedelta(days=10))
    with scope.acting_as(cast.city.actor):
        before = measure(cast.city.actor, KEYS, period=past, at=at)
    assert [before[key].value for key in KEYS] == [1, 1, 1, 3]


def test_rows_are_counted_by_area_alone(cast: Cast, at: datetime, needs: list[SharedNeed]) -> None:
    rows = {row.name: row.values["shared_needs_open"].value for row in counted(cast, "city", at, by="area").rows}
    assert (rows["北仑区"], rows["鄞州区"], rows["未定地"]) == (2, 1, None)
    by_grade = counted(cast, "city", at, by="grade").rows[0].values["shared_needs_open"]
    assert (by_grade.words, by_grade.not_connected) == ("—", False)


def test_every_reader_counts_from_the_same(
    cast: Cast, at: datetime, needs: list[SharedNeed], browser_of: Callable[[str], Client]
) -> None:
    week, county = week_of(day_of(at)), Organisation.objects.get(pk=cast.places.county.pk)
    with scope.acting_as(SYSTEM):
        told = report_work.shared_needs(county, week)
        figures = measure(SYSTEM, KEYS, period=Period("custom", week.first, week.last), at=at, area=county)
    assert len(told) == figures["shared_needs"].value == 2
    with scope.acting_as(cast.city.actor):
        region = Region.objects.get(code="330206")
        assert cockpit.wall(cast.city.actor, at).need_count == 3
        assert cockpit.wall(cast.city.actor, at, region).need_count == 2
    assert (
        "还没反馈完的 3 项" in browser_of("city").get("/cockpit").content.decode()
    )  # one of them is done, not yet told
    client = browser_of("county")
    address = counted(cast, "county", at)["shared_needs"].url
    page = client.get(address).content.decode()
    assert "2 项" in page
    assert str(needs[0].title) in unescape(page)
    assert "未办完的共性需求" in client.get("/desk/dashboard?view=area").content.decode()
    assert client.get("/desk/needs?counted=open&area=999999").status_code == 404
    assert client.get("/desk/needs?counted=found&from=x").status_code == 404
