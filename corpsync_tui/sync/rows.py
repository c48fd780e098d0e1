"""Status, schedule and history as rows: what of them lasts, and how it is read back.

Everything here runs on a database thread, inside the transaction of `Store.write` or
`Store.read`; `db` is that thread's connection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from corpsync_tui.clock import to_datetime, to_seconds
from corpsync_tui.store.by_hand import LAST_SECOND, is_interval, is_moment, is_switch
from corpsync_tui.store.interrupted import mark_interrupted
from corpsync_tui.store.models import Setting, SyncHistoryRow, SyncScheduleRow, SyncStatusRow
from corpsync_tui.sync.status import RunRecord, SyncConfig, SyncStatus

RUNS_KEPT = 100
"""Runs of each process that stay in the history however old they are."""
DAYS_KEPT = 90
"""Days for which every run stays in the history."""
DAY = 86_400.0
PAUSED_KEY = "schedule_paused"

_SCHEDULE_COLUMNS = "process_id, process_type, enabled, interval_minutes, next_run_time"
_ONE_RUN = "SELECT * FROM sync_history WHERE id = ?"
_DERIVED = ("process_type", "corporation_id")
"""What `sync_status` does not repeat: the process id says it."""
_MOMENTS = {
    "last_run_time",
    "last_success_time",
    "next_run_time",
    "current_until",
    "failing_since",
    "start_time",
}

_LASTING = (
    ("validator", "expires"),
    ("sync_status", "current_until"),
    ("character", "corporation_until"),
    ("character", "roles_until"),
)
"""Columns that say until when a copy need not be asked for anew."""


@dataclass
class Picture:
    """All that the database knows of the orchestration at one moment."""

    statuses: dict[str, SyncStatus] = field(default_factory=dict)
    configs: dict[str, SyncConfig] = field(default_factory=dict)
    flaws: dict[str, dict[str, object]] = field(default_factory=dict)
    """Per process, the schedule columns whose stored value makes no sense, with that value."""
    paused: bool = False
    """Whether the whole schedule is held."""
    last_ends: dict[str, datetime] = field(default_factory=dict)
    """When each process's last run ended."""


def split_id(process_id: str) -> tuple[int, str]:
    """`98000001/members` as corporation id and process type."""
    corporation_id, _, process_type = process_id.partition("/")
    return int(corporation_id), process_type


def new_status(process_id: str) -> SyncStatus:
    """The status of a process that has never run."""
    corporation_id, process_type = split_id(process_id)
    return SyncStatus(process_id, process_type, corporation_id)


# Reading


def read_picture(db: Any, types: Collection[str] | None = None) -> Picture:
    """Everything that the services need at their start, of the processes of these types."""
    picture = Picture()
    for values in as_dicts(db.execute("SELECT * FROM sync_status")):
        if not _is_known(values["process_id"], types):
            continue
        status = _status(values)
        picture.statuses[status.process_id] = status
    for row in db.execute(f"SELECT {_SCHEDULE_COLUMNS} FROM sync_schedule"):  # a constant
        if not _is_known(row[0], types):
            continue
        config, flaws = _config(*row)
        picture.configs[config.process_id] = config
        if flaws:
            picture.flaws[config.process_id] = flaws
    paused = db.execute("SELECT value FROM setting WHERE key = ?", (PAUSED_KEY,)).fetchone()
    picture.paused = paused is not None and paused[0] == "true"
    ends = db.execute(
        "SELECT process_id, start_time + coalesce(duration, 0) FROM sync_history"
        " WHERE id IN (SELECT max(id) FROM sync_history GROUP BY process_id)"
    )
    picture.last_ends = {process_id: datetime.fromtimestamp(end, UTC) for process_id, end in ends}
    return picture


def _is_known(process_id: str, types: Collection[str] | None) -> bool:
    corporation_id, _, process_type = process_id.partition("/")
    return corporation_id.isdecimal() and (types is None or process_type in types)


def read_history(db: Any, process_id: str | None, limit: int) -> list[RunRecord]:
    """The last runs of one process or of all, newest first."""
    runs = db.execute(
        "SELECT * FROM sync_history WHERE ?1 IS NULL OR process_id = ?1 ORDER BY id DESC LIMIT ?2",
        (process_id, limit),
    )
    return [run_of(values) for values in as_dicts(runs)]


