"""Who may write a roster, what fits into it, what is told of its holes, and what is left of a change?"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from gongqing.accounts import actions as accounts
from gongqing.audit import scope
from gongqing.audit.actor import SYSTEM, Role
from gongqing.audit.models import Event
from gongqing.dispatch import actions, queries
from gongqing.dispatch.models import DutyShift
from gongqing.dispatch.queries import duty as rosters
from gongqing.dispatch.rules.duty_patterns import Pattern
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted
from gongqing.lib.times import SHANGHAI
from gongqing.notices.models import Message


def moment(text: str) -> datetime:
    return datetime.strptime(f"2025-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


@pytest.fixture
def pair(cast, at):
    """A second supervisor at the county, and the cast's."""
    with scope.acting_as(SYSTEM):
        user = accounts.create_user(username="second", name="周岚", by=SYSTEM, at=at)
        accounts.appoint(
            user_id=user.pk,
            role=Role.COUNTY_SUPERVISOR,
            organisation_id=cast.places.county.pk,
            since=date(2025, 1, 1),
            by=SYSTEM,
            at=at,
        )
    return cast.county.user_id, user.pk


def add(cast, user_id, start="10-13 17:30", end="10-14 08:30", rank=1, *, by=None, place=None, at=None):
    actor = by or cast.county.actor
    with scope.acting_as(actor):
        return actions.add_shift(
            organisation_id=(place or cast.places.county).pk,
            user_id=user_id,
            rank=rank,
            starts_at=moment(start),
            ends_at=moment(end),
            by=actor,
            at=at or moment("10-13 14:20"),
        )


def pattern(people, **more):
    given = {"ranks": 1, "first": date(2025, 10, 13), "weeks": 2, **more}
    return Pattern(tuple((number, f"人{number}") for number in people), **given)


def notes(kind):
    with scope.acting_as(SYSTEM):
        return [one.note for one in Event.objects.filter(kind=kind).order_by("id")]


@pytest.mark.parametrize("who", ["town", "zone_chief", "grassroots", "hotline", "auditor", "outsider", "mediator"])
def test_others_do_not_write_it(cast, who):
    with pytest.raises(NotPermitted):
        add(cast, cast.county.user_id, by=cast.players()[who].actor)


@pytest.mark.parametrize("who", ["county", "city", "admin"])
def test_the_place_those_above_and_the_administrator_do(cast, who):
    assert add(cast, cast.county.user_id, by=cast.players()[who].actor).by_name == f"演员{who}"


def test_zones_and_hotlines_have_rosters_and_unions_have_none(cast):
    assert add(cast, cast.zone.user_id, place=cast.places.zone, by=cast.zone_chief.actor)
    assert add(cast, cast.hotline.user_id, place=cast.places.hotline, by=cast.city.actor)
    with pytest.raises(NotFound):
        add(cast, cast.grassroots.user_id, place=cast.places.union, by=cast.city.actor)


def test_only_people_of_the_place_stand_on_it(cast):
    with pytest.raises(BadInput) as refused:
        add(cast, cast.town.user_id)
    assert refused.value.field == "user"


def test_a_rank_and_a_person_stand_once(cast, pair):
    own, other = pair
    add(cast, own)
    with pytest.raises(NotAllowed) as refused:
        add(cast, other, "10-14 06:00", "10-14 12:00")
    assert "第 1 顺位已排演员county" in str(refused.value)
    with pytest.raises(NotAllowed):
        add(cast, own, "10-14 06:00", "10-14 12:00", rank=2)
    assert add(cast, other, rank=2)
    assert add(cast, other, "10-14 08:30", "10-14 12:00")


def test_the_database_holds_it_too(cast, pair):
    shift = add(cast, pair[0])
    with pytest.raises(IntegrityError), transaction.atomic(), scope.acting_as(SYSTEM):
        DutyShift.objects.create(
            organisation=shift.organisation,
            user_id=pair[1],
            rank=1,
            starts_at=shift.starts_at + timedelta(hours=1),
            ends_at=shift.ends_at,
            made_at=shift.made_at,
            by_name="x",
        )


def test_a_pattern_fills_two_weeks_and_leaves_what_stands(cast, pair, at):
    own, other = pair
    add(cast, other, "10-13 20:00", "10-13 22:00")
    with scope.acting_as(cast.county.actor):
        judged = actions.write_pattern(
            organisation_id=cast.places.county.pk, pattern=pattern(pair), by=cast.county.actor, at=at
        )
    left_out = [(watch.starts_at, why) for watch, why in judged if why]
    assert left_out == [
        (moment("10-13 12:00"), "已经过去"),
        (moment("10-13 17:30"), "这个时段的第 1 顺位已排周岚"),
    ]
    assert len(judged) == 10 + 10 + 4
    assert notes("shift.planned") == ["按规律排班 22 班，10月14日 12:00 至 10月27日 08:30"]
    with pytest.raises(NotAllowed), scope.acting_as(cast.county.actor):
        actions.write_pattern(organisation_id=cast.places.county.pk, pattern=pattern(pair), by=cast.county.actor, at=at)
    assert own in {one.user_id for one in rosters.shifts_between(cast.places.county.pk, at, at + timedelta(9))}


