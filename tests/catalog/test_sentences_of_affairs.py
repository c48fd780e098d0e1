"""What the Changes screen says of structures, contracts, projects, roles and notifications."""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.describer import ChangeDescriber
from corpsync_tui.queries.changes import Change
from corpsync_tui.store.schema import Table
from tests.support.database import insert, make_database

CORPORATION = 98_000_001
VEX, ORD, KEEP, MOON, PLANET, JITA = 90_000_001, 90_000_002, 10**12 + 1, 40_000_001, 40_000_002, 30
NAMES = {
    VEX: "Aldra Vex",
    ORD: "Tom Ord",
    KEEP: "Jita - Keep",
    MOON: "Jita I - Moon 1",
    PLANET: "Jita I",
    JITA: "Jita",
    34: "Tritanium",
}
FUEL = ("2026-12-01T10:00:00Z", "2026-12-20T10:00:00Z")
PROJECT = {"id": "a", "name": "Veldspar"}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    path = make_database(tmp_path)
    insert(path, "project", corporation_id=CORPORATION, **PROJECT, **_rest())
    with closing(sqlite3.connect(path)) as opened:
        opened.executemany("INSERT INTO eve_name VALUES (?, ?, 'x', 0)", NAMES.items())
        yield opened


def _rest() -> dict[str, str]:
    return {"last_modified": "", "progress": "null", "state": ""}


def test_every_table_has_a_sentence_of_its_own() -> None:
    described = {Table.of(model) for process in ALL for model in process.describe}

    assert {table.name for process in ALL for table in process.logged} == {
        table.name for table in described
    }


def test_a_row_of_which_nothing_is_known_has_a_sentence(
    db: sqlite3.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    never_null = {"killmail", "wallet_balance"}
    tables = {table.name for process in ALL for table in process.logged} - never_null
    describer = ChangeDescriber(db, ALL)
    for table, kind in itertools.product(tables, ("added", "changed", "removed")):
        change = Change(1, 1, 0.0, CORPORATION, table, kind, {}, {}, {})
        assert describer.describe(change), (table, kind)
        assert not caplog.records, (table, kind)


def progress(current: int) -> dict[str, int]:
    return {"current": current, "desired": 900}


CAME: list[tuple[str, dict[str, Any], str]] = [
    ("structure", {"structure_id": KEEP}, "Jita - Keep is new"),
    ("starbase", {"starbase_id": 5, "moon_id": MOON}, "Starbase at Jita I - Moon 1 is new"),
    ("customs_office", {"office_id": 5, "system_id": JITA}, "Customs office in Jita is new"),
    ("skyhook", {"id": 5, "planet_id": PLANET}, "Skyhook at Jita I is new"),
    ("sovereignty_hub", {"id": 5, "solar_system_id": JITA}, "Sovereignty hub in Jita is new"),
    (
        "contract",
        {"contract_id": 5, "type": "courier", "issuer_id": VEX, "assignee_id": ORD, "reward": 5e6},
        "Aldra Vex offers a courier for Tom Ord, 5.0 M",
    ),
    (
        "contract_item",
        {"contract_id": 5, "record_id": 1, "type_id": 34, "quantity": 9, "is_included": 1},
        "Contract 5 holds 9 × Tritanium",
    ),
    (
        "contract_bid",
        {"contract_id": 5, "bid_id": 1, "bidder_id": VEX, "amount": 2e6},
        "Aldra Vex bids 2.0 M for contract 5",
    ),
    ("project", PROJECT, "Project “Veldspar” is new"),
    (
        "project_contributor",
        {"project_id": "a", "id": VEX, "name": "Aldra Vex", "contributed": 40},
        "Aldra Vex has contributed 40 to “Veldspar”",
    ),
    (
        "role_change",
        {
            "character_id": VEX,
            "issuer_id": ORD,
            "role_type": "roles",
            "old_roles": ["Auditor"],
            "new_roles": ["Director"],
        },
        "Tom Ord gave Director and took Auditor: roles of Aldra Vex",
    ),
    (
        "notification",
        {"notification_id": 1, "type": "StructureUnderAttack", "party_id": VEX},
        "Structure under attack: Aldra Vex",
    ),
    ("notification", {"notification_id": 1, "type": "CorpAppNewMsg"}, "Corp app new"),
    ("blueprint", {"item_id": 1, "type_id": 34, "runs": -1}, "Tritanium (ME None, TE None) new"),
    ("alliance_history", {"record_id": 1}, "The corporation left its alliance"),
    ("medal", {"medal_id": 1, "title": "Hero"}, "Medal “Hero” is new"),
]


@pytest.mark.parametrize(("table", "row", "words"), CAME)
def test_what_came(db: sqlite3.Connection, table: str, row: dict[str, Any], words: str) -> None:
    identity = next(t.identity for p in ALL for t in p.logged if t.name == table)
    key = {name: value for name, value in row.items() if name in identity}
    change = Change(1, 1, 0.0, CORPORATION, table, "added", key, None, row)

    assert words in ChangeDescriber(db, ALL).describe(change)


CHANGED: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    (
        "structure",
        {"structure_id": KEEP},
        {"fuel_expires": FUEL[0]},
        {"fuel_expires": FUEL[1]},
        "Jita - Keep was refuelled: fuel until 20 Dec 10:00",
    ),
    (
        "structure",
        {"structure_id": KEEP},
        {"fuel_expires": FUEL[0]},
        {"fuel_expires": None},
        "Jita - Keep burns no fuel any more",
    ),
    (
        "structure",
        {"structure_id": KEEP},
        {"services": [{"name": "Market", "state": "online"}]},
        {"services": [{"name": "Market", "state": "offline"}]},
        "Jita - Keep: services Market online → offline",
    ),
    (
        "contract",
        {"contract_id": 5, "type": "courier", "issuer_id": VEX, "acceptor_id": ORD},
        {"status": "outstanding", "state": "outstanding"},
        {"status": "in_progress", "state": "in_progress"},
        "Aldra Vex's courier is in progress by Tom Ord",
    ),
    (
        "project",
        PROJECT,
        {"progress": progress(100)},
        {"progress": progress(400)},
        "Project “Veldspar”: 300 more, 400 of 900",
    ),
    ("project", PROJECT, {"state": "Active"}, {"state": "Closed"}, "is closed now"),
    (
        "member_role",
        {"character_id": VEX},
        {"roles": ["Auditor"]},
        {"roles": ["Auditor", "Director"]},
        "Roles of Aldra Vex: roles Director new",
    ),
    (
        "division",
        {"kind": "wallet", "division": 3},
        {"name": None},
        {"name": "Fuel"},
        "Wallet 3 is called “Fuel”",
    ),
    ("contact", {"contact_id": VEX}, {"standing": 5.0}, {"standing": -10.0}, "Contact Aldra Vex: "),
    ("member_limit", {}, {"value": 20}, {"value": 40}, "40 members besides"),
]


@pytest.mark.parametrize(("table", "row", "before", "after", "words"), CHANGED)
def test_what_changed(
    db: sqlite3.Connection,
    table: str,
    row: dict[str, Any],
    before: dict[str, Any],
    after: dict[str, Any],
    words: str,
) -> None:
    change = Change(1, 1, 0.0, CORPORATION, table, "changed", row, before, after)

    assert words in ChangeDescriber(db, ALL).describe(change)
