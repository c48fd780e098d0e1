"""Runs that the file calls running although the process that ran them is gone."""

from __future__ import annotations

import sqlite3

from corpsync_tui.store.schema import columns_of, quoted

STEP = "Interrupted"
"""The step of a process whose run was cut off."""

MASKS = {
    "sync_history": {"result": "CASE result WHEN 'running' THEN 'interrupted' ELSE result END"},
    "sync_status": {
        "status": "CASE status WHEN 'running' THEN 'idle' ELSE status END",
        "current_step": f"CASE status WHEN 'running' THEN '{STEP}' ELSE current_step END",
    },
}
"""Per table, how to read the columns that a dead process left untrue."""


def mask_interrupted_runs(db: sqlite3.Connection) -> None:
    """Let this connection see interrupted runs as such, without writing to the file.

    Temporary views take the tables' names, so whatever reads through the connection is right.
    """
    for table, truths in MASKS.items():
        columns = ", ".join(
            f"{truths.get(name, quoted(name))} AS {quoted(name)}" for name in columns_of(db, table)
        )
        db.execute(
            f"CREATE TEMP VIEW {quoted(table)} AS SELECT {columns} FROM main.{quoted(table)}"
        )


def mark_interrupted(db: sqlite3.Connection) -> list[int]:
    """Write into the file what the mask only shows; the ids of those runs, oldest first.

    For the folder's holder, inside a write, before its first run.
    """
    found = [
        row[0]
        for row in db.execute("SELECT id FROM sync_history WHERE result = 'running' ORDER BY id")
    ]
    for table, truths in MASKS.items():
        changed = next(iter(truths))
        renewed = ", ".join(f"{quoted(name)} = {truth}" for name, truth in truths.items())
        db.execute(f"UPDATE {quoted(table)} SET {renewed} WHERE {quoted(changed)} = 'running'")
    return found