def as_dicts(cursor: Any) -> Iterator[dict[str, Any]]:
    """The rows of a query by the names of their columns."""
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def _status(values: Mapping[str, Any]) -> SyncStatus:
    known = {f.name for f in fields(SyncStatus)}
    corporation_id, process_type = split_id(values["process_id"])
    given = {name: _value(name, value) for name, value in values.items() if name in known}
    return SyncStatus(**{**given, "process_type": process_type, "corporation_id": corporation_id})


def run_of(values: Mapping[str, Any]) -> RunRecord:
    """A row of the history as a record."""
    known = {f.name for f in fields(RunRecord)}
    return RunRecord(**{n: _value(n, value) for n, value in values.items() if n in known})


def _config(
    process_id: str, process_type: str, enabled: Any, interval: Any, next_run: Any
) -> tuple[SyncConfig, dict[str, object]]:
    """A schedule row as config, and those of its values that make no sense."""
    config = SyncConfig(process_id, process_type, split_id(process_id)[0])
    flaws: dict[str, object] = {}
    if is_switch(enabled):
        config = replace(config, enabled=bool(enabled))
    else:
        flaws["enabled"] = enabled
    if is_interval(interval):
        config = replace(config, interval_minutes=float(interval))
    else:
        flaws["interval_minutes"] = interval
    if is_moment(next_run):
        config = replace(config, next_run_time=to_datetime(next_run))
    else:
        flaws["next_run_time"] = next_run
    return config, flaws


def _value(name: str, value: Any) -> Any:
    return to_datetime(value) if name in _MOMENTS else value


# Writing


def recover(db: Any, now: float) -> list[RunRecord]:
    """Put right what a dead process or a hand left; returns the runs that were interrupted.

    Those runs are called so and their processes are due at once; the next run of what is off
    or parked goes; each status repeats its schedule's next run. Only for the folder's holder.
    """
    ids = mark_interrupted(db)
    runs = [run_of(v) for run in ids for v in as_dicts(db.execute(_ONE_RUN, (run,)))]
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


def save_schedule(db: Any, schedule: Iterable[tuple[SyncConfig, SyncStatus]]) -> None:
    """Write what was asked of processes; of their statuses only next run and need.

    Another program may hold the folder and know better how far the process has come.
    """
    for config, status in schedule:
        save_config(db, config)
        save_need(status)


def save_need(status: SyncStatus, **more: Any) -> None:
    """Write what a process needs, and its next run, and `more` columns of its status."""
    values = {"needs": status.needs, "next_run_time": to_seconds(status.next_run_time), **more}
    row = SyncStatusRow.insert(process_id=status.process_id, **values)
    row.on_conflict(conflict_target=["process_id"], update=values).execute()


def save_status(db: Any, status: SyncStatus) -> None:
    """Write a status, in place of the one before."""
    values = _columns(status)
    for name in _DERIVED:
        del values[name]
    _put(db, "sync_status", values)


def save_config(db: Any, config: SyncConfig) -> None:
    """Write what was asked of a process, in place of what was asked before."""
    values = _columns(config)
    del values["corporation_id"]
    _put(db, "sync_schedule", values)


def remove_config(process_id: str, status: SyncStatus) -> None:
    """Take a process off the schedule."""
    SyncScheduleRow.delete().where(SyncScheduleRow.process_id == process_id).execute()
    save_need(status)


def save_paused(*, paused: bool) -> None:
    """Remember whether the whole schedule is held."""
    value = "true" if paused else "false"
    Setting.insert(key=PAUSED_KEY, value=value).on_conflict_replace().execute()


def save_run(db: Any, run: RunRecord) -> RunRecord:
    """Write a run into the history, in place of its start; the answer bears the row's id."""
    return replace(run, id=_put(db, "sync_history", _columns(run)))


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


def _columns(record: SyncStatus | SyncConfig | RunRecord) -> dict[str, Any]:
    values = ((f.name, getattr(record, f.name)) for f in fields(record))
    return {n: to_seconds(v) if isinstance(v, datetime) else v for n, v in values}


def _put(db: Any, table: str, values: Mapping[str, Any]) -> int:
    """Write a row in place of the one with its key; its number.

    Not by peewee, which words these statements at every run for longer than SQLite writes them.
    """
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    cursor = db.execute(f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", values)
    return int(cursor.lastrowid)
