"""The world: believable, seeded, changed only when told, and told truly."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.world import mining, places
from corpsync_tui.simulator.world.tables import TABLES
from tests.simulator.conftest import ASSETS, JOURNAL, C, Guest
from tests.support.simulator import Simulator

CHANGING = [name for name, table in TABLES.items() if table.change]
GROWING = [name for name, table in TABLES.items() if table.new and name != "market_order_history"]


def identity(table: str, row: dict[str, object]) -> tuple[object, ...]:
    keys = {
        "member": ("character_id",),
        "asset": ("item_id",),
        "industry_job": ("job_id",),
        "market_order": ("order_id",),
        "wallet_balance": ("division",),
        "wallet_journal": ("division", "id"),
        "wallet_transaction": ("division", "transaction_id"),
        "mining_observer": ("observer_id",),
        "mining_ledger": ("observer_id", "character_id", "type_id", "last_updated"),
        "mining_extraction": ("structure_id", "extraction_start_time"),
        "killmail": ("killmail_id",),
    }
    names = keys.get(table) or tuple(row)
    return tuple(row[name] for name in names)


@pytest.mark.parametrize("table", [name for name in TABLES if name != "market_order_history"])
def test_rows_are_told_apart_by_their_identity(simulator: Simulator, table: str) -> None:
    simulator.tick(300)
    rows = simulator.truth(table)
    assert len({identity(table, row) for row in rows}) == len(rows) > 0


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
    assert len(rows) == 60
    for newer, older in pairwise(rows):
        assert newer["balance"] == pytest.approx(older["balance"] + newer["amount"], abs=0.01)
    (balance, *_) = simulator.truth("wallet_balance")
    assert balance == {"division": 1, "balance": rows[0]["balance"]}


def test_container_log_has_rows_alike_to_the_letter(director: Guest) -> None:
    rows = director.get(f"{C}/containers/logs").json()
    counts = Counter(tuple(sorted(row.items())) for row in rows)
    assert max(counts.values()) >= 2
    told = director.simulator.truth("container_log")
    assert {row["ordinal"] for row in told} == {0, 1}


@pytest.mark.parametrize("table", CHANGING)
def test_change_changes_so_many_rows_and_no_identity(simulator: Simulator, table: str) -> None:
    before = {identity(table, row): row for row in simulator.truth(table)}
    counts = simulator.mutate(table, change=2)
    after = {identity(table, row): row for row in simulator.truth(table)}
    assert counts == {"added": 0, "changed": 2, "removed": 0}
    assert before.keys() == after.keys()
    assert sum(before[key] != after[key] for key in before) == 2


@pytest.mark.parametrize("table", GROWING)
def test_add_and_remove(simulator: Simulator, table: str) -> None:
    before = simulator.truth(table, forgotten=0)
    assert simulator.mutate(table, add=3)["added"] == 3
    assert len(simulator.truth(table, forgotten=0)) == len(before) + 3
    assert simulator.mutate(table, remove=3)["removed"] == 3
    assert len(simulator.truth(table, forgotten=0)) == len(before)
    kept = len(before) + (3 if TABLES[table].kind != "snapshot" else 0)
    assert len(simulator.truth(table)) == kept


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
    assert len(corporation.rows("wallet_journal", 1)) == 2600
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
    before = {row["structure_id"] for row in simulator.truth("mining_extraction", forgotten=0)}
    simulator.tick(600)
    gone = [row for row in simulator.truth("mining_extraction") if row["structure_id"] in before]
    listed = simulator.truth("mining_extraction", forgotten=0)
    assert len(gone) > len(listed) > 0


def test_ledgers_hold_the_ores_of_their_moon(simulator: Simulator) -> None:
    structures = simulator.state.world.structures
    for row in simulator.truth("mining_ledger"):
        moon = structures[row["observer_id"]].moon_id
        assert row["type_id"] in mining.ores_of(moon)
