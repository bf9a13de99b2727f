"""Is what many workers say heard, taken to its end, and told to each of them once?"""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from gongqing.appeals.models import Access
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM
from gongqing.audit.models import Event
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.notices import actions as notice_actions
from gongqing.notices.models import Message
from gongqing.voices import actions
from gongqing.voices.models import NeedMark, NeedVoice, SharedNeed, TextVector
from gongqing.voices.queries import needs as queries
from gongqing.voices.rules.track import NeedState
from gongqing.voices.tests.make import EMPLOYERS, NIGHT_BUS, done, heard, said, taken_up, wave
from tests import database


def test_a_wave_from_one_town_becomes_one_need_of_its_union(cast, at):
    appeals = wave(at)
    said("厂里三个月没发工资了，我一个人被欠了八千块，请工会帮我讨回来。", at=at)
    found = heard(at)
    assert len(found) == 1
    need = found[0]
    assert need.organisation_id == cast.places.town.pk
    assert (need.voice_count, need.person_count, need.employer_count) == (6, 6, 3)
    assert need.week_count > need.high
    assert need.title == "新碶街道夜班公交加开班次等诉求"
    assert "公交" in "".join(need.words)
    with scope.acting_as(SYSTEM):
        assert {voice.appeal_id for voice in NeedVoice.objects.filter(need=need)} == {each.pk for each in appeals}
        told = Message.objects.get(subject_kind="sharedneed", subject_id=need.pk)
        assert told.organisation_id == cast.places.town.pk
        assert told.link == f"/desk/needs/{need.pk}"
    assert heard(at) == []


def test_what_waits_is_placed_in_slices_that_are_kept(cast, at):
    wave(at)
    with scope.acting_as(SYSTEM):
        actions.read_texts()
        assert actions.place_voices(at=at, most=2)
    oldest = TextVector.objects.order_by("received_at", "pk").values_list("group", flat=True)
    with scope.acting_as(SYSTEM):
        assert [group is None for group in oldest.all()] == [False, False, True, True, True, True]
        assert actions.place_voices(at=at, most=2)
        assert not actions.place_voices(at=at, most=2)
        assert [group is None for group in oldest.all()] == [False] * 4 + [True] * 2
        assert not SharedNeed.objects.exists()
    assert [need.person_count for need in heard(at)] == [6]


def test_too_few_one_employer_or_one_person_is_no_shared_need(cast, at):
    wave(at, NIGHT_BUS[:4])
    assert heard(at) == []


def test_one_employers_matter_is_a_group_case(cast, at):
    for number, text in enumerate(NIGHT_BUS):
        said(text, at=at - timedelta(days=number), employer=EMPLOYERS[0])
    assert heard(at) == []


def test_one_person_who_calls_six_times_is_one_person(cast, at):
    wave(at, phone="13911112222")
    assert heard(at) == []


def test_what_is_always_said_that_often_is_no_need(cast, at):
    for week in range(9):
        wave(at - timedelta(days=7 * week))
    assert heard(at) == []


def test_restricted_and_withdrawn_appeals_are_no_voices(cast, at):
    appeals = wave(at)
    with scope.acting_as(SYSTEM):
        type(appeals[0]).objects.filter(pk__in=[each.pk for each in appeals[:2]]).update(restricted=True)
    assert heard(at) == []


def test_later_voices_join_until_it_is_told(cast, at):
    wave(at)
    need = heard(at)[0]
    late = said(NIGHT_BUS[4], at=at + timedelta(hours=2))
    assert heard(at + timedelta(hours=3)) == []
    with scope.acting_as(SYSTEM):
        assert NeedVoice.objects.get(appeal=late).need_id == need.pk
        assert SharedNeed.objects.get(pk=need.pk).person_count == 7
    town = cast.town.actor
    done(need, town, at)
    with scope.acting_as(town):
        actions.feed_back_need(need_id=need.pk, words="夜班公交开了，末班23:30。", by=town, at=at)
    again = at + timedelta(days=40)
    wave(again)
    assert len(heard(again)) == 1  # asked for anew


