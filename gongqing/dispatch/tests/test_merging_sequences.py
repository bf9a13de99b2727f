"""Whatever is merged, written, owed and taken out again, in whatever order: nothing and nobody is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Access, Appeal, Attachment, Claim, Message
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.actions.submitting import holder_of_code
from gongqing.dispatch.models import Order
from gongqing.dispatch.tests.make import fresh
from gongqing.dispatch.tests.test_merging import brought, merge, standing, unmerge
from gongqing.lib.errors import NotAllowed
from tests.cast import Cast

PHONES = ("13900000001", "13900000002", "13900000003")
STEPS = st.lists(
    st.tuples(st.sampled_from(["merge", "unmerge", "write", "attach", "owe", "sign"]), st.integers(0, 2)), max_size=9
)


class Told:
    """What has been put in so far, and how each part stood when it was merged."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.files = 0
        self.owed = Decimal(0)
        self.before: dict[int, dict[str, Any]] = {}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_nothing_is_lost_in_any_order(cast: Cast, at: datetime, steps: Sequence[tuple[str, int]]) -> None:
    with transaction.atomic():
        cases = [brought(cast, at, phone=phone) for phone in PHONES]
        told, now = Told(), at
        for number, (step, which) in enumerate(steps):
            now += timedelta(hours=9)
            _take(cast, cases, step, which, number, told, at=now)
            _check(cases, told)
        for part in cases[1:]:
            if fresh(part).merged_into_id is not None:
                now += timedelta(hours=9)
                unmerge(cast, part, at=now)
                assert standing(part, now) == told.before.pop(part.pk)
        _check(cases, told)
        with scope.acting_as(SYSTEM):
            for part in cases[1:]:
                for claim in Claim.objects.filter(person_id=part.person_id):
                    assert claim.appeal_id == part.pk
        transaction.set_rollback(True)


def _take(cast: Cast, cases: Sequence[Appeal], step: str, which: int, number: int, told: Told, *, at: datetime) -> None:
    lead, case = cases[0], cases[which]
    state = fresh(case)
    if step == "merge" and which and state.status != "merged":
        told.before[case.pk] = standing(case, at)
        merge(cast, lead, case, at=at)
    elif step == "unmerge" and state.status == "merged":
        unmerge(cast, case, at=at)
        assert standing(case, at) == told.before.pop(case.pk)
    elif step == "write":
        told.words.add(f"第 {number} 句话")
        holder = holder_of_code(case.pk)
        with scope.acting_as(holder):
            appeals.add_material(appeal_id=case.pk, text=f"第 {number} 句话", by=holder, at=at)
    elif step == "attach":
        told.files += 1
        holder = holder_of_code(case.pk)
        with scope.acting_as(holder):
            content = b"%PDF-1.4\n" + f"{number}".encode() + b"\n%%EOF\n"
            appeals.attach_file(appeal_id=case.pk, name="工资条.pdf", content=content, by=holder, at=at)
    elif step == "owe":
        cells = {
            "姓名": "钱虚构",
            "手机": PHONES[which],
            "工作期间": f"{2010 + number}-08",
            "欠款": "100",
            "班组": "木工组",
        }
        told.owed += 100
        with scope.acting_as(cast.town.actor):
            home = lead if state.status == "merged" else case
            actions.enter_claim(appeal_id=home.pk, cells=cells, by=cast.town.actor, at=at)
    elif step == "sign" and state.status == "dispatched":
        with scope.acting_as(cast.town.actor):
            actions.sign_order(appeal_id=case.pk, by=cast.town.actor, at=at)
    elif step == "sign" and state.status == "merged":
        try:
            with scope.acting_as(cast.town.actor), transaction.atomic():
                actions.sign_order(appeal_id=case.pk, by=cast.town.actor, at=at)
        except NotAllowed:
            return
        raise AssertionError("a merged appeal was signed")


def _check(cases: Sequence[Appeal], told: Told) -> None:
    numbers = [each.pk for each in cases]
    with scope.acting_as(SYSTEM):
        assert set(Message.objects.filter(appeal__in=numbers).values_list("text", flat=True)) == told.words
        assert Attachment.objects.filter(appeal__in=numbers).count() == told.files
        assert sum(Claim.objects.filter(appeal__in=numbers).values_list("owed", flat=True)) == told.owed
        for case in cases:
            party = Access.objects.filter(appeal=case, why="party", until=None).values_list("person_id", flat=True)
            assert list(party) == [case.person_id]
            row = Appeal.objects.get(pk=case.pk)
            assert row.handler_id is not None
            open_orders = Order.objects.filter(appeal=case, role="handle", closed_at=None).count()
            assert open_orders == (0 if row.status == "merged" else 1)
