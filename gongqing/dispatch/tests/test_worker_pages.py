"""What does a worker meet on the phone: saying it, the next page, the own matters, code and password?"""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from gongqing.accounts.models import Attempt
from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal, Attachment, EvaluationLink
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions
from gongqing.dispatch.queries.desk_case import desk_case
from gongqing.dispatch.tests.make import BIRTHDAY, UNCLEAR, WAGES, fresh, received
from gongqing.lib import times
from gongqing.notices.models import Message
from tests.cast import Cast
from tests.doors import signed_in

pytestmark = pytest.mark.django_db
TOWN = "330206001"
HURT = "老板欠我半年工资，家里过不下去了，我不想活了，今天就从楼上跳下去。"


def photo(name: str = "考勤.png") -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(drawn, "PNG")
    return SimpleUploadedFile(name, drawn.getvalue(), "image/png")


def form(**given: Any) -> dict[str, Any]:
    return {"external_id": "7d7e2f4e-0000-4000-8000-000000000001", "text": WAGES, "town": TOWN, **given}


def everything() -> Any:
    return scope.acting_as(SYSTEM)


def only_appeal() -> Appeal:
    with everything():
        return Appeal.objects.select_related("handler", "person").get()


def test_a_signed_in_worker_says_it_and_reads_who_and_when(cast: Cast, browser_of):
    client = browser_of("worker")
    assert client.get("/say").status_code == 200
    answer = client.post("/say", form(employer=cast.places.workshop.name, photos=[photo()]))
    appeal = only_appeal()
    assert answer["Location"] == f"/sent/{appeal.code}"
    assert (appeal.person_id, appeal.channel, appeal.source) == (cast.worker.actor.person_id, "app", "worker_app")
    page = client.get(answer["Location"]).content.decode()
    assert str(appeal.handler) in page
    assert "为什么是" in page
    assert "工单" not in page
    assert "派单" not in page
    with everything():
        assert Attachment.objects.get().from_worker
        assert AccessLog.objects.filter(kind="appeal.opened", subject_id=appeal.pk).exists()
    assert re.search(r"class=\"pin num\">\d{3} \d{3}<", page)
    assert 'class="pin num"' not in client.get(answer["Location"]).content.decode(), "the password is shown once"
    assert appeal.title in client.get("/").content.decode()
    assert appeal.title in client.get("/mine").content.decode()


def test_sending_twice_gives_one_appeal(cast: Cast, browser_of):
    for name in ("worker", ""):
        client = browser_of(name)
        client.get("/say")
        sent = form(external_id=f"7d7e2f4e-0000-4000-8000-{name:0>12}")
        first, second = client.post("/say", sent), client.post("/say", sent)
        assert first["Location"] == second["Location"]
    with everything():
        assert Appeal.objects.count() == 2


def test_a_repeat_without_its_session_is_told_so(cast: Cast, browser_of):
    browser_of("").post("/say", form())
    again = browser_of("").post("/say", form())
    assert again.status_code == 409
    assert "已经收到过" in again.content.decode()


def test_without_signing_in_the_code_and_the_password_open_it_again(cast: Cast, browser_of):
    client = browser_of("")
    client.get("/say")
    answer = client.post("/say", form(phone="138 0000 0009", name="小周", photos=[photo()]))
    appeal = only_appeal()
    page = client.get(answer["Location"]).content.decode()
    password = re.search(r"class=\"pin num\">(\d{3}) (\d{3})<", page)
    assert password
    assert client.get(f"/a/{appeal.code}").status_code == 200
    other = browser_of("")
    assert other.get(f"/a/{appeal.code}")["Location"] == f"/lookup?code={appeal.code}"
    wrong = other.post("/lookup", {"code": appeal.code, "password": "000000" if password[1] != "000" else "111111"})
    assert wrong.status_code == 422
    assert "对不上" in wrong.content.decode()
    right = other.post("/lookup", {"code": appeal.code.lower(), "password": f"{password[1]} {password[2]}"})
    assert right["Location"] == f"/a/{appeal.code}"
    assert other.get(right["Location"]).status_code == 200
    assert other.post("/lookup/leave").status_code == 302
    assert other.get(f"/a/{appeal.code}").status_code == 302


