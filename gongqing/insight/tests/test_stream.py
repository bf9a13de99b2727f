"""Does the stream tell every screen what is new to it, and nobody else anything?"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from gongqing.insight.stream.application import ADDRESS, LiveApplication
from gongqing.insight.stream.hub import FullHouseError, Hub, Pace, Picture

FAST = Pace(least=0.0, share=0.0, tick=0.05, echoes=(), most=3, most_each=2)
AT = datetime.fromisoformat("2025-10-13T14:20:00+08:00")
LIMIT = 5.0


@dataclass(frozen=True)
class Screen:
    """A viewer of a view."""

    key: Hashable
    account: Hashable = "somebody"


@dataclass
class City:
    """What there is to count, and how often it was."""

    numbers: dict[Hashable, int] = field(default_factory=dict)
    counted: list[Hashable] = field(default_factory=list)
    fault: Exception | None = None

    async def picture(self, screen: Screen) -> Picture:
        self.counted.append(screen.key)
        if self.fault:
            raise self.fault
        number = self.numbers.get(screen.key, 0)
        return Picture({"now": f"<b>{number}</b>", "map": f"<i>{screen.key}</i>"}, AT)


@dataclass
class Doorman:
    """Knows everybody by the name in their cookie, until they are sent away."""

    known: set[str] = field(default_factory=lambda: {"city", "county", "other", "fourth"})
    screens: dict[str, Screen] = field(default_factory=dict)

    async def watcher(self, cookies: str, area: str) -> Screen | None:
        name = cookies.removeprefix("sessionid=")
        return self.screens.get(name, Screen((name, area), name)) if name in self.known else None

    def may_ask(self, origin: str, host: str) -> bool:
        return origin in ("", "http://127.0.0.1:8000")


class Visit:
    """One request to the application, as a server would make it."""

    def __init__(self, application: LiveApplication, name: str, path: str = ADDRESS, **headers: str) -> None:
        self.status, self.headers, self.text = 0, {}, ""
        self.is_slow = False
        self._gone = asyncio.Event()
        self._news = asyncio.Event()
        given = {
            "host": "127.0.0.1:8001",
            "cookie": f"sessionid={name}",
            **{k.replace("_", "-"): v for k, v in headers.items()},
        }
        path, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": [(key.encode(), value.encode()) for key, value in given.items()],
        }
        self.task = asyncio.create_task(application(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        elif self.is_slow and message.get("more_body"):
            await asyncio.sleep(LIMIT)
        else:
            self.text += message["body"].decode()
        self._news.set()

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What was sent so far: kind and data."""
        found = []
        for block in self.text.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
            if "event" in lines:
                found.append((lines["event"], json.loads(lines["data"])))
        return found

    async def until(self, is_so: Callable[[], Any]) -> Any:
        async with asyncio.timeout(LIMIT):
            while not (found := is_so()):
                self._news.clear()
                await self._news.wait()
        return found

    async def kind(self, wanted: str, *, nth: int = 1) -> dict[str, Any]:
        """The nth event of this kind."""

        def found() -> list[dict[str, Any]]:
            several = [data for kind, data in self.events if kind == wanted]
            return several[nth - 1 : nth]

        return (await self.until(found))[0]

    async def leave(self) -> None:
        self._gone.set()
        async with asyncio.timeout(LIMIT):
            await self.task


Scene = Callable[[City, Doorman, Hub, LiveApplication], Awaitable[None]]


def played(scene: Scene, *, pace: Pace = FAST, **times: float) -> City:
    """Run a scene with a hub that counts beside it."""
    city, doorman = City(), Doorman()

    async def run() -> None:
        hub: Hub[Any] = Hub(city.picture, pace=pace)

        async def nothing() -> None:
            """The scene starts and stops by itself."""

        application = LiveApplication(
            hub, doorman, started=nothing, stopped=nothing, **{"beat": 0.05, "recheck": 60.0, **times}
        )
        counting = asyncio.create_task(hub.run())
        try:
            await scene(city, doorman, hub, application)
        finally:
            hub.close()
            await asyncio.wait_for(counting, LIMIT)

    asyncio.run(run())
    return city


