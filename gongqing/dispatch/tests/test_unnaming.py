"""Does the erasure of one worker reach what others said of him in the same case, and nothing else of theirs?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal, Claim, GroupMember, Message, Payment
from gongqing.appeals.rules.forgetting import reading_without
from gongqing.audit import events, scope, seals, verification
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.models import Order, PaymentVoucher
from gongqing.dispatch.queries.own_data import remains_of
from gongqing.dispatch.tests.make import fresh, received
from gongqing.lib.errors import NotAllowed
from gongqing.lib.times import SHANGHAI
from gongqing.registry import actions as registry
from gongqing.registry.models import Person, Right
from tests.cast import Cast

AT = datetime(2023, 3, 2, 10, tzinfo=SHANGHAI)
PHONE, OTHER = "13900005551", "13900005552"
SHEET = {"单位": "小满五金加工（虚构）厂", "班组": "冲压班", "工作期间": "2022-08"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("周大福和周大福生，电话13900005551", "周**和周大福生，电话139****5551"),
        ("139 0000 5551、13900005552", "139****5551、13900005552"),
        ("没有谁", "没有谁"),
        ("", ""),
    ],
)
def test_only_the_one_is_masked(words: str, said: str) -> None:
    assert reading_without("周大福", numbers=[PHONE, ""], others=["周大福生"])(words) == said


def test_a_name_that_another_bears_or_that_is_none_stays() -> None:
    assert reading_without("周大福", numbers=[], others=["周大福"])("周大福") == "周大福"
    assert reading_without("周", numbers=[], others=[])("周") == "周"
    assert reading_without("", numbers=[], others=[])("周") == "周"


def person_of(appeal: Appeal) -> Person:
    with scope.acting_as(SYSTEM):
        found = Appeal.objects.select_related("person").get(pk=appeal.pk).person
        assert found is not None
        return found


@pytest.fixture
def group(cast: Cast) -> tuple[Appeal, Appeal]:
    """A lead of one worker and a part of another, who name each other wherever words are taken."""
    by, given = cast.town.actor, {"employer": cast.places.workshop.name, "by": cast.hotline.actor, "at": AT}
    with scope.acting_as(SYSTEM):
        registry.load_privacy_notice(by=SYSTEM, at=AT)
    lead = received(
        f"欠我和周大福两个月工资，他的电话{PHONE}，我的{OTHER}。", person_name="吴小满", person_phone=OTHER, **given
    )
    part = received("欠我和吴小满工资。", person_name="周大福", person_phone=PHONE, **given)
    county = cast.county.actor
    with scope.acting_as(county):
        actions.merge_appeals(lead_id=lead.pk, part_ids=[part.pk], reason="周大福说是同一批", by=county, at=AT)
    with scope.acting_as(by):
        for name, phone in (("吴小满", OTHER), ("周大福", PHONE)):
            cells = {**SHEET, "姓名": name, "手机": phone, "欠款": "8000", "依据": "周大福和吴小满作证"}
            actions.enter_claim(appeal_id=lead.pk, cells=cells, by=by, at=AT)
        pay: dict[str, Any] = {"paid_on": AT.date(), "voucher": "周大福、吴小满签收", "by": by, "at": AT}
        actions.spread_payment(appeal_id=lead.pk, amount=Decimal(1000), files=[("周大福等.pdf", b"%PDF-1.4\n1")], **pay)
        own = Claim.objects.get(person__name="周大福")
        actions.pay_claim(claim_id=own.pk, amount=Decimal(10), files=[("周大福.pdf", b"%PDF-1.4\n2")], **pay)
    with scope.acting_as(SYSTEM):
        Order.objects.filter(appeal=lead).update(note="周大福带头，吴小满也在")
        for words in ("给周大福打了电话", "已核实"):
            events.record("appeal.noted", subject=lead, by=by, at=AT, note=words)
    return lead, part


def ended(lead: Appeal, part: Appeal) -> None:
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk__in=[lead.pk, part.pk]).update(status="archived", closed_at=AT, resolved_at=AT)


def anonymised(part: Appeal, *, years: int | None = None, at: datetime = AT) -> None:
    with scope.acting_as(SYSTEM):
        actions.anonymise_person(person_id=person_of(part).pk, reason="到期", years=years, by=SYSTEM, at=at)


def test_what_is_open_together_stands_against_it(cast: Cast, group: tuple[Appeal, Appeal]) -> None:
    _, part = group
    assert fresh(part).status == "merged"
    with pytest.raises(NotAllowed, match="没有结束"):
        anonymised(part)
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=part.pk).update(status="withdrawn")
    with pytest.raises(NotAllowed, match="1 件诉求没有结束"):  # the sheet of the open lead
        anonymised(part)


def test_the_others_of_the_case_tell_of_nobody_and_keep_what_is_theirs(
    cast: Cast, group: tuple[Appeal, Appeal], django_capture_on_commit_callbacks: Any
) -> None:
    lead, part = group
    with scope.acting_as(SYSTEM):
        Message.objects.create(appeal=lead, at=AT, by_name="职工", from_worker=True, text="周大福也来过，吴小满不知道")
        vouchers = {one.name: one for one in PaymentVoucher.objects.all()}
    ended(lead, part)
    seals.seal_trace(day=AT.date(), secret=b"key", by=SYSTEM, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        anonymised(part)
    with scope.acting_as(SYSTEM):
        text = Appeal.objects.get(pk=lead.pk).text
        assert text == f"欠我和周**两个月工资，他的电话139****5551，我的{OTHER}。"
        assert appeal_queries.found_ids("周大福") == []
        assert appeal_queries.found_ids(OTHER) == [lead.pk]
        kept = [
            *Message.objects.values_list("text", flat=True),
            *Order.objects.values_list("note", flat=True),
            *GroupMember.objects.values_list("reason", flat=True),
            *Claim.objects.values_list("basis", flat=True),
            *Payment.objects.values_list("voucher", flat=True),
            *PaymentVoucher.objects.values_list("name", flat=True),
            *Event.objects.values_list("note", flat=True),
        ]
        assert "周大福" not in "".join(kept)
        assert "周**也来过，吴小满不知道" in kept
        assert "周**和吴小满作证" in kept
        assert "周**、吴小满签收" in kept
        assert "已核实" in kept
        assert person_of(lead).name == "吴小满"
        assert Claim.objects.filter(person=person_of(part)).get().owed == 8000
        noted = Event.objects.filter(kind="appeal.noted", subject_id=lead.pk).order_by("id")
        assert [(one.note, one.name) for one in noted] == [("", cast.town.actor.name), ("已核实", cast.town.actor.name)]
    assert all((Path(settings.HOME) / "sealed" / one.file_key[:2] / one.file_key).exists() for one in vouchers.values())
    assert verification.verify_trace(secret=b"key").findings == []


def test_when_the_years_are_over_the_own_vouchers_go(
    group: tuple[Appeal, Appeal], django_capture_on_commit_callbacks: Any
) -> None:
    lead, part = group
    ended(lead, part)
    with django_capture_on_commit_callbacks(execute=True):
        anonymised(part, years=3, at=AT + timedelta(days=4000))
    with scope.acting_as(SYSTEM):
        shared, own = PaymentVoucher.objects.order_by("id")
    assert (own.name, own.size, own.file_key) == (appeals.DROPPED, 0, "")
    assert (shared.name, bool(shared.file_key)) == ("周**等.pdf", True)


def test_the_officer_reads_before_what_remains(cast: Cast, group: tuple[Appeal, Appeal], browser_of: Any) -> None:
    lead, part = group
    ended(lead, part)
    with scope.acting_as(SYSTEM):
        said = "".join(remains_of(person_of(part)))
        assert ("核算表 1 笔" in said, "追回凭证 2 份" in said, "附件" in said) == (True, True, False)
        own = replace(cast.worker.actor, person_id=person_of(part).pk)
        asked = registry.ask_about_data(
            person_id=person_of(part).pk, right=Right.DELETE, wish="", due_at=AT, by=own, at=AT
        )
    page = browser_of("city").get(f"/desk/data-requests/{asked.pk}").content.decode()
    assert "删除以后还留下什么" in page
    assert "欠薪核算表 1 笔" in page
