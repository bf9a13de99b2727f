"""How often does a list of the desk go to the database, and is that the same for many lines as for few?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.dispatch.queries.desk import ListItem
from gongqing.dispatch.queries.listed import ListedAppeal
from gongqing.dispatch.templatetags.listed import listed_lines
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


def test_a_line_escapes_what_people_wrote() -> None:
    hostile, at = "<b>'\"&", times.now()
    nothing: list[None] = [None] * 4
    appeal = ListedAppeal(1, "GQ1", hostile, "dispatched", "green", [], hostile, hostile, None, at, *nothing, False)
    drawn = listed_lines([ListItem(appeal, "已派单", hostile)], f"view=all&q={hostile}", "GQ1")
    assert "<b>" not in drawn
    assert drawn.count("&lt;b&gt;&#x27;&quot;&amp;") == 5  # two addresses, title, door, place
    assert drawn.startswith('<a class="item unread" href="?view=all&amp;q=')
    assert 'aria-current="true"' in drawn
    assert "今天" in drawn