def test_a_screen_gets_everything_then_only_what_changed() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        visit = Visit(application, "city")
        first = await visit.kind("figures")
        assert first["parts"] == {"now": "<b>0</b>", "map": "<i>('city', '')</i>"}
        assert first["at"] == AT.isoformat()
        assert visit.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert visit.headers["cache-control"] == "no-store"
        await visit.kind("beat")
        city.numbers["city", ""] = 1
        hub.stir()
        assert (await visit.kind("figures", nth=2))["parts"] == {"now": "<b>1</b>"}
        await visit.leave()
        assert hub.seat_count == 0

    played(scene)


def test_what_does_not_change_is_not_sent_again() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        visit = Visit(application, "city")
        await visit.kind("figures")
        hub.stir()
        await visit.kind("beat", nth=3)
        assert [kind for kind, _ in visit.events].count("figures") == 1
        await visit.leave()

    played(scene)


@pytest.mark.parametrize("way", ["header", "query"])
def test_who_comes_back_is_told_nothing_twice(way: str) -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        before = Visit(application, "city")
        await before.kind("figures")
        number = next(line.removeprefix("id: ") for line in before.text.splitlines() if line.startswith("id: "))
        back = (
            Visit(application, "city", last_event_id=number)
            if way == "header"
            else Visit(application, "city", f"{ADDRESS}?last={number}")
        )
        await back.kind("beat")
        assert [kind for kind, _ in back.events if kind == "figures"] == []
        await before.leave()
        city.numbers["city", ""] = 5
        hub.stir()
        assert (await back.kind("figures"))["parts"]["now"] == "<b>5</b>"
        await back.leave()

    played(scene)


def test_each_view_is_counted_once_for_all_who_see_it_and_stays_apart() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        city.numbers |= {"shared": 7, ("county", "330203"): 3}
        doorman.screens = {"city": Screen("shared", "a"), "other": Screen("shared", "b")}
        first, second = Visit(application, "city"), Visit(application, "other")
        third = Visit(application, "county", f"{ADDRESS}?area=330203")
        for visit, number in ((first, 7), (second, 7), (third, 3)):
            assert (await visit.kind("figures"))["parts"]["now"] == f"<b>{number}</b>"
        for visit in (first, second, third):
            await visit.leave()

    city = played(scene, pace=Pace(least=60.0, tick=60.0))
    assert sorted(map(str, city.counted)) == ["('county', '330203')", "shared"]


def test_nobody_is_let_in_unknown_from_elsewhere_or_to_another_address() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        for visit, status in (
            (Visit(application, "nobody"), 401),
            (Visit(application, "city", origin="https://evil.example"), 403),
            (Visit(application, "city", "/live/other"), 404),
        ):
            await asyncio.wait_for(visit.task, LIMIT)
            assert visit.status == status
        near = Visit(application, "city", origin="http://127.0.0.1:8000")
        await near.kind("figures")
        assert near.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
        assert near.headers["access-control-allow-credentials"] == "true"
        await near.leave()
        alive = Visit(application, "nobody", "/live/healthz")
        await asyncio.wait_for(alive.task, LIMIT)
        assert alive.status == 200

    assert ("nobody", "") not in played(scene).counted


def test_who_signs_out_is_cut_off_at_the_next_look() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        visit = Visit(application, "city")
        await visit.kind("figures")
        doorman.known.discard("city")
        city.numbers["city", ""] = 9
        assert (await visit.kind("end"))["why"] == "signed-out"
        await asyncio.wait_for(visit.task, LIMIT)
        assert hub.seat_count == 0

    played(scene, recheck=0.1)


def test_who_sees_other_rows_than_before_begins_anew() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        visit = Visit(application, "city")
        await visit.kind("figures")
        doorman.screens["city"] = Screen("less", "city")
        assert (await visit.kind("end"))["why"] == "changed"
        await asyncio.wait_for(visit.task, LIMIT)

    played(scene, recheck=0.1)


