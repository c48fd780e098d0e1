"""Fixtures that every test may use."""

import gc
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.database import make_database

gc.set_threshold(50_000)  # every test makes much that is dropped whole: fewer looks find it as well
settings.register_profile("any-machine", settings.default, deadline=None)  # it may be busy
settings.load_profile("any-machine")
pytest_plugins = ["tests.support.long", "tests.support.worlds"]


def pytest_collection_finish() -> None:
    """What all tests share is looked through no more."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Nor is what is left at the end, which pytest collects five times."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with all tables and no rows."""
    return make_database(tmp_path)
