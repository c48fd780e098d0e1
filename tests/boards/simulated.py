"""A database that holds what the simulator's corporations are, without a sync."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime

from corpsync_tui.catalog import ALL
from corpsync_tui.simulator.config import SCALES, SimulatorConfig
from corpsync_tui.simulator.server import Simulator
from tests.boards.support import C, empty_database, put


@contextmanager
def simulated(
    scale: str = "small", *, corporations: int = 1, ticks: int = 0, copied: float | None = None
) -> Iterator[tuple[sqlite3.Connection, Simulator]]:
    """Every table filled with the simulator's truth, as of now, after so many events.

    `copied`: when ESI made the copies, in Unix seconds; None for now.
    """
    made = datetime.now(UTC) if copied is None else datetime.fromtimestamp(copied, UTC)
    simulator = Simulator(SimulatorConfig(scale=SCALES[scale], corporations=corporations))
    if ticks:
        simulator.tick(ticks)
    with empty_database() as db:
        put(db, "eve_name", *simulator.truth("eve_name"))
        put(db, "market_price", *simulator.truth("market_price"))
        for corporation_id in range(C, C + corporations):
            _fill(db, simulator, corporation_id, format_datetime(made, usegmt=True))
        yield db, simulator


def _fill(db: sqlite3.Connection, simulator: Simulator, corporation_id: int, modified: str) -> None:
    tables = {dataset.table for process in ALL for dataset in process.datasets if dataset.counted}
    for table in sorted(tables):
        known = {column[1] for column in db.execute(f"PRAGMA table_info({table})")}
        rows = []
        for number, row in enumerate(simulator.truth(table, corporation_id=corporation_id)):
            values = {
                name: json.dumps(value) if isinstance(value, list | dict) else value
                for name, value in row.items()
                if name in known
            }
            rows.append({"corporation_id": corporation_id, **values})
            if "row_hash" in known:
                rows[-1]["row_hash"] = number
        put(db, table, *rows)
    for process in ALL:
        id_ = f"{corporation_id}/{process.type}"
        schedule = {"process_type": process.type, "interval_minutes": 30.0}
        put(db, "sync_schedule", {"process_id": id_, **schedule})
        for dataset in process.datasets:
            copy = {"process_id": id_, "dataset": dataset.table, "url": f"/{dataset.route.path}"}
            put(db, "validator", {**copy, "last_modified": modified, "keys": b""})
