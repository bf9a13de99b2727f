"""Which past cases are like this one, and which open ones say the same in nearly the same words?

Near texts are looked up by the rare pieces they share, and among the newest of the same town; both inside the view of
the one who asks. Only so many are compared, so that it takes as long at a million appeals as at a thousand.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from scipy.sparse.csgraph import connected_components

from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import JOINABLE, Status
from gongqing.audit.actor import Actor
from gongqing.language.vectors import (
    VERSION,
    Vector,
    marks_of,
    meaning_likeness,
    unpacked,
    vector_of,
    wording_likeness,
    wordings,
)
from gongqing.voices.models import TextVector

SHOWN = 6
BY_MARKS = 200
BY_TOWN = 200
MEANING, CATEGORY = 0.35, 0.08
ALIKE = 0.22
"""Likeness from which a past case is shown; chosen by reading what comes up."""
SAME_WORDS = 0.6
"""Two texts whose wordings are this near were copied from each other, or dictated."""
MANY = 3
SAME_WORDS_WITHIN = timedelta(days=14)
MOST_LOOKED_AT = 4_000


@dataclass(frozen=True, slots=True)
class Alike:
    """A case that is like another.

    Attributes:
        likeness: 0–1.
        words: whether it is near by its words; else by what it means, its place and its category.
    """

    appeal: Appeal
    likeness: float
    words: bool


def alike_of(appeal: Appeal, actor: Actor) -> list[Alike]:
    """The six cases in the actor's view that are most like this one, answered ones before others of equal likeness."""
    own = vector_of(appeal.title, appeal.text)
    if own.is_empty:
        return []
    numbers = _near_numbers(own, appeal, actor) - {appeal.pk}
    rows = TextVector.objects.visible_to(actor).filter(pk__in=numbers, version=VERSION)
    found = []
    for row in rows.select_related("appeal__category", "appeal__handler"):
        other = unpacked(bytes(row.content))
        wording = wording_likeness(own, other)
        likeness = wording + MEANING * max(0.0, meaning_likeness(own, other))
        if appeal.category_id is not None and row.appeal.category_id == appeal.category_id:
            likeness += CATEGORY
        if likeness >= ALIKE and row.appeal.status not in (Status.INVALID, Status.WITHDRAWN):
            found.append(Alike(row.appeal, min(1.0, likeness), wording >= ALIKE))
    found.sort(key=lambda one: (-round(one.likeness, 1), one.appeal.resolved_at is None, -one.likeness))
    return found[:SHOWN]


def _near_numbers(own: Vector, appeal: Appeal, actor: Actor) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT gq_alike(%s::int[], %s::int)", [marks_of(own), BY_MARKS])
        numbers = {number for (number,) in cursor.fetchall()}
    town = town_of(appeal)
    if town:
        newest = TextVector.objects.visible_to(actor).filter(town=town).order_by("-appeal")
        numbers |= set(newest.values_list("pk", flat=True)[:BY_TOWN])
    return numbers


def town_of(appeal: Appeal) -> str:
    """The code of the town in which the matter lies; empty where only its county is known, or nothing."""
    code = appeal.region_id or ""
    return code if len(code) == 9 else ""


def same_words_of(at: datetime, actor: Actor) -> list[list[int]]:
    """Open appeals of two weeks that at least three people sent in nearly the same words, most first; by their numbers.

    Looked through are the newest four thousand in the actor's view.
    """
    rows = list(
        TextVector.objects.visible_to(actor)
        .filter(
            received_at__gte=at - SAME_WORDS_WITHIN,
            received_at__lte=at,
            version=VERSION,
            appeal__status__in=[status.value for status in JOINABLE],
            appeal__merged_into__isnull=True,
        )
        .order_by("-received_at")
        .values_list("pk", "content", "appeal__person_id")[:MOST_LOOKED_AT]
    )
    vectors = wordings([unpacked(bytes(content)) for _, content, _ in rows])
    near = vectors @ vectors.T
    near.data = np.where(near.data >= SAME_WORDS, 1, 0)
    near.eliminate_zeros()
    _, labels = connected_components(near, directed=False)
    groups: dict[int, list[int]] = defaultdict(list)
    people: dict[int, set[int]] = defaultdict(set)
    for (number, _, person), label in zip(rows, labels, strict=True):
        groups[label].append(number)
        people[label].add(person or -number)
    many = [sorted(group) for label, group in groups.items() if len(people[label]) >= MANY]
    return sorted(many, key=lambda group: (-len(group), group[0]))
