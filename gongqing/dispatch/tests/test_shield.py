"""Does a confidential matter stay hidden from the employer's own union, however it came to be confidential?"""

from __future__ import annotations

import pytest

from gongqing.dispatch.tests.calls import BASE, Api, created, events_of, verb
from tests.cast import Cast

pytestmark = pytest.mark.django_db

DIRTY = "车间的饮水机坏了三天没人修，喝水要跑到隔壁厂房，想请工会帮忙催一催"


def sights(api_of: Api, code: str) -> set[int]:
    """What the employer's own union is answered when it looks."""
    client = api_of("grassroots")
    return {client.get(f"{BASE}/{code}{part}").status_code for part in ("", "/events", "/clocks")}


def test_an_employer_in_other_words_is_no_way_round(cast: Cast, api_of: Api) -> None:
    made = created(api_of("hotline"), DIRTY, employer="海塘精密铸造", anonymous_to_employer=True)
    verb(api_of("city"), made["code"], "classify", {"category": "SC03"})
    union = cast.places.union.code
    refused = verb(api_of("city"), made["code"], "dispatch", {"organisation": union}, expect=409)
    assert "保密" in refused["errors"][0]["message"]
    assert sights(api_of, made["code"]) == {404}


@pytest.mark.parametrize("is_signed", [False, True])
def test_a_matter_found_to_be_confidential_is_taken_back(cast: Cast, api_of: Api, is_signed: bool) -> None:
    city = api_of("city")
    code = created(api_of("hotline"), DIRTY, employer=cast.places.factory.name)["code"]
    verb(city, code, "classify", {"category": "SC03"})
    verb(city, code, "dispatch", {"organisation": cast.places.union.code})
    assert sights(api_of, code) == {200}
    if is_signed:
        verb(api_of("grassroots"), code, "sign")
    after = verb(city, code, "classify", {"category": "LE10", "reason": "职工说的其实是骚扰"})
    assert (after["status"], after["handler"]["level"], after["kind"]) == ("dispatched", "county", "appeal")
    assert sights(api_of, code) == {404}
    assert "须对单位保密，从本单位工会收回" in [event["note"] for event in events_of(city, code)]


def test_the_machine_signs_its_own_reading(cast: Cast, api_of: Api) -> None:
    code = created(api_of("hotline"))["code"]
    by = {event["kind"]: event["by"] for event in events_of(api_of("city"), code)}
    assert by["appeal.read"] == by["appeal.classified"] == "系统"
    assert by["appeal.received"] != "系统"


def test_true_is_not_the_first_organisation(cast: Cast, api_of: Api) -> None:
    code = created(api_of("hotline"))["code"]
    verb(api_of("city"), code, "dispatch", {"organisation": True}, expect=422)
