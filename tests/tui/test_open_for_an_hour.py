"""The app left open for an hour, in a time that passes as fast as it is lived: it stays small."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.service.holder import open_service
from corpsync_tui.service.local import LocalService
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.tui.app import CorpsyncApp, Spawn
from corpsync_tui.workspace import Workspace
from tests.support.apart import simulator_apart
from tests.support.footprint import Footprint
from tests.support.house import free_port, log_in, settings_for
from tests.support.long import Tally
from tests.support.virtual import WatchedPool, watch

pytestmark = [pytest.mark.anyio, pytest.mark.long]

SETTLED = 65
"""Minutes after which all that is synced each hour was renewed once, and every screen seen."""
MINUTES = 60
"""After these, for which nobody touches it."""
EVENTS_A_MINUTE = 6
MEMORY = 3 * 2**20
"""Bytes that the process may grow by after that."""


async def test_what_is_open_for_an_hour_does_not_grow(tmp_path: Path, tally: Tally) -> None:
    callback = f"http://127.0.0.1:{free_port()}/callback"
    config = SimulatorConfig(
        scale=replace(SCALES["small"], page_size=1_000), redirect_uris=(callback,)
    )
    with simulator_apart(config) as (simulator, clock):
        asyncio.get_running_loop().set_default_executor(WatchedPool(clock))
        settings = settings_for(tmp_path, simulator, callback)
        with clock.busy():
            async with await Workspace.open(
                settings, clock, command="corpsync login", hold=False
            ) as workspace:
                await log_in(workspace)

        def opened(spawn: Spawn) -> AbstractAsyncContextManager[LocalService]:
            return open_service(settings, clock, spawn, ALL)

        app = CorpsyncApp(opened, clock=clock)
        async with app.run_test(size=(140, 40)) as pilot:
            service = await app.opened()
            assert isinstance(service, LocalService)
            watch(service._workspace, clock)
            footprints: list[Footprint] = []
            for minute in tally.rounds("minutes open", SETTLED + MINUTES + 1):
                simulator.tick(EVENTS_A_MINUTE)
                await clock.advance(60)
                if minute < SETTLED:
                    await pilot.press(*"2345671"[minute % 7])
                if minute in (SETTLED, SETTLED + MINUTES):
                    footprints.append(Footprint.now())
            await pilot.press("q")
    assert app._exception is None
    if len(footprints) == 2:
        before, after = footprints
        tally.count("KiB grown", (after.memory - before.memory) // 1024)
        assert before.grown_to(after) == {}
        assert after.memory - before.memory < MEMORY
