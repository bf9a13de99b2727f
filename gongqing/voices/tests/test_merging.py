"""Do two needs that are one go on as one, and come apart again with nothing lost?"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.voices import actions
from gongqing.voices.models import NeedVoice, SharedNeed
from gongqing.voices.queries import needs as queries
from gongqing.voices.tests.make import EMPLOYERS, NIGHT_BUS, done, heard, said, taken_up, wave

CHILDREN = (
    "孩子放暑假没人带，厂里双职工多，希望工会办个暑期托管班。",
    "暑假到了孩子没地方去，建议工会开设暑期托管班。",
    "双职工家庭，暑假孩子没人看管，能不能办一个暑期托管班？",
    "咨询园区有没有暑期托管班，孩子放假在家没人管。",
    "我和爱人都上班，孩子暑假一个人在家不放心，盼着有托管班。",
    "女职工来电：暑期孩子托管难，外面的托管班太贵，希望工会办爱心托管班。",
)
BECAUSE = "说的是同一趟夜班公交"


@pytest.fixture
def two(cast, at):
    """A need for a bus and one for children in summer, both of the town."""
    wave(at)
    for number, text in enumerate(CHILDREN):
        said(text, at=at - timedelta(days=6 - number), employer=EMPLOYERS[number % 3])
    found = sorted(heard(at), key=lambda need: "公交" not in "".join(need.words))
    assert len(found) == 2
    return found


def merged(part, lead, by, at):
    with scope.acting_as(by):
        return actions.merge_needs(need_id=part.pk, into_id=lead.pk, reason=BECAUSE, by=by, at=at)


def test_merged_needs_go_on_as_one_and_everybody_is_told_once(cast, at, two):
    bus, children = two
    said(NIGHT_BUS[0], at=at, phone=cast.worker.phone)
    said(CHILDREN[0], at=at, phone=cast.worker.phone)
    heard(at + timedelta(minutes=10))
    town = cast.town.actor
    lead = merged(children, bus, town, at)
    assert (lead.voice_count, lead.person_count) == (14, 13)
    late = said(CHILDREN[1], at=at + timedelta(hours=1))
    heard(at + timedelta(hours=2))
    with scope.acting_as(SYSTEM):
        voice = NeedVoice.objects.get(appeal=late)
        assert (voice.need_id, voice.came_from_id) == (bus.pk, children.pk)
        assert SharedNeed.objects.get(pk=children.pk).state == "merged"
    done(bus, town, at)
    with scope.acting_as(town):
        told = actions.feed_back_need(need_id=bus.pk, words="夜班公交开了，托管班也办了。", by=town, at=at)
        assert told == 14
        with pytest.raises(NotAllowed, match="告诉了每位"):
            actions.separate_need(need_id=children.pk, reason="不是一回事", by=town, at=at)
    with scope.acting_as(SYSTEM):
        assert not SharedNeed.objects.filter(group__isnull=False).exists()


def test_taken_apart_each_has_its_own_again(cast, at, two):
    bus, children = two
    town = cast.town.actor
    taken_up(children, town, at, title="园区暑期托管")
    merged(children, bus, town, at)
    with scope.acting_as(town):
        part = actions.separate_need(need_id=children.pk, reason="一个说托管，一个说公交", by=town, at=at)
        assert (part.state, part.title, part.voice_count) == ("taken_up", "园区暑期托管", 6)
        card = queries.need_card(bus.pk, town, at)
        assert (card.voice_total, card.parts) == (6, [])
        with pytest.raises(NotAllowed, match="没有并入"):
            actions.separate_need(need_id=children.pk, reason="一个说托管", by=town, at=at)
    with scope.acting_as(SYSTEM):
        kinds = Event.objects.filter(subject_kind="sharedneed", subject_id=children.pk).order_by("id")
        assert list(kinds.values_list("kind", flat=True))[-2:] == ["shared_need.merged", "shared_need.separated"]


def test_what_was_merged_before_goes_along_and_still_comes_apart(cast, at, two):
    bus, children = two
    town = cast.town.actor
    with scope.acting_as(town):
        numbers = list(NeedVoice.objects.filter(need=children).values_list("appeal_id", flat=True))[:3]
        new = actions.split_off_need(
            need_id=children.pk, appeal_ids=numbers, title="托管班要便宜", reason="说的是价钱", by=town, at=at
        )
        assert (new.voice_count, new.state, new.group) == (3, "proposed", None)
    merged(new, children, town, at)
    merged(children, bus, town, at)
    with scope.acting_as(town):
        assert SharedNeed.objects.get(pk=new.pk).merged_into_id == bus.pk
        assert actions.separate_need(need_id=new.pk, reason="说的是价钱", by=town, at=at).voice_count == 3
        assert actions.separate_need(need_id=children.pk, reason="说的是托管", by=town, at=at).voice_count == 3
        assert queries.need_card(bus.pk, town, at).voice_total == 6


def test_who_may_merge_and_what_is_refused(cast, at, two):
    bus, children = two
    for name, refusal in (("outsider", NotFound), ("auditor", NotPermitted), ("hotline", NotPermitted)):
        with pytest.raises(refusal):
            merged(children, bus, cast.players()[name].actor, at)
    town = cast.town.actor
    with pytest.raises(BadInput) as refused:
        merged(children, children, town, at)
    assert refused.value.field == "into"
    with scope.acting_as(town):
        with pytest.raises(BadInput) as refused:
            actions.merge_needs(need_id=children.pk, into_id=0, reason=BECAUSE, by=town, at=at)
        assert refused.value.field == "into"
        actions.dismiss_need(need_id=children.pk, reason="不是共性的事", by=town, at=at)
        with pytest.raises(NotAllowed, match="不成立"):
            actions.merge_needs(need_id=children.pk, into_id=bus.pk, reason=BECAUSE, by=town, at=at)
    with scope.acting_as(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        SharedNeed.objects.filter(pk=bus.pk).update(state="merged")


def test_what_is_split_off_must_be_several_and_not_all(cast, at, two):
    bus, city = two[0], cast.city.actor
    given = {"need_id": bus.pk, "title": "路灯要修好", "reason": "说的是路灯", "by": city, "at": at}
    with scope.acting_as(city):
        numbers = list(NeedVoice.objects.filter(need=bus).values_list("appeal_id", flat=True))
        for chosen, words in ((numbers[:2], "至少要有 3 位"), (numbers, "全部都勾上了")):
            with pytest.raises(BadInput, match=words):
                actions.split_off_need(appeal_ids=chosen, **given)
        with pytest.raises(NotFound):
            actions.split_off_need(appeal_ids=[*numbers[:3], 0], **given)


def test_a_voice_that_was_left_out_is_taken_back(cast, at, two):
    bus, town = two[0], cast.town.actor
    with scope.acting_as(town):
        number = NeedVoice.objects.filter(need=bus).first().appeal_id
        actions.leave_out_voice(need_id=bus.pk, appeal_id=number, reason="说的是路灯", by=town, at=at)
        assert [voice.appeal_id for voice in queries.need_card(bus.pk, town, at).left] == [number]
        assert actions.take_back_voice(need_id=bus.pk, appeal_id=number, by=town, at=at).person_count == 6
        with pytest.raises(NotFound):
            actions.take_back_voice(need_id=bus.pk, appeal_id=number, by=town, at=at)


def test_the_pages_merge_take_apart_split_off_and_take_back(cast, at, two, browser_of):
    bus, children = two
    town, page = browser_of("town"), f"/desk/needs/{children.pk}"
    shown = town.get(page).content.decode()
    assert f'<option value="{bus.pk}">' in shown
    assert town.post(f"{page}/merge", {"into": "", "reason": BECAUSE}).status_code == 422
    assert (
        town.post(f"{page}/merge", {"into": bus.pk, "reason": BECAUSE}).headers["Location"] == f"/desk/needs/{bus.pk}"
    )
    away = town.get(page).content.decode()
    assert "这项已并入" in away
    assert "拆出来单列" in away
    assert "件都在并入的那一项里" in away
    assert "由别的单位经办" not in away
    assert "说得多不多" not in away
    assert children.title in town.get(f"/desk/needs/{bus.pk}").content.decode()
    assert "拆出来单列" not in browser_of("auditor").get(page).content.decode()
    town.post(f"{page}/separate", {"reason": "一个说托管，一个说公交"})
    with scope.acting_as(SYSTEM):
        numbers = list(NeedVoice.objects.filter(need=children).values_list("appeal_id", flat=True))
    refused = town.post(f"{page}/split-off", {"appeal": numbers[:1], "title": "托管班要便宜", "reason": "说的是价钱"})
    assert refused.status_code == 422
    assert "至少要有 3 位" in refused.content.decode()
    assert f'value="{numbers[0]}" aria-label' in refused.content.decode()
    answer = town.post(f"{page}/split-off", {"appeal": numbers[:3], "title": "托管班要便宜", "reason": "说的是价钱"})
    assert "托管班要便宜" in town.get(answer.headers["Location"]).content.decode()
    town.post(f"{page}/leave-out", {"appeal": numbers[4], "reason": "说的是别的事"})
    assert "说的是别的事" in town.get(page).content.decode()
    assert town.post(f"{page}/take-back", {"appeal": numbers[4]}).status_code == 302
    assert town.post(f"{page}/rename", {"title": "托管"}).status_code == 422
    assert town.post(f"{page}/rename", {"title": "园区暑期托管班"}).status_code == 302
    assert "园区暑期托管班" in town.get(page).content.decode()
