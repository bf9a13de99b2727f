"""How does the live process hear that something was done? By one connection that listens, for all screens together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg

CHANNEL, NAME = "gongqing_live", "gongqing-live"
PATIENCE = (1.0, 2.0, 5.0, 10.0)
SILENCE = 30.0  # after this long without a word the connection is asked whether it still lives

log = logging.getLogger(__name__)


async def listen(url: str, heard: Callable[[], None], *, told: Callable[[bool], None] = lambda up: None) -> None:
    """Listen for ever; a connection that breaks is opened again.

    Args:
        heard: called at every notice, and at every new connection, since something may have been missed before it.
        told: called with whether there is a connection.
    """
    tries = 0
    while True:
        try:
            opening = psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5, application_name=NAME)
            async with await opening as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                tries = 0
                told(True)
                heard()
                await _hear(connection, heard)
        except (psycopg.Error, OSError) as fault:
            told(False)
            if not tries:
                log.warning("the cockpit hears nothing from the database: %s", str(fault) or type(fault).__name__)
        await asyncio.sleep(PATIENCE[min(tries, len(PATIENCE) - 1)])
        tries += 1


async def _hear(connection: psycopg.AsyncConnection[tuple[object, ...]], heard: Callable[[], None]) -> None:
    while True:
        is_silent = True
        async for _ in connection.notifies(timeout=SILENCE, stop_after=1):
            is_silent = False
            heard()
        if is_silent:
            await asyncio.wait_for(connection.execute("SELECT 1"), 10)
