"""The change log, read back and applied to an earlier state of a table."""

from __future__ import annotations

import json
from typing import Any

from corpsync_tui.queries.changes import COLUMNS, Rows
from corpsync_tui.store.columns import Json
from corpsync_tui.store.schema import Table, listed

State = dict[str, dict[str, Any]]
"""The rows of a table by their identity, without moving columns and without NULLs."""


def state_of(db: Any, table: Table, corporation_id: int) -> State:
    """What a corporation's table holds now."""
    names = table.row_columns
    rows = db.execute(
        f'SELECT {listed(names)} FROM main."{table.name}" WHERE corporation_id = ?',
        (corporation_id,),
    )
    return dict(_named(table, dict(zip(names, row, strict=True))) for row in rows)


def _named(table: Table, row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    nested = {c.name for c in table.columns if isinstance(c, Json)}
    moving = {c.name for c in table.columns if c.moving}
    key = json.dumps([row[name] for name in table.identity])
    values = {
        name: json.loads(value) if name in nested else value
        for name, value in row.items()
        if value is not None and name not in moving and name not in table.identity
    }
    return key, values


def changes_of(
    db: Any, table: Table, corporation_id: int, after: int = 0
) -> list[tuple[str, str, str | None, str | None]]:
    """Kind, key, before and after of every logged change above an id, oldest first."""
    rows = db.execute(
        f"SELECT {COLUMNS} FROM change WHERE table_name = ? "
        "AND corporation_id = ? AND id > ? ORDER BY id",
        (table.name, corporation_id, after),
    )
    changed = Rows(db, {table.name: table})
    return [tuple(changed.completed(row)[5:]) for row in rows]


def replayed(
    table: Table, state: State, changes: list[tuple[str, str, str | None, str | None]]
) -> State:
    """The state that the changes lead to; each must find the row as it says it was."""
    moving = {c.name for c in table.columns if c.moving}
    rows = {key: dict(row) for key, row in state.items()}
    for kind, row_key, before, after in changes:
        identity = json.loads(row_key)
        key = json.dumps([identity[name] for name in table.identity])
        old, new = (
            {n: v for n, v in json.loads(side or "{}").items() if n not in moving}
            for side in (before, after)
        )
        assert (key in rows) == (kind != "added"), (kind, key)
        row = rows.pop(key, {})
        assert {n: row.get(n) for n in old} == old, (kind, key)
        if kind != "removed":
            changed = {**row, **new}
            rows[key] = {n: v for n, v in changed.items() if v is not None}
    return rows
