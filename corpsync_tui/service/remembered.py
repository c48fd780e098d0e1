"""What the database holds for a snapshot: the last runs, and what the screens remembered."""

from __future__ import annotations

import json
from typing import Any

from corpsync_tui.queries.history import recent_runs
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.store.models import Setting

SCREEN = "screen."
"""What the keys of the screens' settings begin with."""
RUNS_AT_START = 100
"""Runs of each process that a snapshot has."""


def read_remembered(db: Any) -> tuple[list[RunRecord], dict[str, object]]:
    """The last runs of each process, and the screens' settings by key."""
    rows = Setting.select().where(Setting.key.startswith(SCREEN))
    settings = {row.key.removeprefix(SCREEN): json.loads(row.value) for row in rows}
    return recent_runs(db, RUNS_AT_START), settings
