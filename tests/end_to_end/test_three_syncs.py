"""A corporation, synced three times: at first, with changes, and with none."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.catalog.kit.plans import ForEach
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.simulator.config import SCALES, Scale, SimulatorConfig
from tests.support.differences import differences, state_of, tables_of, watch_writes, writes
from tests.support.house import House, open_house

TABLES = [table for process in ALL for table in dict.fromkeys(tables_of(process))]
RENEWED = 3_700
"""Seconds after which every copy has expired."""


def one_percent_changes(house: House) -> None:
    """What happens in a corporation between two looks at it."""
    mutate = house.simulator.mutate
    # What leaves does so before others change or come: nobody would ever learn of it.
    mutate("industry_job", remove=9)
    mutate("market_order", close=2, state=None)
    for table in ("member", "asset"):
        mutate(table, change=0.01, add=5, remove=0.01)
    for table in ("industry_job", "market_order", "mining_ledger"):
        mutate(table, change=0.01, add=7)
    for table in ("wallet_balance", "mining_observer", "mining_extraction"):
        mutate(table, change=2)
    mutate("market_order", close=4, state="expired")
    mutate("market_order", close=3, state="cancelled")
    for division in (1, 4):
        mutate("wallet_journal", division=division, add=26)
        mutate("wallet_transaction", division=division, add=32)
    mutate("wallet_journal", division=2, remove=40)
    mutate("killmail", remove=2, add=3)
    mutate("container_log", remove=30, add=26)
    for table in ("structure", "contact", "project"):
        mutate(table, change=1, add=1)
    for table in ("contract", "notification"):
        mutate(table, add=2)
    mutate("container_log", append=[dict(house.served("container_log")[0])])


def counts(run: RunRecord) -> tuple[int, int, int]:
    return run.rows_added, run.rows_changed, run.rows_removed


def sum_of(runs: Sequence[RunRecord]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(counts, runs), strict=True)))


async def sync_all(house: House, process: Process) -> list[RunRecord]:
    """Sync until nothing is left for a further run: details come by so many a run."""
    runs = [await house.sync_data(process.type)]
    while runs[-1].current_until is None and len(runs) < 20:
        runs.append(await house.sync_data(process.type))
    return runs


def keeps_no_copies(process: Process) -> bool:
    """Whether the process reads details once and for ever, which are no part of what is listed."""
    return any(isinstance(d.plan, ForEach) and d.plan.once for d in process.datasets)


MEDIUM = replace(
    SCALES["full"],
    assets=700,
    jobs=60,
    order_history=60,
    journal=200,
    transactions=200,
    killmails=60,
    contracts=60,
    projects=16,
    structures=24,
    page_size=100,
)
"""Enough of everything for what happens between two looks, in as many pages as the full one."""


@pytest.mark.anyio
@pytest.mark.parametrize(
    "scale",
    [
        pytest.param(MEDIUM, id="medium"),
        pytest.param(SCALES["full"], id="full", marks=pytest.mark.long),
    ],
)
async def test_tables_equal_the_server_and_counts_the_differences(
    tmp_path: Path, scale: Scale
) -> None:
    async with open_house(tmp_path / "home", SimulatorConfig(scale=scale)) as house:
        await first_sync(house)
        await second_sync(house)
        await third_sync(house)


async def first_sync(house: House) -> None:
    for process in ALL:
        tables = dict.fromkeys(tables_of(process))
        known = sum([len(await house.rows(table)) for table in tables])  # the login's own answer
        runs = await sync_all(house, process)
        rows = sum([len(house.simulator.truth(table)) for table in tables])
        assert {(run.result, run.error_message, run.note) for run in runs} == {
            ("success", None, None)
        }
        assert sum_of(runs) == (rows - known, 0, 0), process.type
        assert runs[-1].items == rows or keeps_no_copies(process)
    await house.assert_true(*TABLES)
    scale = house.simulator.config.scale
    for table, least in (("member", scale.members), ("asset", scale.assets)):
        assert len(await house.rows(table)) >= least
    assert len(await house.rows("wallet_journal")) > 2 * scale.journal


async def second_sync(house: House) -> None:
    before = {process.type: state_of(house.simulator, process) for process in ALL}
    one_percent_changes(house)
    house.advance(RENEWED)
    for process in ALL:
        runs = await sync_all(house, process)
        expected = differences(before[process.type], state_of(house.simulator, process))
        assert {run.result for run in runs} == {"success"}
        assert sum_of(runs) == expected, process.type
        assert any(expected)
    await house.assert_true(*TABLES)


async def third_sync(house: House) -> None:
    house.advance(RENEWED)
    house.simulator.clear_log()
    watch_writes(house.workspace.store.path, TABLES)
    for process in ALL:
        run = await house.sync_data(process.type)
        assert (run.result, *counts(run)) == ("success", 0, 0, 0), process.type
        assert run.not_modified > 0
    assert writes(house.workspace.store.path) == {}
    asked = house.asked()
    assert asked
    late = [r["path"] for r in asked if r["if_none_match"] is None or r["status"] != 304]
    assert [path for path in late if not path.endswith("/contributors")] == []
    assert [r["path"] for r in asked if r["early"]] == []
    await house.assert_true(*TABLES)
