"""Changing the key that personal data is sealed with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db import models

from gongqing.audit import events, scope
from gongqing.audit.actor import Actor
from gongqing.lib import crypto
from gongqing.registry.models import sealing

BATCH = 500


def rotate_personal_keys(*, by: Actor, at: datetime) -> int:
    """Put a new key into the key file and seal every value afresh with it; returns how many values were sealed anew.

    Steps: (1) the key file gets a new current key; old keys stay readable, and running processes notice the new file
    by themselves. (2) Row by row, in batches of 500 each in its own transaction, sealed values are rewritten. It may be
    interrupted and run again: what is current is skipped. Blind indexes stay.
    """
    ring = sealing.replace(sealing.ring().with_new_key())
    count = sum(_rotate_column(model, field, context, ring, by) for model, field, context in _sealed_columns())
    with scope.acting_as(by):
        events.record("keys.rotated", subject=_KeyFile(), by=by, at=at, key=ring.current, values=count)
    return count


class _KeyFile:
    pk = None


def _sealed_columns() -> Iterator[tuple[type[models.Model], str, str]]:
    for model in apps.get_models():
        sealed: dict[str, str] = getattr(model, "SEALED", {})
        for field, context in sealed.items():
            yield model, field, context


def _rotate_column(model: type[models.Model], field: str, context: str, ring: crypto.Keyring, by: Actor) -> int:
    count, last = 0, 0
    while True:
        with scope.acting_as(by):
            rows = list(
                model._default_manager.select_for_update()
                .filter(pk__gt=last, **{f"{field}__isnull": False})
                .order_by("pk")
                .only("pk", field)[:BATCH]
            )
            for row in rows:
                sealed = bytes(getattr(row, field))
                if crypto.key_id(sealed) != ring.current:
                    setattr(row, field, crypto.rotate(ring, sealed, context))
                    row.save(update_fields=[field])
                    count += 1
        if not rows:
            return count
        last = rows[-1].pk
