"""`corpsync alert` where the address cannot be kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.cli.conftest import Run
from tests.support.database import insert, make_database


def test_what_waits_is_kept_where_a_new_address_is_not(corpsync: Run, home: Path) -> None:
    """The former address is still there, and is sent it."""
    path = make_database(home)
    waiting = {"sink": "discord", "fact": "fuel:1:1", "level": "high", "state": "waiting"}
    insert(path, "alert_outbox", **waiting, payload={}, made=1.0, tries=0, next_try=0.0)
    result = corpsync("alert", "add", "discord", "https://discord.com/api/webhooks/1/x")

    assert (result.returncode, result.stdout) == (1, "")
    assert "keyring" in result.stderr
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT fact, state FROM alert_outbox").fetchall() == [
            ("fuel:1:1", "waiting")
        ]