def test_wholly_anonymous(cast: Cast, browser_of):
    client = browser_of("")
    client.get("/say")
    answer = client.post("/say", form(anonymous_to_employer="on"))
    appeal = only_appeal()
    assert appeal.is_anonymous
    assert appeal.person is None
    assert "单位不知道是您说的" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": "  "}, "哪怕只有一句话"),
        ({"text": "。。。"}, "哪怕只有一句话"),
        ({"phone": "12"}, "手机号应为 11 位"),
        ({"name": "小周"}, "也请留手机号"),
        ({"town": "999999999"}, "有效"),
    ],
)
def test_a_refused_form_keeps_every_word(cast: Cast, browser_of, given, words):
    answer = browser_of("").post("/say", form(place="码头边三号车间", **given))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "码头边三号车间" in page
    assert "还没有发出去" in page
    with everything():
        assert not Appeal.objects.exists()


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("a.png", b"MZ not a picture", "image/png"), "只能上传"),
        (SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n" + b"0" * 64, "image/png"), "照片打不开"),
        (SimpleUploadedFile("a.png", b"0" * (10 * 1024 * 1024 + 1), "image/png"), "太大"),
    ],
)
def test_a_file_that_cannot_be_taken_takes_nothing(cast: Cast, browser_of, file, words):
    file.seek(0)
    answer = browser_of("worker").post("/say", form(photos=[file]))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with everything():
        assert not Appeal.objects.exists()


def test_in_triage_a_person_reads_it_first(cast: Cast, browser_of):
    client = browser_of("worker")
    page = client.get(client.post("/say", form(text=UNCLEAR))["Location"]).content.decode()
    assert only_appeal().status == Status.TRIAGE
    assert "先有一个人来读" in page
    assert "下班前" in page


def test_words_of_danger_show_where_help_is(cast: Cast, browser_of):
    client = browser_of("")
    client.get("/say")
    page = client.get(client.post("/say", form(text=HURT))["Location"]).content.decode()
    assert only_appeal().grade == "red"
    for number in ("110", "120", "12356"):
        assert f"tel:{number}" in page


def test_too_many_unsigned_at_one_address_wait(cast: Cast, browser_of):
    from gongqing.accounts.actions.limits import add_attempt

    with everything():
        for _ in range(20):
            add_attempt(door="anonymous", key="127.0.0.1", at=times.now())
    answer = browser_of("").post("/say", form(place="码头边"))
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "码头边" in answer.content.decode()
    assert browser_of("worker").post("/say", form()).status_code == 302, "a signed-in worker is never counted"


def test_too_many_lookups_wait(cast: Cast, browser_of):
    appeal = received(by=cast.worker.actor, at=times.now())
    client = browser_of("")
    answers = [
        client.post("/lookup", {"code": appeal.code, "password": f"{number:06d}"}).status_code for number in range(6)
    ]
    assert answers[:5] == [422] * 5
    assert answers[5] == 429
    with everything():
        assert Attempt.objects.filter(door__startswith="lookup").count() == 11


def test_another_worker_finds_nothing(cast: Cast, browser_of):
    appeal = received(by=cast.worker.actor, at=times.now())
    client = browser_of("stranger")
    assert client.get(f"/a/{appeal.code}").status_code == 404
    assert client.get(f"/sent/{appeal.code}").status_code == 404
    for verb in ("add", "urge", "withdraw", "evaluate"):
        assert client.post(f"/a/{appeal.code}/{verb}", {"text": "x", "satisfaction": "satisfied"}).status_code == 404
    assert client.get("/a/not-a-code").status_code == 404
    assert appeal.title not in client.get("/mine").content.decode()


