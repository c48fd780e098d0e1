"""The Data screen over a whole house: what a sync brings is seen by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from corpsync_tui.service.local import LocalService
from corpsync_tui.tui.app import CorpsyncApp, Spawn
from corpsync_tui.tui.screens.data.screen import DataScreen
from tests.support.house import House, open_house

pytestmark = pytest.mark.anyio


async def until(ready: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not ready():  # noqa: ASYNC110  (the screen tells nobody)
            await asyncio.sleep(0.01)


def app_in(house: House) -> CorpsyncApp:
    @asynccontextmanager
    async def opened(_: Spawn) -> AsyncIterator[LocalService]:
        service = LocalService(house.workspace)
        try:
            yield service
        finally:
            await service.close()

    return CorpsyncApp(opened, clock=house.workspace.clock)


async def test_the_schedule_fills_the_table_on_screen_and_names_follow(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        app = app_in(house)
        async with app.run_test(size=(140, 40)) as pilot:
            await app.opened()
            await pilot.press("2", "right_square_bracket", "right_square_bracket")
            screen = app.screen
            assert isinstance(screen, DataScreen)

            def filled() -> bool:
                """The schedule has run, its names have come, and the order has followed."""
                row = screen._current()
                return row is not None and screen.table.name == "asset" and bool(row.names[0])

            await until(filled)
            assert screen._listing is not None
            assert screen._listing.rows == len(await house.rows("asset"))
            await pilot.press("q")
