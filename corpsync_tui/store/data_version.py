"""Whether anybody committed to a database file since the last look."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from corpsync_tui.store.connections import connect_watch


class DataVersion:
    """Looks at SQLite's `data_version`: some microseconds, on whichever thread.

    Every commit of another connection moves it, those of this process included.
    """

    def __init__(self, path: Path) -> None:
        self._connection = connect_watch(path)
        self._last: int | None = None

    def moved(self) -> bool:
        """Whether something was committed since this was asked before; True the first time."""
        with suppress(sqlite3.OperationalError):  # another program is opening the file
            before = self._last
            (self._last,) = self._connection.execute("PRAGMA data_version").fetchone()
            return self._last != before
        return False

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
