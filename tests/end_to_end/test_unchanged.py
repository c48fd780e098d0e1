"""A renewal in which nothing changed: little more than its 304s, each commit being a wait."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.house import open_house

pytestmark = pytest.mark.anyio

WRITTEN = {"sync_status", "sync_history", "sync_schedule", "validator", "temp.heard"}


async def test_it_is_written_at_its_beginning_and_its_end_and_touches_no_row(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    def listen(db: Any) -> None:
        db.set_trace_callback(asked.append)

    async with open_house(tmp_path) as house:
        await house.sync("assets", "schedule")
        house.advance(3_700)
        await house.workspace.store.write(listen, transaction=False)
        run = await house.sync("assets", "schedule")
    assert run.not_modified == run.requests_sent == 3
    told = [n for n, sql in enumerate(asked) if sql.startswith("INSERT OR REPLACE INTO sync_hist")]
    assert len(told) == 2
    own = asked[: told[1]]
    assert own.count("COMMIT") == 1  # and the one that follows: what names cost comes later
    words = [sql.replace("OR REPLACE ", "").split() for sql in own]
    inserted = {word[2] for word in words if word[0] == "INSERT"}
    assert inserted | {word[1] for word in words if word[0] == "UPDATE"} <= WRITTEN
    assert not any(word[0] == "DELETE" for word in words)
