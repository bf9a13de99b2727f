"""What does the platform know beside the words of an appeal when it is graded?

Counted by the database. A block that takes in many at once looks up the other matters beforehand and counts for itself,
since what it has taken in cannot be read back yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from gongqing.appeals.models import Appeal, Category, ReaderCorrection
from gongqing.appeals.rules.grading import WORKERS, Circumstances
from gongqing.appeals.rules.intake import Intake, tidy_text
from gongqing.appeals.rules.needs import kind_of
from gongqing.audit import scope, writing
from gongqing.audit.journeys import asked
from gongqing.language.facts import Facts

SAME_MATTER_DAYS = 14
_SAME, _TALLY = "appeals.same_matters", "appeals.tally"
_COLUMNS = """
SELECT count(*) FILTER (WHERE a.person_id = p.id),
       coalesce(sum(coalesce(nullif(a.worker_count, 0), 1))
                FILTER (WHERE a.received_at <= $3 AND (a.person_id = p.id) IS NOT TRUE), 0)
FROM appeals_appeal a JOIN appeals_category c ON c.id = a.category_id,
     (SELECT coalesce($4::bigint, (SELECT q.id FROM registry_person q WHERE q.phone_index = $5::bytea))) p (id)
WHERE c.code = $1 AND a.received_at >= $2 AND a.id <> $6
"""
_OF_EMPLOYER = _COLUMNS + "AND a.employer_name = $7"
_OF_PERSON = _COLUMNS + "AND a.employer_name = '' AND a.person_id = p.id AND $7 = ''"
Statement = tuple[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Tally:
    """The other appeals of one category and employer in the last days; of one person where no employer is named.

    Attributes:
        mine: how many are the person's own.
        claimed: for how many people those of others speak that came before.
    """

    mine: int = 0
    claimed: int = 0


@dataclass(frozen=True, slots=True)
class _Other:
    """Another appeal of the last weeks, as grading counts it."""

    number: int
    employer: str
    category: str
    person_id: int | None
    worker_count: int | None
    received_at: datetime


def circumstances_of(
    appeal: Appeal, category: Category, facts: Facts, *, labour_related: bool, labour_settled: bool = False
) -> Circumstances:
    """What the platform knows beside the words of an appeal when it is graded under this category.

    Args:
        labour_settled: a person has said whether workers' rights are concerned (`is_labour_settled`).
    """
    tally = _tally_of(appeal, category)
    return Circumstances(
        category=category.code,
        labour_related=labour_related,
        labour_settled=labour_settled,
        is_need=kind_of(category.code) == "need",
        submissions_count=1 + tally.mine,
        returned_unsatisfied=appeal.reopened_count > 0,
        aggregated_workers=(facts.workers or 1) + tally.claimed if appeal.employer_name else 0,
        staff_count=appeal.employer.headcount if appeal.employer else None,
    )


def is_labour_settled(appeal: Appeal, category: Category) -> bool:
    """Whether a person said that workers' rights are not concerned; asked only where grading would doubt it."""
    if appeal.labour_related or not category.code.startswith(WORKERS):
        return False
    with scope.elevated():
        return ReaderCorrection.objects.filter(appeal_id=appeal.pk, chosen_labour__isnull=False).exists()


def tally_asked(
    employer: str,
    category: str,
    *,
    received_at: datetime,
    person_id: int | None = None,
    phone_index: bytes | None = None,
    besides: int = 0,
) -> Statement:
    """The statement that counts the other matters of this employer, or of this person where none is named.

    Args:
        phone_index: of the person where the number is not known.
        besides: the appeal that is not counted.
    """
    since = received_at - timedelta(days=SAME_MATTER_DAYS)
    given = [category, since, received_at, person_id, phone_index, besides, employer]
    return _OF_EMPLOYER if employer else _OF_PERSON, given


def keep_tally(employer: str, category: str, cursor: Any) -> None:
    """Let the block around know what was counted, for the one new appeal that it takes in."""
    kept = writing.kept()
    if kept is not None:
        kept[_TALLY, employer, category] = Tally(*(cursor.fetchone() or ()))


def foresee_same_matters(intakes: Iterable[Intake], *, at: datetime) -> None:
    """Look up at once what these add to, for the rest of a block that writes together; those inside are added."""
    kept = writing.kept()
    if kept is None:
        raise RuntimeError("nothing is foreseen outside of a block")
    employers = {tidy_text(intake.employer)[:128] for intake in intakes} - {""}
    since = min((intake.received_at or at for intake in intakes), default=at) - timedelta(days=SAME_MATTER_DAYS)
    others: dict[str | int, list[_Other]] = {name: [] for name in employers}
    for other in _others(Appeal.objects.filter(employer_name__in=employers), since):
        others[other.employer].append(other)
    kept[_SAME] = since, others


def _tally_of(appeal: Appeal, category: Category) -> Tally:
    is_new_person = appeal.person is not None and appeal.person._state.adding
    if not appeal.employer_name and appeal.person_id is None:
        return Tally()
    kept = writing.kept()
    if kept is not None and _SAME in kept:
        return _tallied(appeal, _same_matters(appeal, category, *kept[_SAME], is_new_person=is_new_person))
    known: Tally | None = kept.pop((_TALLY, appeal.employer_name, category.code), None) if kept is not None else None
    if known is not None:
        return known
    if not appeal.employer_name and is_new_person:
        return Tally()
    statement = tally_asked(
        appeal.employer_name,
        category.code,
        received_at=appeal.received_at,
        person_id=appeal.person_id,
        besides=appeal.pk or 0,
    )
    with scope.elevated():
        (cursor,) = asked([statement])
        return Tally(*(cursor.fetchone() or ()))


def _tallied(appeal: Appeal, others: Iterable[_Other]) -> Tally:
    mine = theirs = 0
    for each in others:
        if each.person_id is not None and each.person_id == appeal.person_id:
            mine += 1
        elif each.received_at <= appeal.received_at:
            theirs += each.worker_count or 1
    return Tally(mine, theirs)


def _others(found: QuerySet[Appeal], since: datetime) -> list[_Other]:
    fields = ("pk", "employer_name", "category__code", "person_id", "worker_count", "received_at")
    with scope.elevated():
        return [_Other(*row) for row in found.filter(received_at__gte=since).values_list(*fields)]


def _same_matters(
    appeal: Appeal,
    category: Category,
    earliest: datetime,
    others: dict[str | int, list[_Other]],
    *,
    is_new_person: bool,
) -> list[_Other]:
    """The other appeals of this category of the same employer, or person, among those of a block; it joins them."""
    key: str | int = appeal.employer_name or appeal.person_id or 0
    if key not in others:
        if appeal.employer_name:
            others[key] = _others(Appeal.objects.filter(employer_name=appeal.employer_name), earliest)
        elif is_new_person:
            others[key] = []
        else:
            others[key] = _others(Appeal.objects.filter(employer_name="", person_id=appeal.person_id or 0), earliest)
    since = appeal.received_at - timedelta(days=SAME_MATTER_DAYS)
    known = [each for each in others[key] if each.category == category.code and each.received_at >= since]
    if appeal._state.adding:
        said = (category.code, appeal.person_id, appeal.worker_count, appeal.received_at)
        others[key].append(_Other(appeal.pk, appeal.employer_name, *said))
    return [each for each in known if each.number != appeal.pk]
