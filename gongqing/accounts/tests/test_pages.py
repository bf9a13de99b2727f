"""Do the pages of accounts let people in, show what is theirs, and refuse in plain words?"""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import quote

import pytest
from django.test import Client

from gongqing.accounts import queries
from gongqing.accounts.models import ApiKey, Posting, User
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation, Person
from tests.cast import PASSWORD

pytestmark = pytest.mark.urls("gongqing.accounts.tests.urls")


def enter(username, password=PASSWORD, **more):
    client = Client(raise_request_exception=False)
    return client, client.post("/desk/sign-in", {"username": username, "password": password, **more})


@pytest.fixture
def admin(cast):
    return enter("admin")[0]


@pytest.fixture
def demo(settings):
    settings.GONGQING = dataclasses.replace(settings.GONGQING, demo="small")


def test_staff_sign_in_and_out(cast):
    client, answer = enter("town", next="/desk?x=1")
    assert answer["Location"] == "/desk?x=1"
    assert client.get("/desk").json()["role"] == "town_supervisor"
    assert client.get("/desk/account").status_code == 200
    opened = client.get("/desk/sign-out")
    assert opened.status_code == 405
    assert opened["Allow"] == "POST"
    assert "不能直接打开" in opened.content.decode(), "an address typed by hand answers in words"
    assert client.post("/desk/sign-out")["Location"] == "/desk/sign-in"
    assert client.get("/desk")["Location"] == "/desk/sign-in?next=/desk"


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("auditor", "/desk/trace"),
        ("hotline", "/desk/seat"),
        ("admin", "/desk/staff"),
        *((name, "/desk") for name in ("grassroots", "zone", "county", "city", "department", "mediator", "outsider")),
    ],
)
def test_everybody_begins_with_the_page_of_the_day(cast, name, page):
    client, answer = enter(name)
    assert answer["Location"] == page
    posting = getattr(cast, name).posting_id
    assert client.post("/desk/posting", {"posting": posting})["Location"] == page


def test_a_form_sent_after_the_session_has_ended_leads_back_to_its_page(cast):
    client = Client(headers={"referer": "http://testserver/desk/account?tab=2"})
    answer = client.post("/desk/account/password", {})
    assert answer["Location"] == f"/desk/sign-in?next={quote('/desk/account?tab=2')}"
    assert "刚才的没有发出去" in client.get(answer["Location"]).content.decode()
    elsewhere = Client(headers={"referer": "https://evil.example/desk"})
    assert elsewhere.post("/desk/account/password", {})["Location"] == "/desk/sign-in"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "desk"])
def test_no_way_leads_off_the_site(cast, target):
    assert enter("town", next=target)[1]["Location"] == "/desk"


def test_a_wrong_password_says_so_and_counts(cast):
    answer = enter("town", "wrong")[1]
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.content.decode()
    for _ in range(4):
        enter("town", "wrong")
    locked = enter("town")[1]
    assert locked.status_code == 429
    assert "再试" in locked.content.decode()
    with scope.acting_as(SYSTEM):
        assert User.objects.get(username="town").locked_until is not None


def test_demo_accounts_are_shown_on_a_demonstration_alone(cast, settings, demo):
    page = Client().get("/desk/sign-in?fill=town").content.decode()
    assert "town-gongqing" in page
    assert 'value="town-gongqing"' in page
    settings.GONGQING = dataclasses.replace(settings.GONGQING, demo="none")
    assert "gongqing" not in re.sub(
        r"<head>.*</head>", "", Client().get("/desk/sign-in?fill=town").content.decode(), flags=re.S
    )


