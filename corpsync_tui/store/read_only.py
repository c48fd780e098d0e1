"""The database for commands that only look, beside whoever holds the data folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from corpsync_tui.errors import CorpsyncError
from corpsync_tui.store.connections import connect_reader, is_there

RUNNING = """
SELECT 1 FROM sync_status WHERE status = 'running'
UNION ALL
SELECT 1 FROM sync_history WHERE result = 'running'
    AND id IN (SELECT max(id) FROM sync_history GROUP BY process_id)
LIMIT 1
"""


@contextmanager
def read_only(database: Path, reference: Path | None = None) -> Iterator[sqlite3.Connection | None]:
    """A connection of its own inside one transaction; None where there is no database yet.

    Runs whose holder is gone read as interrupted. With `reference` the static data is attached.

    Raises:
        DatabaseError: The file is damaged, is no database, or cannot be read.
    """
    if not is_there(database):
        yield None
        return
    try:
        with closing(connect_reader(database)) as connection:
            if _says_running(connection) and not _is_held(database):
                from corpsync_tui.store.interrupted import mask_interrupted_runs

                mask_interrupted_runs(connection)
            if reference is not None:
                from corpsync_tui.store.reference import Attached

                Attached(reference).renew(connection)
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as error:
        raise _explained(error, database) from error


def has_table(db: sqlite3.Connection, name: str) -> bool:
    """Whether the file has a table: one that an older corpsync made may lack it."""
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return db.execute(sql, (name,)).fetchone() is not None


def _says_running(db: sqlite3.Connection) -> bool:
    """Whether the file calls a run running; looked at before the holder is, who may just end."""
    return db.execute(RUNNING).fetchone() is not None


def _is_held(database: Path) -> bool:
    """Whether a living corpsync holds the data folder."""
    from corpsync_tui.store.lock import holder  # late: rarely asked, and slow to import

    return holder(database.parent) is not None


def _explained(error: sqlite3.Error, database: Path) -> CorpsyncError:
    """The sentence for a file that cannot be read; what explains it is slow to import."""
    from corpsync_tui.store.failures import translate
    from corpsync_tui.store.opening import check_readable

    try:
        check_readable(database)
    except CorpsyncError as cause:
        return cause
    return translate(error, database)
