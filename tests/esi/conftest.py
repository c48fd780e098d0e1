"""A simulator and a connection to it, logged in as the director."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from corpsync_tui.esi.connection import Connection
from tests.support.esi import LeapingClock, Voice, connected, log_in
from tests.support.simulator import Simulator, simulator

__all__ = ["simulator"]


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
