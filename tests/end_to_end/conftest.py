"""Houses: a logged-in workspace over a simulator."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.house import House, open_house
from tests.support.quiet import quiet_pilot


@pytest.fixture(autouse=True)
def pilot_that_waits_for_the_app() -> Iterator[None]:
    with quiet_pilot():
        yield


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A small corporation: a few pages of each table."""
    async with open_house(tmp_path / "home") as opened:
        yield opened