def test_who_leaves_is_not_planned_for_the_days_after(cast, pair, at):
    with scope.acting_as(SYSTEM):
        accounts.end_posting(
            posting_id=cast.county.posting_id, until=date(2025, 10, 20), reason="调离", by=SYSTEM, at=at
        )
        judged = actions.write_pattern(organisation_id=cast.places.county.pk, pattern=pattern(pair), by=SYSTEM, at=at)
    late = {why for watch, why in judged if watch.user_id == pair[0] and watch.starts_at >= moment("10-20 00:00")}
    assert late == {f"人{pair[0]}那天不在本单位任职"}


def test_last_week_is_copied(cast, pair, at):
    add(cast, pair[0], "10-13 17:30", "10-14 08:30")
    add(cast, pair[1], "10-18 08:30", "10-19 08:30")
    place, monday = cast.places.county.pk, moment("10-20 00:00")
    with scope.acting_as(cast.county.actor):
        judged = actions.copy_week(organisation_id=place, monday=monday, by=cast.county.actor, at=at)
        assert [(watch.user_id, watch.starts_at, why) for watch, why in judged] == [
            (pair[0], moment("10-20 17:30"), ""),
            (pair[1], moment("10-25 08:30"), ""),
        ]
        with pytest.raises(NotAllowed):
            actions.copy_week(organisation_id=place, monday=monday, by=cast.county.actor, at=at)
        with pytest.raises(NotAllowed):
            actions.copy_week(organisation_id=place, monday=moment("12-01 00:00"), by=cast.county.actor, at=at)


def test_a_shift_is_taken_off_or_cut_and_the_trace_keeps_it(cast, pair, at):
    later, running = add(cast, pair[0]), add(cast, pair[1], "10-13 12:00", "10-13 17:30")
    given = {"reason": "排错了", "by": cast.county.actor, "at": at}
    with scope.acting_as(cast.county.actor):
        actions.remove_shift(shift_id=later.pk, **given)
        actions.remove_shift(shift_id=running.pk, **given)
        with pytest.raises(NotFound):
            actions.remove_shift(shift_id=later.pk, **given)
        with pytest.raises(NotAllowed):
            actions.remove_shift(shift_id=running.pk, **given)
    assert [one.ends_at for one in DutyShift.objects.all()] == [at]
    assert notes("shift.removed") == ["演员county，10月13日 17:30 至 10月14日 08:30，第一顺位：排错了"]
    assert len(notes("shift.cut")) == 1
    assert [one.kind for one in rosters.changes_of(cast.places.county)][:2] == ["shift.cut", "shift.removed"]


def test_a_reason_is_asked_for(cast, pair, at):
    shift = add(cast, pair[0])
    with scope.acting_as(cast.county.actor), pytest.raises(BadInput) as refused:
        actions.remove_shift(shift_id=shift.pk, reason=" ", by=cast.county.actor, at=at)
    assert refused.value.field == "reason"


def test_somebody_else_takes_the_rest_of_a_shift(cast, pair):
    shift, now = add(cast, pair[0]), moment("10-13 23:00")
    with scope.acting_as(cast.county.actor):
        given = {"shift_id": shift.pk, "reason": "发烧", "by": cast.county.actor, "at": now}
        with pytest.raises(BadInput):
            actions.replace_shift(user_id=pair[0], **given)
        actions.replace_shift(user_id=pair[1], **given)
    held = [(one.user_id, one.starts_at, one.ends_at) for one in DutyShift.objects.order_by("starts_at")]
    assert held == [(pair[0], moment("10-13 17:30"), now), (pair[1], now, moment("10-14 08:30"))]
    assert notes("shift.replaced") == ["周岚，10月13日 23:00 至 10月14日 08:30，第一顺位，替演员county：发烧"]


