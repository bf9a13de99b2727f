"""May the worker of a merged part urge, and does it count once a day on the lead without a name?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.models import Supervision
from gongqing.dispatch.tests.make import WAGES, received
from gongqing.lib.errors import NotAllowed, NotFound
from gongqing.notices.models import Message
from tests.cast import Cast


def urge(appeal: Appeal, by: Actor, at: datetime, note: str = "") -> None:
    with scope.acting_as(by):
        actions.urge_appeal(appeal_id=appeal.pk, note=note, by=by, at=at)


@pytest.fixture
def group(cast: Cast, at: datetime) -> tuple[Appeal, Appeal, Appeal]:
    """A lead and two parts, one of them brought in by a member of staff."""
    employer = cast.places.workshop.name
    lead = received(WAGES, by=cast.hotline.actor, at=at, employer=employer)
    own = received("欠我两个月工资，请帮我。", by=cast.worker.actor, at=at, employer=employer)
    other = received("也欠我两个月。", by=cast.hotline.actor, at=at, employer=employer)
    with scope.acting_as(cast.county.actor):
        actions.merge_appeals(
            lead_id=lead.pk, part_ids=[own.pk, other.pk], reason="同一批工资", by=cast.county.actor, at=at
        )
    return lead, own, other


def counted(lead: Appeal) -> list[tuple[str, str]]:
    with scope.acting_as(SYSTEM):
        found = Supervision.objects.filter(appeal=lead, kind="urge").order_by("id")
        return list(found.values_list("by_name", "note"))


def test_it_counts_once_a_day_on_the_lead_without_a_name(
    cast: Cast, at: datetime, group: tuple[Appeal, Appeal, Appeal]
) -> None:
    lead, own, other = group
    urge(own, cast.worker.actor, at, note="我家里等着用钱")
    with pytest.raises(NotAllowed, match="刚催过"):
        urge(own, cast.worker.actor, at + timedelta(hours=3))
    urge(other, cast.hotline.actor, at + timedelta(hours=1))
    assert counted(lead) == [("并入件的职工", "")]
    urge(own, cast.worker.actor, at + timedelta(days=1))
    assert len(counted(lead)) == 2
    with scope.acting_as(SYSTEM):
        mine = Event.objects.filter(kind="appeal.urged", subject_id=own.pk).order_by("id")
        assert [event.note for event in mine] == ["我家里等着用钱", ""]
        assert not Supervision.objects.filter(appeal__in=[own, other]).exists()
        told = Event.objects.filter(subject_kind="appeal", subject_id=lead.pk, kind="appeal.part_urged")
        assert {(event.name, event.note, event.user_id) for event in told} == {(SYSTEM.name, "", None)}
        assert "我家里" not in str(list(Message.objects.values_list("text", flat=True)))
        assert not Event.objects.filter(subject_id=lead.pk, kind="appeal.urged").exists()


def test_a_supervisor_urges_the_lead_itself(cast: Cast, at: datetime, group: tuple[Appeal, Appeal, Appeal]) -> None:
    lead, own, _ = group
    with pytest.raises(NotAllowed, match="请在主件上催办"):
        urge(own, cast.county.actor, at)
    urge(lead, cast.county.actor, at)
    assert counted(lead) == [(cast.county.actor.name, "")]


def test_nobody_urges_by_way_of_another_part(cast: Cast, at: datetime, group: tuple[Appeal, Appeal, Appeal]) -> None:
    lead, _, other = group
    for appeal in (lead, other):
        with pytest.raises(NotFound):
            urge(appeal, cast.worker.actor, at)


def test_after_it_is_taken_out_it_is_urged_itself(
    cast: Cast, at: datetime, group: tuple[Appeal, Appeal, Appeal]
) -> None:
    lead, own, _ = group
    with scope.acting_as(cast.county.actor):
        actions.unmerge_appeal(part_id=own.pk, reason="单独办", by=cast.county.actor, at=at)
    urge(own, cast.worker.actor, at + timedelta(hours=5))
    assert (counted(lead), len(counted(own))) == ([], 1)


def test_the_page_of_a_part_offers_it(cast: Cast, group: tuple[Appeal, Appeal, Appeal], browser_of: Any) -> None:
    _, own, _ = group
    worker, page = browser_of("worker"), f"/a/{own.code}"
    assert "催一催" in worker.get(page).content.decode()
    assert worker.post(f"{page}/urge").status_code == 302
    assert "您催了一次" in worker.get(page).content.decode()
    again = worker.post(f"{page}/urge")
    assert (again.status_code, "刚催过" in again.content.decode()) == (409, True)
