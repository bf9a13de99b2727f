"""Keep the files that prove what came back, and open them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from gongqing.appeals.models import Appeal, Payment
from gongqing.appeals.rules.attachments import check_count
from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.dispatch.actions.claiming import lock_claim
from gongqing.dispatch.actions.sealing import File, judged_files, keep_files
from gongqing.dispatch.models import PaymentVoucher
from gongqing.dispatch.queries import claims as queries
from gongqing.lib.errors import BadInput, NotAllowed, NotFound
from gongqing.registry.models import sealed_files

VOUCHER = "payment.voucher"


@transaction.atomic
def add_vouchers(*, payment_id: int, files: Sequence[File], by: Actor, at: datetime) -> int:
    """Files that prove a sum written down before; the same file again adds nothing. Returns how many are new.

    Raises:
        NotPermitted, NotFound. NotAllowed: the sum was cancelled, the case has ended, or the file is kept with the
            lead. BadInput: no file, its kind, its size, or too many.
    """
    seen = Payment.objects.filter(pk=payment_id).values_list("claim_id", "batch").first()
    if seen is None:
        raise NotFound("没有这笔追回，或者不在您能看的范围内。")
    claim = lock_claim(seen[0], by)
    if not files:
        raise BadInput("vouchers", "请选凭证文件。")
    with scope.elevated():
        standing = Payment.objects.filter(batch=seen[1], cancelled_at__isnull=True)
        if not standing.filter(claim__appeal=claim.appeal).exists():
            raise NotAllowed("这笔追回已经撤销了。")
        if standing.exclude(claim__appeal=claim.appeal).exists():
            raise NotAllowed("这笔追回是和别的件一起登记的，凭证请在那一件里补。")
    return keep_vouchers(appeal=claim.appeal, batch=seen[1], files=files, by=by, at=at)


def keep_vouchers(*, appeal: Appeal, batch: str, files: Sequence[File], by: Actor, at: datetime) -> int:
    """Keep each file sealed, once; part of writing a sum down. Returns how many are new.

    Raises:
        BadInput: its kind, its size, or too many.
    """
    judged = judged_files(files, field="vouchers")
    with scope.elevated():
        new = keep_files(
            PaymentVoucher.objects.filter(batch=batch),
            judged,
            kind=VOUCHER,
            usual_name="凭证",
            check_room=_check_room,
            by=by,
            at=at,
            appeal=appeal,
            batch=batch,
        )
        for each in new:
            known: dict[str, Any] = {"voucher": each.pk, "batch": batch, "digest": each.digest}
            events.record("appeal.voucher_kept", subject=appeal, by=by, at=at, **known)
    return len(new)


@transaction.atomic
def open_voucher(
    *, code: str, voucher_id: int, by: Actor, at: datetime, address: str | None = None
) -> tuple[PaymentVoucher, bytes]:
    """A voucher in clear, for whoever may read the sheet; the look is written down.

    Raises:
        BadInput: it cannot be a code. NotPermitted, NotFound.
    """
    voucher = queries.voucher_numbered(code, voucher_id, by)
    events.record_access(
        "voucher.opened",
        subject_kind="appeal",
        subject_id=voucher.appeal_id,
        by=by,
        at=at,
        reason=voucher.name,
        address=address,
    )
    try:
        return voucher, sealed_files.open_kept(voucher.file_key, VOUCHER)
    except FileNotFoundError as gone:
        raise NotFound("这份凭证的文件不在了，请联系系统管理员从备份恢复。") from gone


def _check_room(present: int) -> None:
    try:
        check_count(present)
    except BadInput:
        raise BadInput("vouchers", "一笔追回最多 9 份凭证。") from None
