"""Where does somebody come out who was signed out on a refused form, which stood under an address that only takes forms?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

Opened = Callable[[str], Client]
DOOR = "http://testserver/desk/sign-in?next=/desk/reports/7/step"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/desk/reports/7/step", "/desk/reports/7"),
        ("/desk/appeals/GQ330206202510140000001X/steps/sign", "/desk/appeals/GQ330206202510140000001X"),
        ("/desk/lists/3/terms", "/desk/lists/3"),
    ],
)
def test_the_door_leads_to_the_page_with_the_form(browser_of: Opened, address: str, page: str) -> None:
    answer = browser_of("city").get(address, headers={"referer": DOOR})
    assert (answer.status_code, answer["Location"]) == (302, page)


@pytest.mark.parametrize("referer", ["", "http://elsewhere.example/desk/sign-in", "http://testserver/desk/reports"])
def test_any_other_way_is_answered_in_words(browser_of: Opened, referer: str) -> None:
    answer = browser_of("city").get("/desk/reports/7/step", headers={"referer": referer})
    assert answer.status_code == 405
    assert "不能直接打开" in answer.content.decode()


def test_what_has_no_page_above_it_is_answered_in_words(browser_of: Opened) -> None:
    assert browser_of("city").get("/desk/sign-out", headers={"referer": DOOR}).status_code == 405
