"""The change log of a year of the demo's life is smaller than the data it tells of.

A year at the demo's pace, sixty times that of EVE, is some 1.3 million changes. Three days of it
are lived here; of these follow what a day adds to the data, and what a change takes in the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpsync_tui.catalog import ALL
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.life import EVENTS_A_SECOND, forget
from corpsync_tui.simulator.state import DEMO_FACTOR
from corpsync_tui.store.changepack import KEPT_ROWS, PACKED_AT_ONCE, pack_oldest
from corpsync_tui.store.schema import Table
from tests.support.virtual import VirtualHouse, virtual_house

HOUR = 3_600.0
EVENTS_AN_HOUR = round(EVENTS_A_SECOND * HOUR / DEMO_FACTOR)
DAYS = 3
YEAR = 365
DATA = {table.name for process in ALL for table in map(Table.of, process.models)}
LOG = {"change", "change_pack"}

pytestmark = [pytest.mark.anyio, pytest.mark.long]


@dataclass(frozen=True)
class Size:
    """Bytes of tables with their indexes."""

    data: int
    log: int
    changes: int
    """How many there are one by one."""


def measure(db: Any) -> Size:
    pages = db.execute(
        "SELECT s.tbl_name, SUM(d.pgsize) FROM dbstat d JOIN sqlite_master s ON s.name = d.name "
        "GROUP BY 1"
    ).fetchall()
    changes = db.execute("SELECT COUNT(*) FROM change WHERE kind != 'bulk'").fetchone()[0]
    return Size(
        sum(size for name, size in pages if name in DATA),
        sum(size for name, size in pages if name in LOG),
        changes,
    )


async def live_a_day(house: VirtualHouse) -> Size:
    for _ in range(24):
        await house.live(HOUR)
        house.simulator.tick(EVENTS_AN_HOUR)
        for corporation in house.simulator.state.world.corporations.values():
            forget(corporation)
        house.simulator.clear_log()
    return await house.workspace.store.read(measure)


async def test_a_year(tmp_path: Path) -> None:
    file = tmp_path / "config" / "settings.toml"
    file.parent.mkdir()
    hourly = "".join(f"{process.type} = 60\n" for process in ALL)
    file.write_text(f"[intervals]\n{hourly}")
    config = SimulatorConfig(scale=SCALES["demo"])
    async with virtual_house(tmp_path, config, processes=ALL) as house:
        store = house.workspace.store
        await house.workspace.start()
        first = await live_a_day(house)
        for _ in range(DAYS - 1):
            last = await live_a_day(house)
        while await store.write(lambda db: pack_oldest(db, 0)):
            pass
        packed = await store.read(measure)

    of_one = last.log / last.changes
    of_packed = (packed.log - packed.changes * of_one) / (last.changes - packed.changes)
    changes = last.changes / DAYS * YEAR
    kept = min(changes, KEPT_ROWS + PACKED_AT_ONCE)
    log = kept * of_one + (changes - kept) * of_packed
    data = last.data + (last.data - first.data) / (DAYS - 1) * (YEAR - DAYS)
    print(f"{changes:,.0f} changes: {of_one:.0f} bytes each, {of_packed:.0f} packed")
    print(f"after a year: log {log / 1e6:.0f} MB, data {data / 1e6:.0f} MB")
    assert 800_000 < changes < 2_000_000
    assert log < data
