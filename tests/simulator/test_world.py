"""The world: believable, seeded, changed only when told, and told truly."""

import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.world import mining, places
from corpsync_tui.simulator.world.tables import TABLES
from tests.simulator.conftest import ASSETS, JOURNAL, C, Guest
from tests.support.simulator import Simulator

ENDED = "market_order_history"
CHANGING = [name for name, table in TABLES.items() if table.can_change and name != ENDED]
GROWING = [name for name, table in TABLES.items() if table.can_grow and name != ENDED]
REMEMBERED = {name for name, table in TABLES.items() if table.kind != "snapshot"}


def identity(name: str, row: dict[str, object]) -> str:
    """What tells a row from every other of its table."""
    table = TABLES[name]
    whole = name in ("container_log", "role_change")
    columns = tuple(row) if whole else (*table.key, *([table.unit] if table.unit else []))
    return json.dumps([row[column] for column in columns])


def test_rows_are_told_apart_by_their_identity(simulator: Simulator) -> None:
    simulator.tick(300)
    for table in TABLES.keys() - {ENDED}:
        rows = simulator.truth(table)
        assert len({identity(table, row) for row in rows}) == len(rows) > 0, table


def test_same_seed_same_world_other_seed_another() -> None:
    def rows(seed: int) -> list[dict[str, object]]:
        return Simulator(SimulatorConfig(seed=seed)).truth("asset")

    assert rows(1) == rows(1)
    assert rows(1) != rows(2)


def test_world_stands_still_unless_told(simulator: Simulator) -> None:
    before = {table: simulator.truth(table) for table in GROWING}
    simulator.advance(86_400)
    assert {table: simulator.truth(table) for table in GROWING} == before


def test_places_of_assets_lead_to_a_station_or_a_structure(simulator: Simulator) -> None:
    assets = {row["item_id"]: row for row in simulator.truth("asset")}
    names = {row["id"]: row["category"] for row in simulator.truth("eve_name")}
    kinds = Counter[str]()
    for row in assets.values():
        place = row["location_id"]
        while place in assets:
            place = assets[place]["location_id"]
        kinds[names[place]] += 1
    assert set(kinds) == {"station", "structure"}


def test_every_type_and_character_has_a_name(simulator: Simulator) -> None:
    names = {row["id"]: row["name"] for row in simulator.truth("eve_name")}
    for table in ("asset", "member", "market_order", "wallet_transaction", "mining_ledger"):
        for row in simulator.truth(table):
            for column in ("type_id", "character_id", "issued_by", "client_id", "region_id"):
                assert row.get(column) is None or names[row[column]]


def test_journal_balances_add_up(simulator: Simulator) -> None:
    rows = [row for row in simulator.truth("wallet_journal") if row["division"] == 1]
    assert len(rows) == SCALES["small"].journal + SCALES["small"].transactions
    for newer, older in pairwise(rows):
        assert newer["balance"] == pytest.approx(older["balance"] + newer["amount"], abs=0.01)
    (balance, *_) = simulator.truth("wallet_balance")
    assert balance == {"division": 1, "balance": rows[0]["balance"]}


def test_each_transaction_has_its_entry_in_the_journal(simulator: Simulator) -> None:
    simulator.tick(60)
    simulator.mutate("wallet_transaction", division=7, add=20)
    entries = {row["id"]: row for row in simulator.truth("wallet_journal")}
    trades = simulator.truth("wallet_transaction")
    for trade in trades:
        entry = entries[trade["journal_ref_id"]]
        total = round(trade["unit_price"] * trade["quantity"], 2)
        assert entry["amount"] == (-total if trade["is_buy"] else total)
        assert entry["context_id"] == trade["transaction_id"]
        assert (entry["division"], entry["date"]) == (trade["division"], trade["date"])
    sales = [row for row in entries.values() if row["ref_type"] == "market_transaction"]
    assert len(sales) == len(trades)
    assert {trade["is_buy"] for trade in trades} == {0, 1}


def test_container_log_has_rows_alike_to_the_letter(director: Guest) -> None:
    rows = director.get(f"{C}/containers/logs").json()
    counts = Counter(tuple(sorted(row.items())) for row in rows)
    assert max(counts.values()) >= 2
    told = director.simulator.truth("container_log")
    assert {row["ordinal"] for row in told} == {0, 1}


def test_change_changes_so_many_rows_and_no_identity(simulator: Simulator) -> None:
    for table in CHANGING:
        before = {identity(table, row): row for row in simulator.truth(table)}
        wanted = min(2, len(before))
        counts = simulator.mutate(table, change=2)
        after = {identity(table, row): row for row in simulator.truth(table)}
        assert counts == {"added": 0, "changed": wanted, "removed": 0}, table
        assert before.keys() == after.keys(), table
        assert sum(before[key] != after[key] for key in before) == wanted, table


@pytest.mark.parametrize("table", GROWING)
def test_add_and_remove(simulator: Simulator, table: str) -> None:
    before = simulator.truth(table, forgotten=0)
    assert simulator.mutate(table, add=3)["added"] == 3
    assert len(simulator.truth(table, forgotten=0)) == len(before) + 3
    assert simulator.mutate(table, remove=3)["removed"] == 3
    assert len(simulator.truth(table, forgotten=0)) == len(before)
    kept = len(before) + (3 if table in REMEMBERED else 0)
    assert len(simulator.truth(table)) == kept


