"""The way back from a backup, as the README tells it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.durability.homes import Home


def restore(home: Home, backup: Path) -> None:
    """What the README says: delete the file with what SQLite left beside it, copy the backup."""
    for name in ("corpsync.db", "corpsync.db-wal", "corpsync.db-shm"):
        (home.database.parent / name).unlink(missing_ok=True)
    shutil.copy(backup, home.database)


def test_a_damaged_file_names_the_way_back(home: Home) -> None:
    assert home.run("sync", "--quiet").returncode == 0
    members = home.query("SELECT * FROM member")
    runs = home.query("SELECT id FROM sync_history")
    backup = Path(home.run("backup").stdout.strip())
    home.database.write_bytes(b"<html>" + home.database.read_bytes()[6:])

    looked = home.run("status")
    assert looked.returncode == 1
    assert "damaged" in looked.stderr
    refused = home.run("run")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "damaged" in refused.stderr
    assert str(backup) in refused.stderr
    assert len(list(home.database.parent.glob("corpsync.db.damaged-*"))) == 1

    restore(home, backup)
    assert home.query("SELECT * FROM member") == members
    assert home.run("sync", "--quiet").returncode == 0
    assert [row for row in home.query("SELECT id FROM sync_history") if row in runs] == runs
    assert home.database.stat().st_mode & 0o777 == 0o600


def test_back_to_before_after_a_kill(home: Home) -> None:
    """A killed program leaves a WAL, which must not be applied to another file."""
    assert home.run("sync", "members", "--quiet").returncode == 0
    backup = Path(home.run("backup", str(home.home.with_name("mine.db"))).stdout.strip())
    home.sim.fault("/corporations/{corporation_id}/containers/logs", delay=30)
    process = home.start("run")
    assert process.stderr is not None
    for line in process.stderr:
        if "assets: success" in line:
            break
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert home.database.with_name("corpsync.db-wal").stat().st_size > 0

    restore(home, backup)
    home.sim.clear_faults()
    assert home.results() == ["success"]
    with closing(sqlite3.connect(home.database)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT COUNT(*) FROM asset").fetchone() == (0,)
    assert home.run("sync", "--quiet").returncode == 0
    assert home.query("SELECT COUNT(*) FROM asset") > [(0,)]
