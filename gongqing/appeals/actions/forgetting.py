"""Take a person out of the words and files of matters that have ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db import connection, models, transaction

from gongqing.appeals.actions.additions import file_path
from gongqing.appeals.actions.intake import words_of
from gongqing.appeals.models import (
    Appeal,
    Attachment,
    CarefulReading,
    Evaluation,
    Message,
    ReaderCall,
    ReaderCorrection,
    SearchText,
)
from gongqing.appeals.rules.forgetting import Reading, without_person
from gongqing.appeals.rules.statuses import OPEN
from gongqing.audit import events, writing
from gongqing.audit.actor import Actor
from gongqing.lib.errors import NotAllowed

WORKER, DROPPED = "职工", "（已按规定去除）"


@transaction.atomic
def mask_words(*, person_id: int, by: Actor, at: datetime) -> int:
    """Mask the person's name, phones and identity numbers in the words of the ended appeals, and in their search text.

    Part of `dispatch.actions.anonymise_person`. Returns how many appeals were changed.

    Raises:
        NotAllowed: one of them has not ended.
    """
    count = 0
    appeals = Appeal.objects.select_for_update(of=("self",)).select_related("person").filter(person_id=person_id)
    for appeal in appeals.order_by("id"):
        if appeal.status in OPEN:
            raise NotAllowed(f"诉求 {appeal.code} 还没有结束。")
        names = [appeal.person.name] if appeal.person else []
        changed = _read_anew(appeal, partial(without_person, names=names), of_judges=("by_name",))
        ReaderCall.objects.filter(appeal=appeal).update(evidence=[])
        CarefulReading.objects.filter(appeal=appeal).update(words=[])
        Message.objects.filter(appeal=appeal, from_worker=True).update(by_name=WORKER)
        Attachment.objects.filter(appeal=appeal, from_worker=True).update(by_name=WORKER)
        if changed:
            _words_masked(appeal, by=by, at=at)
            count += 1
    return count


@transaction.atomic
def mask_words_beside(*, appeal_ids: Collection[int], read: Reading, by: Actor, at: datetime) -> int:
    """Take a person out of what others said in the same case, open or ended, and out of its search text.

    Part of `dispatch.actions.anonymise_person`. Returns how many appeals were changed.
    """
    count = 0
    for appeal in Appeal.objects.select_for_update(of=("self",)).filter(pk__in=appeal_ids).order_by("id"):
        if _read_anew(appeal, read):
            ReaderCall.objects.filter(appeal=appeal).update(evidence=[])
            CarefulReading.objects.filter(appeal=appeal).update(words=[])
            _words_masked(appeal, by=by, at=at)
            count += 1
        for attachment in Attachment.objects.filter(appeal=appeal):
            read_fields(attachment, ("name",), read)
    return count


@transaction.atomic
def drop_files(*, person_id: int, also_of_staff: bool, by: Actor, at: datetime) -> int:
    """Remove the files of a person's ended appeals from the disk; the lines that they were there stay, without a name.

    Part of `dispatch.actions.anonymise_person`, which sees every row. A file that another appeal holds too stays.

    Args:
        also_of_staff: what officers put in as well, not the person's own files alone.

    Returns:
        how many attachments were emptied.
    """
    mine = Attachment.objects.select_for_update(of=("self",)).filter(appeal__person_id=person_id, size__gt=0)
    mine = mine if also_of_staff else mine.filter(from_worker=True)
    dropped = list(mine.select_related("appeal").order_by("id"))
    for attachment in dropped:
        attachment.name, attachment.size = DROPPED, 0
        attachment.save(update_fields=["name", "size"])
        events.record("appeal.file_dropped", subject=attachment.appeal, by=by, at=at, attachment=attachment.pk)
    for digest in {attachment.digest for attachment in dropped}:
        if not Attachment.objects.filter(digest=digest, size__gt=0).exists():
            transaction.on_commit(partial(file_path(digest).unlink, missing_ok=True))
    return len(dropped)


def mask_fields(row: models.Model, fields: Collection[str], names: Collection[str]) -> bool:
    """Take a person out of these fields of a row; answers whether anything was changed. Part of an action."""
    return read_fields(row, fields, partial(without_person, names=names))


def read_fields(row: models.Model, fields: Collection[str], read: Reading) -> bool:
    """Let these fields of a row read anew, as long as they may be; whether anything was changed. Part of an action."""
    fresh = {field: read(getattr(row, field))[: _room(row, field)] for field in fields}
    changed = [field for field in fields if fresh[field] != getattr(row, field)]
    for field in changed:
        setattr(row, field, fresh[field])
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def _room(row: models.Model, field: str) -> int | None:
    """How long a field may be: a masked name of two signs has three."""
    kind = row._meta.get_field(field)
    return kind.max_length if isinstance(kind, models.Field) else None


def _read_anew(appeal: Appeal, read: Reading, *, of_judges: Collection[str] = ()) -> bool:
    changed = read_fields(appeal, ("title", "text", "place", "result", "evidence"), read)
    for message in Message.objects.filter(appeal=appeal):
        changed |= read_fields(message, ("text",), read)
    for evaluation in Evaluation.objects.filter(appeal=appeal):
        changed |= read_fields(evaluation, ("text", "reason", *of_judges), read)
    for correction in ReaderCorrection.objects.filter(appeal=appeal):
        changed |= read_fields(correction, ("reason",), read)
    return changed


def _words_masked(appeal: Appeal, *, by: Actor, at: datetime) -> None:
    """The search text and the trace follow words that read otherwise now."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {SearchText._meta.db_table} WHERE appeal_id = %s", [appeal.pk])  # noqa: S608
    writing.insert(words_of(appeal))
    events.record("words.masked", subject=appeal, by=by, at=at)
