"""`corpsync history`: what ran, and how it went."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.format.amounts import changes, count
from corpsync_tui.format.signs import RESULT_SIGNS
from corpsync_tui.format.times import eve_time, lasted
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.queries.records import RunRecord


def run(options: Namespace, settings: Settings) -> int:
    """Print the runs, newest first."""
    from corpsync_tui.queries.history import read_runs
    from corpsync_tui.queries.records import RunFilter, as_row
    from corpsync_tui.store.read_only import read_only

    asked = options.process
    which = RunFilter(process_id=asked) if asked and "/" in asked else RunFilter(process_type=asked)
    with read_only(settings.database) as db:
        runs = [] if db is None else read_runs(db, which, 0, options.limit)
    if options.json:
        output.document({"runs": [as_row(run) for run in runs]})
    elif runs:
        output.lines(report(runs))
    else:
        output.tell("No run yet.")
    return 0


def report(runs: Sequence[RunRecord]) -> list[str]:
    """Runs as a table for a reader."""
    header = ("Start (EVE)", "", "Process", "Result", "Took", "Items", "Changes", "Requests", "")
    return output.table(header, [_row(run) for run in runs])


def _row(run: RunRecord) -> tuple[str, ...]:
    return (
        eve_time(run.start_time.timestamp()),
        RESULT_SIGNS[run.result],
        run.process_id,
        run.result,
        lasted(run.duration),
        count(run.items),
        changes(run.rows_added, run.rows_changed, run.rows_removed),
        count(run.requests_sent),
        run.error_message or run.note or "",
    )
