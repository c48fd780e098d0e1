"""What the screens write about a run, and about where a process stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from corpsync_tui.catalog_index import process_title
from corpsync_tui.errors import ErrorKind
from corpsync_tui.format.amounts import changes, count, isk, joined, need, plural
from corpsync_tui.format.times import day_and_hour, hour, in_full, lasted, minutes
from corpsync_tui.queries.daily import DailyFigures
from corpsync_tui.queries.records import DisplayState, RunRecord, SyncConfig, SyncStatus
from corpsync_tui.sync.advice import WHEN_BACK, remedy_for
from corpsync_tui.sync.events import ScheduleStatus
from corpsync_tui.text import printable
from corpsync_tui.tui.dialogs.fields import Field
from corpsync_tui.tui.screens.history.run_line import own_words
from corpsync_tui.tui.tones import Line
from corpsync_tui.tui.widgets.chart import Series

MEANINGS: dict[ErrorKind, str] = {
    "auth": "EVE does not let this character read it.",
    "limit": "ESI's rate limit was used up, and stayed so.",
    "network": "No usable answer came back.",
    "esi": "ESI itself had trouble.",
    "validation": "ESI sent something that its own document does not allow.",
    "database": "The database file could not be read or written.",
    "internal": "A fault of corpsync itself; the log has the details.",
}


def standing(
    state: DisplayState,
    status: SyncStatus,
    config: SyncConfig,
    schedule: ScheduleStatus,
    now: datetime,
) -> list[Line]:
    """Where a process stands, and what that means for the director."""
    queued = schedule.waiting.get(status.process_id, "")
    down = schedule.esi_down_since is not None and status.error_kind == "esi"
    lines: list[Line] = [(_headline(state, status, queued, now), state)]
    if state in ("error", "blocked"):  # before all else: a low pane shows no more
        remedy = WHEN_BACK if down else remedy_for(status.error_kind or "auth", status.needs)
        lines.append((remedy, "strong"))
    if status.error_count:
        since = f" since {day_and_hour(status.failing_since, now)}" if status.failing_since else ""
        lines.append((f"failed {plural(status.error_count, 'time')}{since}", "error"))
    if status.error_message and state != "running":
        message = own_words(status.error_message, status.process_type)
        if status.needs == "login":  # what to do stands above
            message = message.partition("run corpsync login")[0].rstrip(" ;:")
        lines.append((printable(message), ""))
    lines.append((_schedule(state, config, now, down=down), "muted"))
    return [line for line in lines if line[0]]


def _headline(state: DisplayState, status: SyncStatus, queued: str, now: datetime) -> str:
    if state == "running":
        return printable(status.current_step)
    if state == "blocked":
        return f"blocked: needs {need(status.needs or '')}"
    if state == "waiting" and queued:
        return f"waiting: {printable(queued)}"
    if state == "current" and status.current_until and status.current_until > now:
        return f"current until {day_and_hour(status.current_until, now)}"
    if status.last_run_time is None:
        return "off, never synced" if state == "off" else "never synced: press s"
    if state == "off":
        return "off: space switches it on"
    return f"{state}, last success {day_and_hour(status.last_success_time, now)}"


def _schedule(state: DisplayState, config: SyncConfig, now: datetime, *, down: bool) -> str:
    every = f"every {minutes(config.interval_minutes)}"
    if down or state in ("off", "blocked", "running") or config.next_run_time is None:
        return every
    verb = "tries again" if state == "error" else "next run"
    return joined([every, f"{verb} {day_and_hour(config.next_run_time, now)}"])


def cost(run: RunRecord) -> list[Line]:
    """What a run did and cost, in two short lines."""
    if run.result == "running":
        return [(f"running since {hour(run.start_time)}", "running")]
    did = joined(
        [
            plural(run.items, "row"),
            changes(run.rows_added, run.rows_changed, run.rows_removed),
        ]
    )
    paid = joined(
        [
            lasted(run.duration),
            plural(run.requests_sent, "request"),
            f"{count(run.not_modified)} unchanged" if run.not_modified else "",
        ]
    )
    lines: list[Line] = [(did, ""), (paid, "muted")]
    if run.note:
        lines.append((printable(run.note), "waiting"))
    return lines


def run_series(runs: Sequence[RunRecord], now: datetime) -> tuple[Series, Series, Series]:
    """How long these runs took, how many rows they read, and what they asked of ESI.

    The runs come newest first; one that is still running is in none of the three.
    """
    ended = [run for run in runs if run.duration is not None][::-1]
    first, last = (day_and_hour(ended[end].start_time, now) if ended else "" for end in (0, -1))
    rows = [float(run.items) if run.result == "success" else None for run in ended]
    asked = [float(run.requests_sent) for run in ended]
    return (
        Series("Duration", [run.duration for run in ended], lasted, first, last),
        Series("Rows", rows, _whole, first, last, level=True),
        Series("Requests", asked, _whole, first, last),
    )


def daily_series(figures: DailyFigures) -> Series:
    """Figures of each day as a chart."""
    last = figures.first + timedelta(days=len(figures.values) - 1)
    return Series(
        figures.title,
        figures.values,
        isk if figures.kind == "isk" else _whole,
        f"{figures.first:%d %b}",
        f"{last:%d %b}",
        figures.level,
    )


def _whole(number: float) -> str:
    return count(round(number))


def run_fields(run: RunRecord, corporation: str, *, needs: str | None = None) -> list[Field]:
    """All that is known of a run, in the order of the detail screen."""
    did = changes(run.rows_added, run.rows_changed, run.rows_removed)
    asked = f"{count(run.requests_sent)} sent, {count(run.not_modified)} answered 304 (unchanged)"
    fields = [
        Field("Process", process_title(run.process_type), "strong"),
        Field("Corporation", corporation),
        Field("Result", run.result, run.result),
        Field("Started", f"{in_full(run.start_time)}, {run.trigger}"),
        Field("Duration", lasted(run.duration)),
        Field("Rows", f"{count(run.items)} read, {did}"),
        Field("Requests", asked),
    ]
    if run.items_failed:
        fields.append(Field("Failed", f"{plural(run.items_failed, 'part')} of the data", "error"))
    if run.current_until:
        fields.append(Field("Current until", in_full(run.current_until)))
    if run.error_message:
        message = printable(own_words(run.error_message, run.process_type))
        fields.append(Field("Error", f"{message} ({run.error_kind})", "error"))
    if run.error_kind:
        fields.append(Field("It means", MEANINGS[run.error_kind]))
        fields.append(Field("What to do", remedy_for(run.error_kind, needs), "strong"))
    if run.note:
        fields.append(Field("Note", printable(run.note)))
    return fields
