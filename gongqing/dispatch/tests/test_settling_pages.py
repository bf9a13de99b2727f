"""Do the pages of the lists to settle say what happened, and does every number lead to its entries?"""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog
from gongqing.dispatch.models import EntryDocument, ListEntry, SettlingList
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.lib import times

PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DUE = (times.now() + timedelta(days=20)).date()
EVIDENCE = "双方签了调解协议，拖欠的工资已全部到账。"


@pytest.fixture
def county(browser_of):
    return browser_of("county")


def opened(browser, title="欠薪清单（第四季度）", kind="wages"):
    answer = browser.post("/desk/lists/new", {"title": title, "kind": kind, "due_on": DUE.isoformat()})
    assert answer.status_code == 302, answer.content.decode()
    return int(answer["Location"].rsplit("/", 1)[1])


def with_matter(browser, list_id, *, title="某工地班组工资没有结清，人社局移送", to="新碶街道总工会"):
    answer = browser.post(f"/desk/lists/{list_id}/matters", {"title": title, "organisation": to})
    assert answer.status_code == 302, answer.content.decode()
    with scope.acting_as(SYSTEM):
        return ListEntry.objects.order_by("-id").first().pk


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_list_is_opened_filled_claimed_and_struck_off(county, browser_of):
    list_id = opened(county)
    entry_id = with_matter(county, list_id)
    assert "某工地班组工资没有结清" in words(county.get(f"/desk/lists/{list_id}"))
    town = browser_of("town")
    assert "报请销号" in words(town.get(f"/desk/lists/entries/{entry_id}"))
    sent = {
        "evidence": EVIDENCE,
        "helped_count": "12",
        "recovered_amount": "86,400.50",
        "documents": SimpleUploadedFile("回单.pdf", PAPER),
    }
    assert town.post(f"/desk/lists/entries/{entry_id}/claim", sent).status_code == 302
    waiting = words(town.get(f"/desk/lists/entries/{entry_id}"))
    assert "等北仑区总工会核对。" in waiting, "nobody of the town is of the keeper"
    with scope.acting_as(SYSTEM):
        document = EntryDocument.objects.get(entry_id=entry_id)
    answer = county.get(f"/desk/lists/entries/{entry_id}/files/{document.pk}")
    assert (answer.content, answer["X-Content-Type-Options"]) == (PAPER, "nosniff")
    assert answer["Content-Disposition"].startswith("attachment")
    assert county.post(f"/desk/lists/entries/{entry_id}/strike-off", {}).status_code == 302
    page = words(county.get(f"/desk/lists?year={times.now().year}"))
    assert "86,400.50" in page
    assert "北仑区总工会" in page
    entries = words(county.get(f"/desk/lists/entries?year={times.now().year}&show=struck_off"))
    assert "1 项" in entries


def test_a_list_is_offered_to_be_closed_when_nothing_is_left(county, browser_of):
    list_id = opened(county)
    entry_id = with_matter(county, list_id)
    page = words(county.get(f"/desk/lists/{list_id}"))
    assert "还有 1 项没有销号" in page
    assert "收尾</button>" not in county.get(f"/desk/lists/{list_id}").content.decode()
    assert county.post(f"/desk/lists/entries/{entry_id}/withdraw", {"reason": "和别的重复了"}).status_code == 302
    assert "全部销号，收尾</button>" in county.get(f"/desk/lists/{list_id}").content.decode()


def test_a_refused_claim_says_what_became_of_its_files(county, browser_of):
    entry_id = with_matter(county, opened(county))
    sent = {"evidence": "", "helped_count": "12", "recovered_amount": "1"}
    path, town = f"/desk/lists/entries/{entry_id}/claim", browser_of("town")
    assert "要重新选" not in words(town.post(path, sent))
    refused = town.post(path, {**sent, "documents": SimpleUploadedFile("回单.pdf", PAPER)})
    assert refused.status_code == 422
    assert "附件没有留下，要重新选。" in words(refused)


