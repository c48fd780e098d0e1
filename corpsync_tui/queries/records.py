"""Processes and runs as frozen records, and what follows from them: the one state word."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from corpsync_tui.clock import to_seconds
from corpsync_tui.errors import ErrorKind

Status = Literal["idle", "running", "success", "error"]
Result = Literal["running", "success", "error", "cancelled", "interrupted"]
Trigger = Literal["schedule", "manual", "startup"]
DisplayState = Literal["running", "off", "blocked", "waiting", "error", "due", "current"]


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Where one process stands."""

    process_id: str
    """`<corporation_id>/<process type>`."""
    process_type: str
    corporation_id: int
    status: Status = "idle"
    progress: float = 0.0
    """0 to 100."""
    current_step: str = ""
    last_run_time: datetime | None = None
    """Start of the last run that began."""
    last_success_time: datetime | None = None
    """End of the last run that succeeded."""
    next_run_time: datetime | None = None
    current_until: datetime | None = None
    """When the first of the copies in hand expires at ESI; None when one is missing."""
    error_kind: ErrorKind | None = None
    error_message: str | None = None
    error_count: int = 0
    """Failures in a row: a start does not reset it, a success does."""
    failing_since: datetime | None = None
    """Start of the first of those failures."""
    items_processed: int = 0
    total_items: int | None = None
    needs: str | None = None
    """`login`, `role:<Role>` or `scope:<scope>`: parked until the director gives it."""


@dataclass(frozen=True, slots=True)
class SyncConfig:
    """What the director asked of one process."""

    process_id: str
    process_type: str
    corporation_id: int
    enabled: bool = True
    interval_minutes: float = 60.0
    next_run_time: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One execution of a process: a row of the history."""

    id: int | None
    process_id: str
    process_type: str
    corporation_id: int
    trigger: Trigger
    start_time: datetime
    duration: float | None = None
    """Seconds; None while running."""
    result: Result | Literal["current"] = "running"
    items: int = 0
    rows_added: int = 0
    rows_changed: int = 0
    rows_removed: int = 0
    requests_sent: int = 0
    not_modified: int = 0
    """Answers with status 304."""
    items_failed: int = 0
    error_kind: ErrorKind | None = None
    error_message: str | None = None
    note: str | None = None
    """What the run has to say that is no error."""
    current_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are meant; an empty field lets all pass."""

    process_id: str | None = None
    process_type: str | None = None
    corporation_id: int | None = None
    result: str | None = None
    since: datetime | None = None
    text: str = ""
    """Part of the error message, the note or the process type, in any case."""


def as_row(record: SyncStatus | SyncConfig | RunRecord) -> dict[str, Any]:
    """A record as tables and JSON documents have it: moments are Unix seconds."""
    values = ((f.name, getattr(record, f.name)) for f in fields(record))
    return {n: to_seconds(v) if isinstance(v, datetime) else v for n, v in values}


def split_id(process_id: str) -> tuple[int, str]:
    """`98000001/members` as corporation id and process type."""
    corporation_id, _, process_type = process_id.partition("/")
    return int(corporation_id), process_type


def new_status(process_id: str) -> SyncStatus:
    """The status of a process that has never run."""
    corporation_id, process_type = split_id(process_id)
    return SyncStatus(process_id, process_type, corporation_id)


def display_state(
    status: SyncStatus, config: SyncConfig, now: datetime, *, waiting: bool = False
) -> DisplayState:
    """The one word that screens and commands show for a process.

    `waiting` says that the process is queued: for a slot, a limit, or the end of downtime.
    """
    if status.status == "running":
        return "running"
    if not config.enabled:
        return "off"
    if status.needs is not None:
        return "blocked"
    if waiting:
        return "waiting"
    if status.status == "error":
        return "error"
    if config.next_run_time is None or config.next_run_time <= now or status.last_run_time is None:
        return "due"
    return "current" if status.status == "success" else "waiting"


def is_failing(status: SyncStatus, config: SyncConfig) -> bool:
    """Whether a process that is on failed the last time, or is blocked: what a retry runs."""
    if not config.enabled or status.status == "running":
        return False
    return status.status == "error" or status.needs is not None
