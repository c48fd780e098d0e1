"""What is decided of losses: kept with who decided, on the boards, in exports and in backups."""

from __future__ import annotations

import getpass
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.boards.kit.marks import Mark
from corpsync_tui.service.local import LocalService
from corpsync_tui.store.backup import backup_database
from corpsync_tui.upkeep.export import Export, export_to, sources
from tests.support.house import House, open_house

pytestmark = pytest.mark.anyio

NOBODY_S = 98_000_999
"""A corporation that nobody is logged in of."""


def loss(corporation_id: int, killmail_id: int) -> tuple[Any, ...]:
    victim = {"corporation_id": corporation_id, "character_id": 7, "ship_type_id": 587}
    return (corporation_id, killmail_id, json.dumps(victim))


async def put_losses(house: House) -> None:
    sql = (
        "INSERT INTO killmail (corporation_id, killmail_id, victim, attackers, killmail_hash, "
        "killmail_time, solar_system_id) VALUES (?, ?, ?, '[]', '', '2026-11-24T10:00:00Z', 1)"
    )
    rows = [loss(c, n) for n, c in enumerate((house.corporation_id,) * 2 + (NOBODY_S,), 1)]
    await house.workspace.store.write(lambda db: db.executemany(sql, rows))


async def test_a_mark_is_on_the_board_at_once_and_in_exports_and_backups(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await put_losses(house)
        service = LocalService(house.workspace)
        own = house.corporation_id
        said = await service.mark_losses(
            own, [Mark(n, "paid", 250_000.0, "=fleet") for n in (1, 2)]
        )
        assert said.sentence == "2 losses paid, 500.0 k ISK."
        said = await service.mark_losses(own, [Mark(2, "open")])
        assert said.sentence == "1 loss open again."
        page = await service.read_board("kills", own, "losses")
        await service.mark_losses(NOBODY_S, [Mark(3, "refused")])
        await service.close()
        database, who = (
            house.workspace.store.path,
            next(c.name for c in house.workspace.roster.characters.values()),
        )
        copy = backup_database(database, tmp_path / "copy.db")
    rows = {row["killmail_id"]: row for row in page.rows}
    assert [(rows[n]["srp"], rows[n]["paid_by"]) for n in (1, 2)] == [("paid", who), ("open", None)]

    file = tmp_path / "srp.csv"
    for path in (database, copy):
        export_to(Export(path, sources()["srp"], "csv"), file)
        lines = file.read_text().splitlines()
        file.unlink()
        assert lines[0] == "corporation_id,killmail_id,state,paid,by,note,time"
        assert [line.rpartition(",")[0] for line in lines[1:]] == [
            f"{own},1,paid,250000.0,{who},'=fleet",
            f"{NOBODY_S},3,refused,,{getpass.getuser()},",
        ]
    with closing(sqlite3.connect(copy)) as db:
        assert db.execute("SELECT COUNT(*) FROM srp_mark WHERE killmail_id = 2").fetchone() == (2,)
