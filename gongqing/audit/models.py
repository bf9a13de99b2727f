"""The trace: what was done, what was looked at, and what makes a change of either show.

The bound database role may insert and read events, looks and seals, never change or delete one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now

from gongqing.audit import rules


class Trace(models.Model):
    """Who, when, as what: shared by both tables.

    Attributes:
        salt: of `aside_digest`; empty once the aside was erased.
        aside_digest: over what may have to be erased, so that erasing it leaves the digest of the row as it is.
        digest: over the row's form.
        erased_at: when personal data was taken out of the aside.
    """

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
    salt = models.CharField(max_length=32, blank=True)
    aside_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Event(Trace):
    """One thing that was done, written in the transaction that did it.

    `note` is what the actor wrote; `data` holds identifiers and values, never personal data in clear. The events of an
    appeal are chained: `previous_digest` is the digest of the one before, empty for the first and for other subjects.
    """

    note = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    previous_digest = models.CharField(max_length=64, blank=True)

    subject: Any = None  # what it happened to, for listeners that run at once

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="event_subject"),
            models.Index(fields=["kind", "at"], name="event_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"

    def canonical(self) -> bytes:
        """The row as the same bytes whenever and wherever it is read, without anything that may be erased."""
        return rules.form_of_event(self, data=self.data, previous_digest=self.previous_digest)


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

    def canonical(self) -> bytes:
        """The row as the same bytes whenever and wherever it is read, without anything that may be erased."""
        return rules.form_of_look(self, count=self.count)


class ChainHead(models.Model):
    """How long the chain of one subject is and how it ends: the lock of its writers, and what shows a cut-off end."""

    pk = models.CompositePrimaryKey("subject_kind", "subject_id")
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    length = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id} {self.length}"


class DailySeal(models.Model):
    """Everything that stood in the trace at the end of a day in Shanghai, under one signed digest.

    Attributes:
        last_event_id, last_access_id: everything up to them is under this seal or an earlier one.
        event_count, access_count: how many rows this seal adds.
        blocks: of events and of looks, in the order of their numbers: first and last number, count, digest over
            numbers and digests; they tell where a row was changed.
        root: digest over the blocks.
        previous_digest: of the seal before; empty for the first.
        digest: over all of the above.
        signature: HMAC-SM3 over the digest, by a key that the database does not hold.
    """

    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    last_event_id = models.BigIntegerField()
    last_access_id = models.BigIntegerField()
    event_count = models.BigIntegerField()
    access_count = models.BigIntegerField()
    blocks = models.JSONField()
    root = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar[list[str]] = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:8]}"

    def canonical(self) -> bytes:
        """The seal as the same bytes whenever and wherever it is read."""
        return rules.seal_form(
            day=self.day,
            last_event_id=self.last_event_id,
            last_access_id=self.last_access_id,
            event_count=self.event_count,
            access_count=self.access_count,
            root=self.root,
            previous_digest=self.previous_digest,
        )


class Delivery(models.Model):
    """An event that listeners wait to hear of; gone once each has run, or has become a job of its own (待办通知).

    Attributes:
        event_id: an event that is never deleted, so that no key has to be checked.
        listeners: their names, as `audit.events` knows them.
    """

    event_id = models.BigIntegerField()
    listeners = models.JSONField()
    queued_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.event_id} {self.listeners}"
