"""Counts over single appeals as they were counted last, for questions that no daily sum answers.

Unions, one's own handling, members, a town as an area, and of narrow sights the days beside whole months: their appeals
are few, or lie close together in what each appeal was counted as, a tenth of the width of the appeals. Every division
of a page comes from one read. Of a narrow sight the numbers alone are read in the reader's own scope, then what they
were counted as.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Access, Kind
from gongqing.appeals.models.appeals import grants_of
from gongqing.appeals.queries.narrowing import is_granted, is_one_granted
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.insight.models import CountedAppeal, SightedAppeal
from gongqing.insight.queries import summing
from gongqing.insight.queries.counting import Question, is_member
from gongqing.insight.rules.indicators import Basis
from gongqing.insight.rules.rollups import FLAGS, ROLLED, SUMS
from gongqing.registry.models import Member, Organisation, Region

DIVISIONS = ("day", "county", "town", "handler", "category", "grade", "channel")
Span = tuple[date, date]  # the first and the last day
Divided = dict[str, dict[str, dict[str, int]]]  # division, or total → key → measure → how many
_BASES = {
    Basis.RECEIVED: "('received', received_on)",
    Basis.RESOLVED: "('resolved', resolved_on)",
    Basis.NOW: "('now', CASE WHEN open THEN received_on END)",
}
_COUNTS = ", ".join(
    ["count(*) AS received"]
    + [f"count(*) FILTER (WHERE {name}) AS {name}" for name in FLAGS]
    + [f"sum({name}) AS {name}" for name in SUMS]
)
_ADDED = ", ".join(f"sum({name})::bigint" for name in ROLLED)
_KEYS = ", ".join(DIVISIONS)
_SETS = ", ".join(f"({name})" for name in DIVISIONS)
_NUMBER = '"insight_countedappeal"."appeal_id"'
_DIVIDED = f"""
WITH seen AS MATERIALIZED ({{seen}}),
cells AS (
  SELECT kind, b.basis, b.day::text AS day, county, town, handler, category, grade, channel, {_COUNTS}
  FROM seen CROSS JOIN LATERAL (VALUES {{bases}}) b(basis, day)
  WHERE b.day IS NOT NULL AND (b.basis = 'now' OR b.day <@ %s::datemultirange)
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9)
SELECT kind, basis, grouping({_KEYS}), {_KEYS}, {_ADDED} FROM cells
GROUP BY kind, basis, GROUPING SETS ((), {_SETS})
"""  # noqa: S608  # names of columns


def can_answer(question: Question) -> bool:
    """Whether what appeals were counted as says enough: places are known down to towns."""
    return not isinstance(question.area, Region) or len(question.area.code) <= 9


def divided(
    question: Question, *, sight: Q | str | None, without: Sequence[int] = (), days: Sequence[Span] = ()
) -> dict[tuple[str, Basis], Divided]:
    """The counts over everything and under every key, of both kinds: (kind, basis) → what was counted.

    Where few are looked at, on every basis at once.

    Args:
        sight: what is seen by the paths that are kept with each appeal; the key of a narrow sight; None: what is
            granted, held by row-level security too.
        without: appeals that are counted otherwise.
        days: runs of days within the period, of a narrow sight alone, by what came in and what was answered then;
            none: the whole period, and what the person sees besides.
    """
    bases = list(_BASES) if is_small(question, sight) else [question.basis]
    bases = [basis for basis in bases if basis is not Basis.NOW] if days else bases
    spans = list(days) or [(question.period.first, question.period.last)]
    found = _placed(CountedAppeal.objects.all(), question, bases, spans)
    if isinstance(sight, str):
        stood = Q(_among(_stood_in(sight, spans, bases)))
        found = found.filter(stood if days else stood | own(question.actor))
    else:
        # what an organisation handles lies together already; of everything, few are granted to who has no sums
        granted_here = is_granted if question.handler_id is not None else is_one_granted
        found = found.filter(sight if sight is not None else granted_here(question.actor, _NUMBER))
    found = found.exclude(pk__in=without) if without else found
    text, values = summing.statement_of(found.order_by())
    marks = ", ".join(_BASES[basis] for basis in bases)
    is_system = sight is not None or question.population == "members"
    within = "{" + ",".join(f"[{first},{last}]" for first, last in spans) + "}"
    with scope.elevated() if is_system else nullcontext(), connection.cursor() as cursor:
        cursor.execute(_DIVIDED.format(seen=text, bases=marks), [*values, within])
        rows = cursor.fetchall()
    places = {_mark_of(place): (name, place) for place, name in enumerate(DIVISIONS, 1)}
    result: dict[tuple[str, Basis], Divided] = {}
    for basis in bases:
        for kind in Kind.values:
            result[kind, basis] = {name: {} for name in ("total", *DIVISIONS)}
    for kind, basis, mark, *row in rows:
        name, place = places.get(mark, ("total", 0))
        key = str(row[place - 1]) if place else ""
        counts = dict(zip(ROLLED, (int(number or 0) for number in row[len(DIVISIONS) :]), strict=True))
        result[kind, Basis(basis)][name][key] = counts
    return result


def _stood_in(key: str, spans: Sequence[Span], bases: Sequence[Basis]) -> list[int]:
    """The appeals of a narrow sight that count on these days, or are in hand; read in the actor's own scope."""
    found = SightedAppeal.objects.filter(_of_days(spans, bases), scope=key)
    return list(found.values_list("appeal_id", flat=True))


