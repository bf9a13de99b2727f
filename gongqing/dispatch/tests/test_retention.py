"""Does personal data go when its time has come, and never before?"""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from gongqing.accounts import actions as accounts
from gongqing.accounts import queries as account_queries
from gongqing.accounts.models import User
from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.actions.additions import file_path, keep_content
from gongqing.appeals.models import Appeal, Attachment
from gongqing.audit import events, scope, seals, verification
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import AccessLog, Event
from gongqing.dispatch import actions
from gongqing.dispatch.management.commands import retention as command
from gongqing.dispatch.models import Letter
from gongqing.dispatch.rules.retention import Matter, Standing, hindrance, later_by
from gongqing.dispatch.tests.make import received
from gongqing.lib import crypto
from gongqing.lib.errors import NotAllowed, NotPermitted
from gongqing.lib.times import SHANGHAI
from gongqing.notices import actions as notices
from gongqing.notices.models import Message
from gongqing.registry import actions as registry
from gongqing.registry.models import Consent, Load, LoadRow, Person, Right, sealed_files
from tests.cast import Cast

THEN = datetime(2020, 3, 2, 10, tzinfo=SHANGHAI)
AT = datetime(2023, 3, 2, 10, tzinfo=SHANGHAI)
WORDS = "我的电话13800000002，身份证11010519491231002X，老板欠薪三个月"


def standing(**given):
    return Standing(**({"matters": [Matter("archived", THEN)], "entered_at": THEN} | given))


@pytest.mark.parametrize(
    ("given", "years", "why"),
    [
        ({}, 3, ""),
        ({}, 4, "未满 4 年"),
        ({}, None, ""),
        ({"matters": [Matter("archived", THEN), Matter("in_progress", THEN)]}, 3, "1 件诉求没有结束"),
        ({"matters": [Matter("awaiting_evaluation", THEN)]}, None, "1 件诉求没有结束"),
        ({"matters": [Matter("archived", THEN), Matter("withdrawn", THEN + timedelta(seconds=1))]}, 3, "未满 3 年"),
        ({"matters": []}, 3, ""),
        ({"matters": [], "entered_at": AT}, 3, "未满 3 年"),
        ({"last_sign_in": AT - timedelta(days=9)}, 3, "未满 3 年"),
        ({"last_sign_in": AT - timedelta(days=9)}, None, ""),
        ({"request_count": 1}, 3, "没有答复"),
        ({"is_member": True}, None, "在册会员"),
        ({"has_posting": True}, None, "岗位"),
        ({"is_empty": True}, 3, "已经没有"),
    ],
)
def test_what_stands_against_it(given, years, why):
    found = hindrance(standing(**given), at=AT, years=years)
    assert (why in found) if why else found == ""


def test_years_end_on_the_same_day():
    leap = datetime(2024, 2, 29, 8, tzinfo=SHANGHAI)
    assert later_by(leap, 3).isoformat() == "2027-03-01T08:00:00+08:00"
    assert later_by(leap, 4).day == 29


@pytest.fixture
def ended(cast: Cast):
    """The stranger said something in 2020 and took it back."""
    stranger = cast.stranger.actor
    with scope.acting_as(SYSTEM):
        Person.objects.filter(pk=stranger.person_id).update(created_at=THEN)
        registry.load_privacy_notice(by=SYSTEM, at=THEN)
    appeal = received(WORDS, by=stranger, at=THEN, person_phone=cast.stranger.phone, person_name="钱多多")
    with scope.acting_as(stranger):
        appeals.add_material(appeal_id=appeal.pk, text="再打 138-0000-0002", by=stranger, at=THEN)
    with scope.acting_as(SYSTEM):
        actions.announce_receipt(appeal_id=appeal.pk, by=SYSTEM, at=THEN)
    with scope.acting_as(stranger):
        appeals.withdraw_appeal(appeal_id=appeal.pk, reason="算了", by=stranger, at=THEN)
    return appeal


def anonymised(cast: Cast, years=3, at=AT, by=SYSTEM):
    with scope.acting_as(by):
        return actions.anonymise_person(
            person_id=cast.stranger.actor.person_id, reason="到期", years=years, by=by, at=at
        )


def test_what_goes_and_what_remains(cast, ended):
    anonymised(cast)
    with scope.acting_as(SYSTEM):
        person = Person.objects.get(pk=cast.stranger.actor.person_id)
        assert (person.name, person.phone_mask, person.phone_sealed, person.phone_index) == ("", "", None, None)
        assert not Consent.objects.filter(person=person, withdrawn_at__isnull=True).exists()
        user = User.objects.get(pk=cast.stranger.user_id)
        assert (user.is_active, user.last_digits) == (False, "")
        assert not Message.objects.filter(subject_id=ended.pk, phone_sealed__isnull=False).exists()
        appeal = Appeal.objects.get(pk=ended.pk)
        assert appeal.text == "我的电话138****0002，身份证110105********002X，老板欠薪三个月"
        assert "0000-0002" not in appeal.messages.get().text
        assert appeal_queries.found_ids("欠薪三个月") == [appeal.pk]
        assert appeal_queries.found_ids("13800000002") == []
        assert Event.objects.filter(kind="person.anonymised", subject_id=person.pk).count() == 1
        with pytest.raises(NotAllowed, match="已经没有"):
            actions.anonymise_person(person_id=person.pk, reason="到期", years=3, by=SYSTEM, at=AT)


