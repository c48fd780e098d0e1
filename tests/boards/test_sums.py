"""The boards' sums against plain Python over what the simulator's corporation is."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from corpsync_tui.boards import find_board
from corpsync_tui.boards.kit.board import BoardContext, Row
from corpsync_tui.settings.boards import check_boards
from corpsync_tui.simulator.server import Simulator
from tests.boards.simulated import simulated
from tests.boards.support import C

Truth = Sequence[Mapping[str, Any]]
World = tuple[sqlite3.Connection, Simulator]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with simulated("demo", ticks=400) as found:
        yield found


def rows(world: World, board: str, variant: str = "") -> Sequence[Row]:
    found = find_board(board)
    context = BoardContext(world[0], C, time.time(), check_boards({}))
    return (found.by_variant[variant] if variant else found).read(context).rows


def summary(world: World, board: str) -> Mapping[str, Any]:
    context = BoardContext(world[0], C, time.time(), check_boards({}))
    return find_board(board).read(context).summary


def prices(world: World) -> dict[int, float]:
    """The market's price of each type, else that of the corporation's last trade."""
    trades = sorted(world[1].truth("wallet_transaction"), key=lambda t: t["transaction_id"])
    found = {trade["type_id"]: trade["unit_price"] for trade in trades}
    for row in world[1].truth("market_price"):
        price = row["average_price"]
        found[row["type_id"]] = row["adjusted_price"] if price is None else price
    return found


def is_inside(row: Mapping[str, Any]) -> bool:
    return bool(row["first_party_id"] == C and row["second_party_id"] == C)


def test_the_wallet_by_month_word_and_division(world: World) -> None:
    journal = world[1].truth("wallet_journal")
    sums: defaultdict[tuple[Any, ...], float] = defaultdict(float)
    for row in journal:
        if not is_inside(row):
            sums[row["date"][:7], row["ref_type"], row["division"]] += row["amount"]
    board: defaultdict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows(world, "wallet"):
        board[row["month"], row["ref_type"], row["division"]] += row["amount"]
    moved = sum(row["amount"] for row in journal if is_inside(row) and row["amount"] > 0)

    assert board == {key: pytest.approx(value, abs=0.1) for key, value in sums.items()}
    found = summary(world, "wallet")
    assert found["net"] == pytest.approx(sum(sums.values()), abs=1)
    assert found["inside"] == pytest.approx(moved, abs=1)
    assert found["gaps"] == []
    assert sum(row["count"] for row in rows(world, "wallet")) == sum(
        not is_inside(row) for row in journal
    )


def test_slots_and_the_worth_of_what_is_built(world: World) -> None:
    jobs = [j for j in world[1].truth("industry_job") if j["status"] in ("active", "ready")]
    paused = [j for j in world[1].truth("industry_job") if j["status"] == "paused"]
    worth = prices(world)
    made = [j for j in jobs + paused if j["activity_id"] in (1, 9, 11)]
    board = rows(world, "industry")

    slots = Counter(job["installer_id"] for job in jobs + paused)
    assert slots == {
        row["installer_id"]: row["manufacturing"] + row["science"] + row["reactions"]
        for row in board
    }
    assert sum(row["worth"] or 0 for row in board) == pytest.approx(
        sum(job["runs"] * worth.get(job["product_type_id"], 0) for job in made)
    )


def places(assets: Truth) -> dict[int, int]:
    """Where each thing is in the end."""
    boxes = {row["item_id"]: row["location_id"] for row in assets}
    found = {}
    for row in assets:
        place = row["location_id"]
        while place in boxes:
            place = boxes[place]
        found[row["item_id"]] = place
    return found


def test_the_worth_of_all_assets_by_type_place_and_division(world: World) -> None:
    assets, worth = world[1].truth("asset"), prices(world)
    where = places(assets)
    by_type: defaultdict[int, float] = defaultdict(float)
    by_place: defaultdict[int, float] = defaultdict(float)
    for row in assets:
        copy = row["is_blueprint_copy"] or row["type_id"] == 27
        count = max(row["quantity"], 1)  # -1 and -2 say what kind of blueprint a single one is
        value = 0.0 if copy else count * worth.get(row["type_id"], 0.0)
        by_type[row["type_id"]] += value
        by_place[where[row["item_id"]]] += value

    board = {row["type_id"]: row["value"] or 0.0 for row in rows(world, "stock")}
    assert board == {key: pytest.approx(value) for key, value in by_type.items() if key != 27}
    found = {row["location_id"]: row["value"] for row in rows(world, "stock", "place")}
    assert found == {key: pytest.approx(by_place[key]) for key in found}
    assert sum(found.values()) == pytest.approx(sum(by_place.values()))
    divisions = rows(world, "stock", "division")
    assert sum(row["value"] for row in divisions) == pytest.approx(sum(by_place.values()))


def test_orders_are_worth_what_is_left_of_them(world: World) -> None:
    orders = [row for row in world[1].truth("market_order") if row["state"] == "open"]
    board = summary(world, "market")

    for side, name in ((0, "sell_value"), (1, "buy_value")):
        mine = [o for o in orders if bool(o["is_buy_order"]) == side]
        assert board[name] == pytest.approx(sum(o["price"] * o["volume_remain"] for o in mine))
    assert board["orders"] == len(orders)
    assert board["escrow"] == pytest.approx(sum(o["escrow"] or 0 for o in orders))


def cargo(items: Truth, worth: Mapping[int, float]) -> float:
    total = 0.0
    for item in items:
        if item["flag"] != 179:
            count = item.get("quantity_destroyed", 0) + item.get("quantity_dropped", 0)
            share = 0.01 if item.get("singleton") == 2 else 1.0
            total += count * worth.get(item["item_type_id"], 0.0) * share
            total += cargo(item.get("items", []), worth)
    return total


def test_losses_and_final_blows_by_week(world: World) -> None:
    worth = prices(world)
    lost: defaultdict[str, float] = defaultdict(float)
    destroyed: defaultdict[str, float] = defaultdict(float)
    for mail in world[1].truth("killmail"):
        year, week, _ = date.fromisoformat(mail["killmail_time"][:10]).isocalendar()
        victim = mail["victim"]
        value = worth.get(victim["ship_type_id"], 0.0) + cargo(victim.get("items", []), worth)
        if victim.get("corporation_id") == C:
            lost[f"{year}-{week:02}"] += value
        elif any(a["final_blow"] and a.get("corporation_id") == C for a in mail["attackers"]):
            destroyed[f"{year}-{week:02}"] += value
    board = rows(world, "kills")

    assert lost
    assert {r["week"]: r["lost_isk"] for r in board if r["losses"]} == {
        week: pytest.approx(value) for week, value in lost.items()
    }
    assert {r["week"]: r["destroyed_isk"] for r in board if r["final_blows"]} == {
        week: pytest.approx(value) for week, value in destroyed.items()
    }
    losses = rows(world, "kills", "losses")
    assert sum(r["value"] for r in losses) == pytest.approx(sum(lost.values()))


def test_ore_by_chunk(world: World) -> None:
    worth = prices(world)
    pops = [row for row in world[1].truth("mining_extraction") if row["state"] != "cancelled"]
    mined: defaultdict[tuple[int, str], float] = defaultdict(float)
    for row in world[1].truth("mining_ledger"):
        first = str(date.fromisoformat(row["last_updated"]) - timedelta(days=6))
        of = [
            pop["chunk_arrival_time"]
            for pop in pops
            if pop["structure_id"] == row["observer_id"]
            and first <= pop["chunk_arrival_time"][:10] <= row["last_updated"]
        ]
        if of:
            value = row["quantity"] * worth.get(row["type_id"], 0.0)
            mined[row["observer_id"], max(of)] += value
    board = {
        (
            row["structure_id"],
            f"{datetime.fromtimestamp(row['chunk_arrival'], UTC):%Y-%m-%dT%H:%M:%SZ}",
        ): row["mined"]
        for row in rows(world, "moons")
        if row["mined"]
    }

    assert mined
    assert board == {key: pytest.approx(value) for key, value in mined.items() if value}


def test_what_contracts_hold_and_ask_for(world: World) -> None:
    worth = prices(world)
    given: defaultdict[int, float] = defaultdict(float)
    wanted: defaultdict[int, float] = defaultdict(float)
    unknown = set()
    items = world[1].truth("contract_item")
    for item in (i for i in items if i.get("raw_quantity") != -2):  # which is a blueprint copy
        if item["type_id"] not in worth:
            unknown.add(item["contract_id"])
        side = given if item["is_included"] else wanted
        side[item["contract_id"]] += item["quantity"] * worth.get(item["type_id"], 0.0)
    expected = {}
    for row in world[1].truth("contract"):
        key = row["contract_id"]
        ours = row["issuer_corporation_id"] == C and row["for_corporation"]
        out, come = (row["reward"] or 0) + given[key], (row["price"] or 0) + wanted[key]
        pair = (come, out) if ours else (out, come)
        expected[key] = (None, None) if key in unknown else pytest.approx(pair)

    board = {r["contract_id"]: (r["value_in"], r["value_out"]) for r in rows(world, "contracts")}
    assert board == expected


def test_members_and_the_lines_of_their_boxes(world: World) -> None:
    log, members = world[1].truth("container_log"), world[1].truth("member")
    roles = {row["character_id"]: row for row in world[1].truth("member_role")}
    actions = Counter(line["action"] for line in log)
    audit, board = rows(world, "audit"), rows(world, "members")

    assert sum(row["adds"] for row in audit) == actions["add"]
    assert sum(row["moves"] for row in audit) == actions["move"]
    assert sum(row["password_fails"] for row in audit) == actions["enter_password"]
    assert {row["character_id"] for row in board} == {m["character_id"] for m in members}
    for row in board:
        held = roles.get(row["character_id"], {})
        lists = ("roles", "roles_at_hq", "roles_at_base", "roles_at_other")
        assert row["roles"] == sorted({role for name in lists for role in held.get(name) or []})


def test_projects_and_what_is_left_to_pay(world: World) -> None:
    board = {row["id"]: row for row in rows(world, "projects")}
    for table in ("project", "freelance_job"):
        for row in world[1].truth(table):
            reward = row["reward"] or {}
            assert board[row["id"]]["progress"] == row["progress"]["current"]
            assert board[row["id"]]["isk_left"] == reward.get("remaining")


def test_every_structure_is_there_once_with_what_lies_in_its_bay(world: World) -> None:
    bays: Counter[int] = Counter()
    for row in world[1].truth("asset"):
        if row["location_flag"] == "StructureFuel" and row["type_id"] in (4051, 4246, 4247, 4312):
            bays[row["location_id"]] += row["quantity"]
    board = {row["id"]: row for row in rows(world, "structures")}
    ids = {
        "structure": "structure_id",
        "starbase": "starbase_id",
        "customs_office": "office_id",
        "skyhook": "id",
        "sovereignty_hub": "id",
    }

    assert board.keys() == {row[key] for table, key in ids.items() for row in world[1].truth(table)}
    for row in world[1].truth("structure"):
        found = board[row["structure_id"]]
        if found["fuel_source"] != "bay":
            assert found["in_bay"] == bays[row["structure_id"]]
        offline = [s for s in row["services"] or [] if s["state"] == "offline"]
        assert found["services_offline"] == len(offline)
    assert json.dumps(list(board.values()))


def test_a_chunk_falls_apart_three_hours_after_its_arrival(world: World) -> None:
    """esi-issues#962: 22:01 and 01:01."""
    extractions = world[1].truth("mining_extraction")
    spans = {
        datetime.fromisoformat(row["natural_decay_time"])
        - datetime.fromisoformat(row["chunk_arrival_time"])
        for row in extractions
        if row["state"] == "active"
    }

    assert timedelta(hours=3) in spans
    active = [row["structure_id"] for row in extractions if row["state"] == "active"]
    assert len(active) == len(set(active))  # one chunk at a time
