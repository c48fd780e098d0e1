"""`<table>_named` shows what a director would call the things whose ids a table holds."""

import sqlite3

import pytest

from corpsync_tui.store.database import Store
from corpsync_tui.store.models import Corporation, EveName
from corpsync_tui.store.schema import Table
from corpsync_tui.store.views import named_view
from tests.store.tables import CORPORATION, Item, Journal

pytestmark = pytest.mark.anyio

STATION = 60_003_760


def fill(db: sqlite3.Connection) -> None:
    Corporation.create(corporation_id=CORPORATION, name="Hedion Freight Union", ticker="HEDU")
    for number, name, category in (
        (34, "Tritanium", "inventory_type"),
        (STATION, "Jita IV - Moon 4", "station"),
        (7, "Wrong", "faction"),
    ):
        EveName.create(id=number, name=name, category=category, fetched_at=0)
    db.executemany(
        "INSERT INTO item (corporation_id, is_singleton, item_id, location_id, quantity, type_id, "
        "name) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (CORPORATION, 1, 100, STATION, 1, 34, "Ore box"),
            (CORPORATION, 0, 101, 100, 5, 34, None),
            (CORPORATION, 0, 102, 999, 5, None, None),
        ],
    )
    db.executemany(
        "INSERT INTO journal (corporation_id, division, amount, context_id, context_id_type, date, "
        "id, reason, extra) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (CORPORATION, 1, 1.0, STATION, "station_id", "2026-11-24", 1, None, None),
            (CORPORATION, 1, 1.0, 7, "contract_id", "2026-11-24", 2, None, None),
        ],
    )


async def rows(store: Store, query: str) -> list[tuple[object, ...]]:
    return await store.read(lambda db: db.execute(query).fetchall())


async def test_all_columns_and_a_name_beside_each_id(store: Store) -> None:
    await store.write(fill)
    view = named_view(Table.of(Item))
    columns = [row[1] for row in await rows(store, f"PRAGMA table_info({view})")]
    assert columns == [
        "corporation_id",
        "corporation_name",
        "is_singleton",
        "item_id",
        "location_id",
        "location_name",
        "quantity",
        "type_id",
        "type_name",
        "name",
    ]
    found = await rows(store, f"SELECT corporation_name, location_name, type_name FROM {view}")
    assert found == [
        ("Hedion Freight Union", "Jita IV - Moon 4", "Tritanium"),
        ("Hedion Freight Union", "Ore box", "Tritanium"),
        ("Hedion Freight Union", None, None),
    ]


async def test_a_context_that_is_no_place_or_person_gets_no_foreign_name(store: Store) -> None:
    await store.write(fill)
    found = await rows(store, f"SELECT context_name FROM {named_view(Table.of(Journal))}")
    assert found == [("Jita IV - Moon 4",), (None,)]
