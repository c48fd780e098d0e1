"""One owner of a folder: whoever only looks works beside it, and it notices logins elsewhere."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.catalog_index import entries
from corpsync_tui.clock import Clock
from corpsync_tui.simulator.config import SimulatorConfig
from corpsync_tui.store.lock import OwnerLock
from tests.durability.homes import Home
from tests.support.cast import PROCESSES
from tests.support.house import log_in
from tests.support.virtual import open_watched, virtual_house

LOOKING = [
    ("status", "--json"),
    ("history", "--json"),
    ("export", "setting_that_is_not_there"),
    ("export", "member", "--format", "json"),
    ("backup",),
    ("paths", "--json"),
]
AT_ONCE = 8.0
"""Seconds: far below the patience of whoever waits for a lock, on a busy machine, too."""
NOTICED = 30.0


@pytest.fixture
def held(home: Home) -> Iterator[Home]:
    """A home whose holder is in the middle of a long transaction."""
    lock = OwnerLock(home.database.parent, "corpsync run", Clock())
    lock.acquire()
    with closing(sqlite3.connect(home.database, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("INSERT INTO setting VALUES ('half', 'done')")
        yield home
        db.execute("ROLLBACK")
    lock.release()


def test_looking_beside_a_long_write(held: Home) -> None:
    for arguments in LOOKING:
        begin = time.monotonic()
        result = held.run(*arguments)
        assert time.monotonic() - begin < AT_ONCE, arguments
        assert result.returncode == (2 if "setting_that_is_not_there" in arguments else 0), result
        assert "Traceback" not in result.stderr
    backups = list((held.database.parent / "backups").glob("*.db"))
    with closing(sqlite3.connect(backups[0])) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT COUNT(*) FROM setting WHERE key = 'half'").fetchone() == (0,)


@pytest.mark.anyio
async def test_a_login_and_a_logout_beside_the_holder_are_noticed(tmp_path: Path) -> None:
    async with virtual_house(tmp_path, SimulatorConfig(corporations=2)) as house:
        await house.workspace.start()
        await house.live(120)
        first, second = house.simulator.state.world.corporations.values()
        house.simulator.login(character_id=second.ceo_id)
        beside = await open_watched(
            tmp_path, house.simulator, house.clock, command="corpsync login", hold=False
        )
        async with beside:
            await log_in(beside)
        await house.live(NOTICED)
        scheduled = {c.process_id for c in house.workspace.scheduler.get_scheduled_processes()}
        assert len(scheduled) == 2 * len(PROCESSES)
        await house.live(60)
        statuses = {s.process_id: s for s in house.workspace.state.get_statuses()}
        new = [s for i, s in statuses.items() if i.startswith(f"{second.corporation_id}/")]
        assert {(s.status, s.needs) for s in new} == {("success", None)}

        again = await open_watched(
            tmp_path, house.simulator, house.clock, command="corpsync logout", hold=False
        )
        async with again:
            await again.logins.log_out(second.ceo_id)
        await house.live(NOTICED)
        for status in house.workspace.state.get_statuses():
            gone = status.corporation_id == second.corporation_id
            assert status.needs == ("login" if gone else None)
            assert (status.next_run_time is None) is gone
        house.simulator.clear_log()
        await house.live(4_000)
        asked = {r["character_id"] for r in house.simulator.requests() if r["authorization"]}
        assert asked == {first.ceo_id}


@pytest.mark.anyio
async def test_a_new_login_beside_the_holder_wakes_what_needed_it(tmp_path: Path) -> None:
    async with virtual_house(tmp_path) as house:
        await house.workspace.start()
        await house.live(120)
        house.simulator.revoke(house.simulator.character_id)
        await house.live(4_000)
        assert {s.needs for s in house.workspace.state.get_statuses()} == {"login"}
        beside = await open_watched(
            tmp_path, house.simulator, house.clock, command="corpsync login", hold=False
        )
        async with beside:
            await log_in(beside)
        await house.live(NOTICED + 60)
        statuses = house.workspace.state.get_statuses()
        assert {(s.status, s.needs, s.error_count) for s in statuses} == {("success", None, 0)}


def test_what_a_holder_wrote_is_seen_at_once(held: Home) -> None:
    document = json.loads(held.run("status", "--json").stdout)
    assert len(document["processes"]) == len(entries())
    assert [c["needs"] for c in document["characters"]] == [None]
