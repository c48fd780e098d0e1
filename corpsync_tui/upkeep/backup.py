"""A copy of the database on request."""

from __future__ import annotations

from pathlib import Path

from corpsync_tui.clock import Clock
from corpsync_tui.errors import DatabaseError
from corpsync_tui.settings import Settings
from corpsync_tui.settings.keys import expanded
from corpsync_tui.store.backup import backup_database, backup_folder, backup_path
from corpsync_tui.store.connections import is_there
from corpsync_tui.store.opening import check_readable


def backup(settings: Settings, file: Path | None = None, clock: Clock | None = None) -> Path:
    """Copy the database to `file`, else to a dated file in the folder of backups.

    Returns the absolute path of the finished, checked copy.

    Raises:
        DatabaseError: There is no database yet, the file is there already, or it cannot be
            written; then nothing is left of it.
    """
    is_there(settings.database)  # where it may not be read, no name beside it can be looked at
    now = (clock or Clock()).time()
    target = _dated(settings.database, now) if file is None else _absolute(file)
    try:
        return backup_database(settings.database, target)
    except DatabaseError:
        if is_there(settings.database):
            check_readable(settings.database)  # a damaged database is the better explanation
        raise


def _dated(database: Path, now: float) -> Path:
    try:
        return backup_path(database, now)
    except OSError as error:  # their folder may not be entered
        folder = backup_folder(database)
        raise DatabaseError(f"corpsync cannot write to {folder}: {error.strerror}.") from error


def _absolute(file: Path) -> Path:
    try:
        return Path(expanded(str(file))).absolute()
    except FileNotFoundError as error:  # the folder that corpsync was started in is gone
        raise DatabaseError(f"There is no folder for {file}: name it in full.") from error
