"""The merge alone: from staged rows to the committed table."""

from __future__ import annotations

from contextlib import closing
from itertools import count
from pathlib import Path
from time import perf_counter

from corpsync_tui.catalog.assets import Asset
from corpsync_tui.clock import Clock
from corpsync_tui.store.database import Store
from corpsync_tui.store.merge import merge_stage
from corpsync_tui.store.schema import Table as Schema
from corpsync_tui.store.stage import Stage
from tests.benchmarks import floor, records
from tests.benchmarks.harness import Plan, Row, Table, Work, interleave

CORPORATION = 98_000_001
Staged = list[tuple[object, ...]]


async def measure(plan: Plan, table: Table) -> None:
    """100,000 staged rows, of which none, a hundredth, or all are news."""
    folder = plan.room("merge")
    count_ = plan.rows(100_000)
    old, slightly = floor.rows_of(count_), floor.rows_of(count_, version=1)
    quantity = floor.COLUMNS.index("quantity")
    other = [(*r[:quantity], r[quantity] + 1, *r[quantity + 1 :]) for r in old]
    store = Store.open(folder / "ours.db", [Asset], clock=Clock())
    merges = _Merges(store, old)
    numbers = count()

    async def bare() -> float:
        return _plain(folder / f"floor-{next(numbers)}.db", old)

    variants: dict[str, Work] = {"floor": bare}
    for share, rows in (("0", old), ("1", slightly), ("100", other)):
        variants[share] = merges.to(rows)
    try:
        found = await interleave(variants, plan.rounds)
    finally:
        store.close()
    for share, goal, ambition in (("0", 1.0, 0.6), ("1", 1.0, 0.6), ("100", 1.2, 1.1)):
        what = f"merge of {count_:,} staged rows, {share} % changed"
        table.add(Row(what, found["floor"], found[share], goal, ambition))


def _plain(file: Path, rows: floor.Rows) -> float:
    with closing(floor.empty_table(file)) as db:
        start = perf_counter()
        floor.write(db, rows)
        taken = perf_counter() - start
    file.unlink()
    return taken * 1e3


class _Merges:
    """Merges into one table, which is put back to what it was before each."""

    def __init__(self, store: Store, before: Staged) -> None:
        self._store, self._before = store, before
        self._schema = Schema.of(Asset)

    def to(self, rows: Staged) -> Work:
        """The milliseconds of a merge that makes the table equal these rows."""

        async def once() -> float:
            await self._merged(self._before)
            return await self._merged(rows)

        return once

    async def _merged(self, rows: Staged) -> float:
        stage = Stage(self._store, self._schema)
        for start in range(0, len(rows), records.ROWS_A_PAGE):
            page = rows[start : start + records.ROWS_A_PAGE]
            await stage.put(lambda page=page: page)  # type: ignore[misc]
        start_ = perf_counter()
        await self._store.write(stage.seal, transaction=False)
        await self._store.write(lambda db: merge_stage(db, stage, CORPORATION, "snapshot"))
        taken = perf_counter() - start_
        await stage.drop()
        return taken * 1e3
