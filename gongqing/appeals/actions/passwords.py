"""Give an appeal another query password; the one before opens nothing any more."""

from __future__ import annotations

import secrets

from gongqing.appeals.actions.intake import password_digest
from gongqing.appeals.models import Appeal
from gongqing.audit import scope


def renew_query_password(appeal: Appeal) -> str:
    """A fresh password of a locked appeal, kept nowhere in clear. Part of a caller's action, which records."""
    password = f"{secrets.randbelow(1_000_000):06d}"
    with scope.elevated():
        appeal.query_password_digest = password_digest(appeal.code, password)
        appeal.save(update_fields=["query_password_digest"])
    return password