def test_staff_are_sent_to_their_desk(cast: Cast, browser_of):
    appeal = received(by=cast.worker.actor, at=times.now())
    client = browser_of("town")
    assert client.get("/say").status_code == 403
    assert client.get(f"/a/{appeal.code}")["Location"] == f"/desk/appeals/{appeal.code}"
    assert client.post(f"/a/{appeal.code}/withdraw").status_code == 403
    assert fresh(appeal).status != Status.WITHDRAWN
    assert "回工作台" in client.get("/").content.decode()


def test_add_urge_withdraw(cast: Cast, browser_of):
    appeal = received(by=cast.worker.actor, at=times.now(), employer=cast.places.workshop.name)
    client = browser_of("worker")
    at = f"/a/{appeal.code}"
    assert client.post(f"{at}/add", {"text": "工资条找到了", "photos": [photo("条.png")]}).status_code == 302
    page = client.get(at).content.decode()
    assert "工资条找到了" in page
    with everything():
        attachment = Attachment.objects.get()
    file = client.get(f"{at}/files/{attachment.pk}")
    assert file["Content-Type"] == "image/jpeg"
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Disposition"].startswith("inline")
    assert browser_of("stranger").get(f"{at}/files/{attachment.pk}").status_code == 404
    assert client.post(f"{at}/add", {"text": " "}).status_code == 422
    assert client.post(f"{at}/urge").status_code == 302
    again = client.post(f"{at}/urge")
    assert again.status_code == 409
    assert "四小时" in again.content.decode()
    assert client.post(f"{at}/withdraw", {"reason": "单位给了"}).status_code == 302
    assert fresh(appeal).status == Status.WITHDRAWN
    assert client.post(f"{at}/withdraw").status_code == 409
    assert client.post(f"{at}/add", {"text": "还有"}).status_code == 409
    page = client.get(at).content.decode()
    assert "您不办了" in page
    assert "催一催" not in page


def test_files_of_staff_stay_with_staff(cast: Cast, browser_of):
    appeal = received(by=cast.worker.actor, at=times.now(), employer=cast.places.workshop.name)
    town = cast.town.actor
    with scope.acting_as(town):
        attachment = appeals.attach_file(
            appeal_id=appeal.pk, name="笔录.png", content=photo().read(), by=town, at=times.now()
        )
    assert browser_of("worker").get(f"/a/{appeal.code}/files/{attachment.pk}").status_code == 404
    assert browser_of("town").get(f"/a/{appeal.code}/files/{attachment.pk}").status_code == 200


def answered(cast: Cast) -> Appeal:
    """A need that the zone has met."""
    at = times.now()
    appeal = received(BIRTHDAY, by=cast.worker.actor, at=at)
    with scope.acting_as(cast.zone.actor):
        actions.resolve_order(appeal_id=appeal.pk, result="周五在驿站办集体生日会", by=cast.zone.actor, at=at)
    return fresh(appeal)


def test_the_worker_hears_who_and_is_asked_once(cast: Cast, run_jobs):
    appeal = answered(cast)
    run_jobs()
    run_jobs()
    assert fresh(appeal).status == Status.AWAITING_EVALUATION
    with everything():
        texts = list(
            Message.objects.filter(phone_sealed__isnull=False, subject_id=appeal.pk).values_list("text", flat=True)
        )
        assert len(texts) == 1, "answered already: who handles it is no news any more"
        assert "/e/" in texts[0]
        for listener in ("announce_handler", "ask_evaluation"):
            assert not getattr(actions, listener)(appeal_id=appeal.pk, by=SYSTEM, at=times.now())
        assert EvaluationLink.objects.count() == 1


