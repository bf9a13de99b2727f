"""Hand a matter to a government department, or alert labour inspection: one record, whatever the way."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.grading import Grade
from gongqing.appeals.rules.permissions import HANDLERS
from gongqing.appeals.rules.statuses import check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.dispatching import open_order
from gongqing.dispatch.actions.handling import lock_for_handling
from gongqing.dispatch.actions.lettering import issue_locked
from gongqing.dispatch.models import Handover, OrderRole
from gongqing.dispatch.models.orders import HandoverState
from gongqing.dispatch.rules.letters import LetterName
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry import queries as registry
from gongqing.registry.models import Level, Organisation

BY_FILE = "file"


@transaction.atomic
def hand_over(
    *,
    appeal_id: int,
    department_id: int,
    reason: str,
    by: Actor,
    at: datetime,
    partner: str = "account",
    outside_number: str = "",
) -> Handover:
    """Give a department its part beside the handler, who keeps following.

    Args:
        partner: `account` when the department works on the platform; `file` when it gets a letter (转办函) and a sheet.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal, _ = lock_for_handling(appeal_id, by)
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写明请部门办什么。")
    with scope.elevated():
        department = _department(department_id)
        handover = _send(
            appeal, department, reason=reason, by=by, at=at, partner=partner, number=outside_number, is_alert=False
        )
    if partner == BY_FILE:
        issue_locked(appeal, LetterName.HANDOVER, by=by, at=at, handover=handover)
    return handover


@transaction.atomic
def alert_inspection(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Handover:
    """Tell labour inspection (劳动监察) at once of an orange or red matter; a zone worker may, without asking first.

    Raises:
        NotPermitted, NotAllowed: green or yellow, or told already. BadInput: no reason.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    if by.role not in HANDLERS:
        raise NotPermitted("报告劳动监察由片区和各级工会岗位进行。")
    check_open(appeal.status)
    if Grade(appeal.grade) < Grade.ORANGE:
        raise NotAllowed("只有橙色、红色的诉求可以直接报告劳动监察。")
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写明现场情况。")
    with scope.elevated():
        if Handover.objects.filter(appeal=appeal, is_alert=True).exists():
            raise NotAllowed("已经报告过劳动监察。")
        candidates = registry.candidates(Level.DEPARTMENT, appeal.region)
        inspection = next((each for each in candidates if "LE01" in each.categories), None)
        if inspection is None:
            raise NotAllowed("还没有登记负责劳动监察的部门，请联系市总管理员。")
        return _send(appeal, inspection, reason=reason, by=by, at=at, partner="account", number="", is_alert=True)


@transaction.atomic
def record_handover(
    *, handover_id: int, state: str, answer: str, by: Actor, at: datetime, outside_number: str = ""
) -> Handover:
    """Note how the matter stands at the department: by its liaison, or by the union that follows it.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    handover = (
        Handover.objects.select_for_update().select_related("appeal", "department").filter(pk=handover_id).first()
    )
    if handover is None:
        raise NotAllowed("没有这条横向流转记录。")
    if by.role not in HANDLERS:
        raise NotPermitted("您的岗位不能更新部门办理情况。")
    check_open(handover.appeal.status)
    if state not in HandoverState.values:
        raise BadInput("state", "状态只能是：" + "、".join(HandoverState.values))
    if state in (HandoverState.ANSWERED, HandoverState.REFUSED) and len(answer.strip()) < 2:
        raise BadInput("answer", "请写明部门怎么答复的。")
    with scope.elevated():
        handover.state, handover.changed_at = state, at
        handover.answer = answer or handover.answer
        handover.outside_number = outside_number or handover.outside_number
        handover.save()
        events.record(
            "appeal.handover_changed",
            subject=handover.appeal,
            by=by,
            at=at,
            note=answer,
            state=state,
            department=str(handover.department),
        )
    return handover


def _department(number: int) -> Organisation:
    department = Organisation.objects.filter(pk=number, level=Level.DEPARTMENT, is_active=True).first()
    if department is None:
        raise BadInput("department", "没有这个部门。")
    return department


def _send(
    appeal: Appeal,
    department: Organisation,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    partner: str,
    number: str,
    is_alert: bool,
) -> Handover:
    open_order(appeal, department, OrderRole.ASSIST, rule="横向", reasons=[reason], at=at)
    handover = Handover.objects.create(
        appeal=appeal,
        department=department,
        partner=partner[:32],
        outside_number=number[:64],
        is_alert=is_alert,
        reason=reason,
        sent_at=at,
        changed_at=at,
    )
    kind = "appeal.inspection_alerted" if is_alert else "appeal.handed_over"
    events.record(kind, subject=appeal, by=by, at=at, note=reason, department=str(department), handover=handover.pk)
    return handover