def test_every_number_of_the_totals_leads_to_as_many_entries(county):
    list_id = opened(county)
    for number in range(3):
        with_matter(county, list_id, title=f"第 {number} 件平台外移送来的事情")
    page = county.get("/desk/lists").content.decode()
    numbers = re.findall(r'<td class="n"><a(?: class="late")? href="(/desk/lists/entries\?[^"]*)">(\d+)</a>', page)
    assert numbers
    for address, shown in numbers:
        found = re.search(
            r'<span class="small muted">(\d+) 项', county.get(address.replace("&amp;", "&")).content.decode()
        )
        assert found is not None
        assert found[1] == shown, address


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"title": "清单", "kind": "wages", "due_on": DUE.isoformat()}, "4 到 100 个字"),
        ({"title": "欠薪清单一", "kind": "wages", "due_on": "2020-01-01"}, "不能早于建立日期"),
        ({"title": "欠薪清单一", "kind": "", "due_on": DUE.isoformat()}, "请选种类。"),
        ({"title": "欠薪清单一", "kind": "wages", "due_on": "明天"}, "有效的日期"),
    ],
)
def test_a_wrong_list_comes_back_with_what_was_typed(county, sent, told):
    answer = county.post("/desk/lists/new", sent)
    assert answer.status_code == 422
    assert told in words(answer)
    assert f'value="{sent["title"]}"' in answer.content.decode()


def test_a_wrong_claim_comes_back_with_what_was_typed(county, browser_of):
    entry_id = with_matter(county, opened(county))
    sent = {"evidence": EVIDENCE, "helped_count": "十二", "recovered_amount": "86400"}
    answer = browser_of("town").post(f"/desk/lists/entries/{entry_id}/claim", sent)
    assert answer.status_code == 422
    assert "帮助人数要填整数" in words(answer)
    assert 'value="86400"' in answer.content.decode()


def test_a_claim_without_a_file_says_why_there_is_none(county, browser_of):
    entry_id = with_matter(county, opened(county))
    town = browser_of("town")
    sent = {"evidence": EVIDENCE, "helped_count": "2", "recovered_amount": "86400"}
    answer = town.post(f"/desk/lists/entries/{entry_id}/claim", sent)
    assert answer.status_code == 422
    assert "请传至少一份材料" in words(answer)
    assert "材料 （选填）" not in words(answer)
    answer = town.post(f"/desk/lists/entries/{entry_id}/claim", {**sent, "no_documents": "settled_on_the_spot"})
    assert answer.status_code == 302
    assert "没有材料的原因：当面结清、当场解决" in words(county.get(f"/desk/lists/entries/{entry_id}"))
    county.post(f"/desk/lists/entries/{entry_id}/send-back", {"reason": "再找找有没有转账记录"})
    page = town.get(f"/desk/lists/entries/{entry_id}").content.decode()
    assert f">\n{EVIDENCE}</textarea>" in page
    assert '<option value="settled_on_the_spot" selected>' in page


def test_wrong_persons_and_states(county, browser_of):
    list_id = opened(county)
    entry_id = with_matter(county, list_id)
    town, outsider = browser_of("town"), browser_of("outsider")
    assert (
        town.post(f"/desk/lists/{list_id}/matters", {"title": "又一件移送来的事情", "organisation": "T1"}).status_code
        == 403
    )
    assert town.get("/desk/lists/new").status_code == 403
    assert town.get(f"/desk/lists/{list_id}/pick").status_code == 403
    assert town.post(f"/desk/lists/entries/{entry_id}/strike-off", {}).status_code == 403
    assert outsider.get(f"/desk/lists/{list_id}").status_code == 404
    assert outsider.get(f"/desk/lists/entries/{entry_id}").status_code == 404
    assert outsider.post(f"/desk/lists/entries/{entry_id}/claim", {}).status_code == 404
    assert county.post(f"/desk/lists/entries/{entry_id}/strike-off", {}).status_code == 409
    assert county.post(f"/desk/lists/{list_id}/closing", {"press": "close"}).status_code == 409
    assert county.post(f"/desk/lists/entries/{entry_id}/burn", {}).status_code == 404
    assert browser_of("admin").get("/desk/lists").status_code == 403
    assert browser_of("hotline").get("/desk/lists").status_code == 403


def test_appeals_are_picked_by_a_filter_after_they_were_seen(cast, county):
    for _ in range(2):
        received(WAGES, by=cast.worker.actor, at=times.now(), employer=cast.places.factory.name)
    list_id = opened(county)
    page = county.get(f"/desk/lists/{list_id}/pick?employer=海塘&standing=open")
    assert "还没列入的 2 件" in words(page)
    sent = {"employer": "海塘", "standing": "open", "expected": "5"}
    answer = county.post(f"/desk/lists/{list_id}/pick", sent)
    assert answer.status_code == 409
    assert "刚才看到 5 件" in words(answer)
    assert county.post(f"/desk/lists/{list_id}/pick", sent | {"expected": "2"}).status_code == 302
    with scope.acting_as(SYSTEM):
        assert ListEntry.objects.filter(list_id=list_id).count() == 2
    assert county.post(f"/desk/lists/{list_id}/pick", {"standing": "open", "expected": "2"}).status_code == 422


