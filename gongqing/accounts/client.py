"""How does a short message leave the house?

The gateway is a setting (`GONGQING_SMS_GATEWAY`): `console` prints, `file` appends JSON lines to
`GONGQING_HOME/outbox/sms.jsonl`, from where a city's own sender may take them.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from gongqing.lib import masks, times

logger = logging.getLogger(__name__)


def send(phone: str, text: str) -> None:
    """Hand one message to the gateway that the settings name.

    Raises:
        OSError: the gateway could not take it.
        ValueError: the settings name no gateway that we know.
    """
    name = settings.GONGQING.sms_gateway
    if name not in GATEWAYS:
        raise ValueError(f"GONGQING_SMS_GATEWAY must be one of {', '.join(GATEWAYS)}, not {name!r}")
    GATEWAYS[name](phone, text)


def outbox() -> Path:
    """Where the file gateway writes."""
    return Path(settings.HOME) / "outbox" / "sms.jsonl"


def _to_console(phone: str, text: str) -> None:
    logger.info("短信 %s %s", masks.mask_phone(phone), text)


def _to_file(phone: str, text: str) -> None:
    path = outbox()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = json.dumps({"at": times.now().isoformat(), "phone": phone, "text": text}, ensure_ascii=False) + "\n"
    # one write in append mode: lines of several processes do not mix
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)


GATEWAYS: dict[str, Callable[[str, str], None]] = {"console": _to_console, "file": _to_file}
