"""Every key of the Data screen, over a real database file."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from corpsync_tui.sync.events import RunRecorded as RunNews
from corpsync_tui.tui.dialogs.choices import ChoiceDialog, ColumnsDialog
from corpsync_tui.tui.dialogs.file import FileDialog
from corpsync_tui.tui.screens.data.row_detail import RowDetail
from corpsync_tui.tui.screens.data.screen import DataScreen
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from corpsync_tui.tui.widgets.filter_bar import FilterBar
from corpsync_tui.tui.widgets.lines import Lines
from tests.support.database import make_database
from tests.tui.data_stage import (
    BOX,
    ORES,
    DataApp,
    asset,
    assets,
    data_app,
    fill,
    screen_lines,
    screen_text,
)
from tests.tui.stage import HEDU, OTHER, run

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make_database(tmp_path, fill)


async def pressed(app: DataApp, pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await app.wait(pilot)


def told(app: DataApp) -> str:
    return app.notices[0].sentence if app.notices else ""


def first_cells(app: DataApp) -> list[str]:
    """The first column's cells on screen."""
    grid = app.data.grid.region
    rows = screen_lines(app)[grid.y + 1 : grid.bottom]
    width = app.data.grid.columns[0].width
    cells = (line[1 : 1 + width].strip() for line in rows)
    return [cell for cell in cells if cell]


async def test_rows_bear_names_grouped_numbers_and_places(database: Path) -> None:
    async with data_app(database, size=(140, 26)) as (app, _):
        line = next(line for line in screen_lines(app) if "15,000" in line)
        assert line.split("  ")[0].strip() == "Pyerite"
        assert "› Industry › Spare [b]parts (Station Container)" in screen_text(app)
        assert "33 rows" in screen_text(app)


