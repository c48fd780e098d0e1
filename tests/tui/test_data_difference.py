"""D on the Data screen: what a table gained, changed and lost between two moments."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from corpsync_tui.tui.dialogs.moment import MomentDialog
from corpsync_tui.tui.screens.data.difference import DifferenceDialog
from corpsync_tui.tui.screens.data.screen import DataScreen
from corpsync_tui.tui.widgets.lines import Lines
from tests.tui.data_stage import ORES, DataApp, data_app, screen_text
from tests.tui.past import past_database
from tests.tui.stage import HEDU

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return past_database(tmp_path)


async def compare(app: DataApp, pilot: Pilot[str], start: str, end: str = "") -> None:
    await pilot.press("D")
    await app.wait(pilot, lambda: isinstance(app.screen, MomentDialog))
    for field, text in zip(app.screen.query(Input), (start, end), strict=True):
        field.value = text
    await pilot.press("enter", "enter")
    await app.wait(pilot)


async def test_sums_and_rows_and_the_way_to_a_row(database: Path) -> None:
    async with data_app(database, size=(120, 30)) as (app, pilot):
        await compare(app, pilot, "2h")
        assert isinstance(app.screen, DifferenceDialog)
        lines = screen_text(app)
        assert "Assets, 2026-03-14 12:05 to 2026-03-14 14:05 EVE" in lines
        assert "+1 ~2 −1" in lines
        assert "Quantity +2,000 ~−3,444 −7,777: −9,221 in all" in lines
        assert "2,000 × Tritanium new" in lines
        await pilot.press("y")
        assert app.notices[0].sentence.startswith("Copied ")
        await pilot.press("enter")
        await app.wait(pilot)
        assert isinstance(app.screen, DataScreen)
        row = app.data._current()
        assert row is not None
        assert row.key == (HEDU, ORES[1])


async def test_nothing_differs_and_too_early_is_refused(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await compare(app, pilot, "3h", "2h")
        assert isinstance(app.screen, DifferenceDialog)
        assert "Nothing differs" in screen_text(app)
        await pilot.press("escape")
        await app.wait(pilot)
        await compare(app, pilot, "9d")
        assert "known back to 2026-03-12 14:05:00 EVE" in app.notices[0].sentence
        assert "33 rows" in screen_text(app)


async def test_moments_in_the_wrong_order_stay_in_the_box(database: Path) -> None:
    async with data_app(database) as (app, pilot):
        await compare(app, pilot, "1h", "2h")
        hint = app.screen.query_one("#entry-hint", Lines).text
        assert "the later moment lies before the first" in hint
