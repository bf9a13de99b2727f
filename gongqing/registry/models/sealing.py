"""Which keys are in force now? The key file is read again whenever it changes: a rotation needs no restart."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from gongqing.lib import crypto

_read: dict[tuple[str, int, int], crypto.Keyring] = {}


def ring() -> crypto.Keyring:
    """The key ring of this installation."""
    path = f"{settings.HOME}/keys/keyring.json"
    state = os.stat(path)  # for every value that is sealed: a Path costs more than the look
    version = (path, state.st_mtime_ns, state.st_ino)
    known = _read.get(version)
    if known is None:
        known = crypto.Keyring.from_json(_path().read_text(encoding="utf-8"))
        _read.clear()
        _read[version] = known
    return known


def replace(keyring: crypto.Keyring) -> crypto.Keyring:
    """Put another ring into the key file in one step, readable by its owner alone."""
    path = _path()
    temporary = path.with_suffix(".new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(keyring.to_json())
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    return keyring


def seal(value: str, context: str) -> bytes:
    """The value under the current key."""
    return crypto.encrypt(ring(), value, context)


def open_sealed(sealed: bytes | memoryview, context: str) -> str:
    """The value in clear."""
    return crypto.decrypt(ring(), bytes(sealed), context)


def index_of(context: str, value: str) -> bytes:
    """The keyed digest by which an exact value is found."""
    return crypto.blind_index(ring(), value, context)


def _path() -> Path:
    return Path(settings.HOME) / "keys" / "keyring.json"
