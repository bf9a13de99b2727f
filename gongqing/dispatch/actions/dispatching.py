"""Give an appeal to whoever must act: by the rules, by a dispatcher, or from hand to hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import AccessReason, Appeal
from gongqing.appeals.rules.statuses import Status, check_can_move
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.audit.standing import standing_rules
from gongqing.dispatch import queries
from gongqing.dispatch.actions.timekeeping import start_clocks
from gongqing.dispatch.models import CallBack, Order, OrderRole, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries.hanging import Hanging, forget_hanging, hanging_asked, keep_hanging, known_hanging
from gongqing.dispatch.rules import permissions
from gongqing.dispatch.rules.hotline import ON_DANGER
from gongqing.dispatch.rules.levels import Level, level_above
from gongqing.dispatch.rules.routing import Matter, Route, choose_handler
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of
from gongqing.registry.models import Organisation

UNSIGNED = (Status.CLASSIFIED, Status.DISPATCHED, Status.RETURNED, Status.REOPENED)
SHIELDED = "须对单位保密，从本单位工会收回"
CALL_BACK_WITHIN = timedelta(minutes=30)
ROLE_REASON = {
    OrderRole.HANDLE: AccessReason.HANDLER,
    OrderRole.ASSIST: AccessReason.ASSIST,
    OrderRole.SUPERVISE: AccessReason.SUPERVISE,
    OrderRole.FOLLOW: AccessReason.FOLLOW,
}


@transaction.atomic
def dispatch_appeal(
    *, appeal_id: int, by: Actor, at: datetime, organisation_id: int | None = None, note: str = ""
) -> Appeal:
    """Dispatch a classified appeal, or again one that nobody has signed yet.

    Without an organisation the routing rules choose; the same handler again changes nothing but the trace.

    Raises:
        NotPermitted, NotAllowed, BadInput: who, state, or an organisation that cannot have it.
    """
    with standing_rules(), writing.together("order.placed"), events.written_together():
        appeal = _locked_with_all(appeal_id, by=by, at=at)
        permissions.check_can_dispatch(by)
        if appeal.status not in UNSIGNED:
            check_can_move(appeal.status, to=Status.DISPATCHED)
            raise NotAllowed("这件诉求已经签收，要换单位请用“转交”。")
        with scope.elevated():
            _dispatch(appeal, queries.main_order(appeal.pk), organisation_id, note, by=by, at=at)
        queries.forget_orders(appeal)
        forget_hanging(appeal)
    return appeal


def _locked_with_all(appeal_id: int, *, by: Actor, at: datetime) -> Appeal:
    """The appeal, locked, and in the same journey what a dispatch looks at."""
    appeal, (hanging,) = appeal_queries.lock_and_ask(
        appeal_id,
        by,
        queries.orders_asked(appeal_id),
        *queries.asked_of_ledgers(appeal_id),
        queries.employer_asked(appeal_id),
        beside=[hanging_asked(appeal_id, day_of(at))],
    )
    keep_hanging(appeal, hanging)
    queries.keep_orders(appeal)
    queries.keep_employer(appeal)
    return appeal


def dispatch_new(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    """Dispatch by the rules what is just being taken in; part of that action, which inserts everything together.

    Raises:
        NotAllowed: no organisation can have it.
    """
    _dispatch(appeal, None, None, "", by=by, at=at)


def _dispatch(
    appeal: Appeal, current: Order | None, organisation_id: int | None, note: str, *, by: Actor, at: datetime
) -> None:
    route = route_of(appeal, at=at)
    organisation = _chosen(appeal, route, organisation_id, by=by)
    if current is not None and current.organisation_id == organisation.pk:
        events.record("appeal.dispatch_repeated", subject=appeal, by=by, at=at, note=note or "仍派原单位")
        return
    if current is not None:
        close_order(current, OrderStatus.PASSED_ON, at=at)
    is_named = organisation_id is not None and organisation_id != route.organisation_id
    reasons = [note or f"{by.name}指定"] if is_named else list(route.reasons)
    place_order(appeal, organisation, route, rule="指定" if is_named else route.rule_id, reasons=reasons, by=by, at=at)
    kind = "appeal.redispatched" if current else "appeal.dispatched"
    data: dict[str, Any] = {
        "organisation": organisation.pk,
        "organisation_name": str(organisation),
        "rule": route.rule_id,
    }
    events.record(kind, subject=appeal, by=by, at=at, note=note or "；".join(reasons), **data)


@transaction.atomic
def dispatch_reopened(*, appeal_id: int, by: Actor, at: datetime, reason: str) -> Appeal:
    """Give a reopened appeal to the level above the one that answered, with a call-back and clocks of its own.

    The status stays `reopened` until somebody signs.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    with scope.elevated():
        last = Order.objects.filter(appeal=appeal, role=OrderRole.HANDLE).order_by("-id").first()
        level = last.level if last else Level.TOWN
        above = level_above(level) or Level.CITY
        route = route_of(appeal, at=at, at_least=above)
        organisation = _chosen(appeal, route, None, by=by)
        place_order(
            appeal,
            organisation,
            route,
            rule="重办",
            reasons=["评价不满意，升一级重办"],
            by=by,
            at=at,
            is_new_round=True,
        )
        CallBack.objects.filter(appeal=appeal, done_at__isnull=True).update(
            done_at=at, done_by_name=by.name, result="已退回重办，由新的办理单位回访"
        )
        CallBack.objects.create(
            appeal=appeal, organisation=organisation, reason="不满意回访", made_at=at, due_at=at + timedelta(days=1)
        )
        data: dict[str, Any] = {"organisation": organisation.pk, "organisation_name": str(organisation)}
        events.record("appeal.dispatched", subject=appeal, by=by, at=at, note="评价不满意，升一级重办", **data)
    return appeal


