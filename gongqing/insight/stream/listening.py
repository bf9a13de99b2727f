"""How does the live process hear that something was done? By one connection that listens, for all screens together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psycopg

CHANNEL = "gongqing_live"
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
            async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=5) as connection:
                await connection.execute(f"LISTEN {CHANNEL}")
                tries = 0
                told(True)
                heard()
                await _hear(connection, heard)
        except (psycopg.Error, OSError) as fault:
            told(False)
            if not tries:
                log.warning("the cockpit hears nothing from the database: %s", str(fault).splitlines()[0])
        await asyncio.sleep(PATIENCE[min(tries, len(PATIENCE) - 1)])
        tries += 1


async def _hear(connection: psycopg.AsyncConnection[tuple[object, ...]], heard: Callable[[], None]) -> None:
    while True:
        async for _ in connection.notifies(timeout=SILENCE, stop_after=1):
            heard()
        await asyncio.wait_for(connection.execute("SELECT 1"), 10)
