"""A laptop that slept, and a clock that was set, with the whole program."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from corpsync_tui.simulator.config import SimulatorConfig
from tests.support.virtual import VirtualHouse, virtual_house

pytestmark = pytest.mark.anyio

HOUR, DAY = 3_600.0, 86_400.0
YEAR = 365 * DAY
AWAKE = 60.0
"""Seconds after waking within which everything has begun."""


async def starts_within(house: VirtualHouse, seconds: float) -> list[tuple[float, str]]:
    """Start and type of every run that began meanwhile, oldest first."""
    known = {run.id for run in await house.workspace.state.get_sync_history(limit=10_000)}
    await house.live(seconds)
    runs = await house.workspace.state.get_sync_history(limit=10_000)
    new = [run for run in runs if run.id not in known]
    return sorted((run.start_time.timestamp(), run.process_type) for run in new)


async def assert_all_well(house: VirtualHouse) -> None:
    for status in house.workspace.state.get_statuses():
        assert (status.status, status.error_count, status.needs) == ("success", 0, None)
    results = {r.result for r in await house.workspace.state.get_sync_history(limit=10_000)}
    assert results == {"success"}


@pytest.mark.parametrize("seconds", [8 * HOUR, 40 * DAY])
async def test_after_a_sleep_each_process_runs_once(tmp_path: Path, seconds: float) -> None:
    async with virtual_house(tmp_path, SimulatorConfig(rotate_refresh_tokens=True)) as house:
        await house.workspace.start()
        await house.live(120)
        await house.sleep(seconds)
        starts = await starts_within(house, AWAKE)
        assert sorted(kind for _, kind in starts) == sorted(house.workspace.processes)
        moments = [moment for moment, _ in starts]
        assert all(later - earlier >= 1 for earlier, later in pairwise(moments))
        await assert_all_well(house)


@pytest.mark.parametrize(
    "seconds",
    [YEAR, -YEAR, *(pytest.param(s, marks=pytest.mark.long) for s in (DAY, -DAY, HOUR, -HOUR))],
)
async def test_a_clock_that_is_set(tmp_path: Path, seconds: float) -> None:
    """This computer's clock leaps, ESI's does not; it is put right an hour later."""
    async with virtual_house(tmp_path) as house:
        await house.workspace.start()
        await house.live(120)
        set_clock(house, seconds)
        wrong = await starts_within(house, HOUR + AWAKE)
        assert 8 <= len(wrong) <= 50
        house.simulator.clear_log()
        set_clock(house, -seconds)
        right = await starts_within(house, 2 * HOUR + AWAKE)
        assert {kind for _, kind in right} == set(house.workspace.processes)
        assert len(right) <= 2 * 40
        now = house.clock.time()
        due = [c.next_run_time for c in house.workspace.scheduler.get_scheduled_processes()]
        assert all(moment and moment.timestamp() < now + 2 * HOUR for moment in due)
        for status in house.workspace.state.get_statuses():
            assert (status.status, status.needs) == ("success", None), status


def set_clock(house: VirtualHouse, seconds: float) -> None:
    """Set this computer's clock; ESI's goes on as it was."""
    house.clock.jump(seconds)
    house.simulator.advance(-seconds)
