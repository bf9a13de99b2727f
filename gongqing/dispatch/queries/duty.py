"""Who is on which roster, which hours has nobody, and who stands on the way up from a handler?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from gongqing.accounts import queries as accounts
from gongqing.accounts.models import User
from gongqing.appeals.models import Appeal
from gongqing.audit import scope
from gongqing.audit.models import Event
from gongqing.dispatch.models import DutySetting, DutyShift
from gongqing.dispatch.queries.clocks import calendar
from gongqing.dispatch.rules import duty, duty_patterns
from gongqing.dispatch.rules.duty import Clash, Rung, Span, Watch
from gongqing.dispatch.rules.levels import Level
from gongqing.lib.times import day_of, local
from gongqing.lib.workdays import days_from, start_of_day
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation, OrganisationKind

NEEDS_ROSTER = (OrganisationKind.CITY_UNION, OrganisationKind.COUNTY_UNION)
MAY_HAVE_ROSTER = (
    *NEEDS_ROSTER,
    OrganisationKind.TOWN_UNION,
    OrganisationKind.INDUSTRIAL_UNION,
    OrganisationKind.HOTLINE,
    OrganisationKind.ZONE,
)
CHANGES = ("shift.added", "shift.planned", "shift.removed", "shift.cut", "shift.replaced", "shift.swapped")


@dataclass(frozen=True, slots=True)
class RosterHole:
    """Hours of an organisation that must have a roster, in which nobody of the first rank is on duty."""

    organisation: Organisation
    starts_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class DutyDay:
    """One column of the week: the day and its 24 hours as a strip.

    Attributes:
        works: whether it is a working day; why: the calendar's word for it.
        strip: left edge and width in quarter hours, and `desk`, `duty` or `hole`.
    """

    day: date
    works: bool
    why: str
    is_today: bool
    strip: Sequence[tuple[int, int, str]]

    @property
    def has_hole(self) -> bool:
        return any(kind == "hole" for _, _, kind in self.strip)


@dataclass(frozen=True, slots=True)
class ShiftCell:
    """A shift with its hours in words."""

    shift: DutyShift
    hours: str


@dataclass(frozen=True, slots=True)
class DutyWeek:
    """Seven days, and of each rank the shifts that begin on each of them."""

    days: Sequence[DutyDay]
    rows: Sequence[tuple[str, Sequence[Sequence[ShiftCell]]]]
    count: int


@dataclass(frozen=True, slots=True)
class RosterChange:
    """One line of what was changed on a roster."""

    at: datetime
    kind: str
    who: str
    note: str


def shifts_between(organisation_id: int, start: datetime, end: datetime) -> QuerySet[DutyShift]:
    """The shifts of one organisation that touch these hours, in order of time and rank."""
    found = DutyShift.objects.filter(organisation_id=organisation_id, starts_at__lt=end, ends_at__gt=start)
    return found.select_related("user", "organisation").order_by("starts_at", "rank", "id")


def own_shifts(user_id: int, start: datetime, end: datetime) -> list[DutyShift]:
    """The shifts of one person anywhere that touch these hours."""
    found = DutyShift.objects.filter(user_id=user_id, starts_at__lt=end, ends_at__gt=start)
    return list(found.select_related("organisation").order_by("starts_at"))


def shift_numbered(shift_id: int) -> DutyShift | None:
    """The shift with this id."""
    return DutyShift.objects.select_related("user", "organisation").filter(pk=shift_id).first()


def watch_of(shift: DutyShift) -> Watch:
    """The shift as the rules see it."""
    return Watch(shift.user_id, shift.user.name, shift.rank, local(shift.starts_at), local(shift.ends_at))


def duty_people(organisation_id: int, on: date) -> list[User]:
    """Who may stand on an organisation's roster: those who hold a posting there that handles appeals."""
    return accounts.holders(organisation_id, on, roles=duty.DUTY_ROLES)


def answer_minutes(organisation: Organisation) -> int:
    """How long a call to an organisation waits: its own setting, else the city's, else the rules'."""
    top = registry.city_union()
    places = [organisation.pk, *([top.pk] if top else [])]
    known = dict(
        DutySetting.objects.filter(organisation_id__in=places).values_list("organisation_id", "answer_minutes")
    )
    return next((known[place] for place in places if place in known), duty.ANSWER_MINUTES)


