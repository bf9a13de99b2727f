"""Does the API keep its contract: the journey, every verb, and who may?"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.test import Client

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.dispatch.tests.calls import BASE, Api, body, created, events_of, fields_of, post, verb
from gongqing.dispatch.tests.make import BIRTHDAY, FLED, UNCLEAR, WAGES
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def code(cast: Cast, api_of: Api) -> str:
    """A yellow or orange wage appeal at the town."""
    made = created(api_of("hotline"), employer=cast.places.workshop.name)
    assert made["handler"]["code"] == "T1"
    return str(made["code"])


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


def test_the_place_is_settled_and_what_nobody_signed_follows_it(cast: Cast, api_of: Api) -> None:
    made = created(api_of("hotline"))
    settled = verb(api_of("county"), made["code"], "locate", {"region_code": "330206002", "reason": "问过职工"})
    assert (settled["code"], settled["region_code"]) == (made["code"], "330206002")
    assert settled["handler"]["code"] == "T2"
    verb(api_of("county"), made["code"], "locate", {"region_code": "330206002"}, expect=409)
    verb(api_of("auditor"), made["code"], "locate", {"region_code": "330206001"}, expect=403)
    verb(api_of("outsider"), made["code"], "locate", {"region_code": "330206001"}, expect=404)


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


def test_a_worker_reads_the_answer_when_it_is_settled(cast: Cast, api_of: Api) -> None:
    worker, county = api_of("worker"), api_of("county")
    code = created(worker, person=None, employer=cast.places.workshop.name)["code"]
    verb(county, code, "supervise", {"note": "厂方有前科，盯紧"})
    verb(county, code, "urge", {"note": "别再拖了"})
    assert verb(api_of("town"), code, "resolve", {"result": "八千元已到账"})["status"] == "in_review"
    waiting = worker.get(f"{BASE}/{code}").json()
    assert (waiting["result"], waiting["outcome"], waiting["resolved_at"]) == ("", "", None)
    assert all(
        words not in json.dumps(events_of(worker, code), ensure_ascii=False) for words in ("盯紧", "拖了", "到账")
    )
    verb(county, code, "review", {"approve": True})
    assert worker.get(f"{BASE}/{code}").json()["result"] == "八千元已到账"


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
