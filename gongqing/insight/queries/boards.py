"""Which appeals in hand are due, late, paused or waiting for somebody, by organisation, grade or category?

Everything is counted over the appeals in hand alone, by one condition a column, which also lists the cases behind a
number. The twenty per cent of 将到期 are those that the periodic sweep has marked, so they are never newer than its
last run; a deadline that has passed counts as 逾期 at once.

What is counted comes from `in_hand.py`. What is shown of a case is read in the own scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Category
from gongqing.appeals.rules.grading import Grade
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Argument, PreparedValues
from gongqing.audit.scope import sees_all
from gongqing.dispatch.models import Supervision
from gongqing.dispatch.models.orders import SupervisionKind
from gongqing.dispatch.queries import calendar
from gongqing.dispatch.queries.desk import ListItem, items_numbered
from gongqing.insight.queries.in_hand import (
    THESE,
    Behind,
    Narrowed,
    Narrowing,
    Part,
    closed_in_time,
    earlier,
    measured,
    narrowed,
    nearest,
    these,
)
from gongqing.insight.rules.boards import GROUPS
from gongqing.insight.rules.indicators import ON_TIME, Figure, total_of
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Organisation

NOBODY, DEPARTMENTS, OTHERS = "none", "departments", "others"
ROW_WORDS = {NOBODY: "还没派单", DEPARTMENTS: "横向部门", OTHERS: "其他单位"}
UNSORTED = "none"
RECENT = timedelta(days=30)
LONGEST_DRILL = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """What the board is asked for.

    Attributes:
        group: by organisation, grade or category.
        within: an organisation; only what it and those under it handle. None: everything in the actor's view.
        grade, category: only these; empty for all.
    """

    group: str = "organisation"
    within: Organisation | None = None
    grade: str = ""
    category: str = ""

    @property
    def narrowing(self) -> Narrowing:
        """What narrows the cases that are counted."""
        return {"within": self.within, "grade": self.grade, "category": self.category}


@dataclass(slots=True)
class BoardRow:
    """One organisation below with everything under it, or one grade or category.

    Attributes:
        handlers: the organisations whose appeals it counts; None stands for no handler. Empty for grades, categories.
        late_since: the oldest deadline that has passed. late_days: how long ago that was, in working days.
        unsigned_since: the oldest dispatch that nobody has signed. unsigned_days: likewise.
        node: the organisation that the row opens when one goes down the tree; None when nothing is below.
        numbers: the appeals that it counts, where they were looked up by what is granted.
    """

    key: str
    name: str
    counts: dict[str, int] = field(default_factory=dict)
    handlers: list[int | None] = field(default_factory=list)
    late_since: datetime | None = None
    late_days: float | None = None
    unsigned_since: datetime | None = None
    unsigned_days: float | None = None
    node: int | None = None
    numbers: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Board:
    """The rows with something in hand, their total, and how many of those closed in the last thirty days were in time.

    Attributes:
        quiet: the names of those that have nothing in hand; they have no row.
        trail: the organisations from the viewer's own down to the one that is shown.
        sight: how the cases behind the numbers are found, with what goes into that question.
    """

    asked: Asked
    rows: list[BoardRow]
    quiet: Sequence[str]
    total: Mapping[str, int]
    on_time: Figure
    trail: Sequence[Organisation]
    sight: tuple[Narrowed, tuple[Argument, ...]]


class DrillStep(NamedTuple):
    """What was done to hurry a case: when, what (催办, 督办, …), whether by the machine, to whom, in which words."""

    at: datetime
    kind: str
    automatic: bool
    organisation: str
    note: str


@dataclass(frozen=True, slots=True)
class DrillCase:
    """A case beside the board, with what was urged, supervised and escalated, newest first.

    Attributes:
        is_late: whether a clock is past its deadline, also of a case that was paused only afterwards.
        due_at: the nearest deadline.
    """

    item: ListItem
    steps: Sequence[DrillStep]
    is_late: bool
    due_at: datetime | None


def asked_of(actor: Actor, *, group: str = "", within: str = "", grade: str = "", category: str = "") -> Asked:
    """What an address asks for; what cannot be, or lies beyond the actor's own organisation, is left out."""
    is_number = within.isascii() and within.isdigit()
    top = top_of(actor) if is_number else None
    node = registry.organisation_numbered(int(within)) if top else None
    is_below = node is not None and top is not None and (sees_all(actor) or node.path.startswith(top.path))
    return Asked(
        group=group if group in GROUPS else "organisation",
        within=node if is_below and node != top else None,
        grade=grade if grade in {each.value for each in Grade} else "",
        category=category.upper()[:4],
    )


