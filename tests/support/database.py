"""A database file as a first login leaves it, and rows to put into it."""

from __future__ import annotations

import functools
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from corpsync_tui.boards import board_views
from corpsync_tui.catalog import ALL
from corpsync_tui.store.creation import create_file
from corpsync_tui.store.reference import Attached

CORPORATION = 98000001
NOW = 1_790_000_000.0


Fill = Callable[[Path], None]


def make_database(home: Path, fill: Fill | None = None) -> Path:
    """A database in the data folder of a home: empty, or as `fill` leaves it.

    It is made and filled once in a process, and copied from then on.
    """
    path = home / "data/corpsync.db"
    path.parent.mkdir(mode=0o700, parents=True)
    path.touch(mode=0o600)
    path.write_bytes(_made(fill))
    return path


@functools.cache
def _made(fill: Fill | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        if fill is None:
            path = Path(folder) / "corpsync.db"
            create_file(path, [model for process in ALL for model in process.models], board_views())
        else:
            path = make_database(Path(folder))
            fill(path)
        return path.read_bytes()


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection as rules and boards have it, without static data."""
    with closing(sqlite3.connect(database)) as db:
        Attached(None).renew(db)
        yield db


def insert(database: Path, table: str, **values: Any) -> None:
    """Add a row; what is neither text nor number becomes JSON."""
    stored = [json.dumps(v) if isinstance(v, list | dict) else v for v in values.values()]
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join("?" * len(values))
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", stored)


def insert_process(
    database: Path, process_type: str, *, corporation_id: int = CORPORATION, **values: Any
) -> None:
    """Add a scheduled process and where it stands."""
    process_id = f"{corporation_id}/{process_type}"
    schedule = {"enabled": 1, "interval_minutes": 30.0, "next_run_time": NOW + 600}
    schedule |= {name: values.pop(name) for name in tuple(values) if name in schedule}
    insert(database, "sync_schedule", process_id=process_id, process_type=process_type, **schedule)
    status = {
        "status": "success",
        "progress": 100.0,
        "current_step": "Completed",
        "error_count": 0,
        "items_processed": 30,
        "last_run_time": NOW - 60,
        "last_success_time": NOW - 50,
    }
    insert(database, "sync_status", process_id=process_id, **status | values)


def insert_run(
    database: Path, process_type: str, *, corporation_id: int = CORPORATION, **values: Any
) -> None:
    """Add a run to the history."""
    run = {
        "process_id": f"{corporation_id}/{process_type}",
        "process_type": process_type,
        "corporation_id": corporation_id,
        "trigger": "schedule",
        "start_time": NOW,
        "duration": 1.5,
        "result": "success",
        "items": 30,
        "rows_added": 30,
        "rows_changed": 0,
        "rows_removed": 0,
        "requests_sent": 1,
        "not_modified": 0,
        "items_failed": 0,
    }
    insert(database, "sync_history", **run | values)


def insert_character(database: Path, **values: Any) -> None:
    """Add a character that is logged in, and its corporation."""
    character = {
        "character_id": 90000001,
        "name": "Aldra Vex",
        "owner": "hash",
        "corporation_id": CORPORATION,
        "scopes": [],
        "roles": ["Director"],
        "logged_in_at": NOW,
    }
    insert(database, "character", **character | values)
    insert(
        database,
        "corporation",
        corporation_id=CORPORATION,
        name="Hedion Freight Union",
        ticker="HEDU",
    )
