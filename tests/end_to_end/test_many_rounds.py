"""Many rounds of changes that nobody foresaw, over many small pages."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.world.model import Gone
from tests.support.differences import State, differences, state_of, tables_of
from tests.support.house import House, Rows, open_house

pytestmark = pytest.mark.anyio

SCALE = replace(
    SCALES["small"],
    assets=57,
    jobs=23,
    orders=31,
    order_history=17,
    container_logs=45,
    journal=20,
    page_size=10,
)
ROUNDS = 9
RENEWED = 3_700
PROCESSES = {p.type: p for p in ALL if p.type in ("assets", "market", "container_logs")}


def shuffle_a_little(rng: Random, rows: Rows) -> None:
    """Move rows from one place to another, as ESI does when it sorts by something of its own."""
    for _ in range(rng.randint(0, 4)):
        if rows:
            rows.insert(rng.randrange(len(rows)), rows.pop(rng.randrange(len(rows))))


def change(rng: Random, house: House) -> None:
    """Something, somewhere; often nothing at all. What goes has been seen before."""
    mutate = house.simulator.mutate
    if rng.random() < 0.6:
        mutate("market_order", close=rng.randint(1, 3), state=rng.choice(("expired", None)))
    for table in ("asset", "market_order"):
        rows = house.served(table)
        if rng.random() < 0.3:
            continue
        if rng.random() < 0.5 and len(rows) > 30:
            mutate(table, remove=rng.choice((1, 2, 11)))
        mutate(table, change=rng.randint(0, 3), add=rng.choice((0, 0, 1, 12)))
        shuffle_a_little(rng, rows)
    if rng.random() < 0.3:
        forget_oldest(house)
    if rng.random() < 0.6:
        mutate("container_log", add=rng.choice((1, 2, 10)))
        lines = house.served("container_log")
        lines.insert(0, dict(lines[0]))


def forget_oldest(house: House) -> None:
    """ESI forgets by age: lines that are the same to the letter go together."""
    lines = house.served("container_log")
    corporation = house.simulator.state.world.corporations[house.corporation_id]
    oldest = lines[-1]
    while oldest in lines:
        lines.remove(oldest)
        corporation.forgotten["container_log"].append(Gone(0, oldest, 0.0))


@pytest.mark.parametrize("seed", range(3))
async def test_tables_stay_equal_and_counts_stay_true(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    config = SimulatorConfig(scale=SCALE, seed=seed)
    async with open_house(tmp_path / "home", config) as house:
        before: dict[str, State] = {}
        for _ in range(ROUNDS):
            for process in PROCESSES.values():
                await one_sync(house, process.type, before)
            change(rng, house)
            house.advance(RENEWED)
        asked = house.asked()
        assert [r["path"] for r in asked if r["early"]] == []
        assert {r["status"] for r in asked} == {200, 304}


async def one_sync(house: House, process_type: str, before: dict[str, State]) -> None:
    process = PROCESSES[process_type]
    state = state_of(house.simulator, process)
    old = before.get(process_type, {table: {} for table in state})
    run = await house.sync_data(process_type)
    assert (run.result, run.note) == ("success", None)
    assert (run.rows_added, run.rows_changed, run.rows_removed) == differences(old, state)
    await house.assert_true(*tables_of(process))
    before[process_type] = state
