"""Windows of a table: any order, any filter, any place, while others write."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.errors import DatabaseError
from corpsync_tui.queries.browse import Browser
from corpsync_tui.queries.browse_types import View
from corpsync_tui.store.schema import Table
from tests.support.database import CORPORATION, insert, make_database

pytestmark = pytest.mark.anyio

OTHER = CORPORATION + 1
NAMES = {34: "Tritanium", 35: "pyerite", 36: "100% Mexallon", 60003760: "Jita IV", 27: "Office"}
SEARCHED = ("type_id", "quantity", "place", "name", "is_singleton")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Two corporations' assets: four of one, one of the other."""
    path = make_database(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany("INSERT INTO eve_name VALUES (?, ?, 'x', 0)", NAMES.items())
    asset(path, 1, type_id=34, quantity=4_300, name="Ore_box")
    asset(path, 2, type_id=35, quantity=20)
    asset(path, 3, type_id=36, quantity=1, location_id=1, location_flag="CorpSAG2")
    asset(path, 4, type_id=999, quantity=300)
    asset(path, 5, corporation_id=OTHER, type_id=34, quantity=7)
    return path


def asset(path: Path, item_id: int, **values: object) -> None:
    row = {
        "corporation_id": CORPORATION,
        "item_id": item_id,
        "is_singleton": 0,
        "location_flag": "Unlocked",
        "location_id": 60003760,
        "location_type": "station",
    }
    insert(path, "asset", **row | values)


def browse(path: Path) -> Browser:
    process_of = {Table.of(m).name: p.type for p in ALL for m in p.models}
    return Browser(path, [Table.of(m) for p in ALL for m in p.models], process_of)


@pytest.fixture
async def browser(database: Path) -> AsyncIterator[Browser]:
    opened = browse(database)
    yield opened
    opened.close()


async def items(browser: Browser, **wanted: object) -> list[int]:
    """The items of a view, in its order."""
    view = View("asset", CORPORATION, **wanted)  # type: ignore[arg-type]
    listing = await browser.listing(view)
    rows = await listing.window(0, 1_000, ["item_id"])
    assert listing.complete
    assert listing.rows == len(rows)
    return [row.values[0] for row in rows]


async def test_a_window_has_values_and_names_of_just_its_rows(browser: Browser) -> None:
    listing = await browser.listing(View("asset", CORPORATION))
    rows = await listing.window(2, 2, ["type_id", "place"])
    assert [row.key for row in rows] == [(CORPORATION, 3), (CORPORATION, 4)]
    assert rows[0].values == (36, "Jita IV › Ore_box (Tritanium) › Division 2")
    assert [row.names for row in rows] == [("100% Mexallon", None), (None, None)]
    assert await listing.window(99, 10, ["type_id"]) == []


async def test_all_corporations_or_one(browser: Browser) -> None:
    assert (await browser.listing(View("asset"))).rows == 5
    assert (await browser.listing(View("asset", OTHER))).rows == 1
    assert (await browser.counts(CORPORATION))["asset"] == 4


@pytest.mark.parametrize(
    ("order", "descending", "wanted"),
    [
        (None, False, [1, 2, 3, 4]),
        (None, True, [4, 3, 2, 1]),
        ("quantity", False, [3, 2, 4, 1]),
        ("quantity", True, [1, 4, 2, 3]),
        ("type_id", False, [3, 2, 1, 4]),
        ("type_id", True, [1, 2, 3, 4]),
        ("name", False, [1, 2, 3, 4]),
        ("place", False, [1, 2, 4, 3]),
        ("place", True, [3, 1, 2, 4]),
    ],
)
async def test_orders_go_by_what_is_read_and_put_the_nameless_last(
    browser: Browser, order: str | None, descending: bool, wanted: list[int]
) -> None:
    found = await items(browser, order=order, descending=descending)
    if order == "place" and descending:
        assert found[0] == 3
    else:
        assert found == wanted


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("", [1, 2, 3, 4]),
        ("PYER", [2]),
        ("trit", [1, 3]),
        ("4,300", [1]),
        ("300", [1, 4]),
        ("999", [4]),
        ("100%", [3]),
        ("ore_b", [1, 3]),
        ("%", [3]),
        ("_", [1, 3]),
        ("division trit", [3]),
        ("trit nothing", []),
        ("yes", []),
        ("' OR 1 --", []),
    ],
)
async def test_a_filter_finds_every_word_in_any_text_on_screen(
    browser: Browser, typed: str, wanted: list[int]
) -> None:
    assert await items(browser, filter=typed, searched=SEARCHED) == wanted


