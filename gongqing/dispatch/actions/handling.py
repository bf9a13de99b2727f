"""Sign, contact, note, report: the daily work on an order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import BEING_HANDLED, Status, check_can_move, check_open
from gongqing.audit import events, scope, writing
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Change
from gongqing.dispatch import queries
from gongqing.dispatch.actions.timekeeping import append, end_clocks, limits_of, mirror
from gongqing.dispatch.models import CallBack, Order, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries.hanging import Hanging, hanging_asked, hangs, keep_hanging
from gongqing.dispatch.queries.repeats import is_pressed_again
from gongqing.dispatch.rules import ledger, permissions
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.errors import BadInput, NotAllowed, NotPermitted
from gongqing.lib.times import day_of

CONTACTED = ("appeal.contacted", "appeal.contacted_again")


def lock_for_handling(appeal_id: int, by: Actor, *, at: datetime | None = None) -> tuple[Appeal, Order]:
    """The appeal and its main order, locked, for one who may act on them.

    Inside a block that writes together its clocks, and what hangs on it at the moment, are read in the same journey.

    Raises:
        NotFound, NotAllowed, NotPermitted.
    """
    if at is not None and writing.is_together():
        appeal, (hanging,) = appeal_queries.lock_and_ask(
            appeal_id,
            by,
            queries.lock_asked(appeal_id),
            *queries.asked_of_ledgers(appeal_id),
            beside=[hanging_asked(appeal_id, day_of(at))],
        )
        keep_hanging(appeal, hanging)
    else:
        appeal = appeal_queries.lock(appeal_id, by)
    check_open(appeal.status)
    with scope.elevated():
        order = queries.lock_main_order(appeal.pk)
        holder = order.organisation
        if not permissions.can_handle(by, organisation_id=holder.pk, path=holder.path):
            followers = queries.follower_ids(appeal.pk)
            permissions.check_can_handle(by, organisation_id=holder.pk, path=holder.path, follower_ids=followers)
    return appeal, order


@transaction.atomic
def sign_order(*, appeal_id: int, by: Actor, at: datetime, note: str = "") -> Appeal:
    """The handler takes the appeal (签收); the sign clock is met.

    Raises:
        NotPermitted, NotAllowed.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    check_can_move(appeal.status, to=Status.SIGNED)
    with scope.elevated():
        sign_locked(appeal, order, by=by, at=at, note=note)
    return appeal


def sign_locked(appeal: Appeal, order: Order, *, by: Actor, at: datetime, note: str = "") -> None:
    """Sign a locked order; `resolve_order` does it for a handler who answers at once."""
    order.status, order.signed_at = OrderStatus.SIGNED, at
    order.assignee_user_id, order.assignee_name = by.user_id, by.name
    writing.save(order, ["status", "signed_at", "assignee_user_id", "assignee_name"])
    appeals.place_appeal(appeal, status=Status.SIGNED)
    end_clocks(appeal, names=[ClockName.SIGN], by=by, at=at, reason="已签收", met=True)
    events.record("appeal.signed", subject=appeal, by=by, at=at, note=note, **_on_behalf(order, by))


@transaction.atomic
def contact_worker(*, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """The handler has spoken to the worker; the first time meets the contact clock.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    if appeal.status not in BEING_HANDLED | {Status.PAUSED, Status.TRACKED}:
        raise NotAllowed("请先签收，再登记联系。")
    if len(note.strip()) < 2:
        raise BadInput("note", "请写一句联系的情况，例如“电话联系，约明天到厂里谈”。")
    words = tidy_text(note)
    with scope.elevated():
        if not is_pressed_again(appeal.pk, CONTACTED, note=words, by=by, at=at):
            contact_locked(appeal, order, by=by, at=at, note=words)
    return appeal


def contact_locked(appeal: Appeal, order: Order, *, by: Actor, at: datetime, note: str) -> None:
    """Keep a contact on a locked order; an open call-back is done with it."""
    is_first = order.contacted_at is None
    if is_first:
        order.contacted_at = at
    if order.status == OrderStatus.SIGNED:
        order.status = OrderStatus.IN_PROGRESS
    writing.save(order, ["contacted_at", "status"])
    if appeal.status == Status.SIGNED:
        appeals.place_appeal(appeal, status=Status.IN_PROGRESS)
    if is_first:
        end_clocks(appeal, names=[ClockName.CONTACT], by=by, at=at, reason="已联系职工", met=True)
    if hangs(appeal.pk, Hanging.CALL_BACK):
        _ring_no_more.run(at, by.name, note, appeal.pk)
    kind = CONTACTED[0] if is_first else CONTACTED[1]
    events.record(kind, subject=appeal, by=by, at=at, note=note, **_on_behalf(order, by))


@Change
def _ring_no_more(
    _: None, at: datetime, name: str, note: str, appeal_id: int
) -> tuple[QuerySet[CallBack], Mapping[str, Any]]:
    waiting = CallBack.objects.filter(appeal_id=appeal_id, done_at__isnull=True)
    return waiting, {"done_at": at, "done_by_name": name, "result": note}


@transaction.atomic
def add_note(*, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """Keep a note of work for staff: by the handler, a helper, or one who stands above.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    check_open(appeal.status)
    if len(note.strip()) < 2:
        raise BadInput("note", "请写下办理情况。")
    with scope.elevated():
        mine = [
            order
            for order in Order.objects.filter(appeal=appeal, status__in=OPEN_ORDERS).select_related("organisation")
            if permissions.can_handle(by, organisation_id=order.organisation_id, path=order.organisation.path)
        ]
        if not mine:
            raise NotPermitted("这件诉求不由您的单位办理或协办。")
        words = tidy_text(note)
        if not is_pressed_again(appeal.pk, ["appeal.noted"], note=words, by=by, at=at):
            events.record("appeal.noted", subject=appeal, by=by, at=at, note=words, part=mine[0].role)
    return appeal


@transaction.atomic
def report_progress(*, appeal_id: int, note: str, by: Actor, at: datetime) -> Appeal:
    """Hand in a phase report (阶段报告); the worker reads its first sentence, and the next one is owed.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    appeal, order = lock_for_handling(appeal_id, by)
    if appeal.status not in BEING_HANDLED | {Status.PAUSED, Status.TRACKED}:
        raise NotAllowed("请先签收，再交阶段报告。")
    if len(note.strip()) < 2:
        raise BadInput("note", "请写办到哪一步、下一步谁做什么。")
    words = tidy_text(note)
    with scope.elevated():
        if is_pressed_again(appeal.pk, ["appeal.reported"], note=words, by=by, at=at):
            return appeal
        clock = queries.clock_of(appeal.pk, ClockName.REPORT)
        if clock is not None and ledger.is_open(queries.entries_of(clock)):
            append(clock, ledger.reported_entries(limits_of(appeal).report_every, at=at), by=by, at=at)
            mirror(appeal)
        events.record("appeal.reported", subject=appeal, by=by, at=at, note=words, **_on_behalf(order, by))
    return appeal


def _on_behalf(order: Order, by: Actor) -> dict[str, Any]:
    """Names the organisation whose order a superior acted on (代办)."""
    is_own = by.organisation_id == order.organisation_id
    return {} if is_own or by.is_system else {"on_behalf_of": str(order.organisation)}
