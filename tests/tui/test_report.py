"""The report of a month on its screen: reached, turned, narrowed, copied and written."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from corpsync_tui.sync.events import RunRecorded
from corpsync_tui.tui.screens.report.screen import ReportScreen
from corpsync_tui.tui.widgets.tab_line import TabLine
from corpsync_tui.upkeep.month_report import MonthReport
from tests.boards.support import put
from tests.support.database import make_database
from tests.tui.boards_stage import BoardsApp, boards_app, boards_home
from tests.tui.data_stage import screen_lines, screen_text
from tests.tui.stage import HEDU, OTHER, both, run

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that no test changes."""
    return boards_home(tmp_path_factory.mktemp("report"))


async def press(app: BoardsApp, pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await app.rest(pilot)


def shown(app: BoardsApp) -> MonthReport:
    """The report on screen."""
    assert isinstance(app.screen, ReportScreen)
    assert app.screen.page is not None
    return app.screen.page.report


async def test_m_leads_to_it_and_esc_back(filled: Path) -> None:
    async with boards_app(filled, "wallet") as (app, pilot):
        await press(app, pilot, "m")
        assert screen_lines(app)[2].startswith(" Report  March 2026 · net 5.1 B")
        assert app.screen.query_one(TabLine)._shown[0] == "boards"
        await press(app, pilot, "escape")
        assert app.current_mode == "boards"
        assert "Wallet" in screen_lines(app)[2]


async def test_the_palette_leads_to_it_from_anywhere(filled: Path) -> None:
    async with boards_app(filled) as (app, pilot):
        await press(app, pilot, "6")
        commands = {c.title: c.callback for c in app.get_system_commands(app.screen)}
        commands["Report screen"]()
        await app.rest(pilot)
        assert "March 2026" in screen_lines(app)[2]
        await press(app, pilot, "escape")
        assert app.current_mode == "attention"
        commands = {c.title: c.callback for c in app.get_system_commands(app.screen)}
        commands["Report: Copy"]()
        await app.rest(pilot)
        await pilot.pause()
        assert app.clipboard.startswith("## ")


async def test_the_screen_says_what_the_command_does(filled: Path) -> None:
    async with boards_app(filled, size=(80, 40)) as (app, pilot):
        await press(app, pilot, "m")
        text = screen_text(app)
        for line in shown(app).as_text()[1:]:
            assert all(part.strip() in text for part in line.split("  ") if part.strip()), line
        assert "! The month is not over." in text


async def test_arrows_turn_the_months_and_end_where_nothing_is_known(filled: Path) -> None:
    async with boards_app(filled) as (app, pilot):
        await press(app, pilot, "m", "right")
        assert "has not begun" in app.notices[0].sentence
        await press(app, pilot, "left")
        assert shown(app).month.month == "2026-02"
        assert "Feb 26" in screen_text(app)
        await press(app, pilot, *["left_square_bracket"] * 4)
        assert shown(app).month.month == "2025-10"
        said = "2025-09: The journal begins on 2025-10-01: what was before is not in the sums."
        assert said in shown(app).notes
        await press(app, pilot, "left")
        assert "before October 2025" in app.notices[0].sentence
        await press(app, pilot, "t", "home", "enter")
        assert shown(app).month.month == "2026-03"
        assert app.stage.asked[-1] == ("read_month", "", HEDU)


async def test_h_draws_net_income_and_cost(filled: Path) -> None:
    async with boards_app(filled) as (app, pilot):
        await press(app, pilot, "m")
        assert "by month" not in screen_text(app)
        for title in ("Net by month", "Income by month", "Cost by month"):
            await press(app, pilot, "h")
            assert title in screen_text(app)
        await press(app, pilot, "h")
        assert "by month" not in screen_text(app)


async def test_y_copies_markdown_and_e_writes_each_format(filled: Path, tmp_path: Path) -> None:
    async with boards_app(filled) as (app, pilot):
        await press(app, pilot, "m", "y")
        report = shown(app)
        assert app.clipboard.splitlines() == report.as_markdown()
        for suffix in ("md", "txt", "json", "pdf"):
            await press(app, pilot, "e")
            app.screen.query_one(Input).value = str(tmp_path / f"month.{suffix}")
            await press(app, pilot, "enter")
        assert "choose .md, .txt, .json" in screen_text(app)
    assert (tmp_path / "month.md").read_text("utf-8").splitlines() == report.as_markdown()
    assert (tmp_path / "month.txt").read_text("utf-8").splitlines() == report.as_text()
    assert json.loads((tmp_path / "month.json").read_text("utf-8")) == report.document()
    assert not (tmp_path / "month.pdf").exists()


async def test_c_shows_the_next_corporation(filled: Path) -> None:
    async with boards_app(filled, snapshot=both()) as (app, pilot):
        await press(app, pilot, "m")
        assert "HEDU as of" in screen_lines(app)[2]
        await press(app, pilot, "c")
        assert app.stage.asked[-1] == ("read_month", "", OTHER)
        assert "Nothing yet: press 1" in screen_text(app)
    async with boards_app(filled) as (app, pilot):
        await press(app, pilot, "m", "c")
        assert "one corporation only" in app.notices[0].sentence


async def test_months_turn_from_one_that_the_next_corporation_knows_nothing_of(
    filled: Path,
) -> None:
    async with boards_app(filled, snapshot=both()) as (app, pilot):
        await press(app, pilot, "m", "left", "left", "c")
        assert app.stage.asked[-1] == ("read_month", "2026-01", OTHER)
        await press(app, pilot, "left")
        assert "before March 2026" in app.notices[0].sentence
        assert shown(app).month.month == "2026-01"
        await press(app, pilot, "right")
        assert shown(app).month.month == "2026-03"
        await press(app, pilot, "c", "left")
        assert app.stage.asked[-1] == ("read_month", "2026-02", HEDU)


async def test_without_any_data_it_says_what_to_do(tmp_path: Path) -> None:
    async with boards_app(make_database(tmp_path)) as (app, pilot):
        await press(app, pilot, "m", "h")
        assert "Nothing yet: press 1, go to" in screen_text(app)
        assert "no chart" in app.notices[0].sentence


async def test_without_prices_and_with_a_gap_it_says_so(tmp_path: Path) -> None:
    path = boards_home(tmp_path)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM market_price")
        db.execute("UPDATE wallet_journal SET balance = balance + 1e8 WHERE date > '2026-03-04'")
    async with boards_app(path) as (app, pilot):
        await press(app, pilot, "m")
        text = screen_text(app)
        assert "of the journal, " in text
        assert "! Things without a price count as nothing" in text


async def test_a_run_that_brought_something_shows_at_once(tmp_path: Path) -> None:
    path = boards_home(tmp_path)
    async with boards_app(path) as (app, pilot):
        await press(app, pilot, "m")
        before = shown(app).month.sold
        sale = {"transaction_id": 1, "date": "2026-03-02T00:00:00Z", "quantity": 1}
        with closing(sqlite3.connect(path)) as db, db:
            put(db, "wallet_transaction", {**sale, "unit_price": 5e6})
        app.stage.say(RunRecorded(run(0, "wallet", rows_added=1)))
        app.sync_state.flush()
        await app.rest(pilot)
        assert shown(app).month.sold == before + 5e6
