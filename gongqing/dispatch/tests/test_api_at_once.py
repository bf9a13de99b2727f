"""What happens when the same thing is asked twice at the same moment?"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch.tests.calls import BASE, body, created, post
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """The answers of calls that start together, each on a connection of its own."""
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int) -> None:
        try:
            gate.wait(timeout=10)
            answers[place] = calls[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_the_same_intake_twice(cast: Cast, api_of: Callable[[str], Client]) -> None:
    client = api_of("hotline")
    for _ in range(3):
        sent = json.dumps(body())
        answers = at_once(*[lambda sent=sent: post(client, BASE, sent) for _ in range(3)])
        assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
        assert len({answer.json()["code"] for answer in answers}) == 1
        assert [answer.json()["query_password"] is None for answer in answers].count(False) == 1


def test_different_intakes_of_one_person(cast: Cast, api_of: Callable[[str], Client]) -> None:
    client = api_of("hotline")
    bodies = [body() for _ in range(4)]
    answers = at_once(*[lambda sent=sent: post(client, BASE, sent) for sent in bodies])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["code"] for answer in answers}) == 4


@pytest.mark.parametrize(
    ("verb", "sent"),
    [("sign", {}), ("resolve", {"result": "八千元已到账"}), ("return", {"reason": "企业在小港街道"})],
)
def test_two_officers_on_one_order(cast: Cast, api_of: Callable[[str], Client], verb: str, sent: Any) -> None:
    code = created(api_of("hotline"), employer=cast.places.workshop.name)["code"]
    officers = api_of("town"), api_of("town")
    answers = at_once(*[lambda who=who: post(who, f"{BASE}/{code}/{verb}", sent) for who in officers])
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    with scope.acting_as(SYSTEM):
        kind = {"sign": "appeal.signed", "return": "appeal.returned"}.get(verb)
        if kind is not None:
            assert Event.objects.filter(kind=kind).count() == 1
