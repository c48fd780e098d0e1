"""An older file becomes today's, step by step, with a copy of what it was."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.catalog.mining import MiningLedger
from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.alerts import read_open
from corpsync_tui.queries.as_of import load_past
from corpsync_tui.store.lock import OwnerLock
from corpsync_tui.store.migrations import MIGRATIONS, Migration, latest
from corpsync_tui.store.opening import prepare
from corpsync_tui.store.schema import Table
from tests.store.tables import MODELS

TODAY = latest()


def add_colour(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE corporation ADD COLUMN colour TEXT")
    db.execute("UPDATE corporation SET colour = 'teal'")


def rename_colour(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE corporation RENAME COLUMN colour TO shade")


def fail(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM corporation")
    raise RuntimeError("cannot")


def make(path: Path, *migrations: Migration, owner: bool = True) -> None:
    prepare(path, MODELS, Clock(), owner=owner, migrations=(*MIGRATIONS, *migrations))


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
    assert state(path) == (TODAY + 1, ["colour"])
    make(path, add_colour, rename_colour)
    make(path, add_colour, rename_colour)
    assert state(path) == (TODAY + 2, ["shade"])
    backups = sorted((path.parent / "backups").iterdir())
    assert [state(file) for file in backups] == [(TODAY, []), (TODAY + 1, ["colour"])]
    assert all("before-upgrade-of-schema-" in file.name for file in backups)


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    make_old(path)
    with pytest.raises(RuntimeError, match="cannot"):
        make(path, add_colour, fail)
    assert state(path) == (TODAY + 1, ["colour"])
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT COUNT(*) FROM corporation").fetchone() == (1,)


def test_a_file_is_not_changed_under_another_process(path: Path) -> None:
    make_old(path)
    lock = OwnerLock(path.parent, "corpsync run", Clock())
    lock.acquire()
    with pytest.raises(DatabaseError, match="older corpsync"):
        make(path, add_colour, owner=False)
    lock.release()
    assert state(path) == (TODAY, [])


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
    assert state(path) == (TODAY, [])
    make(path, add_colour)
    assert state(path) == (TODAY + 1, ["colour"])


VERSION_1 = """
CREATE TABLE mining_ledger (corporation_id INTEGER NOT NULL, observer_id INTEGER NOT NULL,
    character_id INTEGER NOT NULL, last_updated TEXT NOT NULL, type_id INTEGER NOT NULL,
    quantity INTEGER NOT NULL, recorded_corporation_id INTEGER NOT NULL, PRIMARY KEY
    (corporation_id, observer_id, character_id, type_id, last_updated)) WITHOUT ROWID;
CREATE VIEW mining_ledger_named AS SELECT t.quantity FROM mining_ledger AS t;
INSERT INTO mining_ledger VALUES (98, 5, 7, '2026-11-24', 34, 700, 98);
INSERT INTO mining_ledger VALUES (98, 5, 8, '2026-11-24', 34, 900, 99);
INSERT INTO change (run_id, time, corporation_id, table_name, kind, row_key, before, after) VALUES
    (1, 1.0, 98, 'mining_ledger', 'changed',
    '{"observer_id":5,"character_id":8,"type_id":34,"last_updated":"2026-11-24"}',
    '{"quantity":100}', '{"quantity":900}');
INSERT INTO change_start VALUES (98, 'mining_ledger', 0.0);
PRAGMA user_version = 1;
"""


def test_rows_of_the_first_version_keep_their_past_under_the_ledgers_new_key(path: Path) -> None:
    models = [MiningLedger]
    prepare(path, models, Clock(), owner=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP VIEW mining_ledger_named; DROP TABLE mining_ledger;" + VERSION_1)

    prepare(path, models, Clock(), owner=True)
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        db.execute(
            "INSERT INTO mining_ledger SELECT corporation_id, observer_id, character_id, "
            "last_updated, 97, type_id, 1 FROM mining_ledger WHERE character_id = 8"
        )
        rows = [dict(r) for r in db.execute("SELECT * FROM mining_ledger_named ORDER BY quantity")]
        load_past(db, Table.of(MiningLedger), 0.5, "then")
        past = [r["quantity"] for r in db.execute('SELECT * FROM temp."then"')]
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"

    assert [(r["quantity"], r["recorded_corporation_id"]) for r in rows] == [
        (1, 97),
        (700, 98),
        (900, 99),
    ]
    assert sorted(past) == [1, 100, 700]


def test_what_was_told_by_the_first_version_is_not_told_again(path: Path) -> None:
    prepare(path, MODELS, Clock(), owner=True)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(
            "DROP TABLE alert; CREATE TABLE told (fact TEXT PRIMARY KEY, time REAL, seen INTEGER);"
            "INSERT INTO told VALUES ('absent:98:7/2026-01-01T00:00:00Z', 5.0, 1);"
            "PRAGMA user_version = 3;"
        )
    prepare(path, MODELS, Clock(), owner=True)
    with closing(sqlite3.connect(path)) as db:
        (alert,) = read_open(db).values()
        assert db.execute("SELECT 1 FROM sqlite_master WHERE name = 'told'").fetchone() is None

    assert alert.key == (98, "absent", "7/2026-01-01T00:00:00Z")
    assert (alert.first_seen, alert.seen) == (5.0, True)
