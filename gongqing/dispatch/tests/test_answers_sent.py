"""Does what the API sends fit what it promises, and does a list hold the rows that its query holds?"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import BaseModel

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.api.answers import AppealAnswer, AppealList, ClocksAnswer, EventsAnswer, ResolvedAnswer
from gongqing.dispatch.tests.calls import BASE, Api, created, post, verb
from gongqing.dispatch.tests.make import UNCLEAR
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def fits(answer: Any, promised: type[BaseModel]) -> Any:
    """The answer, which holds every field that is promised and no other, each in the form that is promised."""
    assert answer.status_code in (200, 201), answer.content.decode()
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    sent = answer.json()
    assert promised.model_validate(sent).model_dump(mode="json") == sent
    return sent


def test_what_is_sent_is_what_is_promised(cast: Cast, api_of: Api) -> None:
    hotline, town = api_of("hotline"), api_of("town")
    code = created(hotline, employer=cast.places.workshop.name)["code"]
    created(hotline, text=UNCLEAR)  # in triage: without category and handler
    for query in ("", "?q=工资", "?q=工资&status=dispatched", "?page_size=1", "?overdue=false"):
        assert fits(api_of("city").get(f"{BASE}{query}"), AppealList)["items"]
    verb(town, code, "sign")
    verb(town, code, "contact", {})
    fits(town.get(f"{BASE}/{code}"), AppealAnswer)
    fits(town.get(f"{BASE}/{code}/clocks"), ClocksAnswer)
    fits(town.get(f"{BASE}/{code}/events"), EventsAnswer)
    done = post(town, f"{BASE}/{code}/resolve", {"result": "八千元已到账", "amount": 8000.5, "outcome": "settled"})
    assert fits(done, ResolvedAnswer)["amount"] == 8000.5


@pytest.mark.parametrize("query", ["", "&q=工资", "&q=工资&grade=green,yellow,orange,red"])
@pytest.mark.parametrize("who", ["city", "county", "town"])
def test_pages_hold_every_row_once_in_order(cast: Cast, api_of: Api, who: str, query: str) -> None:
    for _ in range(5):
        created(api_of("hotline"), employer=cast.places.workshop.name)
    with scope.acting_as(SYSTEM):
        known = list(Appeal.objects.order_by("-received_at", "-id").values_list("code", flat=True))
    seen, cursor = [], ""
    while cursor is not None:
        page = api_of(who).get(f"{BASE}?page_size=2{query}&cursor={cursor}").json()
        assert len(page["items"]) <= 2
        seen += [each["code"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == known


def test_a_view_asks_for_nothing_twice(cast: Cast, api_of: Api) -> None:
    code = created(api_of("hotline"), employer=cast.places.workshop.name)["code"]
    town = api_of("town")
    town.get(f"{BASE}/{code}")
    with CaptureQueriesContext(connection) as seen:
        town.get(f"{BASE}/{code}")
    told = [each["sql"] for each in seen.captured_queries if "SAVEPOINT" not in each["sql"]]
    # the scope; the appeal, its clocks, their lines, its files; the look
    assert len(told) == 6, told
