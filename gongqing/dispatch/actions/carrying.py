"""What follows an organisation that was moved in the tree."""

from __future__ import annotations

from django.db.models import Value
from django.db.models.functions import Concat, Substr

from gongqing.audit import scope
from gongqing.dispatch.models import Call


def carry_calls(*, before: str, after: str) -> int:
    """Let the calls taken at a hotline follow to its new path; returns how many."""
    with scope.elevated():
        taken = Call.objects.filter(path__gte=before, path__lt=before[:-1] + "0")
        return taken.update(path=Concat(Value(after), Substr("path", len(before) + 1)))
