"""Who watches, what may they see, and what is on their screen? Runs in threads, beside the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import parse_cookie
from django.http.request import validate_host

from gongqing.accounts import middleware
from gongqing.audit import scope
from gongqing.audit.actor import Actor
from gongqing.audit.scope import sees_all
from gongqing.insight.queries import cockpit as queries
from gongqing.insight.rules import cockpit as rules
from gongqing.insight.stream import counters
from gongqing.insight.stream.drawing import parts_of
from gongqing.insight.stream.hub import Picture
from gongqing.lib import times
from gongqing.lib.errors import NotFound, NotPermitted

THREADS = 2

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody in front of a cockpit.

    Attributes:
        area: the code of the county that is looked into; empty for all.
        is_hung: the screen may open nothing but the cockpit, so nothing on it leads elsewhere.
    """

    actor: Actor
    area: str = ""
    is_hung: bool = False

    @property
    def key(self) -> Hashable:
        """Who sees every row sees what all of them see."""
        mine = "all" if sees_all(self.actor) else (self.actor.user_id, self.actor.organisation_id, self.actor.paths)
        return mine, self.area, self.is_hung

    @property
    def account(self) -> Hashable:
        """The account, for the limit of screens."""
        return self.actor.user_id


def picture_for(watcher: Watcher) -> Picture:
    """What this viewer's screen shows now, counted in the viewer's own scope."""
    at = times.now()
    with scope.acting_as(watcher.actor):
        wall = queries.wall(watcher.actor, at, queries.area_of(watcher.actor, watcher.area))
        return Picture(parts_of(wall, may_open=not watcher.is_hung), at)


def watcher_of(cookies: str, area: str) -> Watcher | None:
    """Who sent these cookies; None for nobody, for whom the cockpit is not, or for what is out of sight."""
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    if not key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    with transaction.atomic():
        actor = middleware.actor_of_session(session, times.now())
        try:
            rules.check_can_watch(actor)
            with scope.acting_as(actor):
                queries.area_of(actor, area)
        except (NotPermitted, NotFound):
            return None
    return Watcher(actor, area, is_hung=middleware.is_hung(session))


class Sight:
    """Asks the database in threads of its own, so that the stream never waits for it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="cockpit")

    async def picture(self, watcher: Watcher) -> Picture:
        """What a screen shows."""
        begun = time.monotonic()
        found = await self._asked(lambda: picture_for(watcher))
        counters.COUNTED.inc()
        counters.SECONDS.inc(time.monotonic() - begun)
        return found

    async def watcher(self, cookies: str, area: str) -> Watcher | None:
        """Who this is; None for nobody who may look."""
        return await self._asked(lambda: watcher_of(cookies, area))

    def may_ask(self, origin: str, host: str) -> bool:
        """A page of the same address, of the web server's port on the same host, or of the site's own address."""
        here, there = urlsplit(f"//{host}"), urlsplit(origin)
        if not validate_host(here.hostname or "", settings.ALLOWED_HOSTS):
            return False
        if not origin or there.netloc == here.netloc or origin == settings.GONGQING.site_url:
            return True
        return there.hostname == here.hostname and there.port == settings.GONGQING.web_port

    def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _asked(self, question: Callable[[], T]) -> T:
        def answered() -> T:
            try:
                return question()
            except (OperationalError, InterfaceError):  # a connection that broke unseen: once more with another
                connection.close()
                return question()
            finally:
                connection.close()  # back into the pool

        return await asyncio.get_running_loop().run_in_executor(self._threads, answered)
