"""A database whose last hour is known: one ore used up, one grown, one new, a box renamed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.database import insert, make_database
from tests.tui.data_stage import BOX, ORES, fill
from tests.tui.stage import HEDU, NOW

HOUR = 3600.0


def past_database(home: Path) -> Path:
    """Known since two days ago; what changed did so an hour ago."""
    return make_database(home, fill_past)


def fill_past(path: Path) -> None:
    fill(path)
    now = NOW.timestamp()
    for table in ("asset", "member"):
        start = now - 48 * HOUR
        insert(path, "change_start", corporation_id=HEDU, table_name=table, time=start)
    used = {"type_id": 34, "location_id": BOX, "location_flag": "Unlocked", "quantity": 7_777}
    used |= {"location_type": "item", "is_singleton": 0}
    change(path, "removed", {"item_id": 5}, used, None)
    change(path, "changed", {"item_id": ORES[0]}, {"quantity": 4_444}, {"quantity": 1_000})
    change(path, "added", {"item_id": ORES[1]}, None, {"quantity": 2_000})
    change(path, "changed", {"item_id": BOX}, {"name": "Old box"}, {"name": "Spare [b]parts"})


def change(path: Path, kind: str, row_key: object, before: object, after: object) -> None:
    insert(
        path,
        "change",
        run_id=1,
        time=NOW.timestamp() - HOUR,
        corporation_id=HEDU,
        table_name="asset",
        kind=kind,
        row_key=json.dumps(row_key, separators=(",", ":")),
        before=None if before is None else json.dumps(before),
        after=None if after is None else json.dumps(after),
    )
