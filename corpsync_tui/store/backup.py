"""Copies of the whole database: on request, daily, and before anything that cannot be undone."""

from __future__ import annotations

import itertools
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from corpsync_tui.errors import DatabaseError
from corpsync_tui.settings.folders import private_folder
from corpsync_tui.store.connections import connect_copy, connect_reader, is_there
from corpsync_tui.store.failures import translate
from corpsync_tui.store.files import (
    create_private,
    file_stamp,
    place,
    remove_with_companions,
)
from corpsync_tui.store.integrity import DamagedError, check_copy

FOLDER = "backups"
"""Beside the database file."""

DAILY = "corpsync-daily-"
"""How the names of automatic daily backups begin."""

DAILY_KEPT = 7
"""Daily backups that stay; older ones are deleted."""

DAY = 86_400.0


def backup_folder(database: Path) -> Path:
    """Where a database's backups lie."""
    return database.parent / FOLDER


def backup_path(database: Path, now: float, reason: str = "") -> Path:
    """A free name for a backup: `backups/corpsync-before-collapse-20261124T140500Z.db`."""
    middle = f"{reason}-" if reason else ""
    stem = f"corpsync-{middle}{file_stamp(now)}"
    numbered = (f"{stem}{'' if n == 1 else f'_{n}'}.db" for n in itertools.count(1))
    return next(p for p in map(backup_folder(database).joinpath, numbered) if not p.exists())


def backup_database(database: Path, target: Path) -> Path:
    """Copy the database as it is at this moment, while others go on reading and writing.

    The copy is checked and on the disk before it bears its name, and is one single file.

    Raises:
        DatabaseError: There is no database, a file of that name is there already, or the copy
            could not be written; then nothing is left of it.
    """
    if not is_there(database):
        raise DatabaseError(f"There is no database at {database} to copy.")
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists():
            raise DatabaseError(f"{target} already exists; a backup overwrites nothing.")
        if target.parent == backup_folder(database):
            private_folder(target.parent)
        if not target.parent.is_dir():
            raise DatabaseError(f"There is no folder {target.parent}: choose another one.")
        create_private(draft)
        try:
            _copy(database, draft)
            check_copy(draft)
            place(draft, target)
        finally:
            remove_with_companions(draft)
    except FileExistsError as error:
        raise DatabaseError(
            f"{error.filename} already exists; a backup overwrites nothing."
        ) from error
    except DamagedError as damage:
        raise DatabaseError(
            f"The copy of {database.name} is damaged ({damage.message}), so no backup was made: "
            "restart corpsync."
        ) from damage
    except (sqlite3.Error, OSError) as error:
        raise translate(error, target) from error
    return target


def daily_backup(database: Path, now: float) -> Path | None:
    """Make today's backup, if the last one is a day old, and delete the eighth.

    Backups of the future, of a time when the clock was wrong, count for nothing and stay.

    Returns:
        The new backup; None where it was not time yet.
    """
    made = [backup for backup in daily_backups(database) if stamp_time(backup) <= now]
    if made and now - stamp_time(made[-1]) < DAY:
        return None
    finished = backup_database(database, backup_path(database, now, "daily"))
    for old in [*made, finished][:-DAILY_KEPT]:
        old.unlink(missing_ok=True)
    return finished


def daily_backups(database: Path) -> list[Path]:
    """The daily backups, oldest first."""
    return sorted(backup_folder(database).glob(f"{DAILY}*.db"))


def newest_backup(database: Path) -> Path | None:
    """The backup that was made last, for whatever reason."""
    made = list(backup_folder(database).glob("*.db"))
    return max(made, key=lambda file: file.stat().st_mtime, default=None)


def stamp_time(backup: Path) -> float:
    """When a backup was made, by its name; far in the past where the name does not tell."""
    try:
        stamp = backup.stem.rsplit("-", 1)[-1].partition("_")[0]
        return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def _copy(database: Path, draft: Path) -> None:
    source = connect_reader(database)
    try:
        copy = connect_copy(draft)
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()
    finally:
        source.close()
