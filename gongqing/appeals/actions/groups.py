"""What merging and taking apart write on the appeals themselves. Parts of `dispatch`'s actions, which ask who may."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.appeals import queries
from gongqing.appeals.models import Appeal, Distinction, GroupMember
from gongqing.appeals.rules import groups as rules
from gongqing.appeals.rules.grading import Grade, Grading
from gongqing.appeals.rules.statuses import Status, check_can_move
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.lib.errors import BadInput


def join_lead(
    *, lead: Appeal, part: Appeal, before: Mapping[str, Any], reason: str, by: Actor, at: datetime
) -> GroupMember:
    """Make a locked appeal a part of a locked lead; it is shown under the lead's handler from now on.

    Args:
        before: how the part stood; kept so that it can return to it.

    Raises:
        NotAllowed: the table of statuses does not have this step.
    """
    check_can_move(part.status, to=Status.MERGED)
    with scope.elevated():
        member = GroupMember.objects.create(
            lead=lead, appeal=part, merged_at=at, merged_by_name=by.name, reason=reason, before=dict(before)
        )
        part.status, part.merged_into = Status.MERGED, lead
        part.handler, part.handler_level = lead.handler, lead.handler_level
        part.next_due_at, part.is_overdue = None, False
        part.save(
            update_fields=["status", "merged_into", "handler", "handler_level", "next_due_at", "is_overdue"],
        )
        events.record("appeal.merged", subject=part, by=by, at=at, note=reason, lead=lead.pk, lead_code=lead.code)
    return member


def leave_lead(
    *, member: GroupMember, part: Appeal, status: Status | None, reason: str, by: Actor, at: datetime
) -> None:
    """End a locked part's membership; its status becomes the one given, or stays.

    Raises:
        NotAllowed: the table of statuses does not have this step.
    """
    if status is not None and status != part.status:
        check_can_move(part.status, to=status)
    with scope.elevated():
        member.ended_at, member.ended_by_name, member.ended_reason = at, by.name, reason
        member.save(update_fields=["ended_at", "ended_by_name", "ended_reason"])
        part.merged_into, part.status = None, status or part.status
        part.save(update_fields=["merged_into", "status"])
        events.record("appeal.unmerged", subject=part, by=by, at=at, note=reason, lead=member.lead_id)


def answer_with_lead(*, lead: Appeal, part: Appeal, by: Actor, at: datetime) -> None:
    """Answer a locked part with the words of its lead, so that its worker judges it for himself.

    What came back and how many were helped stand on the lead alone, so that nothing is counted twice.

    Raises:
        NotAllowed: the table of statuses does not have this step.
    """
    check_can_move(part.status, to=Status.RESOLVED)
    with scope.elevated():
        part.status, part.result, part.outcome = Status.RESOLVED, lead.result, lead.outcome
        part.resolved_at, part.resolved_level = at, lead.resolved_level
        part.handler, part.handler_level = lead.handler, lead.handler_level
        part.next_due_at, part.is_overdue = None, False
        part.save()
        events.record(
            "appeal.resolved", subject=part, by=by, at=at, note=lead.result, outcome=lead.outcome, with_lead=lead.pk
        )


@transaction.atomic
def tell_apart(*, appeal_id: int, other_ids: list[int], reason: str, by: Actor, at: datetime) -> None:
    """Remember that appeals are not the same matter as another, with the reason; twice changes nothing.

    Raises:
        NotPermitted, NotFound: who, or an appeal out of view. BadInput: no reason, or nothing to tell it from.
    """
    rules.check_can_merge(by.role)
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写一句为什么不是同一件。")
    appeal = queries.lock(appeal_id, by)
    others = [queries.lock(number, by) for number in sorted(set(other_ids) - {appeal_id})]
    if not others:
        raise BadInput("parts", "请选和哪一件不同。")
    with scope.elevated():
        pairs = [sorted((appeal.pk, other.pk)) for other in others]
        Distinction.objects.bulk_create(
            [Distinction(one_id=one, other_id=other, reason=reason, at=at, by_name=by.name) for one, other in pairs],
            ignore_conflicts=True,
        )
        events.record(
            "appeal.told_apart", subject=appeal, by=by, at=at, note=reason, others=[other.pk for other in others]
        )


def raise_grade(*, appeal: Appeal, grading: Grading, evidence: str, by: Actor, at: datetime) -> bool:
    """Give a locked lead the higher grade of its whole case; a lower one changes nothing. Says whether it rose."""
    if grading.grade <= Grade(appeal.grade):
        return False
    known = {reason["rule"] for reason in appeal.grade_reasons}
    with scope.elevated():
        appeal.grade_reasons = [
            *appeal.grade_reasons,
            *(
                {
                    "rule": reason.rule,
                    "title": reason.title_zh,
                    "grade": reason.grade.value,
                    "evidence": evidence,
                    "spans": [],
                }
                for reason in grading.reasons
                if reason.rule not in known
            ),
        ]
        appeal.grade = grading.grade
        appeal.restricted = appeal.restricted or grading.restricted
        appeal.save(update_fields=["grade", "grade_reasons", "restricted"])
        category = appeal.category.code if appeal.category else ""
        events.record(
            "appeal.reclassified", subject=appeal, by=by, at=at, note=evidence, category=category, grade=appeal.grade
        )
    return True
