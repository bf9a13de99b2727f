"""How does a short message leave the house?

The gateway is a setting (`GONGQING_SMS_GATEWAY`): `console` prints, `file` appends JSON lines to
`GONGQING_HOME/outbox/sms.jsonl`, from where a city's own sender may take them, `http` posts to `GONGQING_SMS_URL`.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from gongqing.lib import crypto, masks, times

logger = logging.getLogger(__name__)

TIMEOUT = 10  # seconds
MOST_ANSWER = 64 * 1024
FINAL = frozenset({400, 409, 410, 422})  # the gateway refuses this message, whenever it is tried


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way out."""

    phone: str
    text: str
    message_id: int | None = None
    template: str = ""


class Refused(Exception):
    """The gateway will never take this message."""


def send(phone: str, text: str, *, message_id: int | None = None, template: str = "") -> str:
    """Hand one message to the gateway that the settings name.

    Args:
        message_id: our number of it, by which the gateway recognises a repeat and speaks of it in receipts.
        template: the number under which the operator has registered these words; empty when it asks for none.

    Returns:
        the gateway's own number; empty when it gives none.

    Raises:
        Refused: the gateway will not take this message.
        OSError: the gateway could not take it now.
        ValueError: the settings name no gateway that we know, or not where it is.
    """
    name = settings.GONGQING.sms_gateway
    if name not in GATEWAYS:
        raise ValueError(f"GONGQING_SMS_GATEWAY must be one of {', '.join(GATEWAYS)}, not {name!r}")
    return GATEWAYS[name](Parcel(phone, text, message_id, template))


def outbox() -> Path:
    """Where the file gateway writes."""
    return Path(settings.HOME) / "outbox" / "sms.jsonl"


def signature(secret: str, moment: str, body: bytes) -> str:
    """HMAC-SM3 over the moment, a line feed and the body, as 64 hexadecimal digits."""
    return crypto.keyed_digest(secret.encode(), moment.encode() + b"\n" + body)


def _to_console(parcel: Parcel) -> str:
    logger.info("短信 %s %s", masks.mask_phone(parcel.phone), parcel.text)
    return ""


def _to_file(parcel: Parcel) -> str:
    path = outbox()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = {"at": times.now().isoformat(), "phone": parcel.phone, "text": parcel.text}
    line = json.dumps(content, ensure_ascii=False) + "\n"
    # one write in append mode: lines of several processes do not mix
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
    return ""


def _to_http(parcel: Parcel) -> str:
    given = settings.GONGQING
    if not given.sms_url.startswith(("https://", "http://")):
        raise ValueError("GONGQING_SMS_URL must begin with https:// or http://")
    content = {"id": parcel.message_id, "phone": parcel.phone, "text": parcel.text, "template": parcel.template}
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", **_proof(given.sms_auth, given.sms_secret, body)}
    try:
        with _opener.open(Request(given.sms_url, body, headers), timeout=TIMEOUT) as answer:  # noqa: S310
            return _number_in(answer.read(MOST_ANSWER))
    except HTTPError as fault:
        words = f"HTTP {fault.code} {_words_in(fault)}".strip()
        if fault.code in FINAL:
            raise Refused(words) from fault
        raise OSError(words) from fault
    except HTTPException as fault:
        raise OSError(type(fault).__name__) from fault


class _NoRedirect(HTTPRedirectHandler):
    """Phone and secret go to the address in the settings and to no other."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = build_opener(_NoRedirect)


def _proof(kind: str, secret: str, body: bytes) -> dict[str, str]:
    if not secret:
        raise ValueError("GONGQING_SMS_SECRET must be set for the http gateway")
    if kind == "bearer":
        if not (secret.isascii() and secret.isprintable()):
            raise ValueError("GONGQING_SMS_SECRET must be printable ASCII for bearer")
        return {"Authorization": f"Bearer {secret}"}
    if kind != "hmac":
        raise ValueError(f"GONGQING_SMS_AUTH must be hmac or bearer, not {kind!r}")
    moment = times.now().isoformat(timespec="seconds")
    return {"X-Gongqing-Time": moment, "X-Gongqing-Signature": f"sm3={signature(secret, moment, body)}"}


def _number_in(answer: bytes) -> str:
    """The gateway's number in `{"id": …}`; a gateway that answers otherwise gives none."""
    try:
        content = json.loads(answer)
    except ValueError:
        return ""
    number = content.get("id") if isinstance(content, dict) else None
    return str(number)[:64] if isinstance(number, str | int) else ""


def _words_in(fault: HTTPError) -> str:
    try:
        return fault.read(200).decode(errors="replace")
    except OSError:
        return ""


GATEWAYS: dict[str, Callable[[Parcel], str]] = {
    "console": _to_console,
    "file": _to_file,
    "http": _to_http,
}
