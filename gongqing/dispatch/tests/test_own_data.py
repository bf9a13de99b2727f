"""Does a worker see, correct, take away and withdraw the own data, and nobody else's; and does an officer answer?"""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from gongqing.accounts import actions as accounts
from gongqing.accounts.models import User
from gongqing.appeals import actions as appeals
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions
from gongqing.dispatch.queries import own_data as queries
from gongqing.dispatch.rules.event_words import words_of
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import now
from gongqing.notices.models import Message
from gongqing.registry import actions as registry
from gongqing.registry.models import Consent, DataRequest, Person, Purpose, Right
from tests.cast import Cast

NEW_PHONE = "13900000077"
GONGQING = Path(__file__).parents[2]
OF_A_PERSON = {"appeal", "attachment", "data", "data_request", "person"}


@pytest.fixture
def notice(cast: Cast, at):
    with scope.acting_as(SYSTEM):
        return registry.load_privacy_notice(by=SYSTEM, at=at)


def everything():
    return scope.acting_as(SYSTEM)


def consents(person_id):
    with everything():
        return {
            one.purpose: (one.door, one.withdrawn_at is None)
            for one in Consent.objects.filter(person_id=person_id).order_by("id")
        }


def said(cast: Cast, at, **given):
    return received(WAGES, by=cast.worker.actor, at=at, **given)


# ---- notice and consent


def test_the_notice_names_the_citys_union_and_says_how_long(notice, cast, browser_of):
    page = browser_of("").get("/privacy").content.decode()
    assert cast.places.city.name in page
    assert "3 年" in page
    assert "{" not in page.split("<main")[1].split("</main>")[0]
    assert browser_of("").get("/privacy?version=1").status_code == 200
    for version in ("2", "x", "-1", "99999"):
        assert browser_of("").get(f"/privacy?version={version}").status_code == 404


@pytest.mark.parametrize("name", ["town", "county", "hotline", "auditor"])
def test_staff_who_read_the_notice_see_no_link_that_would_refuse_them(notice, cast, browser_of, name):
    staff = browser_of(name)
    page = staff.get("/privacy").content.decode()
    links = {link for link in re.findall(r'href="(/[^"]*)"', page) if not link.startswith("/static/")}
    assert "/desk" in links
    assert {link: staff.get(link, follow=True).status_code for link in links} == dict.fromkeys(links, 200)


def test_a_later_notice_is_a_new_version(notice, at, system):
    with pytest.raises(NotPermitted):
        registry.publish_privacy_notice(
            text="告" * 300, effective_from=at.date(), source="", by=_actor("city_supervisor"), at=at
        )
    later = registry.publish_privacy_notice(text="告" * 300, effective_from=at.date(), source="", by=SYSTEM, at=at)
    assert (notice.version, later.version) == (1, 2)
    assert registry.load_privacy_notice(by=SYSTEM, at=at) == notice


def test_consent_is_written_down_at_the_door(notice, cast, at):
    said(cast, at)
    person = cast.worker.actor.person_id
    assert consents(person) == {"handling": ("app", True), "contact": ("app", True)}


def test_without_signing_in_it_is_the_person_who_left_a_phone(notice, cast, browser_of):
    page = browser_of("").get("/say").content.decode()
    assert "/privacy" in page
    form = {"external_id": "u-1", "text": "老板欠薪三个月", "phone": NEW_PHONE, "name": "张三", "allows_study": "on"}
    assert browser_of("").post("/say", form).status_code == 302
    with everything():
        person = Person.objects.get(phone_mask="139****0077")
    assert set(consents(person.pk)) == {"handling", "contact", "study"}
    assert browser_of("").post("/say", {"external_id": "u-2", "text": "食堂太差"}).status_code == 302
    with everything():
        assert Consent.objects.exclude(person=person).count() == 0, "nobody known, nothing to agree to"


def test_who_wants_no_messages_at_the_counter_agrees_to_none(notice, cast, at):
    intake = Intake("desk", "w-1", "walk_in", WAGES, person_name="张三", person_phone=NEW_PHONE)
    with scope.acting_as(cast.town.actor):
        actions.register_walk_in(intake, [], wants_messages=False, by=cast.town.actor, at=at)
    with everything():
        person = Person.objects.get(phone_mask="139****0077")
    assert set(consents(person.pk)) == {"handling"}


