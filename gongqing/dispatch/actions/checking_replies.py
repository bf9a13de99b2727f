"""Keep what was found about an answer, and remind of the days that answers promise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.appeals.models import Appeal
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import SYSTEM
from gongqing.dispatch.actions.supervising import tell
from gongqing.dispatch.models import Order, ReplyCheck
from gongqing.dispatch.queries.replies import due_promises
from gongqing.language.replies import Finding, ReplyReading
from gongqing.lib.times import day_of

MOST_KEPT = 12


def keep_reply_check(appeal: Appeal, order: Order, read: ReplyReading, *, at: datetime) -> ReplyCheck:
    """Put what was found beside the answer. Part of the action that answers; it never refuses."""
    promised = next((each for each in read.promises if each.on == read.promised_on), None) if read.promised_on else None
    check = ReplyCheck(
        appeal=appeal,
        organisation=order.organisation,
        at=at,
        relevance=read.relevance,
        completeness=read.completeness,
        plainness=read.plainness,
        is_empty=read.is_empty,
        warning_count=len(read.warnings),
        findings=[_kept(each) for each in read.findings[:MOST_KEPT]],
        promised_on=read.promised_on,
        promise=promised.evidence.words.strip()[:200] if promised else "",
    )
    appeal.reply_check = writing.insert(check)
    return check


def remind_of_promises(*, at: datetime) -> int:
    """Tell the handlers of the days that their answers promised and that have come, each once.

    Returns:
        how many were told.
    """
    with scope.acting_as(SYSTEM):
        due = list(due_promises(day_of(at)).values_list("pk", flat=True))
    return sum(_remind(number, at=at) for number in due)


@transaction.atomic
def _remind(check_id: int, *, at: datetime) -> bool:
    with scope.acting_as(SYSTEM), scope.elevated():
        check = (
            due_promises(day_of(at))
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("appeal", "organisation")
            .filter(pk=check_id)
            .first()
        )
        if check is None or check.promised_on is None:
            return False
        check.reminded_at = at
        check.save(update_fields=["reminded_at"])
        day = f"{check.promised_on.month}月{check.promised_on.day}日"
        text = f"答复里答应的日子到了（{day}）：“{check.promise}”。办到了告诉职工一声，没办到说明原因。"
        tell(check.appeal, check.organisation, f"{text}{check.appeal.title}", at=at)
        events.record("appeal.promise_due", subject=check.appeal, by=SYSTEM, at=at, note=f"{day}：{check.promise}")
    return True


def _kept(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "hint": finding.hint,
        "is_warning": finding.is_warning,
        "spans": [[each.start, each.end] for each in finding.spans],
        "points": list(finding.points),
    }
