"""The change log: storing a renewed snapshot with it, against the same without it."""

from __future__ import annotations

from contextlib import nullcontext
from itertools import count
from time import perf_counter
from typing import Any

from corpsync_tui.catalog.assets import Asset
from corpsync_tui.clock import Clock
from corpsync_tui.store.changelog import ChangeLog
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import Counts, merge_stage
from corpsync_tui.store.schema import Table as Schema
from corpsync_tui.store.stage import Stage
from tests.benchmarks import floor, records
from tests.benchmarks.harness import Plan, Row, Table, interleave

CORPORATION = 98_000_001


async def measure(plan: Plan, table: Table) -> None:
    """100,000 rows put, sealed, merged and committed, of which a hundredth differ."""
    rows = plan.rows(100_000)
    store = Store.open(plan.folder / "changelog.db", [Asset], clock=Clock())
    renewals = _Renewals(store, floor.rows_of(rows), floor.rows_of(rows, version=1))
    try:
        await renewals.renewed(logged=True)  # the first load begins the log
        found = await interleave(
            {
                "without": lambda: renewals.renewed(logged=False),
                "with": lambda: renewals.renewed(logged=True),
            },
            plan.rounds,
        )
    finally:
        store.close()
    what = f"{rows:,} rows renewed with the change log, 1 % changed, against without it"
    table.add(Row(what, found["without"], found["with"], 1.1, 1.05))


class _Renewals:
    """Snapshots that differ in a hundredth of their rows, by turns."""

    def __init__(self, store: Store, one: floor.Rows, other: floor.Rows) -> None:
        self._store = store
        self._turns = (one, other)
        self._numbers = count()
        self._schema = Schema.of(Asset)

    async def renewed(self, *, logged: bool) -> float:
        """The milliseconds from the first page to the commit."""
        number = next(self._numbers)
        rows = self._turns[number % 2]
        log = ChangeLog([self._schema], CORPORATION, number)
        stage = Stage(self._store, self._schema)

        def work(db: Any) -> Counts:
            with log.listening(db, 1.0, begins=True) if logged else nullcontext():
                return merge_stage(db, stage, CORPORATION, "snapshot")

        start = perf_counter()
        for first in range(0, len(rows), records.ROWS_A_PAGE):
            page = rows[first : first + records.ROWS_A_PAGE]
            await stage.put(lambda page=page: page)  # type: ignore[misc]
        await self._store.write(stage.seal, transaction=False)
        await self._store.write(work)
        taken = perf_counter() - start
        await stage.drop()
        return taken * 1e3