def test_rows_of_partners_ask_no_consent(notice, cast, at):
    said(cast, at, channel="import")
    assert consents(cast.worker.actor.person_id) == {}


def test_what_was_withdrawn_is_not_given_again_by_the_way(notice, cast, at):
    worker = cast.worker.actor
    appeal = said(cast, at)
    with scope.acting_as(worker):
        with pytest.raises(NotAllowed, match="1 件事在办"):
            actions.withdraw_own_consent(purpose=Purpose.HANDLING, by=worker, at=at)
        actions.withdraw_own_consent(purpose=Purpose.CONTACT, by=worker, at=at)
        appeals.withdraw_appeal(appeal_id=appeal.pk, reason="不办了", by=worker, at=at)
        actions.withdraw_own_consent(purpose=Purpose.HANDLING, by=worker, at=at)
    said(cast, at + timedelta(hours=1))
    assert consents(worker.person_id) == {"contact": ("app", False), "handling": ("app", True)}
    with everything():
        actions.announce_receipt(appeal_id=appeal.pk, by=SYSTEM, at=at)
        assert not Message.objects.filter(state="queued", phone_sealed__isnull=False).exists()


def test_the_page_withdraws_and_gives_again(notice, cast, at, browser_of):
    said(cast, now())
    client = browser_of("worker")
    assert "告知第 1 版" in client.get("/me/data/consents").content.decode()
    assert client.post("/me/data/consents", {"purpose": "handling"}).status_code == 409
    assert client.post("/me/data/consents", {"purpose": "contact"}).status_code == 302
    assert consents(cast.worker.actor.person_id)["contact"][1] is False
    assert client.post("/me/data/consents", {"purpose": "contact", "give": "1"}).status_code == 302
    assert consents(cast.worker.actor.person_id)["contact"] == ("own_page", True)
    assert client.post("/me/data/consents", {"purpose": "spying"}).status_code == 404


# ---- seeing


def test_a_worker_sees_the_own_data_masked_then_clear(notice, cast, at, browser_of):
    appeal = said(cast, at)
    client = browser_of("worker")
    page = client.get("/me/data").content.decode()
    assert "138****0001" in page
    assert cast.worker.phone not in page
    assert cast.places.union.name in page
    shown = client.post("/me/data/reveal").content.decode()
    assert cast.worker.phone in shown
    with everything():
        looked = AccessLog.objects.filter(kind="person.phone_revealed", user_id=cast.worker.user_id)
        assert looked.count() == 1
    stranger = browser_of("stranger").get("/me/data").content.decode()
    assert "138****0001" not in stranger
    assert appeal.code not in stranger


def test_who_looked_is_told_by_organisation_and_reason_without_names(cast, at, browser_of):
    appeal, person = said(cast, at), cast.worker.actor.person_id
    with everything():
        for _ in range(3):
            events.record_access(
                "appeal.opened", subject_kind="appeal", subject_id=appeal.pk, by=cast.town.actor, at=at
            )
        events.record_access(
            "person.phone_revealed",
            subject_kind="person",
            subject_id=person,
            by=cast.town.actor,
            at=at,
            reason="核实欠薪月份",
        )
        events.record_access("appeal.opened", subject_kind="appeal", subject_id=appeal.pk, by=cast.worker.actor, at=at)
    with scope.acting_as(cast.worker.actor):
        looks = queries.own_data(cast.worker.actor).looks
    assert [(one.what, one.count, one.reason) for one in looks] == [
        ("查看手机号", 1, "核实欠薪月份"),
        ("打开诉求", 3, ""),
    ]
    page = browser_of("worker").get("/me/data/looks").content.decode()
    assert cast.places.town.name in page
    assert "核实欠薪月份" in page
    assert cast.town.actor.name not in page
    other = browser_of("stranger").get("/me/data/looks").content.decode()
    assert "核实欠薪月份" not in other


def test_every_look_that_is_kept_has_plain_words():
    written = re.compile(r'record_access\(\s*"([^"]+)"')
    kinds = {kind for file in GONGQING.rglob("*.py") for kind in written.findall(file.read_text())}
    own = {kind for kind in kinds if kind.partition(".")[0] in OF_A_PERSON}
    assert {"appeal.opened", "data_request.opened"} <= own
    assert [kind for kind in sorted(own) if words_of(kind) == kind] == []


