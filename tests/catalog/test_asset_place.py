"""The way to an asset, whatever its boxes say."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.database import CORPORATION, insert, make_database

NAMES = {
    60003760: "Jita IV - Moon 4",
    17366: "Station Container",
    587: "Rifter",
    30000142: "Jita",
    34: "Tritanium",
}
OFFICE = (1, 27, 60003760, "OfficeFolder", None)
BOX = (2, 17366, 1, "CorpSAG2", "Spare parts")
ORE = (3, 34, 2, "Unlocked", None)
Asset = tuple[int, int, int, str, str | None]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = make_database(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany("INSERT INTO eve_name VALUES (?, ?, 'x', 0)", NAMES.items())
    return path


def place_of(db: sqlite3.Connection, item_id: int) -> str | None:
    row = db.execute(
        "SELECT place FROM asset_named WHERE corporation_id = ? AND item_id = ?",
        (CORPORATION, item_id),
    ).fetchone()
    return None if row is None else str(row[0] or "")


def way(database: Path, item: Asset, *others: Asset) -> str | None:
    with closing(sqlite3.connect(database)) as db, db:
        db.executemany(
            "INSERT OR IGNORE INTO asset (corporation_id, item_id, type_id, location_id, "
            "location_flag, name, is_singleton, location_type, quantity) "
            f"VALUES ({CORPORATION}, ?, ?, ?, ?, ?, 1, 'item', 1)",
            [item, *others],
        )
        return place_of(db, item[0])


def test_the_whole_way(database: Path) -> None:
    assert way(database, ORE, OFFICE, BOX) == (
        "Jita IV - Moon 4 › Office › Division 2 › Spare parts (Station Container)"
    )


def test_divisions_bear_the_corporations_names(database: Path) -> None:
    insert(
        database, "division", corporation_id=CORPORATION, kind="hangar", division=2, name="Industry"
    )

    assert way(database, BOX, OFFICE) == "Jita IV - Moon 4 › Office › Industry"


def test_a_ship_in_space(database: Path) -> None:
    ship = (4, 587, 30000142, "AutoFit", "Old Faithful")

    assert way(database, (5, 34, 4, "Cargo", None), ship) == (
        "Jita › Old Faithful (Rifter) › Cargo hold"
    )


def test_a_missing_parent_ends_the_way_there(database: Path) -> None:
    assert way(database, ORE, BOX) == "Location 1 › Division 2 › Spare parts (Station Container)"


def test_an_unknown_structure_is_told_by_its_id(database: Path) -> None:
    item = (6, 34, 1035000000001, "CorpDeliveries", None)

    assert way(database, item) == "Location 1035000000001 › Deliveries"


def test_a_cycle_does_no_harm(database: Path) -> None:
    one = (7, 17366, 8, "Unlocked", None)
    two = (8, 17366, 7, "Unlocked", None)

    assert way(database, one, two) == "Station Container › Station Container"
    assert way(database, (9, 34, 9, "Unlocked", None)) == "Tritanium"


def test_boxes_in_boxes_without_end(database: Path) -> None:
    boxes = [(n, 17366, n + 1, "Unlocked", None) for n in range(100, 200)]

    assert str(way(database, *boxes)).count("Station Container") == 5


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("CorpSAG7", " › Division 7"),
        ("HiSlot0", " › High slot 1"),
        ("AssetSafety", " › Asset safety"),
        ("SpecializedFuelBay", " › Fuel bay"),
        ("OfficeFolder", ""),
        ("FlagOfDaysToCome", " › FlagOfDaysToCome"),
    ],
)
def test_flags_in_words(database: Path, flag: str, words: str) -> None:
    assert way(database, (10, 34, 30000142, flag, None)) == f"Jita{words}"


def test_nothing_is_there(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db:
        assert place_of(db, 1) is None


def test_another_corporations_boxes_are_not_followed(database: Path) -> None:
    way(database, ORE, OFFICE, BOX)
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE asset SET corporation_id = 7 WHERE item_id = 2")

    assert way(database, ORE) == "Location 2"
