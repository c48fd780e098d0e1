"""Boards over a database that a test fills by hand."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from corpsync_tui.boards import board_views, find_board
from corpsync_tui.boards.kit.board import BoardContext
from corpsync_tui.boards.kit.read import BoardResult, read_board
from corpsync_tui.catalog import ALL
from corpsync_tui.settings.boards import check_boards
from corpsync_tui.store.creation import create_schema
from corpsync_tui.store.reference import Attached

C = 98_000_001
"""The corporation."""


@contextmanager
def empty_database() -> Iterator[sqlite3.Connection]:
    """Every table of the catalog, without a row."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.deserialize(_made())
        Attached(None).renew(db)
        yield db


@functools.cache
def _made() -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        create_schema(db, [model for process in ALL for model in process.models], board_views())
        return db.serialize()


def put(db: sqlite3.Connection, table: str, *rows: Mapping[str, Any]) -> None:
    """Insert rows of the corporation; what a row leaves out is empty, and NULL where it may be."""
    info = db.execute(f"PRAGMA table_info({table})").fetchall()
    for row in rows:
        blank = {
            name: ("" if kind == "TEXT" else 0) if notnull and not own_id else None
            for _, name, kind, notnull, _, place in info
            for own_id in (place and name == "id" and sum(bool(i[5]) for i in info) == 1,)
        }
        owned = {"corporation_id": C} if "corporation_id" in blank else {}
        values = {**blank, **owned, **row}
        marks = ", ".join("?" * len(values))
        db.execute(
            f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values())
        )


def copied(db: sqlite3.Connection, process: str, table: str, at: str) -> None:
    """Say that ESI made the copy of a table at `at` (EVE time)."""
    modified = format_datetime(datetime.fromisoformat(at).replace(tzinfo=UTC), usegmt=True)
    row = {"process_id": f"{C}/{process}", "dataset": table, "url": f"/{table}"}
    put(db, "validator", {**row, "last_modified": modified, "keys": b""})


def seconds(text: str) -> float:
    """Unix seconds of a moment in EVE time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def read(
    db: sqlite3.Connection, board: str, now: str, variant: str = "", **tables: Any
) -> BoardResult:
    """A board as it stands at `now`; `tables` as in settings.toml."""
    found = find_board(board)
    context = BoardContext(db, C, seconds(now), check_boards(tables))
    return read_board(found, context, found.by_variant[variant] if variant else None)
