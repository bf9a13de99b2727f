"""Hear in the voices of nine weeks what many people ask for."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, models, transaction
from django.db.models import F, Max, Min, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from gongqing.appeals.models import Appeal, Category
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.language.clusters import Voice, grouped
from gongqing.language.names import names_in
from gongqing.language.spikes import Level, believed, level_of
from gongqing.language.typical import typical_words
from gongqing.language.vectors import VERSION, unpacked_all
from gongqing.notices import actions as notices
from gongqing.registry import queries as registry
from gongqing.registry.models import Organisation
from gongqing.voices.models import NeedVoice, SharedNeed, TextVector
from gongqing.voices.rules import cards
from gongqing.voices.rules.hearing import (
    LEAST_PEOPLE,
    WEEK,
    WINDOW,
    Count,
    Heard,
    counted,
    suggested_route,
    usual_words,
)
from gongqing.voices.rules.titles import title_of
from gongqing.voices.rules.track import GROWS, NeedState

LOCK = 7_202_511  # of the one transaction that gathers
LEVELS = {9: "town", 6: "county", 4: "city"}
SLICE = 500  # rows that are in memory at once
MICROSECOND = timedelta(microseconds=1)
TEXTS, WORDS = 60, 6  # so many of a group are read, and so many words kept
_PLACED = """
UPDATE voices_textvector v SET "group" = p.placed
FROM unnest(%s::bigint[], %s::bigint[]) AS p (number, placed) WHERE v.appeal_id = p.number
"""

Numbers = npt.NDArray[np.int64]


class _Said:
    """What was said in the window, in the order of time: columns of numbers, so that nine weeks of a city take little.

    Of what was not placed yet the oldest `most` alone when that is given.

    Attributes:
        numbers: of the appeals.
        before: the group of each before; -1 for one that was not placed yet.
        groups: the group of each now.
    """

    def __init__(self, at: datetime, most: int | None = None) -> None:
        self._at = at
        self._left = most
        self._known: dict[str, str] = {}
        self._people, self._ages = array("q"), array("q")
        self._employers: list[str] = []
        self._towns: list[str] = []
        self._categories: list[str] = []
        numbers, before = array("q"), array("q")
        placed = grouped(self._voices(numbers, before), above=_highest())
        self.numbers: Numbers = np.array(numbers, np.int64)
        self.before: Numbers = np.array(before, np.int64)
        self.groups: Numbers = np.array(placed, np.int64)
        self._order = np.argsort(self.groups, kind="stable")
        self._sorted = self.groups[self._order]

    def _voices(self, numbers: array[int], before: array[int]) -> Iterator[Voice]:
        rows = self._wanted()
        while some := list(islice(rows, SLICE)):
            vectors = unpacked_all([row[1] for row in some])
            for (number, _, town, group, moment, category, person, employer), vector in zip(some, vectors, strict=True):
                numbers.append(number)
                before.append(-1 if group is None else group)
                self._people.append(-number if person is None else person)
                self._ages.append((self._at - moment) // MICROSECOND)
                self._employers.append(self._known.setdefault(employer, employer))
                self._towns.append(self._known.setdefault(town, town))
                self._categories.append(self._known.setdefault(category or "", category or ""))
                yield Voice(vector, town, category or "", group)

    def _wanted(self) -> Iterator[tuple[Any, ...]]:
        for row in _rows(self._at).iterator(SLICE):
            if row[3] is None and self._left is not None:
                self._left -= 1
                if self._left < 0:
                    continue
            yield row

    def __contains__(self, group: int | None) -> bool:
        return group is not None and bool(len(self._rows_of(group)))

    def _rows_of(self, group: int) -> Numbers:
        start, end = np.searchsorted(self._sorted, [group, group + 1])
        return self._order[start:end]

    def heard(self, group: int, *, without: Container[int] = ()) -> list[Heard]:
        """The voices of a group, without some appeals."""
        return [
            Heard(
                int(self.numbers[row]),
                self._at - self._ages[row] * MICROSECOND,
                str(self._people[row]),
                self._employers[row],
                self._towns[row],
                self._categories[row],
            )
            for row in self._rows_of(group)
            if int(self.numbers[row]) not in without
        ]

    def loud(self) -> list[int]:
        """The groups that so many voices of the last week belong to that they may be a need; the oldest first."""
        is_new = np.array(self._ages, np.int64) < WEEK // MICROSECOND
        groups, counts = np.unique(self.groups[is_new], return_counts=True)
        loud = groups[counts >= min(LEAST_PEOPLE.values())]
        return sorted(map(int, loud), key=lambda group: int(self._rows_of(group)[0]))

    def moved(self) -> tuple[list[int], list[int]]:
        """Which appeals stand in another group than before, and in which."""
        is_moved = self.before != self.groups
        return self.numbers[is_moved].tolist(), self.groups[is_moved].tolist()

    def renamed(self) -> dict[int, int]:
        """The groups that became part of another one, and of which."""
        is_renamed = (self.before != self.groups) & (self.before >= 0)
        return dict(zip(self.before[is_renamed].tolist(), self.groups[is_renamed].tolist(), strict=True))


@transaction.atomic
def place_voices(*, at: datetime, most: int) -> bool:
    """Place the oldest `most` where more than these wait, and answer that the rest still does; needs are not heard yet.

    Runs in the system's scope. Each call keeps what it placed: who is stopped in a long gathering goes on there.
    """
    _alone()
    if _rows(at).filter(group=None)[: most + 1].count() <= most:
        return False
    _keep_places(_Said(at, most))
    return True


@transaction.atomic
def gather_needs(*, by: Actor, at: datetime) -> list[SharedNeed]:
    """Place what was said since the last time, let the needs that are open grow, and propose new ones.

    Runs in the system's scope, one at a time. A group becomes a shared need where enough people of several employers
    said it within seven days and where that is more than usual; of all groups tested at once at most one in twenty is
    expected to be wrong. The union of the place is told. Answers the new needs.
    """
    _alone()
    said = _Said(at)
    _keep_places(said)
    needs = SharedNeed.objects.filter(group__isnull=False).values_list("pk", "group")
    found = SharedNeed.objects.select_for_update().filter(pk__in=[pk for pk, group in needs if group in said])
    known = {need.group: need for need in found if need.group is not None}
    told = _settled()  # who was told the end of a need speaks of something new only with new words
    for need, said_in_it in _growing(known, {group: said.heard(group) for group in known}):
        _grow(need, said_in_it, told, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gq_mark_needs()")
    groups = {group: said.heard(group, without=told) for group in said.loud() if group not in known}
    counts = {group: counted(heard, at=at) for group, heard in groups.items()}
    asked = [group for group, count in counts.items() if count.is_many]
    levels = {group: level_of(counts[group].now, counts[group].weeks) for group in asked}
    trusted = believed([levels[group].chance for group in asked])
    return [
        _propose(group, groups[group], counts[group], levels[group], by=by, at=at)
        for group, is_spike in zip(asked, trusted, strict=True)
        if is_spike
    ]


def _alone() -> None:
    """Wait until nobody else gathers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _keep_places(said: _Said) -> None:
    """Write down who stands where; the needs of groups that met follow."""
    numbers, groups = said.moved()
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute(_PLACED, [numbers, groups])
    _follow_merges(said.renamed())


