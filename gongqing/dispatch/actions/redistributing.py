"""Open cases that nobody has begun change hands so that fewer are late (一键调配), each by itself; and back again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import Status
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.dispatching import dispatch_appeal, transfer_order
from gongqing.dispatch.models import Order, OrderRole
from gongqing.dispatch.queries.outlook import permitted_places
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.higher_hands import MOST_AT_ONCE, SHORTEST_REASON
from gongqing.dispatch.rules.redistribution import check_can_redistribute
from gongqing.lib.errors import BadInput, NotAllowed, NotFound, NotPermitted


@dataclass(frozen=True, slots=True)
class Redirection:
    """One case and the organisation that shall have it."""

    code: str
    organisation_id: int


@dataclass(frozen=True, slots=True)
class Redirected:
    """What became of one case.

    Attributes:
        former: the organisation that had it, so that it can be given back; None when nothing was done.
    """

    code: str
    title: str
    done: bool
    words: str
    former: int | None = None


def redistribute_appeals(
    *, moves: Sequence[Redirection], reason: str, by: Actor, at: datetime, is_undoing: bool = False
) -> list[Redirected]:
    """Give each case to its organisation; each is a transaction of its own, and the answer says why one was not done.

    Only what is unsigned, or signed and not begun, and never red; to where the routing rules permit it. Undoing gives
    back what is still unsigned to the organisation that had it before.

    Raises:
        NotPermitted: no dispatcher. BadInput: no case, too many, no reason.
    """
    permissions.check_can_dispatch(by)
    if not moves:
        raise BadInput("codes", "请先勾选至少一件。")
    if len(moves) > MOST_AT_ONCE:
        raise BadInput("codes", f"一次最多 {MOST_AT_ONCE} 件，请分几次。")
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput("reason", "请写明为什么调整，办理单位会看到。")
    return [_redirected(move, reason.strip(), by=by, at=at, is_undoing=is_undoing) for move in moves]


def _redirected(move: Redirection, reason: str, *, by: Actor, at: datetime, is_undoing: bool) -> Redirected:
    appeal = Appeal.objects.visible_to(by).filter(code=move.code).only("id", "code", "title", "handler_id").first()
    if appeal is None:
        return Redirected(move.code, "", done=False, words="没有这件诉求，或者不在您能看的范围内。")
    former = appeal.handler_id
    try:
        with transaction.atomic():
            name = _redirect(appeal.pk, move.organisation_id, reason, by=by, at=at, is_undoing=is_undoing)
    except (NotFound, NotPermitted, NotAllowed) as refused:
        return Redirected(move.code, appeal.title, done=False, words=str(refused))
    except BadInput as refused:
        return Redirected(move.code, appeal.title, done=False, words=refused.message)
    words = f"已退回给{name}" if is_undoing else f"已调给{name}"
    return Redirected(move.code, appeal.title, done=True, words=words, former=former)


def _redirect(appeal_id: int, organisation_id: int, reason: str, *, by: Actor, at: datetime, is_undoing: bool) -> str:
    appeal = appeal_queries.lock(appeal_id, by)
    order = queries.lock_main_order(appeal.pk)
    check_can_redistribute(grade=appeal.grade, status=appeal.status, is_contacted=order.contacted_at is not None)
    with scope.elevated():
        if is_undoing:
            if appeal.status != Status.DISPATCHED:
                raise NotAllowed("新的单位已经签收，不能再撤回；要换单位请用“转交”。")
            held_before = Order.objects.filter(appeal=appeal, role=OrderRole.HANDLE, organisation=organisation_id)
            is_permitted = held_before.exists()
        else:
            is_permitted = organisation_id in {each.pk for each in permitted_places(appeal, by, at)}
    if not is_permitted:
        raise NotAllowed("按派单规则，这件不能调给这个单位。")
    if appeal.status == Status.DISPATCHED:
        moved = dispatch_appeal(appeal_id=appeal.pk, organisation_id=organisation_id, note=reason, by=by, at=at)
    else:
        moved = transfer_order(appeal_id=appeal.pk, organisation_id=organisation_id, reason=reason, by=by, at=at)
    return str(moved.handler)
