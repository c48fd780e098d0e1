"""What happened over ten renewals can be read back from the change log alone."""

import json
import random
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.catalog.kit.rules import RuleContext
from corpsync_tui.queries.change_list import read_change
from corpsync_tui.store.schema import Table
from corpsync_tui.upkeep.export import Export, opened, sources
from tests.end_to_end.test_three_syncs import RENEWED
from tests.support.cast import PROCESSES
from tests.support.house import House, open_house
from tests.support.replay import changes_of, replayed, state_of

TABLES = list(
    dict.fromkeys(Table.of(d.model) for process in PROCESSES for d in process.datasets if d.counted)
)
ONLY_MOVING = {"mining_observer", "member_limit"}
"""Tables of which nothing is news."""
"""Its rows say when the observer was last updated, which is no news."""
GENERATIONS = 10


def something_happens(house: House, rng: random.Random) -> None:
    """A few changes of every kind of table, as the seed has it."""
    mutate = house.simulator.mutate
    for table in ("member", "asset"):
        mutate(table, change=rng.randint(0, 3), add=rng.randint(0, 2), remove=rng.randint(0, 2))
    for table in ("industry_job", "market_order", "mining_ledger"):
        mutate(table, change=rng.randint(0, 2), add=rng.randint(0, 2))
    for table in ("wallet_balance", "mining_observer", "mining_extraction"):
        mutate(table, change=rng.randint(0, 1))
    mutate("market_order", close=1, state=rng.choice(["expired", "cancelled", None]))
    division = rng.randint(1, 7)
    mutate("wallet_journal", division=division, add=rng.randint(0, 3))
    mutate("wallet_transaction", division=division, add=rng.randint(0, 3))
    mutate("killmail", add=rng.randint(0, 1))
    mutate("container_log", add=rng.randint(0, 3))


async def states(house: House) -> dict[str, Any]:
    def read(db: Any) -> dict[str, Any]:
        return {table.name: state_of(db, table, house.corporation_id) for table in TABLES}

    return await house.workspace.store.read(read)


async def logged(house: House, table: Table) -> list[Any]:
    return await house.workspace.store.read(lambda db: changes_of(db, table, house.corporation_id))


@pytest.mark.anyio
async def test_ten_generations_end_to_end(tmp_path: Path) -> None:
    rng = random.Random(20)
    async with open_house(tmp_path / "home") as house:
        for process in PROCESSES:
            await house.sync_data(process.type)
        first = await states(house)
        assert await house.rows("change") == []
        for _ in range(GENERATIONS):
            something_happens(house, rng)
            house.advance(RENEWED)
            for process in PROCESSES:
                run = await house.sync_data(process.type)
                assert (run.result, run.error_message) == ("success", None), process.type
        last = await states(house)
        for table in TABLES:
            changes = await logged(house, table)
            assert bool(changes) == (table.name not in ONLY_MOVING), table.name
            assert replayed(table, first[table.name], changes) == last[table.name], table.name


@pytest.mark.anyio
async def test_changes_bear_their_run_and_its_time(tmp_path: Path) -> None:
    async with open_house(tmp_path / "home") as house:
        await house.sync_data("members")
        house.simulator.mutate("member", add=2)
        house.advance(RENEWED)
        run = await house.sync_data("members")
        changes = await house.rows("change")

    assert [(c["run_id"], c["kind"], c["table_name"]) for c in changes] == [
        (run.id, "added", "member")
    ] * 2
    assert all(c["time"] >= run.start_time.timestamp() for c in changes)
    assert all(json.loads(c["row_key"]).keys() == {"character_id"} for c in changes)


@pytest.mark.anyio
async def test_of_a_new_row_of_a_log_the_key_is_kept_and_everyone_reads_the_whole(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path / "home") as house:
        for process in ("wallet", "killmails"):
            await house.sync_data(process)
        house.simulator.mutate("wallet_journal", division=1, add=1)
        house.simulator.mutate("killmail", add=1)
        house.advance(RENEWED)
        for process in ("wallet", "killmails"):
            await house.sync_data(process)
        logged = {c["table_name"]: c for c in await house.rows("change")}
        path = house.workspace.store.path
        file = StringIO()
        Export(path, sources()["change"], "json").write(file)
        exported = {c["table_name"]: c for c in json.loads(file.getvalue())}

        for name in ("wallet_journal", "killmail"):
            key = json.loads(logged[name]["row_key"])
            [row] = [r for r in await house.rows(name) if key.items() <= r.items()]
            kept = {n: v for n, v in row.items() if v is not None and n not in key}
            with opened(path) as db:
                describer = ChangeDescriber(db, ALL)
                detail = read_change(db, describer, logged[name]["id"])
                tables = {table.name: table for table in TABLES}
                rule = RuleContext(db, house.corporation_id, 0.0, tables=tables)
                [heard] = rule.changes(name)

            assert logged[name]["after"] is None
            assert exported[name]["after"] == heard.after == kept
            assert detail is not None
            assert {field.column for field in detail.fields} == kept.keys()
            assert all(field.after is not None for field in detail.fields)


@pytest.mark.anyio
@pytest.mark.parametrize(("packed_rows", "packed"), [(3, 1), (2, 0)])
async def test_the_settings_say_which_runs_are_packed_and_which_only_counted(
    tmp_path: Path, packed_rows: int, packed: int
) -> None:
    file = tmp_path / "home" / "config" / "settings.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f"[changes]\nbulk_rows = 1\npacked_rows = {packed_rows}\n")
    async with open_house(tmp_path / "home") as house:
        await house.sync_data("members")
        house.simulator.mutate("member", add=3)
        house.advance(RENEWED)
        await house.sync_data("members")
        [change] = await house.rows("change")
        packs = await house.workspace.store.read(
            lambda db: db.execute("SELECT COUNT(*) FROM change_pack").fetchone()[0]
        )

    assert (change["kind"], packs) == ("bulk", packed)
