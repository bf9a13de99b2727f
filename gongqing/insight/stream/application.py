"""The live stream as an ASGI application: server-sent events, one address, nothing else.

`figures` carries the parts of the page that are new to this screen, `beat` the moment of which the numbers speak,
`stale` that they could not be counted since, `end` that this screen was signed out. The id of an event is the digest of
the picture; who comes back with it is told nothing twice.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from gongqing.insight.stream import counters
from gongqing.insight.stream.hub import FullHouseError, Hub, Seat
from gongqing.insight.stream.viewing import Watcher
from gongqing.lib import times

ADDRESS = "/live/cockpit"
ALIVE = "/live/healthz"
BEAT, RECHECK, SLOWEST, RETRY = 15.0, 60.0, 20.0, 3000
PLAIN = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

log = logging.getLogger(__name__)
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Door(Protocol):
    """Who comes in: answered from the session of the request, and asked again while they stay."""

    async def watcher(self, cookies: str, area: str) -> Watcher | None:
        """Who this is; None for nobody who may look."""

    def may_ask(self, origin: str, host: str) -> bool:
        """Whether a page of this origin may read the stream."""


class LiveApplication:
    """Serves the stream; `started` and `stopped` run with the process."""

    def __init__(
        self,
        hub: Hub[Watcher],
        door: Door,
        *,
        started: Callable[[], Awaitable[None]],
        stopped: Callable[[], Awaitable[None]],
        beat: float = BEAT,
        recheck: float = RECHECK,
        slowest: float = SLOWEST,
    ) -> None:
        self._hub, self._door = hub, door
        self._started, self._stopped = started, stopped
        self._beat, self._recheck, self._slowest = beat, recheck, slowest

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._started()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._stopped()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if scope["path"] == ALIVE and scope["method"] == "GET":
            await _refuse(send, 200, "ok")
            return
        if scope["path"] != ADDRESS or scope["method"] != "GET":
            await _refuse(send, 404, "没有这个地址。")
            return
        origin = headers.get("origin", "")
        if not self._door.may_ask(origin, headers.get("host", "")):
            await _refuse(send, 403, "不能从别的网站查看。")
            return
        allowed = _allowed(origin)
        cookies, area = headers.get("cookie", ""), asked.get("area", [""])[0][:12]
        try:
            watcher = await self._door.watcher(cookies, area)
        except Exception as fault:  # whatever it was, the screen comes again
            log.warning("nobody could be let in: %s", fault)
            await _refuse(send, 503, "暂时没有应答，请稍后再试。", [*allowed, (b"retry-after", b"5")])
            return
        if watcher is None:
            await _refuse(send, 401, "请先登录。", allowed)
            return
        try:
            seat = self._hub.join(watcher)
        except FullHouseError:
            counters.REFUSED.inc()
            await _refuse(send, 503, "同时看的屏幕太多，请稍后再试。", [*allowed, (b"retry-after", b"30")])
            return
        known = headers.get("last-event-id", "") or asked.get("last", [""])[0]
        counters.SCREENS.set(self._hub.seat_count)
        try:
            await self._serve(seat, known, receive, Line(send, self._slowest), [*STREAM, *allowed], (cookies, area))
        finally:
            self._hub.leave(seat)
            counters.SCREENS.set(self._hub.seat_count)

    async def _serve(
        self,
        seat: Seat[Watcher],
        known: str,
        receive: Receive,
        line: Line,
        headers: list[tuple[bytes, bytes]],
        asked: tuple[str, str],
    ) -> None:
        gone = asyncio.create_task(_disconnected(receive))
        telling = asyncio.create_task(self._tell(seat, known, line, headers, asked))
        try:
            await asyncio.wait({gone, telling}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (gone, telling):
                task.cancel()
            for task in (gone, telling):
                with suppress(asyncio.CancelledError, TimeoutError, OSError, RuntimeError):
                    await task

    async def _tell(
        self, seat: Seat[Watcher], known: str, line: Line, headers: list[tuple[bytes, bytes]], asked: tuple[str, str]
    ) -> None:
        await line.open(headers)
        told: Mapping[str, str] = {}
        loop = asyncio.get_running_loop()
        recheck = loop.time() + self._recheck
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(seat.news.wait(), min(self._beat, max(0.0, recheck - loop.time())))
            is_new = seat.news.is_set()
            seat.news.clear()
            if self._hub.is_closing:
                await line.close()
                return
            if loop.time() >= recheck:
                recheck = loop.time() + self._recheck
                try:
                    again = await self._door.watcher(*asked)
                except Exception:  # nobody can be asked: the numbers stand still too, so nothing new is shown
                    again, recheck = seat.viewer, loop.time() + self._beat
                if again is None or again.key != seat.viewer.key:
                    await line.event("end", {"why": "signed-out" if again is None else "changed"})
                    await line.close()
                    return
            view = seat.view
            if view.picture is None:
                await line.event("stale" if view.is_broken else "wait", {"at": ""})
                continue
            at = view.picture.at.isoformat()
            if view.is_broken:
                await line.event("stale", {"at": at})
                continue
            if is_new and view.digest != known:
                new = {name: text for name, text in view.picture.parts.items() if told.get(name) != text}
                await line.event("figures", {"at": at, "parts": new}, name=view.digest)
                told, known = view.picture.parts, view.digest
                counters.PICTURES.inc()
            else:
                await line.event("beat", {"at": at})


class Line:
    """The way to one screen; who does not read for too long is cut off."""

    def __init__(self, send: Send, slowest: float) -> None:
        self._send, self._slowest = send, slowest

    async def open(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Begin the answer."""
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        await self._write(f"retry: {RETRY}\n\n")

    async def event(self, kind: str, data: Mapping[str, Any], *, name: str = "") -> None:
        """Send one event.

        Raises:
            TimeoutError: the screen takes nothing.
        """
        numbered = f"id: {name}\n" if name else ""
        text = json.dumps({**data, "now": times.now().isoformat()}, ensure_ascii=False)
        await self._write(f"{numbered}event: {kind}\ndata: {text}\n\n")

    async def close(self) -> None:
        """End the answer."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _write(self, text: str) -> None:
        message = {"type": "http.response.body", "body": text.encode(), "more_body": True}
        try:
            await asyncio.wait_for(self._send(message), self._slowest)
        except TimeoutError:
            counters.DROPPED.inc()
            raise


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, status: int, words: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*PLAIN, *(headers or [])]})
    await send({"type": "http.response.body", "body": words.encode(), "more_body": False})


def _allowed(origin: str) -> list[tuple[bytes, bytes]]:
    """The headers that let a page on the other port of this machine read the answer."""
    if not urlsplit(origin).hostname:
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
