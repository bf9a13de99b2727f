"""How does whoever sees a part of a large city get a page of it, without walking the whole city?

Newest first, a list is read from the top until the page is full. Whose appeals are one in a hundred, or lie below fifty
thousand of others, would walk far for it. What is granted is read instead, by number, the highest first. Numbers follow
the order of receipt, though not strictly: what they miss is looked for among all that is as new as the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from time import monotonic

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Appeal
from gongqing.appeals.models.appeals import grants_of
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.journeys import asked
from gongqing.audit.reading import values_beyond
from gongqing.lib.paging import Cursor

FEW = 25_000
"""Up to so many grants are looked at for a page, then all appeals from the top."""
STEPS = (400, 1_600, 6_000, 17_000)  # so many at a time, few in all
MOST_PATHS = 12  # each is looked up by itself: whose appeals stand under more paths finds a page near the top
REMEMBERED = 600.0  # seconds
MOST_REMEMBERED = 1_000
_LARGEST = 2**63 - 1
_known: dict[tuple[object, ...], tuple[float, bool]] = {}

Narrowed = Callable[[QuerySet[Appeal]], QuerySet[Appeal]]
Row = tuple[datetime, int]


def newest_in_sight(narrow: Narrowed, actor: Actor, *, after: Cursor | None, most: int) -> list[Row]:
    """Moment and number of what the actor sees and `narrow` leaves, newest first, at most so many.

    They are read beyond the bound scope and nothing but they may leave: the rows are read in the actor's own scope,
    which row-level security holds, and is asked of those alone and not of each row on the way.

    Args:
        after: only what stands behind this row.
    """
    if not (scope.sees_all(actor) or actor.appeal_id is not None or _is_scattered(actor)):
        rows = _newest_granted(narrow, actor, after, most, top=after.id if after else _LARGEST)
        if rows is not None:
            return rows
    return _newest(narrow(Appeal.objects.visible_to(actor)), after, most)


def _newest(found: QuerySet[Appeal], after: Cursor | None, most: int) -> list[Row]:
    if after is not None:
        # what comes after the moment stands first: an index ends there
        older = Q(received_at__lt=after.moment) | Q(received_at=after.moment, pk__lt=after.id)
        found = found.filter(older, received_at__lte=after.moment)
    rows = values_beyond(found.order_by("-received_at", "-id").values_list("received_at", "pk")[:most])
    return [(moment, number) for moment, number in rows]


def _newest_granted(narrow: Narrowed, actor: Actor, after: Cursor | None, most: int, *, top: int) -> list[Row] | None:
    """As `newest_in_sight`, by grants of numbers below `top` first; None: many were looked at in vain."""
    rows: list[Row] = []
    lowest, is_all = top, False
    for count in STEPS:
        numbers = _granted(actor, lowest, count)
        found = _among("= ANY (%s::bigint[])", [numbers]) if numbers else Appeal.objects.none()
        rows += _newest(narrow(found), after, most)
        is_all = len(numbers) < count
        lowest = 0 if is_all else numbers[-1]
        if is_all or len(rows) >= most:
            break
    rows = sorted(rows, reverse=True)[:most]
    if len(rows) < most:
        if not is_all:
            return None
        return rows if top == _LARGEST else _newest_granted(narrow, actor, after, most, top=_LARGEST)
    others = _others(actor, rows[-1][0], after, lowest, top)
    return sorted([*rows, *_newest(narrow(others), after, most)], reverse=True)[:most] if others is not None else rows


def _others(actor: Actor, since: datetime, after: Cursor | None, lowest: int, top: int) -> QuerySet[Appeal] | None:
    """What the actor sees since a moment beside the numbers from `lowest` to below `top`; None where nothing can be.

    Which numbers those are is known by the index of receipt alone, fifty thousand in some milliseconds.
    """
    limit, moments = ("", [since]) if after is None else (" AND received_at <= %s", [since, after.moment])
    sides = [(" AND id < %s", lowest)] * (lowest > 0) + [(" AND id >= %s", top)] * (top < _LARGEST)
    if not sides:
        return None
    newer = f"SELECT id FROM appeals_appeal WHERE received_at >= %s{limit}"  # noqa: S608  # constants
    given = [value for _, bound in sides for value in (*moments, bound)]
    return _among(f"= ANY (ARRAY({' UNION ALL '.join(newer + side for side, _ in sides)}))", given, actor)


def _among(condition: str, given: Sequence[object], actor: Actor | None = None) -> QuerySet[Appeal]:
    found = Appeal.objects.visible_to(actor) if actor else Appeal.objects.all()
    return found.filter(RawSQL(f'"appeals_appeal"."id" {condition}', given, output_field=BooleanField()))  # noqa: S611


# whole within what it reads of each arm, so whole down to its last number
_GRANTED_BELOW = """
SELECT appeal_id FROM (
  SELECT a.appeal_id FROM unnest(gq_paths_held($1::text[], NULL)) held CROSS JOIN LATERAL (
    SELECT DISTINCT g.appeal_id FROM appeals_access g
    WHERE g.until IS NULL AND g.path = held AND g.appeal_id < $4::bigint ORDER BY 1 DESC LIMIT $5::integer) a
  UNION (SELECT DISTINCT g.appeal_id FROM appeals_access g
    WHERE g.until IS NULL AND g.user_id = $2::bigint AND g.appeal_id < $4 ORDER BY 1 DESC LIMIT $5)
  UNION (SELECT DISTINCT g.appeal_id FROM appeals_access g
    WHERE g.until IS NULL AND g.person_id = $3::bigint AND g.appeal_id < $4 ORDER BY 1 DESC LIMIT $5)) granted
