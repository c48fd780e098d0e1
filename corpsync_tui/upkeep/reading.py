"""State and history for commands that only look, beside whoever holds the data folder.

Every call opens a read-only connection of its own and closes it. Times stay Unix seconds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from corpsync_tui.catalog_index import entries, process_place
from corpsync_tui.errors import CorpsyncError
from corpsync_tui.store.by_hand import is_interval, is_moment, is_switch
from corpsync_tui.store.connections import connect_reader

Row = dict[str, Any]
UNKNOWN_MINUTES = 60
"""The interval of a process that the catalog does not know, where its own makes no sense."""
INTERRUPTED = "Interrupted"
"""As `store.interrupted.STEP`, which is slow to import."""

STATUS = """
SELECT s.process_id, s.process_type, NULL AS corporation_id, NULL AS corporation_name,
    s.enabled, s.interval_minutes, coalesce(t.status, 'idle') AS status,
    coalesce(t.progress, 0) AS progress, t.current_step, t.last_run_time, t.last_success_time,
    s.next_run_time, t.current_until, t.error_kind, t.error_message,
    coalesce(t.error_count, 0) AS error_count, t.items_processed, t.total_items, t.needs
FROM sync_schedule AS s LEFT JOIN sync_status AS t USING (process_id)
"""
HISTORY = """
SELECT id, process_id, process_type, corporation_id, "trigger", start_time, duration, result,
    items, rows_added, rows_changed, rows_removed, requests_sent, not_modified, items_failed,
    error_kind, error_message, note, current_until
FROM sync_history
WHERE ? IS NULL OR process_id = ? OR process_type = ?
ORDER BY start_time DESC, id DESC LIMIT ?
"""
CHARACTERS = """
SELECT character_id, name, corporation_id, scopes, roles, needs FROM character ORDER BY name
"""


@contextmanager
def reading(database: Path) -> Iterator[sqlite3.Connection | None]:
    """A read-only connection inside one transaction; None where there is no database yet.

    Raises:
        DatabaseError: The file is damaged, is no database, or cannot be read.
    """
    if not database.exists():
        yield None
        return
    try:
        with closing(connect_reader(database)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as error:
        raise _explained(error, database) from error


def _explained(error: sqlite3.Error, database: Path) -> CorpsyncError:
    """The sentence for a file that cannot be read; what explains it is slow to import."""
    from corpsync_tui.store.failures import translate
    from corpsync_tui.store.opening import check_readable

    try:
        check_readable(database)
    except CorpsyncError as cause:
        return cause
    return translate(error, database)


def read_status(database: Path) -> tuple[list[Row], list[Row]]:
    """All processes and all characters, as `status --json` shows them."""
    processes, characters = _status(database)
    if any(row["status"] == "running" for row in processes) and not is_held(database):
        processes, characters = _status(database)  # its holder may just have finished the run
        for row in processes:
            if row["status"] == "running":
                row["status"] = "idle"
                row["current_step"] = INTERRUPTED
    return processes, characters


def read_history(database: Path, *, process: str | None, limit: int) -> list[Row]:
    """Runs as `history --json` shows them, newest first; of one process id or type only."""
    runs = _history(database, process, limit)
    if any(row["result"] == "running" for row in runs) and not is_held(database):
        runs = _history(database, process, limit)
        for row in runs:
            if row["result"] == "running":
                row["result"] = "interrupted"
    return runs


def is_held(database: Path) -> bool:
    """Whether a living corpsync holds the data folder."""
    from corpsync_tui.store.lock import holder  # late: rarely asked, and slow to import

    return holder(database.parent) is not None


def _status(database: Path) -> tuple[list[Row], list[Row]]:
    with reading(database) as db:
        if db is None:
            return [], []
        names = dict(db.execute("SELECT corporation_id, name FROM corporation").fetchall())
        processes = [_process(dict(row), names) for row in db.execute(STATUS)]
        characters = [_character(dict(row)) for row in db.execute(CHARACTERS)]
    processes.sort(key=_place)
    return processes, characters


def _process(row: Row, names: dict[int, str]) -> Row:
    corporation_id = int(row["process_id"].partition("/")[0])
    return row | {
        "corporation_id": corporation_id,
        "corporation_name": names.get(corporation_id),
        **_scheduled(row),
    }


def _scheduled(row: Row) -> Row:
    """What is asked of a process, as the next start will take it: hands edit the schedule."""
    enabled = bool(row["enabled"]) if is_switch(row["enabled"]) else True
    interval, due = row["interval_minutes"], row["next_run_time"]
    if not is_interval(interval):
        entry = entries().get(row["process_type"])
        interval = float(entry.interval_minutes if entry else UNKNOWN_MINUTES)
    if not enabled or row["needs"] is not None or not is_moment(due):
        due = None
    return {"enabled": enabled, "interval_minutes": interval, "next_run_time": due}


def _place(row: Row) -> tuple[int, tuple[int, str]]:
    """By corporation, then in the order of the screen."""
    return row["corporation_id"], process_place(row["process_type"])


def _character(row: Row) -> Row:
    return row | {name: json.loads(row[name] or "[]") for name in ("scopes", "roles")}


def _history(database: Path, process: str | None, limit: int) -> list[Row]:
    with reading(database) as db:
        if db is None:
            return []
        return [dict(row) for row in db.execute(HISTORY, (process, process, process, limit))]
