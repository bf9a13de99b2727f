"""Turn the words of appeals into vectors after they came in, and forget them with the words."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from gongqing.appeals.models import Appeal
from gongqing.language.vectors import VERSION, marks_of, packed, vector_of
from gongqing.voices.models import TextVector
from gongqing.voices.queries.alike import town_of

LATE = 10_000  # an appeal may become visible after so many younger ones


@transaction.atomic
def read_texts(*, most: int = 500) -> int:
    """Make the vectors of so many appeals that have none, the oldest first; those of an older version after them.

    Runs in the system's scope. Answers how many were made; fewer than asked for when none is left.
    """
    newest = TextVector.objects.aggregate(newest=Max("appeal_id"))["newest"] or 0
    known = TextVector.objects.filter(appeal_id=OuterRef("pk"))
    new = Appeal.objects.filter(pk__gt=newest - LATE).exclude(Exists(known)).order_by("pk")
    appeals = list(new.only("pk", "title", "text", "region_id", "received_at")[:most])
    TextVector.objects.bulk_create([_vector(appeal) for appeal in appeals], ignore_conflicts=True)
    left = most - len(appeals)
    old = TextVector.objects.exclude(version=VERSION).select_related("appeal").order_by("pk")[:left] if left else []
    renewed = [_vector(row.appeal, group=row.group) for row in old]
    TextVector.objects.bulk_update(renewed, ["version", "content", "marks"])
    return len(appeals) + len(renewed)


@transaction.atomic
def forget_text(*, appeal_id: int) -> bool:
    """Make the vector of an appeal anew from its words as they are now; False when it has none yet."""
    row = TextVector.objects.select_for_update(of=("self",)).select_related("appeal").filter(pk=appeal_id).first()
    if row is None:
        return False
    renewed = _vector(row.appeal, group=row.group)
    renewed.save(force_update=True)
    return True


def _vector(appeal: Appeal, *, group: int | None = None) -> TextVector:
    vector = vector_of(appeal.title, appeal.text)
    return TextVector(
        appeal=appeal,
        version=VERSION,
        content=packed(vector),
        marks=marks_of(vector),
        town=town_of(appeal),
        received_at=appeal.received_at,
        group=group,
    )
