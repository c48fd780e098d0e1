"""Memory that is in no use and not given back: SQLite's caches, and what the C library keeps."""

from __future__ import annotations

import sqlite3
from contextlib import suppress


def give_back(db: sqlite3.Connection) -> None:
    """Give the system what a connection caches and what is free; on the connection's thread.

    The second needs glibc. Takes a millisecond or two; after half a million rows it is 20 MiB.
    """
    import ctypes  # late: it costs commands that only look a part of their start

    db.execute("PRAGMA shrink_memory")
    with suppress(OSError, TypeError, AttributeError):  # Windows, macOS and musl have no such call
        ctypes.CDLL(None).malloc_trim(0)
