"""One run on one line, in as much detail as the width has room for."""

from __future__ import annotations

from datetime import datetime

from corpsync_tui.catalog_index import process_title
from corpsync_tui.format.amounts import changes, count
from corpsync_tui.format.signs import RESULT_SIGNS
from corpsync_tui.format.times import NOTHING, lasted, short_time
from corpsync_tui.queries.records import RunRecord
from corpsync_tui.text import printable
from corpsync_tui.tui.cells import fit
from corpsync_tui.tui.tones import Line

WIDE = 72
"""Cells from which on a run is shown with its day, trigger and requests."""


def own_words(message: str, process_type: str) -> str:
    """An error's message where it is plain whose it is: without the process's name in front."""
    return message.removeprefix(f"{process_title(process_type)}: ")


def run_line(
    run: RunRecord, now: datetime, width: int, *, with_process: bool, ticker: str = ""
) -> list[Line]:
    """The toned parts of the line; together they may be longer than the width.

    `ticker` names the corporation where runs of several stand together.
    """
    wide = width >= WIDE
    when = f"{run.start_time:%d %b %H:%M}" if wide else f"{short_time(run.start_time, now):>6}"
    parts: list[Line] = [(f"{when} ", "muted"), (f"{RESULT_SIGNS[run.result]} ", run.result)]
    if wide:
        parts.append((fit(run.result, 12), run.result))
    if with_process:
        parts.append((fit(process_title(run.process_type), 15), ""))
        if ticker:
            parts.append((fit(ticker, 6), "muted"))
    if wide or not with_process:
        ended_well = run.result in ("success", "current")
        items = count(run.items) if run.items or ended_well else NOTHING
        parts.append((f"{items:>9} " if wide else f"{items:>6} ", ""))
    parts.append((f"{lasted(run.duration):>6}  ", "muted"))
    room = width - sum(len(text) for text, _ in parts)
    parts.append(_outcome(run, room))
    return parts


def _outcome(run: RunRecord, room: int) -> Line:
    if run.error_message:
        return printable(own_words(run.error_message, run.process_type)), "error"
    if run.result == "running":
        return "running", "running"
    if run.result in ("cancelled", "interrupted"):
        return run.result, run.result
    did = changes(run.rows_added, run.rows_changed, run.rows_removed)
    asked = f"{count(run.requests_sent)} req, {count(run.not_modified)} unchanged"
    text = did
    for more in (asked, run.trigger):
        if len(wider := f"{text:<17} {more}") > room:
            break
        text = f"{wider:<40}"
    return text, ""
