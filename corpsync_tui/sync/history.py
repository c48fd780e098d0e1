"""The history of runs as screens ask for it: filtered, in windows, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpsync_tui.sync.rows import as_dicts, run_of
from corpsync_tui.sync.status import RunFilter, RunRecord


def count_runs(db: Any, which: RunFilter) -> int:
    """How many runs pass the filter."""
    where, parameters = _where(which)
    found: int = db.execute(f"SELECT COUNT(*) FROM sync_history {where}", parameters).fetchone()[0]
    return found


def read_runs(db: Any, which: RunFilter, offset: int, limit: int) -> list[RunRecord]:
    """A window of these runs, newest first."""
    where, parameters = _where(which)
    cursor = db.execute(
        f"SELECT * FROM sync_history {where} ORDER BY id DESC LIMIT ? OFFSET ?",
        (*parameters, limit, offset),
    )
    return [run_of(values) for values in as_dicts(cursor)]


def recent_runs(db: Any, each: int) -> list[RunRecord]:
    """The last runs of each process, in no order."""
    cursor = db.execute(
        "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY process_id ORDER BY id DESC) "
        "AS place FROM sync_history) WHERE place <= ?",
        (each,),
    )
    return [run_of(values) for values in as_dicts(cursor)]


def _where(which: RunFilter) -> tuple[str, Sequence[object]]:
    tests: list[tuple[str, object]] = []
    if which.process_type is not None:
        tests.append(("process_type = ?", which.process_type))
    if which.corporation_id is not None:
        tests.append(("corporation_id = ?", which.corporation_id))
    if which.result is not None:
        tests.append(("result = ?", which.result))
    if which.since is not None:
        tests.append(("start_time >= ?", which.since.timestamp()))
    if which.text:
        words = "process_type || ' ' || COALESCE(error_message, '') || ' ' || COALESCE(note, '')"
        tests.append((f"INSTR(LOWER({words}), LOWER(?)) > 0", which.text))
    if not tests:
        return "", ()
    return "WHERE " + " AND ".join(test for test, _ in tests), [value for _, value in tests]
