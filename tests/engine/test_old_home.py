"""A home of the release before opens, syncs without reading again what it has, and is completed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.settings import Settings
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from corpsync_tui.store.migrations import FIRST_VERSION, latest
from corpsync_tui.sync.roster import ROLES_SCOPE
from corpsync_tui.workspace import Workspace
from tests.support.cast import PROCESSES
from tests.support.differences import tables_of
from tests.support.esi import LeapingClock
from tests.support.house import House, free_port, log_in, settings_for
from tests.support.noon import noon

pytestmark = pytest.mark.anyio

SCHEMA = (Path(__file__).parents[1] / "data/first_release.sql").read_text()
NEW = [process for process in ALL if process not in PROCESSES]
OLD_SCOPES = [*dict.fromkeys(s for p in PROCESSES for s in p.scopes), ROLES_SCOPE]
RENEWED = 3_700


def as_of_the_first_release(file: Path) -> None:
    """Put what the old processes have stored into a file with the first release's schema."""
    today = file.with_name("today.db")
    with closing(sqlite3.connect(file)) as db:
        db.execute("VACUUM INTO ?", (str(today),))
    for companion in file.parent.glob(f"{file.name}*"):
        companion.unlink()
    with closing(sqlite3.connect(file)) as db, db:
        db.executescript(SCHEMA)
        db.execute(f"PRAGMA user_version = {FIRST_VERSION}")
        db.execute("ATTACH ? AS today", (str(today),))
        for (table,) in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'"):
            kept = [c for c in columns(db, "main", table) if c in columns(db, "today", table)]
            if kept:
                listed = ", ".join(kept)
                db.execute(f"INSERT INTO main.{table} SELECT {listed} FROM today.{table}")
        db.execute("DELETE FROM validator WHERE dataset NOT IN (SELECT name FROM sqlite_master)")
    today.unlink()


def columns(db: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA {schema}.table_info({table})")]


def version(file: Path) -> int:
    with closing(sqlite3.connect(file)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Simulator, Settings]]:
    callback = f"http://127.0.0.1:{free_port()}/callback"
    config = SimulatorConfig(redirect_uris=(callback,), clock_offset=noon())
    with Simulator(config) as simulator:
        yield simulator, settings_for(tmp_path / "home", simulator, callback)


async def test_it_goes_on_with_what_it_has_and_one_login_brings_the_rest(
    world: tuple[Simulator, Settings],
) -> None:
    simulator, settings = world
    simulator.scopes(simulator.character_id, OLD_SCOPES)
    clock = LeapingClock(simulator)
    options: dict[str, Any] = {"command": "corpsync"}
    async with await Workspace.open(settings, clock, processes=PROCESSES, **options) as workspace:
        await log_in(workspace)
        house = House(simulator, workspace)
        for process in PROCESSES:
            assert (await house.sync(process.type)).result == "success"
    as_of_the_first_release(settings.database)

    async with await Workspace.open(settings, clock, **options) as workspace:
        (backup,) = (settings.data_dir / "backups").glob("*before-upgrade*")
        assert (version(backup), version(settings.database)) == (FIRST_VERSION, latest())

        house = House(simulator, workspace)
        for process in NEW:
            scope = next((d.route.scope for d in process.datasets if d.route.scope), None)
            public = any(d.route.scope is None and d.parent is None for d in process.datasets)
            assert house.status(process.type).needs == (None if public else f"scope:{scope}")
        house.advance(RENEWED)
        simulator.clear_log()
        for process in PROCESSES:
            run = await house.sync(process.type)
            changes = (run.rows_added, run.rows_changed, run.rows_removed)
            limit = 1 if process.type == "members" else 0  # the one data set that is new to them
            assert (run.result, changes) == ("success", (limit, 0, 0)), process.type
            await house.assert_true(*tables_of(process))
        read_whole = [r["path"] for r in house.asked() if r["status"] != 304]
        assert read_whole == [f"/corporations/{house.corporation_id}/members/limit"]

        simulator.scopes(simulator.character_id, list(workspace.logins.scopes()))
        await log_in(workspace)
        for process in ALL:
            run = await house.sync(process.type)
            while run.current_until is None:
                run = await house.sync(process.type)
            status = house.status(process.type)
            assert (run.result, run.note, status.needs) == ("success", None, None), process.type
            await house.assert_true(*tables_of(process))
