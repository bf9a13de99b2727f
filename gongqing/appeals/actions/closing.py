"""End an appeal before its answer: the worker withdraws it, or it is found invalid."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules import permissions
from gongqing.appeals.rules.statuses import Status, check_can_move
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.lib.errors import BadInput


@transaction.atomic
def withdraw_appeal(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """The worker takes the appeal back; its clocks stop and nothing warns any more.

    Raises:
        NotPermitted, NotAllowed.
    """
    appeal = queries.lock(appeal_id, by)
    permissions.check_can_withdraw(
        by.role, is_party=queries.is_party(appeal, by), is_reporter=queries.is_reporter(appeal, by)
    )
    return _end(appeal, Status.WITHDRAWN, "appeal.withdrawn", reason=reason, by=by, at=at)


@transaction.atomic
def invalidate_appeal(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """A supervisor finds that nothing is asked (a test, a prank, nonsense), with a reason.

    Raises:
        NotPermitted, NotAllowed, BadInput: no reason.
    """
    appeal = queries.lock(appeal_id, by)
    permissions.check_can_classify(by.role, level=queries.level_of(by))
    if not reason.strip():
        raise BadInput("reason", "请写明为什么无效。")
    return _end(appeal, Status.INVALID, "appeal.invalidated", reason=reason, by=by, at=at)


def _end(appeal: Appeal, status: Status, kind: str, *, reason: str, by: Actor, at: datetime) -> Appeal:
    check_can_move(appeal.status, to=status)
    with scope.elevated():
        appeal.status, appeal.closed_at, appeal.next_due_at, appeal.is_overdue = status, at, None, False
        appeal.save(update_fields=["status", "closed_at", "next_due_at", "is_overdue"])
        events.record(kind, subject=appeal, by=by, at=at, note=reason)
    return appeal
