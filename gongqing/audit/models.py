"""The two append-only tables: what was done, and what was looked at.

The bound database role may insert and read them, never change or delete a row.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import models

from gongqing.lib.times import local


class Trace(models.Model):
    """Who, when, as what: shared by both tables."""

    at = models.DateTimeField()
    role = models.CharField(max_length=32)
    user_id = models.BigIntegerField(null=True)
    key_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=64)
    organisation_id = models.BigIntegerField(null=True)
    organisation_name = models.CharField(max_length=128, blank=True)
    kind = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField(null=True)

    class Meta:
        abstract = True


class Event(Trace):
    """One thing that was done, written in the transaction that did it.

    `note` is what the actor wrote; `data` holds identifiers and values, never personal data in clear.
    `previous_digest` and `digest` hold the chain over `canonical()`.
    """

    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["kind", "at"], name="event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"

    def canonical(self) -> bytes:
        """The row as the same bytes whenever and wherever it is read: sorted keys, UTF-8, +08:00."""
        fields: dict[str, Any] = {
            "at": local(self.at).isoformat(timespec="microseconds"),
            "by": [self.role, self.user_id, self.organisation_id, self.key_id],
            "kind": self.kind,
            "subject": [self.subject_kind, self.subject_id],
            "note": self.note,
            "data": self.data,
            "previous": self.previous_digest,
        }
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


class AccessLog(Trace):
    """One look at personal data: a case or a person opened, a value revealed, a list exported."""

    reason = models.TextField(blank=True)
    address = models.GenericIPAddressField(null=True)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="access_subject"),
            models.Index(fields=["user_id", "at"], name="access_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"