@pytest.fixture
def traced(cast: Cast, ended):
    """The same matter with what officers wrote, a file of the worker's, one of an officer's, and a letter."""
    stranger, city = cast.stranger.actor, cast.city.actor
    with scope.acting_as(SYSTEM):
        Person.objects.filter(pk=stranger.person_id).update(name="钱多多")
        subject = Appeal.objects.get(pk=ended.pk)
        for note in ("已和钱多多谈过", "回拨 13800000002", "已核实"):
            events.record("appeal.noted", subject=subject, by=city, at=THEN, note=note)
        events.record_access(
            "appeal.opened", subject_kind="appeal", subject_id=ended.pk, by=city, at=THEN, reason="钱多多来电"
        )
        events.record_access(
            "data_request.opened", subject_kind="person", subject_id=1, by=stranger, at=THEN, address="10.0.0.7"
        )
        for by, content in ((stranger, b"%PDF-1.4 worker"), (city, b"%PDF-1.4 officer")):
            digest = crypto.digest(content)
            keep_content(digest, content)
            Attachment.objects.create(
                appeal=subject, name="钱多多合同.pdf", media_type="application/pdf", size=len(content),
                digest=digest, at=THEN, by_name=by.name, from_worker=by is stranger,
            )  # fmt: skip
        Letter.objects.create(
            appeal=subject, kind="answer", organisation=cast.places.city, year=2020, number=1, reference="甬1号",
            addressee="钱多多", file_key=sealed_files.keep_sealed(b"letter", "letter.甬1号"), file_digest="0",
            made_at=THEN, by_name="周敏",
        )  # fmt: skip
    return ended


def test_the_trace_forgets_the_person_and_stays_whole(cast, traced, django_capture_on_commit_callbacks):
    seals.seal_trace(day=THEN.date(), secret=b"key", by=SYSTEM, at=THEN)
    with django_capture_on_commit_callbacks(execute=True):
        anonymised(cast)
    with scope.acting_as(SYSTEM):
        notes = dict(Event.objects.filter(kind="appeal.noted").order_by("id").values_list("note", "name"))
        assert notes == {"": cast.city.actor.name, "已核实": cast.city.actor.name}
        kept = "".join(
            f"{one.name}{one.note}" for one in Event.objects.filter(subject_id=traced.pk, subject_kind="appeal")
        ) + "".join(f"{one.name}{one.reason}{one.address}" for one in AccessLog.objects.all())
        for mark in ("钱多多", cast.stranger.actor.name, cast.stranger.phone, "10.0.0.7"):
            assert mark not in kept
        erased = Event.objects.get(kind="trace.erased").data
        assert erased["events"] > 3
        assert erased["looks"] == 2
        assert [(one.name, one.size, file_path(one.digest).exists()) for one in Attachment.objects.all()] == [
            ("（已按规定去除）", 0, False)
        ] * 2
        letter = Letter.objects.get()
        assert (letter.addressee, letter.file_key) == ("钱**", "")
    report = verification.verify_trace(secret=b"key")
    assert report.findings == []
    assert report.event_count > 10


