"""Killed at any instant, the file holds the old rows or the new, with the run that stored them."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.clock import Clock
from corpsync_tui.store.database import Store
from tests.store.tables import MODELS
from tests.support.killing import kill_at_work
from tests.support.long import Tally

SYNCING = """
import asyncio, sys
from pathlib import Path
from corpsync_tui.clock import Clock
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import merge_stage
from corpsync_tui.store.models import SyncHistoryRow
from corpsync_tui.store.schema import Table
from corpsync_tui.store.stage import Stage
from tests.store.tables import CORPORATION, MODELS, Item

TABLE = Table.of(Item)

def rows(generation, page):
    first = generation * 500 + page * 1000
    return [(0, n, 1, generation, None) for n in range(first, first + 1000)]

def record(generation, counts):
    SyncHistoryRow.insert(
        process_id="98000001/items", process_type="items", corporation_id=CORPORATION,
        trigger="manual", start_time=0, result="success", items=generation,
        rows_added=counts.added, rows_changed=counts.changed, rows_removed=counts.removed,
    ).execute()

async def sync(store, generation):
    stage = Stage(store, TABLE)
    for page in range(4):
        await stage.put(lambda: rows(generation, page))
    def work(db):
        record(generation, merge_stage(db, stage, CORPORATION, "snapshot"))
    await store.write(work)
    await stage.drop()

async def main():
    store = Store.open(Path(sys.argv[1]), MODELS, clock=Clock(), owner=True)
    last = await store.read(lambda db: db.execute("SELECT MAX(items) FROM sync_history").fetchone())
    generation = last[0] or 0
    print("open", flush=True)
    while True:
        generation += 1
        await sync(store, generation)

asyncio.run(main())
"""


def check(path: Path) -> int:
    """Everything is of the generation that the history names last; returns it."""
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        runs = db.execute(
            "SELECT items, rows_added, rows_changed, rows_removed FROM sync_history ORDER BY id"
        ).fetchall()
        found = db.execute(
            "SELECT COUNT(*), MIN(item_id), MAX(item_id), MIN(quantity), MAX(quantity) FROM item"
        ).fetchone()
    assert [run[0] for run in runs] == list(range(1, len(runs) + 1))
    if not runs:
        assert found[0] == 0
        return 0
    last = len(runs)
    assert found == (4000, last * 500, last * 500 + 3999, last, last)
    assert runs[0][1:] == (4000, 0, 0)
    assert set(runs[1:]) == {(n, 500, 3500, 500) for n in range(2, last + 1)}
    return last


@pytest.mark.parametrize(
    "times", [pytest.param(6, id="few"), pytest.param(200, id="many", marks=pytest.mark.long)]
)
def test_killed_while_syncing(path: Path, tally: Tally, times: int) -> None:
    rng = random.Random(tally.seed)
    Store.open(path, MODELS, clock=Clock(), owner=True).close()
    stored = 0
    for _ in tally.rounds("kills", times):
        kill_at_work(SYNCING, path, rng.uniform(0.0, 0.25))
        now = check(path)
        assert now >= stored
        stored = now
    assert stored > 0
