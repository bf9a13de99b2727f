"""How often does a list of the desk go to the database, and is that the same for many lines as for few?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.dispatch.queries.listed import ListedAppeal
from gongqing.dispatch.tests.make import received
from gongqing.dispatch.tests.test_case_journeys import counting
from gongqing.lib import times
from tests.cast import Cast

MOST_JOURNEYS = 13
LISTS = [
    "/desk/?view=mine",
    "/desk/?view=overdue",
    "/desk/?view=done",
    "/desk/?view=all",
    "/desk/?view=all&grade=green",
]


@pytest.mark.parametrize("name", ["town", "county", "city", "hotline"])
def test_more_lines_take_no_more_journeys(cast: Cast, browser_of: Callable[[str], Client], name: str) -> None:
    client = browser_of(name)
    for number in range(2):
        received(by=cast.hotline.actor, at=times.now() - timedelta(days=30 + number))
    for address in LISTS:
        client.get(address)
    before = {}
    for address in LISTS:
        with counting() as sent:
            client.get(address)
        before[address] = list(sent)
        assert len(sent) <= MOST_JOURNEYS, (address, sent)
    for number in range(5):
        received(by=cast.hotline.actor, at=times.now() - timedelta(days=30 + number))
    for address in LISTS:
        with counting() as sent:
            page = client.get(address).content.decode()
        assert list(sent) == before[address], address
        if address == "/desk/?view=all":
            assert page.count('<a class="item') >= 7


def test_a_line_reads_what_it_shows_and_not_the_words_of_the_worker() -> None:
    assert not {"text", "result", "person", "evidence", "place"} & set(ListedAppeal._fields)
    stored = {field.name for field in Appeal._meta.get_fields()}
    assert set(ListedAppeal._fields) - {"pk"} <= stored
