"""Homes of a logged-in director, for programs that are killed, stopped and starved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.durability.homes import Home, logged_in


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A small corporation's."""
    with logged_in(tmp_path / "home") as opened:
        yield opened
