"""Take a person's numbers out of the words of matters that have ended."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from gongqing.appeals.actions.intake import words_of
from gongqing.appeals.models import Appeal, Evaluation, Message, SearchText
from gongqing.appeals.rules.statuses import OPEN
from gongqing.audit import events, writing
from gongqing.audit.actor import Actor
from gongqing.language.facts.personal import mask_personal
from gongqing.lib.errors import NotAllowed


@transaction.atomic
def mask_words(*, person_id: int, by: Actor, at: datetime) -> int:
    """Mask phones and identity numbers in the words of a person's ended appeals, and in their search text.

    Part of `dispatch.actions.anonymise_person`. Returns how many appeals were changed.

    Raises:
        NotAllowed: one of them has not ended.
    """
    count = 0
    for appeal in Appeal.objects.select_for_update().filter(person_id=person_id).order_by("id"):
        if appeal.status in OPEN:
            raise NotAllowed(f"诉求 {appeal.code} 还没有结束。")
        changed = _masked(appeal, ("title", "text", "place", "result", "evidence"))
        for message in Message.objects.filter(appeal=appeal):
            changed |= _masked(message, ("text",))
        for evaluation in Evaluation.objects.filter(appeal=appeal):
            changed |= _masked(evaluation, ("text",))
        if changed:
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {SearchText._meta.db_table} WHERE appeal_id = %s", [appeal.pk])  # noqa: S608
            writing.insert(words_of(appeal))
            events.record("words.masked", subject=appeal, by=by, at=at)
            count += 1
    return count


def _masked(row: Appeal | Message | Evaluation, fields: tuple[str, ...]) -> bool:
    changed = [field for field in fields if mask_personal(getattr(row, field)) != getattr(row, field)]
    for field in changed:
        setattr(row, field, mask_personal(getattr(row, field)))
    if changed:
        row.save(update_fields=changed)
    return bool(changed)
