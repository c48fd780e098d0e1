"""`corpsync status`: where every process stands."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from corpsync_tui import __version__
from corpsync_tui.cli import output
from corpsync_tui.cli.times import ago, until
from corpsync_tui.clock import Clock, to_datetime
from corpsync_tui.settings import Settings

OVERDUE_AFTER = 300
"""Seconds after its next run time at which a process that has not started counts as overdue."""
SIGNS = {
    "running": "⟳",
    "current": "✓",
    "error": "✗",
    "parked": "✗",
    "off": "○",
    "due": "·",
    "waiting": "·",
}

Process = Mapping[str, Any]


def run(options: Namespace, settings: Settings) -> int:
    """Print the state; with `--check`, say by the exit code whether it is well."""
    from corpsync_tui.upkeep.reading import read_status

    processes, characters = read_status(settings.database)
    now = Clock().now()
    if options.json:
        output.document(
            {
                "version": __version__,
                "database": str(settings.database),
                "processes": processes,
                "characters": characters,
            }
        )
    else:
        output.lines(report(processes, characters, now))
    ill = [process["process_id"] for process in processes if is_ill(process, now.timestamp())]
    if options.check and ill:
        output.tell(f"corpsync: not well: {', '.join(ill)}")
        return 1
    return 0


def is_ill(process: Process, now: float) -> bool:
    """Whether a process that is on has failed, needs the director, or missed its time."""
    if not process["enabled"] or process["status"] == "running":
        return False
    due = process["next_run_time"]
    return (
        process["status"] == "error"
        or process["needs"] is not None
        or (due is not None and now - due > OVERDUE_AFTER)
    )


def report(
    processes: Sequence[Process], characters: Sequence[Mapping[str, Any]], now: datetime
) -> Iterator[str]:
    """The state for a reader."""
    if not processes and not characters:
        yield "No character is logged in yet: corpsync login (or corpsync demo to look around)."
        return
    for corporation_id in dict.fromkeys(process["corporation_id"] for process in processes):
        rows = [p for p in processes if p["corporation_id"] == corporation_id]
        yield rows[0]["corporation_name"] or f"Corporation {corporation_id}"
        header = ("", "Process", "State", "Last ok", "Next run", "Items", "Err", "Step")
        yield from output.table(header, [_row(process, now) for process in rows])
        yield ""
    for character in characters:
        needs = f", needs {character['needs']}" if character["needs"] else ""
        yield f"{character['name']} ({character['character_id']}) is logged in{needs}"


def _row(process: Process, now: datetime) -> tuple[str, ...]:
    state = _state(process, now)
    progress = f"{process['progress']:.0f} % " if state == "running" else ""
    return (
        SIGNS[state],
        process["process_type"],
        state,
        ago(process["last_success_time"], now),
        until(process["next_run_time"], now),
        f"{process['items_processed'] or 0:,}",
        str(process["error_count"]),
        progress + (process["error_message"] or process["current_step"] or ""),
    )


def _state(process: Process, now: datetime) -> str:
    """The state's word, as the screens have it."""
    from corpsync_tui.sync.status import SyncConfig, SyncStatus, display_state

    which = process["process_id"], process["process_type"], process["corporation_id"]
    status = SyncStatus(
        *which,
        status=process["status"],
        last_run_time=to_datetime(process["last_run_time"]),
        needs=process["needs"],
    )
    config = SyncConfig(
        *which,
        enabled=process["enabled"],
        next_run_time=to_datetime(process["next_run_time"]),
    )
    return display_state(status, config, now)
