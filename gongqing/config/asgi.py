"""The live stream, as Granian runs it: one process beside the pages (`insight.stream`)."""

import asyncio
import os
import signal
from functools import partial
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongqing.config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from gongqing.insight.stream import counters  # noqa: E402
from gongqing.insight.stream.application import LiveApplication  # noqa: E402
from gongqing.insight.stream.hub import Hub  # noqa: E402
from gongqing.insight.stream.listening import listen  # noqa: E402
from gongqing.insight.stream.viewing import Sight, Watcher  # noqa: E402

_sight = Sight()
_hub: Hub[Watcher] = Hub(_sight.picture)
_tasks: list[asyncio.Task[None]] = []


async def _start() -> None:
    url = settings.GONGQING.database_url
    _tasks.append(asyncio.create_task(_hub.run()))
    _tasks.append(asyncio.create_task(listen(url, _hub.stir, told=counters.LISTENING.set)))
    _end_streams_first(asyncio.get_running_loop())


def _end_streams_first(loop: asyncio.AbstractEventLoop) -> None:
    """Close the hub as soon as the server is asked to stop: it waits for its streams, which would never end."""
    known: dict[int, Any] = getattr(loop, "_signal_handlers", {})
    for number in (signal.SIGTERM, signal.SIGINT):
        if (before := known.get(number)) is not None:
            loop.add_signal_handler(number, partial(_stop_streams, before._callback, *before._args))


def _stop_streams(then: Any, *arguments: Any) -> None:
    _hub.close()
    then(*arguments)


async def _stop() -> None:
    _hub.close()
    for task in _tasks:
        task.cancel()
    await asyncio.gather(*_tasks, return_exceptions=True)
    _sight.close()


application = LiveApplication(_hub, _sight, started=_start, stopped=_stop)