def test_what_officers_put_in_stays_while_its_years_run(cast, traced, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        anonymised(cast, years=None, at=THEN + timedelta(days=30))
    with scope.acting_as(SYSTEM):
        own, other = Attachment.objects.order_by("id")
        assert (own.size, file_path(own.digest).exists()) == (0, False)
        assert (other.size > 0, file_path(other.digest).exists()) == (True, True)
        assert Letter.objects.get().file_key
    file_path(other.digest).unlink()


def test_what_is_gone_is_said_to_be_gone(cast, traced, browser_of):
    anonymised(cast)
    with scope.acting_as(SYSTEM):
        attachment, letter = Attachment.objects.first(), Letter.objects.get()
    page = browser_of("city").get(f"/desk/appeals/{traced.code}/files/{attachment.pk}")
    assert page.status_code == 409
    assert "已按规定去除" in page.content.decode()
    with scope.acting_as(cast.city.actor), pytest.raises(NotAllowed, match="不再保留"):
        actions.open_letter(code=traced.code, letter_id=letter.pk, by=cast.city.actor, at=AT)
    timeline = browser_of("city").get(f"/desk/appeals/{traced.code}").content.decode()
    assert "钱多多" not in timeline
    assert cast.city.actor.name in timeline


def test_what_was_loaded_and_sent_long_ago_goes_too(cast, ended, monkeypatch):
    with scope.acting_as(SYSTEM):
        load = Load.objects.create(
            kind="appeals", source="x", file_name="x.xlsx", file_digest="0", by_name="某人", made_at=THEN
        )
        for number, moment in enumerate((THEN - timedelta(days=1), AT), 1):
            LoadRow.objects.create(
                load=load, number=number, state="rejected", source="x", at=moment, content_sealed=b"sealed"
            )
        kept = notices.send_message(phone="13700000009", text="您好", by=SYSTEM, at=AT)
    monkeypatch.setattr(command, "now", lambda: AT + timedelta(days=1))
    assert "导入行内容清除 1 行" in run()
    with scope.acting_as(SYSTEM):
        assert [row.content_sealed is None for row in load.rows.order_by("number")] == [True, False]
        assert list(Message.objects.filter(phone_sealed__isnull=False)) == [kept]


def test_the_same_phone_comes_back_as_somebody_new(cast, ended):
    anonymised(cast)
    code = accounts.send_code(phone=cast.stranger.phone, address="10.0.0.1", at=AT)
    user = accounts.sign_in_worker(phone=cast.stranger.phone, code=code, address="10.0.0.1", at=AT)
    assert user.person_id != cast.stranger.actor.person_id
    with scope.acting_as(account_queries.worker_of(user)):
        assert not Appeal.objects.exists()


def test_never_before_its_time_nor_while_anything_is_open(cast, ended):
    with pytest.raises(NotAllowed, match="未满"):
        anonymised(cast, at=AT - timedelta(days=2))
    received("又来了一件事情", by=cast.stranger.actor, at=AT, external_id="again")
    with pytest.raises(NotAllowed, match="没有结束"):
        anonymised(cast, at=AT + timedelta(days=4000))


def test_members_stay(cast):
    with scope.acting_as(SYSTEM), pytest.raises(NotAllowed, match="会员"):
        actions.anonymise_person(
            person_id=cast.worker.actor.person_id, reason="要求", years=None, by=SYSTEM, at=AT + timedelta(days=4000)
        )


@pytest.mark.parametrize("who", ["admin", "auditor", "county", "stranger"])
def test_others_take_nothing_out(cast, ended, who):
    with pytest.raises(NotPermitted):
        anonymised(cast, by=getattr(cast, who).actor)


def run(*arguments):
    out = StringIO()
    call_command("retention", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_tells_first_and_does_it_then(cast, ended, monkeypatch):
    monkeypatch.setattr(command, "now", lambda: AT)
    told = run("--dry-run")
    assert "可以去除的有 1 人" in told
    assert "138****0002" in told
    assert cast.stranger.phone not in told
    with scope.acting_as(SYSTEM):
        assert Person.objects.get(pk=cast.stranger.actor.person_id).phone_sealed is not None
    assert "有 0 人" in run("--dry-run", "--years", "4")
    assert "已去除 1 人" in run()
    assert "已去除 0 人" in run()
    with scope.acting_as(SYSTEM):
        assert Person.objects.get(pk=cast.worker.actor.person_id).phone_sealed is not None
    for wrong in (("--years", "0"), ("--limit", "0")):
        with pytest.raises(CommandError):
            run(*wrong)


def test_a_granted_deletion_takes_the_data_and_still_tells(cast, ended, browser_of):
    stranger, city = cast.stranger.actor, cast.city.actor
    with scope.acting_as(stranger):
        request = actions.ask_data_right(right=Right.DELETE, wish="", by=stranger, at=AT)
    assert "不能恢复" in browser_of("city").get(f"/desk/data-requests/{request.pk}").content.decode()
    with scope.acting_as(city):
        actions.settle_data_request(request_id=request.pk, granted=True, answer="已经删除", by=city, at=AT)
    with scope.acting_as(SYSTEM):
        assert Person.objects.get(pk=stranger.person_id).phone_sealed is None
        (told,) = Message.objects.filter(phone_sealed__isnull=False)
        assert "删除" in told.text


def test_a_deletion_that_may_not_be_leaves_everything(cast, browser_of):
    appeal = received("还在办的事情", by=cast.stranger.actor, at=AT)
    with scope.acting_as(cast.stranger.actor):
        request = actions.ask_data_right(right=Right.DELETE, wish="", by=cast.stranger.actor, at=AT)
    page = f"/desk/data-requests/{request.pk}"
    assert "1 件诉求没有结束" in browser_of("city").get(page).content.decode()
    assert browser_of("city").post(page, {"granted": "yes", "answer": "同意删除"}).status_code == 409
    with scope.acting_as(SYSTEM):
        assert Person.objects.get(pk=cast.stranger.actor.person_id).phone_sealed is not None
        request.refresh_from_db()
        assert request.answered_at is None
    assert browser_of("city").post(page, {"granted": "no", "answer": "还有事在办"}).status_code == 302
    assert "还有事在办" in browser_of("stranger").get("/me/data").content.decode()
    assert appeal.code
