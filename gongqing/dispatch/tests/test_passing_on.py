"""Does the work of somebody who leaves lie with somebody again, and does a list say so that is signed once?"""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from docx import Document

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.accounts.models import Posting
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor, Role
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions
from gongqing.dispatch.jobs import pass_on_ended
from gongqing.dispatch.models import DutyShift, Order, PassOn
from gongqing.dispatch.queries.passing_on import OpenWork, open_work
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.lib import times
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.notices.models import Message
from tests.cast import Cast

Browser = Callable[[str], Client]


@pytest.fixture
def at() -> datetime:
    """Now: the pages and jobs of these tests look at the clock."""
    return times.now()


def signed(cast: Cast, at: datetime, by: Actor | None = None) -> Appeal:
    """An appeal that somebody of the town has signed."""
    appeal = received(WAGES, by=cast.hotline.actor, at=at, employer=cast.places.workshop.name)
    with scope.acting_as(SYSTEM):
        actions.dispatch_appeal(appeal_id=appeal.pk, organisation_id=cast.places.town.pk, note="试派", by=SYSTEM, at=at)
    with scope.acting_as(by or cast.town.actor):
        actions.sign_order(appeal_id=appeal.pk, by=by or cast.town.actor, at=at)
    return appeal


def colleague(cast: Cast, at: datetime, name: str = "colleague", role: Role = Role.TOWN_SUPERVISOR) -> Actor:
    """Another supervisor of the town."""
    with scope.acting_as(SYSTEM):
        user = accounts.create_user(username=name, name="同事乙", by=SYSTEM, at=at)
        posting = accounts.appoint(
            user_id=user.pk,
            role=role,
            organisation_id=cast.places.town.pk,
            since=(at - timedelta(days=30)).date(),
            by=SYSTEM,
            at=at,
        )
        return account_queries.actor_of(user, posting, on=at.date())


def leave(cast: Cast, at: datetime, successor: Actor | None = None, until: date | None = None) -> None:
    with scope.acting_as(cast.admin.actor):
        accounts.end_posting(
            posting_id=cast.town.posting_id,
            until=until or times.day_of(at),
            reason="调离",
            successor_id=successor.user_id if successor else None,
            by=cast.admin.actor,
            at=at,
        )


def assignee(appeal: Appeal) -> tuple[int | None, str]:
    with scope.acting_as(SYSTEM):
        order = Order.objects.get(appeal=appeal, role="handle", status__in=["signed", "in_progress"])
        return order.assignee_user_id, order.assignee_name


def the_list() -> PassOn:
    with scope.acting_as(SYSTEM):
        return PassOn.objects.select_related("posting").get()


def test_open_work_passes_to_the_successor(cast: Cast, at: datetime) -> None:
    appeal, heir = signed(cast, at), colleague(cast, at)
    leave(cast, at, heir)
    assert assignee(appeal) == (heir.user_id, "同事乙")
    found = the_list()
    assert (found.successor_id, found.note, found.signed_at) == (heir.user_id, "调离", None)
    with scope.acting_as(SYSTEM):
        item = found.items.get()
        assert (item.appeal_id, item.status) == (appeal.pk, "signed")
        assert item.due_at == Appeal.objects.get(pk=appeal.pk).due_at
        assert Event.objects.get(kind="posting.ended").data["successor"] == heir.user_id
        assert Event.objects.filter(kind="appeal.work_passed_on", subject_id=appeal.pk).count() == 1
        told = Message.objects.filter(subject_kind="pass_on", subject_id=found.pk)
        assert set(told.values_list("organisation_id", "user_id")) == {
            (cast.places.town.pk, None),
            (None, heir.user_id),
        }


def test_without_a_successor_it_stays_with_the_organisation(cast: Cast, at: datetime) -> None:
    appeal = signed(cast, at)
    leave(cast, at)
    assert assignee(appeal) == (None, "")
    heir = colleague(cast, at)
    with scope.acting_as(heir):
        actions.take_over_work(pass_on_id=the_list().pk, by=heir, at=at)
    assert assignee(appeal) == (heir.user_id, "同事乙")
    assert the_list().signed_by_name == "同事乙"
    with scope.acting_as(heir), pytest.raises(NotAllowed, match="已经由同事乙签收过了"):
        actions.take_over_work(pass_on_id=the_list().pk, by=heir, at=at)


def test_a_superior_attests_and_takes_nothing(cast: Cast, at: datetime) -> None:
    appeal = signed(cast, at)
    leave(cast, at)
    with scope.acting_as(cast.county.actor):
        actions.take_over_work(pass_on_id=the_list().pk, by=cast.county.actor, at=at)
    assert assignee(appeal) == (None, "")


def test_strangers_sign_nothing(cast: Cast, at: datetime) -> None:
    signed(cast, at)
    leave(cast, at)
    for player, refusal in ((cast.outsider, NotFound), (cast.auditor, NotPermitted), (cast.zone, NotFound)):
        with scope.acting_as(player.actor), pytest.raises(refusal):
            actions.take_over_work(pass_on_id=the_list().pk, by=player.actor, at=at)


def test_nothing_in_hand_leaves_no_list_and_a_second_time_changes_nothing(cast: Cast, at: datetime) -> None:
    leave(cast, at)
    with scope.acting_as(SYSTEM):
        assert not PassOn.objects.exists()
        assert actions.pass_on_work(posting_id=cast.town.posting_id, by=SYSTEM, at=at) is None


