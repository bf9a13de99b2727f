"""Settle what an appeal is about and how urgent it is: first the machine, and a person's choice always wins."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from gongqing.appeals import queries
from gongqing.appeals.actions.corrections import keep_correction
from gongqing.appeals.models import Appeal, Category
from gongqing.appeals.queries.circumstances import circumstances_of, is_labour_settled
from gongqing.appeals.rules import permissions
from gongqing.appeals.rules.grading import Grade, Grading, Level, check_can_lower, grading_of
from gongqing.appeals.rules.needs import best_code, kind_of
from gongqing.appeals.rules.statuses import Status, check_can_move, check_open
from gongqing.appeals.rules.suspicion import LOOK_WITHIN, suspicion_in
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import SYSTEM, Actor
from gongqing.language.classify import TRIAGE_BELOW, Reading
from gongqing.language.facts import Facts, read_facts
from gongqing.lib.errors import BadInput
from gongqing.lib.times import day_of

UNSURE = "OT06"
LEAST_NAME = 6  # characters of a name that is taken from the words


def employer_said(employer: str, facts: Facts) -> str:
    """The employer that an appeal names, else the one that its words name where that is sure; empty for none."""
    said = facts.employer or ""
    return employer or (said[:128] if len(said) >= LEAST_NAME and "employer" in facts.sure else "")


def read_appeal(appeal: Appeal, *, at: datetime, reading: Reading, facts: Facts, wanted_kind: str = "") -> None:
    """Let the machine suggest category and grade; sure enough, the appeal is classified, else a person is asked.

    Part of taking an appeal in. An appeal with words of danger never waits: it is classified by the best guess and
    dispatched at once. One whose words may mean danger waits for a person, who is to look within half an hour.

    Args:
        reading, facts: of its words.
    """
    appeal.category_confidence = reading.confidence
    appeal.category_words = list(reading.words)
    appeal.labour_related, appeal.labour_confidence = reading.labour_related, reading.labour_confidence
    appeal.model_version = reading.version
    appeal.worker_count, appeal.amount = facts.workers, facts.amount
    appeal.employer_name = employer_said(appeal.employer_name, facts)
    on = day_of(appeal.entered_at)
    category = category_named(best_code(reading, facts), on)
    appeal.second_category = category_named(reading.second_code, on) if reading.second_code else None
    grade_anew(appeal, category, facts, reading)
    suspicion = suspicion_in(facts, grade=appeal.grade, needs_call_back=appeal.needs_call_back)
    if suspicion is not None:
        appeal.grade_reasons = [*appeal.grade_reasons, suspicion]
        appeal.next_due_at = at + LOOK_WITHIN
    appeal.category = category
    if wanted_kind == "":
        appeal.kind = kind_of(category.code)
    sure = reading.confidence >= TRIAGE_BELOW and reading.code != UNSURE
    writing.save(appeal)
    events.record(
        "appeal.read",
        subject=appeal,
        by=SYSTEM,
        at=at,
        category=category.code,
        confidence=round(reading.confidence, 3),
        grade=appeal.grade,
        version=reading.version,
    )
    if suspicion is not None:
        events.record("appeal.suspected", subject=appeal, by=SYSTEM, at=at, note=suspicion["evidence"][:200])
    elif sure or appeal.needs_call_back or appeal.grade == Grade.RED:
        settle_category(appeal, category, by=SYSTEM, at=at)


@transaction.atomic
def classify_appeal(
    *,
    appeal_id: int,
    code: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    grade: str = "",
    kind: str = "",
    second_code: str = "",
    labour: bool | None = None,
) -> Appeal:
    """A person settles the category, and with a reason the grade; what was changed or confirmed is kept.

    In triage the appeal goes on to dispatch. Later the category may be corrected; code and clocks stay.

    Args:
        kind, second_code, labour: appeal or need, another category, labour relevance; as they are where not given.

    Raises:
        NotPermitted, NotAllowed, BadInput: who, state, or an unknown category or a grade without reason.
    """
    appeal = queries.lock(appeal_id, by)
    permissions.check_can_classify(by.role, level=queries.level_of(by))
    check_open(appeal.status)
    on, old = day_of(appeal.entered_at), appeal.category
    if not code and (grade or kind or second_code or labour is not None):
        category = old or category_named(UNSURE, on)
    else:
        category = category_named(code, on)
    second = category_named(second_code, on) if second_code.strip() else None
    if second is not None and second.code == category.code:
        raise BadInput("second_code", "第二类和第一类一样，不用再填。")
    with scope.elevated():
        is_said = bool(code) and (old is None or old.code != category.code or appeal.status == Status.TRIAGE)
        keep_correction(
            appeal,
            category=category if is_said else None,
            second=second,
            labour=labour,
            grade=grade,
            kind=kind,
            reason=reason,
            by=by,
            at=at,
        )
        # a kind that went with the old category goes with the new one; one that a person chose stays
        follows = appeal.status == Status.TRIAGE or old is None or appeal.kind == kind_of(old.code)
        appeal.category, appeal.category_by_person = category, appeal.category_by_person or bool(code)
        appeal.kind = kind or (kind_of(category.code) if follows else appeal.kind)
        appeal.second_category = _second(appeal, category, second)
        appeal.labour_related = appeal.labour_related if labour is None else labour
        before = appeal.grade
        grade_anew(appeal, category, read_facts(appeal.text, said_on=day_of(appeal.received_at)), None)
        if grade:
            _set_grade(appeal, grade, reason=reason, by=by)
        elif Grade(before) > Grade(appeal.grade):
            appeal.grade = before  # a correction of the category never lowers the grade by itself
        if appeal.status == Status.TRIAGE:
            appeal.next_due_at = None  # whoever settles has looked
        appeal.save()
        if appeal.status == Status.TRIAGE:
            settle_category(appeal, category, by=by, at=at, note=reason)
        else:
            events.record(
                "appeal.reclassified",
                subject=appeal,
                by=by,
                at=at,
                note=reason,
                category=category.code,
                grade=appeal.grade,
            )
    return appeal


def _second(appeal: Appeal, category: Category, second: Category | None) -> Category | None:
    """The second category that goes with a first one: what a person named, else what stood there, never the first."""
    if second is not None:
        return second
    stood = appeal.second_category
    return None if stood is not None and stood.code == category.code else stood


def settle_category(appeal: Appeal, category: Category, *, by: Actor, at: datetime, note: str = "") -> None:
    """Part of an action that has set the category: the appeal is classified, and whoever listens dispatches it.

    Raises:
        NotAllowed: it does not wait for a category any more.
    """
    check_can_move(appeal.status, to=Status.CLASSIFIED)
    appeal.status = Status.CLASSIFIED
    writing.save(appeal, ["status"])
    events.record(
        "appeal.classified", subject=appeal, by=by, at=at, note=note, category=category.code, grade=appeal.grade
    )


def category_named(code: str, on: date) -> Category:
    """The category of a code as it stood on a day.

    Raises:
        BadInput: there is none.
    """
    category = queries.category_of(code.strip().upper(), on)
    if category is None:
        raise BadInput("category", f"没有“{code}”这个小类，请从 32 小类里选。")
    return category


def grade_anew(appeal: Appeal, category: Category, facts: Facts, reading: Reading | None) -> None:
    """Part of an action: the grade that the rules of the day of entry give, with its reasons; the old one is gone."""
    rules = queries.grade_rules(day_of(appeal.entered_at))
    labour_related = appeal.labour_related if reading is None else reading.labour_related
    settled = reading is None and is_labour_settled(appeal, category)
    seen = circumstances_of(appeal, category, facts, labour_related=labour_related, labour_settled=settled)
    grading = grading_of(facts, category_grade=Grade(category.grade), circumstances=seen, rules=rules)
    _apply(appeal, grading)


def _apply(appeal: Appeal, grading: Grading) -> None:
    appeal.grade = grading.grade
    appeal.restricted, appeal.needs_call_back = grading.restricted, grading.needs_call_back
    appeal.grade_reasons = [
        {
            "rule": reason.rule,
            "title": reason.title_zh,
            "grade": reason.grade.value,
            "evidence": reason.evidence,
            "spans": [[span.start, span.end] for span in reason.spans],
        }
        for reason in grading.reasons
    ]


def _set_grade(appeal: Appeal, grade: str, *, reason: str, by: Actor) -> None:
    if grade not in set(Grade):
        raise BadInput("grade", "等级只能是 green、yellow、orange、red（绿、黄、橙、红）。")
    level = queries.level_of(by)
    check_can_lower(
        Grade(appeal.grade), Grade(grade), Level(level if level in set(Level) else "grassroots"), reason=reason
    )
    appeal.grade_reasons = [
        *appeal.grade_reasons,
        {"rule": "人工", "title": "人工定级", "grade": grade, "evidence": reason, "spans": []},
    ]
    appeal.grade = grade
