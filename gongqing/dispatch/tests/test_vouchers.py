"""The files that prove what came back: kept sealed, read by readers of the sheet alone, and going along with a part."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from gongqing.appeals.models import Appeal, Payment
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions
from gongqing.dispatch.actions import proving, sealing, striking_off
from gongqing.dispatch.models import EntryDocument, PaymentVoucher
from gongqing.dispatch.models.sealed import SealedDocument
from gongqing.dispatch.queries.claims import claim_sheet, recoveries_of, voucher_numbered
from gongqing.dispatch.tests.make import received
from gongqing.dispatch.tests.test_claims import ROWS, case, claims, loaded
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from tests.cast import Cast

PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
OTHER = PAPER + b"%2\n"


def paid(cast: Cast, appeal: Appeal, at: datetime, *, files: Any = (), amount: int = 100) -> int:
    """A sum on the first claim; the number of its payment."""
    with scope.acting_as(cast.town.actor):
        return actions.pay_claim(
            claim_id=claims(appeal)[0].pk,
            amount=Decimal(amount),
            paid_on=at.date(),
            voucher="转账回单 7731",
            files=files,
            by=cast.town.actor,
            at=at,
        ).pk


def vouchers(appeal: Appeal) -> list[PaymentVoucher]:
    with scope.acting_as(SYSTEM):
        return list(PaymentVoucher.objects.filter(appeal=appeal).order_by("id"))


def proofs(cast: Cast, appeal: Appeal) -> list[str]:
    with scope.acting_as(cast.town.actor):
        return [line.proof for line in claim_sheet(appeal.code, cast.town.actor).lines]


def test_a_voucher_is_kept_sealed_once_and_opened_on_record(cast: Cast, at: datetime) -> None:
    appeal, by = case(cast, at), cast.town.actor
    loaded(cast, appeal, at=at)
    number = paid(cast, appeal, at, files=[("..\\..\\回单.pdf", PAPER)])
    (kept,) = vouchers(appeal)
    assert (kept.name, kept.media_type, kept.size) == ("回单.pdf", "application/pdf", len(PAPER))
    assert PAPER not in (Path(settings.HOME) / "sealed" / kept.file_key[:2] / kept.file_key).read_bytes()
    with scope.acting_as(by):
        again: dict[str, Any] = {"payment_id": number, "by": by, "at": at}
        assert actions.add_vouchers(files=[("又一次.pdf", PAPER)], **again) == 0
        assert actions.add_vouchers(files=[("签收表.pdf", OTHER)], **again) == 1
        assert actions.open_voucher(code=appeal.code, voucher_id=kept.pk, by=by, at=at) == (kept, PAPER)
        (line,) = recoveries_of(appeal)
    assert ([each.name for each in line.vouchers], line.proof) == (["回单.pdf", "签收表.pdf"], "")
    with scope.acting_as(SYSTEM):
        look = AccessLog.objects.get(kind="voucher.opened")
        assert (look.subject_id, look.reason, look.user_id) == (appeal.pk, "回单.pdf", by.user_id)
        assert Event.objects.filter(kind="appeal.voucher_kept", subject_id=appeal.pk).count() == 2


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("病毒.exe", b"MZ\x90\x00")], "病毒.exe.*只能上传"),
        ([("空.pdf", b"")], "是空的"),
        ([("大.pdf", PAPER + b" " * 10 * 1024 * 1024)], "太大"),
        ([(f"{number}.pdf", PAPER + b"%" * number) for number in range(10)], "最多 9 份"),
    ],
)
def test_what_is_no_voucher_is_refused_with_the_whole_sum(cast: Cast, at: datetime, files: Any, words: str) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    with pytest.raises(BadInput, match=words) as refused:
        paid(cast, appeal, at, files=files)
    assert refused.value.field == "vouchers"
    assert claims(appeal)[0].recovered == 0
    with scope.acting_as(SYSTEM):
        assert not PaymentVoucher.objects.exists()
        assert not Payment.objects.exists()


def test_only_readers_of_the_sheet_open_it_and_only_keepers_add(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    number = paid(cast, appeal, at, files=[("回单.pdf", PAPER)])
    (kept,) = vouchers(appeal)
    with scope.acting_as(cast.auditor.actor):
        assert voucher_numbered(appeal.code, kept.pk, cast.auditor.actor) == kept
    for who, refusal in ((cast.outsider, NotFound), (cast.stranger, NotPermitted), (cast.hotline, NotPermitted)):
        with pytest.raises(refusal), scope.acting_as(who.actor):
            actions.open_voucher(code=appeal.code, voucher_id=kept.pk, by=who.actor, at=at)
    for who in (cast.outsider, cast.stranger, cast.worker):
        with scope.acting_as(who.actor):
            assert not PaymentVoucher.objects.exists()
        with pytest.raises((NotFound, NotPermitted)), scope.acting_as(who.actor):
            actions.add_vouchers(payment_id=number, files=[("x.pdf", OTHER)], by=who.actor, at=at)
    other = case(cast, at)
    with pytest.raises(NotFound), scope.acting_as(cast.town.actor):
        actions.open_voucher(code=other.code, voucher_id=kept.pk, by=cast.town.actor, at=at)


def test_a_cancelled_sum_takes_no_more_files(cast: Cast, at: datetime) -> None:
    appeal, by = case(cast, at), cast.town.actor
    loaded(cast, appeal, at=at)
    number = paid(cast, appeal, at)
    with scope.acting_as(by):
        actions.cancel_payment(payment_id=number, reason="登记错了", by=by, at=at)
        with pytest.raises(NotAllowed, match="已经撤销"):
            actions.add_vouchers(payment_id=number, files=[("x.pdf", PAPER)], by=by, at=at)
        with pytest.raises(BadInput, match="请选"):
            actions.add_vouchers(payment_id=number, files=[], by=by, at=at)


def test_rows_say_whether_files_prove_them(cast: Cast, at: datetime) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    assert proofs(cast, appeal) == ["", "", ""]
    paid(cast, appeal, at)
    assert sorted(proofs(cast, appeal)) == ["", "", "无凭证"]
    number = paid(cast, appeal, at, files=[("回单.pdf", PAPER)])
    assert sorted(proofs(cast, appeal)) == ["", "", "部分有凭证"]
    with scope.acting_as(cast.town.actor):
        first = recoveries_of(appeal)[-1]
        assert first.proof == "无凭证文件"
        given: dict[str, Any] = {"by": cast.town.actor, "at": at}
        actions.add_vouchers(payment_id=first.payment_id, files=[("回单.pdf", PAPER)], **given)
        assert sorted(proofs(cast, appeal)) == ["", "", "有凭证"]
        actions.cancel_payment(payment_id=number, reason="登记错了", **given)
    assert sorted(proofs(cast, appeal)) == ["", "", "有凭证"]


def test_a_voucher_leaves_with_a_part_only_if_it_names_nobody_else(cast: Cast, at: datetime) -> None:
    lead = case(cast, at)
    part = received(
        "欠我两个月工资八千元，请帮我讨回来。", by=cast.worker.actor, at=at, employer=cast.places.workshop.name
    )
    with scope.acting_as(cast.county.actor):
        actions.merge_appeals(lead_id=lead.pk, part_ids=[part.pk], reason="同一批工资", by=cast.county.actor, at=at)
    own = ("虚构职工", cast.worker.phone, *ROWS[0][2:8], "8000")
    assert loaded(cast, lead, (own, ROWS[1]), at=at).new == 2
    by = cast.town.actor
    alone = paid(cast, lead, at, files=[("单人.pdf", PAPER)])
    with scope.acting_as(by):
        given: dict[str, Any] = {"paid_on": at.date(), "voucher": "现场发放表", "by": by, "at": at}
        actions.spread_payment(appeal_id=lead.pk, amount=Decimal(1000), files=[("发放表.pdf", OTHER)], **given)
    assert [each.name for each in vouchers(lead)] == ["单人.pdf", "发放表.pdf"]
    with scope.acting_as(cast.county.actor):
        actions.unmerge_appeal(part_id=part.pk, reason="单独办", by=cast.county.actor, at=at)
    assert [each.name for each in vouchers(part)] == ["单人.pdf"]
    assert [each.name for each in vouchers(lead)] == ["发放表.pdf"]
    with scope.acting_as(by):
        shared, own_sum = recoveries_of(part)
        assert (own_sum.payment_id, own_sum.proof, shared.proof) == (alone, "", "凭证在并案时的主件里")
        assert shared.vouchers == []
        with pytest.raises(NotAllowed, match="在那一件里补"):
            actions.add_vouchers(payment_id=shared.payment_id, files=[("x.pdf", PAPER)], by=by, at=at)
        with pytest.raises(NotFound):
            voucher_numbered(part.code, vouchers(lead)[0].pk, by)
    assert proofs(cast, part) == ["有凭证"]
    with scope.acting_as(cast.county.actor):
        actions.merge_appeals(lead_id=lead.pk, part_ids=[part.pk], reason="同一批工资", by=cast.county.actor, at=at)
    assert (len(vouchers(lead)), vouchers(part)) == (2, [])


def test_the_api_and_the_paper_to_sign_tell_of_them(cast: Cast, at: datetime, browser_of: Any, api_of: Any) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    paid(cast, appeal, at, files=[("张三的回单.pdf", PAPER)])
    paid(cast, appeal, at)
    answer = api_of("town").get(f"/api/v1/appeals/{appeal.code}/group")
    assert "张三" not in answer.content.decode()
    bare, proven = answer.json()["recoveries"]
    (kept,) = vouchers(appeal)
    assert [(each["id"], each["media_type"], each["size"]) for each in proven["vouchers"]] == [
        (kept.pk, "application/pdf", len(PAPER))
    ]
    assert (bare["vouchers"], bare["without_file"], proven["without_file"]) == ([], "无凭证文件", "")
    look = {"reason": "去工地签字", "deed": "print"}
    paper = browser_of("town").post(f"/desk/groups/{appeal.code}/look", look).content.decode()
    assert "追回凭证" in paper
    assert "部分有凭证" in paper


def test_the_sheet_takes_shows_and_exports_them(cast: Cast, at: datetime, browser_of: Any) -> None:
    appeal = case(cast, at)
    loaded(cast, appeal, at=at)
    browser, page = browser_of("town"), f"/desk/groups/{appeal.code}"
    row = f"{page}/claims/{claims(appeal)[0].pk}"
    pay = {"deed": "pay", "amount": "100", "paid_on": at.date().isoformat(), "voucher": "回单 1"}
    wrong = browser.post(row, {**pay, "vouchers": SimpleUploadedFile("病毒.exe", b"MZ\x90\x00")})
    assert (wrong.status_code, "病毒.exe" in wrong.content.decode()) == (422, True)
    assert browser.post(row, {**pay, "vouchers": SimpleUploadedFile("回单.pdf", PAPER)}).status_code == 302
    spread = {"part": "all", "way": "share", **pay, "vouchers": [SimpleUploadedFile("发放表.pdf", OTHER)]}
    assert browser.post(f"{page}/spread", spread).status_code == 302
    body = browser.get(page).content.decode()
    assert "回单.pdf" in body
    assert "发放表.pdf" in body
    with scope.acting_as(SYSTEM):
        kept = PaymentVoucher.objects.get(name="回单.pdf")
        number = Payment.objects.filter(batch=kept.batch).get().pk
    answer = browser.get(f"{page}/vouchers/{kept.pk}")
    assert (answer.content, answer["X-Content-Type-Options"]) == (PAPER, "nosniff")
    assert answer["Content-Disposition"].startswith("attachment")
    for given, status in (({}, 422), ({"vouchers": SimpleUploadedFile("再.pdf", PAPER + b"%3")}, 302)):
        assert browser.post(f"{page}/payments/{number}/vouchers", given).status_code == status
    assert len(vouchers(appeal)) == 3
    file = browser.post(f"{page}/look", {"reason": "报上级核对", "deed": "export"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    place = rows[2].index("追回凭证")
    assert [each[place] for each in rows[3:]] == ["有凭证", "有凭证", "有凭证"]


def test_every_sealed_file_has_one_shape_and_one_keeper() -> None:
    assert set(SealedDocument.__subclasses__()) == {EntryDocument, PaymentVoucher}
    for module in (proving, striking_off):
        assert module.keep_files is sealing.keep_files
        assert not hasattr(module, "crypto"), "it seals nothing by itself"
