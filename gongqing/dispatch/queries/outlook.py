"""What has the last half year to say about the open cases of each organisation, and what if cases changed hands?

The life tables are learnt from the whole city, so that a small town is judged by more than its own few cases; only
figures leave, never a row. They are kept for an hour in the process once there are many cases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from django.db.models import Count

from gongqing.accounts.models import Posting
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.appeals.rules.statuses import ANSWERED, OPEN, Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.dispatch.models import ClockEntry, Order, OrderRole
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries.clocks import calendar
from gongqing.dispatch.queries.orders import returned_organisations
from gongqing.dispatch.queries.routing import candidates_for, matter_of, own_union_of, routes_on
from gongqing.dispatch.rules.levels import Level, level_above
from gongqing.dispatch.rules.outlook import Floats, Histories, Outlook, fitted, worked_days
from gongqing.dispatch.rules.redistribution import MOVABLE, Move, OpenCases, Place, expected_late, proposed
from gongqing.dispatch.rules.routing import choose_handler
from gongqing.lib.remembering import remembering
from gongqing.lib.times import day_of
from gongqing.lib.workdays import Calendar, end_of_day
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation

WINDOW = timedelta(days=180)
MOST_LEARNT = 40_000
MOST_MOVABLE = 60
KEPT_FROM = 5_000  # below this learning anew costs less than keeping
WAITING = frozenset(OPEN) - ANSWERED
STILL = (Status.PAUSED, Status.TRACKED, Status.IN_REVIEW)
UNSIGNED = (Status.DISPATCHED, Status.REOPENED)
_kept: dict[tuple[str, datetime], Outlook] = {}
# number, handler, category, status, grade, received, due, is_overdue, next due
_Fact = tuple[int, int, str | None, str, str, datetime, datetime | None, bool, datetime | None]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A question to the board: so many more cases come to one row, so many of its people are away."""

    row: int | None = None
    more: int = 0
    away: int = 0


@dataclass(slots=True)
class LoadRow:
    """One organisation below the viewer, with everything under it.

    Attributes:
        late: past their deadline already. late_ahead: how many of the others are expected to be late.
        late_if: the same under the question that was asked; None without one.
    """

    number: int
    name: str
    held: int = 0
    unsigned: int = 0
    staff: int = 0
    week: int = 0
    late: int = 0
    movable: int = 0
    late_ahead: float = 0.0
    late_if: float | None = None

    @property
    def per_person(self) -> float | None:
        """Open cases for each person on post; None where nobody is."""
        return self.held / self.staff if self.staff else None


@dataclass(frozen=True, slots=True)
class LoadBoard:
    """The rows, the total, and what the life tables rest on."""

    rows: Sequence[LoadRow]
    total: LoadRow
    quiet: Sequence[str]
    learnt: int
    answered: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A move with the names that the page shows, and where else the case could go."""

    move: Move
    code: str
    title: str
    grade: str
    origin: str
    target: str
    targets: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The open cases of the viewer's area as arrays, and their organisations."""

    cases: OpenCases
    facts: Sequence[_Fact]
    rows: Sequence[LoadRow]
    row_of: Mapping[int, LoadRow]
    places: dict[int, Place]


