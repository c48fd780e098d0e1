"""Static data from a server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpsync_tui.settings import Settings, load_settings
from tests.support.static_data import StaticServer, static_server


@pytest.fixture
def server() -> Iterator[StaticServer]:
    with static_server() as served:
        yield served


@pytest.fixture
def settings(tmp_path: Path, server: StaticServer) -> Settings:
    return load_settings({"CORPSYNC_HOME": str(tmp_path), "CORPSYNC_STATIC_URL": server.url})
