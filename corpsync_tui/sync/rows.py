"""Status, schedule and history as rows: what of them lasts. `queries` reads it back.

Everything here runs on a database thread, inside the transaction of `Store.write` or
`Store.read`; `db` is that thread's connection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from corpsync_tui.clock import to_seconds
from corpsync_tui.queries.history import read_run
from corpsync_tui.queries.processes import PAUSED_KEY
from corpsync_tui.queries.records import RunRecord, SyncConfig, SyncStatus, as_row
from corpsync_tui.store.by_hand import LAST_SECOND
from corpsync_tui.store.interrupted import mark_interrupted
from corpsync_tui.store.models import Setting, SyncHistoryRow, SyncScheduleRow, SyncStatusRow
from corpsync_tui.sync.ending import Ended

RUNS_KEPT = 100
"""Runs of each process that stay in the history however old they are."""
DAYS_KEPT = 90
"""Days for which every run stays in the history."""
DAY = 86_400.0

_DERIVED = ("process_type", "corporation_id")
"""What `sync_status` does not repeat: the process id says it."""
_LASTING = (
    ("validator", "expires"),
    ("sync_status", "current_until"),
    ("character", "corporation_until"),
    ("character", "roles_until"),
)
"""Columns that say until when a copy need not be asked for anew."""


def recover(db: Any, now: float) -> list[RunRecord]:
    """Put right what a dead process or a hand left; returns the runs that were interrupted.

    Those runs are called so and their processes are due at once; the next run of what is off
    or parked goes; each status repeats its schedule's next run. Only for the folder's holder.
    """
    ids = mark_interrupted(db)
    runs = [read_run(db, run_id) for run_id in ids]
    processes = [(now, run.process_id) for run in runs]
    db.executemany("UPDATE sync_schedule SET next_run_time = ? WHERE process_id = ?", processes)
    db.execute(
        "UPDATE sync_schedule SET next_run_time = NULL WHERE next_run_time IS NOT NULL AND"
        " (enabled = 0 OR process_id IN (SELECT process_id FROM sync_status"
        " WHERE needs IS NOT NULL))"
    )
    db.execute(
        "UPDATE sync_status SET next_run_time = schedule.next_run_time FROM sync_schedule schedule"
        " WHERE schedule.process_id = sync_status.process_id"
        " AND schedule.next_run_time IS NOT sync_status.next_run_time"
        " AND (schedule.next_run_time IS NULL OR typeof(schedule.next_run_time) = 'real'"
        " AND schedule.next_run_time BETWEEN 0 AND ?)",
        (LAST_SECOND,),
    )
    return runs


def shift_back(db: Any, seconds: float, now: float) -> None:
    """After the clock was set back: what lasts until a moment lasts no longer than before."""
    for table, column in _LASTING:
        db.execute(f"UPDATE {table} SET {column} = {column} - ? WHERE {column} > ?", (seconds, now))


def save_schedule(db: Any, configs: Iterable[SyncConfig]) -> None:
    """Write what was asked of processes; of their statuses only the next run.

    Another program may hold the folder and know better how far the process has come, and a logout
    in another may have said what it needs: then it has no next run.
    """
    for config in configs:
        due = config.next_run_time if _stored_needs(db, config.process_id) is None else None
        save_config(db, replace(config, next_run_time=due))
        _save_some(config.process_id, next_run_time=to_seconds(due))


def save_need(status: SyncStatus) -> None:
    """Write what a process needs, its next run, and the step that says so."""
    due = to_seconds(status.next_run_time)
    step = status.current_step
    _save_some(status.process_id, needs=status.needs, next_run_time=due, current_step=step)


def _save_some(process_id: str, **values: Any) -> None:
    """Write these columns of a process's status; the others stay."""
    row = SyncStatusRow.insert(process_id=process_id, **values)
    row.on_conflict(conflict_target=["process_id"], update=values).execute()


def save_status(db: Any, status: SyncStatus) -> None:
    """Write a status, in place of the one before."""
    values = as_row(status)
    for name in _DERIVED:
        del values[name]
    _put(db, "sync_status", values)


def save_config(db: Any, config: SyncConfig) -> None:
    """Write what was asked of a process, in place of what was asked before."""
    values = as_row(config)
    del values["corporation_id"]
    _put(db, "sync_schedule", values)


def save_due(db: Any, process_id: str, due: datetime | None) -> None:
    """Write when a process is due that is on; what else is asked of it another may have changed."""
    sql = "UPDATE sync_schedule SET next_run_time = iif(enabled, ?, NULL) WHERE process_id = ?"
    db.execute(sql, (to_seconds(due), process_id))


def save_start(db: Any, run: RunRecord, status: SyncStatus) -> RunRecord:
    """Write that a run begins; what its process needs stays, which another program may know."""
    save_status(db, replace(status, needs=_stored_needs(db, run.process_id)))
    return save_run(db, run)


def save_end(db: Any, end: Ended) -> Ended:
    """Write the end of a run; returns it as it is written.

    What was written since its start of what the process needs, as by a logout or login, stays:
    after a login it is due at once.
    """
    needs = _stored_needs(db, end.run.process_id)
    if needs not in (end.needs_before, end.status.needs):
        due = end.moment if needs is None and end.config and end.config.enabled else None
        status = replace(end.status, needs=needs, next_run_time=due)
        config = end.config and replace(end.config, next_run_time=due)
        end = replace(end, status=status, config=config)
    save_status(db, end.status)
    if end.config is not None:
        save_config(db, end.config)
    return replace(end, run=save_run(db, end.run))


def _stored_needs(db: Any, process_id: str) -> str | None:
    found = db.execute("SELECT needs FROM sync_status WHERE process_id = ?", (process_id,))
    (needs,) = found.fetchone() or (None,)
    return needs


def remove_config(process_id: str) -> None:
    """Take a process off the schedule."""
    SyncScheduleRow.delete().where(SyncScheduleRow.process_id == process_id).execute()
    _save_some(process_id, next_run_time=None)


def save_paused(*, paused: bool) -> None:
    """Remember whether the whole schedule is held."""
    value = "true" if paused else "false"
    Setting.insert(key=PAUSED_KEY, value=value).on_conflict_replace().execute()


def save_run(db: Any, run: RunRecord) -> RunRecord:
    """Write a run into the history, in place of its start; the answer bears the row's id."""
    return replace(run, id=_put(db, "sync_history", as_row(run)))


def add_requests(run_id: int | None, sent: int) -> None:
    """Count requests that a run's names cost after its end."""
    more = SyncHistoryRow.requests_sent + sent
    SyncHistoryRow.update(requests_sent=more).where(SyncHistoryRow.id == run_id).execute()


def prune_history(db: Any, now: float) -> None:
    """Forget runs older than `DAYS_KEPT` days, but never one of a process's last `RUNS_KEPT`."""
    db.execute(
        "DELETE FROM sync_history WHERE start_time < ? AND id NOT IN (SELECT id FROM"
        " (SELECT id, row_number() OVER (PARTITION BY process_id ORDER BY id DESC) AS place"
        " FROM sync_history) WHERE place <= ?)",
        (now - DAYS_KEPT * DAY, RUNS_KEPT),
    )


def _put(db: Any, table: str, values: Mapping[str, Any]) -> int:
    """Write a row in place of the one with its key; its number.

    Not by peewee, which words these statements at every run for longer than SQLite writes them.
    """
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    cursor = db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)
    return int(cursor.lastrowid)