def _settled() -> set[int]:
    """The appeals that belong to needs that came to their end, or that were taken out of one."""
    return set(NeedVoice.objects.values_list("appeal_id", flat=True))


def _rows(at: datetime) -> QuerySet[TextVector, tuple[Any, ...]]:
    """What a voice is made of, in the order of time."""
    return (
        TextVector.objects.filter(
            received_at__gt=at - WINDOW, received_at__lte=at, version=VERSION, appeal__restricted=False
        )
        .exclude(appeal__status__in=[Status.INVALID, Status.WITHDRAWN, Status.MERGED])
        .order_by("received_at", "pk")
        .values_list(
            *("pk", "content", "town", "group", "received_at"),
            *("appeal__category__code", "appeal__person_id", "appeal__employer_name"),
        )
    )


def _highest() -> int:
    """The highest number that a group has ever had."""
    ever = (
        TextVector.objects.aggregate(most=Max("group"))["most"],
        SharedNeed.objects.aggregate(most=Max("group"))["most"],
    )
    return max(number if number is not None else -1 for number in ever)


def _follow_merges(renamed: Mapping[int, int]) -> None:
    """A need follows its group when that became part of another; of two needs that met, the one keeps it."""
    for need in SharedNeed.objects.select_for_update().filter(group__in=renamed).order_by("pk"):
        new = renamed[need.group or 0]
        need.group = None if SharedNeed.objects.filter(group=new).exists() else new
        need.save(update_fields=["group"])


def _growing(
    known: Mapping[int, SharedNeed], groups: Mapping[int, Sequence[Heard]]
) -> list[tuple[SharedNeed, Mapping[int, Sequence[Heard]]]]:
    """The needs that grow, and what was said in them: by the number of the need that the group belongs to.

    What is said in the group of a need that was merged is said in the one that it was merged into.
    """
    said: dict[int, dict[int, Sequence[Heard]]] = defaultdict(dict)
    for group, need in known.items():
        said[need.merged_into_id or need.pk][need.pk] = groups[group]
    growing = SharedNeed.objects.select_for_update().filter(pk__in=said, state__in=GROWS).order_by("pk")
    return [(need, said[need.pk]) for need in growing]


