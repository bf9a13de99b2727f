"""How does whoever sees little of a large city get a page of it, without walking the whole city?

Newest first, a list is read from the top until the page is full. Where one in a hundred appeals is in sight and few of
those fit the filters, that walks hundreds of thousands. What is granted is then looked up first, and only its numbers.
"""

from __future__ import annotations

from django.db.models import BooleanField, QuerySet
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
    among = RawSQL(f'"appeals_appeal"."id" = ANY(ARRAY({text}))', values, output_field=BooleanField())  # noqa: S611
    with scope.elevated():
        return list(found.filter(among).values_list("pk", flat=True)[:most])
