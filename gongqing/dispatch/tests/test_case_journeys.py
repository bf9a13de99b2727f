"""How often does the page of a case go to the database, and is that the same for a rich case as for a plain one?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.audit.postgresql.base import DatabaseWrapper
from gongqing.dispatch import actions
from gongqing.dispatch.tests.make import fresh, received
from gongqing.lib import times
from tests.cast import Cast

MOST_STATEMENTS, MOST_JOURNEYS = 48, 16


@contextmanager
def counting() -> Iterator[list[int]]:
    """How many statements went in each journey."""
    found: list[int] = []
    travel = DatabaseWrapper.travel

    def travelled(self: DatabaseWrapper, statements: Any, **how: Any) -> Any:
        found.append(len(statements))
        return travel(self, statements, **how)

    def alone(execute: Any, *given: Any) -> Any:
        found.append(1)
        return execute(*given)

    with patch.object(DatabaseWrapper, "travel", travelled), connection.execute_wrapper(alone):
        yield found


@pytest.fixture
def rich(cast: Cast) -> Appeal:
    """A case with others of its employer, words of the worker, a wish for more time and a supervision order."""
    at, firm = times.now(), cast.places.workshop.name
    appeal = received(by=SYSTEM, at=at - timedelta(hours=2), employer=firm, person_phone="13800000009")
    for _ in range(4):
        received(by=SYSTEM, at=at - timedelta(hours=3), employer=firm)
    with scope.acting_as(SYSTEM):
        if fresh(appeal).status == "triage":
            appeals.classify_appeal(appeal_id=appeal.pk, code="LE01", by=SYSTEM, at=at)
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.town.pk, note="试派", by=SYSTEM, at=at)
        for number in range(3):
            appeals.add_material(appeal_id=appeal.pk, text=f"又补充一句{number}", by=SYSTEM, at=at)
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=appeal.pk, by=cast.town.actor, at=at)
        actions.contact_worker(appeal_id=appeal.pk, by=cast.town.actor, at=at, note="问过了")
        actions.request_extension(appeal_id=appeal.pk, working_days=2, reason="对方出差", by=cast.town.actor, at=at)
    with scope.acting_as(cast.city.actor):
        actions.supervise_appeal(appeal_id=appeal.pk, note="请抓紧", by=cast.city.actor, at=at)
    return fresh(appeal)


@pytest.mark.parametrize("name", ["town", "county", "city", "auditor"])
def test_a_rich_case_takes_few_journeys(
    cast: Cast, browser_of: Callable[[str], Client], rich: Appeal, name: str
) -> None:
    client, address = browser_of(name), f"/desk/appeals/{rich.code}"
    assert client.get(address).status_code == 200
    with counting() as sent:
        page = client.get(address).content.decode()
    assert len(sent) <= MOST_JOURNEYS, sent
    assert sum(sent) <= MOST_STATEMENTS, sent
    for words in ("又补充一句2", "对方出差", "请抓紧", "今天有 1 次打开"):
        assert words in page


def test_more_of_everything_asks_no_more(cast: Cast, browser_of: Callable[[str], Client], rich: Appeal) -> None:
    client, address = browser_of("town"), f"/desk/appeals/{rich.code}"
    client.get(address)
    with counting() as before:
        client.get(address)
    for number in range(5):
        received(by=SYSTEM, at=times.now() - timedelta(hours=3), employer=cast.places.workshop.name)
        with scope.acting_as(SYSTEM):
            appeals.add_material(appeal_id=rich.pk, text=f"再说一句{number}", by=SYSTEM, at=times.now())
    with counting() as after:
        page = client.get(address).content.decode()
    assert after == before
    assert "再说一句4" in page
    assert '相关<span class="n">9</span>' in page


def test_each_look_is_written_once_and_counted_for_everybody(
    cast: Cast, browser_of: Callable[[str], Client], rich: Appeal
) -> None:
    address = f"/desk/appeals/{rich.code}"
    pages = [browser_of(name).get(address).content.decode() for name in ("county", "city", "town")]
    assert [f"今天有 {count} 次打开" in page for count, page in enumerate(pages)] == [True] * 3
    assert browser_of("outsider").get(address).status_code == 404
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="appeal.opened", subject_id=rich.pk).count() == 3
