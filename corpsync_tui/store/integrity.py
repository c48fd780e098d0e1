"""Is this file ours, whole, and of a schema that this corpsync knows? Asked before it is used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from corpsync_tui.errors import DatabaseError
from corpsync_tui.store.connections import connect_reader
from corpsync_tui.store.failures import translate

APPLICATION_ID = 0x636F7270
"""`corp`, in the header of every file that corpsync made; a tool may have set another since."""
OWN_TABLE = "sync_schedule"
"""By this table a file is corpsync's all the same."""

MAGIC = b"SQLite format 3\x00"

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class DamagedError(DatabaseError):
    """The file is empty, foreign, or its contents contradict each other."""


def inspect(path: Path, *, thorough: bool) -> int:
    """The version of the file's schema, found without changing anything.

    Args:
        path: The database file, which exists.
        thorough: Read every page (SQLite's quick_check), not only the header and the schema.

    Raises:
        DamagedError: It is not a whole database of corpsync's; the message says why.
        DatabaseError: It could not be read now.
    """
    with path.open("rb") as stream:
        head = stream.read(len(MAGIC))
    if not head:
        raise DamagedError("it is empty")
    if head != MAGIC:
        raise DamagedError("it is no SQLite database")
    try:
        return _inspect_database(path, thorough=thorough)
    except sqlite3.Error as error:
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) in DAMAGE:
            raise DamagedError(str(error)) from error
        raise translate(error, path) from error


def _inspect_database(path: Path, *, thorough: bool) -> int:
    db = connect_reader(path)
    try:
        if _pragma(db, "application_id") != APPLICATION_ID and not _has_own_table(db):
            raise DamagedError("another program made it")
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
        if thorough and (complaint := _pragma(db, "quick_check(1)")) != "ok":
            raise DamagedError(str(complaint).replace("\n", " "))
        return version
    finally:
        db.close()


def _has_own_table(db: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return db.execute(query, (OWN_TABLE,)).fetchone() is not None


def check_copy(path: Path) -> None:
    """Make sure that a finished copy is whole.

    Raises:
        DamagedError: It is not.
    """
    inspect(path, thorough=True)


def _pragma(db: sqlite3.Connection, name: str) -> object:
    return db.execute(f"PRAGMA {name}").fetchone()[0]
