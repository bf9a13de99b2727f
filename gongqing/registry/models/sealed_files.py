"""Where do whole files with personal data lie? Sealed under `GONGQING_HOME/sealed`, known by a random key."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from django.conf import settings

from gongqing.registry.models import sealing


def keep_sealed(content: bytes, context: str) -> str:
    """Write the content, sealed, whole or not at all; returns the key under which it is found."""
    key = secrets.token_hex(24)
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealing.seal(base64.b64encode(content).decode(), context))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:  # a full disk: leave no half of it behind
        temporary.unlink(missing_ok=True)
        raise
    return key


def open_kept(key: str, context: str) -> bytes:
    """The content again.

    Raises:
        FileNotFoundError: it was dropped.
        CannotDecrypt: it was altered, or kept for something else.
    """
    return base64.b64decode(sealing.open_sealed(_path(key).read_bytes(), context))


def drop_sealed(key: str) -> None:
    """Remove a file that is needed no longer; one that is gone already is no fault."""
    _path(key).unlink(missing_ok=True)


def _path(key: str) -> Path:
    if not key.isalnum():
        raise FileNotFoundError(key)
    return Path(settings.HOME) / "sealed" / key[:2] / key
