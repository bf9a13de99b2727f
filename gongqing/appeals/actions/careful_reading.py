"""Read carefully what waits for a person to confirm its category, and settle what has become sure enough."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries
from gongqing.appeals.actions.classification import category_named, grade_anew, settle_category
from gongqing.appeals.models import Appeal, CarefulOutcome, CarefulReading
from gongqing.appeals.queries.careful_reading import is_untouched, unread
from gongqing.appeals.queries.reader import read_words_carefully, version_in_force
from gongqing.appeals.rules.careful_reading import may_settle, note_of
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.needs import best_code, kind_of
from gongqing.appeals.rules.statuses import Status
from gongqing.appeals.rules.suspicion import suspicion_of
from gongqing.audit import events, scope
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.language.classify import Reading
from gongqing.language.facts import read_facts
from gongqing.lib.times import day_of

_GRADED = ("grade", "grade_reasons", "restricted", "needs_call_back")


def read_carefully(*, most: int, by: Actor, at: datetime) -> int:
    """Read up to so many appeals that the version in force has not read carefully yet; answers how many there were.

    The data base is not held while the encoder reads. What somebody settles meanwhile stays as that person had it.

    Raises:
        Broken: the encoder gave no answer; nothing is changed.
    """
    with scope.acting_as(SYSTEM):
        waiting = unread(version_in_force(), most=most)
    if waiting:
        readings = read_words_carefully([(text, title) for _, text, title in waiting])
        for (number, _, _), reading in zip(waiting, readings, strict=True):
            with scope.acting_as(SYSTEM):
                keep_careful_reading(appeal_id=number, reading=reading, by=by, at=at)
    return len(waiting)


@transaction.atomic
def keep_careful_reading(*, appeal_id: int, reading: Reading, by: Actor, at: datetime) -> CarefulReading | None:
    """Let a careful reading of an appeal's own words take the place of what was suggested so far.

    None when the appeal waits no longer, a person has chosen its category, or this version has read it before. It is
    settled as it would have been on receipt where `may_settle` says so and no danger is suspected; the grade is never
    lowered. Runs in the system's scope.
    """
    appeal = queries.lock(appeal_id, by)
    if appeal.status != Status.TRIAGE or appeal.category_by_person:
        return None
    kept = CarefulReading.objects.filter(appeal=appeal).first() or CarefulReading(appeal=appeal)
    if kept.version == reading.version:
        return None
    before, was = appeal.category, appeal.category_confidence
    facts = read_facts(appeal.text, said_on=day_of(appeal.received_at))
    category = category_named(best_code(reading, facts), day_of(appeal.entered_at))
    _take(appeal, reading)
    graded = {name: getattr(appeal, name) for name in _GRADED}
    suspicion = suspicion_of(appeal.grade_reasons)
    grade_anew(appeal, category, facts, reading)
    if Grade(appeal.grade) < Grade(graded["grade"]):
        for name, value in graded.items():
            setattr(appeal, name, value)
    elif suspicion is not None:
        appeal.grade_reasons = [*appeal.grade_reasons, dict(suspicion)]
    if before is None or appeal.kind == kind_of(before.code):
        appeal.kind = kind_of(category.code)
    appeal.category = category
    appeal.save()
    is_settled = suspicion is None and may_settle(reading, appeal.text, appeal.title) and is_untouched(appeal)
    kept.at, kept.version, kept.second_code = at, reading.version, reading.second_code or ""
    kept.top, kept.words = [list(each) for each in reading.top], list(reading.words)
    kept.outcome = CarefulOutcome.SETTLED if is_settled else CarefulOutcome.SUGGESTED
    kept.save()
    events.record(
        "appeal.read_carefully",
        subject=appeal,
        by=by,
        at=at,
        note=note_of(category.name, reading.confidence, was, is_settled=is_settled),
        category=category.code,
        before=before.code if before else "",
        confidence=round(reading.confidence, 3),
        grade=appeal.grade,
        version=reading.version,
        settled=is_settled,
    )
    if is_settled:
        settle_category(appeal, category, by=by, at=at)
    return kept


def _take(appeal: Appeal, reading: Reading) -> None:
    """What the reading says of the appeal beside its category."""
    appeal.category_confidence, appeal.category_words = reading.confidence, list(reading.words)
    appeal.labour_related, appeal.labour_confidence = reading.labour_related, reading.labour_confidence
    appeal.model_version = reading.version
    on = day_of(appeal.entered_at)
    appeal.second_category = category_named(reading.second_code, on) if reading.second_code else None
