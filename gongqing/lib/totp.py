"""Does a six-digit code of an authenticator open, and which time step was it of?

RFC 6238 with what every authenticator understands: HMAC-SHA-1, six digits, thirty seconds.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

SECRET_BYTES = 20
DIGITS = 6
SECONDS = 30
SKEW = 1  # steps that a phone's clock may be off, either way


def step_at(at: datetime) -> int:
    """The time step of a moment."""
    return int(at.timestamp()) // SECONDS


def code_of(secret: bytes, step: int) -> str:
    """The code of a time step."""
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()  # noqa: S303  # what authenticators speak


def matching_step(secret: bytes, code: str, at: datetime, *, after: int | None) -> int | None:
    """The time step that this code belongs to, within the skew of clocks; None when it belongs to none.

    Args:
        after: the last step that was used: no step opens twice.
    """
    here = step_at(at)
    found = None
    for step in range(here - SKEW, here + SKEW + 1):
        if _same(code_of(secret, step), code) and (after is None or step > after):
            found = step
    return found


def words_of(secret: bytes) -> str:
    """The secret as it is typed into an authenticator: base 32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def address_of(secret: bytes, *, account: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator reads from a QR code."""
    label = quote(f"{issuer}:{account}")
    asked = urlencode({"secret": words_of(secret).replace(" ", ""), "issuer": issuer})
    return f"otpauth://totp/{label}?{asked}"


def _same(one: str, other: str) -> bool:
    """Compares in a time that does not tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