@pytest.mark.parametrize("table", [name for name in GROWING if TABLES[name].parent is None])
def test_what_belongs_to_a_row_comes_and_goes_with_it(simulator: Simulator, table: str) -> None:
    children = [child for child in TABLES.values() if child.parent == table]
    simulator.mutate(table, add=2)
    simulator.mutate(table, remove=5)
    held = {row[TABLES[table].key[0]] for row in simulator.truth(table)} if children else set()
    for child in children:
        units = {row[child.unit] for row in simulator.truth(child.name) if child.unit}
        assert units <= held


def test_what_is_no_change_of_a_table_is_refused(simulator: Simulator) -> None:
    for table, wanted in (
        ("wallet_journal", {"change": 1}),
        ("wallet_balance", {"add": 1}),
        ("facility", {"remove": 1}),
        ("skyhook_detail", {"add": 1}),
        ("asset", {"close": 1}),
        ("wallet_journal", {"division": 9, "add": 1}),
        ("nothing", {"add": 1}),
    ):
        with pytest.raises(ValueError, match=r"\w"):
            simulator.mutate(table, **wanted)


def test_added_to_one_division_only(director: Guest) -> None:
    simulator = director.simulator
    before = Counter(row["division"] for row in simulator.truth("wallet_journal"))
    simulator.mutate("wallet_journal", division=3, add=40)
    after = Counter(row["division"] for row in simulator.truth("wallet_journal"))
    assert after - before == {3: 40}
    newest = director.get(JOURNAL.replace("{division}", "3")).json()[0]
    assert newest["id"] == max(row["id"] for row in simulator.truth("wallet_journal"))


def test_orders_close_into_the_history_or_into_nowhere(simulator: Simulator) -> None:
    before = Counter(row["state"] for row in simulator.truth("market_order"))
    simulator.mutate("market_order", close=2, state="cancelled")
    simulator.mutate("market_order", close=1, state="expired")
    simulator.mutate("market_order", close=1)
    after = Counter(row["state"] for row in simulator.truth("market_order"))
    assert after["open"] == before["open"] - 4
    assert after["cancelled"] == before["cancelled"] + 2
    assert after["expired"] == before["expired"] + 1
    assert after["closed"] == 1


def test_rows_of_any_text_can_be_put_in(director: Guest) -> None:
    hostile = "[b]\x1b]0;x\x07\u202e é🚀 =1+1" * 9
    simulator = director.simulator
    simulator.mutate("wallet_journal", division=1, set={"index": 0, "fields": {"reason": hostile}})
    simulator.mutate("wallet_journal", division=1, set={"index": 1, "fields": {"balance": None}})
    told = director.get(JOURNAL).json()
    assert told[0]["reason"] == hostile
    assert "balance" not in told[1]
    simulator.name(34, hostile, "inventory_type")
    assert director.post("/universe/names", [34]).json()[0]["name"] == hostile
    item = next(row["item_id"] for row in simulator.truth("asset") if row["is_singleton"])
    simulator.call("POST", "asset_name", item_id=item, value=hostile)
    assert director.post(f"{ASSETS}/names", [item]).json()[0]["name"] == hostile


def test_several_corporations_stay_apart() -> None:
    with Simulator(SimulatorConfig(corporations=2)) as simulator:
        first, second = simulator.world()
        assert first["name"] == "Hedion Freight Union"
        assert first["characters"][0]["roles"] == ["Director"]
        ids = [
            {row["item_id"] for row in simulator.truth("asset", corporation_id=number)}
            for number in (first["corporation_id"], second["corporation_id"])
        ]
        assert not ids[0] & ids[1]


def test_full_scale_is_the_corporation_of_the_acceptance() -> None:
    corporation = Simulator(SimulatorConfig(scale=SCALES["full"])).state.world.corporations[
        98000001
    ]
    assert len(corporation.rows("member")) == 180
    assert len(corporation.rows("asset")) == 4300
    assert len(corporation.rows("wallet_journal", 1)) == 2600 + 3200
    assert len(corporation.rows("wallet_transaction", 1)) > 2500


def test_a_refinery_drills_one_moon_at_a_time_for_days_and_each_moon_once() -> None:
    simulator = Simulator(SimulatorConfig(scale=SCALES["demo"]))
    simulator.mutate("mining_extraction", add=12)
    simulator.tick(500)
    rows = simulator.truth("mining_extraction", forgotten=0)
    assert len({row["structure_id"] for row in rows}) == len(rows)
    assert len({row["moon_id"] for row in rows}) == len(rows)
    for row in simulator.truth("mining_extraction"):
        started = datetime.fromisoformat(row["extraction_start_time"])
        arrives = datetime.fromisoformat(row["chunk_arrival_time"])
        assert timedelta(days=5.9) < arrives - started < timedelta(days=57)
        assert places.MOONS[row["moon_id"]]


def test_chunks_are_fractured_and_cancelled_and_leave_the_list() -> None:
    simulator = Simulator(SimulatorConfig(scale=SCALES["demo"]))
    simulator.tick(1_500)
    assert simulator.truth("mining_extraction", forgotten=0)
    gone = simulator.state.world.corporations[98000001].forgotten["mining_extraction"]
    states = {mining.extraction_state(found.row, found.since) for found in gone}
    assert states == {"fractured", "cancelled"}


def test_ledgers_hold_the_ores_of_their_moon(simulator: Simulator) -> None:
    structures = simulator.state.world.structures
    for row in simulator.truth("mining_ledger"):
        moon = structures[row["observer_id"]].moon_id
        assert row["type_id"] in mining.ores_of(moon)