def test_messages_to_those_on_duty_are_not_the_workers(notice, cast, at):
    appeal = said(cast, at)
    with everything():
        from gongqing.notices import actions as notices

        values = {"code": appeal.code, "answer_by": "14:35", "reason": "红色诉求", "link": "https://gq.cn/d"}
        notices.send_message(
            phone="13700000009",
            template="duty",
            values=values,
            by=SYSTEM,
            at=at,
            subject_kind="appeal",
            subject_id=appeal.pk,
            urgent=True,
        )
        actions.announce_receipt(appeal_id=appeal.pk, by=SYSTEM, at=at)
    with scope.acting_as(cast.worker.actor):
        assert [one.title for one in queries.own_data(cast.worker.actor).told] == ["已收到"]


@pytest.mark.parametrize("path", ["", "/looks", "/consents", "/correct", "/phone", "/deletion"])
def test_nobody_else_opens_these_pages(path, browser_of):
    assert browser_of("").get(f"/me/data{path}").status_code == 302
    for who in ("town", "city", "admin", "auditor"):
        assert browser_of(who).get(f"/me/data{path}").status_code == 403
    with pytest.raises(NotPermitted):
        queries.own_person(_actor("city_supervisor"))


# ---- taking away


def test_a_copy_holds_everything_of_ones_own_and_nothing_of_others(notice, cast, at, browser_of):
    appeal, other = said(cast, at), received("别人的事情", by=cast.stranger.actor, at=at, external_id="o-1")
    with scope.acting_as(cast.worker.actor):
        appeals.attach_file(
            appeal_id=appeal.pk, name="../工资条.pdf", content=b"%PDF-1.4\n%%EOF\n", by=cast.worker.actor, at=at
        )
        appeals.add_material(appeal_id=appeal.pk, text="还有<b>加班费", by=cast.worker.actor, at=at)
    answer = browser_of("worker").post("/me/data/copy")
    assert answer["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        content = json.loads(archive.read("我的个人信息.json"))
        page = archive.read("我的个人信息.html").decode()
    assert content["本人"]["手机号"] == cast.worker.phone
    assert [one["编号"] for one in content["诉求"]] == [appeal.code]
    assert content["诉求"][0]["补充和留言"][0]["内容"] == "还有<b>加班费"
    assert "还有&lt;b&gt;加班费" in page
    assert other.code not in page
    assert "别人的事情" not in page
    (file,) = [name for name in names if name.startswith("附件/")]
    assert ".." not in file
    with everything():
        assert Event.objects.filter(kind="data.copied").count() == 1
        assert AccessLog.objects.filter(kind="data.copied", user_id=cast.worker.user_id).count() == 1


def test_an_answer_in_review_is_not_in_the_copy(cast, at):
    appeal = said(cast, at)
    with everything():
        type(appeal).objects.filter(pk=appeal.pk).update(result="内部意见", status="in_review")
    with scope.acting_as(cast.worker.actor):
        assert queries.copy_of(cast.worker.actor)[0][0]["答复"] == ""


def test_copies_are_counted(browser_of):
    client = browser_of("worker")
    answers = [client.post("/me/data/copy").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


# ---- correcting


def test_a_new_phone_takes_the_place_of_the_old_one(notice, cast, at, browser_of, monkeypatch):
    client, moment = browser_of("worker"), now()
    assert client.post("/me/data/phone", {"phone": "123"}).status_code == 422
    code = accounts.send_code(phone=NEW_PHONE, address="10.0.0.1", at=moment)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert client.post("/me/data/phone", {"phone": NEW_PHONE, "code": wrong}).status_code == 422
    assert client.post("/me/data/phone", {"phone": NEW_PHONE, "code": code}).status_code == 302
    with everything():
        assert Person.objects.get(pk=cast.worker.actor.person_id).reveal("phone") == NEW_PHONE
        assert User.objects.get(pk=cast.worker.user_id).last_digits == NEW_PHONE[-4:]
        warned = Message.objects.get(template="phone_changed")
        assert warned.phone_mask == "138****0001"
        assert NEW_PHONE not in warned.text
        assert warned.is_urgent


def test_another_persons_phone_is_not_taken(cast, at, browser_of):
    code = accounts.send_code(phone=cast.stranger.phone, address="10.0.0.1", at=now())
    answer = browser_of("worker").post("/me/data/phone", {"phone": cast.stranger.phone, "code": code})
    assert answer.status_code == 422
    assert "另一个人名下" in answer.content.decode()
    with everything():
        assert Person.objects.get(pk=cast.worker.actor.person_id).reveal("phone") == cast.worker.phone


def asked(cast: Cast, at, right=Right.CORRECT, wish="身份证号登记错了"):
    with scope.acting_as(cast.worker.actor):
        return actions.ask_data_right(right=right, wish=wish, by=cast.worker.actor, at=at)


def test_a_request_is_due_in_fifteen_working_days_and_asked_once(cast, at, browser_of):
    request = asked(cast, at)
    assert request.due_at.isoformat() == "2025-11-04T00:00:00+08:00"
    with pytest.raises(NotAllowed, match="已经提出过"):
        asked(cast, at)
    client = browser_of("worker")
    assert client.post("/me/data/correct", {"right": "correct", "wish": "再改一处"}).status_code == 409
    assert client.post("/me/data/correct", {"right": "explain", "wish": "短"}).status_code == 422
    assert client.post("/me/data/correct", {"right": "copy", "wish": "不是这里"}).status_code == 422
    assert client.post("/me/data/correct", {"right": "explain", "wish": "为什么转给街道"}).status_code == 302
    with scope.acting_as(cast.stranger.actor):
        assert not DataRequest.objects.exists(), "row scope: somebody else's requests"


def test_an_officer_corrects_and_the_worker_hears(notice, cast, at, browser_of):
    request, city = asked(cast, at), browser_of("city")
    assert "更正" in city.get("/desk/data-requests").content.decode()
    page = f"/desk/data-requests/{request.pk}"
    shown = city.get(page).content.decode()
    assert "身份证号登记错了" in shown
    assert cast.worker.phone not in shown
    assert city.post(page, {"granted": "yes"}).status_code == 422
    bad = {"granted": "yes", "answer": "已经改正", "id_number": "123"}
    assert city.post(page, bad).status_code == 422
    good = {**bad, "id_number": "11010519491231002X"}
    assert city.post(page, good).status_code == 302
    again = city.post(page, good)
    assert again.status_code == 409
    assert "您写的答复没有记下" in again.content.decode(), "who answers second hears that it was not taken"
    with everything():
        assert Person.objects.get(pk=cast.worker.actor.person_id).reveal("id_number") == "11010519491231002X"
        assert AccessLog.objects.filter(kind="data_request.opened", subject_id=cast.worker.actor.person_id).exists()
        assert "更正" in Message.objects.get(template="data_answered").text
    assert "已经改正" in browser_of("worker").get("/me/data").content.decode()
    assert "已经改正" not in city.get("/desk/data-requests").content.decode()
    assert "已办" in city.get("/desk/data-requests?state=answered").content.decode()


def test_a_refused_answer_leaves_the_request_open(notice, cast, at, browser_of):
    request = asked(cast, at)
    bad = {"granted": "yes", "answer": "已经改正", "phone": cast.stranger.phone}
    assert browser_of("city").post(f"/desk/data-requests/{request.pk}", bad).status_code == 422
    with everything():
        assert DataRequest.objects.get().answered_at is None
        assert not Message.objects.filter(template="data_answered").exists()


@pytest.mark.parametrize("who", ["worker", "town", "county", "admin", "auditor", "hotline", "outsider"])
def test_only_the_citys_supervisor_answers(cast, at, browser_of, who):
    request = asked(cast, at)
    for path in ("/desk/data-requests", f"/desk/data-requests/{request.pk}"):
        assert browser_of(who).get(path).status_code == 403
    by = getattr(cast, who).actor
    with scope.acting_as(by), pytest.raises(NotPermitted):
        actions.settle_data_request(request_id=request.pk, granted=True, answer="同意照办", by=by, at=at)


def test_a_request_that_is_not_there(cast, at, browser_of):
    assert browser_of("city").get("/desk/data-requests/0").status_code == 404
    with scope.acting_as(cast.city.actor), pytest.raises(NotFound):
        actions.settle_data_request(request_id=0, granted=True, answer="同意照办", by=cast.city.actor, at=at)


def _actor(role):
    from gongqing.audit.actor import Actor, Role

    return Actor(role=Role(role), name="某人", user_id=1)


def test_a_client_that_is_not_signed_in_is_sent_to_the_door(browser_of):
    client: Client = browser_of("")
    assert client.post("/me/data/copy").status_code == 302
    assert client.post("/me/data/reveal").status_code == 302
