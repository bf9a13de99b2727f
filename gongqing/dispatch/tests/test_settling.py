"""Is a matter on a list struck off with evidence, by two persons, and does it come back when its appeal does?"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from gongqing.appeals import actions as appeals
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions
from gongqing.dispatch.models import EntryDocument, EntryState, ListEntry, SettlingList
from gongqing.dispatch.queries import settling, settling_totals
from gongqing.dispatch.queries.cases import CaseFilters
from gongqing.dispatch.queries.settling_totals import EntryFilters
from gongqing.dispatch.rules.settling import evidence_parts
from gongqing.dispatch.tests.make import FLED, WAGES, fresh, received
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.notices.models import Message

PAPER = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
EVIDENCE = "双方签了调解协议，拖欠的工资已全部打到工资卡上。"
DUE = date(2025, 10, 31)


def opened(by, at, *, title="2025年欠薪清单", kind="wages", due_on=DUE):
    with scope.acting_as(by):
        return actions.open_settling_list(kind=kind, title=title, due_on=due_on, by=by, at=at)


def outside(found, by, at, *, to, title="某工地班组反映工资没有结清，人社局移送", due_on=None):
    with scope.acting_as(by):
        return actions.add_outside_matter(
            list_id=found.pk, title=title, organisation_id=to.pk if to else None, by=by, at=at, due_on=due_on
        )


def enlisted(found, appeal, by, at, **more):
    with scope.acting_as(by):
        return actions.enlist_appeal(list_id=found.pk, appeal_id=appeal.pk, by=by, at=at, **more)


def claimed(entry, by, at, **more):
    given = {
        "evidence": EVIDENCE,
        "helped_count": 3,
        "recovered_amount": "24000",
        "files": [("回单.pdf", PAPER)],
        **more,
    }
    with scope.acting_as(by):
        return actions.claim_settlement(entry_id=entry.pk, by=by, at=at, **given)


def struck(entry, by, at):
    with scope.acting_as(by):
        return actions.strike_off_entry(entry_id=entry.pk, by=by, at=at)


def resolved(appeal, cast, at, *, people=2, yuan="16000"):
    """Bring an appeal that lies with the town to its answer; the county reviews it."""
    by = cast.town.actor
    with scope.acting_as(by):
        actions.sign_order(appeal_id=appeal.pk, by=by, at=at)
        actions.contact_worker(appeal_id=appeal.pk, note="电话核实了欠薪月份", by=by, at=at)
        actions.resolve_order(
            appeal_id=appeal.pk,
            result="工资已经补发到工资卡上，请查收。",
            outcome="settled",
            people=people,
            amount=Decimal(yuan),
            evidence="银行回单",
            by=by,
            at=at,
        )
    if fresh(appeal).status == "in_review":
        with scope.acting_as(cast.county.actor):
            actions.review_resolution(appeal_id=appeal.pk, approve=True, note="", by=cast.county.actor, at=at)
    return fresh(appeal)


def asked_of_town(cast, at, text=WAGES, **more):
    """An appeal that the town handles."""
    appeal = received(text, by=cast.worker.actor, at=at, employer=cast.places.factory.name, **more)
    with scope.acting_as(SYSTEM):
        if fresh(appeal).handler_id != cast.places.town.pk:
            actions.transfer_order(
                appeal_id=appeal.pk, organisation_id=cast.places.town.pk, reason="由镇街办", by=SYSTEM, at=at
            )
    return fresh(appeal)


def test_a_matter_is_claimed_with_evidence_and_struck_off_by_the_owner(cast, at):
    found = opened(cast.county.actor, at)
    entry = outside(found, cast.county.actor, at, to=cast.places.town)
    assert (entry.number, entry.state, entry.due_on) == (1, "open", DUE)
    claimed(entry, cast.town.actor, at, files=[("回单.pdf", PAPER)])
    entry = struck(entry, cast.county.actor, at + timedelta(hours=1))
    assert (entry.state, entry.helped_count, entry.recovered_amount) == ("struck_off", 3, Decimal("24000.00"))
    assert entry.struck_off_by_name == cast.county.actor.name
    with scope.acting_as(SYSTEM):
        kinds = list(Event.objects.filter(subject_kind="listentry").order_by("id").values_list("kind", flat=True))
        told = dict(
            Message.objects.filter(subject_kind__in=["listentry", "settlinglist"]).values_list(
                "text", "organisation_id"
            )
        )
    assert kinds == ["list_entry.added", "list_entry.claimed", "list_entry.struck_off"]
    assert {cast.places.town.pk, cast.places.county.pk} == set(told.values())


def test_the_file_lies_sealed_and_every_look_is_written_down(cast, at):
    entry = outside(opened(cast.county.actor, at), cast.county.actor, at, to=cast.places.town)
    claimed(entry, cast.town.actor, at, files=[("回单.pdf", PAPER), ("又一份.pdf", PAPER)])
    with scope.acting_as(cast.county.actor):
        document = EntryDocument.objects.get(entry=entry)
        kept, content = actions.open_entry_document(
            entry_id=entry.pk, document_id=document.pk, by=cast.county.actor, at=at
        )
    assert (kept.name, content) == ("回单.pdf", PAPER)
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="entry_document.opened", subject_id=entry.pk).count() == 1
    with scope.acting_as(cast.outsider.actor), pytest.raises(NotFound):
        actions.open_entry_document(entry_id=entry.pk, document_id=document.pk, by=cast.outsider.actor, at=at)


def test_who_claims_never_strikes_off(cast, at):
    found = opened(cast.county.actor, at)
    entry = claimed(outside(found, cast.county.actor, at, to=None), cast.county.actor, at)
    with scope.acting_as(cast.county.actor), pytest.raises(NotPermitted, match="两个人"):
        actions.strike_off_entry(entry_id=entry.pk, by=cast.county.actor, at=at)
    with scope.acting_as(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        ListEntry.objects.filter(pk=entry.pk).update(
            state="struck_off", struck_off_at=at, struck_off_by_user_id=cast.county.actor.user_id
        )
    assert struck(entry, cast.city.actor, at).state == "struck_off"


def test_a_claim_without_a_file_names_an_approved_reason(cast, at):
    found = opened(cast.county.actor, at)
    entry = outside(found, cast.county.actor, at, to=cast.places.town)
    for given, field in (({}, "documents"), ({"no_documents": "没空拍"}, "no_documents")):
        with pytest.raises(BadInput) as refused:
            claimed(entry, cast.town.actor, at, files=[], **given)
        assert refused.value.field == field
    kept = claimed(entry, cast.town.actor, at, files=[], no_documents="told_by_worker")
    assert kept.evidence == f"{EVIDENCE}\n没有材料的原因：职工不愿留下材料，已向本人电话核实"
    assert evidence_parts(kept.evidence) == (EVIDENCE, "told_by_worker")
    assert struck(entry, cast.county.actor, at).state == "struck_off"


def test_a_claim_of_before_without_a_file_is_not_struck_off(cast, at):
    entry = claimed(
        outside(opened(cast.county.actor, at), cast.county.actor, at, to=cast.places.town), cast.town.actor, at
    )
    with scope.acting_as(SYSTEM):
        EntryDocument.objects.filter(entry=entry).delete()
    with pytest.raises(NotAllowed, match="没有材料"):
        struck(entry, cast.county.actor, at)
    with scope.acting_as(cast.county.actor):
        actions.send_back_entry(entry_id=entry.pk, reason="请补回单", by=cast.county.actor, at=at)
    assert claimed(entry, cast.town.actor, at).state == "claimed"


def test_a_claim_is_sent_back_with_a_reason_and_may_come_again(cast, at):
    found = opened(cast.county.actor, at)
    entry = claimed(outside(found, cast.county.actor, at, to=cast.places.town), cast.town.actor, at)
    with scope.acting_as(cast.county.actor):
        with pytest.raises(BadInput) as refused:
            actions.send_back_entry(entry_id=entry.pk, reason="不行", by=cast.county.actor, at=at)
        assert refused.value.field == "reason"
        entry = actions.send_back_entry(entry_id=entry.pk, reason="回单上少一个人的名字", by=cast.county.actor, at=at)
    assert (entry.state, entry.remark) == ("open", "回单上少一个人的名字")
    assert claimed(entry, cast.town.actor, at).state == "claimed"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"evidence": "好了"}, "evidence"),
        ({"helped_count": "三个"}, "helped_count"),
        ({"helped_count": -1}, "helped_count"),
        ({"recovered_amount": "两万"}, "recovered_amount"),
        ({"recovered_amount": "1.234"}, "recovered_amount"),
        ({"recovered_amount": "NaN"}, "recovered_amount"),
        ({"files": [("病毒.exe", b"MZ\x90\x00")]}, "documents"),
        ({"files": [("空.pdf", b"")]}, "documents"),
    ],
)
def test_a_claim_names_the_field_that_is_wrong(cast, at, given, field):
    entry = outside(opened(cast.county.actor, at), cast.county.actor, at, to=cast.places.town)
    with pytest.raises(BadInput) as refused:
        claimed(entry, cast.town.actor, at, **given)
    assert refused.value.field == field
    with scope.acting_as(SYSTEM):
        assert ListEntry.objects.get(pk=entry.pk).state == "open"


def test_wrong_persons_are_refused_before_the_state_is_looked_at(cast, at):
    found = opened(cast.county.actor, at)
    entry = outside(found, cast.county.actor, at, to=cast.places.town)
    with scope.acting_as(cast.town.actor):
        with pytest.raises(NotPermitted):
            actions.strike_off_entry(entry_id=entry.pk, by=cast.town.actor, at=at)
        with pytest.raises(NotPermitted):
            actions.add_outside_matter(
                list_id=found.pk, title="又一件外面来的事", organisation_id=None, by=cast.town.actor, at=at
            )
        with pytest.raises(NotPermitted):
            actions.open_settling_list(kind="wages", title="镇里的清单", due_on=DUE, by=cast.town.actor, at=at)
    with scope.acting_as(cast.county.actor), pytest.raises(NotAllowed, match="待销号"):
        actions.strike_off_entry(entry_id=entry.pk, by=cast.county.actor, at=at)
    with scope.acting_as(cast.outsider.actor), pytest.raises(NotFound):
        actions.claim_settlement(entry_id=entry.pk, evidence=EVIDENCE, by=cast.outsider.actor, at=at)
    with scope.acting_as(cast.admin.actor), pytest.raises(NotPermitted):
        settling.list_numbered(found.pk, cast.admin.actor)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "everything"}, "kind"),
        ({"title": "清"}, "title"),
        ({"due_on": date(2025, 10, 1)}, "due_on"),
        ({"due_on": date(2045, 10, 1)}, "due_on"),
        ({"opened_on": date(2026, 1, 1), "due_on": date(2026, 2, 1)}, "opened_on"),
    ],
)
def test_a_list_names_the_field_that_is_wrong(cast, at, given, field):
    whole = {"kind": "wages", "title": "2025年欠薪清单", "due_on": DUE, **given}
    with scope.acting_as(cast.county.actor), pytest.raises(BadInput) as refused:
        actions.open_settling_list(**whole, by=cast.county.actor, at=at)
    assert refused.value.field == field


def test_a_list_is_closed_when_nothing_is_left_and_takes_nothing_more(cast, at):
    found = opened(cast.county.actor, at)
    entry = outside(found, cast.county.actor, at, to=cast.places.town)
    by = cast.county.actor
    with scope.acting_as(by):
        with pytest.raises(NotAllowed, match="还有 1 项"):
            actions.close_settling_list(list_id=found.pk, by=by, at=at)
        actions.withdraw_entry(entry_id=entry.pk, reason="和第二项重复了", by=by, at=at)
        assert actions.close_settling_list(list_id=found.pk, by=by, at=at).closed_on == at.date()
        with pytest.raises(NotAllowed, match="已经收尾"):
            actions.add_outside_matter(list_id=found.pk, title="又一件外面来的事", organisation_id=None, by=by, at=at)
        assert actions.reopen_settling_list(list_id=found.pk, by=by, at=at).closed_on is None


def test_a_matter_goes_only_to_who_lies_below_and_may_see_it(cast, at):
    found = opened(cast.county.actor, at)
    with pytest.raises(BadInput, match="之下"):
        outside(found, cast.county.actor, at, to=cast.places.other_town)
    assert outside(found, cast.county.actor, at, to=cast.places.department).organisation == cast.places.department
    appeal = asked_of_town(cast, at, anonymous_to_employer=True)
    with pytest.raises(BadInput, match="看不到"):
        enlisted(found, appeal, cast.county.actor, at, organisation_id=cast.places.union.pk)
    assert enlisted(found, appeal, cast.county.actor, at).organisation == cast.places.town


def test_an_appeal_brings_its_figures_and_another_number_needs_a_reason(cast, at):
    appeal = asked_of_town(cast, at)
    entry = enlisted(opened(cast.county.actor, at), appeal, cast.county.actor, at)
    with pytest.raises(NotAllowed, match="办结答复职工以后"):
        claimed(entry, cast.town.actor, at)
    resolved(appeal, cast, at)
    with scope.acting_as(cast.town.actor):
        own = actions.claim_settlement(
            entry_id=entry.pk, evidence=EVIDENCE, no_documents="told_by_worker", by=cast.town.actor, at=at
        )
    assert (own.helped_count, own.recovered_amount, own.figures_reason) == (2, Decimal("16000.00"), "")
    with scope.acting_as(cast.county.actor):
        actions.send_back_entry(entry_id=entry.pk, reason="请核对人数后再报", by=cast.county.actor, at=at)
    with pytest.raises(BadInput) as refused:
        claimed(entry, cast.town.actor, at)
    assert refused.value.field == "figures_reason"
    again = claimed(entry, cast.town.actor, at, figures_reason="同班组一人后来补发")
    assert (again.helped_count, again.figures_reason) == (3, "同班组一人后来补发")


def test_what_was_struck_off_comes_back_when_the_appeal_is_reopened(cast, at):
    appeal = asked_of_town(cast, at)
    found = opened(cast.county.actor, at)
    entry = enlisted(found, appeal, cast.county.actor, at)
    resolved(appeal, cast, at)
    claimed(entry, cast.town.actor, at, figures_reason="同班组一人后来补发")
    struck(entry, cast.county.actor, at)
    with scope.acting_as(cast.county.actor):
        actions.close_settling_list(list_id=found.pk, by=cast.county.actor, at=at)
    later = at + timedelta(days=1)
    with scope.acting_as(cast.worker.actor):
        appeals.evaluate_appeal(
            appeal_id=appeal.pk, satisfaction="not", text="钱只到了一半", by=cast.worker.actor, at=later
        )
    if fresh(appeal).reopened_count == 0:
        with scope.acting_as(cast.city.actor):
            appeals.reopen_appeal(appeal_id=appeal.pk, reason="钱只到了一半", by=cast.city.actor, at=later)
    with scope.acting_as(SYSTEM):
        entry = ListEntry.objects.select_related("list", "organisation").get(pk=entry.pk)
        told = Message.objects.filter(subject_kind="listentry", subject_id=entry.pk, text__contains="退回重办").count()
    assert (entry.state, entry.came_back_at, entry.struck_off_at) == ("open", later, None)
    assert "自动回到清单" in entry.remark
    assert entry.list.closed_on is None
    assert entry.organisation_id == fresh(appeal).handler_id
    assert told >= 1


def test_a_withdrawn_appeal_leaves_the_list(cast, at):
    appeal = asked_of_town(cast, at)
    entry = enlisted(opened(cast.county.actor, at), appeal, cast.county.actor, at)
    with scope.acting_as(cast.worker.actor):
        appeals.withdraw_appeal(appeal_id=appeal.pk, reason="厂里已经发了", by=cast.worker.actor, at=at)
    with scope.acting_as(SYSTEM):
        assert ListEntry.objects.get(pk=entry.pk).state == EntryState.WITHDRAWN
        with pytest.raises(NotAllowed, match="已撤回"):
            actions.enlist_appeal(list_id=entry.list_id, appeal_id=appeal.pk, by=cast.county.actor, at=at)


def test_many_are_listed_by_a_filter_in_one_action_and_told_once(cast, at):
    many = [asked_of_town(cast, at + timedelta(minutes=number)) for number in range(3)]
    found = opened(cast.county.actor, at)
    by, filters = cast.county.actor, CaseFilters(region="330206")
    with scope.acting_as(by):
        with pytest.raises(BadInput, match="至少选一个条件"):
            actions.enlist_matching(list_id=found.pk, filters=CaseFilters(), by=by, at=at)
        with pytest.raises(NotAllowed, match="现在符合条件的是 3 件"):
            actions.enlist_matching(list_id=found.pk, filters=filters, by=by, at=at, expected=2)
        made = actions.enlist_matching(list_id=found.pk, filters=filters, by=by, at=at, expected=3)
        with pytest.raises(NotAllowed, match="没有符合条件"):
            actions.enlist_matching(list_id=found.pk, filters=filters, by=by, at=at)
    assert [entry.number for entry in made] == [1, 2, 3]
    assert {entry.appeal_id for entry in made} == {appeal.pk for appeal in many}
    with scope.acting_as(SYSTEM):
        told = Message.objects.filter(subject_kind="settlinglist", organisation_id=cast.places.town.pk)
        assert [message.text for message in told] == [
            f"{cast.places.county}把 3 项列入“2025年欠薪清单”，请在10月31日前报请销号。"
        ]


def test_an_appeal_on_two_lists_counts_once_and_the_rows_add_up(cast, at):
    appeal = asked_of_town(cast, at)
    county = opened(cast.county.actor, at)
    city = opened(cast.city.actor, at, title="全市劳动争议清单", kind="disputes")
    entries = [enlisted(county, appeal, cast.county.actor, at), enlisted(city, appeal, cast.city.actor, at)]
    other = outside(county, cast.county.actor, at, to=cast.places.town)
    resolved(appeal, cast, at)
    claimed(entries[0], cast.town.actor, at, figures_reason="同班组一人后来补发")
    struck(entries[0], cast.county.actor, at)
    with scope.acting_as(cast.city.actor):
        seen = settling_totals.overview(cast.city.actor, EntryFilters(year=2025), at.date())
        total = seen.total.sums
        assert (total.count, total.struck_off, total.people, total.yuan) == (2, 1, 3, Decimal("24000.00"))
        for rows in (seen.by_kind, seen.by_county):
            assert sum((row.sums.count for row in rows), 0) == 2
            assert sum((row.sums.yuan for row in rows), Decimal(0)) == total.yuan
            for row in rows:
                asked = EntryFilters(**{name: getattr(row.filters, name) for name in ("year", "kind", "county")})
                assert settling.entries_of(cast.city.actor, asked, at.date()).count() == row.sums.count
        struck_off = EntryFilters(year=2025, show="struck_off")
        assert [entry.pk for entry in settling.entries_of(cast.city.actor, struck_off, at.date())] == [entries[0].pk]
        nothing = settling_totals.overview(cast.city.actor, EntryFilters(year=2024), at.date())
        assert nothing.total.sums.count == 0
        next_year = settling_totals.overview(cast.city.actor, EntryFilters(year=2026), at.date())
        assert (next_year.total.sums.count, next_year.total.sums.struck_off) == (1, 0)
    assert other.number == 2


def test_late_entries_stand_first_and_count_as_late(cast, at):
    found = opened(cast.county.actor, at)
    outside(found, cast.county.actor, at, to=cast.places.town, due_on=DUE)
    late = outside(
        found, cast.county.actor, at, to=cast.places.town, due_on=date(2025, 10, 20), title="先到期的那一件事情"
    )
    with scope.acting_as(cast.county.actor):
        page = settling.entries_page(cast.county.actor, EntryFilters(list_id=found.pk), date(2025, 10, 22))
        assert page.entries[0].pk == late.pk
        assert settling.sums_of(found, cast.county.actor, date(2025, 10, 22)).late == 1
        assert settling.sums_of(found, cast.county.actor, date(2025, 10, 20)).late == 0


def test_postgresql_holds_the_rows_by_owner_and_by_who_is_asked(cast, at):
    found = opened(cast.county.actor, at)
    entry = outside(found, cast.county.actor, at, to=cast.places.town)
    outside(found, cast.county.actor, at, to=cast.places.neighbour_town, title="另一个街道的一件事情")
    for who, lists, entries in (
        (cast.county.actor, 1, 2),
        (cast.town.actor, 1, 1),
        (cast.city.actor, 1, 2),
        (cast.auditor.actor, 1, 2),
        (cast.outsider.actor, 0, 0),
        (cast.grassroots.actor, 0, 0),
        (cast.worker.actor, 0, 0),
    ):
        with scope.acting_as(who), connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT count(*) FROM dispatch_settlinglist), (SELECT count(*) FROM dispatch_listentry)"
            )
            assert cursor.fetchone() == (lists, entries), who.name
            assert SettlingList.objects.visible_to(who).count() == lists
            assert ListEntry.objects.visible_to(who).count() == entries
    assert entry.organisation == cast.places.town


def test_a_matter_follows_its_appeal_to_the_next_handler(cast, at):
    appeal = asked_of_town(cast, at)
    entry = enlisted(opened(cast.county.actor, at), appeal, cast.county.actor, at)
    with scope.acting_as(cast.county.actor):
        actions.transfer_order(
            appeal_id=appeal.pk,
            organisation_id=cast.places.neighbour_town.pk,
            reason="工地在小港",
            by=cast.county.actor,
            at=at,
        )
    with scope.acting_as(SYSTEM):
        assert ListEntry.objects.get(pk=entry.pk).organisation == cast.places.neighbour_town
    assert FLED
