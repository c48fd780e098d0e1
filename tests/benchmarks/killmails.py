"""Killmails: the list, then a thousand details one by one, committed by fifties."""

from __future__ import annotations

import shutil
from itertools import count

from tests.benchmarks import floor, records
from tests.benchmarks.harness import Plan, Row, Table, interleave
from tests.benchmarks.ours import opened, prepared


async def measure(plan: Plan, table: Table) -> None:
    """A backlog of 1,000 killmails."""
    folder = plan.room("killmails")
    killmails = 100 if plan.quick else 1_000
    numbers = count()
    async with prepared(folder, 1, killmails) as place:
        refs = [records.killmail_ref(n) for n in range(killmails)]
        urls = [f"killmails/{r['killmail_id']}/{r['killmail_hash']}" for r in refs]

        async def bare() -> float:
            return await floor.ask(place.esi_url, [(f"{place.esi_url}/{u}", None) for u in urls])

        async def ours() -> float:
            home = folder / f"ours-{next(numbers)}"
            async with opened(place, home) as corpsync:
                taken, record = await corpsync.timed("killmails")
            assert record.rows_added == killmails
            shutil.rmtree(home)
            return taken

        found = await interleave({"floor": bare, "ours": ours}, plan.rounds)
    table.add(Row(f"killmails: {killmails:,} details", found["floor"], found["ours"], goal=1.3))
