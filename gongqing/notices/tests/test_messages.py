"""Do messages reach the right inbox and phone, once, and nobody else's eyes?"""

from __future__ import annotations

import json

import pytest
from django.db import connection

from gongqing.accounts import client
from gongqing.audit import scope
from gongqing.lib.errors import BadInput
from gongqing.notices import actions, jobs, queries
from gongqing.notices.models import Message

PHONE = "13800000417"


@pytest.fixture
def outbox(settings, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "keyring.json").write_text(settings.KEYRING.to_json(), encoding="utf-8")
    settings.HOME = tmp_path
    return lambda: [json.loads(line) for line in client.outbox().read_text(encoding="utf-8").splitlines()]


def test_a_notice_reaches_those_posted_there_and_no_others(cast, at):
    town, outsider = cast.town.actor, cast.outsider.actor
    with scope.acting_as(cast.worker.actor):
        actions.notify(organisation_id=town.organisation_id, text="有一件新诉求", at=at, link="/desk/appeals/1")
        assert list(Message.objects.all()) == []
    with scope.acting_as(outsider):
        assert list(Message.objects.all()) == []
    with scope.acting_as(town):
        assert [one.text for one in queries.unread_of(town)] == ["有一件新诉求"]
        actions.notify(user_id=town.user_id, text="请签收", at=at)
        actions.notify(user_id=outsider.user_id, text="请签收", at=at)
        assert queries.unread_count(town) == 2
        assert actions.mark_read(by=town, at=at) == 2
        assert not queries.unread_of(town)
        assert queries.unread_count(town) == 0
        assert len(queries.messages_of(town)) == 2


def test_a_notice_to_one_account_is_that_accounts_alone(cast, at):
    zone, chief = cast.zone.actor, cast.zone_chief.actor
    with scope.acting_as(cast.town.actor):
        told = actions.notify(user_id=zone.user_id, text="请签收", at=at, subject_kind="appeal", subject_id=1)
        again = actions.notify(user_id=zone.user_id, text="请签收", at=at, subject_kind="appeal", subject_id=1)
    assert told == again
    with scope.acting_as(chief):
        assert not queries.unread_of(chief)
        assert actions.mark_read(by=chief, at=at, message_id=told.pk) == 0
    with scope.acting_as(zone):
        assert list(queries.unread_of(zone)) == [told]


def test_a_notice_goes_to_one_place(system, at):
    with pytest.raises(ValueError, match="one account"):
        actions.notify(text="无人", at=at)


def test_a_short_message_is_sealed_and_leaves_once(system, at, outbox):
    message = actions.send_message(
        phone="138 0000 0417", text="【工情】已办结，请评价。", urgent=True, by=system, at=at
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(m)::text FROM notices_message m")
        assert PHONE not in cursor.fetchone()[0]
        cursor.execute("SELECT args::text FROM procrastinate_jobs WHERE task_name = 'notices.deliver'")
        assert json.loads(cursor.fetchone()[0]) == {"message_id": message.pk}
    for _ in range(2):
        jobs.deliver.func(message_id=message.pk)
    assert [(line["phone"], line["text"]) for line in outbox()] == [(PHONE, "【工情】已办结，请评价。")]
    message.refresh_from_db()
    assert message.state == "sent"
    assert client.outbox().stat().st_mode & 0o077 == 0


def test_a_gateway_that_fails_leaves_the_message_queued(system, at, monkeypatch):
    def refuse(parcel):
        raise OSError("gateway down")

    monkeypatch.setitem(client.GATEWAYS, "file", refuse)
    message = actions.send_message(phone=PHONE, text="您好", by=system, at=at)
    actions.deliver_message(message_id=message.pk, at=at)
    message.refresh_from_db()
    assert (message.state, message.sent_at, message.last_fault) == ("queued", None, "gateway down")


@pytest.mark.parametrize(("phone", "text", "field"), [("138****0417", "您好", "phone"), (PHONE, " ", "text")])
def test_what_cannot_be_sent_is_refused(system, at, phone, text, field):
    with pytest.raises(BadInput) as refused:
        actions.send_message(phone=phone, text=text, by=system, at=at)
    assert refused.value.field == field


def test_the_console_gateway_masks_and_an_unknown_one_is_named(settings, caplog):
    settings.GONGQING = type("Given", (), {"sms_gateway": "console"})()
    with caplog.at_level("INFO", logger="gongqing"):
        client.send(PHONE, "您好")
    assert "138****0417" in caplog.text
    assert PHONE not in caplog.text
    settings.GONGQING.sms_gateway = "pigeon"
    with pytest.raises(ValueError, match="pigeon"):
        client.send(PHONE, "您好")
