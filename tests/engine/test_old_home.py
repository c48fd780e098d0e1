"""A home of the release before opens, and syncs without reading again what it has."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.catalog.kit.base import Process
from corpsync_tui.esi.identity import Identity
from tests.engine import declared
from tests.support.house import open_house

pytestmark = pytest.mark.anyio


def as_before(home: Path) -> None:
    """Leave the file as the first release left it: without what validators know since."""
    with closing(sqlite3.connect(home / "data/corpsync.db")) as db, db:
        for column in ("cursor_after", "refused"):
            db.execute(f"ALTER TABLE validator DROP COLUMN {column}")


async def test_it_goes_on_with_what_it_has(tmp_path: Path) -> None:
    types = ("members", "assets", "wallet", "market", "killmails", "container_logs")
    async with open_house(tmp_path / "home") as house:
        for type_ in types:
            await house.sync(type_)
    as_before(tmp_path / "home")
    async with open_house(tmp_path / "home") as house:
        house.simulator.clear_log()
        for type_ in types:
            run = await house.sync(type_)
            changes = (run.rows_added, run.rows_changed, run.rows_removed)
            assert (run.result, changes) == ("success", (0, 0, 0)), type_
        assert len(await house.rows("asset")) > 0


async def test_a_new_process_says_which_scope_it_lacks_and_the_others_go_on(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path / "home") as house:
        await house.sync("members")
        character = next(iter(house.workspace.roster.characters.values()))
    newer = Process(
        "things",
        title="Things",
        noun="things",
        order=1_000,
        interval_minutes=60,
        demo_minutes=2,
        datasets=[declared.SCOPED],
    )
    async with open_house(tmp_path / "home", processes=[*ALL, newer]) as house:
        scope = declared.SCOPED.route.scope
        granted = tuple(sorted(character.scopes))
        identity = Identity(character.character_id, character.name, character.owner, granted)
        await house.workspace.logins.welcome(identity)
        status = house.status("things")
        assert (status.needs, status.next_run_time) == (f"scope:{scope}", None)
        assert house.status("members").needs is None
