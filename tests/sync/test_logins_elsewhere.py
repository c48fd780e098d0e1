"""What another corpsync logs in or out is looked for every 30 seconds, before the schedule."""

from __future__ import annotations

import pytest

from corpsync_tui.errors import DatabaseError
from corpsync_tui.sync.scheduler import SyncScheduler
from tests.support.sync import Bench, defaults

pytestmark = pytest.mark.anyio


async def test_logins_are_looked_for_every_30_s_and_a_failure_ends_nothing(world: Bench) -> None:
    looks: list[float] = []

    async def logins() -> None:
        looks.append(world.clock.monotonic())
        if len(looks) == 1:
            raise DatabaseError("the database is locked")

    scheduler = SyncScheduler(world.state, world.clock, run=world.runs, logins=logins)
    await scheduler.initialize(defaults("assets"))
    await scheduler.start()
    began = world.clock.monotonic()
    try:
        await world.clock.advance(95)
    finally:
        await scheduler.stop()
    assert [round(look - began) for look in looks] == [30, 60, 90]