def load_board(actor: Actor, at: datetime, asked: WhatIf | None = None) -> LoadBoard:
    """How much lies where, and how much of it is expected to be late, now and if it went as asked."""
    outlook = outlook_of(at)
    seen = _seen(actor, at)
    chances = expected_late(outlook, seen.cases, seen.places)
    for place, chance in zip(seen.cases.places, chances, strict=True):
        seen.row_of[int(place)].late_ahead += float(chance)
    if asked is not None and asked.row is not None:
        _suppose(outlook, seen, asked)
    busy = sorted((row for row in seen.rows if row.held), key=lambda row: (-row.late_ahead, row.name))
    total = LoadRow(0, "合计")
    for row in busy:
        for name in ("held", "unsigned", "staff", "week", "late", "movable", "late_ahead"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
    if any(row.late_if is not None for row in busy):
        total.late_if = sum(row.late_ahead if row.late_if is None else row.late_if for row in busy)
    quiet = [row.name for row in seen.rows if not row.held]
    return LoadBoard(busy, total, quiet, outlook.count, outlook.answered_count)


def proposals(actor: Actor, at: datetime, row: int) -> list[Proposal]:
    """Which cases of a row another organisation should take so that fewer are late, the most helpful first.

    Unsigned cases and those that nobody has begun, never red ones; to organisations that the routing rules permit, of
    the same level or the next one up, within the actor's area. Nothing is changed.
    """
    outlook = outlook_of(at)
    seen = _seen(actor, at)
    chances = expected_late(outlook, seen.cases, seen.places)
    movable = _movable(actor, seen, row)
    rank = {int(number): float(chance) for number, chance in zip(seen.cases.numbers, chances, strict=True)}
    chosen = sorted((number for number in movable if number in rank), key=lambda number: -rank[number])[:MOST_MOVABLE]
    appeals = Appeal.objects.visible_to(actor).select_related("category", "region", "employer__region", "handler")
    found = {appeal.pk: appeal for appeal in appeals.filter(pk__in=chosen)}
    with remembering(), scope.elevated():
        permitted = {number: permitted_places(appeal, actor, at) for number, appeal in found.items()}
    _add_places(seen.places, {place.pk for targets in permitted.values() for place in targets})
    moves = proposed(
        outlook, seen.cases, seen.places, {case: [place.pk for place in to] for case, to in permitted.items()}
    )
    return [_proposal(move, found[move.case], permitted[move.case]) for move in moves]


def permitted_places(appeal: Appeal, actor: Actor, at: datetime) -> list[Organisation]:
    """The organisations beside the handler and one level up that the routing rules let have this appeal, in the area.

    Asked of the rules themselves, one candidate at a time: shield, place, level and categories all hold.
    """
    if appeal.handler is None:
        return []
    levels = {appeal.handler.level, level_above(appeal.handler.level)}
    day, own_union = day_of(at), own_union_of(appeal)
    matter, routes = matter_of(appeal, own_union=own_union, on=day), routes_on(day)
    refused = returned_organisations(appeal.pk)
    allowed = [
        each.organisation_id
        for each in candidates_for(appeal, own_union=own_union, on=day)
        if each.level in levels
        and each.organisation_id != appeal.handler_id
        and (sees_all(actor) or each.path.startswith(actor.path))
        and choose_handler(matter, routes, [each], excluded=refused).organisation_id == each.organisation_id
    ]
    return list(Organisation.objects.filter(pk__in=allowed).order_by("path"))


def outlook_of(at: datetime) -> Outlook:
    """The life tables of the half year before a moment."""
    name = str(connection.settings_dict["NAME"])
    hour = at.replace(minute=0, second=0, microsecond=0)
    if (name, hour) in _kept:
        return _kept[name, hour]
    with scope.elevated():
        found = fitted(histories(at))
    if found.count >= KEPT_FROM:
        _kept.clear()
        _kept[name, hour] = found
    return found


def histories(at: datetime, *, since: datetime | None = None) -> Histories:
    """Every case received in the half year before a moment (or since another), the newest forty thousand.

    What was withdrawn, merged or invalid was watched until then. Time that was paused is taken out.
    """
    start = since or at - WINDOW
    found = Appeal.objects.filter(
        received_at__gte=start, received_at__lt=at, handler__isnull=False, category__isnull=False
    )
    rows = list(
        found.order_by("-received_at", "-id").values_list(
            "pk", "handler_id", "category__code", "status", "received_at", "resolved_at", "closed_at"
        )[:MOST_LEARNT]
    )
    days = calendar()
    begun = np.array([_seconds(row[4]) for row in rows], dtype=float)
    has_answer = np.array([row[5] is not None and row[3] not in WAITING and row[5] < at for row in rows], dtype=bool)
    ends = [
        row[5] if has_answer[place] else row[6] if row[6] is not None and row[3] not in OPEN else at
        for place, row in enumerate(rows)
    ]
    ended = np.minimum(np.array([_seconds(end) for end in ends], dtype=float), at.timestamp())
    worked = worked_days(days, np.concatenate([begun, ended, [start.timestamp(), at.timestamp()]]))
    count = len(rows)
    used = worked[count : 2 * count] - worked[:count]
    paused = _paused_days({row[0]: place for place, row in enumerate(rows)}, start, at, days, count)
    return Histories(
        used=np.maximum(used - paused, 0.0),
        answered=has_answer,
        categories=[row[2] for row in rows],
        places=np.array([row[1] for row in rows], dtype=np.int64),
        days=float(worked[-1] - worked[-2]),
    )


def _paused_days(places: Mapping[int, int], start: datetime, at: datetime, days: Calendar, count: int) -> Floats:
    """Working days that each case stood still, by the ledger of its closing clock."""
    marks = (
        ClockEntry.objects.filter(kind__in=["pause", "resume"], clock__name="close", at__gte=start, at__lte=at)
        .order_by("clock_id", "id")
        .values_list("clock__appeal_id", "kind", "at")
    )
    spans: list[tuple[int, datetime, datetime]] = []
    stopped: dict[int, datetime] = {}
    for number, kind, moment in marks:
        if number not in places:
            continue
        if kind == "pause":
            stopped.setdefault(number, moment)
        elif number in stopped:
            spans.append((places[number], stopped.pop(number), moment))
    spans += [(places[number], moment, at) for number, moment in stopped.items()]
    paused = np.zeros(count)
    for place, begun, ended in spans:
        paused[place] += days.working_time_between(begun, ended) / days.hours.length
    return paused


def _seen(actor: Actor, at: datetime) -> _Seen:
    top = registry.city_union() if sees_all(actor) else registry.organisation_numbered(actor.organisation_id or 0)
    rows = _rows_below(top)
    with scope.elevated():  # figures alone leave; what is shown of a case is read in the actor's own scope
        facts: list[_Fact] = list(
            Appeal.objects.visible_to(actor)
            .filter(status__in=[*WAITING], handler__isnull=False)
            .values_list(
                *("pk", "handler_id", "category__code", "status", "grade", "received_at", "due_at"),
                *("is_overdue", "next_due_at"),
            )
        )
    handlers = Organisation.objects.in_bulk({fact[1] for fact in facts})
    others = LoadRow(-1, "横向部门和其他单位")
    row_of = {number: _row_for(each.path, rows) or others for number, each in handlers.items()}
    held = Counter(fact[1] for fact in facts)
    staff = _staff_of(set(handlers))
    for number, count in held.items():
        row_of[number].held += count
    staffed = _staff_by_row(rows)
    for each in rows.values():
        each.staff = staffed.get(each.number, 0)
    others.staff = sum(count for number, count in staff.items() if row_of[number] is others)
    today = day_of(at)
    week_ends = end_of_day(today + timedelta(days=6 - today.weekday()))
    untouched = _untouched([fact[0] for fact in facts if fact[3] == Status.SIGNED])
    ahead = []
    for fact in facts:
        number, place, _, status, grade, _, due_at, is_overdue, next_due_at = fact
        row = row_of[place]
        is_late = is_overdue or (next_due_at is not None and next_due_at < at)
        row.unsigned += status in UNSIGNED
        row.late += is_late
        row.week += not is_late and status not in STILL and next_due_at is not None and next_due_at <= week_ends
        row.movable += _can_move(number, status, grade, untouched)
        if due_at is not None and due_at >= at and status not in STILL:
            ahead.append(fact)
    cases = _arrays(ahead, at)
    places = {number: Place(number, held[number], staff.get(number, 0), staff.get(number, 0)) for number in handlers}
    shown = [*rows.values(), others] if others.held else [*rows.values()]
    return _Seen(cases, facts, shown, row_of, places)


def _arrays(ahead: Sequence[_Fact], at: datetime) -> OpenCases:
    count = len(ahead)
    now = at.timestamp()
    worked = worked_days(
        calendar(),
        np.array([*(_seconds(fact[5]) for fact in ahead), *(_seconds(fact[6]) for fact in ahead), now]),
    )
    return OpenCases(
        numbers=np.array([fact[0] for fact in ahead], dtype=np.int64),
        categories=[fact[2] or "" for fact in ahead],
        places=np.array([fact[1] for fact in ahead], dtype=np.int64),
        used=np.maximum(worked[-1] - worked[:count], 0.0),
        left=np.maximum(worked[count : 2 * count] - worked[-1], 0.0),
    )


def _seconds(moment: datetime | None) -> float:
    return moment.timestamp() if moment is not None else 0.0


def _suppose(outlook: Outlook, seen: _Seen, asked: WhatIf) -> None:
    """Reckon the asked row anew with more cases in every hand of it, and fewer hands."""
    row = next((each for each in seen.rows if each.number == asked.row), None)
    if row is None or not row.held:
        return
    grown = (row.held + asked.more) / row.held
    left = max(row.staff - asked.away, 0) / row.staff if row.staff else 1.0
    places = {
        number: replace(place, held=place.held * grown, staff=place.staff * left)
        for number, place in seen.places.items()
        if seen.row_of[number] is row
    }
    mine = np.array([int(place) in places for place in seen.cases.places], dtype=bool)
    cases = OpenCases(
        seen.cases.numbers[mine],
        [category for category, is_mine in zip(seen.cases.categories, mine, strict=True) if is_mine],
        seen.cases.places[mine],
        seen.cases.used[mine],
        seen.cases.left[mine],
    )
    row.late_if = float(expected_late(outlook, cases, places).sum())


def _movable(actor: Actor, seen: _Seen, row: int) -> set[int]:
    untouched = _untouched([fact[0] for fact in seen.facts if fact[3] == Status.SIGNED])
    return {
        fact[0]
        for fact in seen.facts
        if seen.row_of[fact[1]].number == row and _can_move(fact[0], fact[3], fact[4], untouched)
    }


def _can_move(number: int, status: str, grade: str, untouched: set[int]) -> bool:
    return grade != "red" and status in MOVABLE and (status != Status.SIGNED or number in untouched)


def _untouched(signed: Sequence[int]) -> set[int]:
    """Of these appeals, those whose handler has not contacted the worker yet."""
    main = Order.objects.filter(role=OrderRole.HANDLE, status__in=OPEN_ORDERS, contacted_at__isnull=True)
    return set(main.filter(appeal__in=signed).values_list("appeal_id", flat=True))


def _rows_below(top: Organisation | None) -> dict[str, LoadRow]:
    """Path → row: the viewer's own organisation and each one level below it."""
    if top is None:
        return {}
    below = [each for each in registry.children_of(top.pk) if each.is_active and each.level != Level.GRASSROOTS]
    rows = {top.path: LoadRow(top.pk, f"{top}本级" if below else str(top))}
    return rows | {each.path: LoadRow(each.pk, str(each)) for each in below if each.kind != "hotline"}


def _row_for(path: str, rows: Mapping[str, LoadRow]) -> LoadRow | None:
    while path.count("/") >= 2:
        if path in rows:
            return rows[path]
        path = path[: path.rstrip("/").rfind("/") + 1]
    return None


def _staff_of(numbers: set[int]) -> dict[int, int]:
    """Persons who handle at each of these organisations now."""
    held = Posting.objects.filter(organisation_id__in=numbers, until__isnull=True, role__in=[*HANDLERS])
    counted = held.order_by().values_list("organisation_id").annotate(Count("user_id", distinct=True))
    return {number: count for number, count in counted if number is not None}


def _staff_by_row(rows: Mapping[str, LoadRow]) -> dict[int, int]:
    """Persons who handle in each row, those of the organisations under it with them."""
    found: dict[int, int] = defaultdict(int)
    held = Posting.objects.filter(until__isnull=True, role__in=[*HANDLERS], organisation__isnull=False)
    for path, count in held.order_by().values_list("organisation__path").annotate(Count("user_id", distinct=True)):
        row = _row_for(path, rows)
        if row is not None:
            found[row.number] += count
    return found


def _add_places(places: dict[int, Place], wanted: set[int]) -> None:
    """Organisations that hold nothing yet of what the viewer sees, with what they hold in all."""
    missing = wanted - set(places)
    with scope.elevated():
        open_orders = Order.objects.filter(organisation__in=missing, role=OrderRole.HANDLE, status__in=OPEN_ORDERS)
        held = dict(open_orders.order_by().values_list("organisation_id").annotate(Count("pk")))
    staff = _staff_of(missing)
    for number in missing:
        places[number] = Place(number, held.get(number, 0), staff.get(number, 0), staff.get(number, 0))


def _proposal(move: Move, appeal: Appeal, targets: Sequence[Organisation]) -> Proposal:
    names = {each.pk: str(each) for each in targets}
    return Proposal(
        move=move,
        code=appeal.code,
        title=appeal.title,
        grade=appeal.grade,
        origin=str(appeal.handler),
        target=names[move.target],
        targets=list(names.items()),
    )