def _grow(need: SharedNeed, said: Mapping[int, Sequence[Heard]], known: Container[int], *, at: datetime) -> None:
    """New voices join, and the numbers are those of now; `known` are the appeals that belong to a need already."""
    heard = [each for those in said.values() for each in those]
    NeedVoice.objects.bulk_create(
        [
            NeedVoice(
                need=need, appeal_id=each.appeal_id, joined_at=at, came_from_id=number if number != need.pk else None
            )
            for number, those in said.items()
            for each in those
            if each.appeal_id not in known
        ],
        ignore_conflicts=True,
    )
    count_voices(need, week_count=counted(heard, at=at).now, at=at)


def count_voices(need: SharedNeed, *, week_count: int, at: datetime) -> None:
    """Count the voices that belong to a need now. Part of an action."""
    here = NeedVoice.objects.filter(need=need, left_at__isnull=True).aggregate(
        voices=models.Count("pk"),
        people=models.Count(Coalesce("appeal__person_id", -F("appeal_id")), distinct=True),
        employers=models.Count(NullIf("appeal__employer_name", Value("")), distinct=True),
        first=Min("appeal__received_at"),
        last=Max("appeal__received_at"),
    )
    need.voice_count, need.person_count, need.employer_count = here["voices"], here["people"], here["employers"]
    need.first_at, need.last_at = here["first"] or need.first_at, here["last"] or need.last_at
    need.week_count, need.heard_at = week_count, at
    need.save(
        update_fields=[
            *("voice_count", "person_count", "employer_count", "first_at", "last_at", "week_count", "heard_at"),
        ]
    )


def _propose(group: int, heard: Sequence[Heard], count: Count, level: Level, *, by: Actor, at: datetime) -> SharedNeed:
    owner = _owner(count.area)
    category = category_of(heard)
    texts = list(
        Appeal.objects.filter(pk__in=[each.appeal_id for each in heard]).order_by("-pk").values_list("text", flat=True)
    )
    said_often = typical_words(texts[:TEXTS], most=3 * WORDS)
    names = names_in(texts[:TEXTS])
    telling = cards.telling(said_often, names, _names_around(owner))
    words = telling[:WORDS]
    title = title_of(
        _place_name(owner),
        category.name if category else "",
        telling,
        texts[:TEXTS],
        kept_out={*names, *(each.employer for each in heard if each.employer)},
    )
    need = SharedNeed.objects.create(
        organisation=owner,
        category=category,
        title=title,
        words=words,
        group=group,
        state=NeedState.PROPOSED,
        suggested_route=suggested_route(category.code if category else ""),
        found_at=at,
        first_at=min(each.at for each in heard),
        last_at=max(each.at for each in heard),
        voice_count=count.voices,
        person_count=count.people,
        employer_count=count.employers,
        week_count=count.now,
        usual=level.usual,
        high=level.high,
        chance=level.chance,
        heard_at=at,
    )
    NeedVoice.objects.bulk_create([NeedVoice(need=need, appeal_id=each.appeal_id, joined_at=at) for each in heard])
    said = f"7 天里有 {count.now} 人说到同一件事，平常一周 {usual_words(level.usual)}"
    notices.notify(
        text=f"听出一项共性需求，请研判：{need.title}（{said}）",
        at=at,
        organisation_id=owner.pk,
        subject_kind="sharedneed",
        subject_id=need.pk,
        link=f"/desk/needs/{need.pk}",
    )
    events.record("shared_need.proposed", subject=need, by=by, at=at, note=said, voices=count.voices)
    return need


def _owner(code: str) -> Organisation:
    """The union that answers for this division; the city's where there is none below."""
    region = registry.region_of(code) if code else None
    for level in ("town", "county", "city"):
        if region is not None and len(region.code) >= {"town": 9, "county": 6, "city": 4}[level]:
            union = registry.union_of_region(region, level)
            if union is not None:
                return union
    city = registry.city_union()
    if city is None:
        raise RuntimeError("the city has no union")
    return city


def _names_around(owner: Organisation) -> list[str]:
    """The names of the owner's division and of those that hold it."""
    city = registry.city()
    return [region.name for region in (owner.region, owner.region and owner.region.parent, city) if region is not None]


def _place_name(owner: Organisation) -> str:
    return owner.region.name if owner.region is not None else str(owner)


def category_of(heard: Sequence[Heard]) -> Category | None:
    """The category that most of the voices have, in its newest version. Part of an action."""
    codes = [each.category for each in heard if each.category]
    code = max(set(codes), key=lambda one: (codes.count(one), one)) if codes else ""
    return Category.objects.filter(code=code).order_by("-version").first()