@transaction.atomic
def transfer_order(*, appeal_id: int, organisation_id: int, reason: str, by: Actor, at: datetime) -> Appeal:
    """Pass a signed appeal on to another organisation; sign and contact begin anew, the closing clock runs on.

    A handler below the town passes it up; a supervisor anywhere in its own area.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    if not reason.strip():
        raise BadInput("reason", "请写明为什么转交。")
    order = queries.lock_main_order(appeal.pk)
    permissions.check_can_handle(
        by,
        organisation_id=order.organisation_id,
        path=order.organisation.path,
        follower_ids=queries.follower_ids(appeal.pk),
    )
    if appeal.status in (Status.IN_REVIEW, Status.TRACKED):
        raise NotAllowed("已送审或转外部跟踪，不能转交。")
    with scope.elevated():
        organisation = Organisation.objects.filter(pk=organisation_id, is_active=True).first()
        if organisation is None:
            raise BadInput("organisation", "没有这个单位。")
        if organisation.pk == order.organisation_id:
            raise BadInput("organisation", "这件诉求已经在这个单位。")
        is_up = order.organisation.path.startswith(organisation.path)
        if not is_up:
            permissions.check_can_dispatch(by)
            permissions.check_can_send_to(
                by, path=organisation.path, is_department=organisation.level == Level.DEPARTMENT
            )
        route = route_of(appeal, at=at)
        check_may_have(appeal, organisation)
        close_order(order, OrderStatus.PASSED_ON, at=at)
        if appeal.status != Status.REOPENED:
            set_back_to_dispatched(appeal)
        place_order(appeal, organisation, route, rule="转交", reasons=[reason], by=by, at=at)
        data: dict[str, Any] = {"organisation": organisation.pk, "organisation_name": str(organisation)}
        events.record("appeal.transferred", subject=appeal, by=by, at=at, note=reason, **data)
    return appeal


def route_of(appeal: Appeal, *, at: datetime, at_least: str = "") -> Route:
    """What the routing rules say of an appeal today; those who returned it are left out."""
    day = day_of(at)
    own_union, matter = _matter_of(appeal, on=day)
    return choose_handler(
        matter,
        queries.routes_on(day),
        queries.candidates_for(appeal, own_union=own_union, on=day),
        at_least=at_least,
        excluded=() if appeal._state.adding else queries.returned_organisations(appeal.pk),
    )


def _matter_of(appeal: Appeal, *, on: date) -> tuple[Organisation | None, Matter]:
    """The employer's union and the appeal as routing sees it; looked up once in a block that writes together."""
    kept = writing.kept()
    known = kept.get(("matter", appeal.pk)) if kept is not None else None
    if known is None:
        own_union = queries.own_union_of(appeal)
        hanging = known_hanging(appeal.pk)
        is_member = Hanging.MEMBERSHIP in hanging if hanging is not None else None
        known = own_union, queries.matter_of(appeal, own_union=own_union, on=on, is_member=is_member)
        if kept is not None:
            kept["matter", appeal.pk] = known
    return known


def close_order(order: Order, status: OrderStatus, *, at: datetime) -> None:
    """End an order. The grant of its organisation ends with a passing on and a return, not with an answer."""
    order.status, order.closed_at = status, at
    writing.save(order, ["status", "closed_at"])
    if status in (OrderStatus.PASSED_ON, OrderStatus.RETURNED, OrderStatus.CANCELLED):
        why = ROLE_REASON[OrderRole(order.role)]
        appeals.end_access(appeal=order.appeal, why=why, at=at, path=order.organisation.path)


def open_order(
    appeal: Appeal, organisation: Organisation, role: OrderRole, *, rule: str, reasons: list[str], at: datetime
) -> Order:
    """Give an organisation its part, and sight of the appeal; a part it already holds stays."""
    order = None if appeal._state.adding else queries.held_order(appeal.pk, organisation.pk, role)
    order = order or writing.insert(
        Order(
            appeal=appeal,
            organisation=organisation,
            role=role,
            level=organisation.level,
            round=appeal.reopened_count + 1,
            rule=rule[:16],
            reasons=reasons,
            dispatched_at=at,
        )
    )
    queries.add_order(order)
    queries.count_as_placed(organisation.pk)
    appeals.grant_access(appeal=appeal, why=ROLE_REASON[role], path=organisation.path, at=at)
    return order


