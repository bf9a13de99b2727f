"""Do letters that are issued at the same moment take numbers one after the other?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.models import Letter
from gongqing.dispatch.tests.test_api_at_once import at_once
from gongqing.dispatch.tests.test_letters import handled
from gongqing.lib import times
from tests.cast import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_at_once_take_four_numbers(cast: Cast, browser_of: Callable[[str], Client]) -> None:
    at = times.now()
    found = [handled(cast, at) for _ in range(4)]
    officers = [browser_of("town") for _ in found]
    calls = [
        lambda who=who, one=one: who.post(f"/desk/appeals/{one.code}/letters/acceptance", {"issue": "1"})
        for who, one in zip(officers, found, strict=True)
    ]
    assert [answer.status_code for answer in at_once(*calls)] == [302] * 4
    with scope.acting_as(SYSTEM):
        assert sorted(Letter.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