def test_one_appeal_is_put_on_a_list_from_its_page(cast, county):
    appeal = received(WAGES, by=cast.worker.actor, at=times.now(), employer=cast.places.factory.name)
    list_id = opened(county)
    assert f"/desk/appeals/{appeal.code}/lists" in county.get(f"/desk/appeals/{appeal.code}").content.decode()
    answer = county.post(f"/desk/appeals/{appeal.code}/lists", {"on_list": list_id, "due_on": "2020-01-01"})
    assert answer.status_code == 422
    assert "不能早于建立日期" in words(answer)
    assert county.post(f"/desk/appeals/{appeal.code}/lists", {"on_list": list_id}).status_code == 302
    page = words(county.get(f"/desk/appeals/{appeal.code}"))
    assert "第 1 项" in page
    assert "列入清单" in page  # in the timeline now


def test_the_table_is_a_safe_workbook(county, browser_of):
    list_id = opened(county)
    with_matter(county, list_id, title="=HYPERLINK(1,2) 某工地移送来的事情")
    answer = county.get(f"/desk/lists/entries.xlsx?list={list_id}")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows[0][0].startswith("清单销号（清单：")
    assert rows[2][5] == "事由"
    assert rows[3][5] == "=HYPERLINK(1,2) 某工地移送来的事情"
    assert browser_of("grassroots").get("/desk/lists/entries.xlsx").status_code == 403


def test_all_that_is_wrong_with_a_claim_is_named_at_once(county, browser_of):
    entry_id = with_matter(county, opened(county))
    given = {"evidence": "已办好", "helped_count": "三个", "recovered_amount": "一万"}
    page = words(browser_of("town").post(f"/desk/lists/entries/{entry_id}/claim", given))
    for named in ("至少 10 个字", "要填整数", "要填数字", "请传至少一份材料"):
        assert named in page, named
    page = words(browser_of("town").post(f"/desk/lists/entries/{entry_id}/claim", {"helped_count": "三个"}))
    for named in ("要填整数", "请传至少一份材料"):
        assert named in page, named
    with scope.acting_as(SYSTEM):
        assert ListEntry.objects.get(pk=entry_id).state == "open"


def test_all_that_is_wrong_with_a_list_is_named_at_once(county):
    page = words(county.post("/desk/lists/new", {"title": "短", "kind": "wages"}))
    assert "名称要写 4 到 100 个字" in page
    assert page.count("请填") + page.count("必填") + page.count("请写") >= 1
    wrong = words(county.post(f"/desk/lists/{opened(county)}/matters", {"title": "短", "organisation": "没有的单位"}))
    assert "事由要写" in wrong
    assert "没有这个单位" in wrong


def test_a_table_names_its_filters_as_the_page_does(county):
    opened(county)
    county.get("/desk/lists/entries.xlsx?year=2026&kind=wages&county=departments&show=struck_off")
    county.get("/desk/lists/entries.xlsx?kind=no&show=no&county=no")
    with scope.acting_as(SYSTEM):
        told = list(AccessLog.objects.filter(kind="list.exported").order_by("id").values_list("reason", flat=True))
    assert told == ["清单销号（年份：2026，种类：欠薪，区县：横向部门，状态：已销号）", "清单销号，全部"]


def test_filters_that_cannot_be_ask_for_nothing(county):
    opened(county)
    for query in (
        "year=abc",
        "year=99999999999",
        "kind=x",
        "county=zzz",
        "show=zzz",
        "list=0",
        "page=-1",
        "page=999999999",
    ):
        status = county.get(f"/desk/lists/entries?{query}").status_code
        assert status == (404 if query == "list=0" else 200), query


def test_another_name_and_day_are_kept(county):
    list_id = opened(county)
    later = (DUE + timedelta(days=5)).isoformat()
    assert county.post(f"/desk/lists/{list_id}/terms", {"title": "改了名的清单", "due_on": later}).status_code == 302
    assert county.post(f"/desk/lists/{list_id}/terms", {"title": "改", "due_on": later}).status_code == 422
    with scope.acting_as(SYSTEM):
        found = SettlingList.objects.get(pk=list_id)
    assert (found.title, found.due_on) == ("改了名的清单", date.fromisoformat(later))