def test_what_others_hold_and_what_is_done_stays(cast: Cast, at: datetime) -> None:
    heir = colleague(cast, at)
    others, own = signed(cast, at, heir), signed(cast, at)
    with scope.acting_as(SYSTEM):
        done = signed(cast, at)
        Order.objects.filter(appeal=done).update(status="done")
    leave(cast, at, heir)
    with scope.acting_as(SYSTEM):
        assert [item.appeal_id for item in the_list().items.all()] == [own.pk]
        assert Order.objects.get(appeal=done, role="handle").assignee_user_id == cast.town.user_id
    assert assignee(others)[0] == heir.user_id


def test_a_successor_works_at_the_same_place(cast: Cast, at: datetime) -> None:
    signed(cast, at)
    for wrong in (cast.county.actor, cast.town.actor):
        with pytest.raises(BadInput) as refused:
            leave(cast, at, wrong)
        assert refused.value.field == "successor"


def test_duty_to_come_goes_along_where_the_successor_is_free(cast: Cast, at: datetime) -> None:
    heir = colleague(cast, at)
    hours = [(at + timedelta(days=day), at + timedelta(days=day, hours=8)) for day in (-1, 1, 2)]
    with scope.acting_as(SYSTEM):
        for start, end in hours:
            DutyShift.objects.create(
                organisation=cast.places.town,
                user_id=cast.town.user_id,
                starts_at=start,
                ends_at=end,
                made_at=at,
                by_name="x",
            )
        busy = DutyShift.objects.create(
            organisation=cast.places.town,
            user_id=heir.user_id,
            rank=2,
            starts_at=hours[2][0] + timedelta(hours=1),
            ends_at=hours[2][1],
            made_at=at,
            by_name="x",
        )
    leave(cast, at, heir)
    with scope.acting_as(SYSTEM):
        held = DutyShift.objects.filter(user_id=heir.user_id).order_by("starts_at")
        assert [shift.starts_at for shift in held] == [hours[1][0], busy.starts_at]
        assert DutyShift.objects.filter(user_id=cast.town.user_id).count() == 1
    assert len(the_list().shifts) == 2


def test_an_account_out_of_use_passes_its_work_on(cast: Cast, at: datetime) -> None:
    appeal = signed(cast, at)
    with scope.acting_as(cast.admin.actor):
        accounts.deactivate_user(user_id=cast.town.user_id, reason="离职", by=cast.admin.actor, at=at)
    assert assignee(appeal) == (None, "")
    assert the_list().note == "离职"


def test_a_posting_that_ends_later_keeps_its_work_until_then(cast: Cast, at: datetime) -> None:
    appeal, heir = signed(cast, at), colleague(cast, at)
    leave(cast, at, heir, until=times.day_of(at) + timedelta(days=1))
    assert assignee(appeal)[0] == cast.town.user_id
    with scope.acting_as(SYSTEM):
        assert not PassOn.objects.exists()
        # the day comes
        Posting.objects.filter(pk=cast.town.posting_id).update(until=times.day_of(at))
    pass_on_ended(0)
    assert assignee(appeal)[0] == heir.user_id
    pass_on_ended(0)
    assert the_list().successor_id == heir.user_id


def test_somebody_who_stays_in_another_posting_keeps_the_work(cast: Cast, at: datetime) -> None:
    appeal = signed(cast, at)
    with scope.acting_as(SYSTEM):
        old = Posting.objects.get(pk=cast.town.posting_id)
        Posting.objects.create(user=old.user, organisation=old.organisation, role=Role.MEDIATOR, since=times.day_of(at))
        assert open_work(old, at) == OpenWork(0, 0)
    leave(cast, at)
    assert assignee(appeal)[0] == cast.town.user_id


def test_the_administrator_sees_how_much_and_chooses_who(cast: Cast, browser_of: Browser, at: datetime) -> None:
    appeal, heir = signed(cast, at), colleague(cast, at)
    admin = browser_of("admin")
    address = f"/desk/staff/{cast.town.user_id}/postings/{cast.town.posting_id}/end"
    page = admin.get(address).content.decode()
    assert "1 件在办诉求" in page
    assert "同事乙" in page
    assert appeal.title not in page
    assert admin.post(address, {"successor": str(cast.county.user_id)}).status_code == 422
    assert admin.post(address, {"successor": str(heir.user_id), "reason": "调离"}).status_code == 302
    assert assignee(appeal)[0] == heir.user_id
    assert browser_of("county").get(address).status_code == 403


def test_the_list_is_read_signed_and_taken_away(cast: Cast, browser_of: Browser, at: datetime) -> None:
    appeal = signed(cast, at)
    county = browser_of("county")
    assert "没有等签收的交接" in county.get("/desk/pass-on").content.decode()
    leave(cast, at)
    found = the_list()
    listed = county.get("/desk/pass-on").content.decode()
    assert f"/desk/pass-on/{found.pk}" in listed
    address = f"/desk/pass-on/{found.pk}"
    page = county.get(address).content.decode()
    for words in (appeal.code, appeal.title, "移交人", "监交人", "签收清单"):
        assert words in page
    paper = Document(io.BytesIO(county.get(f"{address}.docx").content))
    rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert rows[0][:3] == ["序号", "编号", "事由"]
    assert rows[1][:3] == ["1", appeal.code, appeal.title]
    assert len(rows) == 2
    assert "监交人：" in "\n".join(each.text for each in paper.paragraphs)
    book = county.get(f"{address}.xlsx")
    assert book.content[:2] == b"PK"
    with scope.acting_as(SYSTEM):
        assert AccessLog.objects.filter(kind="pass_on.taken", subject_id=found.pk).count() == 2
    assert county.post(f"{address}/sign").status_code == 302
    assert "签收" in county.get(address).content.decode()
    assert county.post(f"{address}/sign").status_code == 409
    assert browser_of("outsider").get(address).status_code == 404
    assert browser_of("auditor").get("/desk/pass-on").status_code == 403
