"""What corpsync finds where its file should be, and what it makes of it."""

import errno
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.boards import board_views
from corpsync_tui.catalog import ALL
from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.columns import CorporationTable
from corpsync_tui.store.connections import is_there
from corpsync_tui.store.database import Store
from corpsync_tui.store.lock import OwnerLock
from corpsync_tui.store.models import MODELS as OWN_MODELS
from corpsync_tui.store.models import Setting
from tests.store.tables import MODELS, Item
from tests.support.database import make_database

pytestmark = pytest.mark.anyio

NOBODY = 65534
"""A user without rights, for tests that are run as root."""


def open_store(path: Path, *, owner: bool = False, readonly: bool = False) -> Store:
    return Store.open(path, MODELS, clock=Clock(), owner=owner, readonly=readonly)


def make(path: Path) -> None:
    open_store(path, owner=True).close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_new_file_is_for_its_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        store = open_store(path, owner=True)
        await store.write(lambda _: Setting.create(key="k", value="1"))
        await store.read(lambda _: list(Setting.select()))
    finally:
        os.umask(before)
    assert mode(path.parent) == 0o700
    files = list(path.parent.iterdir())
    assert {path.name, path.name + "-wal", path.name + "-shm"} == {f.name for f in files}
    assert {mode(file) for file in files} == {0o600}
    store.close()
    assert list(path.parent.iterdir()) == [path]


def test_a_copied_file_becomes_private(path: Path) -> None:
    make(path)
    path.chmod(0o644)
    path.parent.chmod(0o755)
    make(path)
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_the_tables_of_the_contract_are_there(path: Path) -> None:
    make(path)
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite%'")
        found = {name for kind, name in rows if kind in ("table", "view")}
        assert found >= {model._meta.table_name for model in OWN_MODELS} | {"item", "journal"}
        assert found >= {"item_named", "journal_named", "mark_named"}
        kinds = {row[1]: row[2] for row in db.execute("PRAGMA table_info(journal)")}
        assert kinds["amount"] == "REAL"
        assert kinds["division"] == kinds["corporation_id"] == "INTEGER"
        assert kinds["extra"] == "TEXT"


async def test_reading_without_a_file_makes_none(path: Path) -> None:
    store = open_store(path, readonly=True)
    assert await store.read(lambda _: list(Setting.select())) == []
    assert await store.read(lambda db: db.execute("SELECT * FROM item_named").fetchall()) == []
    with pytest.raises(DatabaseError, match="reading only"):
        await store.write(lambda _: None)
    store.close()
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("empty", "it is empty"),
        ("html", "it is no SQLite database"),
        ("truncated", ""),
        ("smashed", ""),
        ("foreign", "another program made it"),
    ],
)
def test_a_damaged_or_foreign_file_is_moved_aside(path: Path, what: str, reason: str) -> None:
    make(path)
    DAMAGES[what](path)
    found = path.read_bytes()
    with pytest.raises(DatabaseError, match=rf"is damaged \({reason}") as caught:
        open_store(path, owner=True)
    (aside,) = path.parent.iterdir()
    assert aside.name.startswith("corpsync.db.damaged-20")
    assert aside.read_bytes() == found
    assert str(aside) in caught.value.message
    make(path)
    assert len(list(path.parent.iterdir())) == 2


