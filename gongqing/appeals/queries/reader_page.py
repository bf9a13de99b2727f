"""What does the page of the reader show: versions and how they compare, what people corrected, the second reader?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet

from gongqing.appeals.models import CallOutcome, ReaderCall, ReaderCorrection, ReaderVersion, VersionState
from gongqing.appeals.queries import categories, reader
from gongqing.appeals.queries.second_reading import Used, day_so_far, outcome_counts, used_since
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.second_reading import SecondReader
from gongqing.audit import scope
from gongqing.language.classify import VERSION
from gongqing.language.lessons import LEAST_MATERIAL, Figures
from gongqing.lib.times import day_of

PERIODS = (30, 90, 365)
OFTEN = 3
MOST_VERSIONS = 50
_CHANGED = Q(suggested__isnull=True) | ~Q(chosen__code=F("suggested__code"))


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version with its figures.

    Attributes:
        fault: why its files cannot be used; empty when they can.
        may_run: whether it can be put in force by hand.
        judged, changed: appeals that a person judged after it had spoken, and those whose category was changed.
    """

    row: ReaderVersion
    before: Figures
    after: Figures
    gained: int
    lost: int
    chance: float
    fault: str
    judged: int
    changed: int

    @property
    def is_running(self) -> bool:
        return bool(self.row.state == VersionState.RUNNING)

    @property
    def may_run(self) -> bool:
        return self.row.state == VersionState.RETIRED and not self.fault

    @property
    def tag(self) -> str:
        """How its state is drawn."""
        return "late" if self.fault and self.is_running else "dash" if self.row.state == VersionState.REFUSED else ""


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """What people made of one category that the reader had suggested.

    Attributes:
        often: the categories that they chose instead, with how often, the most frequent first.
    """

    code: str
    name: str
    judged: int
    changed: int
    often: Sequence[tuple[str, int]]

    @property
    def share(self) -> float:
        """Of those judged, the share that was changed."""
        return self.changed / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class OtherChanges:
    """How often people changed something else than the category."""

    grade_raised: int
    grade_lowered: int
    kind: int
    labour: int
    second: int


@dataclass(frozen=True, slots=True)
class SecondLine:
    """How the second reader is used.

    Attributes:
        compared: appeals on which both readers and then a person spoke; ours_right and theirs_right of them.
    """

    reader: SecondReader | None
    today: Used
    month: Used
    outcomes: Sequence[tuple[str, int]]
    compared: int
    ours_right: int
    theirs_right: int


@dataclass(frozen=True, slots=True)
class ReaderPage:
    """Everything on the page of the reader.

    Attributes:
        running: the version that should speak; None for the shipped one. `fault` says why it does not.
        material: corrections that may be learnt from; fresh, those since the last training.
        training: `todo` or `doing` while one is queued; `failed` after one that broke.
    """

    shipped: str
    running: VersionLine | None
    fault: str
    versions: Sequence[VersionLine]
    shipped_judged: int
    shipped_changed: int
    material: int
    fresh: int
    needed: int
    training: str
    days: int
    judged: int
    changed: int
    lines: Sequence[CategoryLine]
    others: OtherChanges
    second: SecondLine

    @property
    def missing(self) -> int:
        """How many corrections a training still lacks; 0 when there are enough."""
        return max(0, self.needed - self.material)

    @property
    def changed_share(self) -> float:
        """Of what people judged, the share whose category they changed."""
        return self.changed / self.judged if self.judged else 0.0


def reader_page(*, days: int, at: datetime) -> ReaderPage:
    """The page over so many days; the caller has checked who asks. Only counts leave the appeals."""
    spoken = _by_version()
    versions = [_version_line(row, spoken) for row in ReaderVersion.objects.order_by("-id")[:MOST_VERSIONS]]
    running = next((line for line in versions if line.is_running), None)
    newest = next((line.row for line in versions if line.row.fitted_on == VERSION), None)
    lines = _category_lines(at - timedelta(days=days), at)
    shipped_judged, shipped_changed = spoken.get(VERSION, (0, 0))
    return ReaderPage(
        shipped=VERSION,
        running=running,
        fault=running.fault if running else "",
        versions=versions,
        shipped_judged=shipped_judged,
        shipped_changed=shipped_changed,
        material=reader.lesson_count(),
        fresh=reader.lesson_count(after=newest.last_correction_id if newest else 0),
        needed=LEAST_MATERIAL,
        training=reader.training_state(),
        days=days,
        judged=sum(line.judged for line in lines),
        changed=sum(line.changed for line in lines),
        lines=lines,
        others=_other_changes(at - timedelta(days=days)),
        second=_second_line(days, at),
    )