def own(actor: Actor) -> Q:
    """What was granted to the person alone: taken in by the account."""
    return Q(reporter_id=actor.user_id) if actor.user_id is not None else Q(pk__in=[])


def own_beside(actor: Actor, sight: str) -> list[int]:
    """The appeals that the account took in and that do not stand in this sight, from the index of those alone."""
    with scope.elevated():
        found = CountedAppeal.objects.filter(own(actor)).exclude(scopes__contains=[sight])
        return list(found.values_list("appeal_id", flat=True))


def _of_days(spans: Sequence[Span], bases: Sequence[Basis]) -> Q:
    wanted = Q(open=True) if Basis.NOW in bases else Q()
    for day, basis in (("received_on", Basis.RECEIVED), ("resolved_on", Basis.RESOLVED)):
        for span in spans if basis in bases else ():
            wanted |= Q(**{f"{day}__range": span})
    return wanted


def _among(ids: Sequence[int]) -> RawSQL:
    return RawSQL(f"{_NUMBER} = ANY(%s::bigint[])", [list(ids)], output_field=BooleanField())  # noqa: S611


def is_small(question: Question, sight: Q | str | None) -> bool:
    """Whether so few are looked at that days need not lead to them."""
    return (not isinstance(sight, Q) or question.handler_id is not None) and question.population == "all"


def among(question: Question, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of these rows, as appeals would be counted now, that belong to the question; the day is not looked at."""
    ids = [row["appeal_id"] for row in rows]
    if not ids:
        return []
    kept = _fitting(question, rows)
    if question.population == "members" and question.basis is not Basis.NOW:
        kept = _of_members(kept)
    if not sees_all(question.actor):
        kept = _within(kept, granted(question.actor))
    if isinstance(question.area, Organisation):
        kept = _within(kept, _below(question.area.path))
    return kept


def granted(actor: Actor) -> QuerySet[Access, Any]:
    """The appeals that are granted to the actor."""
    return grants_of(actor).values("appeal_id")


def _fitting(question: Question, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    kept = list(rows)
    if question.handler_id is not None:
        kept = [row for row in kept if row["handler"] == str(question.handler_id)]
    if isinstance(question.area, Region):
        kept = [row for row in kept if str(row["town"]).startswith(question.area.code)]
    return [row for row in kept if row["open"]] if question.basis is Basis.NOW else kept


def _of_members(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    people = {row["person_id"] for row in rows if row["person_id"] is not None}
    with scope.elevated():
        found = Member.objects.filter(person_id__in=people).values_list("person_id", "since", "until")
        spans: dict[int, list[tuple[date, date | None]]] = {}
        for person, since, until in found:
            spans.setdefault(person, []).append((since, until))
    return [
        row
        for row in rows
        if any(
            since <= row["received_on"] and (until is None or until > row["received_on"])
            for since, until in spans.get(row["person_id"], ())
        )
    ]


def _within(rows: Sequence[Mapping[str, Any]], grants: QuerySet[Access, Any]) -> list[Mapping[str, Any]]:
    with scope.elevated():
        seen = set(grants.filter(appeal_id__in=[row["appeal_id"] for row in rows]).values_list("appeal_id", flat=True))
    return [row for row in rows if row["appeal_id"] in seen]


def _placed(
    found: QuerySet[CountedAppeal], question: Question, bases: Sequence[Basis], spans: Sequence[Span]
) -> QuerySet[CountedAppeal]:
    area = question.area
    found = found.filter(_of_days(spans, bases))
    if question.population == "members" and question.basis is not Basis.NOW:
        found = found.filter(is_member())
    if question.handler_id is not None:
        found = found.filter(handler=str(question.handler_id))
    if isinstance(area, Region):
        found = found.filter(town__startswith=area.code)
    elif area is not None:
        found = found.filter(pk__in=_below(area.path))
    return found


def _below(path: str) -> QuerySet[Access, Any]:
    return Access.objects.filter(path__gte=path, path__lt=path[:-1] + "0", until__isnull=True).values("appeal_id")


def _mark_of(place: int) -> int:
    """What `grouping` answers where the division at this place, counted from one, is the key."""
    whole = (1 << len(DIVISIONS)) - 1
    return whole ^ (1 << (len(DIVISIONS) - place))