ORDER BY 1 DESC LIMIT $5
"""
_PATHS_HELD = "SELECT cardinality(gq_paths_held($1::text[], $2::integer))"


def _granted(actor: Actor, below: int, count: int) -> list[int]:
    """The highest numbers below this one that are granted to the actor, each once, the highest first."""
    given = [list(actor.paths), actor.user_id, actor.person_id, below, count]
    return [row[0] for row in _beyond(_GRANTED_BELOW, given)]


def _is_scattered(actor: Actor) -> bool:
    """Whether the actor holds more than few grants under many paths, counted once in a while.

    Only the way to a page hangs on it, never what stands on the page.
    """
    who, moment = (FEW, MOST_PATHS, *actor.paths, actor.user_id, actor.person_id), monotonic()
    counted_at, is_scattered = _known.get(who, (-REMEMBERED, False))
    if moment - counted_at >= REMEMBERED:
        ((paths,),) = _beyond(_PATHS_HELD, [list(actor.paths), MOST_PATHS + 1])
        is_scattered = paths > MOST_PATHS and grants_of(actor).values("pk")[: FEW + 1].count() > FEW
        if len(_known) >= MOST_REMEMBERED:
            _known.clear()
        _known[who] = moment, is_scattered
    return is_scattered


def _beyond(statement: str, values: Sequence[object]) -> list[tuple[int]]:
    raised, lowered = scope.raised()
    answers = asked([*raised, (statement, values), *lowered])
    rows: list[tuple[int]] = answers[len(raised)].fetchall()
    return rows


# read once, from the index of grants alone (insight/0005 makes the function)
_GRANTED = "SELECT gq_granted_among(%s::text[], %s::bigint, %s::bigint)"


def is_granted(actor: Actor, column: str) -> RawSQL:
    """Whether the appeal with this number is granted to the actor; says nothing of who sees everything.

    What is granted is held beside the appeals that are looked at: as a join it is looked up for each by itself.
    """
    return RawSQL(f"({column} IN ({_GRANTED})) IS TRUE", _given(actor), output_field=BooleanField())  # noqa: S611


def is_one_granted(actor: Actor, column: str) -> RawSQL:
    """As `is_granted`, where few of very many are granted: those are looked up by their numbers."""
    return RawSQL(f"{column} = ANY(ARRAY({_GRANTED}))", _given(actor), output_field=BooleanField())  # noqa: S611


def _given(actor: Actor) -> tuple[list[str], int | None, int | None]:
    return list(actor.paths), actor.user_id, actor.person_id
