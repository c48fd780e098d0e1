"""An older file becomes today's, step by step, with a copy of what it was."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.lock import OwnerLock
from corpsync_tui.store.migrations import FIRST_VERSION, Migration
from corpsync_tui.store.opening import prepare
from tests.store.tables import MODELS


def add_colour(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE corporation ADD COLUMN colour TEXT")
    db.execute("UPDATE corporation SET colour = 'teal'")


def rename_colour(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE corporation RENAME COLUMN colour TO shade")


def fail(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM corporation")
    raise RuntimeError("cannot")


def make(path: Path, *migrations: Migration, owner: bool = True) -> None:
    prepare(path, MODELS, Clock(), owner=owner, migrations=migrations)


def make_old(path: Path) -> None:
    make(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("INSERT INTO corporation VALUES (98000001, 'Hedion Freight Union', 'HEDU', 0)")
        db.commit()


def state(file: Path) -> tuple[int, list[str]]:
    with closing(sqlite3.connect(file)) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        return version, [row[1] for row in db.execute("PRAGMA table_info(corporation)")][4:]


def test_every_step_is_taken_once_and_a_backup_made_before(path: Path) -> None:
    make_old(path)
    make(path, add_colour)
    assert state(path) == (FIRST_VERSION + 1, ["colour"])
    make(path, add_colour, rename_colour)
    make(path, add_colour, rename_colour)
    assert state(path) == (FIRST_VERSION + 2, ["shade"])
    backups = sorted((path.parent / "backups").iterdir())
    assert [state(file) for file in backups] == [(1, []), (2, ["colour"])]
    assert all("before-upgrade-of-schema-" in file.name for file in backups)


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    make_old(path)
    with pytest.raises(RuntimeError, match="cannot"):
        make(path, add_colour, fail)
    assert state(path) == (FIRST_VERSION + 1, ["colour"])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT COUNT(*) FROM corporation").fetchone() == (1,)


def test_a_file_is_not_changed_under_another_process(path: Path) -> None:
    make_old(path)
    lock = OwnerLock(path.parent, "corpsync run", Clock())
    lock.acquire()
    with pytest.raises(DatabaseError, match="older corpsync"):
        make(path, add_colour, owner=False)
    lock.release()
    assert state(path) == (FIRST_VERSION, [])


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.store.test_migrations import add_colour, make
def killed(db):
    add_colour(db)
    os.kill(os.getpid(), signal.SIGKILL)
make(Path(sys.argv[1]), killed)
"""


def test_killed_in_a_step_the_file_is_the_old_one(path: Path) -> None:
    make_old(path)
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert state(path) == (FIRST_VERSION, [])
    make(path, add_colour)
    assert state(path) == (FIRST_VERSION + 1, ["colour"])
