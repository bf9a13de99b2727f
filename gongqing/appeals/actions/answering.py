"""Answer an appeal, let the worker judge, archive it, or open it again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongqing.appeals import queries
from gongqing.appeals.models import Appeal, Evaluation, EvaluationLink, Satisfaction
from gongqing.appeals.rules import permissions
from gongqing.appeals.rules.statuses import Status, check_can_move
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry.models import sealing

ANSWER = (
    *("status", "result", "outcome", "evidence", "resource", "helped_count", "recovered_amount"),
    *("resolved_level", "resolved_at", "next_due_at", "is_overdue"),
)
EVALUATION_DAYS = 15  # calendar days; no answer closes as "not evaluated"
REOPENINGS = 1


def resolve_appeal(
    *,
    appeal: Appeal,
    result: str,
    outcome: str,
    people: int | None,
    amount: Decimal | None,
    evidence: str,
    resource: str,
    level: str,
    needs_review: bool,
    by: Actor,
    at: datetime,
    found: Mapping[str, Any] | None = None,
) -> Appeal:
    """Keep the answer of a locked appeal; with review it waits for the level above.

    Part of `dispatch.actions.resolve_order`, which has asked who may.

    Args:
        found: what a check of the answer has found, for whoever hears of it.
    """
    to = Status.IN_REVIEW if needs_review else Status.RESOLVED
    check_can_move(appeal.status, to=to)
    with scope.elevated():
        appeal.status, appeal.result, appeal.outcome, appeal.evidence = to, result, outcome, evidence
        appeal.resource = resource
        appeal.helped_count, appeal.recovered_amount, appeal.resolved_level = people, amount, level
        appeal.resolved_at, appeal.next_due_at, appeal.is_overdue = at, None, False
        writing.save(appeal, ANSWER)
        kind = "appeal.review_asked" if needs_review else "appeal.resolved"
        data: dict[str, Any] = {
            "outcome": outcome,
            "people": people,
            "amount": str(amount) if amount is not None else None,
            **({"reply": dict(found)} if found else {}),
        }
        events.record(kind, subject=appeal, by=by, at=at, note=result, **data)
    return appeal


def track_appeal(*, appeal: Appeal, reason: str, by: Actor, at: datetime) -> Appeal:
    """The matter goes on outside (仲裁、监察、诉讼); the union keeps following a locked appeal."""
    check_can_move(appeal.status, to=Status.TRACKED)
    with scope.elevated():
        appeal.status = Status.TRACKED
        appeal.save(update_fields=["status"])
        events.record("appeal.tracked", subject=appeal, by=by, at=at, note=reason)
    return appeal


@transaction.atomic
def invite_evaluation(*, appeal_id: int, by: Actor, at: datetime) -> tuple[Appeal, str]:
    """Ask the worker to judge: a one-time link that needs no sign-in.

    Returns:
        the appeal and the link's token, shown this once.
    """
    appeal = queries.lock(appeal_id, by)
    return appeal, invite_worker(appeal=appeal, by=by, at=at)


@transaction.atomic
def invite_worker(*, appeal: Appeal, by: Actor, at: datetime) -> str:
    """As `invite_evaluation`, for a locked appeal; answers the link's token."""
    check_can_move(appeal.status, to=Status.AWAITING_EVALUATION)
    token = secrets.token_urlsafe(24)
    with scope.elevated():
        expires = at + timedelta(days=EVALUATION_DAYS)
        writing.insert(EvaluationLink(appeal=appeal, digest=link_digest(token), made_at=at, expires_at=expires))
        appeal.status = Status.AWAITING_EVALUATION
        writing.save(appeal, ["status"])
        events.record("appeal.evaluation_invited", subject=appeal, by=by, at=at)
    return token


def link_digest(token: str) -> str:
    """The keyed digest under which a link is kept."""
    return sealing.index_of("appeal.evaluation_link", token).hex()


