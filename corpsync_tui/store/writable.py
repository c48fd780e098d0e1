"""Whether the database takes anything: what monitors ask beside whoever runs the schedule.

A writer whose last transaction failed leaves a mark beside the file until one succeeds, its own or
another's, for nothing about it can stand in the database itself.
"""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from contextlib import closing
from pathlib import Path

from corpsync_tui.store.failures import translate

PATIENCE = 2.0
"""Seconds to wait for the write lock: a merge of half a million rows holds it for one."""
ROOM = 64 * 1024
"""Bytes that must find room on the disk, or the next run will not."""


class FailureMark:
    """The mark of a failed write, as each writer of the file sets and clears it."""

    def __init__(self, path: Path) -> None:
        self._file = mark_of(path)

    def set(self, sentence: str) -> None:
        """Leave the mark, with what is to be said where there is room for it."""
        with contextlib.suppress(OSError):
            self._file.touch(mode=0o600)
            self._file.write_text(sentence, "utf-8")

    def clear(self) -> None:
        """A write succeeded."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)


def mark_of(path: Path) -> Path:
    """The mark beside a database file."""
    return path.with_name(f"{path.name}-failed")


def find_write_fault(path: Path) -> str | None:
    """Why nothing can be written to the database now, in one sentence; None where all is well."""
    mark = mark_of(path)
    if not mark.exists():
        return _probe_room(path) or _probe_lock(path) if path.exists() else None
    said = ""  # where the disk was full, there was no room for more than the mark itself
    with contextlib.suppress(OSError, UnicodeDecodeError):
        said = mark.read_text("utf-8")
    return said or _probe_room(path) or f"The last write to {path.name} failed."


def _probe_room(path: Path) -> str | None:
    probe = path.with_name(f".{path.name}-room")
    try:
        probe.write_bytes(bytes(ROOM))
    except OSError as error:
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            return None  # a reader of another user may look, or one behind a read-only mount
        return translate(error, path).message
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)
    return None


def _probe_lock(path: Path) -> str | None:
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_READONLY:
            return None
        return translate(error, path).message
    except sqlite3.Error as error:
        return translate(error, path).message
    return None