def place_order(
    appeal: Appeal,
    organisation: Organisation,
    route: Route,
    *,
    rule: str,
    reasons: list[str],
    by: Actor,
    at: datetime,
    is_new_round: bool = False,
) -> None:
    """Open the orders of a route under its handler, start the clocks, and write where the appeal stands.

    Part of an action that locked the appeal and records what it did.
    """
    order = open_order(appeal, organisation, OrderRole.HANDLE, rule=rule, reasons=reasons, at=at)
    parts = {part.organisation_id: part.part for part in route.assisting if part.organisation_id != organisation.pk}
    if route.level != Level.DEPARTMENT or organisation.level != Level.DEPARTMENT:
        parts = {number: part for number, part in parts.items() if part != "follow"}
    for number, part in sorted(parts.items()):
        helper = queries.organisation_of(number)
        role = OrderRole.FOLLOW if part == "follow" else OrderRole.ASSIST
        open_order(appeal, helper, role, rule=rule, reasons=reasons[-1:], at=at)
    status = (
        Status.REOPENED
        if appeal.reopened_count and appeal.status in (Status.REOPENED, Status.RETURNED)
        else Status.DISPATCHED
    )
    appeals.place_appeal(appeal, status=status, handler=organisation, handler_level=organisation.level)
    start_clocks(appeal, order, by=by, at=at, is_new_round=is_new_round)
    if appeal.needs_call_back and (appeal._state.adding or not CallBack.objects.filter(appeal=appeal).exists()):
        due_at = at + CALL_BACK_WITHIN
        writing.insert(CallBack(appeal=appeal, organisation=organisation, reason=ON_DANGER, made_at=at, due_at=due_at))


def _chosen(appeal: Appeal, route: Route, organisation_id: int | None, *, by: Actor) -> Organisation:
    if organisation_id is None:
        if route.organisation_id is None:
            raise NotAllowed("各级都没有可派的单位，请先在“组织”里登记市总工会。")
        return queries.organisation_of(route.organisation_id)
    organisation = queries.active_organisation(organisation_id)
    if organisation is None:
        raise BadInput("organisation", "没有这个单位，请用单位编码或全称。")
    permissions.check_can_send_to(by, path=organisation.path, is_department=organisation.level == Level.DEPARTMENT)
    check_may_have(appeal, organisation)
    return organisation


def check_may_have(appeal: Appeal, organisation: Organisation) -> None:
    """The shield that no dispatcher can lift: an anonymous matter never reaches the employer's own union.

    An employer written in other words is not recognised, so where none is, no grassroots union may have the matter.
    """
    if refusal := _shield_against(appeal, organisation):
        raise NotAllowed(refusal)


def _shield_against(appeal: Appeal, organisation: Organisation) -> str:
    own_union, matter = _matter_of(appeal, on=day_of(appeal.received_at))
    if not matter.is_shielded:
        return ""
    if own_union is None:
        is_barred = organisation.level == Level.GRASSROOTS
        return "这件诉求对单位保密，又认不准是哪个单位，不能派给基层工会。" if is_barred else ""
    return "这件诉求对单位保密，不能派给本单位工会。" if organisation.path.startswith(own_union.path) else ""


def shield_appeal(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    """Take a matter that turns out to be confidential from those who may no longer have it; the rules choose anew.

    Part of the action that corrected it; the appeal is locked.
    """
    barred = [order for order in queries.orders_of(appeal.pk) if _shield_against(appeal, order.organisation)]
    if not barred:
        return
    held = queries.main_order(appeal.pk)
    for order in barred:
        if order.status in OPEN_ORDERS:
            close_order(order, OrderStatus.PASSED_ON, at=at)
        else:
            why = ROLE_REASON[OrderRole(order.role)]
            appeals.end_access(appeal=appeal, why=why, at=at, path=order.organisation.path)
    if held is None or held not in barred:
        return
    route = route_of(appeal, at=at)
    organisation = _chosen(appeal, route, None, by=by)
    if appeal.status != Status.REOPENED:
        set_back_to_dispatched(appeal)
    place_order(appeal, organisation, route, rule=route.rule_id, reasons=[SHIELDED, *route.reasons], by=by, at=at)
    data: dict[str, Any] = {"organisation": organisation.pk, "organisation_name": str(organisation)}
    events.record("appeal.transferred", subject=appeal, by=by, at=at, note=SHIELDED, **data)


def set_back_to_dispatched(appeal: Appeal) -> None:
    """A passed-on appeal waits for a signature again, whatever the old handler had done; part of passing it on."""
    appeal.status = Status.CLASSIFIED
