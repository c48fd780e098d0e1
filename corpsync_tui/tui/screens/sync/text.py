"""What the Sync screen writes about one process: a row of the table, and the summary of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import bar_with_percent, changes, count, joined, need, plural
from corpsync_tui.format.signs import STATE_SIGNS
from corpsync_tui.format.times import NOTHING, short_time, until
from corpsync_tui.queries.records import DisplayState, RunRecord, SyncConfig, SyncStatus
from corpsync_tui.text import printable
from corpsync_tui.tui.screens.history.run_line import own_words
from corpsync_tui.tui.sync_state import SyncState

PAUSED = "paused"
"""In place of the next run while the schedule is paused."""


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """The texts of one row, in plain words; `state` also chooses the colour."""

    state: DisplayState
    process: str
    progress: str
    step: str
    errors: str
    next_run: str
    last_ok: str
    items: str


def process_row(sync_state: SyncState, process_id: str, now: datetime) -> ProcessRow:
    """The row of one process as it reads at this moment."""
    status = sync_state.status(process_id)
    config = sync_state.config(process_id)
    state = sync_state.shown_state(process_id, now)
    queued = sync_state.schedule.waiting.get(process_id, "")
    return ProcessRow(
        state=state,
        process=f"{STATE_SIGNS[state]} {process_title(status.process_type)}",
        progress=bar_with_percent(status.progress),
        step=printable(_step(state, status, queued, sync_state.last_run(process_id))),
        errors=str(status.error_count),
        next_run=_next_run(state, config, now, paused=sync_state.schedule.paused),
        last_ok=short_time(status.last_success_time, now),
        items=count(status.items_processed) if status.last_run_time else NOTHING,
    )


def _step(state: DisplayState, status: SyncStatus, queued: str, last: RunRecord | None) -> str:
    """What is going on, or what it waits for; at rest, what the last run brought."""
    if state == "blocked":
        return joined([queued, f"Needs {need(status.needs or '')}"])
    if state == "waiting":
        return queued or status.current_step
    if state == "error":
        return own_words(status.error_message or status.current_step, status.process_type)
    if state == "off":
        return ""
    if status.last_run_time is None and state != "running":
        return "Never synced"
    if state == "running":
        return _wait_first(status.current_step)
    if last is not None and last.result == "success":
        done = changes(last.rows_added, last.rows_changed, last.rows_removed)
        return f"{plural(last.items, 'item')} {done}"
    return status.current_step


def _wait_first(step: str) -> str:
    """`Fetching members… (waiting for ESI's limit, 38 s)`, with what it waits for in front."""
    doing, _, wait = step.partition(" (waiting ")
    return f"waiting {wait.removesuffix(')')} · {doing}" if wait else step


def _next_run(state: DisplayState, config: SyncConfig, now: datetime, *, paused: bool) -> str:
    if state in ("running", "off", "blocked"):
        return NOTHING
    if paused:
        return PAUSED
    if config.next_run_time is None:
        return "now"
    return until(config.next_run_time, now)


def _names(sync_state: SyncState, process_ids: Sequence[str]) -> str:
    """The names of a few; of more, the first two and how many follow."""
    names = [process_title(sync_state.status(pid).process_type) for pid in process_ids]
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} more"]
    return ", ".join(names)


def terminal_title(sync_state: SyncState, now: datetime) -> str:
    """What the terminal's title bar says: `corpsync ✓ 8 current`, `corpsync ✗ 2 need you`."""
    states = Counter(sync_state.shown_state(pid, now) for pid in sync_state.process_ids())
    if states["blocked"]:
        verb = "needs" if states["blocked"] == 1 else "need"
        return f"corpsync ✗ {states['blocked']} {verb} you"
    if states["error"]:
        return f"corpsync ! {states['error']} failed"
    if sync_state.schedule.paused:
        return "corpsync ‖ paused"
    if states["running"]:
        return f"corpsync ↻ {states['running']} running"
    return f"corpsync ✓ {states['current']} current"


def meanwhile(sync_state: SyncState, now: datetime) -> str:
    """What happened since corpsync was last open: interrupted runs, and what were due.

    Empty when there is no earlier run, or nothing to tell.
    """
    newest = sync_state.runs()
    if not newest:
        return ""
    interrupted = [
        pid
        for pid in sync_state.process_ids()
        if (runs := sync_state.runs(pid)) and runs[0].result == "interrupted"
    ]
    due = [pid for pid in sync_state.process_ids() if sync_state.shown_state(pid, now) == "due"]
    parts = []
    if interrupted:
        parts.append(f"interrupted: {_names(sync_state, interrupted)}")
    if due:
        parts.append(f"{len(due)} {'was' if len(due) == 1 else 'were'} due")
    if not parts:
        return ""
    return f"Since {short_time(newest[0].start_time, now)}: {joined(parts)}"
