"""Fixtures that every test may use."""

import gc
from pathlib import Path

import pytest

from tests.support.database import make_database

gc.set_threshold(50_000)  # every test makes much that is dropped whole: fewer looks find it as well
pytest_plugins = ["tests.support.long"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with all tables and no rows."""
    return make_database(tmp_path)
