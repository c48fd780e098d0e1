"""Which ids are looked up follows from the kinds of their columns."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest

from corpsync_tui.names.ids import find_unnamed
from corpsync_tui.store.columns import CorporationTable, Id, Json
from corpsync_tui.store.schema import Table
from corpsync_tui.store.views import view_statements


class Fuel(msgspec.Struct):
    type_id: int
    owner_structure_id: int


class Tower(CorporationTable):
    faction_id = Id("faction")
    constellation_id = Id("constellation")
    station_id = Id("station")
    moon_id = Id("moon")
    fuels = Json(list[Fuel])
    tower_id = Id("tower", identity=True)


ROW = (
    98,
    500_001,
    20_000_020,
    60_003_760,
    40_009_082,
    '[{"type_id": 34, "owner_structure_id": %d}]',
    1,
)
STRUCTURE = 1_030_000_000_000


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE eve_name (id INTEGER PRIMARY KEY, name TEXT, fetched_at REAL)")
        db.execute(
            "CREATE TABLE nameless_id"
            " (id INTEGER PRIMARY KEY, ask_again REAL, corporation_id, reason)"
        )
        db.execute("CREATE TABLE character (corporation_id, needs)")
        db.execute(
            "CREATE TABLE tower (corporation_id, faction_id, constellation_id, station_id, moon_id,"
            " fuels, tower_id)"
        )
        row = [text % STRUCTURE if isinstance(text, str) else text for text in ROW]
        db.execute("INSERT INTO tower VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        yield db


def test_every_kind_that_has_names_is_looked_up(db: sqlite3.Connection) -> None:
    found = find_unnamed(db, [Table.of(Tower)], 98, now=0.0, stale=-1.0)

    universe = dict.fromkeys([34, 98, 500_001, 20_000_020, 60_003_760, STRUCTURE])
    assert found == {**universe, 40_009_082: "moon"}


def test_the_view_shows_them(db: sqlite3.Connection) -> None:
    db.executemany(
        "INSERT INTO eve_name VALUES (?, ?, 0)", [(500_001, "Caldari"), (40_009_082, "M1")]
    )
    db.execute("CREATE TABLE corporation (corporation_id, name)")
    ((_, sql),) = view_statements([Table.of(Tower)])
    db.execute(sql)

    assert db.execute("SELECT faction_name, moon_name FROM tower_named").fetchall() == [
        ("Caldari", "M1")
    ]
