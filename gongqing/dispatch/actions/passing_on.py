"""Pass on the open work of somebody who leaves, and sign for it (工作交接)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gongqing.accounts import queries as accounts
from gongqing.accounts.models import Posting, User
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import DutyShift, Order, PassOn, PassOnItem
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries import passing_on as queries
from gongqing.dispatch.rules.passing_on import check_may_take_over
from gongqing.lib.errors import NotAllowed, NotFound
from gongqing.lib.times import day_of
from gongqing.notices import actions as notices


@transaction.atomic
def pass_on_work(
    *, posting_id: int, by: Actor, at: datetime, successor_id: int | None = None, note: str = ""
) -> PassOn | None:
    """Pass on what lies with the holder of a posting: to the successor, else to the organisation without a name on it.

    Call-backs belong to the organisation and stay there. Duty still to come goes to the successor where that person
    is free, else off the roster. Somebody who goes on at the same organisation in another posting keeps everything.

    Returns:
        the list to be signed; None when there was nothing to pass on, so that a second call changes nothing.
    """
    with scope.elevated():
        posting = (
            Posting.objects.select_for_update(of=("self",)).select_related("organisation", "user").get(pk=posting_id)
        )
        if posting.organisation is None or queries.holds_another(posting, day_of(at)):
            return None
        orders = list(
            queries.open_orders_of(posting)
            .select_for_update(of=("self",))
            .select_related("appeal", "organisation")
            .order_by("id")
        )
        shifts = list(queries.shifts_of(posting, at).select_for_update().order_by("starts_at"))
        if not orders and not shifts:
            return None
        successor = _successor(posting, successor_id, at)
        pass_on = PassOn.objects.create(
            posting=posting,
            organisation=posting.organisation,
            successor=successor,
            made_at=at,
            by_name=by.name,
            note=note,
            shifts=[[each.starts_at.isoformat(), each.ends_at.isoformat(), each.rank] for each in shifts],
        )
        for order in orders:
            PassOnItem.objects.create(
                pass_on=pass_on,
                order=order,
                appeal=order.appeal,
                status=order.appeal.status,
                due_at=order.appeal.due_at,
            )
            _give(order, successor)
            events.record(
                "appeal.work_passed_on",
                subject=order.appeal,
                by=by,
                at=at,
                note=f"{posting.user.name}离岗，{f'交给{successor.name}' if successor else '交回单位，等人接手'}",
                pass_on=pass_on.pk,
            )
        for shift in shifts:
            _hand_shift(shift, successor)
        _tell(pass_on, posting, len(orders), at=at)
        events.record(
            "work.passed_on",
            subject=pass_on,
            by=by,
            at=at,
            note=note,
            posting=posting.pk,
            orders=len(orders),
            shifts=len(shifts),
        )
    return pass_on


@transaction.atomic
def take_over_work(*, pass_on_id: int, by: Actor, at: datetime) -> PassOn:
    """Sign a list of passed-on work; what still lies with nobody is the signer's, when he or she works there.

    Raises:
        NotFound, NotPermitted. NotAllowed: it was signed before.
    """
    pass_on = queries.visible_pass_ons(by).select_for_update(of=("self",)).filter(pk=pass_on_id).first()
    if pass_on is None:
        raise NotFound("没有这份交接清单，或者不在您能看的范围内。")
    place = pass_on.organisation
    check_may_take_over(by, organisation_id=place.pk, path=place.path, successor_id=pass_on.successor_id)
    if pass_on.signed_at is not None:
        raise NotAllowed(f"这份交接清单已经由{pass_on.signed_by_name}签收过了。")
    with scope.elevated():
        pass_on.signed_at, pass_on.signed_by_name = at, by.name
        pass_on.save(update_fields=["signed_at", "signed_by_name"])
        if by.organisation_id == place.pk and by.user_id is not None:
            left = Order.objects.select_for_update().filter(
                pk__in=pass_on.items.values("order_id"), assignee_user_id__isnull=True, status__in=OPEN_ORDERS
            )
            for order in left.order_by("id"):
                _give(order, User.objects.get(pk=by.user_id))
        events.record(
            "work.taken_over", subject=pass_on, by=by, at=at, note=f"{pass_on.posting.user.name}的工作交接清单"
        )
    return pass_on


def _successor(posting: Posting, successor_id: int | None, at: datetime) -> User | None:
    """The one who was named, while he or she works at the organisation; of a deputy, the one who was stood in for."""
    wanted = successor_id or (posting.deputy_of.user_id if posting.deputy_of else None)
    if wanted is None or wanted == posting.user_id or posting.organisation_id is None:
        return None
    return next((one for one in accounts.holders(posting.organisation_id, day_of(at)) if one.pk == wanted), None)


def _give(order: Order, to: User | None) -> None:
    order.assignee_user_id, order.assignee_name = (to.pk, to.name) if to else (None, "")
    order.save(update_fields=["assignee_user_id", "assignee_name"])


def _hand_shift(shift: DutyShift, to: User | None) -> None:
    is_free = (
        to is not None
        and not DutyShift.objects.filter(user=to, starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at).exists()
    )
    if to is None or not is_free:
        shift.delete()
        return
    shift.user = to
    shift.save(update_fields=["user"])


def _tell(pass_on: PassOn, posting: Posting, order_count: int, *, at: datetime) -> None:
    """The organisation reads of it, and the successor of what is now his or hers."""
    left = [f"{order_count} 件在办"] if order_count else []
    left += [f"{len(pass_on.shifts)} 班值班"] if pass_on.shifts else []
    to = f"交给{pass_on.successor.name}" if pass_on.successor else "还没有人接手"
    words = f"{posting.user.name}离岗，{'、'.join(left)}{to}，请核对交接清单并签收。"
    _notice(pass_on, words, at=at, organisation_id=pass_on.organisation_id)
    if pass_on.successor is not None:
        words = f"您接手了{posting.user.name}的工作，请签收交接清单。"
        _notice(pass_on, words, at=at, user_id=pass_on.successor_id)


def _notice(
    pass_on: PassOn, words: str, *, at: datetime, organisation_id: int | None = None, user_id: int | None = None
) -> None:
    notices.notify(
        text=words,
        organisation_id=organisation_id,
        user_id=user_id,
        subject_kind="pass_on",
        subject_id=pass_on.pk,
        link=f"/desk/pass-on/{pass_on.pk}",
        at=at,
    )
