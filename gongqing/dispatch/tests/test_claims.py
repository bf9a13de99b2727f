"""The sheet of what each worker is owed: entered, loaded, checked, corrected, recovered, and held to its readers."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongqing.appeals.models import Appeal, Claim, ClaimCorrection, Payment, Team
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import AccessLog
from gongqing.dispatch import actions
from gongqing.dispatch.queries.claims import ClaimSheet, claim_sheet, recoveries_of
from gongqing.dispatch.rules.claim_sheets import read_claims
from gongqing.dispatch.rules.claims import Owing, period_of, period_words, spread, yuan_of
from gongqing.dispatch.tests.make import fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.lib.sheets import Sheet, csv_of, read_sheets
from tests.cast import Cast

COLUMNS = ("姓名", "手机", "单位", "班组", "班组长", "工作期间", "应发", "已发", "欠款")
ROWS = (
    (
        "赵虚构",
        "13900001001",
        "小满五金加工（虚构）厂",
        "冲压班",
        "赵虚构",
        "2025-07 至 2025-09",
        "9000",
        "1000",
        "8000",
    ),
    ("钱虚构", "13900001002", "小满五金加工（虚构）厂", "冲压班", "赵虚构", "2025-07 至 2025-09", "6000", "0", "6000"),
    ("孙虚构", "", "大寒电镀（虚构）厂", "电镀班", "李虚构", "2025年8月", "", "", "3000.50"),
)


def case(cast: Cast, at: datetime) -> Appeal:
    return received(
        "厂里两个月没发工资了，欠我六千元，请工会帮我讨回来。",
        by=cast.hotline.actor,
        at=at,
        employer=cast.places.workshop.name,
    )


def loaded(
    cast: Cast, appeal: Appeal, rows: tuple[tuple[str, ...], ...] = ROWS, *, at: datetime, dry_run: bool = False
) -> Any:
    with scope.acting_as(cast.town.actor):
        return actions.load_claims(
            appeal_id=appeal.pk,
            file_name="核算表.csv",
            content=csv_of([COLUMNS, *rows]),
            by=cast.town.actor,
            at=at,
            dry_run=dry_run,
        )


def sheet(appeal: Appeal, actor: Actor) -> ClaimSheet:
    with scope.acting_as(actor):
        return claim_sheet(appeal.code, actor)


def claims(appeal: Appeal) -> list[Claim]:
    with scope.acting_as(SYSTEM):
        return list(Claim.objects.filter(appeal=appeal).select_related("team", "person").order_by("id"))


def test_a_sheet_comes_in_once(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    rehearsed = loaded(cast, appeal, at=at, dry_run=True)
    assert (rehearsed.new, rehearsed.known, rehearsed.rejects, rehearsed.owed) == (3, 0, [], Decimal("17000.50"))
    assert claims(appeal) == []
    assert loaded(cast, appeal, at=at).new == 3
    again = loaded(cast, appeal, at=at)
    assert (again.new, again.known, again.rejects) == (0, 3, [])
    found = sheet(appeal, cast.town.actor)
    assert [each.name for each in found.employers] == ["大寒电镀（虚构）厂", "小满五金加工（虚构）厂"]
    assert (found.total.people, found.total.owed, found.total.outstanding) == (
        3,
        Decimal("17000.50"),
        Decimal("17000.50"),
    )
    assert {line.name for line in found.lines} == {"赵**", "钱**", "孙**"}
    with scope.acting_as(SYSTEM):
        team = Team.objects.get(appeal=appeal, name="冲压班")
        assert team.leader_id == claims(appeal)[0].person_id


def test_bad_rows_are_named_and_the_others_come_in(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    good = ROWS[0]
    bad = (
        ("", *good[1:]),
        ("周虚构", "1390000", *good[2:]),
        ("吴虚构", "13900001004", *good[2:5], "去年", *good[6:]),
        ("郑虚构", "13900001005", *good[2:6], "100", "0", "300"),
        ("王虚构", "13900001006", *good[2:8], "-5"),
        ("王虚构", "13900001006", *good[2:8], "八千"),
        ("别的名", good[1], *good[2:]),
        (good[0], good[1], *good[2:5], "2025-09 至 2025-10", "", "", "100"),
        (*good[:8], "7999"),
        ("周*", "13900001007", *good[2:]),
    )
    result = loaded(cast, appeal, (good, *bad), at=at)
    assert result.new == 1
    assert [(each.line, each.column) for each in result.rejects] == [
        (3, "姓名"),
        (4, "手机"),
        (5, "工作期间"),
        (6, "欠款"),
        (7, "欠款"),
        (8, "欠款"),
        (9, "姓名"),
        (10, "工作期间"),
        (11, "欠款"),
        (12, "姓名"),
    ]
    assert "已有一笔" in result.rejects[7].why


def test_files_that_are_no_sheet_are_refused(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    for content, words in (
        (b"", "空的"),
        ("甲,乙\r\n1,2".encode(), "表头"),
        ("姓名,班组,欠款\r\n赵虚构,一班,5".encode(), "工作期间"),
        ("姓名,工作期间\r\n赵虚构,2025-08".encode(), "欠款"),
        (csv_of([COLUMNS]), "没有数据"),
        (b"PK\x03\x04 not a book", "打不开"),
    ):
        with pytest.raises(BadInput, match=words), scope.acting_as(cast.town.actor):
            actions.load_claims(appeal_id=appeal.pk, file_name="a.csv", content=content, by=cast.town.actor, at=at)


def test_an_excel_sheet_with_a_title_and_totals_is_read() -> None:
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, ["某工地欠薪统计表"])
    page.write_row(2, 0, ["职工姓名", "联系电话", "公司", "班组", "工作期间", "欠薪金额"])
    page.write_row(3, 0, ["赵虚构", 13900001001, "小满（虚构）厂", "木工", "2025年6月-8月", 8000.1])
    page.write_row(4, 0, ["合计", "", "", "", "", 8000.1])
    book.close()
    found = read_claims(read_sheets("a.xlsx", kept.getvalue()))
    assert found.rejects == []
    ((line, row),) = found.rows
    assert (line, row.phone, row.owed) == (4, "13900001001", Decimal("8000.10"))
    assert (row.started_on, row.ended_on) == (date(2025, 6, 1), date(2025, 8, 31))


def test_the_leader_confirms_corrects_and_disputes(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    first, second, third = claims(appeal)
    by = cast.town.actor
    with scope.acting_as(by):
        actions.check_claim(claim_id=first.pk, agreed=Decimal("7800"), reason="少算两天", by=by, at=at)
        with pytest.raises(BadInput, match="争议在哪里"):
            actions.dispute_claim(claim_id=second.pk, is_disputed=True, note="", by=by, at=at)
        actions.dispute_claim(claim_id=second.pk, is_disputed=True, note="加班没算", by=by, at=at)
        with pytest.raises(NotAllowed, match="没有还要核对的人"):
            actions.check_team(team_id=first.team_id, by=by, at=at)
        assert actions.check_team(team_id=third.team_id, by=by, at=at) == 1
    now = claims(appeal)[0]
    assert (now.owed, now.agreed, now.checked_by_name) == (Decimal(7800), Decimal(7800), by.name)
    assert now.checked_with_id == first.person_id
    with scope.acting_as(SYSTEM):
        kept = ClaimCorrection.objects.get(field="欠款")
        assert (kept.before, kept.after, kept.with_leader) == ("8000.00", "7800", True)
    total = sheet(appeal, by).total
    assert (total.checked_rows, total.disputed_rows, total.checked) == (2, 1, Decimal("10800.50"))


def test_a_correction_keeps_what_stood_there_and_asks_for_a_new_check(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    first, second, _ = claims(appeal)
    by = cast.town.actor
    with scope.acting_as(by):
        actions.check_team(team_id=first.team_id, by=by, at=at)
        cells = {"应发": "", "已发": "", "欠款": "8500", "班组": "夜班"}
        actions.correct_claim(claim_id=first.pk, cells=cells, reason="漏了一个月补贴", by=by, at=at)
        with pytest.raises(BadInput, match="没有改动"):
            actions.correct_claim(claim_id=second.pk, cells={"欠款": "6000"}, reason="看错了", by=by, at=at)
        with pytest.raises(BadInput, match="对不上"):
            actions.correct_claim(claim_id=second.pk, cells={"欠款": "1"}, reason="看错了", by=by, at=at)
        with pytest.raises(BadInput, match="为什么更正"):
            actions.correct_claim(claim_id=second.pk, cells={"欠款": "1"}, reason="", by=by, at=at)
    now = claims(appeal)[0]
    assert (now.owed, now.checked_at, now.team.name) == (Decimal(8500), None, "夜班")
    with scope.acting_as(SYSTEM):
        fields = set(ClaimCorrection.objects.values_list("field", "before"))
    assert fields == {("应发", "9000.00"), ("已发", "1000.00"), ("欠款", "8000.00"), ("班组", "冲压班")}
    assert loaded(cast, appeal, at=at).known == 3


def test_money_that_comes_back_is_shared_to_the_fen_and_can_be_taken_back(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    by, given = cast.town.actor, {"paid_on": at.date(), "voucher": "转账回单 7731", "by": cast.town.actor, "at": at}
    with scope.acting_as(by):
        assert actions.spread_payment(appeal_id=appeal.pk, amount=Decimal("10000.01"), **given) == 3
        assert sum(each.recovered for each in claims(appeal)) == Decimal("10000.01")
        with pytest.raises(BadInput, match="一共还欠"):
            actions.spread_payment(appeal_id=appeal.pk, amount=Decimal(20000), **given)
        with pytest.raises(BadInput, match="多"):
            actions.pay_claim(claim_id=claims(appeal)[0].pk, amount=Decimal(8000), **given)
        actions.pay_claim(claim_id=claims(appeal)[0].pk, amount=Decimal(8000), over_reason="含经济补偿", **given)
        with pytest.raises(NotAllowed, match="不能删去"):
            actions.remove_claim(claim_id=claims(appeal)[0].pk, reason="登记错了", by=by, at=at)
        for field, wrong in (("amount", Decimal(0)), ("paid_on", at.date() + timedelta(days=1)), ("voucher", " ")):
            with pytest.raises(BadInput) as refused:
                actions.spread_payment(appeal_id=appeal.pk, **({"amount": Decimal(1), **given} | {field: wrong}))
            assert refused.value.field == field
        batch = recoveries_of(appeal)[-1]
        assert (batch.count, batch.amount) == (3, Decimal("10000.01"))
        total = actions.cancel_payment(
            payment_id=batch.payment_id, reason="登记到别的案子了", whole_batch=True, by=by, at=at
        )
        assert total == Decimal("10000.01")
        with pytest.raises(NotAllowed, match="已经撤销"):
            actions.cancel_payment(payment_id=batch.payment_id, reason="再来一次", whole_batch=True, by=by, at=at)
    assert [each.recovered for each in claims(appeal)] == [8000, 0, 0]
    with scope.acting_as(SYSTEM):
        assert Payment.objects.count() == 4


def test_many_claims_raise_the_grade(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    assert fresh(appeal).grade == "yellow"
    rows = tuple((f"职工{number}", f"1390002{number:04}", *ROWS[0][2:4], "", *ROWS[0][5:]) for number in range(12))
    loaded(cast, appeal, rows, at=at)
    assert fresh(appeal).grade in ("orange", "red")


def test_who_may_keep_and_who_may_read(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    cells = dict(zip(COLUMNS, ROWS[0], strict=True)) | {"手机": "13900009999"}
    for who in (cast.outsider, cast.stranger):
        with pytest.raises(NotFound), scope.acting_as(who.actor):
            actions.enter_claim(appeal_id=appeal.pk, cells=cells, by=who.actor, at=at)
        with scope.acting_as(who.actor):
            assert not Claim.objects.exists()
            assert not Team.objects.exists()
    with pytest.raises(NotPermitted), scope.acting_as(cast.hotline.actor):
        actions.enter_claim(appeal_id=appeal.pk, cells=cells, by=cast.hotline.actor, at=at)
    with pytest.raises(NotPermitted), scope.acting_as(cast.hotline.actor):
        claim_sheet(appeal.code, cast.hotline.actor)
    assert sheet(appeal, cast.auditor.actor).may_keep is False
    with pytest.raises(NotPermitted), scope.acting_as(cast.auditor.actor):
        actions.check_team(team_id=claims(appeal)[0].team_id, by=cast.auditor.actor, at=at)


def test_the_zone_that_helps_checks_on_the_phone(cast: Cast, at: datetime, browser_of: Any) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    with scope.acting_as(cast.town.actor):
        actions.ask_assistance(
            appeal_id=appeal.pk, organisation_id=cast.places.zone.pk, note="到厂里核对", by=cast.town.actor, at=at
        )
    first = claims(appeal)[0]
    browser, page = browser_of("zone"), f"/desk/groups/{appeal.code}/teams/{first.team_id}"
    assert "赵虚构" not in browser.get(page).content.decode()
    assert browser.post(page, {"deed": "look", "reason": "看"}).status_code == 422
    body = browser.post(page, {"deed": "look", "reason": "到厂里和班组长核对"}).content.decode()
    assert "赵虚构" in body, body[body.index("<main") :][:3000]
    answer = browser.post(
        f"{page}/claims/{first.pk}",
        {"deed": "check", "agreed": "7900", "reason": "少一天"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert "已核对" in answer.content.decode()
    assert claims(appeal)[0].owed == 7900
    assert "其余都无误" in browser.get(page).content.decode()
    assert browser.post(page, {"deed": "all"}).status_code in (200, 302)
    assert "其余都无误" not in browser.get(page).content.decode()
    wrong = browser.post(f"{page}/claims/{first.pk}", {"deed": "check", "agreed": "-1"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    with scope.acting_as(SYSTEM):
        look = AccessLog.objects.get(kind="claims.revealed")
        assert (look.reason, look.count, look.user_id) == ("到厂里和班组长核对", 2, cast.zone.user_id)


def test_the_pages_of_a_sheet(cast: Cast, at: datetime, browser_of: Any) -> None:
    appeal = case(cast, at)
    browser, page = browser_of("town"), f"/desk/groups/{appeal.code}"
    assert "还没有登记谁被欠了多少" in browser.get(page).content.decode()
    cells = {"name": "赵虚构", "employer": "小满厂", "period": "2025-08", "owed": "8,000"}
    assert browser.post(f"{page}/claims", cells | {"period": "上个月"}).status_code == 422
    assert browser.post(f"{page}/claims", cells).status_code == 302
    upload = io.BytesIO(csv_of([COLUMNS, *ROWS, ("", *ROWS[0][1:])]))
    upload.name = "核算表.csv"
    tried = browser.post(f"{page}/load", {"file": upload})
    assert tried.status_code == 200
    assert len(claims(appeal)) == 1
    sealed = tried.context["sealed"]
    assert browser.post(f"{page}/load", {"sealed": sealed[:-8], "file_name": "a.csv"}).status_code == 422
    assert browser.post(f"{page}/load", {"sealed": sealed, "file_name": "a.csv"}).status_code == 302
    assert len(claims(appeal)) == 4
    first = claims(appeal)[0]
    row = f"{page}/claims/{first.pk}"
    assert browser.get(row, headers={"HX-Request": "true"}).status_code == 200
    over = {"deed": "pay", "amount": "9000", "paid_on": "2025-10-10", "voucher": "现金"}
    assert browser.post(row, over, headers={"HX-Request": "true"}).status_code == 422
    paid = browser.post(row, over | {"amount": "1000"}, headers={"HX-Request": "true"})
    assert paid.status_code == 200
    assert 'id="totals"' in paid.content.decode()
    sum_given = {"part": "all", "amount": "500", "way": "equal", "paid_on": "2025-10-10", "voucher": "回单"}
    assert browser.post(f"{page}/spread", sum_given | {"amount": "9999999"}).status_code == 422
    assert browser.post(f"{page}/spread", sum_given).status_code == 302
    look = {"reason": "去工地签字", "deed": "print"}
    assert browser.post(f"{page}/look", {"reason": "", "deed": "print"}).status_code == 422
    assert "赵虚构" in browser.post(f"{page}/look", look).content.decode()
    table = browser.post(f"{page}/look", look | {"deed": "export"})
    assert table.content.startswith(b"PK")
    again = read_claims(read_sheets("a.xlsx", table.content))
    assert (len(again.rows), again.rejects) == (4, [])
    for who, status in (("hotline", 403), ("outsider", 404), ("admin", 403)):
        assert browser_of(who).get(page).status_code == status


def test_merging_on_the_desk_and_through_the_api(cast: Cast, at: datetime, browser_of: Any, api_of: Any) -> None:
    lead, part, other = case(cast, at), case(cast, at), case(cast, at)
    browser = browser_of("town")
    listed = browser.get("/desk/groups").content.decode()
    assert "可能是同一件" in listed
    preview = browser.get("/desk/groups/merge", {"lead": lead.code, "part": f"{part.code}，{other.code}"})
    assert "并成一件" in preview.content.decode()
    wrong = browser.get("/desk/groups/merge", {"lead": lead.code, "part": f"{part.code}\nGQ12"})
    assert wrong.status_code == 422
    assert "GQ12：诉求编号应为" in wrong.content.decode()
    given = {"lead": lead.code, "part": [part.code, other.code]}
    assert browser.post("/desk/groups/merge/confirm", given).status_code == 422
    assert browser.post("/desk/groups/merge/confirm", given | {"reason": "同一批工资"}).status_code == 302
    assert fresh(part).status == "merged"
    sheet = browser.get(f"/desk/groups/{lead.code}").content.decode()
    assert "尚未登记" in sheet
    assert "3 件诉求" in sheet
    assert "拆出" in browser.get(f"/desk/appeals/{part.code}?tab=group").content.decode()
    out = {"part": part.code, "reason": "不是同一个老板"}
    assert browser.post(f"/desk/groups/{lead.code}/unmerge", out | {"reason": ""}).status_code == 422
    assert browser.post(f"/desk/groups/{lead.code}/unmerge", out).status_code == 302
    assert fresh(part).status == "dispatched"
    assert browser.post(f"/desk/groups/{lead.code}/unmerge", out).status_code == 409
    api = api_of("town")
    url = f"/api/v1/appeals/{lead.code}"
    merged = api.post(f"{url}/merge", {"parts": [part.code], "reason": "同一批工资"}, "application/json")
    assert merged.status_code == 200
    found = api.get(f"{url}/group").json()
    assert {each["code"] for each in found["parts"]} == {part.code, other.code}
    assert api.get(f"/api/v1/appeals/{part.code}/group").json()["lead"] == lead.code
    assert api.post(f"{url}/unmerge", {"part": lead.code, "reason": "错了"}, "application/json").status_code == 404
    assert api.post(f"{url}/unmerge", {"reason": "都拆开"}, "application/json").status_code == 200
    assert (fresh(part).status, fresh(other).status) == ("dispatched", "dispatched")
    assert api.post(f"{url}/merge", {"parts": [], "reason": "x"}, "application/json").status_code == 422
    assert api_of("zone").post(
        f"{url}/merge", {"parts": [part.code], "reason": "同一批"}, "application/json"
    ).status_code in (403, 404)


def test_a_worker_reads_the_own_sum_alone(cast: Cast, at: datetime, browser_of: Any) -> None:
    lead = case(cast, at)
    part = received(
        "欠我两个月工资八千元，请帮我讨回来。", by=cast.worker.actor, at=at, employer=cast.places.workshop.name
    )
    with scope.acting_as(cast.county.actor):
        actions.merge_appeals(lead_id=lead.pk, part_ids=[part.pk], reason="同一批工资", by=cast.county.actor, at=at)
    own = ("虚构职工", cast.worker.phone, *ROWS[0][2:8], "8000")
    assert loaded(cast, lead, (own, ROWS[1]), at=at).new == 2
    page = browser_of("worker").get(f"/a/{part.code}").content.decode()
    assert "8,000 元" in page
    assert "6,000 元" not in page
    assert "并在一起办" in page
    assert "答复您" in page


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    owed=st.lists(st.tuples(st.integers(0, 900_000), st.integers(0, 900_000)), min_size=1, max_size=12),
    share=st.fractions(0, 1, max_denominator=1000),
    equally=st.booleans(),
)
def test_shares_add_up_to_the_fen(owed: list[tuple[int, int]], share: Any, equally: bool) -> None:
    rows = [
        Owing(number, number, Decimal(all_of) / 100, Decimal(min(all_of, back)) / 100)
        for number, (all_of, back) in enumerate(owed)
    ]
    owing = sum((row.outstanding for row in rows), Decimal(0))
    total = (owing * share.numerator / share.denominator).quantize(Decimal("0.01"))
    if not 0 < total <= owing:
        return
    shares = spread(total, rows, equally=equally)
    assert sum(shares.values()) == total
    left = {row.id: row.outstanding for row in rows}
    assert all(Decimal(0) < amount <= left[number] for number, amount in shares.items())
    assert all(amount == amount.quantize(Decimal("0.01")) for amount in shares.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2025-06 至 2025-08", "2025年6月至8月"),
        ("2025年6月-8月", "2025年6月至8月"),
        ("2025.6.1～2025.8.15", "2025年6月1日至2025年8月15日"),
        ("2024年11月到2025年2月", "2024年11月至2025年2月"),
        ("2025-07", "2025年7月"),
        ("2025-07-01", "2025年7月"),
        ("2025-07-01 至 2025-09-30", "2025年7月至9月"),
    ],
)
def test_periods_as_people_write_them(text: str, words: str) -> None:
    assert period_words(*period_of(text)) == words


@pytest.mark.parametrize("text", ["", "去年", "2025-13", "2025-08 至 2025-06", "2025-06 至 07 至 08", "1890-01"])
def test_periods_that_are_none(text: str) -> None:
    with pytest.raises(BadInput):
        period_of(text)


@given(st.text(max_size=30))
def test_any_text_is_an_amount_or_a_refusal(text: str) -> None:
    with suppress(BadInput):
        amount = yuan_of(text, field="欠款", name="欠款")
        assert amount is None or (amount >= 0 and amount == amount.quantize(Decimal("0.01")))


@given(st.lists(st.lists(st.text(max_size=12), max_size=12), max_size=6))
def test_any_table_is_read_or_refused(rows: list[list[str]]) -> None:
    with suppress(BadInput):
        found = read_claims([Sheet("表", rows)])
        assert len(found.rows) + len(found.rejects) <= len(rows)