def test_two_swap_their_shifts_also_when_both_stand_there(cast, pair, at):
    first = add(cast, pair[0])
    beside = add(cast, pair[1], rank=2)
    later = add(cast, pair[1], "10-15 17:30", "10-16 08:30")
    given = {"reason": "家里有事", "by": cast.county.actor, "at": at}
    with scope.acting_as(cast.county.actor):
        actions.swap_shifts(shift_id=first.pk, other_id=beside.pk, **given)
        ranks = {one.rank: one for one in DutyShift.objects.filter(starts_at=moment("10-13 17:30"))}
        assert (ranks[1].user_id, ranks[2].user_id) == (pair[1], pair[0])
        with pytest.raises(NotAllowed):
            actions.swap_shifts(shift_id=ranks[1].pk, other_id=later.pk, **given)
        with pytest.raises(NotAllowed) as refused:
            actions.swap_shifts(shift_id=ranks[2].pk, other_id=later.pk, **given)
        assert "不能对换" in str(refused.value)
        with pytest.raises(BadInput):
            actions.swap_shifts(shift_id=later.pk, other_id=0, **given)
        with pytest.raises(NotAllowed):
            actions.swap_shifts(
                shift_id=ranks[1].pk,
                other_id=ranks[2].pk,
                reason="已经开始",
                by=cast.county.actor,
                at=moment("10-13 18:00"),
            )
    assert len(notes("shift.swapped")) == 1


def test_the_settings_are_the_citys(cast, at):
    given = {"organisation_id": cast.places.town.pk, "needs_roster": True, "answer_minutes": 5, "at": at}
    with scope.acting_as(cast.county.actor), pytest.raises(NotPermitted):
        actions.set_duty(by=cast.county.actor, **given)
    with scope.acting_as(cast.city.actor):
        with pytest.raises(BadInput):
            actions.set_duty(by=cast.city.actor, **{**given, "answer_minutes": 2})
        actions.set_duty(by=cast.city.actor, **given)
        assert cast.places.town in rosters.rostered_organisations()
        actions.set_duty(
            by=cast.city.actor, **{**given, "organisation_id": cast.places.county.pk, "needs_roster": False}
        )
    assert [one.code for one in rosters.rostered_organisations()] == ["C", "T1", "C2"]


def test_the_holes_of_the_next_two_weeks(cast, pair, at):
    with scope.acting_as(SYSTEM):
        actions.write_pattern(organisation_id=cast.places.county.pk, pattern=pattern(pair, weeks=3), by=SYSTEM, at=at)
        found = queries.roster_holes(at)
    county = [one for one in found if one.organisation == cast.places.county]
    assert county == []
    city = [one for one in found if one.organisation == cast.places.city]
    assert (city[0].starts_at, city[0].ends_at) == (moment("10-13 17:30"), moment("10-14 08:30"))
    assert city[-1].ends_at == moment("10-28 00:00")
    assert {one.organisation.code for one in found} == {"C", "C2"}


def told(place):
    with scope.acting_as(SYSTEM):
        return [
            one.text for one in Message.objects.filter(organisation=place, text__startswith="值班空岗").order_by("id")
        ]


def test_holes_are_told_three_days_and_a_day_ahead_and_not_again(cast, pair, at):
    place = cast.places.county
    with scope.acting_as(SYSTEM):
        actions.write_pattern(organisation_id=place.pk, pattern=pattern(pair, weeks=4), by=SYSTEM, at=at)
        friday = DutyShift.objects.get(starts_at=moment("10-17 17:30"))
        actions.remove_shift(shift_id=friday.pk, reason="出差", by=SYSTEM, at=at)
    actions.warn_of_roster_holes(at=moment("10-14 16:00"))
    assert told(place) == []
    for hour in ("18:00", "19:00", "23:00"):
        actions.warn_of_roster_holes(at=moment(f"10-14 {hour}"))
    assert told(place) == ["值班空岗：10月17日（周五） 17:30 至 10月18日 08:30 没有第一顺位值班人（3 天内），请排班"]
    for day in ("10-15 09:00", "10-16 09:00", "10-16 18:00", "10-17 09:00"):
        actions.warn_of_roster_holes(at=moment(day))
    assert [("3 天内" in text, "1 天内" in text) for text in told(place)] == [(True, False), (False, True)]
    actions.warn_of_roster_holes(at=moment("10-17 18:00"))
    assert len(told(place)) == 2
    assert told(cast.places.city) != []


def test_a_warning_stands_once_in_the_trace(cast, pair, at):
    place = cast.places.county
    with scope.acting_as(SYSTEM):
        actions.write_pattern(organisation_id=place.pk, pattern=pattern(pair, weeks=4), by=SYSTEM, at=at)
        friday = DutyShift.objects.get(starts_at=moment("10-17 17:30"))
        actions.remove_shift(shift_id=friday.pk, reason="出差", by=SYSTEM, at=at)
    for hour in ("10-16 18:00", "10-16 19:00", "10-17 09:00"):
        actions.warn_of_roster_holes(at=moment(hour))
    with scope.acting_as(SYSTEM):
        kept = Event.objects.filter(kind="roster.hole_warned", subject_id=place.pk)
        assert [event.note for event in kept] == told(place)
    assert len(told(place)) == 1
