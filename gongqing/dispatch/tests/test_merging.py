"""Group cases: merging loses nothing, and taking apart brings everything back."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gongqing.accounts import queries as account_queries
from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Access, Appeal, Claim, Evaluation, GroupMember, Message
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.actions.submitting import holder_of_code
from gongqing.dispatch.models import Clock, ClockEntry, Order
from gongqing.dispatch.queries.clocks import calendar, entries_of
from gongqing.dispatch.queries.group_pages import panel_of
from gongqing.dispatch.queries.groups import merge_preview, suggested
from gongqing.dispatch.rules.clocks import reckon
from gongqing.dispatch.rules.limits import Limit
from gongqing.dispatch.tests.make import fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from tests.cast import Cast

OWED = "厂里两个月没发工资了，欠我{}元，问了主管一直说再等等，请工会帮我讨回来。"
SAME = "同一个老板，同一批工资"


def brought(cast: Cast, at: datetime, *, amount: int = 6000, phone: str = "", **fields: Any) -> Appeal:
    """A worker's appeal against the workshop, dispatched by the rules."""
    given = {"employer": cast.places.workshop.name, "person_phone": phone or "13900000001", "person_name": "钱虚构"}
    return received(OWED.format(amount), by=cast.hotline.actor, at=at, **(given | fields))


def merge(cast: Cast, lead: Appeal, *parts: Appeal, at: datetime, by: Actor | None = None) -> None:
    actor = by or cast.county.actor
    with scope.acting_as(actor):
        actions.merge_appeals(lead_id=lead.pk, part_ids=[each.pk for each in parts], reason=SAME, by=actor, at=at)


def unmerge(cast: Cast, part: Appeal, *, at: datetime) -> None:
    with scope.acting_as(cast.county.actor):
        actions.unmerge_appeal(part_id=part.pk, reason="不是同一个老板", by=cast.county.actor, at=at)


def standing(appeal: Appeal, at: datetime) -> dict[str, Any]:
    """Everything that must come back: status, handler, orders, grants, and the time that each clock has used."""
    with scope.acting_as(SYSTEM):
        row = Appeal.objects.get(pk=appeal.pk)
        clocks = {}
        for clock in Clock.objects.filter(appeal=appeal).order_by("id"):
            found = reckon(Limit.from_json(clock.limit), entries_of(clock), calendar(), at)
            used = min(found.elapsed, found.total)
            clocks[clock.name] = (found.state(at), clock.warned, used, clock.ended_at is None)
        return {
            "status": row.status,
            "handler": (row.handler_id, row.handler_level),
            "merged_into": row.merged_into_id,
            "shield": row.anonymous_to_employer,
            "orders": list(Order.objects.filter(appeal=appeal).order_by("id").values_list("id", "status", "closed_at")),
            "grants": set(Access.objects.filter(appeal=appeal, until=None).values_list("path", "person_id", "why")),
            "clocks": clocks,
        }


