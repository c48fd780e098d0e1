"""The one source of time. Everything that waits or stamps is given a `Clock`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import Event


class Clock:
    """The computer's clock, moved by a fixed offset.

    `offset` is in seconds; tests that set a simulator's clock give corpsync the same one.
    """

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset

    def time(self) -> float:
        """Unix seconds: for rows, expiries and schedules."""
        return time.time() + self.offset

    def now(self) -> datetime:
        """The same instant as an aware UTC datetime."""
        return datetime.fromtimestamp(self.time(), UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards: for durations and back-off."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; a sleeping computer may make it longer."""
        import asyncio  # late: commands that only look tell the time, and never wait

        await asyncio.sleep(max(0.0, seconds))

    async def wait(self, event: Event, seconds: float) -> None:
        """Wait for an event, but no longer than some seconds."""
        import asyncio

        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self.sleep(seconds))]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def to_datetime(seconds: float | None) -> datetime | None:
    """Unix seconds as an aware UTC datetime; None stays None."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def to_seconds(moment: datetime | None) -> float | None:
    """An aware datetime as Unix seconds; None stays None."""
    return None if moment is None else moment.timestamp()
