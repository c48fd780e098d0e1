"""What truly changed between two states of the tables, and what was written meanwhile."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.simulator.server import Simulator

Rows = list[dict[str, Any]]
State = dict[str, dict[str, str]]
"""Per table the rows, by identity."""
TOUCHED = "touched"


def tables_of(process: Process) -> list[str]:
    """The tables that the director knows of a process."""
    return [table.name for table in process.logged]


def state_of(simulator: Simulator, process: Process) -> State:
    """What the process's tables should hold now."""
    state: State = {}
    for dataset in process.datasets:
        if not dataset.counted or dataset.table in state:
            continue
        rows = simulator.truth(dataset.table)
        keys = [name for name in dataset.model.identity if rows and name in rows[0]]
        if dataset.table == "container_log":
            keys = list(rows[0])
        state[dataset.table] = {
            json.dumps([row[key] for key in keys]): json.dumps(row, sort_keys=True) for row in rows
        }
    return state


def differences(before: State, after: State) -> tuple[int, int, int]:
    """Rows added, changed and removed over all tables."""
    added = changed = removed = 0
    for table, rows in after.items():
        old = before[table]
        added += len(rows.keys() - old.keys())
        removed += len(old.keys() - rows.keys())
        changed += sum(rows[key] != old[key] for key in rows.keys() & old.keys())
    return added, changed, removed


def watch_writes(database: Path, tables: list[str]) -> None:
    """Have every row that is written from now on remembered."""
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(f"CREATE TABLE {TOUCHED} (name TEXT)")
        for table in tables:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                db.execute(
                    f"CREATE TRIGGER watch_{table}_{verb} AFTER {verb} ON {table} "
                    f"BEGIN INSERT INTO {TOUCHED} VALUES ('{table}'); END"
                )


def writes(database: Path) -> dict[str, int]:
    """Rows written since `watch_writes`, by table."""
    with closing(sqlite3.connect(database)) as db:
        return dict(db.execute(f"SELECT name, COUNT(*) FROM {TOUCHED} GROUP BY name"))
