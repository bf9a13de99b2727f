"""How does whoever sees little of a large city get a page of it, without walking the whole city?

Newest first, a list is read from the top until the page is full. Where one in a hundred appeals is in sight and few of
those fit the filters, that walks hundreds of thousands. What is granted is then looked up first, and only its numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Appeal
from gongqing.appeals.models.appeals import grants_of
from gongqing.audit import scope
from gongqing.audit.actor import Actor

FEW = 25_000
"""Up to so many grants are looked up in some fifty milliseconds; who sees more finds a page near the top."""


def first_seen(found: QuerySet[Appeal], actor: Actor, *, most: int) -> list[int] | None:
    """The numbers of the first so many of these, which begin at `visible_to`; None where the actor sees more than few.

    Only numbers leave: whoever asks reads the rows in the actor's own scope, which row-level security holds.
    """
    grants = grants_of(actor)
    if scope.sees_all(actor) or actor.appeal_id is not None or grants.values("pk")[: FEW + 1].count() > FEW:
        return None
    text, values = grants.values("appeal_id").query.sql_with_params()
    granted = RawSQL(f'"appeals_appeal"."id" = ANY(ARRAY({text}))', values, output_field=BooleanField())  # noqa: S611
    with scope.elevated():
        return list(found.filter(granted).values_list("pk", flat=True)[:most])


# read once, from the index of grants alone (insight/0005 makes the function)
_GRANTED = "SELECT gq_granted_among(%s::text[], %s::bigint, %s::bigint)"
# all parts beside the grants, which are held once for all of them
_IN_PARTS = f"SELECT n, array_agg(id) FROM ({{parts}}) part (n, id) WHERE id IN ({_GRANTED}) GROUP BY 1"  # noqa: S608


def is_granted(actor: Actor, column: str) -> RawSQL:
    """Whether the appeal with this number is granted to the actor; says nothing of who sees everything.

    What is granted is held beside the appeals that are looked at: as a join it is looked up for each by itself.
    """
    return RawSQL(f"({column} IN ({_GRANTED})) IS TRUE", _given(actor), output_field=BooleanField())  # noqa: S611


def among(numbers: Sequence[int]) -> RawSQL:
    """Whether an appeal is one of so many, which are given as one value."""
    return RawSQL('"appeals_appeal"."id" = ANY(%s::bigint[])', [[*numbers]], output_field=BooleanField())


def _given(actor: Actor) -> tuple[list[str], int | None, int | None]:
    return list(actor.paths), actor.user_id, actor.person_id


def sees_much(actor: Actor) -> bool:
    """Whether the actor stands in the city, one level below it, or in a department."""
    return scope.sees_all(actor) or any(path.count("/") <= 3 for path in actor.paths)


def seen_in_lists(lists: Mapping[str, Sequence[Q]], actor: Actor, *, most: int) -> dict[str, set[int]]:
    """The numbers of the appeals in each list that the actor sees; of a list that is longer at least so many.

    One statement finds those that are granted, a second one asks row-level security for each of them once. A list is
    told by parts that have nothing in common.
    """
    parts = [(name, part) for name, those in lists.items() for part in those]
    found: dict[str, set[int]] = {name: set() for name in lists}
    if not parts:
        return found
    with scope.elevated():
        for number, numbers in _granted([part for _, part in parts], actor, most):
            found[parts[number][0]] |= set(numbers)
    if scope.sees_all(actor):
        return found
    hits = sorted(set().union(*found.values()))
    seen = set(Appeal.objects.filter(among(hits)).values_list("pk", flat=True)) if hits else set()
    return {name: numbers & seen for name, numbers in found.items()}


def _granted(parts: Sequence[Q], actor: Actor, most: int) -> list[tuple[int, list[int]]]:
    """The place of a part, and the numbers in it that are granted.

    Who sees much fills so many from the top of each part; for who sees little all of it is held beside the grants.
    """
    is_much = sees_much(actor)
    start = Appeal.objects.visible_to(actor) if is_much else Appeal.objects.all()
    texts: dict[int, str] = {}
    values: list[Any] = []
    for number, part in enumerate(parts):
        found = start.filter(part).order_by().values_list("id", flat=True)
        with suppress(EmptyResultSet):  # nothing can be in it
            texts[number], given = (found[:most] if is_much else found).query.sql_with_params()
            values += given
    if not texts:
        return []
    if is_much:
        text = " UNION ALL ".join(f"SELECT {number}, ARRAY({one})" for number, one in texts.items())
    else:
        chosen = (f"SELECT {number}, part.* FROM ({one}) part" for number, one in texts.items())  # noqa: S608
        text = _IN_PARTS.format(parts=" UNION ALL ".join(chosen))
        values += _given(actor)
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return [(number, numbers) for number, numbers in cursor.fetchall()]
