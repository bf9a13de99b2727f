"""What must the sweep look at, who supervises whom, and what has the ladder set going?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import OPEN, Status
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Asking, Prepared
from gongqing.dispatch.models import Clock, ClockEntry, FilterStep, Interview, Supervision
from gongqing.dispatch.models.orders import SupervisionKind
from gongqing.dispatch.queries.clocks import ClockView, calendar, policy_on
from gongqing.dispatch.rules import ladder
from gongqing.dispatch.rules.clocks import standing
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.levels import LADDER, Level, rank
from gongqing.dispatch.rules.limits import ClockName, ceiling_of
from gongqing.dispatch.rules.routing import watching_level
from gongqing.lib.times import day_of
from gongqing.lib.workdays import end_of_day, start_of_day
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation

ANSWERED = (Status.RESOLVED, Status.AWAITING_EVALUATION)
UNANSWERED = frozenset(OPEN) - set(ANSWERED)


@dataclass(frozen=True, slots=True)
class LadderLine:
    """Where one open clock stands on the ladder, for the case page.

    Attributes:
        next_rung: what comes next if nothing happens; empty when nothing does.
    """

    clock: str
    rung: str
    height: int
    next_rung: str = ""
    next_at: datetime | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Stair:
    """One level of the way up, for the case page: who had it, since when, and why it came there."""

    level: str
    organisation: str
    since: datetime | None = None
    why: str = ""
    reason: str = ""
    by_name: str = ""


@dataclass(frozen=True, slots=True)
class LadderPanel:
    """What the case page says of the ladder: clocks, supervision orders, talks and steps up."""

    lines: Sequence[LadderLine]
    orders: Sequence[Supervision]
    talks: Sequence[Interview]
    stairs: Sequence[Stair]
    now: datetime

    @property
    def is_shown(self) -> bool:
        return bool(self.lines or self.orders or self.talks or self.stairs)

    @property
    def has_more(self) -> bool:
        """Is there more to say than where the clocks stand?"""
        return bool(self.orders or self.talks or self.stairs)


def appeals_to_look_at(at: datetime) -> list[int]:
    """Appeals with an open clock about which something may have changed by now, the longest waiting first."""
    due = Clock.objects.filter(ended_at__isnull=True)
    new = due.filter(next_look_at__isnull=True).order_by("id").values_list("appeal_id", flat=True)
    waiting = due.filter(next_look_at__lte=at).order_by("next_look_at").values_list("appeal_id", flat=True)
    return list(dict.fromkeys([*new, *waiting]))


def ledgers_of(clock_ids: Collection[int]) -> dict[int, list[Entry]]:
    """The ledgers of many clocks in one question, each oldest line first."""
    found: dict[int, list[Entry]] = {number: [] for number in clock_ids}
    rows = ClockEntry.objects.filter(clock_id__in=list(clock_ids)).order_by("id")
    for row in rows.values("clock_id", "kind", "at", "amount", "unit", "reason", "source"):
        found[row["clock_id"]].append(Entry.from_row(row))
    return found


def supervisor_of(appeal: Appeal, level: str, on: date) -> Organisation | None:
    """The organisation of a level that stands above an appeal's handler, or the next level's where there is none.

    Found along the handler's path, for a union's zone by its link, else by the place; at last it is the city.
    """
    for rung in LADDER[max(rank(level), 0) :]:
        if rung is Level.CITY:
            break
        if (found := _above(appeal.handler, rung, on)) is not None:
            return found
        if appeal.region is not None and (found := registry.union_of_region(appeal.region, rung)) is not None:
            return found
    return registry.city_union()


def supervising_level_of(appeal: Appeal) -> str:
    """The level that the grade names, but never below the one above the handler."""
    row = policy_on(day_of(appeal.entered_at)).of_grade(appeal.grade)
    return watching_level(appeal.handler_level or Level.TOWN, row.supervised_by)


def copied_to(appeal: Appeal) -> str:
    """Who gets a copy of an automatic supervision order, in words."""
    return "、".join(policy_on(day_of(appeal.entered_at)).of_grade(appeal.grade).copied_to)


def open_supervisions(appeal_id: int) -> list[Supervision]:
    """Supervision orders that still want an answer, the oldest first."""
    return list(unanswered_supervisions().filter(appeal_id=appeal_id).select_related("organisation").order_by("id"))


def unanswered_supervisions() -> QuerySet[Supervision]:
    """Every supervision order that wants an answer and has none, of appeals that are not answered yet."""
    wanting = Supervision.objects.filter(due_at__isnull=False, answered_at__isnull=True)
    return wanting.filter(appeal__status__in=UNANSWERED)


def notices_of(monday: date, actor: Actor) -> QuerySet[Supervision]:
    """The lines of a week's notice (通报), Monday to Sunday, in the actor's view, oldest first."""
    found = Supervision.objects.filter(
        kind=SupervisionKind.NOTICE,
        at__gte=start_of_day(monday),
        at__lt=end_of_day(monday + timedelta(days=6)),
        appeal__in=Appeal.objects.visible_to(actor),
    )
    return found.select_related("appeal__handler", "appeal__category", "organisation").order_by("at", "id")


def filter_steps_of(appeal_id: int) -> list[FilterStep]:
    """The steps up of an appeal, oldest first."""
    return _steps.all(appeal_id)


@Prepared
def _steps(_: None, appeal_id: int) -> QuerySet[FilterStep]:
    found = FilterStep.objects.filter(appeal_id=appeal_id)
    return found.select_related("from_organisation", "organisation").order_by("id")


def interviews_of(appeal_id: int) -> list[Interview]:
    """The talks about an appeal, oldest first."""
    return _talks.all(appeal_id)


@Prepared
def _talks(_: None, appeal_id: int) -> QuerySet[Interview]:
    return Interview.objects.filter(appeal_id=appeal_id).select_related("organisation", "held_by").order_by("id")


def supervisions_of(appeal_id: int) -> list[Supervision]:
    """The supervision orders about an appeal that want an answer, answered or not, oldest first."""
    return _wanting.all(appeal_id)


@Prepared
def _wanting(_: None, appeal_id: int) -> QuerySet[Supervision]:
    found = Supervision.objects.filter(appeal_id=appeal_id, due_at__isnull=False)
    return found.select_related("organisation").order_by("id")


def asked_of_ladder(appeal_id: int) -> list[Asking[Any]]:
    """What `ladder_panel` and `is_unanswered` ask, to be asked together with others."""
    return [_wanting(appeal_id), _talks(appeal_id), _steps(appeal_id)]


def is_unanswered(appeal: Appeal) -> bool:
    """Does a supervision order about this appeal want an answer still?"""
    return appeal.status in UNANSWERED and any(each.answered_at is None for each in supervisions_of(appeal.pk))


def ladder_panel(appeal: Appeal, clocks: Sequence[ClockView], at: datetime) -> LadderPanel:
    """The ladder of one case, for its page."""
    return LadderPanel(
        lines=ladder_of(appeal, clocks, at),
        orders=supervisions_of(appeal.pk),
        talks=interviews_of(appeal.pk),
        stairs=stairs_of(filter_steps_of(appeal.pk)),
        now=at,
    )


def stairs_of(steps: Sequence[FilterStep]) -> list[Stair]:
    """The steps up as a staircase, the lowest level first."""
    if not steps:
        return []
    first = Stair(Level.label_of(steps[0].from_level), str(steps[0].from_organisation))
    return [
        first,
        *(
            Stair(
                Level.label_of(step.level),
                str(step.organisation),
                step.at,
                step.get_why_display(),
                step.reason,
                step.by_name,
            )
            for step in steps
        ),
    ]


def ladder_of(appeal: Appeal, clocks: Sequence[ClockView], at: datetime) -> list[LadderLine]:
    """Where each open clock of an appeal stands on the ladder and what comes next."""
    if appeal.status not in UNANSWERED:
        return []
    days, policy = calendar(), policy_on(day_of(appeal.entered_at))
    lines = []
    for seen in clocks:
        if seen.clock.ended_at is not None:
            continue
        ceiling = ceiling_of(
            policy,
            seen.clock.name,
            received_at=appeal.received_at,
            is_extended=any(entry.kind is EntryKind.EXTEND for entry in seen.entries),
            is_reopened=appeal.reopened_count > 0,
        )
        stands = standing(seen.reckoning, at, ceiling=ceiling)
        carded_at = seen.clock.escalated_at
        here = ladder.Rung(seen.clock.warned)
        later = ladder.next_rung_at(seen.reckoning, stands, days, at, carded_at=carded_at)
        lines.append(
            LadderLine(
                clock=ClockName.label_of(seen.clock.name),
                rung=here.label,
                height=ladder.height(here),
                next_rung=later[0].short if later else "",
                next_at=later[1] if later else None,
                is_paused=seen.reckoning.is_paused,
            )
        )
    return lines


def _above(handler: Organisation | None, level: str, on: date) -> Organisation | None:
    if handler is None or (handler.level == level and level != Level.CITY):
        return None
    if level == Level.ZONE:
        return registry.zone_of_union(handler.pk, on) if handler.level == Level.GRASSROOTS else None
    steps = handler.path.strip("/").split("/")
    above = ["/" + "/".join(steps[:count]) + "/" for count in range(1, len(steps))]
    return Organisation.objects.filter(path__in=above, level=level, is_active=True).first()
