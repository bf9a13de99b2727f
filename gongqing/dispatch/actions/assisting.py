"""Ask another organisation to help, and finish helping (协办)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.dispatching import check_may_have, open_order
from gongqing.dispatch.actions.handling import lock_for_handling
from gongqing.dispatch.actions.supervising import tell
from gongqing.dispatch.models import Order, OrderRole, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.registry.models import Level, Organisation, OrganisationKind


@transaction.atomic
def ask_assistance(*, appeal_id: int, organisation_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """The handler asks a union, a zone or a mediation room to help; it then sees the appeal. Asking twice adds nothing.

    Raises:
        NotPermitted, NotAllowed: it is the handler itself, or the employer's own union on a shielded matter.
        BadInput: no such organisation, a department (hand it over instead), or nothing asked.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    if len(note.strip()) < 2:
        raise BadInput("note", "请写明请对方协助什么。")
    with scope.elevated():
        helper = Organisation.objects.filter(pk=organisation_id, is_active=True).first()
        if helper is None or helper.kind == OrganisationKind.HOTLINE:
            raise BadInput("organisation", "没有这个单位，或者它不办理诉求。")
        if helper.level == Level.DEPARTMENT:
            raise BadInput("organisation", "请政府部门办理请用“转部门”。")
        if helper.pk == order.organisation_id:
            raise NotAllowed("这个单位就是主办单位。")
        check_may_have(appeal, helper)
        open_order(appeal, helper, OrderRole.ASSIST, rule="邀请", reasons=[note], at=at)
        tell(appeal, helper, f"请协办：{appeal.title}", at=at)
        data: dict[str, Any] = {"organisation": helper.pk, "organisation_name": str(helper)}
        events.record("appeal.assistance_asked", subject=appeal, by=by, at=at, note=tidy_text(note), **data)
    return appeal


@transaction.atomic
def finish_assisting(*, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """A helper has done its part (协办办完).

    Raises:
        NotPermitted: this organisation has no open assisting order here. BadInput: nothing said.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    check_open(appeal.status)
    if len(note.strip()) < 2:
        raise BadInput("note", "请写明协办做了什么。")
    with scope.elevated():
        if by.organisation_id is None:
            raise NotPermitted("您的单位在这件诉求里没有协办任务。")
        order = (
            Order.objects.select_for_update()
            .filter(appeal=appeal, organisation_id=by.organisation_id, status__in=OPEN_ORDERS)
            .exclude(role=OrderRole.HANDLE)
            .first()
        )
        if order is None:
            raise NotPermitted("您的单位在这件诉求里没有协办任务。")
        order.status, order.closed_at, order.note = OrderStatus.DONE, at, note
        order.save(update_fields=["status", "closed_at", "note"])
        events.record("appeal.assisted", subject=appeal, by=by, at=at, note=tidy_text(note))
    return appeal
