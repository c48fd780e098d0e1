"""Each route failing, refusing or malformed: what it feeds stays, and all else is true.

Iterates over the catalog: a data set that is added is tried like all others.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.dataset import Dataset
from corpsync_tui.catalog.kit.plans import Batch
from corpsync_tui.esi.routes import Route
from corpsync_tui.queries.records import RunRecord
from tests.support.differences import tables_of
from tests.support.house import House, Rows, open_house

pytestmark = pytest.mark.anyio

DAY = 86_460
"""Seconds after which every copy has expired, and what was refused is asked for again."""
FAULTS: dict[str, dict[str, Any]] = {
    "failing": {"status": 500},
    "refusing": {"status": 403},
    "malformed": {"json": "neither list nor record", "headers": {"X-Pages": "1"}},
}
KINDS = {"failing": {"esi"}, "malformed": {"validation"}, "refusing": {"auth", "esi"}}
"""What the run's error may be; a public route that refuses lacks nobody's login."""


TOGETHER = 3
"""Routes that are ill at the same time, where a process has many."""


def groups(routes: Sequence[Route], turn: int) -> list[list[Route]]:
    """The routes in groups that leave others well; in another turn with other company."""
    count = max(min(TOGETHER, len(routes)), math.ceil(len(routes) / TOGETHER))
    found: list[list[Route]] = [[] for _ in range(count)]
    for number, route in enumerate(routes):
        found[(number + turn * (number // count)) % count].append(route)
    return found


def hit(process: Process, routes: Sequence[Route]) -> list[Dataset]:
    """The data sets that routes feed, and those whose rows are asked for by these."""
    found: list[Dataset] = []
    for dataset in process.datasets:
        parents = [d.model for d in found]
        if dataset.route in routes or dataset.parent in parents:
            found.append(dataset)
    return found


def live_on(house: House, process: Process) -> None:
    """Something changes, and something is new, in each table of a process.

    Of contracts there are more: not every one has items.
    """
    tables, own = house.simulator.tables(), tables_of(process)
    for name, table in tables.items():
        if name in own and (table["parent"] is None or table["kind"] == "snapshot"):
            wanted = {"change": 1, "add": 6 if name == "contract" else 1}
            house.simulator.mutate(name, **{v: n for v, n in wanted.items() if table[v]})


def identities(process: Process, table: str, rows: Rows) -> set[str]:
    (model,) = {d.model for d in process.datasets if d.table == table}
    return {json.dumps([row[name] for name in model.identity]) for row in rows}


async def contents(house: House, process: Process) -> dict[str, Rows]:
    return {table: await house.rows(table) for table in tables_of(process)}


async def assert_rows(
    house: House, process: Process, routes: Sequence[Route], before: dict[str, Rows]
) -> None:
    """What these routes feed is as it was; everything else is what ESI says."""
    affected = hit(process, routes)
    feeders = Counter(d.table for d in process.datasets)
    for table, rows in before.items():
        feeding = [d for d in affected if d.table == table]
        if not feeding:
            await house.assert_true(table)
        elif len(feeding) == feeders[table]:
            assert await house.rows(table) == rows, table
        else:  # another route feeds it, too
            assert identities(process, table, rows) <= identities(
                process, table, await house.rows(table)
            )


@pytest.mark.parametrize("process", ALL, ids=lambda p: p.type)
async def test_it_costs_its_own_tables_alone(tmp_path: Path, process: Process) -> None:
    async with open_house(tmp_path / "home") as house:
        await house.sync_data(process.type)
        for turn, fault in enumerate(FAULTS):
            for ill in groups(process.routes, turn):
                before = await contents(house, process)
                live_on(house, process)
                house.advance(DAY)
                for route in ill:
                    house.simulator.fault(route.path, **FAULTS[fault])
                assert_told(await house.sync_data(process.type), process, ill, fault)
                await assert_rows(house, process, ill, before)
                house.simulator.clear_faults()  # the next run heals what this one missed

            house.advance(DAY)
            run = await house.sync_data(process.type)
            while run.current_until is None:  # details come by so many a run
                run = await house.sync_data(process.type)
            assert (run.result, run.note, run.error_message) == ("success", None, None), fault
            await house.assert_true(*tables_of(process))


def assert_told(run: RunRecord, process: Process, ill: Sequence[Route], fault: str) -> None:
    """The run says what it missed, as what it is."""
    said = f"{fault} {[route.path for route in ill]}: {run.error_message} {run.note}"
    fills = all(isinstance(d.plan, Batch) for d in process.datasets if d.route in ill)
    assert run.result in ("success", "error"), said
    if run.result == "error":
        assert run.error_kind in KINDS[fault], said
    else:  # a column, a part of a fan-out, or what is left out, and told as such
        assert fills or fault == "refusing", said
    assert run.error_message or run.note, said
    assert "{" not in f"{run.error_message} {run.note}", "what was asked for, never its template"
