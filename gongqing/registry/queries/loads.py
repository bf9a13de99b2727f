"""Which loads are there, and what became of their rows?"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from gongqing.audit.actor import Actor
from gongqing.lib.errors import NotFound
from gongqing.registry.models import (
    ColumnMapping,
    Load,
    LoadRow,
    LoadState,
)


def loads_of(actor: Actor, kinds: Sequence[str]) -> QuerySet[Load]:
    """The loads of these kinds that the actor sees, newest first."""
    return Load.objects.visible_to(actor).filter(kind__in=kinds).order_by("-made_at", "-pk")


def load_numbered(load_id: int, actor: Actor, kinds: Sequence[str]) -> Load:
    """One load that the actor sees.

    Raises:
        NotFound: not there, of another kind, or somebody else's.
    """
    found = loads_of(actor, kinds).filter(pk=load_id).first()
    if found is None:
        raise NotFound("没有这次导入，或者不是您的。")
    return found


def rows_of_load(load: Load, state: str = "", *, after: int = 0, most: int = 50) -> list[LoadRow]:
    """The rows of a load in this state, or in any, in the order of the sheet."""
    found = load.rows.filter(number__gt=after).order_by("number")
    return list((found.filter(state=state) if state else found)[:most])


def sources_of(kind: str) -> list[str]:
    """The sources whose columns are remembered, by name."""
    return list(ColumnMapping.objects.filter(kind=kind).order_by("source").values_list("source", flat=True))


def same_file(load: Load, actor: Actor) -> Load | None:
    """An earlier load of the very same file that was not taken back; None when there is none."""
    earlier = Load.objects.visible_to(actor).filter(kind=load.kind, file_digest=load.file_digest, pk__lt=load.pk)
    begun = earlier.exclude(state__in=[LoadState.CHECKED, LoadState.UNDONE]).exclude(options__dry_run=True)
    return begun.order_by("-pk").first()
