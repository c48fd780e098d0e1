"""`corpsync history`: what ran, and how it went."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpsync_tui.cli import output
from corpsync_tui.cli.command import UsageError
from corpsync_tui.cli.suggest import unknown
from corpsync_tui.format.amounts import changes, count
from corpsync_tui.format.signs import RESULT_SIGNS
from corpsync_tui.format.times import eve_time, lasted
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.queries.records import RunRecord


def run(options: Namespace, settings: Settings) -> int:
    """Print the runs, newest first."""
    from corpsync_tui.queries.history import known_ids, read_runs
    from corpsync_tui.queries.records import RunFilter, as_row
    from corpsync_tui.store.read_only import read_only

    asked = options.process
    which = RunFilter(process_id=asked) if asked and "/" in asked else RunFilter(process_type=asked)
    with read_only(settings.database) as db:
        runs = [] if db is None else read_runs(db, which, 0, options.limit)
        known = known_ids(db) if db is not None and not runs else []
    if which.process_id is not None and known and which.process_id not in known:
        raise UsageError(unknown("process", which.process_id, known))
    if options.json:
        output.document({"runs": [as_row(run) for run in runs]})
    elif runs:
        _print(runs)
    else:
        output.tell("No run yet.")
    return 0


HEADER = ("Start (EVE)", "", "Process", "Took", "Requests", "Changes")
RIGHT = (3, 4, 5)
TONES = {"error": "bad", "cancelled": "warn", "interrupted": "warn", "running": "busy"}
"""Of the results that should catch the eye."""


def _print(runs: Sequence[RunRecord]) -> None:
    """Runs for a reader: a line each, and below it what it says beside its success."""
    alone = len({run.corporation_id for run in runs}) == 1
    header, *lines = output.table(HEADER, [_row(run, alone=alone) for run in runs], RIGHT)
    output.line(header)
    for line, run in zip(lines, runs, strict=True):
        tone = TONES.get(run.result, "")
        output.line(line, tone)
        for said in output.below(_said(run)):
            output.line(said, tone)


def _row(run: RunRecord, *, alone: bool) -> tuple[str, ...]:
    return (
        eve_time(run.start_time.timestamp())[: len("2026-11-24 14:05")],
        RESULT_SIGNS[run.result],
        run.process_type if alone else run.process_id,
        lasted(run.duration),
        count(run.requests_sent),
        changes(run.rows_added, run.rows_changed, run.rows_removed),
    )


def _said(run: RunRecord) -> str:
    text = run.error_message or run.note or ""
    if run.result == "success":
        return text
    return f"{run.result}: {text}" if text else run.result
