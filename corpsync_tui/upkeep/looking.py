"""The change log and what needs attention, for commands that only look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.describe import ChangeDescriber
from corpsync_tui.queries.changes import ChangeFilter, read_changes
from corpsync_tui.store.models import Change as ChangeRow
from corpsync_tui.upkeep.reading import reading

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes, newest first."""

    rows: Sequence[Row]
    more: bool
    """Whether older ones pass the filter too."""


def tables() -> list[str]:
    """Every table whose changes are logged."""
    return [table.name for process in ALL for table in process.logged]


def read_change_rows(database: Path, which: ChangeFilter, limit: int) -> Changes:
    """Changes with their sentences, as `changes --json` shows them.

    Raises:
        DatabaseError: The database cannot be read.
    """
    with reading(database) as db:
        if db is None or not has_table(db, ChangeRow._meta.table_name):
            return Changes((), more=False)
        db.row_factory = None
        describer = ChangeDescriber(db, ALL)
        found = read_changes(db, which, limit=limit + 1)
        rows = [
            {
                "id": c.id,
                "run_id": c.run_id,
                "time": c.time,
                "corporation_id": c.corporation_id,
                "table_name": c.table_name,
                "kind": c.kind,
                "row_key": c.row_key,
                "before": c.before,
                "after": c.after,
                "sentence": describer.describe(c),
            }
            for c in found[:limit]
        ]
    return Changes(rows, more=len(found) > limit)


def has_table(db: Any, name: str) -> bool:
    """Whether the file has a table: one that an older corpsync made may lack it."""
    sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return db.execute(sql, (name,)).fetchone() is not None
