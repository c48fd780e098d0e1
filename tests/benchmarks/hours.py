"""Hours of a corporation's life: neither memory nor processor time a minute may grow.

corpsync alone is in this process; the simulator, which remembers what it served, is apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import process_time

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.benchmarks.harness import Plan, Row, Table
from tests.support.apart import simulator_apart
from tests.support.footprint import Footprint
from tests.support.house import free_port, log_in
from tests.support.simulator import Sim
from tests.support.virtual import VirtualClock, WatchedPool, open_watched

HOURS = 3
"""From the first minutes to the last: whole ones, since each renews everything once."""
MINUTES = 10
EVENTS_A_MINUTE = 6
SETTLED = 60
"""Minutes after which everything was read again once, so that caches are full."""


async def measure(plan: Plan, table: Table) -> None:
    """Each minute of the first ten, and of the ten that are hours later."""
    settled, minutes, between = (1, 2, 2) if plan.quick else (SETTLED, MINUTES, 60 * HOURS)
    async with _life(plan.room("hours")) as life:
        await life.pass_by(settled)
        first = await life.pass_by(minutes)
        await life.pass_by(between - minutes)
        last = await life.pass_by(minutes)
    for what, goal, unit, number in (
        ("processor time of a minute", 1.2, "ms", 0),
        ("memory", 3.0, "MiB", 1),
    ):
        table.add(
            Row(
                f"open for {HOURS} hours more: {what}",
                [minute[number] for minute in first],
                [minute[number] for minute in last],
                goal=goal,
                unit=unit,
                difference=unit == "MiB",
            )
        )


class _Life:
    """A scheduled workspace, and the simulator that it asks."""

    def __init__(self, simulator: Sim, clock: VirtualClock) -> None:
        self._simulator, self._clock = simulator, clock

    async def pass_by(self, minutes: int) -> list[tuple[float, float]]:
        """Let minutes pass; of each, milliseconds of processor time, and MiB at its end."""
        return [await self._pass_minute() for _ in range(minutes)]

    async def _pass_minute(self) -> tuple[float, float]:
        before = process_time()
        for _ in range(EVENTS_A_MINUTE):
            self._simulator.tick(1)
            await self._clock.advance(60 / EVENTS_A_MINUTE)
        spent = process_time() - before
        return spent * 1e3, Footprint.now().memory / 2**20


@asynccontextmanager
async def _life(home: Path) -> AsyncIterator[_Life]:
    callback = f"http://127.0.0.1:{free_port()}/callback"
    config = SimulatorConfig(scale=SCALES["full"], redirect_uris=(callback,))
    with simulator_apart(config) as (simulator, clock):
        asyncio.get_running_loop().set_default_executor(WatchedPool(clock))
        async with await open_watched(home, simulator, clock) as workspace:
            await log_in(workspace)
            await workspace.start()
            yield _Life(simulator, clock)
