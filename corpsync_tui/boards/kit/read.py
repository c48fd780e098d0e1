"""Reading a board: its rows and summary, as of when, and whether its copies are too old."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from corpsync_tui.boards.kit.board import Board, BoardColumn, BoardContext, Row, Variant
from corpsync_tui.store.by_hand import is_interval

HINT = "Without CCP's static data some values are unknown: corpsync reference update reads them"
STALE_INTERVALS = 3
"""A copy older than so many intervals of its process is too old for countdowns."""

COPIES = """
SELECT v.dataset, v.last_modified, t.last_success_time, s.interval_minutes
FROM validator v
LEFT JOIN sync_status t USING (process_id) LEFT JOIN sync_schedule s USING (process_id)
WHERE v.process_id LIKE :c || '/%' AND v.dataset IN ({tables}) AND v.refused IS NULL
GROUP BY v.dataset, v.last_modified
"""


@dataclass(frozen=True, slots=True)
class BoardResult:
    """A board as it stands: what screens, commands and files show."""

    board: str
    corporation_id: int | None
    as_of: float | None
    """Unix seconds: the oldest of the copies that it stands on; None before the first sync."""
    stale: bool
    summary: Mapping[str, Any]
    rows: Sequence[Row]
    columns: Sequence[BoardColumn]
    has_reference: bool
    """Whether there is static data: without it volumes, moons and some values are unknown."""

    def document(self) -> dict[str, Any]:
        """As `corpsync board NAME --json` prints it."""
        keys = ("board", "corporation_id", "as_of", "stale", "summary", "rows")
        return {key: getattr(self, key) for key in keys}


def read_board(board: Board, context: BoardContext, variant: Variant | None = None) -> BoardResult:
    """Read a board, or another set of its rows. Raises `sqlite3.Error`."""
    answer = (variant or board).read(context)
    as_of, stale = (context.now, False) if context.is_past else _age(context, board)
    return BoardResult(
        board.name,
        context.corporation_id or None,
        as_of,
        stale,
        answer.summary,
        answer.rows,
        (variant or board).columns,
        bool(context.one("SELECT 1 FROM ref.about")),
    )


def corporations(db: sqlite3.Connection) -> Sequence[int]:
    """The corporations whose data the file holds, in the order of their ids."""
    found = db.execute(
        "SELECT DISTINCT CAST(substr(process_id, 1, instr(process_id, '/') - 1) AS INTEGER) "
        "FROM sync_schedule ORDER BY 1"
    )
    return [row[0] for row in found]


def copied_at(context: BoardContext, table: str) -> float | None:
    """When ESI made the oldest copy that a table stands on, in Unix seconds; None without one.

    In the past it is that moment at the latest: of the copies before today's nobody knows more.
    """
    made = [_made(row) for row in _copies(context, [table])]
    oldest = min((m for m in made if m is not None), default=None)
    return oldest if oldest is None or not context.is_past else min(oldest, context.now)


def _copies(context: BoardContext, tables: Sequence[str]) -> list[Row]:
    marks = ", ".join(f":t{i}" for i in range(len(tables)))
    names = {f"t{i}": name for i, name in enumerate(tables)}
    return context.rows(COPIES.format(tables=marks), **names)


def _made(copy: Row) -> float | None:
    return _seconds(copy["last_modified"]) or copy["last_success_time"]


def _age(context: BoardContext, board: Board) -> tuple[float | None, bool]:
    """When the oldest copy was made, in Unix seconds, and whether one is too old."""
    copies = _copies(context, board.tables)
    telling = _copies(context, board.aged_by) if board.aged_by else copies
    made = [moment for moment in map(_made, copies) if moment is not None]
    return min(made, default=None), any(_is_stale(copy, context.now) for copy in telling)


def _is_stale(copy: Row, now: float) -> bool:
    made, minutes = _made(copy), copy["interval_minutes"]
    if made is None or not is_interval(minutes):  # which may have been edited by hand
        return False
    return now - made > STALE_INTERVALS * 60 * float(minutes)


def _seconds(http_date: str | None) -> float | None:
    """A `Last-Modified` in Unix seconds; None where it is none."""
    if not http_date:
        return None
    try:
        return parsedate_to_datetime(http_date).timestamp()
    except ValueError:
        return None
