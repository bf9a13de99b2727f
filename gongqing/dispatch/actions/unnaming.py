"""Take a person out of what others said and wrote in the same case: its lead, its parts, its wage sheet."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from django.db import models, transaction
from django.db.models import Q

from gongqing.appeals import actions as appeals
from gongqing.appeals.models import Appeal, Claim, ClaimCorrection, GroupMember, Payment, Team
from gongqing.appeals.rules.forgetting import Reading, reading_without
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.dispatch.models import (
    Call,
    CallBack,
    DutyCall,
    Extension,
    FilterStep,
    Handover,
    Interview,
    ListEntry,
    Order,
    PaymentVoucher,
    QualityCheck,
    ReplyCheck,
    Supervision,
)
from gongqing.registry.models import Person, sealed_files

# where officers write what they like, and by which way the appeal is found
FREE_WORDS: Sequence[tuple[type[models.Model], str, tuple[str, ...]]] = (
    (Order, "appeal", ("note",)),
    (Extension, "order__appeal", ("reason", "answer")),
    (Handover, "appeal", ("reason", "answer")),
    (Supervision, "appeal", ("note", "answer")),
    (CallBack, "appeal", ("result",)),
    (FilterStep, "appeal", ("reason",)),
    (DutyCall, "appeal", ("note",)),
    (Call, "appeal", ("note",)),
    (QualityCheck, "appeal", ("note",)),
    (Interview, "appeal", ("why", "people", "said", "agreed")),
    (ListEntry, "appeal", ("title", "evidence", "remark", "figures_reason")),
)
# what is written on a wage sheet and about who belongs to the case
SHEET_WORDS: Sequence[tuple[type[models.Model], str, tuple[str, ...]]] = (
    (GroupMember, "lead", ("reason", "ended_reason")),
    (Claim, "appeal", ("basis", "dispute_note", "removed_reason")),
    (ClaimCorrection, "claim__appeal", ("before", "after", "reason")),
    (Payment, "claim__appeal", ("voucher", "over_reason", "cancelled_reason")),
    (PaymentVoucher, "appeal", ("name",)),
)


def cases_around(person_id: int, own: Collection[int]) -> tuple[list[int], list[int]]:
    """The appeals of others that hang together with a person's own, and all with a sheet; the caller sees every row."""
    leads = set(GroupMember.objects.filter(appeal__in=own).values_list("lead_id", flat=True))
    leads |= set(Appeal.objects.filter(pk__in=own, merged_into__isnull=False).values_list("merged_into_id", flat=True))
    leads |= set(Claim.objects.filter(person_id=person_id).values_list("appeal_id", flat=True)) | set(own)
    parts = set(GroupMember.objects.filter(lead__in=leads).values_list("appeal_id", flat=True))
    parts |= set(Appeal.objects.filter(merged_into__in=leads).values_list("pk", flat=True))
    return sorted((leads | parts) - set(own)), sorted(leads | parts)


def unname_in_cases(
    *, person: Person, own: Collection[int], drops_vouchers: bool, by: Actor, at: datetime
) -> tuple[list[int], Reading]:
    """Mask a person's name and numbers in the words of the others of the same cases and on their wage sheets.

    Part of `anonymise_person`, which sees every row. What others said otherwise stays, and so do their names.

    Args:
        drops_vouchers: files that prove what came back to this person alone go as well.

    Returns:
        the appeals of others that were looked through, and how words read without the person.
    """
    beside, cases = cases_around(person.pk, own)
    numbers = [person.reveal("phone"), person.reveal("id_number")]
    read = reading_without(person.name, numbers=numbers, others=_others(person, cases))
    appeals.mask_words_beside(appeal_ids=beside, read=read, by=by, at=at)
    _read_words(FREE_WORDS, beside, read)
    _read_words(SHEET_WORDS, cases, read)
    for check in ReplyCheck.objects.filter(appeal__in=beside):
        said = json.dumps([check.findings, check.promise], ensure_ascii=False)
        if read(said) != said:
            check.findings, check.promise = [], ""
            check.save(update_fields=["findings", "promise"])
    if drops_vouchers:
        _drop_vouchers(person, by=by, at=at)
    return beside, read


def _others(person: Person, cases: Sequence[int]) -> list[str]:
    known = Person.objects.filter(
        Q(pk__in=Appeal.objects.filter(pk__in=cases).values("person_id"))
        | Q(pk__in=Claim.objects.filter(appeal__in=cases).values("person_id"))
        | Q(pk__in=Team.objects.filter(appeal__in=cases).values("leader_id"))
    )
    return list(known.exclude(pk=person.pk).exclude(name="").values_list("name", flat=True))


def _read_words(
    places: Sequence[tuple[type[models.Model], str, tuple[str, ...]]], numbers: Sequence[int], read: Reading
) -> None:
    for model, way, fields in places:
        for row in model._default_manager.filter(**{f"{way}__in": numbers}):
            appeals.read_fields(row, fields, read)


def _drop_vouchers(person: Person, *, by: Actor, at: datetime) -> None:
    """The files of sums that came back to this person alone; the lines that they were there stay."""
    batches = set(Payment.objects.filter(claim__person=person).values_list("batch", flat=True))
    shared = Payment.objects.filter(batch__in=batches).exclude(claim__person=person).values_list("batch", flat=True)
    kept = PaymentVoucher.objects.select_related("appeal").filter(batch__in=batches - set(shared))
    for voucher in kept.exclude(file_key=""):
        transaction.on_commit(partial(sealed_files.drop_sealed, voucher.file_key))
        voucher.name, voucher.file_key, voucher.size = appeals.DROPPED, "", 0
        voucher.save(update_fields=["name", "file_key", "size"])
        events.record("appeal.voucher_dropped", subject=voucher.appeal, by=by, at=at, voucher=voucher.pk)