def test_an_application_id_that_another_tool_has_set_is_left_alone(path: Path) -> None:
    make(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 42")
    open_store(path, owner=True).close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA application_id").fetchone() == (42,)


def truncate(path: Path) -> None:
    with path.open("rb+") as stream:
        stream.truncate(path.stat().st_size // 2)


def smash(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        rows = [(n, "x" * 500) for n in range(200)]
        db.executemany("INSERT INTO setting VALUES (?, ?)", rows)
        db.commit()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'setting'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("rb+") as stream:
        stream.seek((root - 1) * size)
        stream.write(b"\x55" * size)


def replace_by_foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (dish TEXT)")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "html": lambda path: path.write_bytes(b"<html>503</html>" * 100),
    "truncated": truncate,
    "smashed": smash,
    "foreign": replace_by_foreign,
}


def test_the_newest_backup_is_named(path: Path) -> None:
    make(path)
    for name, age in (("corpsync-daily-20261122T090000Z.db", 2), ("corpsync-mine.db", 1)):
        backup = path.parent / "backups" / name
        backup.parent.mkdir(exist_ok=True)
        backup.write_bytes(b"")
        os.utime(backup, (1_800_000_000 - age, 1_800_000_000 - age))
    path.write_bytes(b"")
    with pytest.raises(DatabaseError, match=r"backups/corpsync-mine\.db"):
        open_store(path, owner=True)


def test_a_damaged_file_is_left_where_another_holds_the_folder(path: Path) -> None:
    make(path)
    path.write_bytes(b"")
    lock = OwnerLock(path.parent, "corpsync run", Clock())
    lock.acquire()
    with pytest.raises(DatabaseError, match="damaged"):
        open_store(path)
    with pytest.raises(DatabaseError, match="damaged"):
        open_store(path, readonly=True)
    lock.release()
    assert path.exists()


def leave_only_a_wal(path: Path) -> None:
    path.with_name("corpsync.db-wal").write_bytes(b"of another life")
    path.unlink()


async def test_a_stale_wal_is_not_applied_to_a_new_file(path: Path) -> None:
    make(path)
    leave_only_a_wal(path)
    store = open_store(path, owner=True)
    assert await store.read(lambda _: list(Setting.select())) == []
    store.close()
    assert any(file.name.startswith("corpsync.db.orphan-") for file in path.parent.iterdir())


@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_of_a_newer_corpsync_is_refused_and_left(path: Path, readonly: bool) -> None:
    make(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    found = path.read_bytes()
    with pytest.raises(DatabaseError, match="written by a newer corpsync"):
        open_store(path, readonly=readonly)
    assert path.read_bytes() == found


async def test_a_table_a_column_and_a_view_that_are_new_are_added(path: Path) -> None:
    class Older(CorporationTable):
        item_id = Item.item_id.__class__("item", identity=True)

    older: type[CorporationTable] = Older
    older._meta.set_table_name("item")
    Store.open(path, [older], clock=Clock(), owner=True).close()
    with pytest.raises(DatabaseError, match="lacks is_singleton"):
        open_store(path, owner=True)
    with closing(sqlite3.connect(path)) as db:
        for name in ("is_singleton", "location_id", "quantity"):
            db.execute(f"ALTER TABLE item ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0")
        db.execute("INSERT INTO item (corporation_id, item_id) VALUES (1, 2)")
        db.commit()
    store = open_store(path, owner=True)
    query = "SELECT item_id, type_id, type_name, name FROM item_named"
    assert await store.read(lambda db: db.execute(query).fetchall()) == [(2, None, None, None)]
    assert await store.read(lambda db: db.execute("SELECT * FROM journal").fetchall()) == []
    store.close()


def test_a_further_view_is_added_and_renewed(path: Path) -> None:
    for body in ("SELECT 1 AS one", "SELECT 2 AS two"):
        Store.open(path, MODELS, clock=Clock(), owner=True, views={"board_x": body}).close()
        with closing(sqlite3.connect(path)) as db:
            assert db.execute("SELECT * FROM board_x").fetchall() == [(int(body[7]),)]


def test_a_view_that_waits_for_another_programs_write_is_made(path: Path) -> None:
    make(path)
    views = {"board_x": "SELECT 1 AS one"}
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    with closing(other), ThreadPoolExecutor() as threads:
        opening = threads.submit(Store.open, path, MODELS, clock=Clock(), owner=True, views=views)
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.3)
        other.execute("COMMIT")
        opening.result(timeout=10).close()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM board_x").fetchall() == [(1,)]


def test_a_whole_file_is_opened_without_a_write(tmp_path: Path) -> None:
    path, models = make_database(tmp_path), [m for process in ALL for m in process.models]
    with closing(sqlite3.connect(path)) as other:
        before = other.execute("PRAGMA data_version").fetchone()
        Store.open(path, models, clock=Clock(), owner=True, views=board_views()).close()

        assert other.execute("PRAGMA data_version").fetchone() == before


@pytest.fixture
def barred() -> Iterator[Path]:
    """A folder that may be read but not written to, also where the tests run as root."""
    folder = Path(tempfile.mkdtemp())
    make(folder / "corpsync.db")
    folder.chmod(0o555)
    if os.geteuid() == 0:
        for file in (folder, *folder.iterdir()):
            os.chown(file, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield folder
    os.seteuid(os.getuid())
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_written_to_is_named(barred: Path) -> None:
    with pytest.raises(DatabaseError, match=f"cannot write to {barred}"):
        open_store(barred / "corpsync.db", owner=True)
    with pytest.raises(DatabaseError, match=f"cannot write to {barred}"):
        open_store(barred / "new" / "corpsync.db", owner=True)


async def test_a_folder_that_cannot_be_written_to_can_be_read(barred: Path) -> None:
    store = open_store(barred / "corpsync.db", readonly=True)
    assert await store.read(lambda _: list(Setting.select())) == []
    store.close()


def test_a_barred_folder_hides_no_database_on_any_python(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **_options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "stat", refuse)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as Python 3.14 says it
    with pytest.raises(DatabaseError, match="cannot read /barred/corpsync"):
        is_there(Path("/barred/corpsync.db"))
