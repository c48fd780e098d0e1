"""How far a `sync` has come, on stderr: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from corpsync_tui.cli import output
from corpsync_tui.text import printable

if TYPE_CHECKING:
    from corpsync_tui.queries.records import SyncStatus
    from corpsync_tui.service.api import SyncService
    from corpsync_tui.sync.events import SyncEvent


WAITING = "waiting for"
"""Begins the detail of a step that waits: for a limit, for ESI's renewal."""


class Progress:
    """Shows the steps of some processes while its block runs."""

    def __init__(self, service: SyncService, process_ids: Sequence[str]) -> None:
        self._service = service
        self._process_ids = process_ids
        self._steps: dict[str, str] = {}
        self._waiting: set[str] = set()
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if not output.is_quiet() and output.is_terminal(sys.stderr):
            self._show_bars()
        self._unsubscribe = self._service.subscribe(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()
        if self._bars is not None:
            self._bars.stop()

    def _show_bars(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn
        from rich.progress import Progress as Bars

        name = TextColumn("{task.description}", markup=False)
        step = TextColumn("{task.fields[step]}", markup=False)
        self._bars = Bars(
            name,
            BarColumn(20),
            TaskProgressColumn(),
            step,
            console=Console(stderr=True),
            transient=True,
        )
        for process_id in self._process_ids:
            self._tasks[process_id] = self._bars.add_task(process_id, total=100, step="")
        self._bars.start()

    def _listen(self, event: SyncEvent) -> None:
        from corpsync_tui.sync.events import StatusChanged

        if isinstance(event, StatusChanged) and event.status.process_id in self._process_ids:
            self._show(event.status)

    def _show(self, status: SyncStatus) -> None:
        step = printable(status.current_step)
        plain, _, detail = step.partition(" (")  # a line for each step, not for each page
        wait = detail.rstrip(")") if detail.startswith(WAITING) else ""
        self._tell_wait(status.process_id, wait)
        if self._bars is not None:
            task = self._tasks[status.process_id]
            self._bars.update(task, completed=status.progress, step=wait or step)
        elif status.status == "running" and self._steps.get(status.process_id) != plain:
            self._steps[status.process_id] = plain
            output.tell(f"{status.process_id}: {plain}")

    def _tell_wait(self, process_id: str, wait: str) -> None:
        """A line when a process begins to wait, and one when it goes on."""
        if bool(wait) == (process_id in self._waiting):
            return
        self._waiting ^= {process_id}
        line = f"{process_id}: {wait or 'goes on'}"
        if self._bars is not None:
            self._bars.console.print(line, markup=False, highlight=False)
        else:
            output.tell(line)
