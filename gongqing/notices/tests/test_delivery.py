"""Do short messages keep quiet hours, outlive a gateway that is down, and learn what became of them?"""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import connection

from gongqing.accounts import actions as accounts
from gongqing.accounts import client
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.lib import times
from gongqing.lib.errors import NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import SHANGHAI
from gongqing.notices import actions, jobs, queries
from gongqing.notices.models import Message
from gongqing.notices.queries import MessageFilters
from gongqing.notices.rules.leaving import QuietHours, may_leave_at, wait_after
from gongqing.registry import actions as registry
from gongqing.registry.models import Consent, PrivacyNotice, Purpose

PHONE = "13800000417"
NIGHT = QuietHours.from_text("21:00-08:00")
NOON = QuietHours.from_text("12:00-13:30")


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2025-10-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("at", "quiet", "leaves"),
    [
        ("13T20:59", NIGHT, "13T20:59"),
        ("13T21:00", NIGHT, "14T08:00"),
        ("13T23:59", NIGHT, "14T08:00"),
        ("14T00:00", NIGHT, "14T08:00"),
        ("14T07:59:59", NIGHT, "14T08:00"),
        ("14T08:00", NIGHT, "14T08:00"),
        ("31T22:00", NIGHT, None),
        ("13T12:10", NOON, "13T13:30"),
        ("13T13:30", NOON, "13T13:30"),
        ("13T22:10", None, "13T22:10"),
    ],
)
def test_quiet_hours(at, quiet, leaves):
    wanted = clock(leaves) if leaves else datetime(2025, 11, 1, 8, tzinfo=SHANGHAI)
    assert may_leave_at(clock(at), quiet=quiet, is_urgent=False) == wanted
    assert may_leave_at(clock(at), quiet=quiet, is_urgent=True) == clock(at)


@pytest.mark.parametrize("text", ["21:00", "21:00-21:00", "x-y", "21:00-08:00-09:00"])
def test_a_setting_that_is_no_span_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # datetime words it differently
        QuietHours.from_text(text)


def test_waits_grow_and_end():
    assert [wait_after(count) for count in range(1, 7)] == [
        *(timedelta(minutes=minutes) for minutes in (1, 5, 25, 125, 625)),
        None,
    ]


@pytest.fixture
def quiet(settings):
    given = settings.GONGQING

    class Given:
        quiet_hours = NIGHT

        def __getattr__(self, name):
            return getattr(given, name)

    settings.GONGQING = Given()


@pytest.fixture
def down(monkeypatch):
    def refuse(parcel):
        raise OSError("连接网关超时")

    monkeypatch.setitem(client.GATEWAYS, "file", refuse)


def sent(by, at, **given):
    given = {"text": "您好"} | given
    return actions.send_message(phone=PHONE, by=by, at=at, **given)


def test_an_ordinary_message_waits_for_the_morning_and_a_red_one_does_not(system, quiet):
    evening, morning = clock("13T22:00"), clock("14T08:00")
    message, red = sent(system, evening), sent(system, evening, urgent=True)
    assert (message.not_before, red.not_before) == (morning, None)
    assert actions.deliver_message(message_id=message.pk, at=evening).state == "queued"
    assert actions.deliver_message(message_id=red.pk, at=evening).state == "sent"
    assert actions.deliver_message(message_id=message.pk, at=morning).state == "sent"


