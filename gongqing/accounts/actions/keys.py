"""Keys by which partners' programs call the API."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from gongqing.accounts import rules
from gongqing.accounts.models import ApiKey, User
from gongqing.audit import events
from gongqing.audit.actor import Actor
from gongqing.lib import crypto
from gongqing.lib.errors import NotAllowed
from gongqing.registry.rules import plain


@transaction.atomic
def issue_key(
    *,
    user_id: int,
    scopes: Sequence[str],
    note: str,
    by: Actor,
    at: datetime,
    limit_per_minute: int | None = None,
) -> str:
    """A new key that acts as this account: `gq_<prefix>_<secret>`. It is shown this once; only its digest is kept.

    Raises:
        BadInput: on `scopes`.
        NotAllowed: the account is out of use.
    """
    rules.check_administers(by)
    user = User.objects.get(id=user_id)
    if not user.is_active:
        raise NotAllowed("账号已停用，不能发放密钥。")
    prefix = secrets.token_hex(4)
    shown = f"gq_{prefix}_{secrets.token_hex(24)}"
    key = ApiKey.objects.create(
        user=user,
        prefix=prefix,
        digest=crypto.digest(shown.encode()),
        scopes=rules.check_scopes(scopes),
        limit_per_minute=limit_per_minute,
        created_at=at,
        note=plain(note)[:128],
    )
    events.record("key.issued", subject=key, subject_kind="key", by=by, at=at, user=user.pk, scopes=key.scopes)
    return shown


@transaction.atomic
def revoke_key(*, key_id: int, by: Actor, at: datetime) -> ApiKey:
    """Stop a key at once.

    Raises:
        NotAllowed: it was revoked before.
    """
    rules.check_administers(by)
    key = ApiKey.objects.select_for_update().get(id=key_id)
    if key.revoked_at is not None:
        raise NotAllowed("这把密钥已经作废。")
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    events.record("key.revoked", subject=key, subject_kind="key", by=by, at=at, user=key.user_id)
    return key
