"""Questions that screens and commands ask of the history, inside a read of the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from corpsync_tui.store.models import SyncHistoryRow

Run = dict[str, Any]
"""A row of `sync_history`, times in Unix seconds."""


def find_runs(
    *,
    process: str | None = None,
    result: str | None = None,
    since: float | None = None,
    until: float | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Run]:
    """Runs that fit all that is asked, newest first.

    Args:
        process: A process id, or a process type of every corporation.
        result: One of the history's results, such as `error`.
        since: Only runs that started at or after this time, in Unix seconds.
        until: Only runs that started before this time, in Unix seconds.
        before: Only runs older than the one of this id, to go on from the last one shown.
        limit: How many at the most.
    """
    runs = SyncHistoryRow.select().order_by(SyncHistoryRow.id.desc()).limit(limit)
    if process is not None:
        column = SyncHistoryRow.process_id if "/" in process else SyncHistoryRow.process_type
        runs = runs.where(column == process)
    if result is not None:
        runs = runs.where(SyncHistoryRow.result == result)
    if since is not None:
        runs = runs.where(SyncHistoryRow.start_time >= since)
    if until is not None:
        runs = runs.where(SyncHistoryRow.start_time < until)
    if before is not None:
        runs = runs.where(SyncHistoryRow.id < before)
    found: Iterable[Any] = runs.dicts()  # peewee's types say models
    return list(found)
