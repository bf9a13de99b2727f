"""What does a list of the desk read of each appeal, and which appeals stand on a page of it?

A list shows a line of an appeal: its row is read narrow, without the worker's words and without the tables around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, NullIf

from gongqing.appeals import queries as appeals
from gongqing.appeals.models import Appeal, Channel
from gongqing.appeals.models.appeals import Sight, sight_of
from gongqing.appeals.queries.narrowing import newest_in_sight
from gongqing.audit.actor import Actor
from gongqing.audit.reading import PreparedValues, ask_with_beyond
from gongqing.dispatch.queries.cases import EARLIEST, CaseFilters, filtered
from gongqing.dispatch.queries.clocks import RunningClock, asked_of_running, running_clocks
from gongqing.lib.paging import Cursor, encode_cursor

_CHANNELS = dict(Channel.choices)
_AMONG = '"appeals_appeal"."id" = ANY (%s::bigint[])'


class ListedAppeal(NamedTuple):
    """The columns of an appeal that a line of a list shows, by the names of `Appeal`; region and handler are names."""

    pk: int
    code: str
    title: str
    status: str
    grade: str
    grade_reasons: list[dict[str, Any]]
    channel: str
    employer_name: str
    region: str | None
    received_at: datetime
    due_at: datetime | None
    next_due_at: datetime | None
    resolved_at: datetime | None
    source_due_at: datetime | None
    is_overdue: bool
    handler: str | None = None

    def get_channel_display(self) -> str:
        """The door it came by, in words."""
        return _CHANNELS.get(self.channel, self.channel)


_NAMED = {"region": "region__name", "handler": "handler_name"}
_READ = [_NAMED.get(name, name) for name in ListedAppeal._fields]


def listed(
    numbers: Sequence[int], actor: Actor, at: datetime
) -> tuple[list[ListedAppeal], dict[int, list[RunningClock]]]:
    """Those of these appeals that the actor sees, in the order given, and the clocks that run; one journey."""
    if not numbers:
        return [], {}
    how, sight = sight_of(actor)
    wanted = tuple(numbers)
    (rows,), (clocks, lines) = ask_with_beyond([_rows(wanted, *sight, shape=how)], asked_of_running(wanted))
    found = {row[0]: ListedAppeal._make(row) for row in rows}
    return [found[number] for number in wanted if number in found], running_clocks(clocks, lines, at)


@PreparedValues
def _rows(how: Sight, numbers: tuple[int, ...], *sight: int | str) -> QuerySet[Appeal, Any]:
    among = RawSQL(_AMONG, [numbers], output_field=BooleanField())  # noqa: S611
    # as an organisation is written
    handler = Coalesce(NullIf("handler__short_name", Value("")), "handler__name")
    return Appeal.objects.in_sight(how, *sight).filter(among).annotate(handler_name=handler).values_list(*_READ)


def page_of_numbers(
    belongs: Q, filters: CaseFilters, actor: Actor, *, after: Cursor | None, size: int
) -> tuple[list[int], str | None]:
    """The numbers of a page of what the actor sees and the filters leave, newest first, and the cursor of the next.

    A search reads on until the page is full or so many hits were looked at; then the page may be short and yet have
    a next one.

    Args:
        belongs: what the list holds.

    Raises:
        BadInput: a filter that cannot be.
    """
    if filters.q.strip():
        return _searched(belongs, filters, actor, after=after, size=size)
    newest = newest_in_sight(lambda found: filtered(found.filter(belongs), filters), actor, after=after, most=size + 1)
    return _paged(newest, size)


def _paged(rows: Sequence[tuple[Any, ...]], size: int) -> tuple[list[int], str | None]:
    """The numbers of so many rows of moment and number, and the cursor of the next page where there is one row more."""
    return [number for _, number in rows[:size]], encode_cursor(*rows[size - 1]) if len(rows) > size else None


def _searched(
    belongs: Q, filters: CaseFilters, actor: Actor, *, after: Cursor | None, size: int
) -> tuple[list[int], str | None]:
    rest = replace(filters, q="")
    found = filtered(Appeal.objects.visible_to(actor).filter(belongs), rest).order_by("-id")
    rows: list[tuple[Any, ...]] = []
    before, seen = after.id if after else None, 0
    # a search answers what the actor sees: without other conditions every hit is a line
    wanted = 2 * size + 2 if belongs or rest != CaseFilters() else size + 1
    while True:
        hits = appeals.found_ids(filters.q, most=wanted, before=before)
        rows += found.filter(pk__in=hits).values_list("received_at", "pk")
        seen += len(hits)
        if len(rows) > size or len(hits) < wanted:
            return _paged(rows, size)
        before = hits[-1]
        if seen >= appeals.MOST_FOUND:
            last = rows[-1][0] if rows else EARLIEST
            return [number for _, number in rows], encode_cursor(last, before)
        wanted = min(wanted * 4, appeals.MOST_FOUND)
