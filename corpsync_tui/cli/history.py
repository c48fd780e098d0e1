"""`corpsync history`: what ran, and how it went."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from typing import Any

from corpsync_tui.cli import output
from corpsync_tui.cli.times import eve_time
from corpsync_tui.settings import Settings

SIGNS = {"success": "✓", "current": "✓", "running": "⟳", "error": "✗"}


def run(options: Namespace, settings: Settings) -> int:
    """Print the runs, newest first."""
    from corpsync_tui.upkeep.reading import read_history

    runs = read_history(settings.database, process=options.process, limit=options.limit)
    if options.json:
        output.document({"runs": runs})
    elif runs:
        output.lines(report(runs))
    else:
        output.tell("No run yet.")
    return 0


def report(runs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Runs as a table for a reader."""
    header = ("Start (EVE)", "", "Process", "Result", "Took", "Items", "Changes", "Asked", "")
    return output.table(header, [_row(run) for run in runs])


def _row(run: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        eve_time(run["start_time"]),
        SIGNS.get(run["result"], "○"),
        run["process_id"],
        run["result"],
        "–" if run["duration"] is None else f"{run['duration']:.1f}s",
        f"{run['items']:,}",
        f"+{run['rows_added']:,} ~{run['rows_changed']:,} −{run['rows_removed']:,}",
        f"{run['requests_sent']:,}",
        run["error_message"] or run["note"] or "",
    )
