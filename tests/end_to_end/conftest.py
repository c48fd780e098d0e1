"""Houses: a logged-in workspace over a simulator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from tests.support.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A small corporation: a few pages of each table."""
    async with open_house(tmp_path / "home") as opened:
        yield opened


@pytest.fixture
async def full_house(tmp_path: Path) -> AsyncIterator[House]:
    """The corporation that acceptance is measured against: 180 members, 4,300 assets."""
    async with open_house(tmp_path / "home", SimulatorConfig(scale=SCALES["full"])) as opened:
        yield opened
