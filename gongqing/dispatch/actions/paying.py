"""Write down what came back: for one claim, or spread over a team, an employer or the whole case."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from gongqing.appeals.models import Claim, Payment
from gongqing.appeals.rules.intake import tidy_text
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.claiming import lock_claim, lock_sheet
from gongqing.dispatch.actions.proving import keep_vouchers
from gongqing.dispatch.actions.sealing import File
from gongqing.dispatch.rules.claims import Owing, spread
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.lib.times import day_of


@transaction.atomic
def pay_claim(
    *,
    claim_id: int,
    amount: Decimal,
    paid_on: date,
    voucher: str,
    by: Actor,
    at: datetime,
    over_reason: str = "",
    files: Sequence[File] = (),
) -> Payment:
    """Money came back on one claim; more than is owed only with a reason. The files prove it.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: amount, day, voucher, a file, or above what is owed.
    """
    claim = lock_claim(claim_id, by)
    _check(amount, paid_on, voucher, at=at)
    over = claim.recovered + amount - claim.owed
    if over > 0 and len(over_reason.strip()) < 2:
        raise BadInput("over_reason", f"比欠款多 {over} 元，请写明原因，例如含经济补偿。")
    with scope.elevated():
        payment = _pay(
            claim,
            amount,
            paid_on=paid_on,
            voucher=voucher,
            batch=secrets.token_hex(8),
            over_reason=over_reason if over > 0 else "",
            by=by,
            at=at,
        )
        events.record(
            "appeal.money_recovered", subject=claim.appeal, by=by, at=at, note=voucher, amount=str(amount), count=1
        )
        keep_vouchers(appeal=claim.appeal, batch=payment.batch, files=files, by=by, at=at)
    return payment


@transaction.atomic
def spread_payment(
    *,
    appeal_id: int,
    amount: Decimal,
    paid_on: date,
    voucher: str,
    by: Actor,
    at: datetime,
    equally: bool = False,
    team_id: int | None = None,
    employer: str = "",
    files: Sequence[File] = (),
) -> int:
    """Share out one sum that came back over what is still owed: in a team, by an employer, or in the whole case.

    The shares add up to the sum, to the fen; returns how many claims got one. Disputed claims are left out.

    Raises:
        NotPermitted, NotFound, NotAllowed. BadInput: amount, day, voucher, a file, or more than they are owed together.
    """
    appeal = lock_sheet(appeal_id, by)
    _check(amount, paid_on, voucher, at=at)
    with scope.elevated():
        found = Claim.objects.select_for_update(of=("self",)).filter(
            appeal=appeal, removed_at__isnull=True, is_disputed=False
        )
        if team_id is not None:
            found = found.filter(team_id=team_id)
        if employer:
            found = found.filter(team__employer_name=employer)
        claims = {claim.pk: claim for claim in found.order_by("id")}
        owing = [Owing(each.pk, each.person_id, each.owed, each.recovered) for each in claims.values()]
        shares = spread(amount, owing, equally=equally)
        batch = secrets.token_hex(8)
        for number, share in shares.items():
            claims[number].appeal = appeal
            _pay(
                claims[number],
                share,
                paid_on=paid_on,
                voucher=voucher,
                batch=batch,
                over_reason="",
                by=by,
                at=at,
            )
        count = len(shares)
        events.record(
            "appeal.money_recovered", subject=appeal, by=by, at=at, note=voucher, amount=str(amount), count=count
        )
        keep_vouchers(appeal=appeal, batch=batch, files=files, by=by, at=at)
    return count


@transaction.atomic
def cancel_payment(*, payment_id: int, reason: str, by: Actor, at: datetime, whole_batch: bool = False) -> Decimal:
    """Take back a payment that was written down wrongly, or all that were spread with it; returns what they came to.

    Raises:
        NotPermitted, NotFound. NotAllowed: taken back already. BadInput: no reason.
    """
    seen = Payment.objects.filter(pk=payment_id).values_list("claim_id", "batch").first()
    if seen is None:
        raise NotFound("没有这笔追回，或者不在您能看的范围内。")
    claim = lock_claim(seen[0], by)
    if len(reason.strip()) < 2:
        raise BadInput("reason", "请写一句为什么撤销。")
    with scope.elevated():
        found = Payment.objects.select_for_update().filter(claim__appeal=claim.appeal, cancelled_at__isnull=True)
        found = found.filter(batch=seen[1]) if whole_batch else found.filter(pk=payment_id)
        payments = list(found.order_by("id"))
        if not payments:
            raise NotAllowed("这笔追回已经撤销了。")
        for payment in payments:
            payment.cancelled_at, payment.cancelled_by_name = at, by.name
            payment.cancelled_reason = tidy_text(reason)[:200]
            payment.save(update_fields=["cancelled_at", "cancelled_by_name", "cancelled_reason"])
            _settle(Claim.objects.get(pk=payment.claim_id))
        total = sum((payment.amount for payment in payments), Decimal(0))
        events.record("appeal.payment_cancelled", subject=claim.appeal, by=by, at=at, note=reason, amount=str(total))
    return total


def _check(amount: Decimal, paid_on: date, voucher: str, *, at: datetime) -> None:
    if amount <= 0:
        raise BadInput("amount", "金额要大于 0。")
    if amount != amount.quantize(Decimal("0.01")):
        raise BadInput("amount", "金额最多写到分。")
    if paid_on > day_of(at):
        raise BadInput("paid_on", "到账日期不能晚于今天。")
    if len(voucher.strip()) < 2:
        raise BadInput("voucher", "请写凭证，例如转账流水号、现场发放表第几页。")


def _pay(
    claim: Claim,
    amount: Decimal,
    *,
    paid_on: date,
    voucher: str,
    batch: str,
    over_reason: str,
    by: Actor,
    at: datetime,
) -> Payment:
    payment = Payment.objects.create(
        claim=claim,
        amount=amount,
        paid_on=paid_on,
        voucher=tidy_text(voucher)[:200],
        over_reason=tidy_text(over_reason)[:200],
        batch=batch,
        at=at,
        by_name=by.name,
    )
    _settle(claim)
    return payment


def _settle(claim: Claim) -> None:
    """The sum on the claim is that of the payments that stand."""
    total = Payment.objects.filter(claim=claim, cancelled_at__isnull=True).aggregate(total=Sum("amount"))["total"]
    claim.recovered = total or Decimal(0)
    claim.save(update_fields=["recovered"])
