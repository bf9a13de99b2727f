"""How is an appeal counted among the others when it comes in, and in how many journeys is it taken in?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.appeals.queries.circumstances import circumstances_of
from gongqing.appeals.rules.grading import Circumstances
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.postgresql.base import DatabaseWrapper
from gongqing.dispatch.tests.make import received
from gongqing.language.facts import read_facts
from tests.cast import Cast

SAID = "公司三个月没发工资了，我们{}个人都没拿到，请工会帮我们讨回来。"
FIRM = "宁波远望测试有限公司"


def seen(appeal: Appeal) -> Circumstances:
    """What is counted for an appeal that is there already."""
    assert appeal.category is not None
    with scope.acting_as(SYSTEM):
        return circumstances_of(appeal, appeal.category, read_facts(appeal.text), labour_related=True)


def test_the_others_of_an_employer_count_once_and_those_of_the_person_apart(cast: Cast, at: datetime) -> None:
    by, phones = cast.hotline.actor, ("13900000011", "13900000012")

    def come(people: int, phone: str, when: datetime, employer: str = FIRM) -> Appeal:
        text = SAID.format(people) + f"{when:%H%M}"
        return received(text, by=by, at=when, employer=employer, person_phone=phone, person_name="某人")

    come(50, phones[0], at - timedelta(days=15))  # too long ago
    first = come(3, phones[0], at)
    come(4, phones[0], at + timedelta(minutes=1), employer="宁波另一家测试有限公司")
    second = come(2, phones[1], at + timedelta(minutes=2))
    again = come(6, phones[0], at + timedelta(minutes=3))
    assert first.category == second.category == again.category

    assert (seen(first).aggregated_workers, seen(first).submissions_count) == (3, 2)  # what came later adds nothing
    assert (seen(second).aggregated_workers, seen(second).submissions_count) == (2 + 3 + 0, 1)
    assert (seen(again).aggregated_workers, seen(again).submissions_count) == (6 + 2, 2)


def test_a_known_person_who_names_no_employer_is_seen_to_come_again(cast: Cast, at: datetime) -> None:
    text = "老板拖着工资一直不发，我天天去催。"
    for step in range(3):
        appeal = received(
            text + "。" * step, by=cast.hotline.actor, at=at + timedelta(minutes=step), person_phone="13900000013"
        )
    assert seen(appeal).submissions_count == 3
    assert seen(appeal).aggregated_workers == 0


@pytest.mark.parametrize("phone", ["13900000014", ""])
def test_an_appeal_is_taken_in_and_dispatched_in_three_journeys(
    cast: Cast, api_of: Callable[[str], Client], phone: str
) -> None:
    client = api_of("city")
    journeys: list[int] = []
    travel = DatabaseWrapper.travel

    def counted(self: DatabaseWrapper, statements: Any) -> Any:
        journeys.append(len(statements))
        return travel(self, statements)

    def create(number: int) -> dict[str, Any]:
        body = {
            "source": "counted",
            "external_id": f"c{number}",
            "channel": "hotline_12345",
            "text": SAID.format(number) + "已经去劳动部门问过了。",
            "employer": FIRM,
            "person": {"name": "某人", "phone": phone} if phone else {"name": "某人"},
        }
        answer = client.post("/api/v1/appeals", json.dumps(body), content_type="application/json")
        assert answer.status_code == 201, answer.content.decode()
        found: dict[str, Any] = answer.json()
        return found

    create(1)
    create(2)
    with patch.object(DatabaseWrapper, "travel", counted):
        assert create(3)["status"] == "dispatched"
    assert len(journeys) == 3, journeys  # whose key it is, what is known, and everything that is written
