"""From what SQLite raises to one sentence with the true cause."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import peewee

from corpsync_tui.errors import NO_ROOM, CorpsyncError, DatabaseError, ValidationError

FAILURES = (sqlite3.Error, peewee.PeeweeException, OSError, OverflowError, UnicodeEncodeError)
"""What work on a database raises where corpsync's own errors do not fit yet."""

DISK_FULL = "The disk is full at {folder}; nothing was changed. Free some space."
LOCKED = "Another program keeps {name} locked; nothing was changed. Close it, then try again."
OTHERWISE = "{name} could not be used: {detail}."

SENTENCES = {
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_IOERR_SHMSIZE: DISK_FULL,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_READONLY: "corpsync cannot write to {path}: it is read-only.",
    sqlite3.SQLITE_PERM: "corpsync cannot write to {path}: permission denied.",
    sqlite3.SQLITE_AUTH: "corpsync cannot write to {path}: permission denied.",
    sqlite3.SQLITE_CANTOPEN: "corpsync cannot open {path}: it is missing or barred.",
    sqlite3.SQLITE_CORRUPT: "{name} is damaged; restart corpsync to see the way back.",
    sqlite3.SQLITE_NOTADB: "{name} is damaged; restart corpsync to see the way back.",
    sqlite3.SQLITE_IOERR: "The disk failed at {folder} ({detail}); nothing was changed.",
    sqlite3.SQLITE_NOMEM: "No memory was left for {name}; nothing was changed.",
}
"""By SQLite's result code: an extended one where it is named, else the primary one."""

REPLACED = (
    "{name} was replaced or deleted while corpsync had it open; nothing was written. "
    "Close corpsync, put the file back, and start again."
)


def replaced(path: Path) -> DatabaseError:
    """The error for a file that is no longer the one that was opened."""
    return DatabaseError(REPLACED.format(name=path.name))


def translate(error: BaseException, path: Path) -> CorpsyncError:
    """The error to raise in place of one of `FAILURES`."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, OverflowError | UnicodeEncodeError):
        return ValidationError(f"A value cannot be stored in {path.name}: {cause}.")
    if isinstance(cause, OSError) and cause.errno in NO_ROOM:
        return DatabaseError(DISK_FULL.format(folder=path.parent))
    if isinstance(cause, OSError):
        return DatabaseError(
            f"corpsync cannot write to {cause.filename or path}: {cause.strerror}."
        )
    code: int = getattr(cause, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return replaced(path)
    sentence = SENTENCES.get(code) or SENTENCES.get(code & 0xFF, OTHERWISE)
    return DatabaseError(
        sentence.format(name=path.name, path=path, folder=path.parent, detail=cause)
    )
