"""Do the pages of deputies and phones name, end and refuse, and does a deputy find the posting?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from gongqing.accounts import actions, queries
from gongqing.accounts.models import Posting, User
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Role
from gongqing.lib import times
from gongqing.notices import actions as notices
from gongqing.notices.models import Message
from gongqing.registry.models import sealing


@pytest.fixture
def today():
    return times.now().date()


@pytest.fixture
def colleague(cast, at):
    with scope.acting_as(SYSTEM):
        user = actions.create_user(username="second-town", name="周岚", by=SYSTEM, at=at)
        actions.appoint(
            user_id=user.pk,
            role=Role.TOWN_SUPERVISOR,
            organisation_id=cast.places.town.pk,
            since=at.date(),
            by=SYSTEM,
            at=at,
        )
    return user


def given(cast, today, **change):
    return {
        "posting": str(cast.town.posting_id),
        "user": "second-town",
        "since": f"{today}",
        "last_day": f"{today + timedelta(days=3)}",
        "reason": "年休假",
        **change,
    }


def text_of(client, address="/desk/deputies", status=200):
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_deputy_is_named_seen_and_ended(cast, browser_of, colleague, today):
    client = browser_of("town")
    assert "还没有代理" in text_of(client)
    assert client.post("/desk/deputies", given(cast, today)).status_code == 302
    assert "周岚" in text_of(client)
    assert "周岚" not in text_of(browser_of("county")).partition("现在和最近的代理")[2]
    assert "年休假" in text_of(browser_of("auditor"))
    posting = Posting.objects.get(deputy_of=cast.town.posting_id)
    assert browser_of("outsider").post(f"/desk/deputies/{posting.pk}/end").status_code == 403
    assert browser_of("admin").post(f"/desk/deputies/{posting.pk}/end").status_code == 302
    assert client.post(f"/desk/deputies/{posting.pk}/end").status_code == 409
    assert client.post(f"/desk/deputies/{cast.town.posting_id}/end").status_code == 404


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"user": "nobody"}, 422, "没有这个在用的工作账号"),
        ({"user": "town"}, 422, "不能由本人代理自己"),
        ({"user": "outsider"}, 403, "其他人请系统管理员指定"),
        ({"last_day": "2020-01-01"}, 422, "结束日期不能早于开始日期"),
        ({"posting": "0"}, 422, "选择"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(cast, browser_of, colleague, today, change, status, words):
    answer = browser_of("town").post("/desk/deputies", given(cast, today, **change))
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "年休假" in answer.content.decode()


def test_a_clash_names_who_stands_in(cast, browser_of, colleague, today):
    client = browser_of("town")
    client.post("/desk/deputies", given(cast, today))
    answer = client.post("/desk/deputies", given(cast, today, user="county"))
    assert answer.status_code == 409
    assert "已由周岚代理" in answer.content.decode()


def test_the_deputy_switches_into_the_posting_and_back(cast, browser_of, colleague, today):
    browser_of("county").post("/desk/deputies", given(cast, today, posting=str(cast.county.posting_id), user="town"))
    client = browser_of("town")
    posting = Posting.objects.get(deputy_of=cast.county.posting_id)
    assert "（代演员county）" in text_of(client, "/desk/posting")
    assert "（代演员county）" in text_of(client, "/desk/account")
    client.post("/desk/posting", {"posting": str(posting.pk)})
    assert "演员town（代演员county）" in text_of(client, "/desk/account")
    client.post("/desk/posting", {"posting": str(cast.town.posting_id)})
    assert "演员town（代演员county）" not in text_of(client, "/desk/account")


def test_notices_of_who_is_away_reach_the_deputy(cast, browser_of, colleague, today):
    browser_of("town").post("/desk/deputies", given(cast, today))
    now = times.now()
    for _ in range(2):
        notices.notify(text="请今天补一份说明", user_id=cast.town.user_id, at=now)
    notices.notify(text="以后再说", user_id=cast.town.user_id, at=now + timedelta(days=9))
    with scope.acting_as(SYSTEM):
        assert [one.text for one in Message.objects.filter(user=colleague)] == ["请今天补一份说明"]


def test_notices_are_read_one_by_one_or_all(cast, browser_of):
    now = times.now()
    notices.notify(text="值班空岗一", organisation_id=cast.places.county.pk, link="/desk/duty", at=now)
    notices.notify(text="值班空岗二", user_id=cast.county.user_id, at=now)
    client = browser_of("county")
    text = text_of(client, "/desk/notices")
    assert "值班空岗一" in text
    assert "值班空岗二" in text
    assert "值班空岗" not in text_of(browser_of("town"), "/desk/notices")
    with scope.acting_as(SYSTEM):
        number = Message.objects.get(text="值班空岗一").pk
    assert browser_of("town").post("/desk/notices/read", {"notice": str(number)}).status_code == 302
    assert "值班空岗一" in text_of(client, "/desk/notices")
    client.post("/desk/notices/read", {"notice": str(number)})
    assert "值班空岗一" not in text_of(client, "/desk/notices")
    client.post("/desk/notices/read")
    assert "没有提醒" in text_of(client, "/desk/notices")
    assert "值班空岗二" in text_of(client, "/desk/notices?view=all")


def test_a_work_phone_is_set_masked_and_taken_away(cast, browser_of):
    client = browser_of("town")
    assert client.post("/desk/account/phone", {"phone": "12345"}).status_code == 422
    assert client.post("/desk/account/phone", {"phone": "139 0000 0001"}).status_code == 302
    text = text_of(client, "/desk/account")
    assert "139****0001" in text
    assert "13900000001" not in text
    assert browser_of("county").post(f"/desk/staff/{cast.town.user_id}/phone", {"phone": ""}).status_code == 403
    admin = browser_of("admin")
    assert "139****0001" in text_of(admin, f"/desk/staff/{cast.town.user_id}")
    assert admin.post(f"/desk/staff/{cast.town.user_id}/phone", {"phone": "13900000002"}).status_code == 302
    user = User.objects.get(pk=cast.town.user_id)
    assert sealing.open_sealed(user.phone_sealed, "user.phone") == "13900000002" == queries.phone_of(user)
    text_of(admin, "/desk/staff/0/phone", 404)