def needs_roster(organisation: Organisation) -> bool:
    """Must this organisation have a roster: as it is set, else the city and every county."""
    setting = DutySetting.objects.filter(organisation=organisation).first()
    return setting.needs_roster if setting else organisation.kind in NEEDS_ROSTER


def rostered_organisations() -> list[Organisation]:
    """The active organisations that must have a roster, the city first."""
    known = dict(DutySetting.objects.values_list("organisation_id", "needs_roster"))
    found = Organisation.objects.filter(is_active=True, kind__in=MAY_HAVE_ROSTER).order_by("path")
    return [one for one in found if known.get(one.pk, one.kind in NEEDS_ROSTER)]


def roster_holes(at: datetime, *, days: int = duty.HOLE_DAYS) -> list[RosterHole]:
    """The holes of the next days, of every organisation that must have a roster, in order of the tree and of time."""
    places, end = rostered_organisations(), start_of_day(day_of(at) + timedelta(days=days + 1))
    by_place: dict[int, list[Watch]] = {}
    shifts = DutyShift.objects.filter(organisation__in=places, rank=1, starts_at__lt=end, ends_at__gt=at)
    for shift in shifts.select_related("user"):
        by_place.setdefault(shift.organisation_id, []).append(watch_of(shift))
    days_worked = calendar()
    return [
        RosterHole(place, span.starts_at, span.ends_at)
        for place in places
        for span in duty.holes(by_place.get(place.pk, []), days_worked, start=local(at), end=end)
    ]


def holes_of(organisation: Organisation, start: datetime, end: datetime) -> list[Span]:
    """The hours of one organisation in which nobody of the first rank is on duty, must it have a roster or not."""
    watches = [watch_of(shift) for shift in shifts_between(organisation.pk, start, end)]
    return duty.holes(watches, calendar(), start=local(start), end=local(end))


def week_of(organisation: Organisation, monday: date, at: datetime) -> DutyWeek:
    """The seven days of a roster; `at` says which of them is today. What runs on from before stands on the Monday."""
    start, end = start_of_day(monday), start_of_day(monday + timedelta(days=7))
    shifts = list(shifts_between(organisation.pk, start, end))
    ranks = range(1, max([2, *(shift.rank for shift in shifts)]) + 1)
    days, watches = calendar(), [watch_of(shift) for shift in shifts]
    by_place: dict[tuple[int, date], list[ShiftCell]] = {}
    for shift in shifts:
        hours = duty.hours_words(local(shift.starts_at), local(shift.ends_at), since=start)
        by_place.setdefault((shift.rank, max(monday, day_of(shift.starts_at))), []).append(ShiftCell(shift, hours))
    columns = []
    for day in days_from(monday, monday + timedelta(days=6)):
        midnight, midnight_after = start_of_day(day), start_of_day(day + timedelta(days=1))
        spans = [
            *((span, "desk") for span in duty.desk_hours(days, start=midnight, end=midnight_after)),
            *((Span(one.starts_at, one.ends_at), "duty") for one in watches if one.rank == 1),
            *((span, "hole") for span in duty.holes(watches, days, start=midnight, end=midnight_after)),
        ]
        strip = [piece for span, kind in spans for piece in _piece(span, kind, midnight, midnight_after)]
        columns.append(DutyDay(day, days.is_workday(day), days.reason(day), day == day_of(at), strip))
    rows = [
        (duty.RANK_WORDS.get(rank, f"第 {rank} 顺位"), [by_place.get((rank, column.day), []) for column in columns])
        for rank in ranks
    ]
    return DutyWeek(columns, rows, len(shifts))


def clashes_of(organisation: Organisation, start: datetime, end: datetime) -> list[Clash]:
    """Where somebody on this roster stands on another one at the same time."""
    people = shifts_between(organisation.pk, start, end).values("user_id")
    shifts = DutyShift.objects.filter(user_id__in=people, starts_at__lt=end, ends_at__gt=start)
    found = duty.clashes(
        (str(one.organisation), watch_of(one)) for one in shifts.select_related("user", "organisation")
    )
    return [clash for clash in found if str(organisation) in clash.places]


