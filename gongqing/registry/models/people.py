"""People and members; personal data sealed, exact search by keyed index, masks for lists."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gongqing.lib import masks
from gongqing.registry.models import sealing
from gongqing.registry.models.organisations import Enterprise, Organisation, Region
from gongqing.registry.models.sealing import index_of

PHONE, ID_NUMBER, ADDRESS = "person.phone", "person.id_number", "person.address"

__all__ = ["ADDRESS", "ID_NUMBER", "PHONE", "Member", "Person", "index_of"]


class Person(models.Model):
    """A natural person.

    Phone, ID number and address are sealed with SM4-GCM; `…_index` is a keyed SM3 digest for exact search;
    `phone_mask` is what lists show.
    """

    # what a rotation of the keys seals afresh: column → context
    SEALED: ClassVar[dict[str, str]] = {"phone_sealed": PHONE, "id_number_sealed": ID_NUMBER, "address_sealed": ADDRESS}

    name = models.CharField(max_length=64, blank=True)
    phone_sealed = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True)
    phone_mask = models.CharField(max_length=20, blank=True)
    id_number_sealed = models.BinaryField(null=True)
    id_number_index = models.BinaryField(null=True)
    address_sealed = models.BinaryField(null=True)
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT)
    employer = models.ForeignKey(Enterprise, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["phone_index"], condition=Q(phone_index__isnull=False), name="person_phone"
            ),
            models.UniqueConstraint(
                fields=["id_number_index"], condition=Q(id_number_index__isnull=False), name="person_id_number"
            ),
        ]

    def __str__(self) -> str:
        return masks.mask_name(self.name)

    def seal(self, *, phone: str = "", id_number: str = "", address: str = "") -> None:
        """Put personal data in, sealed; empty values and masked values change nothing."""
        if phone and not masks.is_masked(phone):
            self.phone_sealed = sealing.seal(phone, PHONE)
            self.phone_index = index_of(PHONE, phone)
            self.phone_mask = masks.mask_phone(phone)
        if id_number and not masks.is_masked(id_number):
            self.id_number_sealed = sealing.seal(id_number, ID_NUMBER)
            self.id_number_index = index_of(ID_NUMBER, id_number)
        if address and not masks.is_masked(address):
            self.address_sealed = sealing.seal(address, ADDRESS)

    def seal_line(self, line: str) -> None:
        """Put in a number that several people may share: it can be called, and finds nobody."""
        self.phone_sealed, self.phone_index = sealing.seal(line, PHONE), None
        self.phone_mask = masks.mask_phone(line)

    def reveal(self, field: str) -> str:
        """One sealed value in clear; only `registry.actions.reveal_person` calls it, which logs it."""
        sealed = getattr(self, f"{field}_sealed")
        return sealing.open_sealed(sealed, f"person.{field}") if sealed else ""


class Member(models.Model):
    """From when until when a person belongs to a union (会籍)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    union = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="members")
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(until__isnull=True), name="member_of_one_union")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.union_id}"
