"""Let the sealed contents of loaded rows go."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.registry.models import LoadRow


@transaction.atomic
def clear_rows_about(*, subject_kind: str, subject_ids: Collection[int]) -> int:
    """Take the contents out of the rows that made these things; part of `dispatch.actions.anonymise_person`."""
    about = LoadRow.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids, content_sealed__isnull=False)
    return about.update(content_sealed=None)


@transaction.atomic
def clear_old_rows(*, before: datetime, by: Actor, at: datetime) -> int:
    """Take the contents out of every row that was loaded before a moment; what became of the row stays.

    Returns how many rows had any.
    """
    with scope.elevated():
        count = LoadRow.objects.filter(at__lt=before, content_sealed__isnull=False).update(content_sealed=None)
        if count:
            events.record("load.rows_cleared", subject=_Rows(), subject_kind="load", by=by, at=at, count=count)
    return count


class _Rows:
    pk = None