def test_a_full_house_says_when_to_come_again() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        visits = [Visit(application, name) for name in ("city", "county", "other")]
        for visit in visits:
            await visit.kind("figures")
        late = Visit(application, "fourth")
        await asyncio.wait_for(late.task, LIMIT)
        assert (late.status, late.headers["retry-after"]) == (503, "30")
        for visit in visits:
            await visit.leave()

    played(scene)


def test_one_account_has_so_many_screens_and_no_more() -> None:
    hub: Hub[Any] = Hub(City().picture, pace=FAST)

    async def scene() -> None:
        seats = [hub.join(Screen(number, "one")) for number in range(2)]
        with pytest.raises(FullHouseError):
            hub.join(Screen(2, "one"))
        hub.leave(seats[0])
        hub.join(Screen(2, "one"))

    asyncio.run(scene())


def test_a_screen_that_takes_nothing_is_dropped_and_the_others_go_on() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        slow, quick = Visit(application, "city"), Visit(application, "county")
        await slow.kind("figures")
        slow.is_slow = True
        city.numbers["county", ""] = 2
        hub.stir()
        await asyncio.wait_for(slow.task, LIMIT)
        assert (await quick.kind("figures", nth=2))["parts"] == {"now": "<b>2</b>"}
        assert hub.seat_count == 1
        await quick.leave()

    played(scene, slowest=0.1)


def test_a_screen_says_that_its_numbers_are_old_while_they_cannot_be_counted() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        visit = Visit(application, "city")
        await visit.kind("figures")
        city.fault = RuntimeError("the database is away")
        hub.stir()
        assert (await visit.kind("stale"))["at"] == AT.isoformat()
        city.fault = None
        city.numbers["city", ""] = 4
        hub.stir()
        assert (await visit.kind("figures", nth=2))["parts"] == {"now": "<b>4</b>"}
        await visit.leave()

    played(scene)


def test_closing_ends_every_stream() -> None:
    async def scene(city: City, doorman: Doorman, hub: Hub, application: LiveApplication) -> None:
        visit = Visit(application, "city")
        await visit.kind("figures")
        hub.close()
        await asyncio.wait_for(visit.task, LIMIT)
        late = Visit(application, "city")
        await asyncio.wait_for(late.task, LIMIT)
        assert late.status == 503

    played(scene)


def test_nothing_is_counted_while_nobody_watches_and_counting_rests() -> None:
    clock = [0.0]
    city = City()

    async def scene() -> None:
        hub: Hub[Any] = Hub(city.picture, pace=Pace(least=1.0, tick=15.0, echoes=(1.5,)), clock=lambda: clock[0])
        hub.stir()
        await hub.count_due()
        assert city.counted == []
        seat = hub.join(Screen("all"))
        counted_at = []
        for tenth in range(400):
            clock[0] = tenth / 10
            if tenth in (50, 52, 54):
                hub.stir()  # three notices in less than a second
            before = len(city.counted)
            await hub.count_due()
            counted_at += [clock[0]] * (len(city.counted) - before)
        hub.leave(seat)
        # at once, the echo of the first notice, the notices with rest and echo, then as time goes by
        assert counted_at == [0.0, 1.5, 5.0, 6.0, 7.0, 22.0, 37.0]

    asyncio.run(scene())


def test_a_view_that_takes_long_rests_long_but_not_for_ever() -> None:
    clock = [0.0]

    async def scene(takes: float) -> float:
        async def picture(screen: Screen) -> Picture:
            clock[0] += takes
            return Picture({}, AT)

        hub: Hub[Any] = Hub(picture, clock=lambda: clock[0])
        seat = hub.join(Screen("all"))
        await hub.count_due()
        return seat.view.resting - clock[0]

    rests = [asyncio.run(scene(takes)) for takes in (0.01, 0.3, 4.0)]
    assert rests == pytest.approx([1.0, 3.0, 5.0])
