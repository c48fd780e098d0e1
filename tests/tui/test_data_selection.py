"""Sums, marks, groups, saved views and columns of the Data screen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from corpsync_tui.queries.browse import Listing
from corpsync_tui.queries.browse_types import Group
from corpsync_tui.tui.cells import fit_path
from corpsync_tui.tui.screens.data.groups import GroupsDialog
from corpsync_tui.tui.screens.data.screen import TableDialog
from corpsync_tui.tui.screens.data.state import DataState
from corpsync_tui.tui.widgets.header import Header
from corpsync_tui.tui.widgets.lines import Lines
from corpsync_tui.tui.widgets.virtual_table import VirtualTable
from tests.support.database import insert, make_database
from tests.tui.data_stage import (
    BOX,
    DataApp,
    asset,
    assets,
    data_app,
    fill,
    screen_lines,
    screen_text,
)
from tests.tui.stage import HEDU, OTHER, both
from tests.tui.test_data import first_cells, pressed, told

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, fill)


def sums(app: DataApp) -> str:
    return app.data.query_one("#sums", Lines).text


async def test_what_is_shown_and_what_is_marked_is_added_up(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        assert sums(app) == "Σ Quantity 465,003"
        await pressed(app, pilot, "slash", *"type:trit", "enter")
        assert sums(app) == "Σ Quantity 240,000"
        await pressed(app, pilot, "right", "o", "space", "space")
        assert sums(app) == "✓ 2 marked  Σ Quantity 6,000"
        assert app.data.grid.cursor == 2
        assert first_cells(app)[:3] == ["Tritanium"] * 3
        lines = screen_lines(app)[4:7]
        assert [line[:2] for line in lines] == ["✓T", "✓T", " T"]
        await pressed(app, pilot, "k", "space")
        assert sums(app) == "✓ 1 marked  Σ Quantity 2,000"
        await pressed(app, pilot, "escape")
        assert sums(app) == "Σ Quantity 240,000"
        assert "with “type:trit”" in screen_text(app)


async def test_sums_that_come_to_their_turn_over_another_table_are_dropped(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        app.data.show_sums()
        app.data.show_table("wallet_journal")
        await app.wait(pilot)
        assert app.data.table.name == "wallet_journal"
        assert "Quantity" not in sums(app)


async def test_no_row_of_a_table_stands_under_the_titles_of_another(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        grid = app.data.grid
        assert "Tritanium" in "".join(grid.render_line(y).text for y in range(10))
        app.data.show_table("wallet_journal")  # its rows have not been read yet
        assert "Amount" in grid.render_line(0).text
        assert not "".join(grid.render_line(y).text for y in range(1, 10)).strip()
        await app.wait(pilot)


async def test_a_balance_after_each_row_is_not_added_up(database: Path) -> None:
    for number in (1, 2):
        insert(
            database,
            "wallet_journal",
            corporation_id=HEDU,
            division=1,
            id=number,
            date="2026-03-14T12:00:00Z",
            amount=-1_000_000.5,
            balance=5_000_000.0,
            ref_type="bounty_prizes",
            description="",
        )
    async with data_app(database, table="wallet_journal") as (app, _):
        assert sums(app) == "Σ Amount -2,000,001.00"


async def test_marked_rows_are_copied_and_written_alone(database: Path, tmp_path: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "right", "o", "o", "space", "j", "space")
        await pressed(app, pilot, "slash", *"pyerite", "enter")
        assert sums(app) == "✓ 2 marked  Σ Quantity 58,000"
        await pressed(app, pilot, "Y")
        assert "Marked  2 rows, as they read" in screen_text(app)
        app.screen.query_one(OptionList).highlighted = 3
        await pressed(app, pilot, "enter")
        assert [line.split("\t")[1] for line in app.clipboard.splitlines()] == ["30,000", "28,000"]
        await pressed(app, pilot, "e")
        assert "2 marked rows" in screen_text(app)
        file = tmp_path / "marked.json"
        app.screen.query_one(Input).value = str(file)
        await pressed(app, pilot, "enter")
        assert told(app) == f"2 rows written to {file}"
        assert {r["quantity"] for r in json.loads(file.read_text("utf-8"))} == {30_000, 28_000}


async def test_rows_are_grouped_and_one_group_shown(database: Path) -> None:
    async with data_app(database, size=(100, 30)) as (app, pilot):
        await pressed(app, pilot, "b")
        assert isinstance(app.screen, GroupsDialog)
        words = [line.partition("│")[2].strip(" │").split() for line in screen_lines(app)]
        assert ["Type", "Rows", "Σ", "Quantity"] in words
        assert ["Tritanium", "15", "240,000"] in words
        await pressed(app, pilot, "right", "right", "o", "y")
        assert app.clipboard.splitlines()[0] == "Tritanium\t15\t240,000"
        await pressed(app, pilot, "enter")
        assert 'with “type="Tritanium"”' in screen_text(app)
        assert "15 rows" in screen_text(app)
        await pressed(app, pilot, "escape", "right", "right", "right", "b")
        assert app.screen.query_one(VirtualTable).columns[0].title != "Type"


async def test_groups_that_come_over_another_table_are_dropped(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, asked, go_on = Listing.groups, asyncio.Event(), asyncio.Event()

    async def slowly(listing: Listing, column: str, columns: Sequence[str]) -> list[Group]:
        asked.set()
        await go_on.wait()
        return await count(listing, column, columns)

    monkeypatch.setattr(Listing, "groups", slowly)
    async with data_app(database, size=(100, 30)) as (app, pilot):
        await pilot.press("b")
        await asked.wait()
        await pilot.press("right_square_bracket")
        await app.rest_of(pilot, {"listing", "rows"})
        title = app.data.table.title
        go_on.set()
        await app.wait(pilot)
        assert f" {title} " in screen_text(app)
        assert " by Type" not in screen_text(app)
        assert app.screen is app.data
        await pressed(app, pilot, "left_square_bracket", "b")
        assert "Assets by Type" in screen_text(app)


async def test_hits_stand_out(database: Path) -> None:
    async with data_app(database, size=(100, 30)) as (app, pilot):
        await pressed(app, pilot, "slash", *"type:trit", "enter", "j")
        grid = app.data.grid
        marked = [s.text for s in grid.render_line(1) if s.style is not None and s.style.underline]
        assert marked == ["Trit"]


async def test_views_are_saved_listed_shown_and_forgotten(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "slash", *"pye", "enter", "right", "o", "o")
        await pressed(app, pilot, "w", *"Ore", "enter")
        assert "Kept as Ore" in told(app)
        await pressed(app, pilot, "right_square_bracket", "t", "g")
        assert isinstance(app.screen, TableDialog)
        assert "Ore  Assets" in screen_text(app)
        await pressed(app, pilot, "enter")
        assert app.data.table.name == "asset"
        assert "15 rows · by Quantity ↓ · with “pye”" in screen_text(app)
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert "View Ore" in titles
        kept = app.stage.settings["data"]
        await pressed(app, pilot, "t", "g", "x")
        assert "Saved views" not in screen_text(app)
        assert "views" not in app.stage.settings["data"]  # type: ignore[operator]
    assert DataState.restored(json.loads(json.dumps(kept))).kept() == kept


async def test_columns_are_widened_and_moved(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        width = app.data.grid.columns[0].width
        await pressed(app, pilot, "greater_than_sign", "greater_than_sign", "less_than_sign")
        assert app.data.grid.columns[0].width == width + 2
        await pressed(app, pilot, "shift+right")
        assert screen_lines(app)[3].split()[:2] == ["Quantity", "Type"]
        assert app.data.grid.columns[app.data.grid.column].name == "type_id"
        assert app.data.grid.columns[1].width == width + 2
        kept = app.stage.settings["data"]
        assert kept["widths"] == {"asset": {"type_id": width + 2}}  # type: ignore[index]
        assert kept["columns"]["asset"][:2] == ["quantity", "type_id"]  # type: ignore[index]


async def test_spare_width_goes_to_what_is_cut(database: Path) -> None:
    long = "A very long name of a container that nobody would ever write on a real one"
    asset(database, 77, type_id=34, location_id=BOX, name=long)
    for width, whole in ((100, False), (320, True)):
        async with data_app(database, size=(width, 30), table="asset") as (app, pilot):
            await pressed(app, pilot, "right", "right", "right", "slash", *"quantity=1 type:trit")
            assert (long in "".join(screen_lines(app)[4:20])) == whole


async def resized(app: DataApp, pilot: Pilot[str], width: int, height: int) -> None:
    await pilot.resize_terminal(width, height)
    await app.wait(pilot, lambda: app.screen.query_one(Header).size.width == width)
    await app.wait(pilot)


async def test_columns_follow_the_width_of_the_window(database: Path) -> None:
    assets(database, *({"item_id": number, "type_id": 34} for number in range(1_000, 1_500)))
    async with data_app(database, size=(200, 30)) as (app, _):
        opened = screen_lines(app)[3:20]
    async with data_app(database) as (app, pilot):
        narrow = screen_lines(app)[3:20]
        assert "› Office › Industry ›" in "".join(opened)
        assert "Office" not in "".join(narrow)
        await resized(app, pilot, 200, 30)
        assert screen_lines(app)[3:20] == opened
        await resized(app, pilot, 80, 24)
        assert screen_lines(app)[3:20] == narrow
        await pressed(app, pilot, "less_than_sign", "less_than_sign")
        made = app.data.grid.columns[0].width
        await pressed(app, pilot, "4")
        await resized(app, pilot, 200, 30)  # behind another screen
        await pressed(app, pilot, "2", "G")
        place = [column.name for column in app.data.grid.columns].index("place")
        assert app.data.grid.columns[0].width == made
        assert app.data.grid.columns[place].width > 60


async def test_a_table_is_found_where_it_was_left(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "G", *["k"] * 4, "right", "right")
        grid = app.data.grid
        before = (grid.cursor, grid.column, *grid.scroll_offset)
        await pressed(app, pilot, "right_square_bracket")
        assert tuple(grid.scroll_offset) == (0, 0)
        await pressed(app, pilot, "left_square_bracket")
        assert (grid.cursor, grid.column, *grid.scroll_offset) == before


async def test_a_place_that_is_shown_no_more_is_not_called_gone(database: Path) -> None:
    asset(database, 1, corporation_id=OTHER, type_id=34, location_id=60003760)
    async with data_app(database) as (app, pilot):
        app.stage.welcome(both())
        await app.wait(pilot, lambda: len(app.data.corporations()) == 2)
        await pressed(app, pilot, "G", "right_square_bracket", "c", "c", "left_square_bracket")
        assert "Assets  1 row" in screen_text(app)  # the row that one was on is not among them
        assert told(app) == ""


async def test_a_copied_time_is_as_esi_wrote_it(database: Path) -> None:
    async with data_app(database, table="industry_job", size=(200, 30)) as (app, pilot):
        names = [column.name for column in app.data.grid.columns]
        await pressed(app, pilot, *["right"] * names.index("end_date"), "y")
        assert app.clipboard == "2026-03-14T15:00:00Z"
        await pressed(app, pilot, "Y", "enter")
        assert "2026-03-14T15:00:00Z" in app.clipboard.split("\t")


def test_paths_are_cut_by_whole_steps() -> None:
    path = "Saisio - Moon Drill Alpha › Office › Doctrine Ships › Giant Freight Container"
    assert fit_path(path, 90) == path
    assert fit_path(path, 70) == "Saisio … › Office › Doctrine Ships › Giant Freight Container"
    assert fit_path(path, 55) == "Saisio … › Doctrine Ships › Giant Freight Container"
    assert fit_path(path, 28) == "… › Giant Freight Container"
    assert fit_path(path, 20) == "Giant…ght Container"


async def test_boxes_have_first_and_last(database: Path) -> None:
    async with data_app(database, table="killmail") as (app, pilot):
        await pressed(app, pilot, "enter")
        first = screen_text(app)
        await pressed(app, pilot, "G")
        assert "500010 · 321 damage" in screen_text(app)
        assert "500010 · 321 damage" not in first
        await pressed(app, pilot, "g")
        assert screen_text(app) == first
        await pressed(app, pilot, "escape", "v")
        options = app.screen.query_one(OptionList)
        await pressed(app, pilot, "G")
        assert options.highlighted == options.option_count - 1
        await pressed(app, pilot, "g")
        assert options.highlighted == 0


async def test_lists_of_tables_have_first_and_last(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "t", "G", "enter")
        assert app.data.table.name == list(app.browser.tables)[-1]
