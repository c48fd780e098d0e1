"""The database as commands that only look read it."""

from __future__ import annotations

from pathlib import Path

from corpsync_tui.queries.history import read_runs
from corpsync_tui.queries.processes import read_processes
from corpsync_tui.queries.records import RunFilter, RunRecord, SyncConfig, SyncStatus
from corpsync_tui.store.read_only import read_only


def read_status(database: Path) -> list[tuple[SyncStatus, SyncConfig]]:
    with read_only(database) as db:
        return [] if db is None else read_processes(db).scheduled()


def read_history(
    database: Path, which: RunFilter | None = None, limit: int = 1_000_000
) -> list[RunRecord]:
    with read_only(database) as db:
        return [] if db is None else read_runs(db, which or RunFilter(), 0, limit)
