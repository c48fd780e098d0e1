"""Backups are whole, single files, made while others read and write, and lead back."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.store import backup
from corpsync_tui.store.backup import (
    backup_database,
    backup_path,
    daily_backup,
    daily_backups,
    newest_backup,
)
from corpsync_tui.store.database import Store
from corpsync_tui.store.models import Setting
from tests.store.tables import MODELS

pytestmark = pytest.mark.anyio

NOON = 1_795_953_600.0
DAY = 86_400.0


async def put(store: Store, key: str) -> None:
    await store.write(lambda _: Setting.insert(key=key, value="1").execute())


def keys(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [row[0] for row in db.execute("SELECT key FROM setting ORDER BY key")]


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_a_backup_holds_what_was_committed_and_not_what_was_not(
    path: Path, store: Store, tmp_path: Path
) -> None:
    await put(store, "committed")
    target = tmp_path / "copy.db"

    def copy_in_between(_: sqlite3.Connection) -> None:
        Setting.insert(key="not yet", value="1").execute()
        backup_database(path, target)

    await store.write(copy_in_between)
    assert keys(target) == ["committed"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["copy.db", "data"]


async def test_a_backup_overwrites_nothing(path: Path, store: Store, tmp_path: Path) -> None:
    target = tmp_path / "precious.txt"
    target.write_text("mine")
    with pytest.raises(DatabaseError, match=r"precious\.txt already exists"):
        await asyncio.to_thread(backup_database, path, target)
    assert target.read_text() == "mine"


def test_there_must_be_something_to_copy(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="There is no database"):
        backup_database(path, tmp_path / "copy.db")


def test_a_target_that_cannot_be_written_leaves_nothing(
    path: Path, store: Store, tmp_path: Path
) -> None:
    with pytest.raises(DatabaseError, match=r"There is no folder .*nowhere: choose another one"):
        backup_database(path, tmp_path / "nowhere" / "copy.db")
    for letters in (250, 300):  # the name beside it is longer, then its own is too long
        with pytest.raises(DatabaseError, match=r"cannot write to .*: File name too long"):
            backup_database(path, tmp_path / ("c" * letters))
    assert not list(tmp_path.glob("*c*.part"))


def test_a_damaged_database_gives_no_backup(path: Path, store: Store, tmp_path: Path) -> None:
    store.close()
    with path.open("rb+") as stream:
        stream.truncate(path.stat().st_size // 2)
    with pytest.raises(DatabaseError, match="damaged"):
        backup_database(path, tmp_path / "copy.db")
    assert names(tmp_path) == ["data"]


def test_one_a_day_and_the_last_seven_stay(path: Path, store: Store) -> None:
    made = [daily_backup(path, NOON + day * DAY) for day in range(9)]
    assert None not in made
    assert daily_backup(path, NOON + 8 * DAY + 3600) is None
    assert daily_backups(path) == made[2:]
    mine = backup_database(path, backup_path(path, NOON))
    assert daily_backup(path, NOON + 9 * DAY) is not None
    assert mine.exists()


def test_a_clock_set_back_does_not_stop_the_backups(path: Path, store: Store) -> None:
    future = daily_backup(path, NOON + 365 * DAY)
    made = [daily_backup(path, NOON + day * DAY) for day in range(9)]
    assert None not in made
    assert daily_backup(path, NOON + 8 * DAY + 3600) is None
    assert daily_backups(path) == [*made[2:], future]


async def test_the_way_back_from_a_damaged_file(path: Path, store: Store) -> None:
    await put(store, "kept")
    await store.aclose()
    await asyncio.to_thread(daily_backup, path, NOON)
    await asyncio.to_thread(path.write_bytes, b"")
    with pytest.raises(DatabaseError) as caught:
        Store.open(path, MODELS, clock=Clock(), owner=True)
    newest = newest_backup(path)
    assert newest is not None
    assert str(newest) in caught.value.message
    await asyncio.to_thread(shutil.copy, newest, path)
    again = Store.open(path, MODELS, clock=Clock(), owner=True)
    assert await again.read(lambda _: [row.key for row in Setting.select()]) == ["kept"]
    await again.aclose()


async def test_a_backup_put_in_the_place_of_a_crashed_file_is_what_it_was(
    path: Path, store: Store, tmp_path: Path
) -> None:
    await put(store, "kept")
    saved = await asyncio.to_thread(backup_database, path, tmp_path / "copy.db")
    await put(store, "after the backup")
    wal = path.with_name("corpsync.db-wal")
    crashed = await asyncio.to_thread(wal.read_bytes)
    await store.aclose()
    await asyncio.to_thread(shutil.copy, saved, path)
    await asyncio.to_thread(wal.write_bytes, crashed)
    with pytest.raises(DatabaseError, match="not its own"):
        Store.open(path, MODELS, clock=Clock(), readonly=True)
    again = Store.open(path, MODELS, clock=Clock(), owner=True)
    assert await again.read(lambda _: [row.key for row in Setting.select()]) == ["kept"]
    await again.aclose()
    assert any("-wal.orphan-" in name for name in names(path.parent))


def test_a_copy_that_turns_out_damaged_never_bears_the_name(
    path: Path, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_: Path, draft: Path) -> None:
        draft.write_bytes(b"SQLite format 3\x00" + b"\x00" * 5000)

    monkeypatch.setattr(backup, "_copy", half)
    with pytest.raises(DatabaseError, match="is damaged"):
        backup_database(path, tmp_path / "copy.db")
    assert names(tmp_path) == ["data"]
