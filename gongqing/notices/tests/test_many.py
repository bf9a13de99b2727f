"""Do many short messages at once fare as each would alone?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from gongqing.accounts import client
from gongqing.audit.models import Event
from gongqing.lib.errors import BadInput
from gongqing.notices import actions
from gongqing.notices.models import Message
from gongqing.notices.tests.test_delivery import PHONE, clock, sent
from gongqing.registry import actions as registry
from gongqing.registry.models import Consent, PrivacyNotice, Purpose, sealing


def test_many_are_queued_in_one_go_as_each_alone(system):
    evening = clock("13T22:00")
    other = "13900000418"
    person = registry.find_or_register_person(phone=PHONE, by=system, at=evening)
    notice = PrivacyNotice.objects.create(version=9, text="告知", effective_from=evening.date())
    Consent.objects.create(
        person=person, purpose=Purpose.CONTACT, notice=notice, door="app", given_at=evening, withdrawn_at=evening
    )
    values = {"code": "GQ1", "link": "https://a.cn/lookup"}
    drafts = [
        actions.Draft(other, "received", values, "appeal", 1),
        actions.Draft(PHONE, "received", values, "appeal", 2),
        actions.Draft(PHONE, "received", values, "appeal", 3, urgent=True),
    ]
    first, refused, urgent = actions.send_messages(drafts=drafts, by=system, at=evening)
    assert [one.state for one in (first, refused, urgent)] == ["queued", "cancelled", "queued"]
    alone = actions.send_message(
        phone=other, template="received", values=values, by=system, at=evening, subject_kind="appeal", subject_id=1
    )
    assert urgent.not_before is None
    kept = Message.objects.get(pk=first.pk)
    for name in ("text", "phone_mask", "subject_kind", "subject_id", "template", "not_before", "created_at"):
        assert getattr(kept, name) == getattr(alone, name)
    assert sealing.open_sealed(kept.phone_sealed or b"", "message.phone") == other
    kinds = Event.objects.filter(subject_kind="message").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["message.queued", "message.cancelled", "message.queued", "message.queued"]


def test_one_bad_draft_queues_none(system, at):
    values = {"code": "GQ1", "link": "https://a.cn/lookup"}
    good = actions.Draft(PHONE, "received", values, "appeal", 1)
    for bad in (
        actions.Draft("138****0417", "received", values, "appeal", 2),
        actions.Draft(PHONE, "unheard_of", values, "appeal", 2),
        actions.Draft(PHONE, "received", {}, "appeal", 2),
    ):
        with pytest.raises(BadInput), transaction.atomic():
            actions.send_messages(drafts=[good, bad], by=system, at=at)
    assert not Message.objects.exists()


def test_many_leave_in_one_go_and_each_has_its_own_fate(system, at, monkeypatch):
    good, bad, odd, spoilt, last = (sent(system, at, text=text) for text in ("好", "坏", "怪", "糊", "末"))
    Message.objects.filter(pk=spoilt.pk).update(phone_sealed=b"\x01\x02k1" + bytes(40))

    def gateway(parcel):
        if parcel.text == "坏":
            raise client.Refused("号码是空号")
        if parcel.text == "怪":
            raise KeyError("id")
        return f"G-{parcel.text}"

    monkeypatch.setitem(client.GATEWAYS, "file", gateway)
    assert actions.deliver_due_messages(at=at, most=9, seconds=9) == 5
    found = {one.pk: one for one in Message.objects.all()}
    states = [found[one.pk].state for one in (good, bad, odd, spoilt, last)]
    assert states == ["sent", "failed", "queued", "failed", "sent"]
    assert (found[good.pk].gateway_id, found[last.pk].gateway_id) == ("G-好", "G-末")
    assert found[bad.pk].last_fault == "号码是空号"
    assert "解密" in found[spoilt.pk].last_fault
    assert found[odd.pk].not_before == at + timedelta(minutes=1)
    assert actions.deliver_due_messages(at=at, most=9, seconds=9) == 0


def test_few_messages_are_at_stake_with_a_slow_gateway(system, at):
    for _ in range(3):
        sent(system, at)
    assert actions.deliver_due_messages(at=at, most=9, seconds=0) == 1
    assert Message.objects.filter(state="sent").count() == 1
    assert actions.deliver_due_messages(at=at, most=1, seconds=9) == 1
