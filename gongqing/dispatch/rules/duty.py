"""Who is on duty, which hours has nobody, and who is called next?

Working hours are covered by an organisation's own desk; every other hour is covered by the first rank of its roster.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from gongqing.appeals.rules.permissions import HANDLERS, SUPERVISORS
from gongqing.audit.actor import Actor, Role
from gongqing.dispatch.rules.permissions import stands_above
from gongqing.lib.errors import BadInput, NotPermitted
from gongqing.lib.times import WEEKDAYS, day_of
from gongqing.lib.workdays import Calendar, days_from, start_of_day

ANSWER_MINUTES = 10
HOLE_DAYS = 14
HOLE_WARNINGS = (1, 3)  # days ahead, the nearer first
DESK, EVERYBODY = 0, 9  # ranks of a call to a whole desk, and to everybody at the top
MOST_RANK = 3
MOST_REPEATS = 6
LONGEST_SHIFT = timedelta(days=8)
DUTY_ROLES = HANDLERS | {Role.HOTLINE_SEAT}
BECAME_WORSE = "appeal.reclassified"
CALLED_AFTER = (
    *("appeal.dispatched", "appeal.redispatched", "appeal.transferred", "appeal.passed_up"),
    *(BECAME_WORSE, "appeal.dispatch_waits", "appeal.suspected"),
)
"""After what somebody on duty may have to be called; after `BECAME_WORSE` also about what is being handled."""
RANK_WORDS = {1: "第一顺位", 2: "第二顺位", 3: "第三顺位", DESK: "值守人员", EVERYBODY: "全体督办人员"}


@dataclass(frozen=True, slots=True)
class Watch:
    """One shift: who, in which rank, from when until when (the end belongs to the next)."""

    user_id: int
    name: str
    rank: int
    starts_at: datetime
    ends_at: datetime

    def covers(self, at: datetime) -> bool:
        """Is this moment within the shift?"""
        return self.starts_at <= at < self.ends_at

    def meets(self, other: Watch) -> bool:
        """Do the two share any moment?"""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Rung:
    """One organisation on the way up, with the shifts that touch the moment.

    Attributes:
        desk_count: how many people its desk has; 0 when it has nobody at all.
    """

    organisation_id: int
    name: str
    watches: Sequence[Watch] = ()
    desk_count: int = 0


@dataclass(frozen=True, slots=True)
class Called:
    """A call that was made in this round; `user_id` None for a whole desk."""

    organisation_id: int
    user_id: int | None
    rank: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is called now, and which rungs on the way had nobody."""

    organisation_id: int
    user_id: int | None
    rank: int
    reason: str
    holes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when; the end is not in it."""

    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class Clash:
    """One person on two rosters at once."""

    name: str
    places: tuple[str, str]
    span: Span


def on_duty(watches: Iterable[Watch], at: datetime) -> list[Watch]:
    """Who is on duty at this moment, first rank first."""
    return sorted((each for each in watches if each.covers(at)), key=lambda each: (each.rank, each.user_id))


def next_in_line(ladder: Sequence[Rung], called: Sequence[Called], calendar: Calendar, at: datetime) -> Turn | None:
    """Who is called now, of all those who were not called in this round; None when nobody is left.

    1. At the first organisation: the ranks on duty now, one after the other; in working hours then its desk.
    2. At each organisation above: the first of them, once.
    3. Everybody who supervises at the top, again and again, six times at most.

    Who is on duty is asked anew each time, so that a change of shift between two calls is followed. An organisation
    without anybody is passed over at once and named in `holes`.

    Args:
        ladder: the handler's organisation, then those above, the city last.
        called: the calls of this round, oldest first.
    """
    known = {each.user_id for each in called if each.user_id is not None}
    desks = {each.organisation_id for each in called if each.user_id is None}
    visited = {each.organisation_id for each in called}
    holes: list[str] = []
    for number, rung in enumerate(ladder):
        line = _line(rung, calendar, at)
        if not line:
            if rung.organisation_id not in visited:
                holes.append(f"{rung.name}此刻没有人值班")
            continue
        if number and rung.organisation_id in visited:
            continue
        fresh = [
            (user_id, rank)
            for user_id, rank in line
            if (user_id not in known if user_id is not None else rung.organisation_id not in desks)
        ]
        if fresh:
            user_id, rank = fresh[0]
            return Turn(rung.organisation_id, user_id, rank, _reason(rung, rank, calendar, at), tuple(holes))
    top = ladder[-1] if ladder else None
    repeats = sum(each.rank == EVERYBODY for each in called)
    if top is None or top.desk_count == 0 or repeats >= MOST_REPEATS:
        return None
    again = f"，第 {repeats + 1} 次" if repeats else ""
    return Turn(top.organisation_id, None, EVERYBODY, f"{top.name}{RANK_WORDS[EVERYBODY]}{again}", tuple(holes))


def holes(
    watches: Iterable[Watch], calendar: Calendar, *, start: datetime, end: datetime, has_desk: bool = True
) -> list[Span]:
    """The hours from start to end that neither the first rank nor the desk covers, in order, none touching another."""
    covered = [Span(each.starts_at, each.ends_at) for each in watches if each.rank == 1]
    if has_desk:
        covered += desk_hours(calendar, start=start, end=end)
    found, reached = [], start
    for span in sorted(covered, key=lambda each: each.starts_at):
        if span.starts_at > reached:
            found.append(Span(reached, min(span.starts_at, end)))
        reached = max(reached, span.ends_at)
        if reached >= end:
            break
    if reached < end:
        found.append(Span(reached, end))
    return [span for span in found if span.ends_at > span.starts_at]


def desk_hours(calendar: Calendar, *, start: datetime, end: datetime) -> list[Span]:
    """The working hours between two moments, span by span."""
    return [
        Span(max(opens, start), min(closes, end))
        for day in days_from(day_of(start), day_of(end))
        if calendar.is_workday(day)
        for opens, closes in working_spans(calendar, start_of_day(day))
        if opens < end and closes > start
    ]


def working_spans(calendar: Calendar, midnight: datetime) -> list[tuple[datetime, datetime]]:
    """The working hours of one day, whether or not it is a working day."""
    return [
        (
            midnight.replace(hour=opens.hour, minute=opens.minute),
            midnight.replace(hour=closes.hour, minute=closes.minute),
        )
        for opens, closes in calendar.hours.spans
    ]


def clashes(shifts: Iterable[tuple[str, Watch]]) -> list[Clash]:
    """Where one person stands on the rosters of two organisations at the same time; each pair once, by start.

    Args:
        shifts: the organisation's name and the shift.
    """
    by_person: dict[int, list[tuple[str, Watch]]] = {}
    for place, watch in shifts:
        by_person.setdefault(watch.user_id, []).append((place, watch))
    found = [
        Clash(
            watch.name,
            (place, other_place),
            Span(max(watch.starts_at, other.starts_at), min(watch.ends_at, other.ends_at)),
        )
        for held in by_person.values()
        for (place, watch), (other_place, other) in combinations(held, 2)
        if place != other_place and watch.meets(other)
    ]
    return sorted(found, key=lambda each: (each.span.starts_at, each.name))


def can_roster(actor: Actor, *, organisation_id: int, path: str) -> bool:
    """May this person write the roster: a supervisor or zone chief of the organisation, one above, an administrator?"""
    if actor.role in (Role.ADMINISTRATOR, Role.SYSTEM):
        return True
    is_own = actor.organisation_id == organisation_id and actor.role in SUPERVISORS | {Role.ZONE_CHIEF}
    return is_own or stands_above(actor, path)


def check_can_roster(actor: Actor, *, organisation_id: int, path: str) -> None:
    """Refuse those who may not write the roster.

    Raises:
        NotPermitted.
    """
    if not can_roster(actor, organisation_id=organisation_id, path=path):
        raise NotPermitted("值班表由本单位或上级的督办岗位、片区长和系统管理员排。")


def check_can_set_duty(actor: Actor) -> None:
    """Who must have a roster, and how long a call waits, is settled by the city.

    Raises:
        NotPermitted.
    """
    if actor.role not in (Role.CITY_SUPERVISOR, Role.ADMINISTRATOR, Role.SYSTEM):
        raise NotPermitted("值班设置由市级督办岗位和系统管理员改。")


def check_shift(watch: Watch, *, now: datetime) -> None:
    """A shift as it may be written.

    Raises:
        BadInput: on `ends_at`, `starts_at` or `rank`.
    """
    if not 1 <= watch.rank <= MOST_RANK:
        raise BadInput("rank", f"顺位填 1 到 {MOST_RANK}。")
    if watch.ends_at <= watch.starts_at:
        raise BadInput("ends_at", "结束时间应晚于开始时间。")
    if watch.ends_at - watch.starts_at > LONGEST_SHIFT:
        raise BadInput("ends_at", f"一班最长 {LONGEST_SHIFT.days} 天，请分成几班。")
    if watch.ends_at <= now:
        raise BadInput("ends_at", "这一班已经过去，不能再排。")


def hours_words(start: datetime, end: datetime, *, with_day: bool = False, since: datetime | None = None) -> str:
    """`17:30–次日 08:30`, with its day `10月13日（周一）17:30–次日 08:30`; begun before `since`, only until when."""
    days = (end.date() - start.date()).days
    until = {0: "", 1: "次日 "}.get(days, f"{end.month}月{end.day}日 ")
    if since is not None and start < since:
        return f"上周起–{'' if end - since < timedelta(days=1) else f'{end.month}月{end.day}日 '}{end:%H:%M}"
    day = f"{start.month}月{start.day}日（{WEEKDAYS[start.weekday()]}）" if with_day else ""
    return f"{day}{start:%H:%M}–{until}{end:%H:%M}"


def _line(rung: Rung, calendar: Calendar, at: datetime) -> list[tuple[int | None, int]]:
    line: list[tuple[int | None, int]] = [(each.user_id, each.rank) for each in on_duty(rung.watches, at)]
    if calendar.is_working_time(at) and rung.desk_count:
        line.append((None, DESK))
    return line


def _reason(rung: Rung, rank: int, calendar: Calendar, at: datetime) -> str:
    if rank == DESK:
        return f"办公时间，{rung.name}{RANK_WORDS[DESK]}"
    ranks = {each.rank for each in on_duty(rung.watches, at)}
    missing = "，第一顺位空缺" if 1 not in ranks and not calendar.is_working_time(at) else ""
    return f"{rung.name}值班{RANK_WORDS.get(rank, f'第 {rank} 顺位')}{missing}"
