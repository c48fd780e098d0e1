"""A simulator and a connection to it, logged in as the director."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from corpsync_tui.esi.connection import Connection
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from tests.support.esi import LeapingClock, Voice, connected, log_in
from tests.support.noon import noon


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """One at noon, its world still unless told."""
    with Simulator(SimulatorConfig(clock_offset=noon())) as running:
        yield running


@pytest.fixture
def voice() -> Voice:
    return Voice()


@pytest.fixture
def clock(simulator: Simulator) -> LeapingClock:
    return LeapingClock(simulator)


@pytest.fixture
async def connection(
    simulator: Simulator, clock: LeapingClock, tmp_path: Path, anyio_backend: str
) -> AsyncIterator[Connection]:
    log_in(simulator, tmp_path, simulator.character_id)
    async with connected(simulator, tmp_path, clock) as opened:
        yield opened
