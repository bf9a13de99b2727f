"""What does the API make of searches, files and input that cannot be?"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch.tests.calls import BASE, Api, body, created, fields_of, post, verb
from gongqing.dispatch.tests.make import UNCLEAR
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(cast: Cast, api_of: Api) -> str:
    """A yellow or orange wage appeal at the town."""
    made = created(api_of("hotline"), employer=cast.places.workshop.name)
    assert made["handler"]["code"] == "T1"
    return str(made["code"])


def test_search_finds_any_two_characters(cast: Cast, api_of: Api) -> None:
    client = api_of("hotline")
    made = created(client, "食堂的红烧肉忽然涨价，饭卡充值也总出错，想请工会问一问")
    other = created(client)
    for query in ("红烧", "烧肉忽然", "饭卡充值也总", made["code"]):
        found = [each["code"] for each in client.get(BASE, {"q": query}).json()["items"]]
        assert found == [made["code"]], query
    assert other["code"] in [each["code"] for each in client.get(BASE, {"q": "工资"}).json()["items"]]
    assert fields_of(client.get(BASE, {"q": "肉"})) == ["q"]


def test_search_finds_signs_and_mixtures(cast: Cast, api_of: Api) -> None:
    client = api_of("hotline")
    text = r"A3-仓库，每月3,500元/月；Wi-Fi坏了50%，老板说“滚”。路径 c:\db 它's 加班费😀没给，拖欠工资"
    made = created(client, text)
    created(client, "拖欠工资，三个月没发了")
    pairs = {text[i : i + 2] for i in range(len(text) - 1)}
    for query in sorted(pair for pair in pairs if pair == pair.strip()):
        found = [each["code"] for each in client.get(BASE, {"q": query}).json()["items"]]
        assert made["code"] in found, query
    assert [each["code"] for each in client.get(BASE, {"q": "元/"}).json()["items"]] == [made["code"]]
    assert client.get(BASE, {"q": "，；"}).json()["items"] == []


def test_filters_and_pages(cast: Cast, api_of: Api) -> None:
    client = api_of("hotline")
    codes = [created(client)["code"] for _ in range(5)]
    unclear = created(client, UNCLEAR, region_code="330212001")["code"]
    seen, cursor = [], ""
    for _ in range(10):
        page = client.get(BASE, {"page_size": 2, **({"cursor": cursor} if cursor else {})}).json()
        assert len(page["items"]) <= 2
        seen += [each["code"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == sorted({*codes, unclear}, key=seen.index)
    assert set(seen) == {*codes, unclear}

    def found(**filters: Any) -> set[str]:
        return {each["code"] for each in client.get(BASE, filters).json()["items"]}

    assert found(status="triage") == {unclear}
    assert found(status="triage,dispatched") == {*codes, unclear}
    assert found(category="LE01") == set(codes)
    assert found(region="330212") == {unclear}
    assert found(region="330206001") == set(codes)
    assert found(region="330200") == {*codes, unclear}
    assert found(overdue="true") == set()
    assert found(overdue="false") == {*codes, unclear}


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"page_size": "0"}, "page_size"),
        ({"page_size": "1000"}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"page_size": "9" * 30}, "page_size"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "页"}, "cursor"),
        ({"status": "asleep"}, "status"),
        ({"grade": "purple"}, "grade"),
        ({"region": "北仑"}, "region"),
        ({"overdue": "perhaps"}, "overdue"),
        ({"q": "\x00"}, "q"),
    ],
)
def test_a_list_that_cannot_be(cast: Cast, api_of: Api, filters: dict[str, str], field: str) -> None:
    assert fields_of(api_of("town").get(BASE, filters)) == [field]


def photo() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    return drawn.getvalue()


def test_files_come_back_through_the_scope(code: str, api_of: Api) -> None:
    hotline = api_of("hotline")
    answer = hotline.post(f"{BASE}/{code}/attachments", {"file": SimpleUploadedFile("工资条.exe", photo())})
    assert answer.status_code == 200, answer.content.decode()
    (kept,) = answer.json()["attachments"]
    assert (kept["name"], kept["media_type"]) == ("工资条.jpg", "image/jpeg")
    path = f"{BASE}/{code}/attachments/{kept['id']}"
    file = hotline.get(path)
    assert file.status_code == 200
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert b"".join(file.streaming_content)[:2] == b"\xff\xd8"
    assert api_of("outsider").get(path).status_code == 404
    assert hotline.get(f"{BASE}/{code}/attachments/{2**70}").status_code == 404


def test_files_that_are_not_taken(code: str, api_of: Api) -> None:
    hotline, path = api_of("hotline"), f"{BASE}/{code}/attachments"
    for content in (b"", b"MZ\x90\x00" + b"0" * 100, b"<html><script>1</script>", b"x" * (50 * 1024 * 1024)):
        answer = hotline.post(path, {"file": SimpleUploadedFile("photo.png", content)})
        assert fields_of(answer) == ["file"]
    assert fields_of(hotline.post(path, {})) == ["file"]
    assert fields_of(post(hotline, path, "{}")) == ["file"]
    broken = hotline.generic("POST", path, b"no parts", "multipart/form-data")
    assert broken.status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  \x00\x07 "}, "text"),
        ({"text": "长" * 100_000}, "text"),
        ({"text": 7}, "text"),
        ({"text": None}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"source": ""}, "source"),
        ({"source": "s" * 33}, "source"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"external_id": 12}, "external_id"),
        ({"channel": "pigeon"}, "channel"),
        ({"kind": "wish"}, "kind"),
        ({"region_code": "999999"}, "region_code"),
        ({"region_code": "3302\x00"}, "region_code"),
        ({"person": {"name": "周", "phone": "12"}}, "person.phone"),
        ({"person": {"name": "周" * 65, "phone": ""}}, "person.name"),
        ({"person": "周小满"}, "person"),
        ({"received_at": "2025-02-30T08:00:00"}, "received_at"),
        ({"received_at": "yesterday"}, "received_at"),
        ({"received_at": 1e300}, "received_at"),
        ({"received_at": "9999-12-31T23:59:59-12:00"}, "received_at"),
        ({"received_at": "0001-01-01T00:00:00+14:00"}, "received_at"),
        ({"received_at": "2099-01-01T00:00:00"}, "received_at"),
        ({"anonymous_to_employer": "perhaps"}, "anonymous_to_employer"),
    ],
)
def test_an_intake_that_cannot_be(cast: Cast, api_of: Api, change: dict[str, Any], field: str) -> None:
    assert fields_of(post(api_of("hotline"), BASE, {**body(), **change})) == [field]


def test_null_is_left_out(cast: Cast, api_of: Api) -> None:
    nothing = dict.fromkeys(["kind", "title", "region_code", "employer", "anonymous_to_employer", "received_at"])
    made = created(api_of("hotline"), **nothing, person={"name": None, "phone": "13912345678"})
    assert (made["anonymous_to_employer"], made["employer"]) == (False, "")
    code = created(api_of("hotline"))["code"]
    sent = {"result": "八千元已经到账", "outcome": None, "people": None, "amount": None, "evidence": None}
    assert verb(api_of("city"), code, "resolve", sent)["status"] in {"resolved", "in_review"}
    assert fields_of(post(api_of("hotline"), BASE, {**body(), "text": None})) == ["text"]


def test_missing_fields_are_all_named(cast: Cast, api_of: Api) -> None:
    assert set(fields_of(post(api_of("hotline"), BASE, {}))) == {"source", "external_id", "channel", "text"}


@pytest.mark.parametrize(
    "sent", ["", "{", "[]", "null", '"x"', b"\xff\xfe", '{"text": NaN}', "[" * 100_000, "1" * 5000]
)
def test_bodies_that_are_not_an_object(cast: Cast, api_of: Api, sent: str | bytes) -> None:
    answer = post(api_of("hotline"), BASE, sent)
    assert answer.status_code == 422, answer.content.decode()
    assert answer.json()["errors"]


def test_a_body_that_is_too_big(cast: Cast, api_of: Api) -> None:
    answer = post(api_of("hotline"), BASE, {**body(), "text": "长" * 2_000_000})
    assert answer.status_code == 413
    assert answer.json()["errors"]


@pytest.mark.parametrize(
    "text",
    [
        "😀🧧 发工资 💰",
        "控制\x00字\x1b符\u202e里的工资",
        "<script>alert(1)</script> 工资没发",
        "'; DROP TABLE appeals_appeal; -- 工资没发",
        '=HYPERLINK("http://x","工资")',
        "欠薪99999999999999999999999999元，一共99999999999999999999名职工",
        "欠" + "9" * 400 + "万元",
        "%s %(x)s {0} {{ 7*7 }} 工资",
        "半个字\ud800符的工资",
    ],
)
def test_strange_words_are_taken_as_words(cast: Cast, api_of: Api, text: str) -> None:
    client = api_of("hotline")
    made = created(client, text)
    assert client.get(f"{BASE}/{made['code']}").json()["text"] == made["text"]
    assert "\x00" not in made["text"]


def test_a_moment_without_zone_is_ours(cast: Cast, api_of: Api) -> None:
    made = created(api_of("hotline"), received_at="2026-01-05T08:30:00")
    assert made["received_at"] == "2026-01-05T08:30:00+08:00"
    assert made["code"][8:16] == "20260105"


@pytest.mark.parametrize(
    ("name", "sent", "field"),
    [
        ("resolve", {}, "result"),
        ("resolve", {"result": "好"}, "result"),
        ("resolve", {"result": "已经办好", "amount": "NaN"}, "amount"),
        ("resolve", {"result": "已经办好", "amount": -1}, "amount"),
        ("resolve", {"result": "已经办好", "amount": 1e300}, "amount"),
        ("resolve", {"result": "已经办好", "amount": 0.001}, "amount"),
        ("resolve", {"result": "已经办好", "people": 10**30}, "people"),
        ("resolve", {"result": "已经办好", "people": 1.5}, "people"),
        ("resolve", {"result": "已经办好", "outcome": "magic"}, "outcome"),
        ("extend", {"working_days": 0, "reason": "需要更多时间"}, "working_days"),
        ("extend", {"working_days": 10**20, "reason": "需要更多时间"}, "working_days"),
        ("extend", {"working_days": 2, "reason": ""}, "reason"),
        ("report", {}, "note"),
        ("pause", {"reason": "waiting_for_material", "note": ""}, "note"),
        ("return", {"reason": ""}, "reason"),
        ("transfer", {"organisation": 10**30, "reason": "请区总统筹"}, "organisation"),
        ("transfer", {"organisation": ["C1"], "reason": "请区总统筹"}, "organisation"),
        ("handover", {"department": "T1", "reason": "请核查工资"}, "department"),
        ("supervise", {"note": ""}, "note"),
        ("classify", {"category": "XX99"}, "category"),
        ("classify", {"grade": "green"}, "reason"),
        ("classify", {}, "category"),
        ("locate", {}, "region_code"),
        ("locate", {"region_code": "110101"}, "region_code"),
        ("locate", {"region_code": "330206002", "reason": 7}, "reason"),
    ],
)
def test_verbs_name_the_field(code: str, api_of: Api, name: str, sent: dict[str, Any], field: str) -> None:
    town = api_of("town")
    verb(town, code, "sign")
    assert set(fields_of(post(town, f"{BASE}/{code}/{name}", sent))) == {field}


def test_codes_that_are_none(code: str, api_of: Api) -> None:
    town = api_of("town")
    assert fields_of(town.get(f"{BASE}/{code[:-1]}{'A' if code[-1] != 'A' else 'B'}")) == ["code"]
    assert fields_of(town.get(f"{BASE}/12345")) == ["code"]
    assert town.get(f"{BASE}/{code.lower()}").status_code == 200


def test_places_that_are_not_there(code: str, api_of: Api) -> None:
    town = api_of("town")
    for answer, status in (
        (town.get("/api/v1/nothing"), 404),
        (town.get(f"{BASE}/{code}/attachments/x"), 422),
        (town.get(f"{BASE}/{code}/sign"), 405),
        (town.delete(f"{BASE}/{code}"), 405),
        (post(town, f"{BASE}/{code}/divide", {}), 404),
    ):
        assert answer.status_code == status, answer.content.decode()
        assert answer.json()["errors"][0]["message"]


def test_every_body_has_an_example() -> None:
    from gongqing.config.api import api

    described = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    assert described["openapi"].startswith("3.1")
    for path, operations in described["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            schema = content["schema"]
            reference = schema.get("$ref") or next(each["$ref"] for each in schema["anyOf"] if "$ref" in each)
            assert described["components"]["schemas"][reference.rpartition("/")[2]]["examples"], path


def test_events_are_written_by_the_key(code: str, api_of: Api) -> None:
    with scope.acting_as(SYSTEM):
        assert Event.objects.filter(kind="appeal.received", key_id__isnull=False).exists()


def test_a_bare_number_is_no_moment_and_turning_signs_are_dropped(api_of):
    """Seconds since 1970 are not a date that a partner means; signs that turn the writing round would hide words."""
    api = api_of("city")
    body = {"source": "partner", "external_id": "m-1", "channel": "app", "text": "厂里三个月没发工资了\u202e请帮忙"}
    refused = api.post("/api/v1/appeals", {**body, "received_at": "1700000000"}, content_type="application/json")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "received_at"
    made = api.post("/api/v1/appeals", {**body, "region_code": "330200"}, content_type="application/json").json()
    shown = api.get(f"/api/v1/appeals/{made['code']}").json()
    assert "\u202e" not in shown["text"]
    assert shown["region_code"] == "330200"
