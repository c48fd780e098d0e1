"""A database with a few rows in every table, and the app over it, for the Data screen."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from corpsync_tui.service.boards import BoardReader
from corpsync_tui.service.reading import table_browser
from corpsync_tui.tui.screens.data.screen import DataScreen
from tests.support.cast import PROCESSES
from tests.support.database import insert
from tests.tui.stage import HEDU, StageApp, corporation

NAMES = {
    34: "Tritanium",
    35: "Pyerite",
    587: "Rifter",
    17366: "Station Container",
    691: "Rifter Blueprint",
    2873: "125mm Gatling AutoCannon I",
    60003760: "Jita IV - Moon 4 - Caldari Navy Assembly Plant",
    30000142: "Jita",
    90000001: "Aldra Vex",
    90000002: "Bero Sand",
    98000002: "Sinq Laison Survey",
    HEDU: "Hedion Freight Union",
}
OFFICE, BOX, BLUEPRINT = 1_000_000_000_001, 1_000_000_000_002, 1_000_000_000_003
ORES = range(1_000_000_000_100, 1_000_000_000_130)


def fill(path: Path) -> None:
    """The rows that most tests look at."""
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany("INSERT INTO eve_name VALUES (?, ?, 'x', 0)", NAMES.items())
        db.executemany(
            "INSERT INTO division VALUES (?, ?, ?, ?)",
            [(HEDU, "hangar", 2, "Industry"), (HEDU, "wallet", 1, "Master")],
        )
    asset(path, OFFICE, type_id=27, location_id=60003760, location_flag="OfficeFolder")
    asset(
        path,
        BOX,
        type_id=17366,
        location_id=OFFICE,
        location_flag="CorpSAG2",
        name="Spare [b]parts",
    )
    asset(path, BLUEPRINT, type_id=691, location_id=BOX, is_blueprint_copy=1)
    assets(
        path,
        *(
            {"item_id": item, "type_id": 34 if n % 2 else 35, "quantity": 1_000 * (n + 1)}
            for n, item in enumerate(ORES)
        ),
    )
    insert(path, "wallet_balance", corporation_id=HEDU, division=1, balance=1_234_567_890.5)
    insert(path, "industry_job", **JOB)
    insert(path, "killmail", **KILLMAIL)


ASSET: dict[str, Any] = {
    "corporation_id": HEDU,
    "is_singleton": 0,
    "location_flag": "Unlocked",
    "location_type": "item",
    "quantity": 1,
}


def asset(path: Path, item_id: int, **values: Any) -> None:
    insert(path, "asset", **ASSET | {"item_id": item_id} | values)


def assets(path: Path, *rows: dict[str, Any]) -> None:
    """Many at once, in the box; all rows name the same columns."""
    whole = [ASSET | {"location_id": BOX} | row for row in rows]
    names = ", ".join(whole[0])
    marks = ", ".join(f":{name}" for name in whole[0])
    with closing(sqlite3.connect(path)) as db, db:
        db.executemany(f"INSERT INTO asset ({names}) VALUES ({marks})", whole)


JOB: dict[str, Any] = {
    "corporation_id": HEDU,
    "activity_id": 1,
    "blueprint_id": BLUEPRINT,
    "blueprint_location_id": BOX,
    "blueprint_type_id": 691,
    "duration": 90_000,
    "end_date": "2026-03-14T15:00:00Z",
    "facility_id": 60003760,
    "installer_id": 90000001,
    "job_id": 7,
    "location_id": 60003760,
    "output_location_id": OFFICE,
    "product_type_id": 587,
    "runs": 3,
    "start_date": "2026-03-13T14:00:00Z",
    "status": "active",
    "cost": 12_345.6,
}
KILLMAIL: dict[str, Any] = {
    "corporation_id": HEDU,
    "killmail_id": 1001,
    "killmail_hash": "abc",
    "killmail_time": "2026-03-14T12:00:00Z",
    "solar_system_id": 30000142,
    "victim": {
        "character_id": 90000002,
        "corporation_id": 98000002,
        "damage_taken": 4_321,
        "ship_type_id": 587,
        "items": [
            {"flag": 27, "item_type_id": 2873, "singleton": 0, "quantity_destroyed": 1},
            {"flag": 5, "item_type_id": 34, "singleton": 0, "quantity_dropped": 1_500},
        ],
    },
    "attackers": [
        {
            "character_id": 90000001,
            "corporation_id": HEDU,
            "damage_done": 4_000,
            "final_blow": True,
            "security_status": 0.5,
            "ship_type_id": 587,
            "weapon_type_id": 2873,
        },
        {"faction_id": 500010, "damage_done": 321, "final_blow": False, "security_status": 0},
    ],
}


AT_WORK = {"listing", "rows", "open", "detail", "copy", "export", "pick", "look", "sums"}
"""What the screen's workers are called while something is still to come."""
PATIENT = 60.0
"""Seconds in which the screen must have come to rest, on any machine."""


class DataApp(StageApp):
    """The app over a real database file, and nothing else real."""

    def __init__(self, path: Path, **settings: object) -> None:
        super().__init__(corporation(), settings={"screen": "data"} | settings)
        self.browser = self.stage.browser = table_browser(path, PROCESSES)
        self.stage.board_reader = BoardReader(path, path.with_name("reference.db"), {})

    async def wait(self, pilot: Pilot[str], ready: Callable[[], bool] | None = None) -> None:
        """Until the rows asked for are on screen, or until a test's own condition."""
        async with asyncio.timeout(PATIENT):
            await self.opened()
            await self.rest_of(pilot, AT_WORK)
            while not (self._shown() and (ready is None or ready())):
                await asyncio.sleep(0.005)
                await self.rest_of(pilot, AT_WORK)

    def _shown(self) -> bool:
        shown = [screen for screen in self.screen_stack if isinstance(screen, DataScreen)]
        return self.sync_state.loaded and all(screen._browser for screen in shown)

    @property
    def data(self) -> DataScreen:
        """The Data screen, whether or not a box is over it."""
        return next(s for s in self.screen_stack if isinstance(s, DataScreen))


def screen_lines(app: StageApp) -> list[str]:
    """What can be read on the screen, line by line."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def screen_text(app: StageApp) -> str:
    return "\n".join(screen_lines(app))


@asynccontextmanager
async def data_app(
    path: Path, *, size: tuple[int, int] = (80, 24), table: str = "asset", **settings: object
) -> AsyncIterator[tuple[DataApp, Pilot[str]]]:
    """The app with a table on screen."""
    app = DataApp(path, data={"table": table}, **settings)
    try:
        async with app.run_test(size=size) as pilot:
            await app.wait(pilot)
            yield app, pilot
    finally:
        app.browser.close()
