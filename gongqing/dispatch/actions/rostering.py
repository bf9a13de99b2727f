"""Write a duty roster: a shift, a pattern, last week again, a file; take a shift away, give it to another, swap two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gongqing.appeals.rules.intake import tidy_text
from gongqing.audit import events, scope
from gongqing.audit import queries as audit
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.dispatch.models import DutySetting, DutyShift
from gongqing.dispatch.queries import calendar
from gongqing.dispatch.queries import duty as queries
from gongqing.dispatch.queries.duty import RosterHole
from gongqing.dispatch.rules import duty, duty_patterns
from gongqing.dispatch.rules.duty import Watch
from gongqing.dispatch.rules.duty_patterns import Pattern
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of, in_words, local
from gongqing.notices import actions as notices
from gongqing.registry.models import Organisation


@transaction.atomic
def add_shift(
    *, organisation_id: int, user_id: int, rank: int, starts_at: datetime, ends_at: datetime, by: Actor, at: datetime
) -> DutyShift:
    """Put somebody on an organisation's roster.

    Raises:
        NotPermitted, NotFound, NotAllowed: that rank or that person has those hours already.
        BadInput: on `user`, `rank`, `starts_at` or `ends_at`.
    """
    place = _lock_roster(organisation_id, by)
    watch = _watch(place, user_id, rank, starts_at, ends_at)
    duty.check_shift(watch, now=at)
    if why := duty_patterns.obstacle(watch, queries.held(place, [watch])):
        raise NotAllowed(f"{why}。")
    shift = _write(place, watch, by=by, at=at)
    events.record("shift.added", subject=shift, subject_kind="shift", by=by, at=at, note=_words(watch), **_of(place))
    return shift


@transaction.atomic
def write_pattern(*, organisation_id: int, pattern: Pattern, by: Actor, at: datetime) -> list[tuple[Watch, str]]:
    """Write the shifts of a pattern; each comes back with why it was left out, empty for those that were written.

    Raises:
        NotPermitted, NotFound, NotAllowed: none of them could be written. BadInput: as `check_pattern`.
    """
    place = _lock_roster(organisation_id, by)
    duty_patterns.check_pattern(pattern)
    return write_shifts(place, duty_patterns.planned(pattern, calendar()), what="按规律排班", by=by, at=at)


@transaction.atomic
def copy_week(*, organisation_id: int, monday: datetime, by: Actor, at: datetime) -> list[tuple[Watch, str]]:
    """Write the shifts that began in the week before this Monday a week later, as `write_pattern` does.

    Raises:
        NotPermitted, NotFound, NotAllowed: there are none, or none could be written.
    """
    place = _lock_roster(organisation_id, by)
    before = monday - duty_patterns.WEEK
    shifts = queries.shifts_between(place.pk, before, monday).filter(starts_at__gte=before)
    copies = duty_patterns.a_week_later([queries.watch_of(shift) for shift in shifts])
    if not copies:
        raise NotAllowed("上一周没有排班，没有可复制的。")
    return write_shifts(place, copies, what="复制上一周", by=by, at=at)


@transaction.atomic
def load_shifts(*, organisation_id: int, watches: Sequence[Watch], by: Actor, at: datetime) -> list[tuple[Watch, str]]:
    """Write the shifts that a file holds, as `write_pattern` does; none at all is fine.

    Raises:
        NotPermitted, NotFound.
    """
    place = _lock_roster(organisation_id, by)
    return write_shifts(place, watches, what="文件导入", by=by, at=at, may_be_none=True)


def write_shifts(
    place: Organisation, watches: Sequence[Watch], *, what: str, by: Actor, at: datetime, may_be_none: bool = False
) -> list[tuple[Watch, str]]:
    """Write what fits into a locked roster, and say of each of the others why it does not.

    Raises:
        NotAllowed: nothing fits.
    """
    judged = queries.judged(place, watches, at=at)
    written = [watch for watch, why in judged if not why]
    if not written and not may_be_none:
        raise NotAllowed("这些时段都已排过或已过去，没有新排的班。")
    shifts = [_write(place, watch, by=by, at=at) for watch in written]
    if shifts:
        first, last = written[0].starts_at, written[-1].ends_at
        note = f"{what} {len(shifts)} 班，{in_words(first)} 至 {in_words(last)}"
        events.record("shift.planned", subject=shifts[0], subject_kind="shift", by=by, at=at, note=note, **_of(place))
    return judged


@transaction.atomic
def remove_shift(*, shift_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Take a shift off the roster; one that has begun ends now and stays.

    Raises:
        NotPermitted, NotFound, BadInput: no reason. NotAllowed: it is over.
    """
    shift, watch = _lock_shift(shift_id, reason, by=by, at=at)
    note = f"{_words(watch)}：{tidy_text(reason)}"
    kind = "shift.cut" if watch.covers(at) else "shift.removed"
    if watch.covers(at):
        shift.ends_at = at
        shift.save(update_fields=["ends_at"])
    else:
        DutyShift.objects.filter(pk=shift_id).delete()
    events.record(
        kind, subject=_Row(shift_id), subject_kind="shift", by=by, at=at, note=note, **_of(shift.organisation)
    )


