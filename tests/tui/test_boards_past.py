"""@ on the Boards screen: boards as of a moment, or the moment until which they are exact."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from corpsync_tui.boards import find_board
from corpsync_tui.tui.dialogs.moment import MomentDialog
from tests.support.database import insert
from tests.tui.boards_stage import BoardsApp, boards_app, boards_home
from tests.tui.data_stage import screen_text
from tests.tui.stage import HEDU, NOW

pytestmark = pytest.mark.anyio

HOUR = 3_600.0


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Known since a day; an hour ago a member left."""
    path = boards_home(tmp_path)
    now = NOW.timestamp()
    for table in find_board("members").tables:
        insert(path, "change_start", corporation_id=HEDU, table_name=table, time=now - 24 * HOUR)
    insert(
        path,
        "change",
        run_id=1,
        time=now - HOUR,
        corporation_id=HEDU,
        table_name="member",
        kind="removed",
        row_key={"character_id": 90000077},
        before={"start_date": "2020-01-01T00:00:00Z"},
    )
    return path


async def as_of(app: BoardsApp, pilot: Pilot[str], moment: str) -> None:
    await pilot.press("at")
    await app.rest(pilot)
    assert isinstance(app.screen, MomentDialog)
    app.screen.query_one(Input).value = moment
    await pilot.press("enter")
    await app.rest(pilot)


async def test_a_board_is_shown_as_it_stood_and_esc_returns_to_now(database: Path) -> None:
    async with boards_app(database, board="members") as (app, pilot):
        before = screen_text(app)
        assert "90000077" not in before
        await as_of(app, pilot, "2h")
        text = screen_text(app)
        assert "as of 2026-03-14 12:05 EVE" in text
        assert "90000077" in text
        await pilot.press("escape")
        await app.rest(pilot)
        assert "90000077" not in screen_text(app)
        assert "as of 2026-03-14 12:05 EVE" not in screen_text(app)


async def test_too_early_is_refused_with_the_earliest(database: Path) -> None:
    async with boards_app(database, board="members") as (app, pilot):
        await as_of(app, pilot, "9d")
        assert "known back to 2026-03-13 14:05:00 EVE" in app.notices[0].sentence
        assert "as of 2026-03-05" not in screen_text(app)
