"""A store in a folder of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.store.database import Store
from tests.store.tables import MODELS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database lies, or will."""
    return tmp_path / "data" / "corpsync.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    """An open store that owns its folder."""
    opened = Store.open(path, MODELS, clock=Clock(), owner=True)
    yield opened
    opened.close()


@pytest.fixture
async def stores() -> AsyncIterator[list[Store]]:
    """Stores that a test opens by itself; they are closed at its end."""
    opened: list[Store] = []
    yield opened
    for one in opened:
        await one.aclose()
