"""What does one line of the log say of a request that was refused for its form?

Anybody who reaches the port can send a wrong `Host` or a broken form as often as they like. Each kind makes one line a
minute without a traceback, which says how many more there were.
"""

from __future__ import annotations

import logging
import time
from threading import Lock

REFUSED = "django.security."
EVERY_SECONDS = 60
SAID = {
    "DisallowedHost": "请求用的域名不在 GONGQING_ALLOWED_HOSTS 里，已拒绝",
    "csrf": "表单没有通过来源核对，已拒绝；常有时请看代理有没有传对 Host 和 X-Forwarded-Proto",
}


class RefusedRequests(logging.Filter):
    """Lets one line a minute through for each kind of refused request, as a warning."""

    def __init__(self) -> None:
        super().__init__()
        self._lock, self._next, self._left_out = Lock(), dict[str, float](), dict[str, int]()

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(REFUSED):
            return True
        with self._lock:
            now = time.monotonic()
            if now < self._next.get(record.name, 0.0):
                self._left_out[record.name] = self._left_out.get(record.name, 0) + 1
                return False
            self._next[record.name] = now + EVERY_SECONDS
            more = self._left_out.pop(record.name, 0)
        kind = record.name.removeprefix(REFUSED)
        said = SAID.get(kind, f"请求的格式不对，已拒绝（{kind}）")
        record.levelno, record.levelname = logging.WARNING, "WARNING"
        record.msg, record.args = said + (f"；上一分钟另有 {more} 次" if more else ""), ()
        record.exc_info = record.exc_text = None
        return True
