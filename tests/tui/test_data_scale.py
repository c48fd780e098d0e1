"""Half a million rows answer like ten: first rows at once, and no key ever waits."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from corpsync_tui.tui.screens.data.screen import DataScreen
from tests.support.database import make_database
from tests.tui.data_stage import DataApp, data_app, screen_text
from tests.tui.stage import HEDU

pytestmark = [pytest.mark.anyio, pytest.mark.long]

ROWS = 500_000
FIRST_ROWS_WITHIN = 2.5
"""Seconds in which the first rows of a new order or filter must be there, on a slow machine."""
ALL_ROWS_WITHIN = 15.0
LONGEST_STALL = 0.4
"""Seconds for which the loop may stand still: repainting is all that happens on it."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make_database(tmp_path_factory.mktemp("scale"))
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany(
            "INSERT INTO eve_name VALUES (?, ?, 'inventory_type', 0)",
            ((100 + n, f"{'ABCDEFGHIJ'[n % 10]} thing {n}") for n in range(8_000)),
        )
        db.executemany(
            "INSERT INTO asset (corporation_id, item_id, type_id, location_id, location_flag, "
            "location_type, quantity, is_singleton) VALUES (?, ?, ?, ?, ?, 'item', ?, 0)",
            _assets(),
        )
    return path


def _assets() -> Iterator[tuple[int, int, int, int, str, int]]:
    """200 offices, 10,000 boxes in them, and what lies in the boxes."""
    for n in range(200):
        yield HEDU, 10**12 + n, 27, 60_000_000 + n, "OfficeFolder", 1
    for n in range(10_000):
        yield HEDU, 10**12 + 1_000 + n, 100 + n % 50, 10**12 + n % 200, f"CorpSAG{n % 7 + 1}", 1
    for n in range(ROWS - 10_200):
        box = 10**12 + 1_000 + n * 7 % 10_000
        yield HEDU, 10**12 + 50_000 + n, 100 + n * 13 % 8_000, box, "Unlocked", n * 31 % 99_991


@asynccontextmanager
async def watched() -> AsyncIterator[list[float]]:
    """The loop's stalls while something happens: how much later than asked a sleeper wakes."""
    stalls: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            stalls.append(time.perf_counter() - before - 0.01)

    task = asyncio.create_task(watch())
    try:
        yield stalls
    finally:
        task.cancel()


async def until(app: DataApp, ready: Callable[[], bool], seconds: float) -> float:
    """The seconds until something is so."""
    began = time.perf_counter()
    while not ready():
        await asyncio.sleep(0.005)
        assert time.perf_counter() - began < seconds, screen_text(app)
    return time.perf_counter() - began


def listed(app: DataApp, **wanted: object) -> Callable[[], bool]:
    """Whether the screen shows rows of a view like this."""

    def ready() -> bool:
        shown = any(isinstance(screen, DataScreen) for screen in app.screen_stack)
        listing = app.data._listing if shown else None
        return listing is not None and all(
            getattr(listing.view, name) == value for name, value in wanted.items()
        )

    return ready


def complete(app: DataApp) -> bool:
    listing = app.data._listing
    return listing is not None and listing.complete and not app.data._busy


async def walk(app: DataApp, pilot: Pilot[str]) -> None:
    """Open, end, sort, filter: each at once, and the keys between them too."""
    await until(app, lambda: complete(app), ALL_ROWS_WITHIN)
    assert app.data._listing is not None
    assert app.data._listing.rows == ROWS
    await pilot.press("G")
    assert await until(app, lambda: f"{ROWS:,}/{ROWS:,}" in screen_text(app), 2.0) < 2.0
    await pilot.press("g", "o")
    await until(app, listed(app, order="type_id"), FIRST_ROWS_WITHIN)
    await pilot.press("j", "j", "pagedown", "k")
    assert app.data.grid.cursor > 10
    await until(app, lambda: complete(app), ALL_ROWS_WITHIN)
    await pilot.press("slash", "j", "space", "t")
    await until(app, listed(app, filter="j t"), FIRST_ROWS_WITHIN)
    await until(app, lambda: complete(app), ALL_ROWS_WITHIN)
    await pilot.press("escape")
    await until(app, lambda: complete(app), ALL_ROWS_WITHIN)


async def test_open_end_sort_and_filter_answer_at_once(database: Path) -> None:
    began = time.perf_counter()
    app = DataApp(database, data={"table": "asset"})
    async with app.run_test(size=(140, 40)) as pilot:
        await until(app, listed(app, table="asset"), 5.0)
        assert time.perf_counter() - began < 5.0
        async with watched() as stalls:
            await walk(app, pilot)
        assert max(stalls) < LONGEST_STALL
    app.browser.close()


async def test_the_same_while_the_rows_are_replaced(database: Path) -> None:
    over = threading.Event()

    def replace_rows() -> None:
        with closing(sqlite3.connect(database, timeout=30)) as db:
            turn = 0
            while not over.is_set():
                turn += 1
                with db:
                    db.execute(
                        "UPDATE asset SET quantity = quantity + 1 WHERE item_id % 5 = ?",
                        (turn % 5,),
                    )
                over.wait(0.2)

    writer = threading.Thread(target=replace_rows)
    async with data_app(database, size=(140, 40)) as (app, pilot):
        writer.start()
        try:
            async with watched() as stalls:
                await walk(app, pilot)
        finally:
            over.set()
            await asyncio.to_thread(writer.join)
        assert max(stalls) < LONGEST_STALL