def elsewhere(watches: Sequence[Watch], organisation: Organisation) -> list[Clash]:
    """Where planned shifts would put somebody on two rosters at once."""
    if not watches:
        return []
    start, end = min(one.starts_at for one in watches), max(one.ends_at for one in watches)
    people = {one.user_id for one in watches}
    others = DutyShift.objects.filter(user_id__in=people, starts_at__lt=end, ends_at__gt=start)
    held = others.exclude(organisation=organisation).select_related("user", "organisation")
    return duty.clashes(
        [*((str(organisation), one) for one in watches), *((str(one.organisation), watch_of(one)) for one in held)]
    )


def judged(place: Organisation, watches: Sequence[Watch], *, at: datetime) -> list[tuple[Watch, str]]:
    """Each planned shift with why it does not fit into a roster; empty for those that do."""
    staff: dict[date, set[int]] = {}
    found = []
    for watch, why in duty_patterns.sorted_out(watches, held(place, watches)):
        day = day_of(watch.starts_at)
        if day not in staff:
            staff[day] = {user.pk for user in duty_people(place.pk, day)}
        if watch.ends_at <= at:
            why = "已经过去"
        elif watch.user_id not in staff[day]:
            why = f"{watch.name}那天不在本单位任职"
        found.append((watch, why))
    return found


def held(place: Organisation, watches: Sequence[Watch]) -> list[Watch]:
    """What stands on a roster in the hours of these shifts."""
    if not watches:
        return []
    start, end = min(one.starts_at for one in watches), max(one.ends_at for one in watches)
    return [watch_of(shift) for shift in shifts_between(place.pk, start, end)]


def changes_of(organisation: Organisation, *, limit: int = 20) -> list[RosterChange]:
    """What was changed on a roster lately, newest first; a roster is public within the platform."""
    with scope.elevated():
        found = Event.objects.filter(kind__in=CHANGES, data__organisation=organisation.pk).order_by("-id")[:limit]
        return [RosterChange(one.at, one.kind, one.name, one.note) for one in found]


def ladder_of(appeal: Appeal, handler: Organisation | None, at: datetime) -> list[Rung]:
    """The way up from whoever has an appeal: its organisation, those above it, the city last.

    Above a department stands the county of the place; without a handler it begins there too.
    """
    places = ladder_places(appeal, handler)
    numbers, on = [place.pk for place in places], day_of(at)
    shifts = DutyShift.objects.filter(organisation_id__in=numbers, starts_at__lte=at, ends_at__gt=at)
    present = {place.pk: {user.pk for user in duty_people(place.pk, on)} for place in places}
    watches: dict[int, list[Watch]] = {}
    for shift in shifts.select_related("user"):
        if shift.user_id in present[shift.organisation_id]:  # who has left since is not called
            watches.setdefault(shift.organisation_id, []).append(watch_of(shift))
    return [Rung(place.pk, str(place), watches.get(place.pk, []), len(present[place.pk])) for place in places]


def ladder_places(appeal: Appeal, handler: Organisation | None) -> list[Organisation]:
    """The organisations on the way up, from the handler to the city, each once."""
    top = registry.city_union()
    places = list(_upwards(handler)) if handler is not None else []
    if handler is None or handler.level == Level.DEPARTMENT:
        region = appeal.region or (handler.region if handler else None)
        county = registry.union_of_region(region, Level.COUNTY) if region else None
        places += [county] if county else []
    places += [top] if top else []
    return list({place.pk: place for place in places if place.is_active}.values())


def _upwards(organisation: Organisation) -> Iterable[Organisation]:
    here: Organisation | None = organisation
    while here is not None:
        yield here
        here = here.parent


def _piece(span: Span, kind: str, midnight: datetime, end: datetime) -> list[tuple[int, int, str]]:
    start, stop = max(span.starts_at, midnight), min(span.ends_at, end)
    if stop <= start:
        return []
    left = round((start - midnight).total_seconds() / 900)
    return [(left, max(1, round((stop - midnight).total_seconds() / 900) - left), kind)]