def test_a_gateway_that_is_down_loses_nothing(system, down, quiet, monkeypatch):
    at = clock("13T10:00")
    message = sent(system, at)
    waits = []
    for _ in range(6):
        message = actions.deliver_message(message_id=message.pk, at=at)
        assert "超时" in message.last_fault
        if message.not_before:
            waits.append(int((message.not_before - at).total_seconds() // 60))
            early = actions.deliver_message(message_id=message.pk, at=at)
            assert early.attempts == message.attempts, "not before its time"
            at = message.not_before
    # the fifth wait would end at 23:01 and goes on to the morning
    assert waits == [1, 5, 25, 125, 19 * 60 + 24]
    assert (message.state, message.attempts) == ("failed", 6)
    assert queries.waiting_messages(at).failed_count == 1
    monkeypatch.undo()


def test_a_sign_in_code_is_never_sent_later(cast, at, down, browser_of):
    with pytest.raises(NotAllowed, match="暂时发不出去"):
        accounts.send_code(phone=PHONE, address="10.0.0.1", at=at)
    with scope.acting_as(SYSTEM):
        assert not Message.objects.exists()
    page = browser_of("").post("/me/sign-in", {"phone": "13800000418"})
    assert page.status_code == 409
    assert "暂时发不出去" in page.content.decode()


def test_a_failed_message_goes_again_and_leaves(cast, at, down, monkeypatch):
    with scope.acting_as(SYSTEM):
        message = sent(SYSTEM, at)
        assert queries.waiting_messages(at + timedelta(minutes=9)).oldest_minutes == 9
        Message.objects.filter(pk=message.pk).update(attempts=5)
        actions.deliver_message(message_id=message.pk, at=at)
    admin = cast.admin.actor
    with scope.acting_as(admin):
        assert queries.state_counts(admin) == {"failed": 1}
        assert actions.send_again(message_id=message.pk, by=admin, at=at) == 1
        with pytest.raises(NotAllowed):
            actions.send_again(message_id=message.pk, by=admin, at=at)
        with pytest.raises(NotFound):
            actions.send_again(message_id=0, by=admin, at=at)
    monkeypatch.undo()
    monkeypatch.setattr(client, "_to_file", lambda parcel: "")
    monkeypatch.setitem(client.GATEWAYS, "file", lambda parcel: "G-1")
    with scope.acting_as(SYSTEM):
        again = actions.deliver_message(message_id=message.pk, at=at)
        assert (again.state, again.gateway_id, again.last_fault, again.attempts) == ("sent", "G-1", "", 1)


def test_messages_leave_with_the_next_round_and_not_before_their_moment(system, at):
    first, urgent, later = sent(system, at), sent(system, at, urgent=True), sent(system, at)
    Message.objects.filter(pk=later.pk).update(not_before=times.now() + timedelta(hours=1))
    assert list(queries.due_messages(times.now())) == [first, urgent], (
        "an urgent one whose own job was lost is found, too"
    )
    assert list(queries.due_messages(times.now() + timedelta(hours=1))) == [first, urgent, later]
    jobs.deliver_due.func(timestamp=0)
    assert list(Message.objects.order_by("id").values_list("state", flat=True)) == ["sent", "sent", "queued"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'notices.deliver'")
        assert len(cursor.fetchall()) == 1, "what may wait makes no job of its own"


def test_who_withdrew_is_left_alone_but_for_danger(system, at):
    person = registry.find_or_register_person(phone=PHONE, by=system, at=at)
    notice = PrivacyNotice.objects.create(version=9, text="告知", effective_from=at.date())
    before = sent(system, at)
    Consent.objects.create(
        person=person, purpose=Purpose.CONTACT, notice=notice, door="app", given_at=at, withdrawn_at=at
    )
    refused, urgent = sent(system, at), sent(system, at, urgent=True)
    assert (refused.state, urgent.state) == ("cancelled", "queued")
    assert "撤回" in refused.last_fault
    assert actions.deliver_message(message_id=before.pk, at=at).state == "cancelled", "withdrawn since it was queued"
    Consent.objects.create(person=person, purpose=Purpose.CONTACT, notice=notice, door="app", given_at=at)
    assert sent(system, at).state == "queued"


@pytest.fixture
def gateway(settings):
    """A real HTTP gateway on this machine, with the secret of the settings."""
    seen, answers = [], []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((dict(self.headers), body))
            status, content = answers.pop(0)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    given = settings.GONGQING

    class Given:
        sms_gateway, sms_secret, sms_auth = "http", "山水-秘密", "hmac"
        sms_url = f"http://127.0.0.1:{server.server_port}/send"

        def __getattr__(self, name):
            return getattr(given, name)

    settings.GONGQING = Given()
    yield settings.GONGQING, seen, answers
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_http_gateway_is_shown_a_signature_over_time_and_body(system, at, gateway):
    given, seen, answers = gateway
    answers += [(200, b'{"id": 4711}'), (202, b"ok")]
    message = sent(system, at)
    assert actions.deliver_message(message_id=message.pk, at=at).gateway_id == "4711"
    headers, body = seen[0]
    assert json.loads(body) == {"id": message.pk, "phone": PHONE, "text": "您好", "template": ""}
    told = headers["X-Gongqing-Signature"].removeprefix("sm3=")
    assert told == client.signature(given.sms_secret, headers["X-Gongqing-Time"], body)
    assert told != client.signature("other", headers["X-Gongqing-Time"], body)
    given.sms_auth = "bearer"
    with pytest.raises(ValueError, match="ASCII"):
        client.send(PHONE, "您好")
    given.sms_secret = "s3cret"
    client.send(PHONE, "您好", message_id=7, template="SMS_1")
    assert seen[1][0]["Authorization"].endswith(" s3cret")
    assert json.loads(seen[1][1])["template"] == "SMS_1"


@pytest.mark.parametrize(
    ("status", "state", "word"),
    [(503, "queued", "HTTP 503"), (401, "queued", "HTTP 401"), (302, "queued", "HTTP 302"), (422, "failed", "黑名单")],
)
def test_what_the_gateway_answers_is_kept(system, at, gateway, status, state, word):
    _, seen, answers = gateway
    answers.append((status, "号码在黑名单".encode()))
    message = actions.deliver_message(message_id=sent(system, at).pk, at=at)
    assert message.state == state
    assert word in message.last_fault
    assert len(seen) == 1


def test_a_gateway_without_address_or_secret_says_so(system, at, gateway):
    given, _, _ = gateway
    given.sms_secret = ""
    message = actions.deliver_message(message_id=sent(system, at).pk, at=at)
    assert "GONGQING_SMS_SECRET" in message.last_fault
    given.sms_secret, given.sms_url = "x", "ftp://gateway"
    message = actions.deliver_message(message_id=sent(system, at).pk, at=at)
    assert "GONGQING_SMS_URL" in message.last_fault
    given.sms_url = "http://127.0.0.1:1/closed"
    assert actions.deliver_message(message_id=sent(system, at).pk, at=at).state == "queued"


RECEIPTS = "/api/v1/messages/receipts"


def test_receipts_are_written_down_once(cast, at, api_of):
    with scope.acting_as(SYSTEM):
        first, second = sent(SYSTEM, at), sent(SYSTEM, at)
        for message in (first, second):
            actions.deliver_message(message_id=message.pk, at=at)
        Message.objects.filter(pk=second.pk).update(gateway_id="G-2")
        waiting = sent(SYSTEM, at)
    body = {
        "receipts": [
            {"id": first.pk, "state": "delivered", "at": "2025-10-13T14:21:00+08:00"},
            {"gateway_id": "G-2", "state": "undelivered", "fault": "空号"},
            {"id": waiting.pk, "state": "delivered"},
            {"gateway_id": "nobody", "state": "delivered"},
            {"state": "delivered"},
        ]
    }
    answer = api_of("admin").post(RECEIPTS, body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json() == {"taken": 2, "unknown": [str(waiting.pk), "nobody", ""]}
    late = {"receipts": [{"id": first.pk, "state": "undelivered"}]}
    assert api_of("admin").post(RECEIPTS, late, content_type="application/json").json()["taken"] == 1
    with scope.acting_as(SYSTEM):
        states = dict(Message.objects.values_list("pk", "state"))
        assert states == {first.pk: "delivered", second.pk: "failed", waiting.pk: "queued"}
        assert Message.objects.get(pk=second.pk).last_fault == "空号"


def test_receipts_need_a_key_of_their_own(client, cast, at):
    body = {"receipts": [{"id": 1, "state": "delivered"}]}
    assert client.post(RECEIPTS, body, content_type="application/json").status_code == 401
    with scope.acting_as(SYSTEM):
        keys = [
            accounts.issue_key(user_id=player.user_id, scopes=scopes, note="网关", by=SYSTEM, at=at)
            for player, scopes in ((cast.admin, ["appeals:write"]), (cast.auditor, ["messages:write"]))
        ]
    for key in keys:
        headers = {"Authorization": f"Bearer {key}"}
        assert client.post(RECEIPTS, body, content_type="application/json", headers=headers).status_code == 403
    with pytest.raises(NotPermitted):
        actions.note_receipt(message_id=1, is_delivered=True, by=cast.admin.actor, at=at)


@pytest.mark.parametrize(
    "one", [{"id": 0, "state": "delivered"}, {"id": 1, "state": "lost"}, {"id": 2**63, "state": "delivered"}]
)
def test_receipts_that_cannot_be_are_refused(api_of, one):
    assert api_of("admin").post(RECEIPTS, {"receipts": [one]}, content_type="application/json").status_code == 422
    assert api_of("admin").post(RECEIPTS, {"receipts": []}, content_type="application/json").status_code == 422


def test_the_queue_shows_masked_numbers_and_no_keys(cast, at, browser_of):
    with scope.acting_as(SYSTEM):
        link = "https://gq.cn/e/Xk3vQ2m9Lr7TzB4nYw8cHd5s"
        actions.send_message(
            phone=PHONE, template="evaluate", values={"link": link, "code": "GQ1", "days": "15"}, by=SYSTEM, at=at
        )
        failed = sent(SYSTEM, at)
        Message.objects.filter(pk=failed.pk).update(state="failed", attempts=6, last_fault="连接网关超时")
    for who in ("admin", "city"):
        client = browser_of(who)
        page = client.get("/desk/messages").content.decode()
        assert "138****0417" in page
        assert PHONE not in page
        assert "Xk3v" not in page
        assert "连接网关超时" in page
        only = client.get("/desk/messages?state=queued&template=evaluate&day=2025-10-13").content.decode()
        assert "连接网关超时" not in only
        assert "请评价" in only
    assert browser_of("city").post(f"/desk/messages/{failed.pk}/again", {"query": "state=failed"}).status_code == 302
    assert browser_of("city").post("/desk/messages/again").status_code == 302
    assert browser_of("city").get("/desk/messages?state=lost").status_code == 422
    assert browser_of("city").get("/desk/messages?day=x").status_code == 422
    assert browser_of("city").get("/desk/messages?before=-1").status_code == 422
    with scope.acting_as(SYSTEM):
        assert not Message.objects.filter(state="failed").exists()


@pytest.mark.parametrize("who", ["worker", "town", "county", "auditor", "hotline", "outsider", "mediator"])
def test_the_queue_is_closed_to_others(cast, browser_of, who):
    client = browser_of(who)
    for path in ("/desk/messages", "/desk/messages/templates", "/desk/messages/templates/received"):
        assert client.get(path).status_code == 403
    assert client.post("/desk/messages/again").status_code == 403
    by = getattr(cast, who).actor
    with pytest.raises(NotPermitted):
        queries.messages_page(by, MessageFilters(), before=None)
