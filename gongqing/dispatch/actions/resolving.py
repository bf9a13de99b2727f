"""Answer an appeal, and look at the answer where the grade or the law asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from gongqing.appeals import actions as appeals
from gongqing.appeals import queries as appeal_queries
from gongqing.appeals.models import Appeal
from gongqing.appeals.rules.intake import tidy_text
from gongqing.appeals.rules.statuses import Status, check_can_move
from gongqing.audit import events, scope, writing
from gongqing.audit import queries as audit
from gongqing.audit.actor import Actor
from gongqing.audit.reading import Change
from gongqing.audit.standing import standing_rules
from gongqing.dispatch import queries
from gongqing.dispatch.actions.checking_replies import keep_reply_check
from gongqing.dispatch.actions.handling import contact_locked, lock_for_handling, sign_locked
from gongqing.dispatch.actions.timekeeping import append, end_clocks, mirror
from gongqing.dispatch.models import Extension, Order, OrderStatus
from gongqing.dispatch.models.orders import OPEN_ORDERS
from gongqing.dispatch.queries import replies
from gongqing.dispatch.queries.hanging import Hanging, forget_hanging, hangs
from gongqing.dispatch.rules import ledger, outcomes, permissions
from gongqing.dispatch.rules.ledger import Entry, EntryKind
from gongqing.dispatch.rules.levels import Level
from gongqing.dispatch.rules.limits import ClockName
from gongqing.lib.errors import BadInput, NotAllowed
from gongqing.lib.times import day_of

ALL_CLOCKS = tuple(ClockName)
UNTOUCHED = (Status.DISPATCHED, Status.REOPENED)


@transaction.atomic
def resolve_order(
    *,
    appeal_id: int,
    result: str,
    by: Actor,
    at: datetime,
    outcome: str = "",
    people: int | None = None,
    amount: Decimal | None = None,
    evidence: str = "",
    resource: str = "",
) -> Appeal:
    """The handler answers (办结); signing and the first contact are taken as done when they have not happened.

    Orange and red go to review, as does a labour dispute answered below the town. On an appeal in review this is the
    reviewer's consent.

    Raises:
        NotPermitted, NotAllowed, BadInput.
    """
    with standing_rules(), writing.together("order.resolved"), events.written_together():
        appeal, order = lock_for_handling(appeal_id, by, at=at)
        is_reviewing = appeal.status == Status.IN_REVIEW
        if not is_reviewing:
            answer = Answer(result, outcome, people, amount, evidence, resource)
            _resolve(appeal, order, answer, by=by, at=at)
            forget_hanging(appeal)
        elif not permissions.is_above(by, level=outcomes.reviewing_level(order.level)):
            raise NotAllowed("已经提交办结，正等上一级审核。")
    if is_reviewing:
        return review_resolution(appeal_id=appeal_id, approve=True, note=result, by=by, at=at)
    return appeal


@dataclass(frozen=True, slots=True)
class Answer:
    """What the handler says: the words, what came of it, for how many people, how much money, with what proof."""

    result: str
    outcome: str
    people: int | None
    amount: Decimal | None
    evidence: str
    resource: str


def _resolve(appeal: Appeal, order: Order, answer: Answer, *, by: Actor, at: datetime) -> None:
    outcome = answer.outcome or (outcomes.Outcome.NEED_MET if appeal.kind == "need" else outcomes.Outcome.SETTLED)
    outcomes.check_result(
        result=answer.result,
        outcome=outcome,
        people=answer.people,
        amount=float(answer.amount) if answer.amount is not None else None,
    )
    if order.status == OrderStatus.RETURN_ASKED:
        raise NotAllowed("退回申请正在等上级裁定，暂不能办结。")
    read = replies.reading_of_answer(appeal, tidy_text(answer.result), amount=answer.amount, at=at)
    with scope.elevated():
        if appeal.status in UNTOUCHED:
            sign_locked(appeal, order, by=by, at=at)
        if order.contacted_at is None:
            contact_locked(appeal, order, by=by, at=at, note="办结时一并告知职工")
        level = permissions.LEVEL_OF_SUPERVISOR.get(by.role, order.level)
        policy = queries.policy_on(day_of(appeal.entered_at))
        review = outcomes.needs_review(
            grade_reviews=policy.of_grade(appeal.grade).review,
            category=appeal.category.code if appeal.category else "",
            kind=appeal.kind,
            level=level,
        )
        if appeal.status == Status.PAUSED:
            appeals.place_appeal(appeal, status=Status.IN_PROGRESS)
        appeals.resolve_appeal(
            appeal=appeal,
            result=tidy_text(answer.result),
            outcome=outcome,
            people=answer.people,
            amount=answer.amount,
            evidence=tidy_text(answer.evidence),
            resource=tidy_text(answer.resource)[:128],
            level=order.level,
            needs_review=review,
            by=by,
            at=at,
            found=replies.for_event(read),
        )
        keep_reply_check(appeal, order, read, at=at)
        if hangs(appeal.pk, Hanging.EXTENSION):
            _lapse.run(at, appeal.pk)
        end_clocks(appeal, names=ALL_CLOCKS, by=by, at=at, reason="已提交办结" if review else "已办结", met=True)
        order.status = OrderStatus.IN_REVIEW if review else OrderStatus.DONE
        order.closed_at = None if review else at
        writing.save(order, ["status", "closed_at"])
        if not review:
            _end_assisting(appeal, at=at)


@transaction.atomic
def review_resolution(*, appeal_id: int, approve: bool, note: str, by: Actor, at: datetime) -> Appeal:
    """Consent to an answer, or send it back to be handled further; the clocks then run on from where they stood.

    Raises:
        NotPermitted: the level that reviews is higher. NotAllowed: nothing to review. BadInput: refused without reason.
    """
    appeal = appeal_queries.lock(appeal_id, by)
    with scope.elevated():
        held = queries.main_order(appeal.pk)
        level = outcomes.reviewing_level(held.level) if held else Level.TOWN
        permissions.check_is_above(by, level=level, what="办结由上一级审核")
        if appeal.status != Status.IN_REVIEW:
            raise NotAllowed("这件诉求没有等待审核的答复。")
        order = queries.lock_main_order(appeal.pk)
        _check_other_eyes(appeal, by)
        if approve:
            check_can_move(appeal.status, to=Status.RESOLVED)
            order.status, order.closed_at = OrderStatus.DONE, at
            order.save(update_fields=["status", "closed_at"])
            appeals.place_appeal(appeal, status=Status.RESOLVED)
            _end_assisting(appeal, at=at)
            events.record("appeal.resolved", subject=appeal, by=by, at=at, note=note, outcome=appeal.outcome)
        else:
            if len(note.strip()) < 2:
                raise BadInput("note", "退回继续办理，请写明还差什么。")
            _run_on(appeal, by=by, at=at)
            order.status = OrderStatus.IN_PROGRESS
            order.save(update_fields=["status"])
            appeals.place_appeal(appeal, status=Status.IN_PROGRESS)
            events.record("appeal.review_refused", subject=appeal, by=by, at=at, note=note)
    return appeal


def _check_other_eyes(appeal: Appeal, by: Actor) -> None:
    """Nobody consents to an answer of their own (两人把关)."""
    asked = audit.events_of("appeal", appeal.pk).filter(kind="appeal.review_asked").last()
    if asked is not None and asked.user_id is not None and asked.user_id == by.user_id:
        raise NotAllowed("答复是您提交的，须由另一位同事审核。")


def _end_assisting(appeal: Appeal, *, at: datetime) -> None:
    if hangs(appeal.pk, Hanging.ASSISTING):
        _end_parts.run(at, appeal.pk)


@Change
def _end_parts(_: None, at: datetime, appeal_id: int) -> tuple[QuerySet[Order], Mapping[str, Any]]:
    assisting = Order.objects.filter(appeal_id=appeal_id, status__in=OPEN_ORDERS).exclude(role="handle")
    return assisting, {"status": OrderStatus.DONE, "closed_at": at}


@Change
def _lapse(_: None, at: datetime, appeal_id: int) -> tuple[QuerySet[Extension], Mapping[str, Any]]:
    asked = Extension.objects.filter(order__appeal_id=appeal_id, approved__isnull=True)
    return asked, {"approved": False, "decided_at": at, "answer": "已办结，申请自动失效"}


def _run_on(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    """The closing clock goes on as if it had never stopped: the time in review counts."""
    clock = queries.clock_of(appeal.pk, ClockName.CLOSE)
    if clock is None:
        return
    entries = queries.entries_of(clock)
    if ledger.is_open(entries):
        return
    first = ledger.last_round(entries)[0]
    fresh = [Entry(EntryKind.START, first.at, first.amount, first.unit, "审核退回，按原起算时间继续", first.source)]
    append(clock, fresh, by=by, at=at)
    mirror(appeal)