def test_a_worker_signs_in_by_phone_and_code(cast, demo):
    client = Client()
    assert client.get("/me")["Location"] == "/me/sign-in?next=/me"
    page = client.post("/me/sign-in", {"phone": "13900000777", "next": "/me?a=b"}).content.decode()
    code = re.search(r'id="demo-code">(\d{6})<', page)[1]
    answer = client.post("/me/sign-in/code", {"phone": "13900000777", "code": code, "next": "/me?a=b"})
    assert answer["Location"] == "/me?a=b"
    assert client.get("/me").json()["role"] == "worker"
    page = client.get("/me/account").content.decode()
    assert "139****0777" in page
    assert client.post("/me/account", {"name": "钱丙"}).status_code == 302
    with scope.acting_as(SYSTEM):
        assert Person.objects.latest("id").name == "钱丙"
    assert client.post("/me/sign-out")["Location"] == "/me/sign-in"


def test_the_code_is_shown_on_a_demonstration_alone_and_wrong_ones_are_refused(cast):
    client = Client()
    page = client.post("/me/sign-in", {"phone": "13900000777"}).content.decode()
    assert "demo-code" not in page
    assert client.post("/me/sign-in", {"phone": "13900000777"}).status_code == 429
    assert client.post("/me/sign-in", {"phone": "12"}).status_code == 422
    assert client.post("/me/sign-in", {}).status_code == 422
    assert client.post("/me/sign-in/code", {"phone": "13900000777", "code": "000000x"}).status_code == 422
    assert client.get("/me/sign-in/code").status_code == 405


def test_several_postings_ask_which(cast):
    with scope.acting_as(SYSTEM):
        since = Posting.objects.get(pk=cast.town.posting_id).since
        extra = Posting.objects.create(
            user_id=cast.town.user_id, organisation=cast.places.county, role="county_supervisor", since=since
        )
    client, answer = enter("town")
    assert answer["Location"] == "/desk/posting"
    assert "区县派单督办" in client.get("/desk/posting").content.decode()
    client.post("/desk/posting", {"posting": extra.pk})
    assert client.get("/desk").json()["role"] == "county_supervisor"
    assert client.post("/desk/posting", {"posting": cast.city.posting_id}).status_code == 403


def test_changing_the_password_keeps_this_session_and_ends_others(cast):
    here, there = enter("town")[0], enter("town")[0]
    given = {"old": PASSWORD, "new": "Another-2025", "again": "Another-2025"}
    assert here.post("/desk/account/password", {**given, "again": "x"}).status_code == 422
    assert here.post("/desk/account/password", {**given, "old": "wrong"}).status_code == 422
    assert here.post("/desk/account/password", given).status_code == 302
    assert here.get("/desk").status_code == 200
    assert there.get("/desk").status_code == 302


ADMINISTRATION = ["/desk/staff", "/desk/staff/new", "/desk/organisations", "/desk/organisations/new", "/desk/regions"]


@pytest.mark.parametrize("path", ADMINISTRATION)
def test_administration_is_the_administrators(cast, admin, path):
    assert admin.get(path).status_code == 200
    assert enter("city")[0].get(path).status_code == 403
    assert Client().get(path).status_code == 302


def test_an_administrator_opens_appoints_and_issues(cast, admin):
    new = {"username": "newcomer", "name": "孙丁", "last_digits": "0099", "password": "Strong-2025"}
    assert admin.post("/desk/staff/new", {**new, "password": "short"}).status_code == 422
    place = admin.post("/desk/staff/new", new)["Location"]
    given = {"role": "zone_worker", "organisation": cast.places.zone.code, "since": "2025-10-13"}
    assert admin.post(f"{place}/appoint", {**given, "organisation": "NONE"}).status_code == 422
    assert admin.post(f"{place}/appoint", {**given, "role": "auditor2"}).status_code == 422
    assert admin.post(f"{place}/appoint", given).status_code == 302
    assert "片区专职工作者" in admin.get(place).content.decode()
    page = admin.post(f"{place}/keys", {"scopes": ["appeals:read"], "note": "试用"}).content.decode()
    key = re.search(r'id="new-key">([^<]+)<', page)[1]
    assert key not in admin.get(place).content.decode()
    assert admin.post(f"{place}/keys", {"scopes": []}).status_code == 422
    stored = ApiKey.objects.get()
    assert admin.post(f"{place}/keys/{stored.pk}/revoke").status_code == 302
    assert admin.post(f"{place}/keys/999999/revoke").status_code == 404
    client, answer = enter("newcomer", "Strong-2025")
    assert answer.status_code == 302
    posting = Posting.objects.latest("id")
    assert admin.post(f"{place}/postings/{posting.pk}/end").status_code == 302
    assert client.get("/desk").status_code == 302


