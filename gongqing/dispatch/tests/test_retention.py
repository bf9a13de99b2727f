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
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.dispatch import actions
from gongqing.dispatch.management.commands import retention as command
from gongqing.dispatch.rules.retention import Matter, Standing, hindrance, later_by
from gongqing.dispatch.tests.make import received
from gongqing.lib.errors import NotAllowed, NotPermitted
from gongqing.lib.times import SHANGHAI
from gongqing.notices import actions as notices
from gongqing.notices.models import Message
from gongqing.registry import actions as registry
from gongqing.registry.models import Consent, Load, LoadRow, Person, Right
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
