"""Are reminders told as few notices, to the right inbox, and never about what is settled?"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch import actions
from gongqing.dispatch.models import Clock, Digest, Reminder
from gongqing.dispatch.queries.digests import digest_page
from gongqing.dispatch.tests.copies import copies_of
from gongqing.dispatch.tests.make import FLED, received
from gongqing.dispatch.tests.test_ladder import ARREARS, MINUTE, signed
from gongqing.lib.errors import NotFound
from gongqing.lib.times import SHANGHAI
from gongqing.notices.models import Message
from tests.cast import Cast


def told(**inbox) -> list[str]:
    """What lies in an inbox of the house."""
    with scope.acting_as(SYSTEM):
        return list(Message.objects.filter(**inbox, state="inbox").order_by("id").values_list("text", flat=True))


def test_five_hundred_clocks_in_a_minute_are_one_notice_to_the_handler_and_one_above(cast: Cast, at):
    appeal = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    copies_of(appeal, 499)
    with scope.acting_as(SYSTEM):
        Message.objects.all().delete()
        sign = Clock.objects.get(appeal=appeal, name="sign").due_at
    assert actions.sweep_clocks(at=sign + MINUTE) >= 500
    town, county = told(organisation=cast.places.town), told(organisation=cast.places.county)
    assert (len(town), len(county)) == (1, 1)
    assert town[0] == "诉求提醒 500 件：红牌，已超时 500 件。"
    assert county[0] == "诉求提醒 500 件：自动督办 500 件。"
    assert told(user__isnull=False) == []
    with scope.acting_as(SYSTEM):
        assert Message.objects.count() == 2
        link = Message.objects.get(organisation=cast.places.town).link
        assert link == f"/desk/digests/{Digest.objects.get(organisation=cast.places.town).pk}"


def test_what_comes_within_half_an_hour_waits_for_the_next_digest(cast: Cast, at):
    first = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    with scope.acting_as(SYSTEM):
        sign = Clock.objects.get(appeal=first, name="sign").due_at
    received(ARREARS, by=cast.stranger.actor, at=at + 10 * MINUTE, employer=cast.places.workshop.name)
    actions.sweep_clocks(at=sign + MINUTE)
    before = len(told(organisation=cast.places.county))
    assert before == 1
    actions.sweep_clocks(at=sign + 12 * MINUTE)
    assert len(told(organisation=cast.places.county)) == before
    actions.sweep_clocks(at=sign + 30 * MINUTE)
    assert len(told(organisation=cast.places.county)) == before
    actions.sweep_clocks(at=sign + 31 * MINUTE)
    assert len(told(organisation=cast.places.county)) == before + 1
    assert actions.send_digests(at=sign + 300 * MINUTE) == 0


def test_hints_come_in_the_morning_to_whoever_works_on_it(cast: Cast, at):
    appeal = signed(cast, at)
    with scope.acting_as(SYSTEM):
        half = Clock.objects.get(appeal=appeal, name="close").next_look_at
    assert half.astimezone(SHANGHAI).strftime("%m-%d %H:%M") == "10-17 13:45"
    actions.sweep_clocks(at=half + MINUTE)
    assert told(user_id=cast.town.user_id) == []
    monday = datetime(2025, 10, 20, 8, 40, tzinfo=SHANGHAI)
    for weekend in (half + timedelta(hours=20), half + timedelta(hours=44), monday - MINUTE):
        actions.sweep_clocks(at=weekend)
    assert told(user_id=cast.town.user_id) == []
    actions.sweep_clocks(at=monday)
    assert told(user_id=cast.town.user_id) == [f"时限过半：{appeal.title}"]


def test_what_was_settled_meanwhile_is_told_to_nobody(cast: Cast, at):
    appeal = signed(cast, at)
    with scope.acting_as(SYSTEM):
        half = Clock.objects.get(appeal=appeal, name="close").next_look_at
    actions.sweep_clocks(at=half + MINUTE)
    with scope.acting_as(cast.town.actor):
        actions.pause_order(
            appeal_id=appeal.pk,
            reason="waiting_for_material",
            note="等职工补工资条",
            by=cast.town.actor,
            at=half + 2 * MINUTE,
        )
    actions.sweep_clocks(at=datetime(2025, 10, 20, 9, 0, tzinfo=SHANGHAI))
    assert told(user_id=cast.town.user_id) == []
    with scope.acting_as(SYSTEM):
        assert not Reminder.objects.filter(digest__isnull=True).exists()


def test_red_matters_are_told_at_once_each_by_itself(cast: Cast, at):
    red = received(FLED, by=cast.worker.actor, at=at)
    copies_of(red, 2)
    with scope.acting_as(SYSTEM):
        handler = Appeal.objects.get(pk=red.pk).handler_id
        Message.objects.all().delete()
        sign = Clock.objects.get(appeal=red, name="sign").due_at
    actions.sweep_clocks(at=sign + MINUTE)
    texts = [text for text in told(organisation_id=handler) if "红牌" in text]
    assert len(texts) == 3
    assert all(text.startswith("【红色诉求】") for text in texts)


def test_a_digest_is_read_by_its_inbox_alone(cast: Cast, at):
    appeal = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    copies_of(appeal, 2)
    with scope.acting_as(SYSTEM):
        sign = Clock.objects.get(appeal=appeal, name="sign").due_at
    actions.sweep_clocks(at=sign + MINUTE)
    with scope.acting_as(SYSTEM):
        digest = Digest.objects.get(organisation=cast.places.town)
    with scope.acting_as(cast.town.actor):
        found = digest_page(digest.pk, cast.town.actor, sign + MINUTE)
        assert [(group.kind.value, len(group.lines)) for group in found.groups] == [("overdue", 3)]
    for who in (cast.outsider, cast.county, cast.zone, cast.auditor):
        with scope.acting_as(who.actor), pytest.raises(NotFound):
            digest_page(digest.pk, who.actor, sign + MINUTE)


def test_old_digests_are_taken_away(cast: Cast, at):
    appeal = received(ARREARS, by=cast.worker.actor, at=at, employer=cast.places.workshop.name)
    copies_of(appeal, 1)
    late = at + timedelta(days=3)
    actions.sweep_clocks(at=late)
    assert actions.forget_digests(at=late + timedelta(days=59)) == 0
    assert actions.forget_digests(at=late + timedelta(days=61)) > 0
    with scope.acting_as(SYSTEM):
        assert not Digest.objects.exists()