@transaction.atomic
def evaluate_appeal(
    *, appeal_id: int, satisfaction: str, by: Actor, at: datetime, reason: str = "", text: str = "", token: str = ""
) -> Appeal:
    """Keep the worker's judgement: satisfied or basically satisfied archives, dissatisfied reopens once.

    After the one reopening a dissatisfied judgement archives too, and counts as dissatisfied.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal = queries.lock(appeal_id, by)
    is_party, is_reporter = queries.is_party(appeal, by), queries.is_reporter(appeal, by)
    permissions.check_can_evaluate(
        by.role,
        is_party=is_party,
        is_reporter=is_reporter,
        is_handler=by.organisation_id is not None and by.organisation_id == appeal.handler_id,
    )
    if satisfaction not in Satisfaction.values:
        raise BadInput("satisfaction", "请选满意（satisfied）、基本满意（basically）或不满意（not）。")
    if satisfaction == Satisfaction.NOT and not (reason.strip() or text.strip()):
        raise BadInput("reason", "请说说哪里没办好，我们好换人再办。")
    reopens = satisfaction == Satisfaction.NOT and appeal.reopened_count < REOPENINGS
    check_can_move(appeal.status, to=Status.REOPENED if reopens else Status.ARCHIVED)
    with scope.elevated():
        if token:
            _use_link(appeal, token, at=at)
        Evaluation.objects.create(
            appeal=appeal,
            round=appeal.reopened_count + 1,
            satisfaction=satisfaction,
            reason=reason[:64],
            text=text,
            at=at,
            by_name=by.name,
            recorded_by_staff=by.is_staff,
        )
        appeal.satisfaction = satisfaction
        appeal.save(update_fields=["satisfaction"])
        events.record("appeal.evaluated", subject=appeal, by=by, at=at, note=text or reason, satisfaction=satisfaction)
        if reopens:
            _reopen(appeal, reason=text or reason, by=by, at=at)
        else:
            _archive(appeal, by=by, at=at)
    return appeal


@transaction.atomic
def reopen_appeal(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """A supervisor opens an answered appeal again, once; it goes one level up.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal = queries.lock(appeal_id, by)
    if by.role not in permissions.RECORDERS_OF_EVALUATION:
        raise NotPermitted("退回重办由热线或镇街及以上督办岗位提出。")
    if not reason.strip():
        raise BadInput("reason", "请写明为什么要重办。")
    if appeal.reopened_count >= REOPENINGS:
        raise NotAllowed("这件诉求已经重办过一次，不能再退回；可转督办。")
    with scope.elevated():
        _reopen(appeal, reason=reason, by=by, at=at)
    return appeal


@transaction.atomic
def close_unevaluated(*, appeal_id: int, by: Actor, at: datetime) -> Appeal:
    """Archive an appeal that nobody judged in fifteen days; it counts as not evaluated.

    Raises:
        NotAllowed: judged meanwhile, or the fifteen days are not over.
    """
    appeal = queries.lock(appeal_id, by)
    if appeal.resolved_at is None or at < appeal.resolved_at + timedelta(days=EVALUATION_DAYS):
        raise NotAllowed("还在十五天评价期内。")
    check_can_move(appeal.status, to=Status.ARCHIVED)
    with scope.elevated():
        Evaluation.objects.create(appeal=appeal, round=appeal.reopened_count + 1, at=at, by_name=by.name)
        events.record("appeal.left_unevaluated", subject=appeal, by=by, at=at)
        _archive(appeal, by=by, at=at)
    return appeal


def _archive(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    check_can_move(appeal.status, to=Status.ARCHIVED)
    appeal.status, appeal.closed_at, appeal.next_due_at = Status.ARCHIVED, at, None
    appeal.save(update_fields=["status", "closed_at", "next_due_at"])
    events.record("appeal.archived", subject=appeal, by=by, at=at)


def _reopen(appeal: Appeal, *, reason: str, by: Actor, at: datetime) -> None:
    check_can_move(appeal.status, to=Status.REOPENED)
    appeal.status, appeal.reopened_count = Status.REOPENED, appeal.reopened_count + 1
    appeal.save(update_fields=["status", "reopened_count"])
    events.record("appeal.reopened", subject=appeal, by=by, at=at, note=reason)


def _use_link(appeal: Appeal, token: str, *, at: datetime) -> None:
    used = EvaluationLink.objects.filter(
        appeal=appeal, digest=link_digest(token), used_at__isnull=True, expires_at__gt=at
    ).update(used_at=at)
    if not used:
        raise NotAllowed("这个评价链接已经用过或已过期。")