def _version_line(row: ReaderVersion, spoken: Mapping[str, tuple[int, int]]) -> VersionLine:
    found = row.comparison
    judged, changed = spoken.get(row.name, (0, 0))
    is_usable = row.state != VersionState.REFUSED
    return VersionLine(
        row=row,
        before=Figures(**found["before"]),
        after=Figures(**found["after"]),
        gained=found["gained"],
        lost=found["lost"],
        chance=found["chance"],
        fault=reader.fault_in(row.name, row.digest) if is_usable else "",
        judged=judged,
        changed=changed,
    )


def _by_version() -> dict[str, tuple[int, int]]:
    with scope.elevated():
        found = (
            _judged().values_list("model_version").annotate(judged=Count("id"), changed=Count("id", filter=_CHANGED))
        )
        return {version: (judged, changed) for version, judged, changed in found}


def _judged() -> QuerySet[ReaderCorrection]:
    """What people said on the category."""
    return ReaderCorrection.objects.filter(chosen__isnull=False)


def _category_lines(since: datetime, at: datetime) -> list[CategoryLine]:
    """Every category that was suggested or chosen, the most often wrong first."""
    with scope.elevated():
        pairs = _judged().filter(at__gte=since).values_list("suggested__code", "chosen__code").annotate(Count("id"))
        counted = {(said or "", chosen): count for said, chosen, count in pairs}
    names = {each.code: each.name for each in categories(day_of(at))}
    found = []
    for code in sorted({said for said, _ in counted}):
        instead = Counter({chosen: count for (said, chosen), count in counted.items() if said == code})
        right = instead.pop(code, 0)
        often = [(f"{each} {names.get(each, '')}".strip(), count) for each, count in instead.most_common(OFTEN)]
        total = right + sum(instead.values())
        found.append(CategoryLine(code, names.get(code, "没有建议"), total, total - right, often))
    return sorted(found, key=lambda line: (-line.changed, -line.judged, line.code))


def _other_changes(since: datetime) -> OtherChanges:
    with scope.elevated():
        made = ReaderCorrection.objects.filter(at__gte=since)
        grades = made.exclude(chosen_grade="").values_list("suggested_grade", "chosen_grade").annotate(Count("id"))
        raised = sum(count for before, after, count in grades if before and Grade(after) > Grade(before))
        lowered = sum(count for before, after, count in grades if before and Grade(after) < Grade(before))
        counts = made.aggregate(
            kind=Count("id", filter=~Q(chosen_kind="") & ~Q(chosen_kind=F("suggested_kind"))),
            labour=Count("id", filter=Q(chosen_labour__isnull=False) & ~Q(chosen_labour=F("suggested_labour"))),
            second=Count("id", filter=Q(chosen_second__isnull=False)),
        )
    return OtherChanges(raised, lowered, **counts)


def _second_line(days: int, at: datetime) -> SecondLine:
    with scope.elevated():
        answered = ReaderCall.objects.filter(outcome=CallOutcome.ANSWERED, at__gte=at - timedelta(days=days))
        theirs = dict(answered.values_list("appeal_id", "code"))
        said = _judged().filter(appeal_id__in=list(theirs), at__gte=at - timedelta(days=days)).order_by("id")
        final = {
            appeal: (suggested, chosen)
            for appeal, suggested, chosen in said.values_list("appeal_id", "suggested__code", "chosen__code")
        }
    first = day_of(at) - timedelta(days=days)
    return SecondLine(
        reader=settings.GONGQING.second_reader,
        today=day_so_far(at),
        month=used_since(at - timedelta(days=days)),
        outcomes=outcome_counts(first, day_of(at)),
        compared=len(final),
        ours_right=sum(suggested == chosen for suggested, chosen in final.values()),
        theirs_right=sum(theirs[appeal] == chosen for appeal, (_, chosen) in final.items()),
    )