def test_a_need_goes_its_way_and_everybody_is_told_once(cast, at):
    with scope.acting_as(SYSTEM):
        notice_actions.load_templates(by=SYSTEM, at=at)
    wave(at)
    said(NIGHT_BUS[1], at=at, phone=cast.worker.phone)
    said(NIGHT_BUS[4], at=at, phone=cast.worker.phone)
    need, town = heard(at)[0], cast.town.actor
    done(need, town, at)
    with scope.acting_as(town):
        told = actions.feed_back_need(need_id=need.pk, words="夜班公交开了，末班23:30。", by=town, at=at)
    assert told == 7
    with scope.acting_as(SYSTEM):
        messages = Message.objects.filter(template="need_done")
        assert messages.count() == 7
        assert all("末班23:30" in each.text for each in messages)
        assert Message.objects.filter(user_id=cast.worker.user_id, subject_kind="appeal").count() == 1
        assert Event.objects.filter(kind="appeal.need_fed_back").count() == 8
        assert not NeedVoice.objects.filter(need=need, told_at__isnull=True).exists()
        kinds = Event.objects.filter(subject_kind="sharedneed").order_by("id").values_list("kind", flat=True)
        assert list(kinds) == [
            *("shared_need.proposed", "shared_need.taken_up", "shared_need.answered"),
            *("shared_need.done", "shared_need.fed_back"),
        ]
    with scope.acting_as(town), pytest.raises(NotAllowed, match="已反馈"):
        actions.feed_back_need(need_id=need.pk, words="夜班公交开了，末班23:30。", by=town, at=at)


def test_who_may_do_what(cast, at):
    wave(at)
    need = heard(at)[0]
    given = {"title": "园区夜班公交", "route": "activity", "partner": "", "plan": "先去调研。", "at": at}
    for name, refusal in (("outsider", NotFound), ("hotline", NotPermitted), ("admin", NotPermitted)):
        by = cast.players()[name].actor
        with scope.acting_as(by), pytest.raises(refusal):
            actions.take_up_need(need_id=need.pk, by=by, **given)
    for name in ("auditor", "zone"):
        by = cast.players()[name].actor
        with scope.acting_as(by), pytest.raises((NotPermitted, NotFound)):
            actions.take_up_need(need_id=need.pk, by=by, **given)
    county = cast.county.actor
    with scope.acting_as(county):
        assert actions.take_up_need(need_id=need.pk, by=county, **given).state == NeedState.TAKEN_UP


def test_steps_follow_each_other_and_say_something(cast, at):
    wave(at)
    need, town = heard(at)[0], cast.town.actor
    with scope.acting_as(town):
        with pytest.raises(NotAllowed, match="待研判"):
            actions.finish_need(need_id=need.pk, result="开了夜班公交。", done_on=None, by=town, at=at)
        with pytest.raises(BadInput) as refused:
            taken_up(need, town, at, partner=" ")
        assert refused.value.field == "partner"
        with pytest.raises(BadInput) as refused:
            taken_up(need, town, at, route="prayer")
        assert refused.value.field == "route"
    taken_up(need, town, at)
    tomorrow = (at + timedelta(days=1)).date()
    with scope.acting_as(town), pytest.raises(BadInput) as refused:
        actions.finish_need(need_id=need.pk, result="开了夜班公交。", done_on=tomorrow, by=town, at=at)
    assert refused.value.field == "done_on"


def test_what_was_dismissed_stays_dismissed(cast, at):
    wave(at)
    need, town = heard(at)[0], cast.town.actor
    with scope.acting_as(town):
        actions.dismiss_need(need_id=need.pk, reason="几家厂已经自己开了班车。", by=town, at=at)
    later = at + timedelta(days=6)
    wave(later)
    assert heard(later) == []


def test_a_voice_that_was_left_out_does_not_join_again(cast, at):
    appeals = wave(at)
    need, town = heard(at)[0], cast.town.actor
    with scope.acting_as(town):
        actions.leave_out_voice(need_id=need.pk, appeal_id=appeals[0].pk, reason="说的是路灯，不是公交", by=town, at=at)
        with pytest.raises(NotFound):
            actions.leave_out_voice(need_id=need.pk, appeal_id=appeals[0].pk, reason="说的是路灯", by=town, at=at)
    heard(at + timedelta(hours=1))
    with scope.acting_as(SYSTEM):
        assert SharedNeed.objects.get(pk=need.pk).person_count == 5
        assert NeedVoice.objects.get(appeal=appeals[0]).left_because


