"""The files that prove what came back on the claims of a case."""

from __future__ import annotations

from django.db import models

from gongqing.appeals.models import Appeal
from gongqing.dispatch.models.sealed import SealedDocument


class PaymentVoucher(SealedDocument):
    """A file that proves a recovered sum (追回凭证).

    `batch` is that of the payments which it proves, `appeal` the case on whose sheet it is kept: it may name others, so
    that it leaves with a part only when all those payments do.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="payment_vouchers")
    batch = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "digest"], name="payment_voucher_once")]
