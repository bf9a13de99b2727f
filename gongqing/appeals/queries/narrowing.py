"""How does whoever sees little of a large city get a page of it, without walking the whole city?

Newest first, a list is read from the top until the page is full. Where one in a hundred appeals is in sight and few of
those fit the filters, that walks hundreds of thousands. What is granted is then looked up first, and only its numbers.
"""

from __future__ import annotations

from time import monotonic

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from gongqing.appeals.models import Appeal
from gongqing.appeals.models.appeals import grants_of
from gongqing.audit import scope
from gongqing.audit.actor import Actor

FEW = 25_000
"""Up to so many grants are looked up in some fifty milliseconds; who sees more finds a page near the top."""
REMEMBERED = 600.0  # seconds
MOST_REMEMBERED = 1_000
_known: dict[tuple[object, ...], tuple[float, bool]] = {}


def to_be_numbered(actor: Actor) -> QuerySet[Appeal]:
    """What the actor sees, for whoever asks beyond the bound scope for the numbers of a page, the newest first.

    Nothing but numbers and moments may leave: the rows are read in the actor's own scope, which row-level security
    holds, and is asked of those alone and not of each row on the way.
    """
    if scope.sees_all(actor) or actor.appeal_id is not None or _holds_many(actor):
        return Appeal.objects.visible_to(actor)
    return Appeal.objects.filter(is_one_granted(actor, '"appeals_appeal"."id"'))


def _holds_many(actor: Actor) -> bool:
    """Whether the actor holds more than few grants, counted once in a while.

    Only the way to a page hangs on it, never what stands on the page.
    """
    who, moment = (FEW, *actor.paths, actor.user_id, actor.person_id), monotonic()
    counted_at, holds_many = _known.get(who, (-REMEMBERED, False))
    if moment - counted_at >= REMEMBERED:
        holds_many = grants_of(actor).values("pk")[: FEW + 1].count() > FEW
        if len(_known) >= MOST_REMEMBERED:
            _known.clear()
        _known[who] = moment, holds_many
    return holds_many


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