def test_the_card_counts_all_and_opens_what_one_may_see(cast, at):
    wave(at)
    said(NIGHT_BUS[0], at=at, region_code="330206002")
    need = heard(at)[0]
    with scope.acting_as(cast.town.actor):
        card = queries.need_card(need.pk, cast.town.actor, at)
    assert card.voice_total == 7
    assert len(card.voices) + card.hidden == 7
    assert card.hidden >= 1
    assert sum(week.voices for week in card.weeks) == 7
    assert {place.name: place.people for place in card.places} == {"新碶街道": None, "小港街道": None}
    with scope.acting_as(cast.outsider.actor):
        assert queries.needs_in_view(cast.outsider.actor) == []
        assert SharedNeed.objects.count() == 0  # row-level security says the same


def test_vectors_are_scoped_and_made_anew_with_the_words(cast, at):
    appeal = said(NIGHT_BUS[0], at=at)
    with scope.acting_as(SYSTEM):
        assert actions.read_texts() == 1
        assert actions.read_texts() == 0
        before = bytes(TextVector.objects.get(pk=appeal.pk).content)
        type(appeal).objects.filter(pk=appeal.pk).update(text="（已按规定去除）", title="（已按规定去除）")
        assert actions.forget_text(appeal_id=appeal.pk)
        assert bytes(TextVector.objects.get(pk=appeal.pk).content) != before
        TextVector.objects.filter(pk=appeal.pk).update(version="older")
        assert actions.read_texts() == 1
    with scope.acting_as(cast.outsider.actor):
        assert not TextVector.objects.exists()
        assert not TextVector.objects.visible_to(cast.outsider.actor).exists()


def test_the_database_refuses_what_has_no_end(cast, at):
    wave(at)
    need = heard(at)[0]
    with scope.acting_as(SYSTEM), pytest.raises(IntegrityError), transaction.atomic():
        SharedNeed.objects.filter(pk=need.pk).update(state="fed_back")


def test_needs_are_heard_within_ones_own_paths_alone(cast, at):
    wave(at)
    need = heard(at)[0]
    asked = "SELECT gq_heard_needs(%s::text[], %s::bigint, %s::bigint)"
    answers = {}
    for name in ("town", "department"):
        with scope.acting_as(getattr(cast, name).actor), connection.cursor() as cursor:
            cursor.execute(asked, [list(cast.town.actor.paths), cast.town.actor.user_id, None])
            answers[name] = [number for (number,) in cursor.fetchall()]
    assert answers == {"town": [need.pk], "department": []}


def test_who_is_granted_a_voice_later_hears_of_its_need_and_nobody_longer_than_that(cast, at):
    appeals = wave(at)
    need = heard(at)[0]
    seen = SharedNeed.objects.visible_to(cast.outsider.actor)
    with scope.acting_as(cast.outsider.actor):
        assert not seen.exists()
    with scope.acting_as(SYSTEM):
        given = Access.objects.create(appeal=appeals[3], path=cast.outsider.actor.paths[0], why="order", since=at)
    with scope.acting_as(cast.outsider.actor):
        assert [each.pk for each in seen.all()] == [need.pk]
        assert not NeedMark.objects.exists()  # nobody reads what the data base alone looks up
    with scope.acting_as(SYSTEM):
        Access.objects.filter(pk=given.pk).update(until=at)
    with scope.acting_as(cast.outsider.actor):
        assert not seen.all().exists()


@pytest.mark.django_db(transaction=True)
def test_marks_that_were_missed_are_found_at_the_next_hearing(cast, at):
    wave(at)
    need = heard(at)[0]
    seen = SharedNeed.objects.visible_to(cast.zone.actor)
    with psycopg.connect(database.url(str(connection.settings_dict["NAME"]), "postgres"), autocommit=True) as owner:
        owner.execute("DELETE FROM voices_needmark")
    with scope.acting_as(cast.zone.actor):
        assert not seen.exists()
    assert heard(at) == []
    with scope.acting_as(cast.zone.actor):
        assert [each.pk for each in seen.all()] == [need.pk]
