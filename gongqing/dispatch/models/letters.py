"""Official letters that were made of an appeal."""

from __future__ import annotations

from django.db import models

from gongqing.appeals.models import Appeal
from gongqing.lib import masks
from gongqing.registry.models import Organisation


class LetterKind(models.TextChoices):
    ACCEPTANCE = "acceptance", "受理告知书"
    ASSIGNMENT = "assignment", "交办单"
    ANSWER = "answer", "答复函"
    HANDOVER = "handover", "转办函"


class Letter(models.Model):
    """One letter under its number (文号); the file as it left lies in the store under `file_key`, sealed.

    `reference` is the number as it was written, `甬工诉受〔2026〕12号`; `number` runs without gaps in each
    organisation, kind and year.
    """

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=10, choices=LetterKind)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="letters")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    reference = models.CharField(max_length=64, unique=True)
    addressee = models.CharField(max_length=128)
    file_key = models.CharField(max_length=64)
    file_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    by_name = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "year", "number"], name="letter_number_once")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def shown_addressee(self) -> str:
        """To whom it went, as a list may show it: a worker by a masked name."""
        to_worker = self.kind in (LetterKind.ACCEPTANCE, LetterKind.ANSWER)
        return masks.mask_name(self.addressee) if to_worker else self.addressee
