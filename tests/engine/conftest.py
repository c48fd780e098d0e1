"""A house whose processes a test declares itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from corpsync_tui.catalog.kit.dataset import Dataset
from tests.engine.declared import process_of
from tests.support.house import House, open_house

OpenHouse = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def house_of(tmp_path: Path) -> OpenHouse:
    """Open a house with one process, `things`, of these data sets; twice is a restart."""

    def opened(*datasets: Dataset) -> AbstractAsyncContextManager[House]:
        return open_house(tmp_path / "home", processes=[process_of(*datasets)])

    return opened
