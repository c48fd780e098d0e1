"""What the Data screen calls tables, columns, rows and values."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from corpsync_tui.catalog import ALL
from corpsync_tui.service.reading import table_browser
from corpsync_tui.tui.screens.data.row_detail import RowDetail
from corpsync_tui.tui.screens.data.state import DataState
from tests.support.database import make_database
from tests.tui.data_stage import DataApp, data_app, fill, screen_lines, screen_text
from tests.tui.stage import HEDU

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, fill)


async def press(app: DataApp, pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await app.wait(pilot)


async def test_a_row_is_called_by_its_name_and_its_fields_are_in_the_table_s_order(
    database: Path,
) -> None:
    async with data_app(database, table="industry_job", size=(120, 40)) as (app, pilot):
        await press(app, pilot, "enter")
        assert isinstance(app.screen, RowDetail)
        assert "─ Industry jobs: Rifter ─" in screen_text(app)
        fields = [line.partition(":")[0] for line in app.screen.text.splitlines()]
        assert fields[:3] == ["Status", "Product type", "Runs"]
        assert fields[-1] == "Corporation"


async def test_the_list_of_tables_is_narrowed_by_what_is_typed(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await press(app, pilot, "t", "slash", *"journ")
        text = screen_text(app)
        assert "Wallet journal" in text
        assert "Industry jobs" not in text
        await press(app, pilot, "enter", "enter")
        assert app.data.table.name == "wallet_journal"


async def test_an_order_says_its_side_and_what_is_left(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        for number, buys in enumerate((1, 0, None)):
            db.execute(
                "INSERT INTO market_order (corporation_id, order_id, duration, is_buy_order,"
                " issued, location_id, price, range, region_id, state, type_id, volume_remain,"
                " volume_total, wallet_division) VALUES"
                " (?, ?, 90, ?, '2026-03-14T12:00:00Z', 1035400000017, 5, 'station', 1,"
                " 'open', 34, 7, 9, 1)",
                (HEDU, number, buys),
            )
        db.execute(
            "INSERT INTO nameless_id VALUES (1035400000017, NULL, 'forbidden', 0, 1, ?)", (HEDU,)
        )
    async with data_app(database, table="market_order", size=(140, 30)) as (app, pilot):
        titles = ["Type", "Issued", "↓", "Buy/sell", "Price", "Left", "Total", "Expires"]
        assert screen_lines(app)[3].split()[:8] == titles
        assert "2026-06-12 12:00" in screen_lines(app)[4]
        await press(app, pilot, "slash", *"expires<+89d", "enter")
        assert "No row shows" in screen_text(app)
        await press(app, pilot, "escape", "slash", *"expires<+90d", "enter")
        assert "3 rows" in screen_text(app)
        await press(app, pilot, "escape", *(["right"] * 6), "o")
        assert "by Expires ↑" in screen_text(app)
        assert "Expires ↑" in screen_lines(app)[3]
        rows = [line.split()[4] for line in screen_lines(app)[4:7]]
        assert sorted(rows) == ["Buy", "Sell", "Sell"]
        assert "Unknown structure 1035400000017" in screen_text(app)
        await press(app, pilot, "slash", *"buy/sell=buy", "enter")
        assert "1 row" in screen_text(app)
        await press(app, pilot, "enter")
        assert "Unknown structure (no docking access)" in screen_text(app)


def test_what_a_table_is_sorted_by_stands_among_its_first_columns(tmp_path: Path) -> None:
    browser = table_browser(make_database(tmp_path), ALL)
    for table in browser.tables.values():
        order, _ = DataState().order(table)
        assert order is None or order in DataState().shown(table, with_corporation=False)[:4]
    browser.close()


async def test_an_age_that_grows_longer_is_not_cut(database: Path) -> None:
    async with data_app(database, table="industry_job") as (app, _):
        widths = {column.name: column.width for column in app.data.grid.columns}
        assert "2026-03-14 15:00  in 55m" in screen_text(app)
        assert widths["end_date"] >= len("2026-03-23 15:00  in 9d23h")
        assert widths["start_date"] >= len("2026-03-13 14:00  9d23h")
