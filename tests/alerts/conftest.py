"""What tests of rules and of the outbox share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.support import Home, schedule_all
from tests.support.database import make_database
from tests.support.webhook import Webhook, serving


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A database in which nothing has happened yet."""
    return Home(make_database(tmp_path, schedule_all))


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A webhook on this computer."""
    with serving() as found:
        yield found
