"""A matter handled higher up: raised one level (提级办理), or taken over by the supervisor's own organisation (接管).

Both keep the closing clock running; the former handler goes on assisting, so that nothing it knows is lost.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.statuses import check_open
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch import queries
from gongqing.dispatch.actions.dispatching import dispatch_appeal, open_order, route_of, transfer_order
from gongqing.dispatch.models import Order, OrderRole, Supervision
from gongqing.dispatch.models.orders import SupervisionKind
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.higher_hands import check_can_change_hands, check_reason, rung_above
from gongqing.lib.errors import NotAllowed, NotPermitted
from gongqing.registry.models import Organisation


@transaction.atomic
def raise_appeal(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """Let the level above the handler handle the matter (提级办理), chosen by the routing rules; one level each time.

    Raises:
        NotPermitted: no supervisor above the handler, or the level above lies beyond the supervisor's own.
        NotAllowed: nobody holds it, it is paused, in review or outside, or the city holds it already.
        BadInput: no reason.
    """
    check_reason(reason)
    appeal = appeal_queries.lock(appeal_id, by)
    check_open(appeal.status)
    order = _held_below(appeal, by)
    level = rung_above(order.level)
    with scope.elevated():
        route = route_of(appeal, at=at, at_least=level)
        target = Organisation.objects.filter(pk=route.organisation_id or 0).first()
    if target is None or target.pk == order.organisation_id:
        raise NotAllowed("上一级没有能办这件诉求的单位，可以由您的单位接管。")
    if not (permissions.stands_above(by, target.path) or target.pk == by.organisation_id):
        raise NotPermitted("只能提到您本级为止；要再往上，请报上一级。")
    return _give(appeal, order, target, f"提级办理：{reason.strip()}", "appeal.raised", by=by, at=at)


@transaction.atomic
def take_over_appeal(*, appeal_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """The supervisor's own organisation becomes the main handler (接管), whatever levels lie between.

    Raises:
        NotPermitted: no supervisor above the handler. NotAllowed: paused, in review, outside, or held already.
        BadInput: no reason.
    """
    check_reason(reason)
    appeal = appeal_queries.lock(appeal_id, by)
    check_open(appeal.status)
    permissions.check_can_dispatch(by)
    target = Organisation.objects.filter(pk=by.organisation_id or 0, is_active=True).first()
    if target is None:
        raise NotPermitted("您没有在哪个单位任职，不能接管。")
    words = f"接管：{reason.strip()}"
    if queries.main_order(appeal.pk) is None:
        appeal = dispatch_appeal(appeal_id=appeal_id, organisation_id=target.pk, note=words, by=by, at=at)
        _write_down(appeal, None, target, words, "appeal.taken_over", by=by, at=at)
        return appeal
    order = _held_below(appeal, by)
    return _give(appeal, order, target, words, "appeal.taken_over", by=by, at=at)


def _held_below(appeal: Appeal, by: Actor) -> Order:
    """The main order, locked, once it is sure that the actor stands above its holder and it may change hands."""
    permissions.check_can_dispatch(by)
    order = queries.lock_main_order(appeal.pk)
    if order.organisation_id == by.organisation_id:
        raise NotAllowed("这件诉求已经在您的单位主办。")
    if not permissions.stands_above(by, order.organisation.path):
        raise NotPermitted("这件诉求的主办单位不在您的督办范围内。")
    check_can_change_hands(appeal.status)
    return order


def _give(
    appeal: Appeal, order: Order, target: Organisation, words: str, kind: str, *, by: Actor, at: datetime
) -> Appeal:
    former = order.organisation
    moved = transfer_order(appeal_id=appeal.pk, organisation_id=target.pk, reason=words, by=by, at=at)
    with scope.elevated():
        open_order(moved, former, OrderRole.ASSIST, rule="原主办", reasons=[words], at=at)
    _write_down(moved, former, target, words, kind, by=by, at=at)
    return moved


def _write_down(
    appeal: Appeal, former: Organisation | None, target: Organisation, words: str, kind: str, *, by: Actor, at: datetime
) -> None:
    with scope.elevated():
        Supervision.objects.create(
            appeal=appeal,
            kind=SupervisionKind.ESCALATE,
            level=target.level,
            organisation=target,
            at=at,
            by_name=by.name,
            note=words,
        )
        events.record(
            kind,
            subject=appeal,
            by=by,
            at=at,
            note=words,
            organisation=target.pk,
            organisation_name=str(target),
            former=former.pk if former else None,
        )
