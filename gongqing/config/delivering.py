"""The loop of the job process that lets listeners hear of what was recorded."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from datetime import timedelta

from django.db import DatabaseError, connection

from gongqing.audit import delivery

GATHERING = 0.25  # seconds in which what is recorded comes together for one batch
RIPE = timedelta(seconds=0.5)  # after which whoever acted has mostly ended the next step, too
QUIET = 1.0  # between two looks when nothing has been recorded for long
QUIET_AFTER = 60.0
WITHOUT_DATABASE = 2.0

logger = logging.getLogger(__name__)


class Deliverer(threading.Thread):
    """Takes batches until it is asked to stop; when it ends otherwise, the whole process is asked to end."""

    def __init__(self) -> None:
        super().__init__(name="deliverer", daemon=True)
        self._stopping = threading.Event()

    def stop(self, timeout: float | None = None) -> None:
        """Finish the batch at hand and end."""
        self._stopping.set()
        self.join(timeout)

    def run(self) -> None:
        """See the class."""
        try:
            self._work()
        finally:
            connection.close()
            if not self._stopping.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

    def _work(self) -> None:
        last, pause = time.monotonic(), 0.0
        while not self._stopping.wait(pause):
            try:
                found = delivery.deliver_batch(after=RIPE) if delivery.is_waiting() else 0
            except DatabaseError:
                logger.warning("no listener can be run", exc_info=True)
                connection.close()
                pause = WITHOUT_DATABASE
                continue
            now = time.monotonic()
            last = now if found else last
            is_behind = found >= delivery.MOST
            pause = 0.0 if is_behind else GATHERING if now - last < QUIET_AFTER else QUIET