@transaction.atomic
def replace_shift(*, shift_id: int, user_id: int, reason: str, by: Actor, at: datetime) -> DutyShift:
    """Give a shift to somebody else (替班); of one that has begun, what is left of it.

    Raises:
        NotPermitted, NotFound, BadInput: on `user` or `reason`. NotAllowed: it is over, or the other stands there.
    """
    shift, watch = _lock_shift(shift_id, reason, by=by, at=at)
    place = shift.organisation
    start = max(watch.starts_at, local(at))
    other = _watch(place, user_id, watch.rank, start, watch.ends_at)
    if other.user_id == watch.user_id:
        raise BadInput("user", "这一班本来就是他（她）的。")
    _take_out(shift, watch, start)
    if why := duty_patterns.obstacle(other, queries.held(place, [other])):
        raise NotAllowed(f"{why}。")
    written = _write(place, other, by=by, at=at)
    note = f"{_words(other)}，替{watch.name}：{tidy_text(reason)}"
    data: dict[str, Any] = {**_of(place), "user": user_id, "instead_of": watch.user_id}
    events.record("shift.replaced", subject=written, subject_kind="shift", by=by, at=at, note=note, **data)
    return written


@transaction.atomic
def swap_shifts(*, shift_id: int, other_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Two people take each other's shift on one roster (换班); neither may have begun.

    Raises:
        NotPermitted, NotFound, BadInput: no reason, or the other shift is none of this roster. NotAllowed.
    """
    shift, watch = _lock_shift(shift_id, reason, by=by, at=at)
    place = shift.organisation
    other = DutyShift.objects.select_for_update(of=("self",)).select_related("user").filter(pk=other_id).first()
    if other is None or other.organisation_id != place.pk or other.pk == shift.pk:
        raise BadInput("other", "请选同一张值班表上的另一班。")
    taken = queries.watch_of(other)
    if watch.starts_at <= at or taken.starts_at <= at:
        raise NotAllowed("已经开始的班不能对换，请用“替班”。")
    if watch.user_id == taken.user_id:
        raise NotAllowed("两班是同一个人，不用换。")
    pair = (
        Watch(taken.user_id, taken.name, watch.rank, watch.starts_at, watch.ends_at),
        Watch(watch.user_id, watch.name, taken.rank, taken.starts_at, taken.ends_at),
    )
    DutyShift.objects.filter(pk__in=[shift.pk, other.pk]).delete()
    held = queries.held(place, pair)
    for one in pair:
        if why := duty_patterns.obstacle(one, held):
            raise NotAllowed(f"{why}，不能对换。")
    written = [_write(place, one, by=by, at=at) for one in pair]
    note = f"{_words(pair[0])}，{_words(pair[1])}：{tidy_text(reason)}"
    events.record("shift.swapped", subject=written[0], subject_kind="shift", by=by, at=at, note=note, **_of(place))


@transaction.atomic
def set_duty(*, organisation_id: int, needs_roster: bool, answer_minutes: int, by: Actor, at: datetime) -> DutySetting:
    """Settle whether an organisation must have a roster, and how many minutes a call to it waits.

    Raises:
        NotPermitted, NotFound, BadInput: on `answer_minutes`.
    """
    duty.check_can_set_duty(by)
    place = _place(organisation_id)
    if not 3 <= answer_minutes <= 60:
        raise BadInput("answer_minutes", "应答时限填 3 到 60 分钟。")
    values = {
        "needs_roster": needs_roster,
        "answer_minutes": answer_minutes,
        "changed_at": at,
        "by_name": by.name[:64],
    }
    row, _ = DutySetting.objects.update_or_create(organisation=place, defaults=values)
    note = f"{'要' if needs_roster else '不要'}排班，呼叫后 {answer_minutes} 分钟内应答"
    events.record("duty.set", subject=row, subject_kind="duty", by=by, at=at, note=note, **_of(place))
    return row


def warn_of_roster_holes(*, at: datetime) -> int:
    """Tell each organisation once of holes that begin within three days, again within one; returns how often."""
    with scope.acting_as(SYSTEM):
        by_place: dict[int, list[RosterHole]] = {}
        for hole in queries.roster_holes(at):
            if hole.starts_at > at:
                by_place.setdefault(hole.organisation.pk, []).append(hole)
        return sum(_warn(held, at=at) for held in by_place.values())


def _warn(held: Sequence[RosterHole], *, at: datetime) -> bool:
    """One notice for the nearer of the two warnings that is due and brings news."""
    place = held[0].organisation
    for days in duty.HOLE_WARNINGS:
        near = [hole for hole in held if hole.starts_at <= at + timedelta(days=days)]
        news = set(map(_moment, near)) - _warned(place, days, at)
        if not news:
            continue
        first = near[0]
        more = f"等 {len(near)} 段" if len(near) > 1 else ""
        when = f"{in_words(first.starts_at, weekday=True)} 至 {in_words(first.ends_at)}"
        text = f"值班空岗：{when}{more} 没有第一顺位值班人（{days} 天内），请排班"
        notices.notify(text=text, at=at, organisation_id=place.pk, link=f"/desk/duty?place={place.code}")
        data: dict[str, Any] = {**_of(place), "days": days, "holes": sorted(map(_moment, near))}
        events.record("roster.hole_warned", subject=place, by=SYSTEM, at=at, note=text, **data)
        return True
    return False


def _warned(place: Organisation, days: int, at: datetime) -> set[str]:
    """The holes it was told of as beginning within so many days, or within fewer."""
    told = audit.events_of("organisation", place.pk).filter(kind="roster.hole_warned", data__days__lte=days)
    recent = told.filter(at__gt=at - timedelta(days=max(duty.HOLE_WARNINGS) + 1))
    return {moment for event in recent for moment in event.data["holes"]}


def _moment(hole: RosterHole) -> str:
    return hole.starts_at.isoformat(timespec="minutes")


def _place(organisation_id: int) -> Organisation:
    place = Organisation.objects.filter(pk=organisation_id, is_active=True).first()
    if place is None or place.kind not in queries.MAY_HAVE_ROSTER:
        raise NotFound("没有这个单位，或者它不设值班表。")
    return place


def _lock_roster(organisation_id: int, by: Actor) -> Organisation:
    """The organisation, its roster held against others who write it now."""
    place = _place(organisation_id)
    duty.check_can_roster(by, organisation_id=place.pk, path=place.path)
    return Organisation.objects.select_for_update().get(pk=place.pk)


def _lock_shift(shift_id: int, reason: str, *, by: Actor, at: datetime) -> tuple[DutyShift, Watch]:
    found = DutyShift.objects.filter(pk=shift_id).values_list("organisation_id", flat=True).first()
    if found is None:
        raise NotFound("没有这一班，可能已被撤下。")
    place = _lock_roster(found, by)
    shift = DutyShift.objects.select_for_update(of=("self",)).select_related("user").get(pk=shift_id)
    shift.organisation = place
    if shift.ends_at <= at:
        raise NotAllowed("这一班已经结束，不能再改。")
    if len(tidy_text(reason)) < 2:
        raise BadInput("reason", "请写一句原因。")
    return shift, queries.watch_of(shift)


def _take_out(shift: DutyShift, watch: Watch, until: datetime) -> None:
    """What remains of a shift that another takes over: what is behind, or nothing."""
    if watch.starts_at < until:
        shift.ends_at = until
        shift.save(update_fields=["ends_at"])
    else:
        DutyShift.objects.filter(pk=shift.pk).delete()


def _watch(place: Organisation, user_id: int, rank: int, starts_at: datetime, ends_at: datetime) -> Watch:
    people = {user.pk: user for user in queries.duty_people(place.pk, day_of(starts_at))}
    if user_id not in people:
        raise BadInput("user", "请选那天在本单位任职的人。")
    return Watch(user_id, people[user_id].name, rank, local(starts_at), local(ends_at))


def _write(place: Organisation, watch: Watch, *, by: Actor, at: datetime) -> DutyShift:
    return DutyShift.objects.create(
        organisation=place,
        user_id=watch.user_id,
        rank=watch.rank,
        starts_at=watch.starts_at,
        ends_at=watch.ends_at,
        made_at=at,
        by_name=by.name[:64],
    )


def _words(watch: Watch) -> str:
    """`王岚，11月25日 17:30 至 11月26日 08:30，第一顺位`."""
    return f"{watch.name}，{in_words(watch.starts_at)} 至 {in_words(watch.ends_at)}，{duty.RANK_WORDS[watch.rank]}"


def _of(place: Organisation) -> dict[str, Any]:
    return {"organisation": place.pk, "organisation_name": str(place)}


class _Row:
    """A row that is gone, as the subject of an event."""

    def __init__(self, number: int) -> None:
        self.pk = number
