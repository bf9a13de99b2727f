"""Are letters numbered without gaps, true to the case, silent where the employer listens, and kept as they left?"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from docx import Document

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions
from gongqing.dispatch.documents import parts_of
from gongqing.dispatch.models import Letter
from gongqing.dispatch.rules.letters import deadline_words, mark_of, without_names
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.lib import times
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.registry.models import Organisation
from tests.cast import Cast

Browser = Callable[[str], Client]
NAME, PHONE = "周小满", "13912345678"
ODD = "厂里欠我 < 三个月 & 不给工资 {{ 7*7 }} {%p if x %} {_{ y }_}，我叫周小满，电话 13912345678，请工会帮我。"


def handled(cast: Cast, at: datetime, text: str = WAGES, place: str = "town", **more: Any) -> Appeal:
    """An appeal of a named worker that this organisation handles."""
    given = {"person_name": NAME, "person_phone": PHONE, "employer": cast.places.workshop.name, **more}
    appeal = received(text, by=cast.hotline.actor, at=at, channel="walk_in", **given)
    with scope.acting_as(SYSTEM):
        if (now := Appeal.objects.get(pk=appeal.pk)).status == "triage":
            from gongqing.appeals import actions as appeals

            appeals.classify_appeal(appeal_id=now.pk, code="LE01", by=SYSTEM, at=at)
        actions.dispatch_appeal(
            appeal_id=appeal.pk, organisation_id=getattr(cast.places, place).pk, note="试派", by=SYSTEM, at=at
        )
        return Appeal.objects.get(pk=appeal.pk)


def issue(cast: Cast, who: str, appeal: Appeal, kind: str, at: datetime, **more: Any) -> Letter:
    by = cast.players()[who].actor
    with scope.acting_as(by):
        return actions.issue_letter(appeal_id=appeal.pk, kind=kind, by=by, at=at, **more)


def opened(cast: Cast, who: str, letter: Letter, at: datetime) -> bytes:
    by = cast.players()[who].actor
    with scope.acting_as(by):
        return actions.open_letter(code=letter.appeal.code, letter_id=letter.pk, by=by, at=at)[1]


def words(content: bytes) -> str:
    """Everything that stands in a letter."""
    paper = Document(io.BytesIO(content))
    said = [each.text for each in paper.paragraphs]
    said += [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join(said)


def test_the_worker_reads_who_handles_it_and_by_when(cast: Cast, at: datetime) -> None:
    appeal = handled(cast, at)
    letter = issue(cast, "town", appeal, "acceptance", at)
    said = words(opened(cast, "town", letter, at))
    assert letter.reference == "新碶工诉受〔2025〕1号"
    assert letter.reference in said
    assert f"{NAME}：" in said
    assert appeal.code in said
    assert deadline_words(appeal.due_at) in said
    assert "新碶街道总工会办理" in said
    assert "请求北仑区总工会复查（《信访工作条例》第三十五条）" in said
    assert "《信访工作条例》第二十三条" in said
    assert "劳动争议调解仲裁法" in said
    assert "2025年10月13日" in said
    assert "{{" not in said


def test_numbers_run_without_gaps_in_each_organisation_kind_and_year(cast: Cast, at: datetime) -> None:
    first, second = handled(cast, at), handled(cast, at)
    numbers = [
        issue(cast, "town", first, "acceptance", at).reference,
        issue(cast, "town", second, "acceptance", at).reference,
        issue(cast, "county", second, "assignment", at).reference,
        issue(cast, "county", first, "acceptance", at).reference,
        issue(cast, "town", first, "acceptance", at + timedelta(days=90)).reference,
    ]
    assert numbers == [
        "新碶工诉受〔2025〕1号",
        "新碶工诉受〔2025〕2号",
        "北仑工诉交〔2025〕1号",
        "北仑工诉受〔2025〕1号",
        "新碶工诉受〔2026〕1号",
    ]


def test_what_fails_takes_no_number(cast: Cast, at: datetime) -> None:
    appeal = handled(cast, at)
    with pytest.raises(BadInput, match="补充"):
        issue(cast, "town", appeal, "acceptance", at, remark="长" * 501)
    with pytest.raises(NotAllowed, match="还没有办结"):
        issue(cast, "town", appeal, "answer", at)
    assert issue(cast, "town", appeal, "acceptance", at).number == 1


def test_a_mark_that_is_given_begins_the_number(cast: Cast, at: datetime) -> None:
    with scope.acting_as(SYSTEM):
        Organisation.objects.filter(pk=cast.places.town.pk).update(letter_mark="甬仑新工")
    assert issue(cast, "town", handled(cast, at), "acceptance", at).reference == "甬仑新工诉受〔2025〕1号"


def test_an_administrator_gives_the_mark(cast: Cast, browser_of: Browser) -> None:
    address = f"/desk/organisations/{cast.places.town.pk}"
    admin = browser_of("admin")
    assert "公文代字" in admin.get(address).content.decode()
    assert admin.post(f"{address}/letter-mark", {"letter_mark": "甬仑新工"}).status_code == 302
    with scope.acting_as(SYSTEM):
        assert Organisation.objects.get(pk=cast.places.town.pk).letter_mark == "甬仑新工"
    county = f"/desk/organisations/{cast.places.county.pk}/letter-mark"
    assert "已经由新碶街道总工会使用" in admin.post(county, {"letter_mark": "甬仑新工"}).content.decode()
    assert admin.post(county, {"letter_mark": "甬〔仑〕"}).status_code == 422
    assert browser_of("city").post(county, {"letter_mark": "甬工"}).status_code == 403


def test_the_same_number_is_never_written_twice(cast: Cast, at: datetime) -> None:
    with scope.acting_as(SYSTEM):
        Organisation.objects.filter(pk=cast.places.county.pk).update(letter_mark="新碶工")
    appeal = handled(cast, at)
    issue(cast, "town", appeal, "acceptance", at)
    with pytest.raises(NotAllowed, match="公文代字"):
        issue(cast, "county", appeal, "acceptance", at)


def test_the_same_bytes_come_again_and_every_look_is_logged(cast: Cast, at: datetime) -> None:
    appeal = handled(cast, at)
    letter = issue(cast, "town", appeal, "acceptance", at)
    first = opened(cast, "town", letter, at)
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=appeal.pk).update(title="改过的标题", employer_name="别的单位")
    assert opened(cast, "county", letter, at + timedelta(days=3)) == first
    with scope.acting_as(SYSTEM):
        looks = AccessLog.objects.filter(kind="letter.opened", subject_id=appeal.pk, reason=letter.reference)
        assert looks.count() == 2
        event = Event.objects.get(kind="letter.issued", subject_id=appeal.pk)
    assert letter.reference in event.note
    assert NAME not in event.note


@pytest.mark.parametrize("anonymous", [True, False])
def test_an_assignment_keeps_the_shield(cast: Cast, at: datetime, anonymous: bool) -> None:
    appeal = handled(cast, at, ODD, anonymous_to_employer=anonymous)
    letter = issue(cast, "county", appeal, "assignment", at, remark="三日内报告")
    said = words(opened(cast, "county", letter, at))
    assert (NAME in said, PHONE in said) == (not anonymous, not anonymous)
    assert ("本单不写姓名和电话" in said) == anonymous
    assert "{{ 7*7 }}" in said
    assert "厂里欠我 < 三个月 & 不给工资" in said
    assert "三日内报告" in said
    assert "第二十二条" in said
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="person.phone_revealed").exists() is not anonymous


def test_an_answer_says_what_came_of_it(cast: Cast, at: datetime) -> None:
    appeal = handled(cast, at)
    with scope.acting_as(cast.town.actor):
        actions.resolve_order(
            appeal_id=appeal.pk,
            result="公司已补发工资 24000 元。\n您可以来取协议。",
            amount=24000,
            by=cast.town.actor,
            at=at,
        )
    with pytest.raises(NotAllowed, match="审定以后"):
        issue(cast, "town", appeal, "answer", at)
    with scope.acting_as(cast.city.actor):
        actions.review_resolution(appeal_id=appeal.pk, approve=True, note="同意", by=cast.city.actor, at=at)
    letter = issue(cast, "town", appeal, "answer", at)
    said = words(opened(cast, "town", letter, at))
    assert letter.reference == "新碶工诉复〔2025〕1号"
    assert "公司已补发工资 24000 元。\n您可以来取协议。" in said
    assert "挽回24000元" in said
    assert "自收到本函之日起三十日内" in said
    assert "第三十四条" in said
    with pytest.raises(NotAllowed):
        issue(cast, "town", appeal, "acceptance", at)


def test_who_may_not_is_refused_before_what_cannot_be(cast: Cast, at: datetime) -> None:
    appeal = handled(cast, at)
    for who in ("hotline", "auditor"):
        with pytest.raises(NotPermitted):
            issue(cast, who, appeal, "answer", at)
    with pytest.raises(NotPermitted, match="上级派单督办"):
        issue(cast, "town", appeal, "assignment", at)
    with pytest.raises(NotFound):
        issue(cast, "outsider", appeal, "acceptance", at)
    letter = issue(cast, "town", appeal, "acceptance", at)
    with pytest.raises(NotPermitted):
        opened(cast, "auditor", letter, at)
    with pytest.raises(NotFound):
        opened(cast, "outsider", letter, at)


def test_a_zone_writes_in_the_name_of_its_town(cast: Cast, at: datetime) -> None:
    appeal = handled(cast, at, place="zone")
    letter = issue(cast, "zone", appeal, "acceptance", at)
    assert letter.organisation_id == cast.places.town.pk
    said = words(opened(cast, "zone", letter, at))
    assert "新碶街道第一片区办理" in said
    assert "请求北仑区总工会复查" in said


def test_a_file_that_was_altered_is_not_handed_out(cast: Cast, at: datetime) -> None:
    letter = issue(cast, "town", handled(cast, at), "acceptance", at)
    with scope.acting_as(SYSTEM):
        Letter.objects.filter(pk=letter.pk).update(file_digest="0" * 64)
    with pytest.raises(NotAllowed, match="存档"):
        opened(cast, "town", letter, at)


def test_the_pages_draft_issue_and_hand_out(cast: Cast, browser_of: Browser) -> None:
    appeal, town = handled(cast, times.now()), browser_of("town")
    tab = town.get(f"/desk/appeals/{appeal.code}?tab=letters").content.decode()
    assert "拟受理告知书" in tab
    assert "拟交办单" not in tab
    address = f"/desk/appeals/{appeal.code}/letters/acceptance"
    page = town.get(address).content.decode()
    assert NAME in page
    assert "〔" in page
    assert Letter.objects.count() == 0
    seen = town.post(address, {"addressee": "周小满同志", "remark": "请带工资条来", "preview": "1"}).content.decode()
    assert "周小满同志：" in seen
    assert "请带工资条来" in seen
    assert town.post(address, {"addressee": "周" * 65, "issue": "1"}).status_code == 422
    lines = "\r\n".join(["长" * 49] * 10)  # 499 signs as a browser counts them
    assert town.post(address, {"addressee": "", "remark": lines, "preview": "1"}).status_code == 200
    longer = town.post(address, {"addressee": "", "remark": "长" * 501, "preview": "1"})
    assert longer.status_code == 422
    assert "最多 500 字，现在 501 字" in longer.content.decode()
    answer = town.post(address, {"addressee": "周小满同志", "remark": "请带工资条来", "issue": "1"})
    assert answer["Location"].endswith("tab=letters#tabs")
    with scope.acting_as(SYSTEM):
        letter = Letter.objects.get()
    listed = town.get(answer["Location"]).content.decode()
    assert letter.reference in listed
    assert "周**" in listed
    file = town.get(f"/desk/appeals/{appeal.code}/letters/{letter.pk}.docx")
    assert "周小满同志：" in words(file.content)
    assert browser_of("outsider").get(address).status_code == 404
    assert browser_of("hotline").get(address).status_code == 403
    assert browser_of("town").get(f"/desk/appeals/{appeal.code}/letters/poem").status_code == 404
    assert browser_of("county").get(f"/desk/appeals/{appeal.code}/letters/answer").status_code == 409


def test_a_department_reached_by_file_gets_a_letter_and_a_sheet(cast: Cast, browser_of: Browser) -> None:
    appeal, town = handled(cast, times.now(), ODD), browser_of("town")
    town.post(f"/desk/appeals/{appeal.code}/steps/sign")
    given = {"department": cast.places.department.name, "reason": "请核查 =欠薪 情况", "partner": "file"}
    assert town.post(f"/desk/appeals/{appeal.code}/steps/hand-over", given).status_code == 302
    with scope.acting_as(SYSTEM):
        letter, handover = Letter.objects.get(kind="handover"), appeal.handovers.get()
    assert (handover.partner, handover.state) == ("file", "sent")
    page = town.get(f"/desk/appeals/{appeal.code}?tab=letters").content.decode()
    sheet = f"/desk/appeals/{appeal.code}/handovers/{handover.pk}.xlsx"
    assert sheet in page
    said = words(town.get(f"/desk/appeals/{appeal.code}/letters/{letter.pk}.docx").content)
    assert f"{cast.places.department.name}：" in said
    assert "请核查 =欠薪 情况" in said
    assert NAME in said
    assert PHONE in said
    rows = _rows(town.get(sheet).content)
    row = dict(zip(*rows, strict=True))
    assert row["转办函文号"] == letter.reference
    assert row["联系电话"] == PHONE
    assert row["请办事项"] == "请核查 =欠薪 情况"
    assert browser_of("auditor").get(sheet).status_code == 403


def _rows(content: bytes) -> list[list[str]]:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python()]


def test_the_preview_reads_what_the_letter_says(cast: Cast, at: datetime) -> None:
    letter = issue(cast, "county", handled(cast, at), "assignment", at)
    parts = {part.name: part for part in parts_of(opened(cast, "county", letter, at))}
    assert parts["head"].text == "北仑区总工会"
    assert parts["title"].text == "交办单"
    assert dict(parts["facts"].rows)["编号"] == letter.appeal.code


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("宁波市总工会", "宁波工"),
        ("北仑区总工会", "北仑工"),
        ("柴桥街道总工会", "柴桥工"),
        ("集士港镇总工会", "集士港工"),
        ("海塘精密铸造工会", "海塘精密铸造工"),
        ("工会", "工会工"),
    ],
)
def test_a_mark_follows_from_the_name(name: str, mark: str) -> None:
    assert mark_of(name) == mark
    assert mark_of(name, "甬工") == "甬工"


def test_names_and_numbers_are_taken_out_of_words() -> None:
    said = without_names("我叫周小满，电话13912345678，身份证330206199001011234，欠 12000 元", NAME)
    assert said == "我叫该职工，电话139****5678，身份证****，欠 12000 元"


@pytest.mark.parametrize(("days", "warned"), [(1, False), (60, True)])
def test_a_draft_says_when_it_would_promise_a_day_that_is_over(
    cast: Cast, browser_of: Browser, days: int, warned: bool
) -> None:
    appeal = handled(cast, times.now() - timedelta(days=days))
    page = browser_of("town").get(f"/desk/appeals/{appeal.code}/letters/acceptance")
    assert page.status_code == 200
    assert ("办结期限已经过了" in page.content.decode()) is warned
