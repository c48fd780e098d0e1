"""Status and schedule of every process as the database has them, and who is logged in."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpsync_tui.catalog_index import entries, process_place
from corpsync_tui.clock import to_datetime
from corpsync_tui.queries.records import SyncConfig, SyncStatus, new_status, split_id
from corpsync_tui.store.by_hand import is_interval, is_moment, is_switch
from corpsync_tui.store.read_only import read_only

PAUSED_KEY = "schedule_paused"
"""The setting that says whether the whole schedule is paused."""
MOMENTS = {
    "last_run_time",
    "last_success_time",
    "next_run_time",
    "current_until",
    "failing_since",
    "start_time",
}
"""Columns that hold Unix seconds, and are datetimes in records."""

OVERDUE = """
SELECT s.process_id, s.next_run_time FROM sync_schedule s LEFT JOIN sync_status t USING (process_id)
WHERE s.enabled AND s.next_run_time < :late AND t.status IS NOT 'running' AND t.needs IS NULL
AND NOT EXISTS (SELECT 1 FROM setting WHERE key = 'schedule_paused' AND value = 'true')
"""
"""Processes that should have started before `:late` (Unix seconds), and when.

None while the schedule is paused.
"""

LAST_ENDS = """
SELECT process_id, start_time + coalesce(duration, 0) FROM sync_history WHERE id IN (
  SELECT (SELECT max(id) FROM sync_history h WHERE h.process_id = s.process_id) FROM sync_status s)
"""
"""When each process's last run ended; it is asked twice a minute, however long the history is."""

_SCHEDULE = "SELECT process_id, process_type, enabled, interval_minutes, next_run_time FROM "
_SCHEDULE += "sync_schedule"


@dataclass
class PersistedState:
    """All that the database knows of the orchestration at one moment."""

    statuses: dict[str, SyncStatus] = field(default_factory=dict)
    configs: dict[str, SyncConfig] = field(default_factory=dict)
    """What is off or blocked has no next run, whatever its row says."""
    flaws: dict[str, dict[str, object]] = field(default_factory=dict)
    """Per process, the schedule columns whose stored value makes no sense, with that value."""
    paused: bool = False
    """Whether the whole schedule is paused."""
    last_ends: dict[str, datetime] = field(default_factory=dict)
    """When each process's last run ended."""

    def scheduled(self) -> list[tuple[SyncStatus, SyncConfig]]:
        """Every process on the schedule: by corporation, then in the order of the screen."""
        pairs = ((self.status(config.process_id), config) for config in self.configs.values())
        return sorted(pairs, key=lambda p: (p[0].corporation_id, process_place(p[0].process_type)))

    def status(self, process_id: str) -> SyncStatus:
        """Where a process stands, with the next run that the schedule has for it."""
        status = self.statuses.get(process_id) or new_status(process_id)
        config = self.configs.get(process_id)
        return replace(status, next_run_time=config.next_run_time) if config else status


def read_processes(db: Any, types: Collection[str] | None = None) -> PersistedState:
    """Status and schedule of the processes of these types; None: of all."""
    state = PersistedState()
    for values in as_dicts(db.execute("SELECT * FROM sync_status")):
        if _is_known(values["process_id"], types):
            status = _status(values)
            state.statuses[status.process_id] = status
    for row in db.execute(_SCHEDULE):
        if _is_known(row[0], types):
            config, flaws = _config(*row)
            if not config.enabled or state.status(config.process_id).needs is not None:
                config = replace(config, next_run_time=None)
            state.configs[config.process_id] = config
            if flaws:
                state.flaws[config.process_id] = flaws
    paused = db.execute("SELECT value FROM setting WHERE key = ?", (PAUSED_KEY,)).fetchone()
    state.paused = paused is not None and paused[0] == "true"
    ends = db.execute(LAST_ENDS)
    state.last_ends = {process_id: datetime.fromtimestamp(end, UTC) for process_id, end in ends}
    return state


def read_overdue(db: Any, late: float) -> list[str]:
    """The ids of processes that should have started before `late` (Unix seconds)."""
    return [process_id for process_id, _ in db.execute(OVERDUE, {"late": late})]


def read_corporation_names(db: Any) -> dict[int, str]:
    """The names of corporations by their ids."""
    return dict(db.execute("SELECT corporation_id, name FROM corporation").fetchall())


def read_characters(db: Any) -> list[dict[str, Any]]:
    """Everybody who is logged in, by name, as `status --json` shows them."""
    sql = "SELECT character_id, name, corporation_id, scopes, roles, needs FROM character"
    return [
        row | {name: json.loads(row[name] or "[]") for name in ("scopes", "roles")}
        for row in as_dicts(db.execute(f"{sql} ORDER BY name"))
    ]


def logged_in(database: Path) -> list[dict[str, Any]]:
    """`read_characters` of a database file; nobody where there is none."""
    with read_only(database) as db:
        return [] if db is None else read_characters(db)


def as_dicts(cursor: Any) -> Iterator[dict[str, Any]]:
    """The rows of a query by the names of their columns."""
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def from_column(name: str, value: Any) -> Any:
    """A column's value as records have it."""
    return to_datetime(value) if name in MOMENTS else value


def _is_known(process_id: str, types: Collection[str] | None) -> bool:
    corporation_id, _, process_type = process_id.partition("/")
    return corporation_id.isdecimal() and (types is None or process_type in types)


def _status(values: Mapping[str, Any]) -> SyncStatus:
    known = {f.name for f in fields(SyncStatus)}
    corporation_id, process_type = split_id(values["process_id"])
    given = {name: from_column(name, value) for name, value in values.items() if name in known}
    return SyncStatus(**{**given, "process_type": process_type, "corporation_id": corporation_id})


def _config(
    process_id: str, process_type: str, enabled: Any, interval: Any, next_run: Any
) -> tuple[SyncConfig, dict[str, object]]:
    """A schedule row as config, and those of its values that make no sense.

    They may be edited by hand; the default stands in for nonsense.
    """
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
        if (entry := entries().get(process_type)) is not None:
            config = replace(config, interval_minutes=float(entry.interval_minutes))
    if is_moment(next_run):
        config = replace(config, next_run_time=to_datetime(next_run))
    else:
        flaws["next_run_time"] = next_run
    return config, flaws
