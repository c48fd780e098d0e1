"""What the tests of the orchestration share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.sync import Bench, bench
from tests.support.virtual import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def world(anyio_backend: str, tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Bench]:
    async with bench(tmp_path, clock) as made:
        yield made
