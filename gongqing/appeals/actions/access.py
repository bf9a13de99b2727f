"""Give and end grants: the one place that decides who sees an appeal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Substr

from gongqing.appeals.models import Access, AccessReason, Appeal
from gongqing.audit import scope, writing
from gongqing.audit.reading import Change


def grant_access(
    *,
    appeal: Appeal,
    why: AccessReason,
    at: datetime,
    path: str = "",
    person_id: int | None = None,
    user_id: int | None = None,
) -> None:
    """Let an organisation path, a person or an account see this appeal; granting twice changes nothing."""
    grant = Access(appeal_id=appeal.pk, path=path, person_id=person_id, user_id=user_id, why=why, since=at)
    with scope.elevated():
        writing.insert(grant, is_lenient=True)


def end_access(*, appeal: Appeal, why: AccessReason, at: datetime, path: str = "") -> None:
    """End a grant of an organisation; the row stays, for the trace of who could see what and when."""
    with scope.elevated():
        _end.run(at, appeal.pk, str(why), path)


@Change
def _end(_: None, at: datetime, appeal_id: int, why: str, path: str) -> tuple[QuerySet[Access], Mapping[str, Any]]:
    return Access.objects.filter(appeal_id=appeal_id, why=why, path=path, until__isnull=True), {"until": at}


def carry_grants(*, before: str, after: str) -> int:
    """Let the grants to an organisation that was moved, and to those below it, follow to their new paths.

    Running it again changes nothing; returns how many were carried.
    """
    with scope.elevated():
        held = Access.objects.filter(path__gte=before, path__lt=before[:-1] + "0")
        return held.update(path=Concat(Value(after), Substr("path", len(before) + 1)))
