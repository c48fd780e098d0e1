"""The past: 300,000 changes undone, against `json.loads` of each and one `executemany`."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import process_time
from typing import Any

from corpsync_tui.catalog.assets import Asset
from corpsync_tui.queries.as_of import load_past
from corpsync_tui.store.connections import connect_reader
from corpsync_tui.store.schema import Table as Schema
from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.support.database import CORPORATION, make_database

FIRST = 1_000_000_000
WHOLE = {
    "is_singleton": 0,
    "location_flag": "CorpSAG1",
    "location_id": 60_003_760,
    "location_type": "item",
    "quantity": 5,
    "type_id": 34,
}


async def measure(plan: Plan, table: Table) -> None:
    """A table of 100,000 rows as it was before all of its changes."""
    changes = plan.rows(300_000)
    path = fill(plan.room("past"), changes // 3, changes)

    async def floor() -> float:
        return _timed(path, _read_changes)

    async def ours() -> float:
        return _timed(path, lambda db: load_past(db, Schema.of(Asset), 1.0, "then"))

    found = await interleave({"floor": floor, "ours": ours}, plan.rounds)
    what = f"{changes:,} changes of a table undone: processor time"
    table.add(Row(what, found["floor"], found["ours"], 1.0, 0.8, limit=2_000.0))


def fill(home: Path, assets: int, changes: int) -> Path:
    """A database with so many assets and changes of them, its path."""
    path = make_database(home)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO change_start VALUES (?, 'asset', 0)", (CORPORATION,))
        names = ", ".join(["corporation_id", "item_id", *WHOLE])
        db.executemany(
            f"INSERT INTO asset ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ((CORPORATION, FIRST + n, *WHOLE.values()) for n in range(assets)),
        )
        db.executemany(
            "INSERT INTO change (run_id, time, corporation_id, table_name, kind, row_key, before, "
            "after) VALUES (1, ?, ?, 'asset', ?, ?, ?, ?)",
            _changes(assets, changes),
        )
    return path


def _changes(assets: int, changes: int) -> Iterator[tuple[Any, ...]]:
    """Half of them change a quantity, a quarter each add and remove an asset."""
    dice = random.Random(1)
    for n in range(changes):
        kind = ("changed", "changed", "added", "removed")[n % 4]
        item = FIRST + (assets + n if kind == "removed" else dice.randrange(assets))
        sides: Any = {
            "changed": ({"quantity": n}, {"quantity": n + 1}),
            "added": (None, WHOLE),
            "removed": (WHOLE, None),
        }[kind]
        sides = [side and json.dumps(side) for side in sides]
        yield 2.0 + n, CORPORATION, kind, json.dumps({"item_id": item}), *sides


def _timed(path: Path, work: Any) -> float:
    with closing(connect_reader(path)) as db:
        db.execute("PRAGMA temp.journal_mode = MEMORY")
        start = process_time()
        work(db)
        return (process_time() - start) * 1e3


def _read_changes(db: sqlite3.Connection) -> None:
    """A copy of the table, and the changes by their key."""
    db.execute("CREATE TEMP TABLE copy AS SELECT * FROM asset")
    db.execute("CREATE TEMP TABLE undone (item_id PRIMARY KEY, quantity) WITHOUT ROWID")
    rows = [
        (json.loads(key), json.loads(before) if before else {})
        for key, before in db.execute("SELECT row_key, before FROM change ORDER BY id")
    ]
    db.executemany(
        "INSERT OR REPLACE INTO undone VALUES (?, ?)",
        ((key["item_id"], before.get("quantity")) for key, before in rows),
    )
