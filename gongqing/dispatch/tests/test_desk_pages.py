"""Does the desk show each role its work, take its steps, and lose nothing of what was written?"""

from __future__ import annotations

import io
from datetime import timedelta
from zipfile import ZipFile

import pytest

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal, Message
from gongqing.appeals.rules.intake import Intake
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions, sheets
from gongqing.dispatch.models import Clock, Extension
from gongqing.dispatch.queries.desk import views_of
from gongqing.dispatch.queries.desk_case import desk_case
from gongqing.lib import times
from gongqing.lib.times import local
from gongqing.ui.templatetags.ui import near_moment

OWED = "厂里拖欠我们两个月工资没有发，要求补发，找了老板几次都说没钱。"
VAGUE = "你好，想问一下那个事情怎么样了，谢谢。"
STAFF = ["hotline", "grassroots", "zone", "zone_chief", "zone_helper", "town", "county", "city", "department"]
STAFF += ["mediator", "auditor", "outsider"]


def told(cast, text=OWED, number="1", **more):
    given = {"region_code": "330206001", "employer": cast.places.workshop.name, "person_phone": "13800000009"}
    with scope.acting_as(SYSTEM):
        intake = Intake(source="test", external_id=number, channel="hotline_12351", text=text, **{**given, **more})
        return appeals.receive_appeal(intake, by=SYSTEM, at=times.now()).appeal


def sent_to(cast, place, **more):
    """An appeal that this organisation is to handle, classified as pay that is owed."""
    appeal = told(cast, **more)
    with scope.acting_as(SYSTEM):
        appeal.refresh_from_db()
        if appeal.status == "triage":
            appeals.classify_appeal(appeal_id=appeal.pk, code="LE01", by=SYSTEM, at=times.now())
        actions.dispatch_appeal(
            appeal_id=appeal.pk, organisation_id=getattr(cast.places, place).pk, note="试派", by=SYSTEM, at=times.now()
        )
        appeal.refresh_from_db()
    return appeal


def now(appeal):
    with scope.acting_as(SYSTEM):
        return Appeal.objects.get(pk=appeal.pk)


def step(client, appeal, verb, **given):
    return client.post(f"/desk/appeals/{appeal.code}/steps/{verb}", given)


@pytest.mark.parametrize("name", STAFF)
def test_every_role_has_a_desk(cast, browser_of, name):
    sent_to(cast, "town")
    told(cast, VAGUE, "2")
    client = browser_of(name)
    for address in ("/desk/", "/desk/?view=all", "/desk/?view=done", "/desk/rules", "/desk/rules/routing"):
        assert client.get(address).status_code == 200, address
    for address in ("/desk/rules/categories", "/desk/rules/grading", "/desk/scenarios/思想引领"):
        assert client.get(address).status_code == 200, address


def test_an_administrator_begins_with_accounts(browser_of):
    assert browser_of("admin").get("/desk/")["Location"] == "/desk/staff"
    page = browser_of("admin").get("/desk/staff").content.decode()
    assert "账号与任职" in page


@pytest.mark.parametrize("name", ["", "worker"])
def test_others_have_none(browser_of, name):
    assert browser_of(name).get("/desk/").status_code in (302, 403)


