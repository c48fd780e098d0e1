"""From a row on the Data screen to what happened to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpsync_tui.tui.screens.changes.screen import ChangesScreen
from tests.support.database import make_database
from tests.tui.changes_stage import StageChanges
from tests.tui.data_stage import data_app, fill, screen_text
from tests.tui.stage import HEDU


@pytest.mark.anyio
async def test_a_row_opens_into_its_own_history(tmp_path: Path) -> None:
    path = make_database(tmp_path, fill)
    async with data_app(path, table="wallet_balance", size=(120, 30)) as (app, pilot):
        news = app.stage.change_log = StageChanges()
        for key in ("enter", "d"):
            await pilot.press(key)
            await app.wait(pilot, lambda: True)
        await app.rest(pilot)
        await pilot.pause()
        assert isinstance(app.screen, ChangesScreen)
        assert "one row of wallet balance" in screen_text(app)

    which = news.asked[-1]
    assert (which.tables, which.row_key) == (("wallet_balance",), {"division": 1})
    assert which.corporation_id == HEDU