def board(actor: Actor, at: datetime, asked: Asked | None = None) -> Board:
    """The board of what the actor sees, one row for each organisation one level below, or each grade or category."""
    asked = asked or Asked()
    own = top_of(actor)
    top = asked.within or own
    sight = narrowed(actor, **asked.narrowing)
    counted = measured(*sight, asked.group, at)
    if sight[0].how != "all":  # what is granted need not be looked up again
        sight = these(number for part in counted for number in part.numbers or ())
    if asked.group == "organisation":
        rows, quiet = _organisation_rows(top, counted)
    else:
        rows, quiet = _plain_rows(asked.group, counted), []
    days = calendar()
    for row in rows:
        if row.late_since is not None:
            row.late_days = days.working_time_between(row.late_since, at) / days.hours.length
        if row.unsigned_since is not None:
            row.unsigned_days = days.working_time_between(row.unsigned_since, at) / days.hours.length or None
    return Board(
        asked=asked,
        rows=rows,
        quiet=quiet,
        total=total_of(row.counts for row in rows),
        on_time=_closed_in_time(None if sees_all(actor) else own, at, asked),
        trail=_trail(own, asked.within),
        sight=sight,
    )


def drilled(seen: Board, state: str, at: datetime, *, row: str = "") -> tuple[list[int], int]:
    """The cases behind a number of the board, the nearest deadline first, at most twenty, and how many there are.

    Args:
        row: the key of a row; empty for all.
    """
    rows = [each for each in seen.rows if each.key == row] if row else seen.rows
    sight, behind = seen.sight, None
    if row and sight[0].how == THESE:
        sight = these(number for each in rows for number in each.numbers)
    elif row:
        behind = _behind(rows, seen.asked.group)
    numbers = nearest(*sight, at, state=state, behind=behind, most=LONGEST_DRILL) if rows else []
    return numbers, sum(row.counts.get(state, 0) for row in rows)


def drill_cases(actor: Actor, numbers: Sequence[int], at: datetime) -> list[DrillCase]:
    """These cases with their clocks and what was done to hurry them, in the order given."""
    steps: dict[int, list[DrillStep]] = {}
    for number, moment, kind, automatic, short_name, name, note in _steps.all(tuple(numbers)) if numbers else ():
        words = SupervisionKind(kind).label
        steps.setdefault(number, []).append(DrillStep(moment, words, automatic, short_name or name or "", note))
    return [_drill_case(item, steps.get(item.appeal.pk, []), at) for item in items_numbered(numbers, actor, at)]


@PreparedValues
def _steps(_: None, numbers: tuple[int, ...]) -> QuerySet[Supervision, Any]:
    among = RawSQL('"dispatch_supervision"."appeal_id" = ANY (%s::bigint[])', [numbers], output_field=BooleanField())
    names = ("organisation__short_name", "organisation__name")
    found = Supervision.objects.filter(among).order_by("-at", "-id")
    return found.values_list("appeal_id", "at", "kind", "automatic", *names, "note")


def top_of(actor: Actor) -> Organisation | None:
    """The organisation at whose desk the actor stands: the city's for those who see everything."""
    if sees_all(actor):
        return registry.city_union()
    return registry.organisation_numbered(actor.organisation_id) if actor.organisation_id else None


def _behind(rows: Sequence[BoardRow], group: str) -> Behind:
    """By what one row counts where everything is seen."""
    if group == "organisation":
        handlers = [number for row in rows for number in row.handlers]
        return Behind(group, tuple(number for number in handlers if number is not None), None in handlers)
    key = rows[0].key
    return Behind(group, "" if key == UNSORTED else key, key == UNSORTED)


def _plain_rows(group: str, counted: Sequence[Part]) -> list[BoardRow]:
    """A row for every grade, the most urgent first, or for every category by its code."""
    if group == "grade":
        names = {each.value: each.title_zh for each in sorted(Grade, reverse=True)}
    else:
        codes = [part.key for part in counted if part.key]
        known = Category.objects.filter(code__in=codes).order_by("code", "version").values_list("code", "name")
        names = {code: f"{code} {name}" for code, name in known}
    rows = {key: BoardRow(key, name) for key, name in names.items()}
    for part in counted:
        row = rows.setdefault(str(part.key or UNSORTED), BoardRow(UNSORTED, "还没分类"))
        _add(row, part)
        row.handlers = []
    return [row for row in rows.values() if row.counts]


