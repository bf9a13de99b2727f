"""The processes of the web server take equal shares of their clients.

A client keeps its connection, and a connection stays with the process that took it. Where few clients ask much (a
gateway in front, a call centre) one process may hold most of them and the other stand idle. Each process writes how
many requests it has under way where all see it; one that has two more than another answers with `Connection: close`,
and the client comes back to whichever process is free to take it.
"""

from __future__ import annotations

import mmap
import multiprocessing
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from typing import Any

PLACES = 64
MORE = 2  # so many more requests under way than another process has
_FIELDS = 2  # process, requests under way


class UnderWay:
    """Requests under way in each of the processes that parted from this one; one word of 32 bits for each figure."""

    def __init__(self) -> None:
        self._founder = os.getpid()
        self._words = memoryview(mmap.mmap(-1, PLACES * _FIELDS * 4)).cast("i")
        self._lock = Lock()
        self._taking = multiprocessing.get_context("fork").Lock()  # seen by all, as the words are
        self._place: int | None = None
        os.register_at_fork(after_in_child=self._take_place)

    def begin(self) -> None:
        """One request more in this process."""
        self._add(1)

    def end(self) -> None:
        """One request less in this process."""
        self._add(-1)

    def is_crowded(self) -> bool:
        """Has another process of the same server at least two requests fewer under way?"""
        if self._place is None:
            return False
        most = self._words[self._place + 1] - MORE
        return any(
            self._words[place + 1] <= most and _lives(self._words[place])
            for place in self._places()
            if place != self._place and self._words[place]
        )

    def _take_place(self) -> None:
        if os.getppid() != self._founder:  # what a web process starts serves no pages
            self._place = None
            return
        self._lock = Lock()
        held = self._taking.acquire(timeout=1)  # whoever was killed in here never lets go
        for place in self._places():
            if not self._words[place] or not _lives(self._words[place]):  # nobody's, or of one that is gone
                self._words[place], self._words[place + 1] = os.getpid(), 0
                self._place = place
                break
        if held:
            self._taking.release()

    def _add(self, change: int) -> None:
        if self._place is not None:
            with self._lock:
                self._words[self._place + 1] += change

    @staticmethod
    def _places() -> range:
        return range(0, PLACES * _FIELDS, _FIELDS)


def balanced(application: Callable[..., Iterable[bytes]], under_way: UnderWay) -> Callable[..., Iterable[bytes]]:
    """The WSGI application that counts what is under way, and sends clients on where this process has too many."""

    def counted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if environ.get("SERVER_PROTOCOL") == "HTTP/1.1" and under_way.is_crowded():
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, *error)

        under_way.begin()
        try:
            return application(environ, start)
        finally:
            under_way.end()

    return counted


def _lives(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False
