"""A run in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpsync_tui.format.amounts import count, plural

if TYPE_CHECKING:
    from corpsync_tui.queries.records import RunRecord


def sentence(run: RunRecord) -> str:
    """What became of a run, for a log line or a line of `sync`."""
    if run.result == "running":
        return f"{run.process_id}: started ({run.trigger})"
    if run.result == "current":
        until = "" if run.current_until is None else f" until {run.current_until:%H:%M} EVE time"
        return f"{run.process_id}: current{until}, ESI was not asked"
    took = "" if run.duration is None else f" in {run.duration:.1f} s"
    counts = f"+{run.rows_added:,} ~{run.rows_changed:,} −{run.rows_removed:,}"
    asked = f"{plural(run.requests_sent, 'request')}, {count(run.not_modified)} unchanged"
    words = f"{run.process_id}: {run.result}{took}, {run.items:,} rows, {counts}, {asked}"
    said = "; ".join(filter(None, (run.error_message, run.note)))
    return f"{words}: {said}" if said else words
