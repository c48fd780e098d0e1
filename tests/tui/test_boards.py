"""The Boards screen: which board, its rows, and what keys do with them."""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from corpsync_tui.boards import all_boards
from corpsync_tui.boards.kit.read import HINT
from corpsync_tui.sync.events import RunRecorded
from corpsync_tui.tui.dialogs.choices import ChoiceDialog
from corpsync_tui.tui.dialogs.fields import FieldsDialog
from corpsync_tui.tui.dialogs.file import FileDialog
from corpsync_tui.tui.screens.boards.member import MemberDialog
from corpsync_tui.tui.screens.data.row_detail import RowDetail
from corpsync_tui.tui.screens.data.screen import DataScreen
from corpsync_tui.tui.shell import Tick
from corpsync_tui.tui.widgets.footer import KeyFooter
from corpsync_tui.tui.widgets.virtual_table import VirtualTable
from tests.support.database import make_database
from tests.tui.boards_stage import RAORAREK, BoardsApp, boards_app, boards_home, reference_of
from tests.tui.data_stage import screen_lines, screen_text
from tests.tui.stage import HEDU, OTHER, both, run

pytestmark = pytest.mark.anyio

Found = TypeVar("Found")
TARGETS = [{"item": "Rifter", "want": 200}]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that no test changes."""
    return boards_home(tmp_path_factory.mktemp("boards"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """One that a test may change."""
    return boards_home(tmp_path)


async def press(app: BoardsApp, pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await app.rest(pilot)


async def until(pilot: Pilot[str], look: Callable[[], Found | None]) -> Found:
    """Wait for something to be there."""
    async with asyncio.timeout(10):
        while (found := look()) is None:
            await pilot.pause()
        return found


def title(app: BoardsApp) -> str:
    """What the line above the rows says."""
    return screen_lines(app)[2]


def firsts(app: BoardsApp) -> list[str]:
    """The first column, row by row."""
    page = app.boards.page
    assert page is not None
    return [page.cells(row)[0] for row in app.boards.shown_rows]


def reads(app: BoardsApp) -> int:
    """How often a board was read."""
    return sum(asked[0] == "read_board" for asked in app.stage.asked)


async def test_brackets_go_through_all_boards_and_around(filled: Path) -> None:
    async with boards_app(filled) as (app, pilot):
        for board in all_boards():
            assert board.title in title(app)
            await press(app, pilot, "right_square_bracket")
        assert all_boards()[0].title in title(app)
        await press(app, pilot, "left_square_bracket")
        assert all_boards()[-1].title in title(app)
        assert app.stage.settings["boards"] == {"board": all_boards()[-1].name}


async def test_the_board_shown_last_is_shown_again(filled: Path) -> None:
    async with boards_app(filled, "market") as (app, _):
        assert "4 orders" in title(app)


async def test_a_board_is_chosen_by_its_question_and_by_its_name(filled: Path) -> None:
    async with boards_app(filled) as (app, pilot):
        await press(app, pilot, "t")
        assert isinstance(app.screen, ChoiceDialog)
        assert "Which chunk is next" in screen_text(app)
        await press(app, pilot, "j", "enter")
        assert "Moons" in title(app)
        commands = {c.title: c.callback for c in app.get_system_commands(app.screen)}
        commands["Board Audit"]()
        await app.rest(pilot)
        assert "Audit" in title(app)
        await press(app, pilot, "escape")
        assert "Moons" in title(app)


async def test_views_of_a_board_are_chosen_with_v(filled: Path) -> None:
    async with boards_app(filled, "kills") as (app, pilot):
        await press(app, pilot, "v", "j", "enter")
        assert "each loss" in title(app)
        assert len(app.boards.shown_rows) == 3
        await press(app, pilot, "v")
        assert "each loss" in screen_text(app)
        await press(app, pilot, "escape", *["right_square_bracket"] * 2, "v")
        assert "one view only" in app.notices[0].sentence


async def test_d_and_r_show_the_wallet_by_division_and_by_word_and_its_kinds_again(
    filled: Path,
) -> None:
    async with boards_app(filled, "wallet") as (app, pilot):
        await press(app, pilot, "d")
        assert firsts(app) == ["Master wallet", "balance at the end"]
        await press(app, pilot, "r")
        assert "office rental fee" in firsts(app)
        await press(app, pilot, "r")
        assert "Market sales" in firsts(app)
        assert {"d", "r"} <= shown_keys(app)
        await press(app, pilot, "right_square_bracket", "d")
        assert "no rows of that kind" in app.notices[0].sentence
        assert not {"d", "r"} & shown_keys(app)


def shown_keys(app: BoardsApp) -> set[str]:
    """The keys that the footer shows."""
    return {key.display for key in app.screen.query_one(KeyFooter).shown_keys()}


async def test_h_goes_through_the_charts_of_a_board(filled: Path) -> None:
    async with boards_app(filled, "wallet") as (app, pilot):
        assert "Net by month" not in screen_text(app)
        await press(app, pilot, "h")
        assert "Net by month  5.1 B ISK" in screen_text(app)
        await press(app, pilot, "h")
        assert "Balance by month  46.4 B ISK" in screen_text(app)
        await press(app, pilot, "h")
        assert "by month" not in screen_text(app)
        await press(app, pilot, "left_square_bracket", "left_square_bracket", "h")
        assert "no chart" in app.notices[0].sentence


async def test_a_high_screen_shows_the_first_chart_by_itself(filled: Path) -> None:
    async with boards_app(filled, "structures", size=(140, 40)) as (app, pilot):
        for board, chart in (
            ("moons", "Ore by day"),
            ("wallet", "Net by month"),
            ("members", "Online by hour of the day"),
            ("stock", "Value by day"),
            ("kills", "Losses by week"),
        ):
            app.boards.show_board(board)
            await app.rest(pilot)
            assert chart in screen_text(app)


async def test_a_filter_narrows_as_it_is_typed_and_the_sums_follow(filled: Path) -> None:
    async with boards_app(filled, "market") as (app, pilot):
        assert "12,008,042" in screen_text(app)
        await press(app, pilot, "slash", *"orca")
        assert firsts(app) == ["Orca"]
        sums = next(line for line in screen_lines(app) if line.startswith(" Σ"))
        assert sums.split() == ["Σ", "2", "3.0", "B"]
        await press(app, pilot, *"xx")
        assert "No row shows “orcaxx”: esc shows all" in screen_text(app)
        await press(app, pilot, "escape")
        assert len(firsts(app)) == 4


async def test_o_sorts_by_the_column_under_the_cursor_and_a_title_by_a_click(filled: Path) -> None:
    async with boards_app(filled, "market") as (app, pilot):
        own = firsts(app)
        await press(app, pilot, "o")
        assert firsts(app) == sorted(own)
        assert "What ↑" in screen_text(app)
        await press(app, pilot, "o")
        assert firsts(app) == sorted(own, reverse=True)
        header = screen_lines(app)[3]
        await pilot.click(VirtualTable, offset=(header.index("Price"), 0))
        await app.rest(pilot)
        assert firsts(app)[0] == "Tritanium"
        await press(app, pilot, "O")
        assert firsts(app) == own


async def test_what_is_unknown_stands_last_in_either_order(filled: Path) -> None:
    async with boards_app(filled, "structures") as (app, pilot):
        await press(app, pilot, "right", "right", "right", "o")
        hours = [row["fuel_hours"] for row in app.boards.shown_rows]
        await press(app, pilot, "o")
        turned = [row["fuel_hours"] for row in app.boards.shown_rows]
        known = [h for h in hours if h is not None]
        assert known == sorted(known)
        assert hours[: len(known)] == known
        assert turned == [*reversed(known), *hours[len(known) :]]


async def test_y_copies_the_haul_list_and_elsewhere_the_cell(filled: Path) -> None:
    async with boards_app(filled, "structures") as (app, pilot):
        await press(app, pilot, "y")
        assert app.clipboard.startswith("Nitrogen Fuel Block ")
        await press(app, pilot, *["right_square_bracket"] * 5, "right", "right", "right", "y")
        assert app.clipboard == "520000.00"
        await press(app, pilot, "right", "right", "y")
        assert app.clipboard == "2026-03-15 01:00"


async def test_the_shopping_list_is_multibuy(filled: Path) -> None:
    async with boards_app(filled, "stock", stock=TARGETS) as (app, pilot):
        await press(app, pilot, "v", *["j"] * 4, "enter", "y")
        assert app.clipboard == "Rifter 60"


async def test_rows_are_copied_as_text_and_as_csv(filled: Path) -> None:
    async with boards_app(filled, "market") as (app, pilot):
        await press(app, pilot, "Y", "enter")
        assert app.clipboard.split("\t")[:4] == ["Rifter", "", "Jita 4-4", "520000.00"]
        await press(app, pilot, "Y", "j", "j", "j", "enter")
        rows = list(csv.DictReader(app.clipboard.splitlines()))
        assert [row["type_id"] for row in rows] == ["587", "34", "28606", "4246"]
        assert rows[0]["order_id"] == "6000"


@pytest.mark.parametrize("ending", ["csv", "json", "ndjson"])
async def test_e_writes_what_is_shown(filled: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"out.{ending}"
    async with boards_app(filled, "market") as (app, pilot):
        await press(app, pilot, "slash", *"orca", "enter", "e")
        assert isinstance(app.screen, FileDialog)
        app.screen.query_one("#file", Input).value = str(file)
        await press(app, pilot, "enter")
        assert app.notices[0].sentence == f"1 row written to {file}"
    text = file.read_text()
    if ending == "json":
        document = json.loads(text)
        assert document["board"] == "market"
        assert [row["type_id"] for row in document["rows"]] == [28606]
    else:
        assert "28606" in text
        assert "6001" not in text


async def test_enter_opens_the_very_row_and_esc_comes_back_to_it(filled: Path) -> None:
    async with boards_app(filled, "market") as (app, pilot):
        await press(app, pilot, "j")
        chosen = app.boards.current
        await press(app, pilot, "enter")
        assert app.current_mode == "data"
        data = app.screen
        assert chosen is not None
        assert isinstance(data, DataScreen)
        row = await until(pilot, data._current)
        assert row.key == (HEDU, chosen["order_id"])
        await press(app, pilot, "escape")
        assert app.current_mode == "boards"
        assert app.boards.grid.cursor == 1


async def test_a_row_that_stands_for_many_is_shown_in_full(filled: Path) -> None:
    async with boards_app(filled, "stock") as (app, pilot):
        await press(app, pilot, "enter")
        assert isinstance(app.screen, FieldsDialog)
        assert "m³: 150,000.0" in app.screen.text
        await press(app, pilot, "escape")
        assert app.boards.is_current


@pytest.mark.parametrize("board", ["members", "industry", "audit"])
async def test_enter_on_a_member_opens_one_view_of_him(filled: Path, board: str) -> None:
    async with boards_app(filled, board) as (app, pilot):
        await press(app, pilot, "slash", *"joiten", "enter", "enter")
        assert isinstance(app.screen, MemberDialog)
        assert "Joiten Kador" in screen_text(app)
        assert "Lost: 3 ships, 2.1 M" in app.screen.text
        await press(app, pilot, "escape")
        assert app.boards.is_current


async def test_the_page_of_a_member_leads_to_his_row(filled: Path) -> None:
    async with boards_app(filled, "members") as (app, pilot):
        await press(app, pilot, "enter", "d")
        data = await until(pilot, lambda: app.screen if app.current_mode == "data" else None)
        assert isinstance(data, DataScreen)
        row = await until(pilot, data._current)
        assert row.key == (HEDU, RAORAREK)
        await press(app, pilot, "escape")
        assert app.current_mode == "boards"


async def test_a_row_of_members_opens_the_page_and_any_row_that_names_one_leads_there(
    filled: Path,
) -> None:
    async with boards_app(filled, "members") as (app, pilot):
        app.show_table("member")
        found = await until(pilot, lambda: app.screen if app.current_mode == "data" else None)
        assert isinstance(found, DataScreen)
        data = found
        await until(pilot, data._current)
        await press(app, pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, MemberDialog) or None)
        await press(app, pilot, "d")
        await until(pilot, lambda: isinstance(app.screen, RowDetail) or None)
        await press(app, pilot, "m")
        await until(pilot, lambda: isinstance(app.screen, MemberDialog) or None)
        assert "Member since" in screen_text(app)
        await press(app, pilot, "escape")
        assert app.screen is data
        app.show_table("industry_job")
        await until(pilot, lambda: data.table.name == "industry_job" or None)
        await until(pilot, data._current)
        await app.rest(pilot)
        await press(app, pilot, "enter")
        await until(pilot, lambda: isinstance(app.screen, RowDetail) or None)
        await press(app, pilot, "m")
        await until(pilot, lambda: isinstance(app.screen, MemberDialog) or None)


async def test_who_left_has_a_page_and_no_row(filled: Path) -> None:
    async with boards_app(filled, "industry") as (app, pilot):
        await press(app, pilot, "slash", *"saarrek", "enter", "enter", "d")
        assert isinstance(app.screen, MemberDialog)
        assert "Who left has no row" in app.notices[0].sentence


async def test_the_pane_below_follows_the_cursor(filled: Path) -> None:
    async with boards_app(filled, "structures") as (app, pilot):
        assert "out of fuel 15 Mar 20:00 EVE" in screen_text(app)
        await press(app, pilot, "j", "j")
        assert "hull reinforce until 14 Mar 19:20 EVE, in 5h 15m" in screen_text(app)


async def test_a_wide_terminal_shows_more_columns_and_a_narrow_one_their_values(
    filled: Path,
) -> None:
    async with boards_app(filled, "members") as (app, _):
        assert "Joined" not in screen_lines(app)[3]
        assert "Joined 2022-02-01" in screen_text(app)
    async with boards_app(filled, "members", size=(140, 40)) as (app, _):
        assert "Joined" in screen_lines(app)[3]


async def test_c_shows_the_board_of_the_next_corporation(filled: Path) -> None:
    async with boards_app(filled, "market", snapshot=both()) as (app, pilot):
        assert "HEDU" in title(app)
        await press(app, pilot, "c")
        assert "SLSV" in title(app)
        assert app.stage.asked[-1] == ("read_board", "market", OTHER, "")
        assert app.boards.shown_rows == []


async def test_stale_stands_in_place_of_countdowns(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        process = f"{HEDU}/structures"
        schedule = (process, "structures", 1, 5.0, None)
        db.execute("INSERT INTO sync_schedule VALUES (?, ?, ?, ?, ?)", schedule)
    async with boards_app(database, "structures") as (app, _):
        assert "stale, as of 13:14" in title(app)
        row = next(line for line in screen_lines(app) if "Freight Terminal" in line)
        assert " stale " in row
        assert "in 5h" not in screen_text(app)


async def test_without_static_data_one_line_says_what_to_do(database: Path) -> None:
    reference_of(database).unlink()
    async with boards_app(database, "stock") as (app, _):
        assert HINT[:60] in screen_text(app)
        assert "corpsync reference update" in HINT


async def test_an_empty_board_says_what_to_press(tmp_path: Path) -> None:
    async with boards_app(make_database(tmp_path)) as (app, pilot):
        for board in all_boards():
            assert board.title in title(app)
            assert "Nothing yet: press 1, go to" in screen_text(app)
            await press(app, pilot, "right_square_bracket")
        for key in ("y", "Y", "enter", "o", "e"):
            await press(app, pilot, key, "escape")


async def test_a_board_is_read_again_only_when_a_run_changed_its_tables(filled: Path) -> None:
    async with boards_app(filled, "market") as (app, pilot):
        before = reads(app)
        wallet = run(9, "wallet", rows_changed=5)
        unchanged = run(9, "market", rows_added=0, rows_changed=0, rows_removed=0)
        foreign = run(9, "market", OTHER, rows_changed=5)
        for other in (wallet, unchanged, foreign):
            app.stage.say(RunRecorded(other))
        app.sync_state.flush()
        await app.rest(pilot)
        assert reads(app) == before
        app.stage.say(RunRecorded(run(10, "market", rows_changed=5)))
        app.sync_state.flush()
        await app.rest(pilot)
        assert reads(app) == before + 1


async def test_what_did_not_change_is_not_painted_again(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with boards_app(filled, "market") as (app, pilot):
        painted: list[object] = []
        monkeypatch.setattr(app.boards.grid, "show_rows", lambda *a, **_: painted.append(a))
        app.stage.say(RunRecorded(run(10, "market", rows_changed=5)))
        app.sync_state.flush()
        await app.rest(pilot)
        assert painted == []


async def test_time_alone_has_a_board_read_once_a_minute(filled: Path) -> None:
    async with boards_app(filled, "structures") as (app, pilot):
        before = reads(app)
        counts = []
        for _ in range(4):
            app.clock.moment += timedelta(seconds=30)
            app.boards.post_message(Tick())
            await app.rest(pilot)
            counts.append(reads(app) - before)
        assert counts == [0, 1, 1, 2]


async def test_the_cursor_stays_on_its_row_when_others_come(database: Path) -> None:
    async with boards_app(database, "market") as (app, pilot):
        await press(app, pilot, "j", "j")
        assert firsts(app)[app.boards.grid.cursor] == "Orca"
        with closing(sqlite3.connect(database)) as db, db:
            db.execute("DELETE FROM market_order WHERE order_id = 6000")
        app.stage.say(RunRecorded(run(10, "market", rows_removed=1)))
        app.sync_state.flush()
        await app.rest(pilot)
        assert firsts(app)[app.boards.grid.cursor] == "Orca"
        assert app.boards.grid.cursor == 1


async def test_names_from_outside_stay_text(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE eve_name SET name = '[/b]\x1b]0;owned\x07[red]' WHERE id = 587")
    async with boards_app(database, "market") as (app, pilot):
        assert "[/b]" in screen_text(app)
        await press(app, pilot, "y")
        assert "\x1b" not in screen_text(app) + app.clipboard
