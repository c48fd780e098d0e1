"""Houses: a logged-in workspace over a simulator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A small corporation: a few pages of each table."""
    async with open_house(tmp_path / "home") as opened:
        yield opened