def _organisation_rows(top: Organisation | None, counted: Sequence[Part]) -> tuple[list[BoardRow], Sequence[str]]:
    rows: dict[str, BoardRow] = {}
    below: dict[str, Organisation] = {}
    if top is not None:
        below = {each.path: each for each in registry.children_of(top.pk) if each.is_active}
        rows[str(top.pk)] = BoardRow(str(top.pk), f"{top}本级" if below else str(top))
        rows |= {
            str(each.pk): BoardRow(str(each.pk), str(each), node=_node(each))
            for each in below.values()
            if _is_handling(each)
        }
    rows |= {key: BoardRow(key, words) for key, words in ROW_WORDS.items()}
    numbers = [part.key for part in counted if part.key is not None]
    handlers = {handler.pk: handler for handler in _handlers(numbers)}
    for part in counted:
        key = _key_of(handlers.get(part.key), top, below)
        row = rows.setdefault(key, BoardRow(key, _name(below, key)))
        _add(row, part)
    busy = [row for row in rows.values() if row.counts]
    return busy, [row.name for row in rows.values() if not row.counts and row.key not in ROW_WORDS]


class _Handler(NamedTuple):
    pk: int
    path: str
    level: str


def _handlers(numbers: Sequence[int]) -> Iterable[_Handler]:
    return map(_Handler._make, _found_handlers.all(tuple(numbers))) if numbers else ()


@PreparedValues
def _found_handlers(_: None, numbers: tuple[int, ...]) -> QuerySet[Organisation, Any]:
    among = RawSQL('"registry_organisation"."id" = ANY (%s::bigint[])', [numbers], output_field=BooleanField())
    return Organisation.objects.filter(among).order_by().values_list(*_Handler._fields)


def _node(organisation: Organisation) -> int | None:
    return organisation.pk if organisation.level != Level.GRASSROOTS else None


def _key_of(handler: _Handler | None, top: Organisation | None, below: Mapping[str, Organisation]) -> str:
    if handler is None:
        return NOBODY
    if top is not None and handler.path == top.path:
        return str(top.pk)
    path = handler.path
    while path.count("/") >= 2:
        if path in below:
            return str(below[path].pk)
        path = path[: path.rstrip("/").rfind("/") + 1]
    return DEPARTMENTS if handler.level == Level.DEPARTMENT else OTHERS


def _add(row: BoardRow, part: Part) -> None:
    if row.counts:
        for name, count in part.counts.items():
            row.counts[name] += count
    else:
        row.counts = dict(part.counts)
    row.handlers.append(part.key)
    row.numbers += part.numbers or ()
    row.late_since = earlier(row.late_since, part.late_since)
    row.unsigned_since = earlier(row.unsigned_since, part.unsigned_since)


def _is_handling(organisation: Organisation) -> bool:
    """Hotlines and mediation rooms take no appeal as main handler; they stand on the board only when they do."""
    return organisation.kind not in ("hotline", "mediation_room")


def _name(below: Mapping[str, Organisation], key: str) -> str:
    return next((str(each) for each in below.values() if str(each.pk) == key), key)


def _trail(top: Organisation | None, within: Organisation | None) -> list[Organisation]:
    """From the viewer's own organisation down to the one that is shown; empty at the top itself."""
    if within is None or top is None:
        return []
    paths, path = [], within.path
    while path.count("/") >= 2 and path != top.path:
        paths.append(path)
        path = path[: path.rstrip("/").rfind("/") + 1]
    return [top, *Organisation.objects.filter(path__in=paths).order_by("path")]


def _closed_in_time(own: Organisation | None, at: datetime, asked: Asked) -> Figure:
    """Of the closing clocks that ended in the last thirty days in the viewer's area, those that were met.

    Two numbers leave, no row.
    """
    top = asked.within or own
    return ON_TIME.of(closed_in_time(top, asked.grade, asked.category, at - RECENT, at))


def _drill_case(item: ListItem, steps: Sequence[DrillStep], at: datetime) -> DrillCase:
    due_at = item.due_at or item.appeal.next_due_at
    is_late = item.appeal.is_overdue or (due_at is not None and due_at < at)
    return DrillCase(item, steps, is_late=is_late, due_at=due_at)
