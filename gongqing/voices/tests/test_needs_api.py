"""Do partners read shared needs and take them to their end, within the scope of their key?"""

from __future__ import annotations

import pytest

from gongqing.voices.tests.make import heard, wave

TAKE_UP = {"title": "园区夜班公交", "route": "motion", "partner": "区人大代表联络站", "plan": "下周一到园区调研。"}


@pytest.fixture
def address(cast, at):
    wave(at)
    return f"/api/v1/needs/{heard(at)[0].pk}"


def post(client, address, body):
    return client.post(address, body, content_type="application/json")


def test_from_the_list_to_the_last_step(address, api_of):
    town = api_of("town")
    listed = town.get("/api/v1/needs?state=proposed").json()["items"]
    assert [(one["state"], one["people"]) for one in listed] == [("proposed", 6)]
    assert post(town, f"{address}/take-up", TAKE_UP).json()["state"] == "taken_up"
    post(town, f"{address}/answer", {"answered_by": "区交通运输局", "answer": "年内开通一条夜班线。"})
    done = post(town, f"{address}/finish", {"result": "园区开了夜班公交，末班23:30。"}).json()
    assert (done["state"], done["untold"]) == ("done", 6)
    told = post(town, f"{address}/feed-back", {"words": "夜班公交开了，末班23:30。"}).json()
    assert (told["state"], told["untold"], len(told["history"])) == ("fed_back", 0, 5)
    assert post(town, f"{address}/feed-back", {"words": "夜班公交开了，末班23:30。"}).status_code == 409


def test_who_reads_and_who_takes_up(address, api_of, client):
    assert client.get(address).status_code == 401
    assert [api_of(name).get(address).status_code for name in ("outsider", "hotline", "auditor")] == [404, 403, 200]
    assert post(api_of("auditor"), f"{address}/take-up", TAKE_UP).status_code == 403
    assert api_of("outsider").get("/api/v1/needs").json() == {"items": []}


@pytest.mark.parametrize(
    ("change", "field"), [({"partner": ""}, "partner"), ({"route": "x"}, "route"), ({"plan": ""}, "plan")]
)
def test_what_is_wrong_is_named(address, api_of, change, field):
    refused = post(api_of("town"), f"{address}/take-up", {**TAKE_UP, **change})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert api_of("town").get(f"{address[:-1]}{2**63}").status_code in (404, 422)
