"""What the Changes screen says of each kind of change."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.queries.changes import Change
from tests.support.database import make_database

HQ, MOON, VEX, MINERAL, SHIP = 1_035_000_000_001, 40_000_001, 90_000_001, 34, 587
CLOSED, BOX = 1_035_000_000_009, 1_041_700_000_001
NAMES = {
    HQ: "Maurasi - HQ",
    MOON: "Maurasi I - Moon 1",
    VEX: "Aldra Vex",
    MINERAL: "Tritanium",
    SHIP: "Rifter",
    BOX: "Ore box",
}
ASSET = {"type_id": MINERAL, "location_id": HQ, "location_flag": "CorpDeliveries", "quantity": 40}
ORDER = {"type_id": MINERAL, "location_id": HQ, "price": 5.5, "volume_total": 900, "state": "open"}
JOB = {"activity_id": 1, "runs": 3, "product_type_id": SHIP, "facility_id": HQ, "installer_id": VEX}
LOG = {
    "action": "add",
    "character_id": VEX,
    "container_id": BOX,
    "location_id": HQ,
    "quantity": 40,
    "type_id": MINERAL,
}
PAID = {"division": 1, "ref_type": "player_donation", "second_party_id": VEX, "amount": -1_500.0}
DEAL = {"division": 1, "type_id": MINERAL, "client_id": VEX, "quantity": 10, "unit_price": 5.0}
LATER = {"chunk_arrival_time": "2026-11-25T14:05:00Z"}
MINED = {"observer_id": HQ, "character_id": VEX, "type_id": MINERAL, "quantity": 700}
CHUNK = {"structure_id": HQ, "moon_id": MOON, **LATER}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(make_database(tmp_path))) as opened:
        opened.executemany("INSERT INTO eve_name VALUES (?, ?, 'x', 0)", NAMES.items())
        opened.execute("INSERT INTO nameless_id VALUES (?, NULL, 'forbidden', 0, 1, 1)", (CLOSED,))
        yield opened


def told(
    db: sqlite3.Connection,
    table: str,
    row: dict[str, Any],
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    kind: str = "changed",
) -> str:
    """The sentence for a change; the key holds what is known of the row besides."""
    return ChangeDescriber(db, ALL).describe(
        Change(1, 1, 0.0, 98_000_001, table, kind, row, before, after)
    )


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        ("asset", ASSET, "40 × Tritanium new"),
        ("asset", ASSET | {"quantity": -2}, ": Tritanium new"),
        ("market_order", ORDER | {"is_buy_order": 0}, "sell order for Tritanium, 900 at 5.50 ISK"),
        ("market_order", ORDER | {"is_buy_order": 1, "state": "expired"}, "at 5.50 ISK, expired"),
        (
            "industry_job",
            JOB | {"status": "active"},
            "Maurasi - HQ: Aldra Vex started 3 × Rifter",
        ),
        (
            "industry_job",
            JOB | {"status": "active", "activity_id": 5},
            "Aldra Vex started 3 copies of Rifter",
        ),
        ("industry_job", JOB | {"status": "active", "activity_id": 8}, "invention of 3 × Rifter"),
        ("container_log", LOG, "Aldra Vex added 40 × Tritanium to Ore box in Maurasi - HQ"),
        ("container_log", LOG | {"action": "move"}, "Vex took 40 × Tritanium out of Ore box in"),
        ("container_log", LOG | {"action": "unlock"}, "Vex unlocked 40 × Tritanium in Ore box in"),
        (
            "container_log",
            LOG | {"action": "enter_password", "type_id": None},
            "Aldra Vex entered the password of Ore box in Maurasi - HQ",
        ),
        ("container_log", LOG | {"action": "new_word"}, "Vex new word 40 × Tritanium at Ore box"),
        ("asset", ASSET | {"location_id": CLOSED}, "Unknown structure 1035000000009"),
        ("industry_job", JOB | {"status": "delivered"}, "3 × Rifter by Aldra Vex delivered"),
        ("wallet_journal", PAID, "−1.5 k to Aldra Vex (player donation)"),
        ("wallet_transaction", DEAL | {"is_buy": 1}, "10 × Tritanium bought for 50.00 from Aldra"),
        ("wallet_transaction", DEAL | {"is_buy": 0}, "10 × Tritanium sold for 50.00 to Aldra Vex"),
        ("mining_ledger", MINED, "Maurasi - HQ: Aldra Vex mined 700 Tritanium"),
        ("mining_extraction", CHUNK, "begun at Maurasi I - Moon 1, chunk arrives 25 Nov 14:05"),
    ],
)
def test_what_came(db: sqlite3.Connection, table: str, row: dict[str, Any], words: str) -> None:
    assert words in told(db, table, row, after={}, kind="added")


@pytest.mark.parametrize(
    ("table", "row", "before", "after", "words"),
    [
        ("asset", ASSET, {"quantity": 40}, {"quantity": 15}, "25 Tritanium gone, 15 left"),
        ("asset", ASSET, {"quantity": 40}, {"quantity": 90}, "50 Tritanium more, 90 in all"),
        ("asset", ASSET, {"location_id": MOON}, {"location_id": HQ}, "40 × Tritanium moved from"),
        ("asset", ASSET, {"name": None}, {"name": "Ore"}, "without a name is now Ore"),
        (
            "market_order",
            ORDER,
            {"volume_remain": 900},
            {"volume_remain": 600},
            "300 Tritanium sold at 5.50 ISK, 600 left",
        ),
        ("market_order", ORDER, {"price": 5.5}, {"price": 5.4}, "price 5.50 → 5.40 ISK"),
        ("market_order", ORDER, {"state": "open"}, {"state": "cancelled"}, "Tritanium cancelled"),
        (
            "industry_job",
            JOB,
            {"status": "active"},
            {"status": "ready"},
            "3 × Rifter ready to deliver",
        ),
        ("wallet_balance", {"division": 1}, {"balance": 1e6}, {"balance": 3e6}, "3.0 M (+2.0 M)"),
        (
            "mining_ledger",
            MINED,
            {"quantity": 500},
            {"quantity": 700},
            "200 Tritanium more, 700 that day",
        ),
        (
            "mining_extraction",
            CHUNK,
            {"chunk_arrival_time": ""},
            LATER,
            "chunk of Maurasi I - Moon 1 now arrives 25 Nov 14:05",
        ),
    ],
)
def test_what_became_otherwise(
    db: sqlite3.Connection,
    table: str,
    row: dict[str, Any],
    before: dict[str, Any],
    after: dict[str, Any],
    words: str,
) -> None:
    assert words in told(db, table, row, before, after)


def test_what_has_no_sentence_of_its_own_is_told_field_by_field(db: sqlite3.Connection) -> None:
    assert told(db, "asset", ASSET, {"is_singleton": 0}, {"is_singleton": 1}).endswith(
        "singleton no → yes"
    )


def test_a_ledger_figure_that_goes_down_is_put_right_and_nothing_mined(
    db: sqlite3.Connection,
) -> None:
    before, after = {"quantity": 700}, {"quantity": 300}
    assert told(db, "mining_ledger", MINED | after, before, after) == (
        "Maurasi - HQ: Aldra Vex's Tritanium put right by ESI, 400 less, 300 that day"
    )


def test_values_that_read_alike_when_short_are_written_in_full(db: sqlite3.Connection) -> None:
    before, after = {"price": 3_214_000.0}, {"price": 3_214_500.0}
    sentence = told(db, "market_order", ORDER | {"is_buy_order": 0} | after, before, after)
    assert sentence.endswith("price 3,214,000.00 → 3,214,500.00 ISK")


def test_a_nested_value_is_told_element_by_element_and_whole(db: sqlite3.Connection) -> None:
    services = [{"name": f"Service {n}", "state": "online"} for n in range(9)]
    gone = [{**services[0], "state": "offline"}, *services[1:]]
    describer = ChangeDescriber(db, ALL)
    change = Change(1, 1, 0.0, 98_000_001, "structure", "changed", {"structure_id": HQ}, {}, {})
    assert describer.difference(change, "services", services, gone) == (
        "Service 0 online → offline"
    )
    whole = describer.whole_value(change, "services", services)
    assert whole.split("; ") == [f"Service {n} online" for n in range(9)]
    assert describer.difference(change, "name", "a", "b") is None
