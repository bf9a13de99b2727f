"""Are past cases found that are like one, and copies of one text, inside the reader's view alone?"""

from __future__ import annotations

from datetime import timedelta

from gongqing.appeals.models import Appeal
from gongqing.appeals.queries.repeats import said_before
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.queries.groups import suggested
from gongqing.voices import actions
from gongqing.voices.queries.alike import alike_of, same_words_of
from gongqing.voices.tests.make import NIGHT_BUS, said

WAGES = "厂里三个月没发工资了，我一个人被欠了八千块，问了主管一直说再等等，请工会帮我讨回来。"
COPIED = "老板拖欠我们班组工资四个月，过年前说好结清一直没有给，请工会帮我们把工资讨回来。"


def read() -> None:
    with scope.acting_as(SYSTEM):
        actions.read_texts()


def test_what_says_or_means_the_like_is_shown_first(cast, at):
    past = said(NIGHT_BUS[4], at=at - timedelta(days=60))
    meant = said(NIGHT_BUS[1], at=at - timedelta(days=30))
    said(WAGES, at=at - timedelta(days=10))
    own = said(NIGHT_BUS[4].replace("女职工来电：", ""), at=at)
    read()
    with scope.acting_as(cast.city.actor):
        found = alike_of(own, cast.city.actor)
    assert [one.appeal.pk for one in found][:2] == [past.pk, meant.pk]
    assert found[0].words
    assert not any("工资" in one.appeal.text for one in found)


def test_nobody_is_shown_what_is_not_in_view(cast, at):
    other = said(NIGHT_BUS[4], at=at - timedelta(days=3), region_code="330212001")
    own = said(NIGHT_BUS[4], at=at)
    read()
    town = cast.town.actor
    with scope.acting_as(town):
        assert other.pk not in [one.appeal.pk for one in alike_of(own, town)]
    with scope.acting_as(cast.city.actor):
        assert other.pk in [one.appeal.pk for one in alike_of(own, cast.city.actor)]


def test_without_words_nothing_is_like_it(cast, at):
    own = said("啊啊", at=at)
    with scope.acting_as(SYSTEM):
        Appeal.objects.filter(pk=own.pk).update(title="！", text="！！")
        own.refresh_from_db()
        assert alike_of(own, SYSTEM) == []


def test_copies_of_one_text_from_three_phones_may_be_one_case(cast, at):
    copies = [said(COPIED + "。" * number, at=at - timedelta(days=number)) for number in range(3)]
    said(NIGHT_BUS[0], at=at)
    read()
    city = cast.city.actor
    with scope.acting_as(city):
        assert same_words_of(at, city) == [sorted(each.pk for each in copies)]
        found = [one for one in suggested(city, at) if one.matter.same_words]
    assert len(found) == 1
    assert {found[0].matter.lead, *found[0].matter.parts} == {each.pk for each in copies}
    assert "几乎一字不差" in found[0].matter.reasons[0]


def test_one_person_with_three_copies_is_no_group(cast, at):
    for number in range(3):
        said(COPIED + "。" * number, at=at - timedelta(days=number), phone="13911112222")
    read()
    with scope.acting_as(cast.city.actor):
        assert same_words_of(at, cast.city.actor) == []


def test_the_same_person_is_reminded_of_the_same_words(cast, at):
    earlier = said(WAGES, at=at - timedelta(days=5), phone=cast.worker.phone)
    person = cast.worker.actor.person_id
    with scope.acting_as(cast.worker.actor):
        again = said_before(WAGES.replace("八千块", "9000块"), person_id=person, at=at)
        assert again is not None
        assert again.pk == earlier.pk
        assert said_before(NIGHT_BUS[0], person_id=person, at=at) is None
        assert said_before(WAGES, person_id=person, at=at + timedelta(days=40)) is None
        assert said_before(WAGES, person_id=cast.stranger.actor.person_id, at=at) is None
        assert said_before("工资", person_id=person, at=at) is None


def test_the_worker_is_told_and_nothing_is_held_up(cast, browser_of, at):
    from gongqing.lib import times

    said(WAGES, at=times.now() - timedelta(days=2), phone=cast.worker.phone)
    worker = browser_of("worker")
    told = worker.post("/say/known", {"text": WAGES})
    assert "已经说过这件事" in told.content.decode()
    assert "/a/GQ" in told.content.decode()
    other = browser_of("stranger").post("/say/known", {"text": WAGES})
    assert "已经说过" not in other.content.decode()
    assert "已经说过" not in browser_of("").post("/say/known", {"text": WAGES}).content.decode()
    assert browser_of("worker").get("/say/known").status_code == 405


def test_the_seat_hears_that_the_number_said_it_before(cast, browser_of, at):
    from gongqing.dispatch.models import Call
    from gongqing.lib import times

    earlier = said(WAGES, at=times.now() - timedelta(days=2), phone=cast.worker.phone)
    seat = browser_of("hotline")
    seat.post("/desk/seat/calls", {"phone": cast.worker.phone})
    with scope.acting_as(SYSTEM):
        call = Call.objects.latest("id")
    answer = seat.post(f"/desk/seat/calls/{call.pk}/reading", {"text": WAGES}).content.decode()
    assert "说过几乎一样的话" in answer
    assert earlier.code[:10] in answer.replace(" ", "")
    assert (
        "说过几乎一样的话"
        not in seat.post(f"/desk/seat/calls/{call.pk}/reading", {"text": NIGHT_BUS[0]}).content.decode()
    )
