"""`corpsync status`: where every process stands."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from corpsync_tui import __version__
from corpsync_tui.cli import output
from corpsync_tui.clock import Clock
from corpsync_tui.format.amounts import count, need
from corpsync_tui.format.signs import STATE_SIGNS
from corpsync_tui.format.times import ago, until
from corpsync_tui.settings import Settings

if TYPE_CHECKING:
    from corpsync_tui.queries.records import SyncConfig, SyncStatus

KEYS = [
    "process_id",
    "process_type",
    "corporation_id",
    "corporation_name",
    "enabled",
    "interval_minutes",
    "status",
    "progress",
    "current_step",
    "last_run_time",
    "last_success_time",
    "next_run_time",
    "current_until",
    "error_kind",
    "error_message",
    "error_count",
    "items_processed",
    "total_items",
    "needs",
]
"""What the JSON document says of a process."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the database says."""

    processes: Sequence[tuple[SyncStatus, SyncConfig]] = ()
    names: Mapping[int, str] = field(default_factory=dict)
    """Of corporations, by their ids."""
    characters: Sequence[Mapping[str, Any]] = ()
    overdue: Sequence[str] = ()
    """Process ids."""

    def ill(self) -> list[str]:
        """Processes that are on and have failed, are blocked, or missed their time."""
        from corpsync_tui.queries.records import is_failing

        failing = [s.process_id for s, c in self.processes if is_failing(s, c)]
        return list(dict.fromkeys([*failing, *self.overdue]))


def run(options: Namespace, settings: Settings) -> int:
    """Print the state; with `--check`, say by the exit code whether it is well."""
    now = Clock().now()
    found = read_report(settings, now.timestamp())
    if options.json:
        output.document(_document(found, settings))
    elif not (options.check and output.is_quiet()):
        _print(found, now)
    if not options.check:
        return 0
    from corpsync_tui.store.writable import find_write_fault

    ill, fault = found.ill(), find_write_fault(settings.database)
    if ill:
        output.tell(f"corpsync: not well: {', '.join(ill)}")
    if fault:
        output.tell(f"corpsync: not well: {fault}")
    return int(bool(ill or fault))


def read_report(settings: Settings, now: float) -> Report:
    """The state at a moment in Unix seconds; errors as for `read_only`."""
    from corpsync_tui.queries.processes import (
        read_characters,
        read_corporation_names,
        read_overdue,
        read_processes,
    )
    from corpsync_tui.store.read_only import read_only

    with read_only(settings.database) as db:
        if db is None:
            return Report()
        minutes = settings.attention["overdue"]
        return Report(
            read_processes(db).scheduled(),
            read_corporation_names(db),
            read_characters(db),
            read_overdue(db, now - minutes * 60) if minutes is not False else (),
        )


def _document(found: Report, settings: Settings) -> dict[str, Any]:
    from corpsync_tui.queries.records import as_row

    def process(status: SyncStatus, config: SyncConfig) -> dict[str, Any]:
        name = found.names.get(status.corporation_id)
        values = as_row(config) | as_row(status) | {"corporation_name": name}
        return {key: values[key] for key in KEYS}

    return {
        "version": __version__,
        "database": str(settings.database),
        "processes": [process(*pair) for pair in found.processes],
        "characters": found.characters,
    }


HEADER = ("", "Process", "State", "Last ok", "Next run", "Items", "Fails")
RIGHT = range(3, len(HEADER))
TONES = {"error": "bad", "blocked": "warn", "running": "busy"}
"""Of the states that should catch the eye."""


def _print(found: Report, now: datetime) -> None:
    """The state for a reader."""
    if not found.processes and not found.characters:
        output.line("No character is logged in yet: corpsync login (or corpsync demo to look).")
        return
    for corporation_id in dict.fromkeys(status.corporation_id for status, _ in found.processes):
        of_it = [pair for pair in found.processes if pair[0].corporation_id == corporation_id]
        output.line(found.names.get(corporation_id) or f"Corporation {corporation_id}")
        _print_processes(of_it, now)
        output.line("")
    for character in found.characters:
        needs = f", needs {need(character['needs'])}" if character["needs"] else ""
        output.line(f"{character['name']} ({character['character_id']}) is logged in{needs}")


def _print_processes(pairs: Sequence[tuple[SyncStatus, SyncConfig]], now: datetime) -> None:
    from corpsync_tui.queries.records import display_state

    states = [display_state(status, config, now) for status, config in pairs]
    rows = [_row(*pair, state, now) for pair, state in zip(pairs, states, strict=True)]
    header, *lines = output.table(HEADER, rows, RIGHT)
    output.line(header)
    for line, (status, _), state in zip(lines, pairs, states, strict=True):
        tone = TONES.get(state, "")
        output.line(line, tone)
        for said in output.below(_said(status, state)):
            output.line(said, tone)


def _row(status: SyncStatus, config: SyncConfig, state: str, now: datetime) -> tuple[str, ...]:
    return (
        STATE_SIGNS[state],
        status.process_type,
        state,
        ago(status.last_success_time, now),
        until(config.next_run_time, now),
        count(status.items_processed),
        count(status.error_count),
    )


def _said(status: SyncStatus, state: str) -> str:
    """What went wrong, or what a running process does."""
    if state == "running":
        return f"{status.progress:.0f} % {status.current_step}"
    return status.error_message or ""
