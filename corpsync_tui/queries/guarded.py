"""SQL of strangers: read only, bounded in time, rows and memory."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from corpsync_tui.errors import CorpsyncError

SECONDS = 5.0
"""How long a statement may take."""
MOST_ROWS = 1_000
MOST_BYTES = 8_000_000
"""Bytes of all rows together, about: more are left out."""
LONGEST_VALUE = 1_000_000
"""Bytes of one value or row: what a function could otherwise blow up."""
LONGEST_PATTERN = 200
"""Bytes of a pattern of LIKE or GLOB: a long one takes for ever, and looks at no clock."""
STEPS = 20_000
"""Steps of SQLite's machine between two looks at the clock."""

ALLOWED = frozenset(
    {
        sqlite3.SQLITE_SELECT,
        sqlite3.SQLITE_READ,
        sqlite3.SQLITE_FUNCTION,
        sqlite3.SQLITE_RECURSIVE,
    }
)
DENIED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})


class QueryRefusedError(CorpsyncError):
    """A statement that is not let through, or that took too long."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a statement found."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    more: bool
    """Whether there were more rows than these."""


def run_query(
    db: sqlite3.Connection,
    sql: str,
    *,
    most_rows: int = MOST_ROWS,
    seconds: float = SECONDS,
) -> Found:
    """The rows of one SELECT, the first ones; bytes as hexadecimal text.

    Raises:
        QueryRefusedError: It would do more than read, took too long, or is no SQL.
    """
    with _guarded(db, seconds):
        try:
            cursor = db.execute(sql)
            rows, more = _first(cursor, most_rows)
        except (sqlite3.Error, sqlite3.Warning, ValueError, MemoryError) as error:
            raise QueryRefusedError(f"The query was refused: {error}.") from error
    if cursor.description is None:
        raise QueryRefusedError("The query was refused: it is no SELECT.")
    columns = [column[0] for column in cursor.description]
    return Found(columns, rows, more=more)


def _first(cursor: sqlite3.Cursor, most_rows: int) -> tuple[list[Sequence[Any]], bool]:
    """The first rows, and whether there are more."""
    rows: list[Sequence[Any]] = []
    room = MOST_BYTES
    for row in cursor:
        room -= sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(rows) == most_rows or (rows and room < 0):
            return rows, True
        rows.append(tuple(v.hex() if isinstance(v, bytes) else v for v in row))
    return rows, False


@contextmanager
def _guarded(db: sqlite3.Connection, seconds: float) -> Iterator[None]:
    ends = time.monotonic() + seconds

    def authorize(action: int, first: str | None, second: str | None, *_: Any) -> int:
        named = second if action == sqlite3.SQLITE_FUNCTION else first
        if action not in ALLOWED or named in DENIED_FUNCTIONS:
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    limits = {
        sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
        sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: LONGEST_PATTERN,
    }
    former = {kind: db.setlimit(kind, limit) for kind, limit in limits.items()}
    db.set_authorizer(authorize)
    db.set_progress_handler(lambda: time.monotonic() > ends, STEPS)
    try:
        yield
    finally:
        db.set_progress_handler(None, 0)
        db.set_authorizer(None)
        for kind, limit in former.items():
            db.setlimit(kind, limit)