def test_a_handler_signs_contacts_reports_and_answers(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")
    assert appeal.title in town.get("/desk/").content.decode()
    page = town.get(f"/desk/appeals/{appeal.code}").content.decode()
    assert "签收这件诉求" in page
    assert "138****0009" in page
    assert "13800000009" not in page
    answer = step(town, appeal, "sign")
    assert answer["Location"] == f"/desk/appeals/{appeal.code}"
    assert now(appeal).status == "signed"
    assert step(town, appeal, "contact", note="电话联系，约明天到厂里谈").status_code == 302
    assert step(town, appeal, "report", note="单位承认欠薪，商定付款日。").status_code == 302
    assert step(town, appeal, "resolve", result="工资已经补发到位", people="1", amount="12000").status_code == 302
    assert now(appeal).status in ("resolved", "awaiting_evaluation", "in_review")
    for tab in ("process", "clocks", "related", "files"):
        assert town.get(f"/desk/appeals/{appeal.code}?tab={tab}").status_code == 200


@pytest.mark.parametrize("view", views_of(Actor(role=Role.CITY_SUPERVISOR, name="市级")))
def test_an_empty_list_says_what_will_stand_in_it(browser_of, view):
    page = browser_of("city").get(f"/desk/?view={view}").content.decode()
    general = "您能看的诉求会排在这里，最新的在最上面。"
    assert (general in page) == (view == "all")


def test_the_empty_inbox_of_a_seat_speaks_of_what_the_seat_took_down(browser_of):
    assert "您登记、还没有办完的诉求" in browser_of("hotline").get("/desk/?view=mine").content.decode()
    assert "请您单位协办的在“协办”里" in browser_of("department").get("/desk/?view=mine").content.decode()


def test_what_i_owe_says_its_own_deadline(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")

    def owed():
        page = town.get(f"/desk/appeals/{appeal.code}").content.decode()
        return page.partition('id="owed"')[2].partition("</div>")[0]

    def due(name):
        with scope.acting_as(SYSTEM):
            return near_moment(Clock.objects.get(appeal=appeal, name=name).due_at)

    assert f"签收 {due('sign')} 前" in owed()
    step(town, appeal, "sign")
    assert f"首次联系 {due('contact')} 前" in owed()
    step(town, appeal, "contact", note="电话联系，约明天到厂里谈")
    assert f"办结 {due('close')} 前" in owed()


def test_opening_a_case_is_written_down(cast, browser_of):
    appeal = sent_to(cast, "town")
    browser_of("town").get(f"/desk/appeals/{appeal.code}")
    browser_of("town").get(f"/desk/?view=mine&case={appeal.code}")
    browser_of("town").get("/desk/")
    with scope.acting_as(SYSTEM):
        looks = AccessLog.objects.filter(kind="appeal.opened", subject_id=appeal.pk)
        assert looks.count() == 2


def test_an_outsider_learns_nothing(cast, browser_of):
    appeal, outsider = sent_to(cast, "town"), browser_of("outsider")
    assert outsider.get(f"/desk/appeals/{appeal.code}").status_code == 404
    assert step(outsider, appeal, "sign").status_code == 404
    beside = outsider.get(f"/desk/?view=all&case={appeal.code}").content.decode()
    assert appeal.title not in beside
    assert appeal.title not in outsider.get("/desk/?view=all&q=工资").content.decode()


def test_a_field_that_is_wrong_says_so_and_keeps_the_rest(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")
    step(town, appeal, "sign")
    answer = step(town, appeal, "extend", working_days="3", reason="不")
    assert answer.status_code == 422
    assert "请写明为什么需要更多时间" in answer.content.decode()
    answer = step(town, appeal, "transfer", organisation="没有的单位", reason="应由上级办")
    assert answer.status_code == 422
    assert "应由上级办" in answer.content.decode()
    answer = step(town, appeal, "resolve", result="", people="-1")
    assert answer.status_code == 422


def test_a_step_out_of_turn_is_refused_on_the_page(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")
    answer = step(town, appeal, "contact", note="这段话不能丢")
    assert answer.status_code == 409
    assert "请先签收" in answer.content.decode()
    assert "这段话不能丢" in answer.content.decode()
    assert step(browser_of("auditor"), appeal, "sign").status_code == 403
    assert step(town, appeal, "nothing").status_code == 404


def test_extension_is_asked_for_and_granted_above(cast, browser_of):
    appeal, town, county = sent_to(cast, "town"), browser_of("town"), browser_of("county")
    step(town, appeal, "sign")
    before = now(appeal).due_at
    assert step(town, appeal, "extend", working_days="3", reason="单位负责人下周才回来").status_code == 302
    with scope.acting_as(SYSTEM):
        level = Extension.objects.get(order__appeal=appeal).decider_level
    decider = {"town": town, "county": county}.get(level, browser_of("city"))
    assert appeal.title in decider.get("/desk/?view=extensions").content.decode()
    assert step(decider, appeal, "extension-decision", decision="no", note="").status_code == 422
    assert step(decider, appeal, "extension-decision", decision="yes").status_code == 302
    assert now(appeal).due_at > before


def test_pause_resume_assist_hand_over_and_supervise(cast, browser_of):
    appeal, town, county = sent_to(cast, "town"), browser_of("town"), browser_of("county")
    step(town, appeal, "sign")
    assert step(town, appeal, "pause", reason="waiting_for_material", note="等考勤表").status_code == 302
    assert "暂停" in town.get("/desk/").content.decode()
    assert step(town, appeal, "resume").status_code == 302
    room = cast.places.room.name
    assert step(town, appeal, "assist", organisation=room, note="请派调解员到场").status_code == 302
    mediator = browser_of("mediator")
    assert appeal.title in mediator.get("/desk/?view=assisting").content.decode()
    assert step(mediator, appeal, "assisted", note="已到场调解一次").status_code == 302
    department = cast.places.department.name
    assert step(town, appeal, "hand-over", department=department, reason="请立案查处").status_code == 302
    assert step(county, appeal, "urge").status_code == 302
    assert step(county, appeal, "supervise", note="三日内回报进展").status_code == 302
    assert step(town, appeal, "note", note="已告知单位").status_code == 302
    assert step(town, appeal, "message", text="周五前给您答复").status_code == 302
    page = county.get(f"/desk/appeals/{appeal.code}").content.decode()
    for words in ("督办", "催办", "转部门", "协办完成", "恢复计时"):
        assert words in page


def test_a_return_goes_to_the_dispatcher(cast, browser_of):
    appeal, town, county = sent_to(cast, "town"), browser_of("town"), browser_of("county")
    answer = step(town, appeal, "return", reason="人在小港，应归小港街道")
    assert answer.status_code == 302
    assert now(appeal).status == "returned"
    assert appeal.title in county.get("/desk/?view=unsent").content.decode()
    place = cast.places.neighbour_town.name
    assert step(county, appeal, "dispatch", organisation=place).status_code == 302
    assert now(appeal).handler_id == cast.places.neighbour_town.pk


def test_triage_is_confirmed_with_one_key(cast, browser_of):
    appeal, hotline = told(cast, VAGUE), browser_of("county")
    assert now(appeal).status == "triage"
    page = hotline.get(f"/desk/?view=triage&case={appeal.code}").content.decode()
    assert 'data-key="1"' in page
    assert step(hotline, appeal, "classify", code="LE01 工资拖欠与克扣").status_code == 302
    assert now(appeal).category.code == "LE01"


def test_the_phone_is_shown_once_for_a_reason(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")
    assert town.post(f"/desk/appeals/{appeal.code}/reveal", {"reason": ""}).status_code == 422
    answer = town.post(f"/desk/appeals/{appeal.code}/reveal", {"reason": "电话核实欠薪月份"})
    assert "13800000009" in answer.content.decode()
    assert "13800000009" not in town.get(f"/desk/appeals/{appeal.code}").content.decode()
    assert browser_of("auditor").post(f"/desk/appeals/{appeal.code}/reveal", {"reason": "看看是谁"}).status_code == 403
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="person.phone_revealed").count() == 1


def test_an_officer_takes_an_appeal_down(cast, browser_of):
    client = browser_of("zone")
    assert client.get("/desk/new").status_code == 200
    given = {"external_id": "a" * 32, "channel": "visit", "text": OWED, "region_code": "330206001", "phone": "138"}
    wrong = client.post("/desk/new", given)
    assert wrong.status_code == 422
    assert OWED in wrong.content.decode()
    page = client.post("/desk/new", {**given, "phone": "13800000031"}).content.decode()
    assert "查询密码" in page
    assert "只显示这一次" in page
    again = client.post("/desk/new", {**given, "phone": "13800000031"}).content.decode()
    assert "已经登记过" in again
    assert browser_of("auditor").get("/desk/new").status_code == 403


def test_search_finds_words_and_codes(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")
    assert town.get("/desk/search", {"q": appeal.code.lower()})["Location"] == f"/desk/appeals/{appeal.code}"
    assert appeal.title in town.get("/desk/search", {"q": "拖欠"}, follow=True).content.decode()
    assert "没有找到" in town.get("/desk/?view=all&q=月球基地").content.decode()
    assert town.get("/desk/?view=all&q=月").status_code == 422
    for door in ("/desk/search", "/desk/"):
        long = town.get(door, {"q": "工资" * 1_500, "view": "all"})
        assert long.status_code == 422
        assert "最多 200 个，现在 3000 个" in long.content.decode()
    assert town.get("/desk/?view=all&cursor=nonsense").status_code == 422
    for query in ("status=signed", "grade=orange,red", "category=LE01", "region=330206", "overdue=1"):
        assert town.get(f"/desk/?view=all&{query}").status_code == 200


def test_pages_follow_one_another(cast, browser_of):
    for number in range(45):
        told(cast, f"第{number}个人：{OWED}", str(number), employer="")
    town = browser_of("county")
    first = town.get("/desk/?view=all").content.decode()
    assert first.count('class="item') == 40
    later = first.split("cursor=", 1)[1].split('"', 1)[0]
    assert town.get(f"/desk/?view=all&cursor={later}").content.decode().count('class="item') == 5


def test_an_export_speaks_as_the_page_does(cast, browser_of):
    appeal = sent_to(cast, "town")
    town = browser_of("town")
    query = "view=all&status=dispatched&grade=yellow,orange&region=330206"
    answer = town.get(f"/desk/appeals.xlsx?{query}")
    assert answer.status_code == 200
    with ZipFile(io.BytesIO(answer.content)) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "全部（状态：待签收，等级：黄、橙，所在地：北仑区）" in strings
    with scope.acting_as(SYSTEM):
        due = local(Appeal.objects.get(pk=appeal.pk).due_at)
    assert f"{due - timedelta(days=1):%Y-%m-%d} 24:00" in strings
    assert f"{due:%Y-%m-%d} 00:00" not in strings


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("grade=orange,red", "等级：橙和红"),
        ("grade=yellow", "等级：黄"),
        ("grade=green,%20red", "等级：绿、红"),
        ("category=le01,LE02", "分类：LE01 工资拖欠与克扣、LE02 薪酬福利与待遇标准）"),
        ("status=dispatched,%20signed", "状态：待签收、已签收"),
        ("region=3302", "所在地：宁波市"),
    ],
)
def test_an_export_names_its_filters_without_codes(cast, browser_of, query, words):
    assert browser_of("city").get(f"/desk/appeals.xlsx?view=all&{query}").status_code == 200
    with scope.acting_as(SYSTEM):
        assert f"全部（{words}" in AccessLog.objects.get(kind="list.exported").reason


def test_an_export_has_no_day_of_answer_once_it_is_reopened(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")
    for verb, given in (("sign", {}), ("contact", {"note": "电话联系，约明天到厂里谈"})):
        step(town, appeal, verb, **given)
    step(town, appeal, "resolve", result="工资已经补发到位", people="1", amount="12000")
    with scope.acting_as(SYSTEM):
        answered = Appeal.objects.select_related("category", "handler", "person").get(pk=appeal.pk)
        column = [name for name, _ in sheets.COLUMNS].index("办结时间")
        assert answered.resolved_at is not None
        for status, shown in (("resolved", True), ("archived", True), ("reopened", False), ("in_progress", False)):
            answered.status = status
            assert bool(sheets.cells_of(answered)[column]) == shown, status


def test_an_export_is_masked_plain_and_written_down(cast, browser_of):
    sent_to(cast, "town", title='=HYPERLINK("http://evil.example")', employer="@SUM(A1)厂")
    answer = browser_of("town").get("/desk/appeals.xlsx?view=all")
    assert answer.status_code == 200
    with ZipFile(io.BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        strings = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "=HYPERLINK" in strings
    assert "138****0009" in strings
    assert "13800000009" not in strings
    assert browser_of("zone").get("/desk/appeals.xlsx").status_code == 403
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.get(kind="list.exported").count == 1
        assert Event.objects.filter(kind="list.exported").exists()


def test_judgement_is_taken_down_by_those_who_did_not_handle_it(cast, browser_of):
    appeal, town = sent_to(cast, "town"), browser_of("town")
    step(town, appeal, "resolve", result="工资已经补发到位")
    if now(appeal).status == "in_review":
        assert step(browser_of("county"), appeal, "review", decision="yes", note="属实").status_code == 302
    assert step(town, appeal, "evaluate", satisfaction="satisfied").status_code == 403
    assert step(browser_of("county"), appeal, "evaluate", satisfaction="not", text="").status_code == 422
    assert step(browser_of("county"), appeal, "evaluate", satisfaction="not", text="钱少了一截").status_code == 302
    assert now(appeal).status == "reopened"
    page = browser_of("county").get(f"/desk/appeals/{appeal.code}").content.decode()
    first, again = page.index("第 1 次办理"), page.index("第 2 次办理")
    assert "退回重办" in page[first:again]
    assert "派单：新碶街道总工会" in page[first:again]
    assert "职工评价：不满意" in page[first:again]
    assert page[first:again].count("钱少了一截") == 1, "said once, not again where the case is reopened"
    assert page.index("评价不满意，升一级重办", again)
    assert "联系一次，两样都算办了" in page
    with scope.acting_as(SYSTEM):
        actions.sweep_clocks(at=times.now() + timedelta(days=30))
    assert "逾期" in browser_of("county").get("/desk/?view=overdue").content.decode()


def test_what_the_worker_adds_stands_with_what_was_said(cast, browser_of):
    appeal = sent_to(cast, "town")
    worker = Actor(role=Role.CODE_HOLDER, name="职工", appeal_id=appeal.pk)
    for by, name in ((worker, "工资条.pdf"), (cast.town.actor, "回单.pdf")):
        with scope.acting_as(by):
            given = {"appeal_id": appeal.pk, "by": by, "at": times.now()}
            appeals.attach_file(name=name, content=f"%PDF-1.4 {name}".encode(), **given)
            appeals.add_material(text=f"{name}请看附件。", **given)
    with scope.acting_as(cast.town.actor):
        (around,) = desk_case(appeal.code, cast.town.actor, times.now()).rounds
    stands = {name: [(row.what, row.who.startswith("职工")) for row in rows] for name, rows in around}
    for what in ("加附件", "补充说明"):
        assert [by_worker for said, by_worker in stands["发现"] if said == what] == [True]
        assert [by_worker for said, by_worker in stands["处置"] if said == what] == [False]


def test_the_desk_opens_with_what_waits_or_with_everything(cast, browser_of):
    sent_to(cast, "town")
    for name, heading in (("town", "我的收件"), ("auditor", "全部"), ("zone_helper", "全部")):
        page = browser_of(name).get("/desk/").content.decode()
        assert f"<title>{heading}" in page.replace("\n", ""), name


def test_a_message_sent_from_two_tabs_is_kept_once(cast, browser_of):
    appeal = sent_to(cast, "town")
    town = browser_of("town")
    step(town, appeal, "sign")
    step(town, appeal, "contact", note="电话联系，约明天下午谈。")
    for _ in range(2):
        assert step(town, appeal, "message", text="请把工资条拍一张给我们。").status_code == 302
    with scope.acting_as(SYSTEM):
        assert list(Message.objects.filter(appeal=appeal).values_list("text", flat=True)) == [
            "请把工资条拍一张给我们。"
        ]
        assert Event.objects.filter(subject_id=appeal.pk, kind="appeal.material_added").count() == 1
    step(town, appeal, "message", text="工资条收到了。")
    step(town, appeal, "message", text="请把工资条拍一张给我们。")
    with scope.acting_as(cast.town.actor):
        later = times.now() + timedelta(minutes=11)
        appeals.add_material(appeal_id=appeal.pk, text="请把工资条拍一张给我们。", by=cast.town.actor, at=later)
        assert Message.objects.filter(appeal=appeal).count() == 4
