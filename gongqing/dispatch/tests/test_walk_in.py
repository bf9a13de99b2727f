"""Does a worker at the counter go home with a slip, and does a lost password end when another is given?"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch.rules.slips import check_identified
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.notices.models import Message
from gongqing.registry.models import Region
from tests.cast import Cast

Browser = Callable[[str], Client]
OWED = "厂里拖欠我两个月工资没有发，要求补发，找了老板几次都说没钱。"
PAPER = b"%PDF-1.4\n%%EOF\n"


def take_down(client: Client, number: str = "1", **more: Any) -> Any:
    given = {
        "external_id": number * 32,
        "channel": "walk_in",
        "text": OWED,
        "region_code": "330206001",
        "name": "周小满",
        "phone": "13800000031",
    }
    return client.post("/desk/new", {**given, **more})


def password_on(page: str) -> str:
    """The password that stands on the first copy of the slip."""
    sheets = page.split('class="sheet-paper"')[1:]
    assert len(sheets) == 2
    found = re.findall(r'<b class="num">(\d{3} \d{3})</b>', sheets[0])
    assert len(found) == 1
    assert found[0] not in sheets[1], "the stub must not hold the password"
    return str(found[0]).replace(" ", "")


def looks_up(code: str, password: str) -> bool:
    return Client().post("/lookup", {"code": code, "password": password}).status_code == 302


def only() -> Appeal:
    with scope.acting_as(SYSTEM):
        return Appeal.objects.get()


@pytest.mark.parametrize("name", ["hotline", "grassroots", "zone", "zone_helper", "town", "county", "city", "mediator"])
def test_every_officer_gives_a_slip(browser_of: Browser, name: str) -> None:
    answer = take_down(browser_of(name))
    assert answer.status_code == 201
    page = answer.content.decode()
    appeal = only()
    assert looks_up(appeal.code, password_on(page))
    for words in ("职工留存", "存根", "几时答复", "接下来", appeal.handler.name, "/lookup", "data-print", "<svg"):
        assert words in page, words
    assert re.search(r"\d+月\d+日（周[一二三四五六日]）\s?\d+:\d+ 前", page)
    assert "13800000031" not in page
    assert answer["Cache-Control"] == "no-store"


def test_papers_from_the_scanner_belong_to_the_appeal(cast: Cast, browser_of: Browser) -> None:
    papers = [SimpleUploadedFile("工资条.pdf", PAPER), SimpleUploadedFile("合同.pdf", PAPER + b"2")]
    assert take_down(browser_of("town"), photos=papers).status_code == 201
    with scope.acting_as(SYSTEM):
        assert [file.name for file in only().attachments.order_by("id")] == ["工资条.pdf", "合同.pdf"]


def test_a_paper_that_cannot_be_taken_takes_the_whole_back(cast: Cast, browser_of: Browser) -> None:
    answer = take_down(browser_of("town"), photos=[SimpleUploadedFile("a.exe", b"MZ\x00\x00")])
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "只能上传" in page
    assert OWED in page
    with scope.acting_as(SYSTEM):
        assert not Appeal.objects.exists()


@pytest.mark.parametrize("declined", [True, False])
def test_a_worker_who_wants_no_messages_gets_none(
    cast: Cast, browser_of: Browser, run_jobs: Callable[[], int], declined: bool
) -> None:
    page = take_down(browser_of("town"), **({"no_messages": "on"} if declined else {})).content.decode()
    assert ("短信告知：不要" in page) == declined
    with scope.acting_as(SYSTEM):
        run_jobs()
        told = Message.objects.filter(phone_sealed__isnull=False).exists()
    assert told is not declined


def test_another_password_ends_the_old_one(cast: Cast, browser_of: Browser) -> None:
    old = password_on(take_down(browser_of("hotline")).content.decode())
    appeal, client = only(), browser_of("city")
    address = f"/desk/appeals/{appeal.code}/password"
    assert "重新发放查询密码" in client.get(f"/desk/appeals/{appeal.code}").content.decode()
    assert client.get(address).status_code == 200
    wrong = client.post(address, {"identified": "phone", "digits": "9999", "reason": "回执丢了，本人来办"})
    assert wrong.status_code == 422
    assert "不一致" in wrong.content.decode()
    assert client.post(address, {"identified": "phone", "digits": "0031", "reason": "丢"}).status_code == 422
    assert looks_up(appeal.code, old)
    answer = client.post(address, {"identified": "phone", "digits": "0031", "reason": "回执丢了，本人来办"})
    assert answer.status_code == 200
    fresh = password_on(answer.content.decode())
    assert fresh != old
    assert not looks_up(appeal.code, old)
    assert looks_up(appeal.code, fresh)
    with scope.acting_as(SYSTEM):
        event = Event.objects.get(kind="appeal.query_password_reissued", subject_id=appeal.pk)
    assert event.name == cast.city.actor.name
    assert "回执丢了，本人来办" in event.note
    assert fresh not in event.note + str(event.data)


@pytest.mark.parametrize(
    ("method", "address"), [("get", ""), ("post", "/urge"), ("post", "/withdraw"), ("get", "/files/1")]
)
def test_another_password_ends_what_was_opened_with_the_old_one(browser_of: Browser, method: str, address: str) -> None:
    old = password_on(take_down(browser_of("hotline")).content.decode())
    appeal, holder = only(), Client()
    holder.post("/lookup", {"code": appeal.code, "password": old})
    assert holder.get(f"/a/{appeal.code}").status_code == 200
    given = {"identified": "phone", "digits": "0031", "reason": "回执丢了，本人来办"}
    fresh = password_on(browser_of("city").post(f"/desk/appeals/{appeal.code}/password", given).content.decode())
    asked = getattr(holder, method)(f"/a/{appeal.code}{address}")
    assert asked.status_code == 302
    assert asked["Location"] == f"/lookup?code={appeal.code}"
    holder.post("/lookup", {"code": appeal.code, "password": fresh})
    assert holder.get(f"/a/{appeal.code}").status_code == 200


@pytest.mark.parametrize(("name", "status"), [("auditor", 403), ("outsider", 404), ("department", 404), ("admin", 404)])
def test_others_give_no_password(cast: Cast, browser_of: Browser, name: str, status: int) -> None:
    take_down(browser_of("hotline"))
    address = f"/desk/appeals/{only().code}/password"
    given = {"identified": "card", "digits": "", "reason": "回执丢了，本人来办"}
    assert browser_of(name).post(address, given).status_code == status


def test_nobody_registered_nobody_known(browser_of: Browser) -> None:
    client = browser_of("city")
    take_down(client, name="", phone="")
    answer = client.post(
        f"/desk/appeals/{only().code}/password", {"identified": "card", "digits": "", "reason": "回执丢了"}
    )
    assert answer.status_code == 409
    assert "无法核实身份" in answer.content.decode()


def test_who_somebody_is_must_be_known() -> None:
    known = {"name": "周小满", "phone_mask": "138****0031"}
    check_identified("card", digits="", **known)
    check_identified("phone", digits="0031", **known)
    for identified, digits in (("phone", "003"), ("phone", ""), ("", ""), ("face", "")):
        with pytest.raises(BadInput):
            check_identified(identified, digits=digits, **known)
    with pytest.raises(BadInput):
        check_identified("card", digits="", name="", phone_mask="138****0031")
    with pytest.raises(BadInput):
        check_identified("phone", digits="0031", name="周小满", phone_mask="")
    with pytest.raises(NotAllowed):
        check_identified("card", digits="", name="", phone_mask="")


HERE = "我在新碶街道的五金厂做冲压，老板拖欠三个月工资，一共欠我一万二千元。"


def test_the_form_proposes_the_place_that_is_said(cast: Cast, browser_of: Browser) -> None:
    town = browser_of("town")
    asked = town.post("/desk/new/known", {"text": HERE}).content.decode()
    assert "北仑区 新碶街道" in asked
    assert "&quot;region_code&quot;: &quot;330206001&quot;" in asked
    assert 'form="new-form"' in asked
    assert 'id="new-form"' in town.get("/desk/new").content.decode()
    assert "新碶街道" not in town.post("/desk/new/known", {"text": HERE, "region_code": "330206002"}).content.decode()
    assert "data-proposal" not in town.post("/desk/new/known", {"text": "厂里欠薪\x00"}).content.decode()


def test_what_a_phones_owner_said_before_is_shown_to_those_who_may_open_it(cast: Cast, browser_of: Browser) -> None:
    town = browser_of("town")
    take_down(town)
    asked = {"text": OWED, "phone": "13800000031"}
    assert only().code in re.sub(r"</?span[^>]*>| ", "", town.post("/desk/new/known", asked).content.decode())
    assert "说过几乎一样的话" not in town.post("/desk/new/known", {**asked, "phone": "13800000032"}).content.decode()
    assert "说过几乎一样的话" not in browser_of("outsider").post("/desk/new/known", asked).content.decode()
    assert browser_of("auditor").post("/desk/new/known", asked).status_code == 403
    assert town.get("/desk/new/known").status_code == 405


def test_towns_of_one_name_are_all_offered_and_none_preferred(cast: Cast, browser_of: Browser) -> None:
    with scope.acting_as(SYSTEM):
        county = Region.objects.get(code="330212")
        Region.objects.create(code="330212099", name="小港镇", level="town", parent=county)
    asked = browser_of("town").post("/desk/new/known", {"text": "我在小港上班，工资没发"}).content.decode()
    assert asked.count("data-fill=") == 2
    for name in ("北仑区 小港街道", "鄞州区 小港镇", "有 2 处同名"):
        assert name in asked
    asked = browser_of("").post("/say/known", {"text": "我在小港上班，工资没发"}).content.decode()
    assert asked.count("data-fill=") == 2
    asked = browser_of("town").post("/desk/new/known", {"text": "我在鄞州小港上班，工资没发"}).content.decode()
    assert asked.count("data-fill=") == 1


def test_a_land_line_is_rung_and_gets_no_message(browser_of: Browser) -> None:
    page = take_down(browser_of("town"), phone="0574-88230451").content.decode()
    assert "短信告知：不要，打电话联系" in page
    assert "057****0451" in page
    with scope.acting_as(SYSTEM):
        person = Appeal.objects.get().person
        assert person is not None
        assert person.reveal("phone") == "057488230451"
        assert person.phone_index is None
    refused = take_down(browser_of("town"), number="2", phone="8823")
    assert refused.status_code == 422
    assert "座机请带区号" in refused.content.decode()