def test_who_handles_it_is_told_once(cast: Cast, run_jobs):
    appeal = received(by=cast.worker.actor, at=times.now(), employer=cast.places.workshop.name)
    run_jobs()
    with everything():
        actions.announce_handler(appeal_id=appeal.pk, by=SYSTEM, at=times.now())
        told = Message.objects.filter(phone_sealed__isnull=False, subject_id=appeal.pk).order_by("id")
        (first, text) = told.values_list("text", flat=True)
    assert appeal.code in first
    assert "/lookup" in first
    assert str(fresh(appeal).handler) in text
    assert appeal.code in text
    assert len(text) <= 75


def link_of(appeal: Appeal) -> str:
    with everything():
        text = Message.objects.filter(subject_id=appeal.pk, text__contains="/e/").latest("id").text
    return "/e/" + text.rpartition("/e/")[2]


def test_the_link_judges_without_signing_in_and_once(cast: Cast, browser_of, run_jobs):
    appeal = answered(cast)
    run_jobs()
    link, client = link_of(appeal), browser_of("")
    assert "周五在驿站" in client.get(link).content.decode()
    assert client.post(link, {}).status_code == 422
    refused = client.post(link, {"satisfaction": "not"})
    assert refused.status_code == 422
    assert "还没有交上去" in refused.content.decode().partition("<h1>")[0]
    thanks = client.post(link, {"satisfaction": "basically", "text": "还行"})
    assert "谢谢" in thanks.content.decode()
    assert (fresh(appeal).status, fresh(appeal).satisfaction) == (Status.ARCHIVED, "basically")
    assert client.get(link).status_code == 404
    assert client.post(link, {"satisfaction": "not", "text": "x"}).status_code == 404
    assert client.get(f"/a/{appeal.code}").status_code == 302, "the link opens nothing else"


def test_dissatisfied_on_the_page_goes_one_level_up(cast: Cast, browser_of, run_jobs):
    appeal = answered(cast)
    client = browser_of("worker")
    at = f"/a/{appeal.code}"
    assert "您满意吗" in client.get(at).content.decode()
    refused = client.post(f"{at}/evaluate", {"satisfaction": "not"})
    assert refused.status_code == 422
    top = refused.content.decode().partition("<h1>")[0]
    assert "还没有交上去" in top
    assert "请说说哪里没办好" in top
    assert "还没到这一步" not in client.get(at).content.decode(), "the judgement is asked for now"
    assert client.post(f"{at}/evaluate", {"satisfaction": "not", "text": "没有蛋糕"}).status_code == 302
    page = client.get(at).content.decode()
    assert fresh(appeal).status == Status.REOPENED
    assert "再办一次" in page
    assert "<h3>再办一次</h3>" in page
    run_jobs()
    with everything():
        assert Message.objects.filter(subject_id=appeal.pk, text__contains="重新转给").count() == 1


