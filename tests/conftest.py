"""Fixtures that every test may use."""

import compileall
from pathlib import Path

import pytest

import corpsync_tui
from tests.support.database import make_database

pytest_plugins = ["tests.support.long"]


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once, as an installation does: many tests start it in processes."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(corpsync_tui.__path__[0], quiet=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with all tables and no rows."""
    return make_database(tmp_path)
