"""First load: an empty table, every page over the wire, until the rows are committed."""

from __future__ import annotations

import shutil
from itertools import count

from tests.benchmarks import floor, records
from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.ours import opened, prepared


async def measure(plan: Plan, table: Table) -> None:
    """100,000 assets, and half a million."""
    for rows in sorted({plan.rows(100_000), plan.rows(500_000)}):
        await _load(plan, table, rows)


async def _load(plan: Plan, table: Table, rows: int) -> None:
    folder = plan.room(f"first_load-{rows}")
    numbers = count()
    async with prepared(folder, rows) as place:

        async def bare() -> float:
            file = folder / f"floor-{next(numbers)}.db"
            taken = await floor.load(place.esi_url, records.pages(rows), file)
            file.unlink()
            return taken

        async def ours() -> float:
            home = folder / f"ours-{next(numbers)}"
            async with opened(place, home) as corpsync:
                taken, record = await corpsync.timed()
            assert record.rows_added == rows
            shutil.rmtree(home)
            return taken

        found = await interleave({"floor": bare, "ours": ours}, plan.rounds)
    what = f"first load of {rows:,} assets, wire to commit"
    table.add(Row(what, found["floor"], found["ours"], goal=1.0, ambition=0.8))
