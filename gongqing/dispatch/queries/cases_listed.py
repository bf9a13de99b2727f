"""Which cases does a list of the API show?

It shows less of a case than its page: masked, without the words and reasons that are most of a row.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal
from gongqing.appeals.models.appeals import Sight, sight_of
from gongqing.appeals.queries.narrowing import newest_in_sight
from gongqing.appeals.rules.statuses import OPEN
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.reading import PreparedValues
from gongqing.dispatch.queries.cases import EARLIEST, CaseFilters, filtered, named_states
from gongqing.lib.paging import Cursor, encode_cursor

EVERYTHING = CaseFilters()
_SOUGHT = '"appeals_appeal"."id" = ANY (ARRAY(SELECT gq_search(%s::text[], %s::text[], %s::integer, %s::bigint)))'
_AMONG = '"appeals_appeal"."id" = ANY (%s::bigint[])'


class ListedCase(NamedTuple):
    """A row of a list. The person's name is not masked yet."""

    number: int
    code: str
    source: str
    external_id: str
    kind: str
    channel: str
    title: str
    status: str
    grade: str
    labour_related: bool
    region_id: str | None
    category_confidence: float | None
    employer_name: str
    anonymous_to_employer: bool
    received_at: datetime
    due_at: datetime | None
    is_overdue: bool
    category_code: str | None
    category_name: str | None
    handler_name: str | None
    handler_code: str | None
    handler_level: str | None
    person_name: str | None
    person_phone: str | None


_JOINED = {"number": "pk", "person_phone": "person__phone_mask"} | {
    f"{table}_{field}": f"{table}__{field}"
    for table, fields in {
        "category": ("code", "name"),
        "handler": ("name", "code", "level"),
        "person": ("name",),
    }.items()
    for field in fields
}
_READ = [_JOINED.get(field, field) for field in ListedCase._fields]


def cases_page(
    actor: Actor, filters: CaseFilters, *, after: Cursor | None, size: int
) -> tuple[list[ListedCase], str | None]:
    """A page of the cases that the actor sees, newest first, and the cursor of the next page; None on the last.

    What is sought by words comes in the order in which it was entered, the last first. Such a search under filters
    reads on until the page is full or so many hits were looked at; then the page may be short and yet have a next one.

    Raises:
        BadInput: a filter that cannot be.
    """
    if filters.q.strip():
        return _searched(actor, filters, after=after, size=size)
    rest = replace(filters, q="")
    if not scope.sees_all(actor):
        return _narrow_page(actor, rest, after=after, size=size)
    place = (after.moment, after.id) if after else ()
    return _paged(_page.all(*place, shape=(rest, size + 1)), size)


def _narrow_page(
    actor: Actor, filters: CaseFilters, *, after: Cursor | None, size: int
) -> tuple[list[ListedCase], str | None]:
    newest = newest_in_sight(lambda found: filtered(found, filters), actor, after=after, most=size + 1)
    how, sight = sight_of(actor)
    numbers = [number for _, number in newest[:size]]
    rows = _hit.all(tuple(numbers), *sight, shape=(how, EVERYTHING)) if numbers else []
    found = {row[0]: ListedCase._make(row) for row in rows}
    shown = [found[number] for number in numbers if number in found]
    return shown, encode_cursor(*newest[size - 1]) if len(newest) > size else None


def _searched(
    actor: Actor, filters: CaseFilters, *, after: Cursor | None, size: int
) -> tuple[list[ListedCase], str | None]:
    how, sight = sight_of(actor)
    rest = replace(filters, q="")
    before = after.id if after else None
    if rest == EVERYTHING:  # the search looks at what the actor sees
        grams, phrases = appeals.sought(filters.q)
        given = (tuple(grams), tuple(phrases), size + 1, before or appeals.LARGEST_NUMBER)
        return _paged(_found.all(*given, *sight, shape=how), size)
    rows: list[Any] = []
    wanted, seen = 2 * size + 2, 0
    while True:
        hits = appeals.found_ids(filters.q, most=wanted, before=before)
        rows += _hit.all(tuple(hits), *sight, shape=(how, rest))
        seen += len(hits)
        if len(rows) > size or len(hits) < wanted:
            return _paged(rows, size)
        before = hits[-1]
        if seen >= appeals.MOST_FOUND:
            last = ListedCase._make(rows[-1]).received_at if rows else EARLIEST
            return [*map(ListedCase._make, rows)], encode_cursor(last, before)
        wanted = min(wanted * 4, appeals.MOST_FOUND)


def _paged(rows: list[tuple[Any, ...]], size: int) -> tuple[list[ListedCase], str | None]:
    """So many of the rows, and the cursor of the next page where there is one row more."""
    shown = [*map(ListedCase._make, rows[:size])]
    return shown, encode_cursor(shown[-1].received_at, shown[-1].number) if len(rows) > size else None


def _in_sight(how: Sight, *sight: int | str) -> QuerySet[Appeal]:
    return Appeal.objects.in_sight(how, *sight)


@PreparedValues
def _page(shape: tuple[CaseFilters, int], *place: Any) -> QuerySet[Appeal, Any]:
    """For who sees everything."""
    filters, most = shape
    older = Q()
    if place:
        moment, number = place
        # what comes after the moment stands first: an index ends there
        older = Q(received_at__lte=moment) & (Q(received_at__lt=moment) | Q(received_at=moment, pk__lt=number))
    states = list(dict.fromkeys(named_states(filters)))
    if states and OPEN.issuperset(states):
        newest = _newest_open(states, replace(filters, status=""), older, most)
        found: QuerySet[Appeal] = Appeal.objects.filter(newest)
    else:
        found = filtered(Appeal.objects.all(), filters).filter(older)
    return found.order_by("-received_at", "-id").values_list(*_READ)[:most]


def _newest_open(states: list[str], rest: CaseFilters, older: Q, most: int) -> RawSQL:
    """The numbers of the newest in each of these open states, each read by an index: `IN` knows no order.

    The states stand in the statement as they are, words of `STATUS_WORDS` alone: a kept plan for any state could not
    use an index of what is open.
    """
    heads: list[str] = []
    given: list[Any] = []
    for state in states:
        stands: Any = RawSQL(f'"appeals_appeal"."status" = \'{state}\'', [], BooleanField())  # noqa: S611
        newest = filtered(Appeal.objects.filter(stands), rest).filter(older).order_by("-received_at", "-id")
        statement, values = newest.values_list("received_at", "pk")[:most].query.sql_with_params()
        heads.append(f"({statement})")
        given += values
    union = " UNION ALL ".join(heads)
    numbers = f"SELECT pk FROM ({union}) heads ORDER BY received_at DESC, pk DESC LIMIT {most}"  # noqa: S608
    return RawSQL(f'"appeals_appeal"."id" = ANY (ARRAY({numbers}))', given, BooleanField())  # noqa: S611


@PreparedValues
def _found(how: Sight, grams: Any, phrases: Any, most: int, before: int, *sight: Any) -> QuerySet[Appeal, Any]:
    sought: Any = RawSQL(_SOUGHT, (grams, phrases, most, before), BooleanField())  # noqa: S611  # a constant
    return _in_sight(how, *sight).filter(sought).order_by("-id").values_list(*_READ)


@PreparedValues
def _hit(shape: tuple[Sight, CaseFilters], hits: Any, *sight: Any) -> QuerySet[Appeal, Any]:
    how, filters = shape
    among: Any = RawSQL(_AMONG, (hits,), BooleanField())  # noqa: S611  # a constant
    return filtered(_in_sight(how, *sight), filters).filter(among).order_by("-id").values_list(*_READ)
