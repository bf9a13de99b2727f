"""Who is watching, what did they see last, and when is it counted again?

Whoever sees the same rows at the same place shares one view: it is counted once for all of them. A seat holds the
newest picture alone, so a slow screen skips pictures and nothing piles up. Nobody watching, nothing counted.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Awaitable, Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

log = logging.getLogger(__name__)


class Viewer(Protocol):
    """Somebody in front of a screen."""

    @property
    def key(self) -> Hashable:
        """The same for all who see the same picture."""

    @property
    def account(self) -> Hashable:
        """Whose screen it is."""


V = TypeVar("V", bound=Viewer)


@dataclass(frozen=True, slots=True)
class Picture:
    """What a screen shows: the parts of its page by name, and the moment of which they speak."""

    parts: Mapping[str, str]
    at: datetime

    @property
    def digest(self) -> str:
        """The same for pictures with the same parts, whenever they were taken."""
        text = json.dumps(dict(self.parts), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class FullHouseError(Exception):
    """No further screen can be served now."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often, in seconds, and how many.

    Attributes:
        least: between two counts of one view.
        share, longest: a view that takes long to count rests this many times as long, but no longer than `longest`.
        tick: a view is counted anew after this long even if nothing was heard: time itself makes cases late.
        echoes: after something was heard, count again after these: others may have committed meanwhile, unheard.
        most, most_each: screens in all and of one account.
    """

    least: float = 1.0
    share: float = 10.0
    longest: float = 5.0
    tick: float = 15.0
    echoes: tuple[float, ...] = (1.5, 4.0)
    most: int = 200
    most_each: int = 12


@dataclass(eq=False)
class Seat(Generic[V]):
    """One screen. `news` is set when `view` has something that this screen has not been told."""

    viewer: V
    view: View[V]
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(eq=False)
class View(Generic[V]):
    """What all viewers of one key share.

    Attributes:
        picture: the newest; None before the first count.
        digest: of the newest picture.
        is_broken: the last count failed, the picture is older than it says.
        due: when it is to be counted again, on the monotonic clock.
        resting: not to be counted before.
    """

    seats: set[Seat[V]] = field(default_factory=set)
    picture: Picture | None = None
    digest: str = ""
    is_broken: bool = False
    due: float = 0.0
    resting: float = 0.0


class Hub(Generic[V]):
    """Counts for those who watch, one view after the other, and tells every seat."""

    def __init__(
        self,
        count: Callable[[V], Awaitable[Picture]],
        *,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pace = pace or Pace()
        self.is_closing = False
        self._count, self._clock = count, clock
        self._views: dict[Hashable, View[V]] = {}
        self._stirred = asyncio.Event()
        self._echoes: list[float] = []

    @property
    def seat_count(self) -> int:
        """How many screens are served."""
        return sum(len(view.seats) for view in self._views.values())

    def join(self, viewer: V) -> Seat[V]:
        """Take a seat.

        Raises:
            FullHouseError: there are as many screens as may be, in all or of this account.
        """
        mine = sum(seat.viewer.account == viewer.account for view in self._views.values() for seat in view.seats)
        if self.is_closing or self.seat_count >= self.pace.most or mine >= self.pace.most_each:
            raise FullHouseError
        view = self._views.setdefault(viewer.key, View())
        seat = Seat(viewer, view)
        view.seats.add(seat)
        if view.picture is not None:
            seat.news.set()
        self._stirred.set()
        return seat

    def leave(self, seat: Seat[V]) -> None:
        """Give the seat back; a view that nobody watches is forgotten."""
        seat.view.seats.discard(seat)
        if not seat.view.seats and self._views.get(seat.viewer.key) is seat.view:
            del self._views[seat.viewer.key]

    def stir(self) -> None:
        """Something was done: count every view again, now and a little later."""
        now = self._clock()
        for view in self._views.values():
            view.due = min(view.due, now)
        self._echoes = [now + after for after in self.pace.echoes]
        self._stirred.set()

    def close(self) -> None:
        """Serve nobody any more; every seat is told."""
        self.is_closing = True
        for view in self._views.values():
            for seat in view.seats:
                seat.news.set()
        self._stirred.set()

    async def run(self) -> None:
        """Count whatever is due until the hub is closed."""
        while not self.is_closing:
            self._stirred.clear()
            await self.count_due()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stirred.wait(), self._wait())

    async def count_due(self) -> None:
        """Count every view that is due and has rested."""
        now = self._clock()
        if passed := [moment for moment in self._echoes if moment <= now]:
            self._echoes = [moment for moment in self._echoes if moment > now]
            for view in self._views.values():
                view.due = min(view.due, passed[-1])
        for view in list(self._views.values()):
            if view.seats and max(view.due, view.resting) <= self._clock():
                await self._count_one(view)

    def _wait(self) -> float:
        """Until something is due."""
        moments = [max(view.due, view.resting) for view in self._views.values() if view.seats]
        moments += self._echoes if moments else []
        return max(0.05, min(moments) - self._clock()) if moments else 3600.0

    async def _count_one(self, view: View[V]) -> None:
        begun = self._clock()
        view.due = begun + self.pace.tick
        viewer = next(iter(view.seats)).viewer
        try:
            picture = await self._count(viewer)
        except Exception as fault:  # whatever it was: the screens say since when they are old, and it is tried again
            log.warning("the cockpit could not be counted: %s", fault)
            changed, view.is_broken = not view.is_broken, True
            view.due = begun + min(self.pace.tick, 3 * self.pace.least)
        else:
            changed = view.is_broken or picture.digest != view.digest
            view.picture, view.digest, view.is_broken = picture, picture.digest, False
        took = self._clock() - begun
        view.resting = self._clock() + max(self.pace.least, min(took * self.pace.share, self.pace.longest))
        if changed:
            for seat in view.seats:
                seat.news.set()
