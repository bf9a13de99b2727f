"""Does the API keep its contract: every verb, every refusal, from the door to the archive?"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, UNCLEAR, WAGES
from tests.cast import Cast

pytestmark = pytest.mark.django_db
BASE = "/api/v1/appeals"
_serial = count(1)
Api = Callable[[str], Client]


def body(text: str = WAGES, **fields: Any) -> dict[str, Any]:
    """A body that registers an appeal in the cast's town."""
    return {
        "source": "test_door",
        "external_id": f"api-{next(_serial)}",
        "channel": "hotline_12345",
        "text": text,
        "region_code": "330206001",
        "person": {"name": "周小满", "phone": "13912345678"},
        **fields,
    }


def post(client: Client, path: str, sent: Any = None) -> Any:
    """A POST of JSON; without anything to send, without a body."""
    if sent is None:
        return client.generic("POST", path)
    return client.post(path, json.dumps(sent) if not isinstance(sent, str | bytes) else sent, "application/json")


def created(client: Client, text: str = WAGES, **fields: Any) -> dict[str, Any]:
    """A new appeal."""
    answer = post(client, BASE, body(text, **fields))
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def verb(client: Client, code: str, name: str, sent: Any = None, expect: int = 200) -> dict[str, Any]:
    """The answer of a verb, which must have this status."""
    answer = post(client, f"{BASE}/{code}/{name}", sent)
    assert answer.status_code == expect, f"{name}: {answer.status_code} {answer.content.decode()}"
    return answer.json()


def fields_of(answer: Any) -> list[str]:
    """The fields that a refusal names."""
    assert answer.status_code == 422, answer.content.decode()
    errors = answer.json()["errors"]
    assert all(set(error) == {"field", "message"} and error["message"] for error in errors)
    return [error["field"] for error in errors]


def events_of(client: Client, code: str) -> list[dict[str, Any]]:
    return client.get(f"{BASE}/{code}/events").json()["items"]


# --- the whole journey ---------------------------------------------------------------------------------------------


def test_from_the_door_to_the_archive(cast: Cast, api_of: Api, run_jobs: Callable[[], int]) -> None:
    hotline, town, worker = api_of("hotline"), api_of("town"), api_of("worker")
    made = created(hotline, person={"name": "虚构职工", "phone": cast.worker.phone}, employer=cast.places.workshop.name)
    code = made["code"]
    assert len(code) == 24
    assert made["query_password"]
    assert made["status"] == "dispatched"
    assert made["category"]["code"] == "LE01"
    assert 0 <= made["category"]["confidence"] <= 1
    assert made["labour_related"] is True
    assert {"rule", "evidence"} <= set(made["grade_reasons"][0])
    assert made["handler"] == {"organisation": "新碶街道总工会", "code": "T1", "level": "town"}
    assert {clock["name"] for clock in made["clocks"]} >= {"sign", "contact", "close"}
    assert all(clock["due_at"].endswith("+08:00") for clock in made["clocks"])
    assert verb(town, code, "sign")["status"] == "signed"
    assert verb(town, code, "contact", {})["status"] == "in_progress"
    verb(town, code, "report", {"note": "厂方答应月底前付清。下周一核对工资单。"})
    done = verb(town, code, "resolve", {"result": "八千元已到账", "people": 1, "amount": 8000, "outcome": "settled"})
    assert done["status"] == ("in_review" if done["grade"] in ("orange", "red") else "resolved")
    if done["status"] == "in_review":
        assert verb(api_of("county"), code, "review", {"approve": True})["status"] == "resolved"
    run_jobs()
    assert worker.get(f"{BASE}/{code}").json()["status"] in ("resolved", "awaiting_evaluation")
    judged = verb(worker, code, "evaluate", {"satisfaction": "satisfied", "text": "谢谢"})
    assert (judged["status"], judged["satisfaction"]) == ("archived", "satisfied")
    kinds = [event["kind"] for event in events_of(town, code)]
    for kind in ("received", "classified", "dispatched", "signed", "contacted", "resolved", "evaluated", "archived"):
        assert f"appeal.{kind}" in kinds
    clocks = town.get(f"{BASE}/{code}/clocks").json()["items"]
    assert {clock["state"] for clock in clocks} <= {"met", "stopped"}
    assert all(clock["explanation"] for clock in clocks)
    verb(town, code, "contact", {}, expect=409)