def test_a_part_keeps_its_code_and_its_words_and_stops_its_clocks(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    merge(cast, lead, part, at=at)
    now = fresh(part)
    assert (now.status, now.merged_into_id, now.code) == ("merged", lead.pk, part.code)
    assert now.handler_id == fresh(lead).handler_id
    with scope.acting_as(SYSTEM):
        assert not Clock.objects.filter(appeal=part, ended_at=None).exists()
        assert set(Order.objects.filter(appeal=part).values_list("status", flat=True)) == {"merged"}
        last = ClockEntry.objects.filter(clock__appeal=part, clock__name="close").last()
        assert last is not None
        assert (last.kind, last.source) == ("cancel", "群体案并案规则")
        assert lead.code in last.reason
    assert not actions.sweep_clocks(at=at + timedelta(days=60)) or now.status == "merged"
    assert fresh(part).is_overdue is False


def test_the_page_of_a_part_says_where_it_is_led_and_shows_no_deadline(
    cast: Cast, at: datetime, browser_of: Any
) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    town = browser_of("town")
    path = f"/desk/appeals/{part.code}"
    assert "办结期限的日格" in town.get(path).content.decode()
    merge(cast, lead, part, at=at)
    page = town.get(path).content.decode()
    assert "这一件不再单独计时，进展和期限看主件" in page
    assert f'已并入 <a href="/desk/appeals/{lead.code}">' in page
    assert "办结期限的日格" not in page
    assert "答复职工</p>" not in page


def test_one_person_in_two_parts_is_counted_once(cast: Cast, at: datetime) -> None:
    lead = brought(cast, at)
    same, other = brought(cast, at), brought(cast, at, phone="13900000002")
    with scope.acting_as(cast.county.actor):
        preview = merge_preview(fresh(lead), [fresh(same), fresh(other)], cast.county.actor, at)
    assert (preview.workers, preview.in_several) == (2, 1)


def test_nothing_merged_ever_warns(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    merge(cast, lead, part, at=at)
    for days in (5, 20, 60):
        actions.sweep_clocks(at=at + timedelta(days=days))
    with scope.acting_as(SYSTEM):
        assert not Event.objects.filter(subject_id=part.pk, kind__startswith="appeal.clock_").exists()
        assert Event.objects.filter(subject_id=lead.pk, kind="appeal.clock_overdue").exists()


def test_a_part_returns_to_where_it_was_with_the_time_it_had_used(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=part.pk, by=cast.town.actor, at=at + timedelta(minutes=20))
    merging, leaving = at + timedelta(days=1), at + timedelta(days=9)
    before, lead_before = standing(part, merging), fresh(lead).due_at
    merge(cast, lead, part, at=merging)
    unmerge(cast, part, at=leaving)
    assert standing(part, leaving) == before
    assert fresh(lead).due_at == lead_before
    with scope.acting_as(SYSTEM):
        member = GroupMember.objects.get(appeal=part)
        assert (member.ended_at, member.ended_by_name) == (leaving, cast.county.actor.name)


def test_a_pause_goes_on_after_the_case(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=part.pk, by=cast.town.actor, at=at)
        actions.pause_order(
            appeal_id=part.pk, reason="waiting_for_material", note="等工资条", by=cast.town.actor, at=at
        )
    merging, leaving = at + timedelta(days=2), at + timedelta(days=20)
    before = standing(part, merging)
    merge(cast, lead, part, at=merging)
    unmerge(cast, part, at=leaving)
    assert standing(part, leaving) == before
    assert fresh(part).status == "paused"
    actions.sweep_clocks(at=leaving + timedelta(days=12))
    assert fresh(part).status == "in_progress"


def test_a_pause_that_has_run_out_is_over(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=part.pk, by=cast.town.actor, at=at)
        actions.pause_order(
            appeal_id=part.pk, reason="waiting_for_material", note="等工资条", by=cast.town.actor, at=at
        )
    merge(cast, lead, part, at=at + timedelta(days=11))
    unmerge(cast, part, at=at + timedelta(days=12))
    assert fresh(part).status == "in_progress"


def test_the_lead_takes_over_the_earliest_deadline(cast: Cast, at: datetime) -> None:
    old = brought(cast, at, phone="13900000002")
    later = at + timedelta(days=3)
    lead = brought(cast, later)
    own, earliest = fresh(lead).due_at, fresh(old).due_at
    assert own is not None
    assert earliest is not None
    assert earliest < own
    with scope.acting_as(cast.county.actor):
        preview = merge_preview(fresh(lead), [fresh(old)], cast.county.actor, later)
    assert (preview.due_at, preview.due_after, preview.earliest) == (own, earliest, old.code)
    assert preview.refusals == []
    merge(cast, lead, old, at=later)
    assert fresh(lead).due_at == earliest
    unmerge(cast, old, at=later + timedelta(days=1))
    assert fresh(lead).due_at == own


def test_a_paused_part_asks_for_the_day_that_it_would_have_if_it_went_on(cast: Cast, at: datetime) -> None:
    part = brought(cast, at, phone="13900000002")
    with scope.acting_as(cast.town.actor):
        actions.sign_order(appeal_id=part.pk, by=cast.town.actor, at=at)
        actions.pause_order(
            appeal_id=part.pk, reason="waiting_for_material", note="等工资条", by=cast.town.actor, at=at
        )
    later = at + timedelta(days=7)
    lead = brought(cast, later)
    before_the_pause, own = fresh(part).due_at, fresh(lead).due_at
    assert before_the_pause is not None
    assert own is not None
    with scope.acting_as(cast.county.actor):
        preview = merge_preview(fresh(lead), [fresh(part)], cast.county.actor, later)
    merge(cast, lead, part, at=later)
    due = fresh(lead).due_at
    assert due is not None
    assert due == preview.due_after
    assert due >= before_the_pause + timedelta(days=7)


def test_a_deadline_that_has_passed_is_not_hidden_by_merging(cast: Cast, at: datetime) -> None:
    old = brought(cast, at, phone="13900000002")
    later = at + timedelta(days=30)
    lead = brought(cast, later)
    merge(cast, lead, old, at=later)
    due = fresh(lead).due_at
    assert due is not None
    assert due <= later + timedelta(days=1)


def test_many_workers_raise_the_grade_and_nothing_lowers_it(cast: Cast, at: datetime) -> None:
    lead = brought(cast, at, amount=4000)
    parts = [
        brought(cast, at, phone=f"1390000{number:04}", amount=4000, employer=f"小满分厂{number}（虚构）")
        for number in range(10, 20)
    ]
    assert fresh(lead).grade == "yellow"
    merge(cast, lead, *parts, at=at)
    assert fresh(lead).grade == "orange"
    with scope.acting_as(SYSTEM):
        assert any("群体案共 11 人" in one["evidence"] for one in fresh(lead).grade_reasons)
    for part in parts:
        unmerge(cast, part, at=at + timedelta(hours=1))
    assert fresh(lead).grade == "orange"


def test_words_reach_the_leads_handler_and_stay_with_the_worker(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    merge(cast, lead, part, at=at)
    holder = holder_of_code(part.pk)
    with scope.acting_as(holder):
        appeals.add_material(appeal_id=part.pk, text="老板今天露面了", by=holder, at=at + timedelta(hours=1))
    with scope.acting_as(cast.town.actor):
        panel = panel_of(fresh(lead), cast.town.actor)
        assert [each.text for each in panel.messages] == ["老板今天露面了"]
    unmerge(cast, part, at=at + timedelta(hours=2))
    with scope.acting_as(cast.town.actor):
        assert [each.text for each in panel_of(fresh(lead), cast.town.actor).messages] == ["老板今天露面了"]
    with scope.acting_as(SYSTEM):
        assert Message.objects.get(appeal=part).text == "老板今天露面了"


def test_every_worker_judges_for_himself(cast: Cast, at: datetime) -> None:
    lead = brought(cast, at)
    content, unhappy = brought(cast, at, phone="13900000002"), brought(cast, at, phone="13900000003")
    merge(cast, lead, content, unhappy, at=at)
    answered = at + timedelta(hours=5)
    with scope.acting_as(cast.town.actor):
        actions.resolve_order(
            appeal_id=lead.pk, result="工资已经全部发到卡上。", outcome="settled", by=cast.town.actor, at=answered
        )
    if fresh(lead).status == "in_review":
        with scope.acting_as(cast.county.actor):
            actions.review_resolution(appeal_id=lead.pk, approve=True, note="", by=cast.county.actor, at=answered)
    assert [fresh(each).status for each in (lead, content, unhappy)] == ["resolved"] * 3
    assert fresh(content).result == "工资已经全部发到卡上。"
    assert fresh(content).recovered_amount is None
    for each, judgement in ((content, "satisfied"), (unhappy, "not")):
        holder = holder_of_code(each.pk)
        with scope.acting_as(holder):
            appeals.evaluate_appeal(
                appeal_id=each.pk, satisfaction=judgement, text="我的没发全", by=holder, at=answered + timedelta(days=1)
            )
    assert [fresh(each).status for each in (lead, content, unhappy)] == ["resolved", "archived", "reopened"]
    again = fresh(unhappy)
    assert again.merged_into_id is None
    assert again.handler_level == "county"
    with scope.acting_as(SYSTEM):
        assert Evaluation.objects.filter(appeal__in=[lead, content, unhappy]).count() == 2
        assert Clock.objects.filter(appeal=unhappy, name="close", ended_at=None).exists()


def test_a_lead_that_is_withdrawn_lets_its_parts_go_on(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    merge(cast, lead, part, at=at)
    holder = holder_of_code(lead.pk)
    with scope.acting_as(holder):
        appeals.withdraw_appeal(appeal_id=lead.pk, reason="单位给了", by=holder, at=at + timedelta(hours=1))
    assert (fresh(lead).status, fresh(part).status, fresh(part).merged_into_id) == ("withdrawn", "dispatched", None)


def test_a_part_that_is_withdrawn_leaves_the_case(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    merge(cast, lead, part, at=at)
    holder = holder_of_code(part.pk)
    with scope.acting_as(holder):
        appeals.withdraw_appeal(appeal_id=part.pk, reason="单位给了", by=holder, at=at + timedelta(hours=1))
    assert (fresh(lead).status, fresh(part).status, fresh(part).merged_into_id) == ("dispatched", "withdrawn", None)
    with scope.acting_as(SYSTEM):
        assert GroupMember.objects.get(appeal=part).ended_at is not None


def test_who_sees_the_lead_sees_its_parts_and_no_longer_after(cast: Cast, at: datetime) -> None:
    lead = brought(cast, at)
    part = brought(cast, at, phone="13900000002", region_code="330206002")
    with scope.acting_as(cast.town.actor):
        assert not Appeal.objects.visible_to(cast.town.actor).filter(pk=part.pk).exists()
    merge(cast, lead, part, at=at)
    with scope.acting_as(cast.town.actor):
        assert Appeal.objects.visible_to(cast.town.actor).filter(pk=part.pk).exists()
        assert Appeal.objects.filter(pk=part.pk).exists()
    with scope.acting_as(cast.county.actor):
        actions.transfer_order(
            appeal_id=lead.pk,
            organisation_id=cast.places.neighbour_town.pk,
            reason="那边的厂",
            by=cast.county.actor,
            at=at,
        )
    with scope.acting_as(cast.town.actor):
        assert not Appeal.objects.filter(pk=part.pk).exists()
    assert fresh(part).handler_id == cast.places.neighbour_town.pk
    unmerge(cast, part, at=at + timedelta(hours=3))
    with scope.acting_as(SYSTEM):
        assert not Access.objects.filter(appeal=part, why="group", until=None).exists()


def test_a_worker_of_a_part_sees_nothing_of_the_others(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    merge(cast, lead, part, at=at)
    with scope.acting_as(cast.town.actor):
        for name, phone in (("钱虚构", "13900000001"), ("孙虚构", "13900000002")):
            cells = {"姓名": name, "手机": phone, "工作期间": "2025-08", "欠款": "3000", "班组": "木工组"}
            if name == "孙虚构":
                cells["姓名"] = "钱虚构"  # the name under which the phone is known
            actions.enter_claim(appeal_id=lead.pk, cells=cells, by=cast.town.actor, at=at)
    with scope.acting_as(SYSTEM):
        people = {each.pk: each.person_id for each in (lead, part)}
        assert Claim.objects.count() == 2
    for each in (lead, part):
        worker = Actor(role=account_queries.Role.WORKER, name="职工", person_id=people[each.pk])
        with scope.acting_as(worker):
            assert list(Claim.objects.values_list("person_id", flat=True)) == [people[each.pk]]
            assert Appeal.objects.count() == 1
            assert not GroupMember.objects.exclude(appeal=part).exists()
    with scope.acting_as(holder_of_code(lead.pk)):
        assert not Claim.objects.exists()
    with scope.acting_as(cast.outsider.actor):
        assert not Claim.objects.exists()
        assert not GroupMember.objects.exists()


def test_claims_go_with_the_worker(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    merge(cast, lead, part, at=at)
    cells = {"姓名": "钱虚构", "手机": "13900000002", "工作期间": "2025-08", "欠款": "3000", "班组": "木工组"}
    with scope.acting_as(cast.town.actor):
        claim = actions.enter_claim(appeal_id=lead.pk, cells=cells, by=cast.town.actor, at=at)
        actions.pay_claim(
            claim_id=claim.pk,
            amount=Decimal(1000),
            paid_on=at.date(),
            voucher="转账 8841",
            by=cast.town.actor,
            at=at,
        )
    unmerge(cast, part, at=at + timedelta(hours=1))
    with scope.acting_as(SYSTEM):
        moved = Claim.objects.select_related("team").get(pk=claim.pk)
    assert (moved.appeal_id, moved.part_id, moved.recovered, moved.team.appeal_id) == (part.pk, None, 1000, part.pk)
    merge(cast, lead, part, at=at + timedelta(hours=2))
    with scope.acting_as(SYSTEM):
        back = Claim.objects.get(pk=claim.pk)
    assert (back.appeal_id, back.part_id) == (lead.pk, part.pk)


def test_who_may_not_merge(cast: Cast, at: datetime) -> None:
    lead, part = brought(cast, at), brought(cast, at, phone="13900000002")
    for who, refusal in ((cast.zone.actor, NotPermitted), (cast.hotline.actor, NotPermitted)):
        with pytest.raises(refusal):
            merge(cast, lead, part, at=at, by=who)
    with pytest.raises(NotFound):
        merge(cast, lead, part, at=at, by=cast.outsider.actor)
    far = brought(cast, at, phone="13900000009", region_code="330206002")
    with pytest.raises((NotFound, NotPermitted)):
        merge(cast, lead, far, at=at, by=cast.town.actor)


def test_what_cannot_be_merged(cast: Cast, at: datetime) -> None:
    lead, part, other = (brought(cast, at, phone=f"1390000000{number}") for number in (1, 2, 3))
    with pytest.raises(BadInput, match="并进来"):
        merge(cast, lead, at=at)
    with pytest.raises(BadInput, match="自己"):
        merge(cast, lead, lead, at=at)
    merge(cast, lead, part, at=at)
    merge(cast, lead, part, at=at)  # a second time changes nothing
    with scope.acting_as(SYSTEM):
        assert GroupMember.objects.count() == 1
    with pytest.raises(NotAllowed, match="已并入别的件"):
        merge(cast, other, part, at=at)
    with pytest.raises(NotAllowed, match="自己是一件群体案的主件"):
        merge(cast, other, lead, at=at)
    with pytest.raises(NotAllowed, match="请并到它的主件里"):
        merge(cast, part, other, at=at)
    with pytest.raises(NotAllowed, match="没有并入"):
        unmerge(cast, other, at=at)


def test_a_shielded_part_never_reaches_the_employers_own_union(cast: Cast, at: datetime) -> None:
    lead = brought(cast, at, employer=cast.places.factory.name)
    part = brought(cast, at, phone="13900000002", employer=cast.places.factory.name, anonymous_to_employer=True)
    merge(cast, lead, part, at=at)
    assert fresh(lead).anonymous_to_employer
    with pytest.raises(NotAllowed, match="保密"), scope.acting_as(cast.county.actor):
        actions.transfer_order(
            appeal_id=lead.pk, organisation_id=cast.places.union.pk, reason="请你们办", by=cast.county.actor, at=at
        )
    unmerge(cast, part, at=at)
    assert not fresh(lead).anonymous_to_employer


def test_telling_apart_is_remembered(cast: Cast, at: datetime) -> None:
    one, other = brought(cast, at), brought(cast, at + timedelta(days=2), phone="13900000002")
    brought(cast, at, phone="13900000003", employer="别的（虚构）厂家")
    later = at + timedelta(days=3)
    with scope.acting_as(cast.town.actor):
        (found,) = suggested(cast.town.actor, later)
        assert (found.matter.lead, found.matter.parts) == (one.pk, (other.pk,))
        assert found.matter.days == 2
        with pytest.raises(BadInput):
            appeals.tell_apart(appeal_id=other.pk, other_ids=[one.pk], reason="", by=cast.town.actor, at=later)
        appeals.tell_apart(
            appeal_id=other.pk, other_ids=[one.pk], reason="两个不同的包工头", by=cast.town.actor, at=later
        )
        assert suggested(cast.town.actor, later) == []
    with scope.acting_as(cast.outsider.actor):
        assert suggested(cast.outsider.actor, later) == []


def test_a_preview_counts_no_number_that_is_not_sure(cast: Cast, at: datetime, browser_of: Any) -> None:
    given = {"employer": cast.places.workshop.name, "by": cast.hotline.actor, "at": at}
    lead = received("我们93人的工资被拖欠，合计94万元，请工会帮忙。", person_phone="13900000001", **given)
    said = "听说那边三十几个工人被欠薪，厂里三个月没发工资，请来看看。"
    part = received(said, person_phone="13900000002", **given)
    with scope.acting_as(cast.county.actor):
        preview = merge_preview(fresh(lead), [fresh(part)], cast.county.actor, at)
    assert fresh(part).worker_count == 30
    assert (preview.workers, preview.amount, preview.unsure) == (94, 940_000, 1)
    page = browser_of("county").get(f"/desk/groups/merge?lead={lead.code}&part={part.code}").content.decode()
    assert "至少 <b>94 人</b>" in page
    assert "另有 1 件说的人数或金额拿不准" in page
