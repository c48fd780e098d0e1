"""A database to look into."""

from pathlib import Path

import pytest

from tests.support.database import make_database


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path)