async def test_the_first_rows_come_before_all(browser: Browser) -> None:
    view = View("asset", CORPORATION, "quantity")
    first = await browser.listing(view, limit=2)
    assert (first.rows, first.complete) == (2, False)
    whole = await browser.listing(view)
    assert await first.window(0, 2, ["item_id"]) == await whole.window(0, 2, ["item_id"])
    assert (await browser.listing(view, limit=100)).complete


async def test_a_row_is_found_again_in_another_order(browser: Browser) -> None:
    listing = await browser.listing(View("asset", CORPORATION, "quantity"))
    assert await listing.find((CORPORATION, 1)) == 3
    assert await listing.find((CORPORATION, 77)) is None


async def test_an_order_stays_whole_while_rows_go_and_says_that_they_did(
    browser: Browser, database: Path
) -> None:
    listing = await browser.listing(View("asset", CORPORATION))
    assert not await listing.outdated()
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("DELETE FROM asset WHERE item_id = 2")
    rows = await listing.window(0, 10, ["quantity"])
    assert [(row.key[1], row.gone) for row in rows] == [(1, 0), (2, 1), (3, 0), (4, 0)]
    assert await listing.outdated()
    assert (await browser.listing(View("asset", CORPORATION))).rows == 3


async def test_the_order_on_screen_outlives_the_next_ones_first_rows(browser: Browser) -> None:
    shown = await browser.listing(View("asset", CORPORATION))
    await browser.listing(View("asset", CORPORATION, "quantity"), limit=1)
    assert len(await shown.window(0, 10, ["item_id"])) == 4


async def test_derived_texts_follow_what_is_written(browser: Browser, database: Path) -> None:
    wanted = {"filter": "renamed", "searched": SEARCHED}
    await browser.warm(View("asset", CORPORATION, searched=SEARCHED))
    assert await items(browser, **wanted) == []
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE eve_name SET name = 'Renamed' WHERE id = 60003760")
    assert await items(browser, **wanted) == [1, 2, 3, 4]


async def test_every_column_of_every_table_can_be_sorted_and_searched(browser: Browser) -> None:
    for table in browser.tables.values():
        for column in table.columns:
            view = View(table.name, None, column.name, True, "1 qqqq", (column.name,))
            listing = await browser.listing(view)
            assert await listing.window(0, 9, [column.name]) == []


async def test_a_row_in_full_tells_where_its_things_are(browser: Browser) -> None:
    detail = await browser.detail(View("asset"), (CORPORATION, 3))
    assert detail is not None
    told = {field.name: (field.value, field.text) for field in detail.fields}
    assert told["type_id"] == (36, "100% Mexallon")
    assert told["location_id"] == (1, "Ore_box (Tritanium) in Jita IV")
    assert await browser.detail(View("asset"), (CORPORATION, 99)) is None


async def test_nested_ids_bear_names(browser: Browser, database: Path) -> None:
    insert(
        database,
        "killmail",
        corporation_id=CORPORATION,
        killmail_id=9,
        killmail_hash="x",
        killmail_time="2026-01-01T00:00:00Z",
        solar_system_id=1,
        attackers=[{"final_blow": True, "weapon_type_id": 34}],
        victim={"items": [{"item_type_id": 35, "items": [{"item_type_id": 36}]}]},
    )
    detail = await browser.detail(View("killmail"), (CORPORATION, 9))
    assert detail is not None
    assert detail.names == {34: "Tritanium", 35: "pyerite", 36: "100% Mexallon"}
    assert detail.nested["attackers"] == [{"final_blow": True, "weapon_type_id": 34}]


async def test_the_file_cannot_be_written_from_here(browser: Browser) -> None:
    listing = await browser.listing(View("asset"))
    with pytest.raises(DatabaseError, match="read-only"):
        await listing._do(lambda db: db.execute("DELETE FROM asset"))


async def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    browser = browse(tmp_path / "nothing.db")
    with pytest.raises(DatabaseError):
        await browser.listing(View("asset"))
    browser.close()