def test_a_repeat_answers_the_same_appeal(cast: Cast, api_of: Api) -> None:
    client, sent = api_of("hotline"), body()
    first, again = post(client, BASE, sent), post(client, BASE, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["code"] == again.json()["code"]
    assert again.json()["query_password"] is None
    other = post(client, BASE, {**sent, "text": "换了一段完全不同的话"})
    assert (other.status_code, other.json()["text"]) == (200, WAGES)
    assert "appeal.repeat_differed" in [event["kind"] for event in events_of(client, first.json()["code"])]


def test_in_triage_nobody_has_it_yet(cast: Cast, api_of: Api) -> None:
    made = created(api_of("hotline"), UNCLEAR)
    assert (made["status"], made["handler"], made["clocks"]) == ("triage", None, [])
    settled = verb(api_of("county"), made["code"], "classify", {"category": "LE01"})
    assert settled["status"] == "dispatched"
    assert settled["handler"] is not None


def test_orange_and_red_are_reviewed(cast: Cast, api_of: Api) -> None:
    made = created(api_of("hotline"), FLED)
    assert made["grade"] == "red"
    county, city, code = api_of("county"), api_of("city"), made["code"]
    handler = county if made["handler"]["level"] == "county" else city
    assert verb(handler, code, "resolve", {"result": "工资已由应急周转金垫付"})["status"] == "in_review"
    assert verb(city, code, "review", {"approve": False, "note": "还差二十人"})["status"] == "in_progress"
    verb(handler, code, "resolve", {"result": "九十四人全部领到"})
    assert verb(city, code, "review", {"approve": True})["status"] == "resolved"


def test_dissatisfied_goes_one_level_up(cast: Cast, api_of: Api) -> None:
    hotline, worker = api_of("hotline"), api_of("worker")
    made = created(hotline, person={"name": "", "phone": cast.worker.phone}, employer=cast.places.workshop.name)
    code = made["code"]
    done = verb(api_of("town"), code, "resolve", {"result": "已答复"})
    if done["status"] == "in_review":
        verb(api_of("county"), code, "review", {"approve": True})
    assert fields_of(post(worker, f"{BASE}/{code}/evaluate", {"satisfaction": "not"})) == ["reason"]
    again = verb(worker, code, "evaluate", {"satisfaction": "not", "reason": "钱没有到"})
    assert (again["status"], again["handler"]["level"]) == ("reopened", "county")
    county = api_of("county")
    verb(county, code, "call-back", {"result": "职工说只差加班费"})
    assert verb(county, code, "sign", {})["status"] == "signed"


# --- verbs --------------------------------------------------------------------------------------------------------


@pytest.fixture
def code(cast: Cast, api_of: Api) -> str:
    """A yellow or orange wage appeal at the town."""
    made = created(api_of("hotline"), employer=cast.places.workshop.name)
    assert made["handler"]["code"] == "T1"
    return str(made["code"])


def test_dispatch_again(code: str, api_of: Api) -> None:
    county = api_of("county")
    before = len(events_of(county, code))
    assert verb(county, code, "dispatch", {"organisation": "T1"})["handler"]["code"] == "T1"
    assert len(events_of(county, code)) == before + 1
    moved = verb(county, code, "dispatch", {"organisation": "小港街道总工会", "note": "企业已搬"})
    assert (moved["status"], moved["handler"]["code"]) == ("dispatched", "T2")
    assert fields_of(post(county, f"{BASE}/{code}/dispatch", {"organisation": "没有的单位"})) == ["organisation"]
    verb(api_of("town"), code, "sign", {}, expect=403)
    verb(api_of("grassroots"), code, "dispatch", {}, expect=404)


def test_more_time(code: str, api_of: Api) -> None:
    town, county = api_of("town"), api_of("county")
    verb(town, code, "sign")
    before = town.get(f"{BASE}/{code}").json()
    verb(town, code, "extend", {"working_days": 2, "reason": "厂方下周才能提供台账"})
    decider = {"green": "town", "red": "city"}.get(before["grade"], "county")
    after = verb(api_of(decider), code, "extend/decision", {"approve": True})
    assert after["due_at"] > before["due_at"]
    verb(county, code, "extend/decision", {"approve": True}, expect=409)


def test_pause_and_resume(code: str, api_of: Api) -> None:
    town = api_of("town")
    verb(town, code, "pause", {"reason": "waiting_for_material", "note": "等考勤记录"}, expect=409)
    verb(town, code, "sign")
    assert fields_of(post(town, f"{BASE}/{code}/pause", {"reason": "holiday", "note": "放假"})) == ["reason"]
    paused = verb(town, code, "pause", {"reason": "waiting_for_material", "note": "等考勤记录"})
    assert paused["status"] == "paused"
    states = {clock["name"]: clock["state"] for clock in town.get(f"{BASE}/{code}/clocks").json()["items"]}
    assert states["close"] == "paused"
    assert verb(town, code, "resume")["status"] == "in_progress"


def test_return_and_dispatch_anew(code: str, api_of: Api) -> None:
    town, county = api_of("town"), api_of("county")
    back = verb(town, code, "return", {"reason": "企业在小港街道，应归小港"})
    assert (back["status"], back["handler"]) == ("returned", None)
    assert verb(county, code, "dispatch", {"organisation": "T2"})["handler"]["code"] == "T2"
    asked = verb(county, code, "return", {"reason": "小港也说不归它办理"})
    assert asked["status"] == "dispatched"
    kept = verb(county, code, "return/decision", {"accept": False, "note": "企业就在你街道"})
    assert kept["handler"]["code"] == "T2"
    verb(county, code, "return/decision", {"accept": True}, expect=409)


def test_transfer_up(code: str, api_of: Api) -> None:
    town = api_of("town")
    verb(town, code, "sign")
    up = verb(town, code, "transfer", {"organisation": "C1", "reason": "涉及两个街道"})
    assert (up["status"], up["handler"]["code"]) == ("dispatched", "C1")


def test_urge_supervise_and_withdraw(code: str, api_of: Api) -> None:
    hotline, county = api_of("hotline"), api_of("county")
    verb(hotline, code, "urge")
    verb(hotline, code, "urge", {}, expect=409)
    verb(county, code, "supervise", {"note": "请本周内面谈"})
    verb(api_of("town"), code, "withdraw", {}, expect=403)
    gone = verb(hotline, code, "withdraw", {"reason": "厂里已补发"})
    assert gone["status"] == "withdrawn"
    assert {clock["state"] for clock in gone["clocks"]} <= {"stopped", "met", "overdue"}
    verb(hotline, code, "urge", {}, expect=409)


def test_departments_and_notes(code: str, api_of: Api) -> None:
    town = api_of("town")
    verb(town, code, "handover", {"department": "D1", "reason": "请核查工资保证金"})
    assert api_of("department").get(f"{BASE}/{code}").status_code == 200
    verb(town, code, "note", {"note": "已向人事核实考勤"})
    verb(api_of("department"), code, "assist-done", {"note": "已约谈企业"})
    verb(api_of("department"), code, "assist-done", {"note": "再做一次"}, expect=403)


def test_alert_inspection_on_red_alone(cast: Cast, api_of: Api) -> None:
    green = created(api_of("hotline"), BIRTHDAY)
    handler = {"zone": "zone", "town": "town", "county": "county", "city": "city"}.get(
        green["handler"]["level"], "city"
    )
    verb(api_of(handler), green["code"], "alert-inspection", {"reason": "现场有危险情况"}, expect=409)


# --- who ----------------------------------------------------------------------------------------------------------


def test_without_a_key_nothing(cast: Cast, api_of: Api) -> None:
    for answer in (api_of("").get(BASE), post(api_of(""), BASE, body()), api_of("").get(f"{BASE}/x")):
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["message"]
    wrong = Client(headers={"Authorization": "Bearer gq_00000000_ffff"})
    assert wrong.get(BASE).status_code == 401


def test_a_key_does_what_it_was_issued_for(cast: Cast, code: str) -> None:
    from gongqing.accounts import actions as accounts
    from gongqing.lib import times

    with scope.acting_as(SYSTEM):
        key = accounts.issue_key(
            user_id=cast.hotline.user_id, scopes=["appeals:read"], note="", by=SYSTEM, at=times.now()
        )
    reader = Client(headers={"Authorization": f"Bearer {key}"})
    assert reader.get(f"{BASE}/{code}").status_code == 200
    assert post(reader, BASE, body()).status_code == 403


def test_outsiders_see_nothing(code: str, api_of: Api) -> None:
    for name in ("outsider", "stranger", "grassroots"):
        client = api_of(name)
        assert client.get(BASE).json()["items"] == []
        assert client.get(BASE, {"q": "工资"}).json()["items"] == []
        for path in ("", "/events", "/clocks"):
            assert client.get(f"{BASE}/{code}{path}").status_code == 404
        verb(client, code, "sign", {}, expect=404)


def test_those_who_only_look_do_not_report(cast: Cast, api_of: Api) -> None:
    for name in ("auditor", "admin"):
        assert post(api_of(name), BASE, body()).status_code == 403


def test_the_hotline_does_not_handle(code: str, api_of: Api) -> None:
    verb(api_of("hotline"), code, "sign", {}, expect=403)
    verb(api_of("hotline"), code, "dispatch", {}, expect=403)


def test_a_worker_reads_the_plain_side(cast: Cast, api_of: Api) -> None:
    worker, town = api_of("worker"), api_of("town")
    made = created(worker, person=None, employer=cast.places.workshop.name)
    code = made["code"]
    assert made["person"] == {"name": "虚构职工", "phone": "138****0001"}
    verb(api_of("county"), code, "dispatch", {"organisation": "T1"})
    verb(town, code, "sign")
    verb(town, code, "note", {"note": "厂方态度很差，先不告诉职工"})
    verb(town, code, "contact", {"note": "电话联系"})
    seen = events_of(worker, code)
    text = json.dumps(seen, ensure_ascii=False)
    assert "先不告诉职工" not in text
    assert "演员" not in text
    assert {event["kind"] for event in seen} >= {"appeal.received", "appeal.signed", "appeal.contacted"}
    assert "先不告诉职工" in json.dumps(events_of(town, code), ensure_ascii=False)


def test_opening_a_case_is_written_down_and_a_list_is_not(code: str, api_of: Api) -> None:
    town = api_of("town")

    def looks() -> int:
        with scope.acting_as(SYSTEM):
            return AccessLog.objects.count()

    before = looks()
    listed = town.get(BASE).json()["items"]
    assert looks() == before
    assert town.get(f"{BASE}/{code}").json()["person"] == {"name": "周小满", "phone": "139****5678"}
    assert looks() == before + 1
    assert [each["person"]["name"] for each in listed if each["code"] == code] == ["周**"]
    assert "13912345678" not in json.dumps(listed)


# --- lists --------------------------------------------------------------------------------------------------------


def test_search_finds_any_two_characters(cast: Cast, api_of: Api) -> None:
    client = api_of("hotline")
    made = created(client, "食堂的红烧肉忽然涨价，饭卡充值也总出错，想请工会问一问")
    other = created(client)
    for query in ("红烧", "烧肉忽然", "饭卡充值也总", made["code"]):
        found = [each["code"] for each in client.get(BASE, {"q": query}).json()["items"]]
        assert found == [made["code"]], query
    assert other["code"] in [each["code"] for each in client.get(BASE, {"q": "工资"}).json()["items"]]
    assert fields_of(client.get(BASE, {"q": "肉"})) == ["q"]


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


# --- files --------------------------------------------------------------------------------------------------------


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


# --- bad input ----------------------------------------------------------------------------------------------------


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
        (post(town, f"{BASE}/{code}/merge", {}), 404),
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
