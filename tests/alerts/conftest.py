"""What tests of rules share."""

from pathlib import Path

import pytest

from tests.alerts.support import Home
from tests.support.database import make_database


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A database in which nothing has happened yet."""
    return Home(make_database(tmp_path))