def test_an_administrator_stops_and_resumes_an_account(cast, admin):
    place = f"/desk/staff/{cast.town.user_id}"
    assert admin.post(f"{place}/deactivate", {"reason": "离职"}).status_code == 302
    assert enter("town")[1].status_code == 422
    assert admin.post(f"{place}/deactivate").status_code == 409
    assert admin.post(f"{place}/reactivate").status_code == 302
    assert admin.post(f"{place}/unlock").status_code == 302
    assert admin.post(f"{place}/password", {"new": "123"}).status_code == 422
    assert admin.post(f"{place}/password", {"new": "Another-2025"}).status_code == 302
    assert enter("town", "Another-2025")[1].status_code == 302
    assert admin.get("/desk/staff/999999").status_code == 404
    assert admin.post("/desk/staff/999999/unlock").status_code == 404


def test_an_administrator_founds_links_and_closes(cast, admin, at):
    town = cast.places.town
    given = {"code": "Z-9", "name": "第九片区", "kind": "zone", "parent": town.code, "region": "330206001"}
    assert admin.post("/desk/organisations/new", {**given, "parent": "NONE"}).status_code == 422
    assert admin.post("/desk/organisations/new", {**given, "parent": ""}).status_code == 422
    assert admin.post("/desk/organisations/new", {**given, "region": "1"}).status_code == 422
    place = admin.post("/desk/organisations/new", given)["Location"]
    zone = Organisation.objects.get(code="Z-9")
    assert zone.path == f"{town.path}{zone.pk}/"
    union = cast.places.union
    assert admin.post(f"{place}/links", {"union": town.code, "since": "2026-01-01"}).status_code == 422
    assert admin.post(f"{place}/links", {"union": union.code, "since": "2026-01-01"}).status_code == 302
    assert union.name in admin.get(place).content.decode()
    assert admin.post(f"{place}/links/{union.pk}/end").status_code == 302
    assert admin.post(f"{place}/links/{union.pk}/end").status_code == 404
    assert admin.post(f"{place}/close").status_code == 302
    assert admin.post(f"/desk/organisations/{town.pk}/close").status_code == 409
    assert admin.post(f"/desk/organisations/{town.pk}/move", {"parent": "NONE", "reason": "调整"}).status_code == 422
    assert admin.post(f"/desk/organisations/{town.pk}/move", {"parent": "C", "reason": "调整"}).status_code == 422
    assert admin.post(f"/desk/organisations/{town.pk}/move", {"parent": "C2", "reason": "调整"}).status_code == 302
    assert registry.organisation_by_code(town.code).parent_id == cast.places.other_county.pk
    assert registry.organisation_by_code("Z-9").is_active is False


def test_forms_need_their_token(cast):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/desk/sign-in", {"username": "town", "password": PASSWORD}).status_code == 403


def test_names_with_markup_stay_text(cast, admin):
    with scope.acting_as(SYSTEM):
        User.objects.filter(pk=cast.town.user_id).update(name="<script>alert(1)</script>")
    page = admin.get("/desk/staff").content.decode()
    assert "<script>alert" not in page
    assert queries.user_numbered(cast.town.user_id).name.startswith("<script>")


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "%", "'; DROP TABLE x; --", "龙" * 5000])
def test_no_search_text_breaks_a_list(cast, admin, text):
    for path in ("/desk/staff", "/desk/organisations"):
        assert admin.get(f"{path}?text={quote(text, errors='surrogatepass')}").status_code == 200


def test_no_reason_or_name_breaks_an_action(cast, admin):
    assert admin.post(f"/desk/staff/{cast.town.user_id}/deactivate", {"reason": "a\x00b"}).status_code == 302
    assert enter("a\x00b")[1].status_code == 422
