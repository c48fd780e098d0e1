"""How connections are opened: the writer's, a reader's, and one on a copy."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from corpsync_tui.errors import DatabaseError

READER_PATIENCE = 5.0
"""Seconds a reader waits for a lock; only WAL recovery ever holds one."""

OPENING_PATIENCE = 2.0
"""Seconds the writer waits at its opening: another program may be opening or closing the file."""

WAL_LIMIT = 16 * 1024 * 1024
"""Bytes the WAL may keep between two writes."""

READER_CACHE_KIB = 512
"""Page cache of a reader: the system caches the file as well."""

STAGE_CACHE_KIB = 16 * 1024
"""Page cache of the temporary file in which pages are staged."""


def connect_writer(path: Path) -> sqlite3.Connection:
    """The connection that writes.

    `synchronous` is FULL: once a run says that it has stored, a power cut cannot take it back.
    """
    connection = _connect(path, "rw", timeout=OPENING_PATIENCE)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
    connection.execute(f"PRAGMA temp.cache_size = -{STAGE_CACHE_KIB}")
    connection.execute("PRAGMA temp.journal_mode = MEMORY")
    connection.execute("PRAGMA temp.secure_delete = OFF")
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write to the file; temporary tables are its own."""
    wal = path.with_name(path.name + "-wal")
    mode = "ro"
    if not wal.exists() and not can_write(path.parent):  # nobody changes it, and no WAL can be made
        mode = "ro&immutable=1"
    connection = _connect(path, mode, timeout=READER_PATIENCE)
    connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
    return connection


def connect_watch(path: Path) -> sqlite3.Connection:
    """A connection that reads nothing but whether the file has changed, and waits for nobody."""
    return _connect(path, "ro", timeout=0.0)


def connect_copy(path: Path) -> sqlite3.Connection:
    """A connection for making or changing a file that nobody else has open."""
    return _connect(path, "rw", timeout=READER_PATIENCE)


def is_there(path: Path) -> bool:
    """Whether there is a database at `path`.

    Raises:
        DatabaseError: It cannot be read, or its folder may not be entered.
    """
    try:
        path.stat()  # from Python 3.14 on `exists` says of a barred folder that nothing is there
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise DatabaseError(f"corpsync cannot read {path}: {error.strerror}.") from error
    if not _may(path, os.R_OK):
        raise DatabaseError(f"corpsync cannot read {path}: {os.strerror(errno.EACCES)}.")
    return True


def can_write(folder: Path) -> bool:
    """Whether this process may make files in a folder."""
    return _may(folder, os.W_OK | os.X_OK)


def _may(path: Path, mode: int) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(path, mode, effective_ids=effective)


def _connect(path: Path, mode: str, *, timeout: float) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=timeout)
