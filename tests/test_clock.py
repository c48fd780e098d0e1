"""Waiting: for an event or for the time, whichever comes first."""

from __future__ import annotations

import asyncio

import pytest

from corpsync_tui.clock import Clock
from tests.support.esi import LeapingClock

pytestmark = pytest.mark.anyio


async def test_the_event_ends_the_wait() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    async with asyncio.timeout(60):
        await Clock().wait(event, 3_600)

    assert event.is_set()


async def test_the_time_ends_the_wait() -> None:
    clock, event = LeapingClock(), asyncio.Event()
    await clock.wait(event, 3_600)

    assert not event.is_set()
    assert clock.slept == [3_600]
