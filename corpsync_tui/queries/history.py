"""The history of runs: filtered, in windows, newest first; and what a day of them asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from corpsync_tui.queries.processes import as_dicts, from_column
from corpsync_tui.queries.records import RunFilter, RunRecord


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


def known_ids(db: Any) -> list[str]:
    """The ids of all processes that are scheduled, sorted."""
    return [row[0] for row in db.execute("SELECT process_id FROM sync_schedule ORDER BY 1")]


def recent_runs(db: Any, each: int) -> list[RunRecord]:
    """The last runs of each process, in no order."""
    cursor = db.execute(
        "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY process_id ORDER BY id DESC) "
        "AS place FROM sync_history) WHERE place <= ?",
        (each,),
    )
    return [run_of(values) for values in as_dicts(cursor)]


def read_run(db: Any, run_id: int) -> RunRecord:
    """One run. Raises `StopIteration` where there is none."""
    return next(
        map(run_of, as_dicts(db.execute("SELECT * FROM sync_history WHERE id = ?", (run_id,))))
    )


def requests_since(db: Any, moment: float) -> tuple[int, int]:
    """Requests, and answers 304, of the runs that began at `moment` (Unix seconds) or later."""
    sent, same = db.execute(
        "SELECT COALESCE(SUM(requests_sent), 0), COALESCE(SUM(not_modified), 0)"
        " FROM sync_history WHERE start_time >= ?",
        (moment,),
    ).fetchone()
    return int(sent), int(same)


def urls_read(db: Any) -> dict[tuple[str, str], int]:
    """By process id and data set, how many URLs its last run read."""
    rows = db.execute(
        "SELECT process_id, dataset, COUNT(*) FROM validator GROUP BY process_id, dataset"
    )
    return {(process_id, dataset): count for process_id, dataset, count in rows}


def run_of(values: Mapping[str, Any]) -> RunRecord:
    """The run of a row of the table, or of what `as_row` made."""
    known = {f.name for f in fields(RunRecord)}
    return RunRecord(**{n: from_column(n, value) for n, value in values.items() if n in known})


def _where(which: RunFilter) -> tuple[str, Sequence[object]]:
    tests: list[tuple[str, object]] = []
    if which.process_id is not None:
        tests.append(("process_id = ?", which.process_id))
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