def test_the_timeline_has_its_four_headings_and_no_inner_notes(cast: Cast, browser_of):
    at = times.now()
    appeal = received(by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    town = cast.town.actor
    with scope.acting_as(town):
        actions.sign_order(appeal_id=appeal.pk, by=town, at=at)
        actions.contact_worker(appeal_id=appeal.pk, note="内部：态度激动", by=town, at=at)
        actions.add_note(appeal_id=appeal.pk, note="内部：老板是熟人", by=town, at=at)
        actions.report_progress(appeal_id=appeal.pk, note="厂里认了账。内部：先别告诉他", by=town, at=at)
        actions.pause_order(
            appeal_id=appeal.pk, reason="waiting_for_material", note="等工资条", by=town, at=at + timedelta(minutes=1)
        )
    page = browser_of("worker").get(f"/a/{appeal.code}").content.decode()
    assert "内部" not in page
    for words in (
        "<h3>您说的</h3>",
        "<h3>怎么办的</h3>",
        "还没到这一步：结果、您的评价",
        "演老师联系了您",
        "厂里认了账",
        "等工资条",
        "停几天，往后推几天",
    ):
        assert words in page
    for word in ("工单", "派单", "流转", "签收", "督办"):
        assert word not in page


def test_what_stands_still_promises_no_day_that_moves(cast: Cast, browser_of):
    at = times.now()
    appeal = received(by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    town = cast.town.actor
    assert "最晚<b>" in browser_of("worker").get("/mine").content.decode()
    with scope.acting_as(town):
        actions.sign_order(appeal_id=appeal.pk, by=town, at=at)
        actions.contact_worker(appeal_id=appeal.pk, note="约了明天", by=town, at=at)
        actions.pause_order(appeal_id=appeal.pk, reason="waiting_for_material", note="等工资条", by=town, at=at)
    mine = browser_of("worker").get("/mine").content.decode()
    assert "先停一停" in mine
    assert "最晚<b>" not in mine
    later = at + timedelta(days=7)
    with scope.acting_as(town):
        seen = desk_case(appeal.code, town, later)
        assert seen.closing is not None
        assert seen.closing.is_paused
        assert seen.closing.due_at > fresh(appeal).due_at, "a week later it would be a later day"
        last = times.local(seen.closing.due_at - timedelta(seconds=1)).date()
    assert seen.days[-1].day == last, "the words name the last day that is drawn"
    page = browser_of("town").get(f"/desk/appeals/{appeal.code}").content.decode()
    assert "现在恢复的话，应在" in page


def test_joining_others_shows_no_word_and_no_code_of_theirs(cast: Cast, browser_of):
    first = received(by=cast.stranger.actor, at=times.now(), employer=cast.places.workshop.name)
    client = browser_of("worker")
    shown = client.get("/say/employer", {"employer": cast.places.workshop.name}).content.decode()
    assert "还有别人" in shown
    assert first.code not in shown
    assert first.title not in shown
    client.post("/say", form(employer=cast.places.workshop.name, join="on"))
    with everything():
        assert Appeal.objects.exclude(pk=first.pk).get().together_with_id == first.pk


def test_small_parts(cast: Cast, browser_of):
    client = browser_of("")
    assert "海塘" in client.get("/say/employer", {"employer": "海塘精"}).content.decode()
    assert "新碶街道" in client.get("/say/towns", {"county": "330206"}).content.decode()
    assert "下应街道" not in client.get("/say/towns", {"county": "330206"}).content.decode()
    assert "手机号登录" in client.get("/me").content.decode()
    assert "138****0001" in browser_of("worker").get("/me").content.decode()
    assert client.get("/mine")["Location"].startswith("/me/sign-in")
    assert client.get("/e/nonsense").status_code == 404


def test_hostile_words_are_shown_as_words(cast: Cast, browser_of):
    client = browser_of("worker")
    text = "<script>alert(1)</script>欠薪三个月，'; DROP TABLE x; -- =1+1 😀\x00\x07工资没发"
    page = client.get(client.post("/say", form(text=text, employer="<b>厂</b>"))["Location"].replace("sent", "a"))
    assert "<script>alert" not in page.content.decode()
    assert page.status_code == 200


def test_events_of_telling_are_in_the_trace(cast: Cast, run_jobs):
    appeal = answered(cast)
    run_jobs()
    with everything():
        told = Event.objects.filter(kind="appeal.worker_told", subject_id=appeal.pk)
        assert [event.data["about"] for event in told] == ["evaluation"]
    assert signed_in(cast.worker).get(f"/a/{appeal.code}").status_code == 200


def test_what_is_pasted_is_refused_when_too_long_and_never_cut(cast: Cast, browser_of):
    client = browser_of("worker")
    page = client.get("/say").content.decode()
    area = page[page.index("<textarea") : page.index("</textarea>")]
    assert 'name="text"' in area
    assert "maxlength" not in area
    said = "工资" * 10_000 + "最后一句要紧"
    refused = client.post("/say", form(text=said))
    assert refused.status_code == 422
    assert "内容太长（20006 字），最多 20000 字" in refused.content.decode()
    assert "最后一句要紧" in refused.content.decode()