async def test_moving_goes_by_rows_pages_and_ends(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        grid = app.data.grid
        await pressed(app, pilot, "j", "down", "k")
        assert grid.cursor == 1
        await pressed(app, pilot, "pagedown")
        assert grid.cursor > 10
        await pressed(app, pilot, "pageup", "pageup")
        assert grid.cursor == 0
        await pressed(app, pilot, "G")
        assert grid.cursor == 32
        assert "33/33" in screen_text(app)
        assert "29,000" in screen_text(app)
        await pressed(app, pilot, "g")
        assert grid.cursor == 0
        await pressed(app, pilot, "right", "right")
        assert (grid.column, "1/33  Place") == (2, screen_lines(app)[-2].strip()[:11])
        await pressed(app, pilot, *["right"] * 20)
        assert grid.column == len(grid.columns) - 1
        assert grid.columns[-1].title in screen_lines(app)[3]
        assert screen_lines(app)[3].startswith(" Type ")
        assert "Tritanium" in screen_text(app)
        await pressed(app, pilot, *["left"] * 20)
        assert screen_lines(app)[3].split()[0] == "Type"


async def test_a_column_comes_into_sight_whole_beside_the_scrollbar(database: Path) -> None:
    async with data_app(database, size=(60, 15)) as (app, pilot):
        await pressed(app, pilot, *["right"] * 6)
        assert app.data.grid.columns[6].name == "item_id"
        assert str(BOX) in screen_text(app)


async def test_the_last_rows_are_at_hand_before_anybody_goes_there(database: Path) -> None:
    more = range(ORES.stop, ORES.stop + 200)
    assets(database, *({"item_id": i, "type_id": 34, "quantity": 777} for i in more))
    async with data_app(database) as (app, _):
        grid = app.data.grid
        grid.action_edge(1)  # no turn of the loop between the key and what is to be painted
        assert app.data.query_one("#cell", Lines).text == "233/233  Type  Tritanium"
        assert "777" in grid.render_line(grid.size.height - 1).text


async def test_sort_by_the_column_under_the_cursor_and_back(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "o")
        assert first_cells(app)[0] == "Pyerite"
        assert "by Type ↑" in screen_text(app)
        await pressed(app, pilot, "o")
        assert first_cells(app)[0] == "Tritanium"
        assert "Type ↓" in screen_lines(app)[3]
        await pressed(app, pilot, "right", "o", "o")
        assert "30,000" in screen_lines(app)[4]
        assert app.stage.settings["data"]["orders"] == {"asset": ["quantity", True]}  # type: ignore[index]


async def test_a_click_on_a_title_sorts_and_on_a_row_opens_it(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pilot.click("#rows", offset=(2, 0))
        await app.wait(pilot)
        assert first_cells(app)[0] == "Pyerite"
        await pilot.click("#rows", offset=(2, 3))
        await app.wait(pilot)
        assert app.data.grid.cursor == 2
        await pilot.click("#rows", offset=(2, 3))
        await app.wait(pilot)
        assert isinstance(app.screen, RowDetail)


async def test_filter_as_typed_keeps_and_clears(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "slash")
        assert isinstance(app.focused, Input)
        await pressed(app, pilot, *"trit")
        assert set(first_cells(app)) == {"Tritanium"}
        assert "15 rows" in screen_text(app)
        await pressed(app, pilot, "enter", "j")
        assert app.data.grid.cursor == 1
        assert "with “trit”" in screen_text(app)
        await pressed(app, pilot, "escape")
        assert "33 rows" in screen_text(app)
        assert not app.screen.query_one(FilterBar).display
        await pressed(app, pilot, "slash", *"zzz", "enter")
        assert "No row shows “zzz”: esc shows all" in screen_text(app)
        await pressed(app, pilot, "y")
        assert "no row" in told(app)
        await pressed(app, pilot, "slash", "escape")
        assert "33 rows" in screen_text(app)


async def test_esc_without_a_filter_goes_back_to_sync(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)
        await pressed(app, pilot, "2")
        assert isinstance(app.screen, DataScreen)
        assert "33 rows" in screen_text(app)


async def test_tables_are_picked_or_turned_through_and_remembered(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "t")
        assert isinstance(app.screen, ChoiceDialog)
        assert "Industry jobs  1 row" in screen_text(app)
        await pressed(app, pilot, "j", "enter")
        assert "Rifter" in screen_text(app)
        assert app.data.table.name == "industry_job"
        await pressed(app, pilot, "right_square_bracket")
        assert "No market orders yet: press 1, go to Market, then press s" in screen_text(app)
        await pressed(app, pilot, "left_square_bracket", "left_square_bracket")
        assert app.data.table.name == "asset"
        assert app.stage.settings["data"]["table"] == "asset"  # type: ignore[index]


async def test_columns_are_chosen_and_remembered(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "v")
        assert isinstance(app.screen, ColumnsDialog)
        assert "✓ Type" in screen_text(app)
        await pressed(app, pilot, "j", "k", "space")
        assert "· Type" in screen_text(app)
        await pressed(app, pilot, "escape")
        assert screen_lines(app)[3].split()[0] == "Quantity"
        names = app.stage.settings["data"]["columns"]["asset"]  # type: ignore[index]
        assert names[0] == "quantity"
    settings = {"data": {"table": "asset", "columns": {"asset": ["name", "no_such"]}}}
    app = DataApp(database, **settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.wait(pilot)
        assert screen_lines(app)[3].split() == ["Name"]
        await pressed(app, pilot, "v", "0")
        assert [column.title for column in app.data.grid.columns[:2]] == ["Type", "Quantity"]
    app.browser.close()


async def test_a_row_in_full_and_copied(database: Path) -> None:
    async with data_app(database, table="industry_job", size=(120, 40)) as (app, pilot):
        await pressed(app, pilot, "enter")
        assert isinstance(app.screen, RowDetail)
        text = app.screen.text
        assert "Blueprint: Rifter Blueprint, copy, in Jita IV" in text
        assert "Activity: Manufacturing" in text
        assert "End date: 2026-03-14T15:00:00Z" in text
        assert "2026-03-14 15:00  in 55m" in screen_text(app)
        assert "Cost: 12,345.60" in text
        await pressed(app, pilot, "j", "k", "y", "escape")
        assert app.clipboard == text
        assert isinstance(app.screen, DataScreen)


async def test_a_killmail_tells_attackers_and_items(database: Path) -> None:
    async with data_app(database, table="killmail", size=(120, 40)) as (app, pilot):
        assert "Bero Sand" in screen_text(app)
        await pressed(app, pilot, "enter")
        assert isinstance(app.screen, RowDetail)
        text = app.screen.text
        assert (
            "★ Aldra Vex [Hedion Freight Union] in Rifter with 125mm Gatling AutoCannon I"
            " · 4,000 damage" in text
        )
        assert "1 × 125mm Gatling AutoCannon I  High slot 1  destroyed" in text
        assert "1,500 × Tritanium  Cargo  dropped" in text
        assert "500010 · 321 damage" in text


async def test_a_cell_and_rows_are_copied_in_three_forms(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "G", "y")
        assert app.clipboard == "Tritanium"

        async def choose(number: int) -> str:
            await pressed(app, pilot, "Y")
            app.screen.query_one(OptionList).highlighted = number
            await pressed(app, pilot, "enter")
            return app.clipboard

        assert (await choose(0)).startswith("Tritanium\t30,000\tJita IV")
        header, row = csv.reader(io.StringIO(await choose(1)))
        assert dict(zip(header, row, strict=True))["type_name"] == "Tritanium"
        assert dict(zip(header, row, strict=True))["quantity"] == "30000"
        assert await choose(2) == "Tritanium\t30000"
        assert len((await choose(3)).splitlines()) == 33
        assert len((await choose(4)).splitlines()) == 34
        assert app.notices[0].sentence == "Copied 33 rows"
        everything = (await choose(5)).splitlines()
        assert f"Tritanium\t{sum(range(2_000, 31_000, 2_000))}" in everything
        assert "Rifter Blueprint\t1" in everything
        assert all(len(line.split("\t")) == 2 for line in everything)


async def test_what_is_too_much_to_copy_says_so_beforehand(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5619)"
            " INSERT INTO asset (corporation_id, item_id, is_singleton, location_flag, location_id,"
            " location_type, quantity, type_id) SELECT ?, i, 0, 'Unlocked', 60003760, 'item', 1, 34"
            " FROM n",
            (HEDU,),
        )
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "Y")
        assert "Copy · e writes all" in screen_text(app)
        assert "First 5,000 of 5,652  as CSV" in screen_text(app)
        app.screen.query_one(OptionList).highlighted = 3
        await pressed(app, pilot, "enter")
        assert app.notices[0].sentence == "Copied 5,000 rows"


async def test_what_is_shown_is_exported(database: Path, tmp_path: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "slash", *"trit", "enter", "right", "o", "o", "e")
        assert isinstance(app.screen, FileDialog)
        field = app.screen.query_one(Input)
        assert field.value.endswith(".csv")
        file = tmp_path / "out.json"
        field.value = str(file)
        await pressed(app, pilot, "enter")
        assert told(app) == f"15 rows written to {file}"
        rows = json.loads(file.read_text("utf-8"))
        assert (rows[0]["type_name"], rows[0]["quantity"]) == ("Tritanium", 30_000)
        assert list(rows[0])[:3] == ["type_id", "type_name", "quantity"]


async def test_an_export_that_fails_says_why_in_its_box_and_keeps_the_path(
    database: Path, tmp_path: Path
) -> None:
    file = tmp_path / "there.csv"
    file.write_text("mine")
    wrong = {
        str(file): "already exists",
        str(tmp_path / "out.doc"): "choose .csv, .json, .ndjson",
        "~nobody-of-that-name/out.csv": "There is no folder ~nobody-of-that-name",
        f"/{'c' * 300}.csv": "File name too long",
        str(tmp_path / "nowhere" / "out.csv"): "There is no folder",
    }
    async with data_app(database) as (app, pilot):

        def says(why: str) -> bool:
            return why in " ".join(screen_text(app).split())

        await pressed(app, pilot, "e")
        field = app.screen.query_one(Input)
        for path, why in wrong.items():
            field.value = path
            await pressed(app, pilot, "enter")
            await app.wait(pilot, partial(says, why))
            assert isinstance(app.screen, FileDialog)
            assert field.value == path
        assert file.read_text() == "mine"
        await pressed(app, pilot, "x")
        assert "There is There is no folder" not in screen_text(app)
        field.value = str(tmp_path / "new.csv")
        await pressed(app, pilot, "enter")
        assert not isinstance(app.screen, FileDialog)
        assert "33 rows written" in told(app)


async def test_a_run_renews_the_rows_and_the_cursor_keeps_its_row(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "o", *["j"] * 10)
        before = app.data._current()
        assert before is not None
        with closing(sqlite3.connect(database)) as db, db:
            db.execute("DELETE FROM asset WHERE item_id IN (?, ?)", (ORES[0], ORES[2]))
        asset(database, 5_000, type_id=34, location_id=60003760)
        done = run(0, "assets", rows_added=1, rows_removed=2)
        app.stage.say(RunNews(replace(done, id=999, start_time=done.start_time)))
        await app.wait(pilot, lambda: "32 rows" in screen_text(app))
        after = app.data._current()
        assert after is not None
        assert after.key == before.key
        assert app.data.grid.cursor == 8


async def test_what_another_program_writes_shows_within_seconds(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        with closing(sqlite3.connect(database)) as db, db:
            db.execute("DELETE FROM asset WHERE item_id = ?", (ORES[0],))
        app.clock.moment += timedelta(seconds=3)
        await app.wait(pilot, lambda: "32 rows" in screen_text(app))


async def test_corporations_one_or_all(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, "c")
        assert "one corporation only" in told(app)
        asset(database, 1, corporation_id=OTHER, type_id=34, location_id=60003760)
        app.clock.moment += timedelta(seconds=3)
        await app.wait(pilot)
        assert "33 rows" in screen_text(app)


async def test_a_database_that_fails_is_a_sentence(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        with closing(sqlite3.connect(database)) as db, db:
            db.execute("ALTER TABLE asset RENAME TO gone")
        await pressed(app, pilot, "o")
        assert "no such table" in told(app)
        assert isinstance(app.screen, DataScreen)
        await pressed(app, pilot, "j", "G", "enter")


TEXTUALS_OWN = {"ctrl+c", "super+c"}
HOSTILE = (
    "[/b] [red]a[/red]",
    "\x1b]0;owned\x07 \x1b[31mred",
    "a\nb\tc\r\x00\x9b1m",
    "\u202eevil\u2066",
    "漢字の名前をとても長く長く長く長く長く長く",
    "e" + "\u0301" * 40,
    "=HYPERLINK(1)",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_texts_stay_text_and_keep_the_columns(database: Path, text: str) -> None:
    from rich.cells import cell_len

    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE eve_name SET name = ? WHERE id = 34", (text,))
        db.execute("UPDATE asset SET name = ?", (text,))
    async with data_app(database, size=(120, 30)) as (app, pilot):
        lines = screen_lines(app)
        assert all(line.isprintable() for line in lines)
        ends = {
            cell_len(line[: line.index(figure) + len(figure)])
            for line in lines
            for figure in ("8,000  ", "9,000  ")
            if figure in line
        }
        assert len(ends) == 1
        await pressed(app, pilot, "G", "y")
        assert app.clipboard.isprintable()
        await pressed(app, pilot, "enter")
        assert all(line.isprintable() for line in screen_lines(app))
        await pressed(app, pilot, "escape", "slash")
        app.screen.query_one(Input).value = text
        await app.wait(pilot)
        assert all(line.isprintable() for line in screen_lines(app))
        await pressed(app, pilot, "enter", "Y", "j", "enter")
        for row in csv.reader(io.StringIO(app.clipboard)):
            assert not any(cell.startswith("=") for cell in row)


async def test_enter_on_a_process_opens_its_table_and_esc_returns(database: Path) -> None:
    app = DataApp(database, screen="sync")
    async with app.run_test(size=(80, 24)) as pilot:
        await app.wait(pilot)
        await pressed(app, pilot, "j", "enter")
        assert isinstance(app.screen, DataScreen)
        assert app.data.table.name == "asset"
        await pressed(app, pilot, "escape")
        assert isinstance(app.screen, SyncScreen)
        assert app.screen.table.current == f"{HEDU}/assets"
    app.browser.close()


@pytest.mark.parametrize("keys", [[], ["enter"], ["t"], ["v"], ["Y"], ["e"]], ids=str)
async def test_every_binding_is_explained_and_in_the_palette(
    database: Path, keys: list[str]
) -> None:
    async with data_app(database) as (app, pilot):
        await pressed(app, pilot, *keys)
        ours = [
            active.binding
            for active in app.screen.active_bindings.values()
            if not active.binding.system
            and active.binding.key not in TEXTUALS_OWN
            and type(active.node).__module__.startswith("corpsync")
            and not isinstance(active.node, Input)  # the keys of a field are Textual's
        ]
        assert [b for b in ours if not (b.description and b.tooltip)] == []
        offered = {command.title for command in app.get_system_commands(app.screen)}
        assert {binding.description for binding in ours} <= offered
