"""The Data screen as of a moment: the dialog, what it shows and says, and the way back."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from corpsync_tui.sync.events import RunRecorded
from corpsync_tui.tui.dialogs.file import FileDialog
from corpsync_tui.tui.dialogs.moment import MomentDialog
from corpsync_tui.tui.screens.data.row_detail import RowDetail
from corpsync_tui.tui.screens.sync.screen import SyncScreen
from corpsync_tui.tui.widgets.lines import Lines
from tests.support.database import insert
from tests.tui.data_stage import DataApp, data_app, screen_text
from tests.tui.past import past_database
from tests.tui.stage import HEDU, run

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return past_database(tmp_path)


async def as_of(app: DataApp, pilot: Pilot[str], moment: str) -> None:
    await pilot.press("at")
    await app.wait(pilot, lambda: isinstance(app.screen, MomentDialog))
    app.screen.query_one(Input).value = moment
    await pilot.press("enter")
    await app.wait(pilot)


def told(app: DataApp) -> str:
    return app.notices[0].sentence if app.notices else ""


async def test_a_table_is_shown_as_it_stood_and_esc_returns_to_now(database: Path) -> None:
    async with data_app(database, size=(140, 26)) as (app, pilot):
        assert "33 rows" in screen_text(app)
        await as_of(app, pilot, "2h")
        text = screen_text(app)
        assert "as of 2026-03-14 12:05 EVE  33 rows" in text
        assert "7,777" in text
        assert "4,444" in text
        assert " 2,000" not in text
        assert "› Industry › Old box (Station Container)" in text
        await pilot.press("enter")
        await app.wait(pilot, lambda: isinstance(app.screen, RowDetail))
        assert "Old box (Station Container)" in app.screen.text  # type: ignore[attr-defined]
        await pilot.press("escape")
        await app.wait(pilot)
        await pilot.press("escape")
        await app.wait(pilot)
        text = screen_text(app)
        assert "as of" not in text
        assert "7,777" not in text
        assert " 2,000" in text
        await pilot.press("escape")
        await app.wait(pilot, lambda: isinstance(app.screen, SyncScreen))


async def test_sort_filter_and_a_file_are_of_then(database: Path, tmp_path: Path) -> None:
    async with data_app(database, size=(140, 26)) as (app, pilot):
        await as_of(app, pilot, "2026-03-14T12:00")
        await pilot.press("slash", *"old box", "enter")
        await app.wait(pilot)
        assert app.data._listing is not None
        assert app.data._listing.rows == 32
        await pilot.press("right", "o", "e")
        await app.wait(pilot, lambda: isinstance(app.screen, FileDialog))
        field = app.screen.query_one(Input)
        assert field.value.endswith("corpsync-asset-20260314-1200.csv")
        field.value = str(tmp_path / "then.csv")
        await pilot.press("enter")
        await app.wait(pilot)
        rows = list(csv.DictReader((tmp_path / "then.csv").open(encoding="utf-8")))
        assert len(rows) == 32
        assert {"4444", "7777"} <= {row["quantity"] for row in rows}
        await pilot.press("escape")
        await app.wait(pilot)
        assert "as of 2026-03-14 12:00 EVE" in screen_text(app)


async def test_too_early_a_moment_is_refused_with_the_earliest(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await as_of(app, pilot, "7d")
        assert told(app) == (
            "The past of asset is known back to 2026-03-12 14:05:00 EVE: ask for a later time."
        )
        assert "as of" not in screen_text(app)
        assert "33 rows" in screen_text(app)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("next week", "'next week' is no time; it must be like 12h, 3d"),
        ("2030-01-01", "that is still to come"),
        ("", "'' is no time"),
    ],
)
async def test_a_moment_that_makes_no_sense_stays_in_the_box(
    database: Path, text: str, answer: str
) -> None:
    async with data_app(database) as (app, pilot):
        await as_of(app, pilot, text)
        assert answer in app.screen.query_one("#entry-hint", Lines).text
        await pilot.press("escape")
        await app.wait(pilot)
        assert "33 rows" in screen_text(app)


async def test_other_tables_follow_and_what_moves_says_so(database: Path) -> None:
    insert(database, "member", corporation_id=HEDU, character_id=90000001, ship_type_id=587)
    async with data_app(database, size=(140, 26)) as (app, pilot):
        await as_of(app, pilot, "2h")
        app.data.show_table("member")
        await app.wait(pilot)
        assert "as of 2026-03-14 12:05 EVE  1 row" in screen_text(app)
        names = [column.name for column in app.data.columns]
        app.data.grid.column = names.index("ship_type_id")
        await app.wait(pilot)
        assert "the newest: it moves all the time" in screen_text(app)


async def test_syncs_do_not_move_the_past(database: Path) -> None:
    async with data_app(database, size=(140, 26)) as (app, pilot):
        await as_of(app, pilot, "2h")
        with closing(sqlite3.connect(database)) as db, db:
            db.execute("DELETE FROM asset")
        app.stage.say(RunRecorded(run(0, "assets", rows_removed=33)))
        await app.wait(pilot)
        app.data._look()
        await app.wait(pilot)
        assert "as of 2026-03-14 12:05 EVE  33 rows" in screen_text(app)
